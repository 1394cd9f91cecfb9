/** @file German: licences, the ledger and signatures. */
import type { Catalogue } from '../template-index.ts';

export const ledger: Catalogue = {
  'A model proposed {0} of the {1} answers. A person confirmed {2} of them as they were and replaced {3}. Proposed by: {4}.':
    'Ein Modell schlug {0} der {1} Antworten vor. Davon hat ein Mensch {2} unverändert bestätigt und {3} ersetzt. Vorgeschlagen von: {4}.',
  '{0} And {1} more reason.': '{0} Und {1} weiterer Grund.',
  '{0} And {1} more reasons.': '{0} Und {1} weitere Gründe.',
  'You may train on them privately. Nothing known prevents it.':
    'Sie dürfen privat damit trainieren. Nichts Bekanntes spricht dagegen.',
  'You may publish the weights non-commercially. Nothing known prevents it.':
    'Sie dürfen die Gewichte zu nicht kommerziellen Zwecken veröffentlichen. Nichts Bekanntes spricht dagegen.',
  'You may publish the weights commercially. Nothing known prevents it.':
    'Sie dürfen die Gewichte kommerziell veröffentlichen. Nichts Bekanntes spricht dagegen.',
  'You may train on them privately, with duties: {0}': 'Sie dürfen privat damit trainieren, mit Pflichten: {0}',
  'You may publish the weights non-commercially, with duties: {0}':
    'Sie dürfen die Gewichte zu nicht kommerziellen Zwecken veröffentlichen, mit Pflichten: {0}',
  'You may publish the weights commercially, with duties: {0}':
    'Sie dürfen die Gewichte kommerziell veröffentlichen, mit Pflichten: {0}',
  'It is unknown whether you may train on them privately, so you must decide. {0}':
    'Es ist unbekannt, ob Sie privat damit trainieren dürfen, also müssen Sie entscheiden. {0}',
  'It is unknown whether you may publish the weights non-commercially, so you must decide. {0}':
    'Es ist unbekannt, ob Sie die Gewichte zu nicht kommerziellen Zwecken veröffentlichen dürfen, also müssen Sie entscheiden. {0}',
  'It is unknown whether you may publish the weights commercially, so you must decide. {0}':
    'Es ist unbekannt, ob Sie die Gewichte kommerziell veröffentlichen dürfen, also müssen Sie entscheiden. {0}',
  'You must not train on them privately. {0}': 'Sie dürfen damit nicht privat trainieren. {0}',
  'You must not publish the weights non-commercially. {0}':
    'Sie dürfen die Gewichte auch zu nicht kommerziellen Zwecken nicht veröffentlichen. {0}',
  'You must not publish the weights commercially. {0}':
    'Sie dürfen die Gewichte zu kommerziellen Zwecken nicht veröffentlichen. {0}',
  ' 1 image says nothing about training and is left out until you decide about it.':
    ' 1 Bild sagt nichts über das Training und ist ausgelassen, bis Sie darüber entscheiden.',
  ' 1 image says nothing about training and is left out until you decide about them.':
    ' 1 Bild sagt nichts über das Training und ist ausgelassen, bis Sie darüber entscheiden.',
  ' {0} images say nothing about training and are left out until you decide about it.':
    ' {0} Bilder sagen nichts über das Training und sind ausgelassen, bis Sie darüber entscheiden.',
  ' {0} images say nothing about training and are left out until you decide about them.':
    ' {0} Bilder sagen nichts über das Training und sind ausgelassen, bis Sie darüber entscheiden.',
  'No image has been trained on so far, so nothing is permitted yet.':
    'Bisher wurde mit keinem Bild trainiert, also ist noch nichts erlaubt.',
  'No image here trains, so there is nothing to permit.{0}':
    'Kein Bild hier trainiert, es gibt also nichts zu erlauben.{0}',
  ' {0} left out until you decide about it.': ' {0} ausgelassen, bis Sie darüber entscheiden.',
  ' {0} left out until you decide about them.': ' {0} ausgelassen, bis Sie darüber entscheiden.',
  'The duties of everything that went in add up.': 'Die Pflichten von allem, was einfloss, summieren sich.',
  'One non-commercial part makes the whole non-commercial.':
    'Ein nicht kommerzieller Teil macht das Ganze nicht kommerziell.',
  'One part that forbids derivatives forbids publishing.':
    'Ein Teil, der Bearbeitungen verbietet, verbietet das Veröffentlichen.',
  'Terms that each demand to be the only ones cannot both be met.':
    'Bedingungen, die jeweils allein gelten wollen, lassen sich nicht beide erfüllen.',
  'Share-alike work over a permissive base: the adapter goes under the share-alike licence, the notices stay.':
    'Ein Werk mit Weitergabe unter gleichen Bedingungen auf einer freizügigen Basis: Der Adapter steht unter dieser Lizenz, die Hinweise bleiben.',
  'What is not known is not permitted.': 'Was nicht bekannt ist, ist nicht erlaubt.',
  'All rights reserved: nothing permits publishing.': 'Alle Rechte vorbehalten: Nichts erlaubt das Veröffentlichen.',
  'The terms leave this open; a person must decide.': 'Die Bedingungen lassen das offen; ein Mensch muss entscheiden.',
  'Reward code travels in the recipe: whoever passes the recipe on passes the code on.':
    'Belohnungscode reist im Rezept mit: Wer das Rezept weitergibt, gibt den Code weiter.',
  'No licence was found with it, so you must decide: read its terms, and set its licence.':
    'Es war keine Lizenz dabei, also müssen Sie entscheiden: Lesen Sie die Bedingungen, und setzen Sie die Lizenz.',
  'Atelier has not read this licence, so read its terms and decide.':
    'Atelier hat diese Lizenz nicht gelesen; lesen Sie die Bedingungen und entscheiden Sie.',
  'Any use. Credit is a courtesy. Trade marks and the rights of people shown are not covered.':
    'Jede Verwendung. Eine Namensnennung ist höflich. Marken und die Rechte gezeigter Personen sind nicht erfasst.',
  'Any use. Keep the link to the source as evidence: the mark is only a label and may be wrong in some countries.':
    'Jede Verwendung. Bewahren Sie den Link zur Quelle als Nachweis auf: Die Marke ist nur ein Etikett und kann in manchen Ländern falsch sein.',
  'Any use. Include the list of credits with the adapter.':
    'Jede Verwendung. Legen Sie dem Adapter die Liste der Namensnennungen bei.',
  'Private use is free. If you publish the adapter, use CC-BY-SA-4.0. Whether weights count as an adaptation is unsettled.':
    'Private Verwendung ist frei. Veröffentlichen Sie den Adapter unter CC-BY-SA-4.0. Ob Gewichte als Bearbeitung gelten, ist ungeklärt.',
  'Share alike, but version 1.0 does not allow later versions: publish only under CC-BY-SA-1.0.':
    'Weitergabe unter gleichen Bedingungen, aber Version 1.0 erlaubt keine späteren Versionen: Veröffentlichen Sie nur unter CC-BY-SA-1.0.',
  'Private use is free. Version 1.0 asks for another licence of the adapter than later versions: find out the version before you publish.':
    'Private Verwendung ist frei. Version 1.0 verlangt für den Adapter eine andere Lizenz als spätere Versionen: Finden Sie die Version heraus, bevor Sie veröffentlichen.',
  'Non-commercial use only, including what you make with it.':
    'Nur nicht kommerzielle Verwendung, auch dessen, was Sie daraus machen.',
  'Non-commercial use only. Publish only under CC-BY-NC-SA-4.0. You cannot mix it with CC-BY-SA in a published adapter.':
    'Nur nicht kommerzielle Verwendung. Veröffentlichen Sie nur unter CC-BY-NC-SA-4.0. In einem veröffentlichten Adapter lässt sie sich nicht mit CC-BY-SA mischen.',
  'Non-commercial use only. Version 1.0 does not allow later versions: publish only under CC-BY-NC-SA-1.0.':
    'Nur nicht kommerzielle Verwendung. Version 1.0 erlaubt keine späteren Versionen: Veröffentlichen Sie nur unter CC-BY-NC-SA-1.0.',
  'Non-commercial use only. Version 1.0 asks for another licence of the adapter than later versions: find out the version before you publish.':
    'Nur nicht kommerzielle Verwendung. Version 1.0 verlangt für den Adapter eine andere Lizenz als spätere Versionen: Finden Sie die Version heraus, bevor Sie veröffentlichen.',
  'Private training only. Do not share the adapter unless the owner agrees.':
    'Nur privates Training. Geben Sie den Adapter nicht weiter, es sei denn, der Rechteinhaber stimmt zu.',
  'Private, non-commercial training only. Do not share the adapter unless the owner agrees.':
    'Nur privates, nicht kommerzielles Training. Geben Sie den Adapter nicht weiter, es sei denn, der Rechteinhaber stimmt zu.',
  'Any use. Include the licence and notices, and state what you changed.':
    'Jede Verwendung. Legen Sie Lizenz und Hinweise bei, und sagen Sie, was Sie geändert haben.',
  'Any use. Include the notice and the licence text.': 'Jede Verwendung. Legen Sie den Hinweis und den Lizenztext bei.',
  'Private use is free. It was written for software, and it is unsettled what it asks of weights trained on such a work, so you must decide before you publish.':
    'Private Verwendung ist frei. Die Lizenz wurde für Software geschrieben; was sie von Gewichten verlangt, die mit einem solchen Werk trainiert sind, ist ungeklärt, also müssen Sie vor dem Veröffentlichen entscheiden.',
  'Private use is free. It asks that adaptations stay under the same licence, which no Creative Commons licence of the adapter satisfies for certain, so you must decide before you publish.':
    'Private Verwendung ist frei. Bearbeitungen sollen unter derselben Lizenz bleiben, was keine Creative-Commons-Lizenz des Adapters sicher erfüllt, also müssen Sie vor dem Veröffentlichen entscheiden.',
  'Share alike for the database. You must decide whether a model is a "produced work" or a derivative database.':
    'Weitergabe der Datenbank unter gleichen Bedingungen. Sie müssen entscheiden, ob ein Modell ein „produced work“ oder eine abgeleitete Datenbank ist.',
  'Duties apply if you share the data. Results computed from it are free.':
    'Pflichten gelten, wenn Sie die Daten weitergeben. Was daraus berechnet wird, ist frei.',
  'Any use you choose. Releases for people and places shown are a separate matter.':
    'Jede Verwendung Ihrer Wahl. Freigaben für gezeigte Personen und Orte sind eine eigene Frage.',
  'Any use that the contract grants. Keep the contract.':
    'Jede Verwendung, die der Vertrag gewährt. Bewahren Sie den Vertrag auf.',
  'Read the contract or ask the owner: many stock licences forbid machine learning.':
    'Lesen Sie den Vertrag, oder fragen Sie den Rechteinhaber: Viele Stock-Lizenzen verbieten maschinelles Lernen.',
  'You must not use it for training.': 'Sie dürfen es nicht zum Training verwenden.',
  'Nothing permits publishing. You must decide about private training: exceptions for text and data mining differ by country and end with an opt-out.':
    'Nichts erlaubt das Veröffentlichen. Über privates Training müssen Sie entscheiden: Ausnahmen für Text und Data Mining sind von Land zu Land verschieden und enden mit einem Widerspruch.',
  'Any use below 100 million monthly users, with the notice, and "Built with Qwen" where required.':
    'Jede Verwendung unter 100 Millionen Nutzern im Monat, mit dem Hinweis und, wo verlangt, „Built with Qwen“.',
  'Non-commercial research and evaluation only.': 'Nur nicht kommerzielle Forschung und Bewertung.',
  'It grants no multimodal rights to people in the EU, and limits naming and use. You must decide.':
    'Sie gewährt Personen in der EU keine multimodalen Rechte und schränkt Namen und Verwendung ein. Sie müssen entscheiden.',
  'It limits who may use it, for what, and under which name. Read its terms and decide.':
    'Sie schränkt ein, wer es wozu und unter welchem Namen verwenden darf. Lesen Sie die Bedingungen und entscheiden Sie.',
  'Any use within its use restrictions, which you must pass on as enforceable terms.':
    'Jede Verwendung innerhalb ihrer Nutzungsbeschränkungen, die Sie als durchsetzbare Bedingungen weitergeben müssen.',
  'Work whose owner opted out, or whose contract forbids it, must not be trained on; only the owner can lift that.':
    'Mit Werken, deren Rechteinhaber widersprochen hat oder deren Vertrag es verbietet, darf nicht trainiert werden; nur der Rechteinhaber kann das aufheben.',
  'Unknown: {0}.': 'Unbekannt: {0}.',
  'This is a conservative reading, not legal advice. Courts have not settled whether trained weights are derived from training images.':
    'Dies ist eine vorsichtige Lesart, keine Rechtsberatung. Gerichte haben nicht geklärt, ob trainierte Gewichte von Trainingsbildern abgeleitet sind.',
  'State its licence in the file (`SPDX-License-Identifier: …`).':
    'Nennen Sie die Lizenz in der Datei (`SPDX-License-Identifier: …`).',
  'Read whether they can be combined, or choose another base model.':
    'Prüfen Sie, ob sie sich verbinden lassen, oder wählen Sie ein anderes Basismodell.',
  'Read whether they can be combined, or leave out this image.':
    'Prüfen Sie, ob sie sich verbinden lassen, oder lassen Sie dieses Bild aus.',
  'Read whether they can be combined, or leave out some of these {0} images.':
    'Prüfen Sie, ob sie sich verbinden lassen, oder lassen Sie einige dieser {0} Bilder aus.',
  'Entry {0}{1} is missing: entry {2} is in its place.':
    'Der Eintrag {0}{1} fehlt: An seiner Stelle steht Eintrag {2}.',
  'Entry {0}{1} is out of place: it is in row {2}{3}, and entry {4} is in row {5}{6}.':
    'Der Eintrag {0}{1} steht am falschen Platz: Er ist in Zeile {2}{3}, und Eintrag {4} ist in Zeile {5}{6}.',
  'Entry {0}{1} ({2}) was altered.': 'Der Eintrag {0}{1} ({2}) wurde verändert.',
  'The log was cut off: entry {0} is missing; the signed head names entry {1}.':
    'Das Protokoll wurde abgeschnitten: Eintrag {0} fehlt; der signierte Stand nennt Eintrag {1}.',
  'The log was cut off: entries {0}{1} to {2} are missing; the signed head names entry {3}.':
    'Das Protokoll wurde abgeschnitten: Die Einträge {0}{1} bis {2} fehlen; der signierte Stand nennt Eintrag {3}.',
  'Entry {0}{1} comes after entry {2}, the last one that was signed.':
    'Der Eintrag {0}{1} kommt nach Eintrag {2}, dem letzten signierten.',
  'Entry {0} is not the one that was signed.': 'Der Eintrag {0} ist nicht der, der signiert wurde.',
  'Entry {0} was altered: its hash is not the one that entry {1}{2} follows.':
    'Der Eintrag {0} wurde verändert: Sein Hash ist nicht der, auf den Eintrag {1}{2} folgt.',
  'Entry 1 is not the start of a log.': 'Eintrag 1 ist nicht der Anfang eines Protokolls.',
  'Entry {0}{1} does not follow entry {2}: one of the two was altered.':
    'Der Eintrag {0}{1} folgt nicht auf Eintrag {2}: Einer der beiden wurde verändert.',
  'it is empty': 'er ist leer',
  'it is absolute': 'er ist absolut',
  'it contains a null character': 'er enthält ein Nullzeichen',
  'it contains a backslash': 'er enthält einen umgekehrten Schrägstrich',
  'it leads out of the folder with ".."': 'er führt mit „..“ aus dem Ordner heraus',
  'it is not normalised': 'er ist nicht normalisiert',
  'it is not JSON': 'sie ist kein JSON',
  'it is not a signature bundle of version 0.3: it {0}': 'sie ist kein Signaturpaket der Version 0.3: Es {0}',
  'it is not a signature bundle of version 0.3: "{0}" {1}': 'sie ist kein Signaturpaket der Version 0.3: „{0}“ {1}',
  'it must contain exactly one signature': 'sie muss genau eine Signatur enthalten',
  'its payload is not JSON in base64': 'ihr Inhalt ist kein JSON in base64',
  'it uses version 0.2 of the format, whose encoding is faulty, so it must be signed again':
    'sie verwendet Version 0.2 des Formats, deren Codierung fehlerhaft ist, und muss neu signiert werden',
  'its statement does not follow version 1.0: it {0}': 'ihre Aussage folgt nicht Version 1.0: Sie {0}',
  'its statement does not follow version 1.0: "{0}" {1}': 'ihre Aussage folgt nicht Version 1.0: „{0}“ {1}',
  'its statement has no subject': 'ihre Aussage hat keinen Gegenstand',
  'it lists the name {0}, which is refused: {1}': 'sie nennt den Namen {0}, der abgelehnt wird: {1}',
  'it lists {0} twice': 'sie nennt {0} zweimal',
  'its files are not in the order the format requires, at {0}':
    'ihre Dateien stehen bei {0} nicht in der Reihenfolge, die das Format verlangt',
  'its root hash does not follow from its list of files': 'ihr Gesamthash folgt nicht aus ihrer Dateiliste',
  'it excludes {0} from the signature, which could hide a file':
    'sie nimmt {0} von der Signatur aus, was eine Datei verbergen könnte',
  'it allows symbolic links, which can point outside the folder':
    'sie erlaubt symbolische Verknüpfungen, die aus dem Ordner herausführen können',
  'it was made with a key of the kind {0}': 'sie entstand mit einem Schlüssel der Art {0}',
  'it hashes the files with {0} by the method "{1}"': 'sie hasht die Dateien mit {0} nach der Methode „{1}“',
  'it signs the single file {0}, not a folder': 'sie signiert die einzelne Datei {0}, keinen Ordner',
  'it does not fit': 'es passt nicht',
  'Include the list of authors, sources and licences with the adapter.':
    'Legen Sie dem Adapter die Liste der Urheber, Quellen und Lizenzen bei.',
  'Include the licence text and all notices of the work.': 'Legen Sie den Lizenztext und alle Hinweise des Werks bei.',
  'State that the weights were changed.': 'Sagen Sie, dass die Gewichte geändert wurden.',
  'If you publish the adapter, publish it under the same licence.':
    'Veröffentlichen Sie den Adapter, wenn überhaupt, unter derselben Lizenz.',
  'Use it, and what you make with it, for non-commercial purposes only.':
    'Verwenden Sie es und was Sie damit machen nur zu nicht kommerziellen Zwecken.',
  'Bind everyone who receives the adapter to the use restrictions that these licences set.':
    'Verpflichten Sie alle, die den Adapter bekommen, auf die Nutzungsbeschränkungen dieser Lizenzen.',
  'Show the statement that the licence requires ("Built with …" or similar).':
    'Zeigen Sie den Satz, den die Lizenz verlangt („Built with …“ oder ähnlich).',
  'Share-alike work requires {0} for what is made from it.':
    'Ein Werk mit Weitergabe unter gleichen Bedingungen verlangt {0} für alles, was daraus entsteht.',
  '{0} lets everyone use the weights commercially, which the non-commercial work forbids.':
    '{0} lässt alle die Gewichte kommerziell verwenden, was das nicht kommerzielle Werk verbietet.',
  "The base model's licence ({0}) requires you to pass on its own terms.":
    'Die Lizenz des Basismodells ({0}) verlangt, dass Sie ihre eigenen Bedingungen weitergeben.',
  'The licence of {0} ({1}) requires you to pass on its own terms.':
    'Die Lizenz von {0} ({1}) verlangt, dass Sie ihre eigenen Bedingungen weitergeben.',
  'CC0 waives all rights, including some that are not yours: the inputs require credit or notices.':
    'CC0 verzichtet auf alle Rechte, auch auf solche, die nicht Ihre sind: Was einfloss, verlangt Namensnennung oder Hinweise.',
  '{0}{1}: the owner opted out of training.': '{0}{1}: Der Rechteinhaber hat dem Training widersprochen.',
  '{0}{1}: {2}. State its licence in the file (`SPDX-License-Identifier: …`).':
    '{0}{1}: {2}. Nennen Sie die Lizenz in der Datei (`SPDX-License-Identifier: …`).',
  "Publish the adapter under {0}; keep the base model's notices.":
    'Veröffentlichen Sie den Adapter unter {0}; erhalten Sie die Hinweise des Basismodells.',
  '{0} each demand to be the only licence of the result. Choose another base model to publish the adapter.':
    '{0} wollen jeweils die einzige Lizenz des Ergebnisses sein. Wählen Sie zum Veröffentlichen ein anderes Basismodell.',
  '{0} each demand to be the only licence of the result. You cannot publish under a single licence. To resolve this, leave out this image.':
    '{0} wollen jeweils die einzige Lizenz des Ergebnisses sein. Unter einer einzigen Lizenz können Sie nicht veröffentlichen. Lassen Sie dazu dieses Bild aus.',
  '{0} each demand to be the only licence of the result. You cannot publish under a single licence. To resolve this, leave out these {1} images.':
    '{0} wollen jeweils die einzige Lizenz des Ergebnisses sein. Unter einer einzigen Lizenz können Sie nicht veröffentlichen. Lassen Sie dazu diese {1} Bilder aus.',
  '{0} must stay open to commercial use, but other inputs are non-commercial. Choose another base model to publish the adapter.':
    '{0} muss für kommerzielle Verwendung offen bleiben, aber anderes ist nicht kommerziell. Wählen Sie zum Veröffentlichen ein anderes Basismodell.',
  '{0} must stay open to commercial use, but other inputs are non-commercial. You cannot publish under a single licence. To resolve this, leave out this image.':
    '{0} muss für kommerzielle Verwendung offen bleiben, aber anderes ist nicht kommerziell. Unter einer einzigen Lizenz können Sie nicht veröffentlichen. Lassen Sie dazu dieses Bild aus.',
  '{0} must stay open to commercial use, but other inputs are non-commercial. You cannot publish under a single licence. To resolve this, leave out these {1} images.':
    '{0} muss für kommerzielle Verwendung offen bleiben, aber anderes ist nicht kommerziell. Unter einer einzigen Lizenz können Sie nicht veröffentlichen. Lassen Sie dazu diese {1} Bilder aus.',
  '{0} forbids adding terms, and {1} requires you to pass on its terms. Choose another base model to publish the adapter.':
    '{0} verbietet weitere Bedingungen, und {1} verlangt, dass Sie die eigenen weitergeben. Wählen Sie zum Veröffentlichen ein anderes Basismodell.',
  '{0} forbids adding terms, and {1} requires you to pass on its terms. You cannot publish under a single licence. To resolve this, leave out this image.':
    '{0} verbietet weitere Bedingungen, und {1} verlangt, dass Sie die eigenen weitergeben. Unter einer einzigen Lizenz können Sie nicht veröffentlichen. Lassen Sie dazu dieses Bild aus.',
  '{0} forbids adding terms, and {1} requires you to pass on its terms. You cannot publish under a single licence. To resolve this, leave out these {2} images.':
    '{0} verbietet weitere Bedingungen, und {1} verlangt, dass Sie die eigenen weitergeben. Unter einer einzigen Lizenz können Sie nicht veröffentlichen. Lassen Sie dazu diese {2} Bilder aus.',
  'No single licence for the weights meets the terms of {0}. Read whether they can be combined, or choose another base model.':
    'Keine einzelne Lizenz für die Gewichte erfüllt die Bedingungen von {0}. Prüfen Sie, ob sie sich verbinden lassen, oder wählen Sie ein anderes Basismodell.',
  'No single licence for the weights meets the terms of {0}. Read whether they can be combined, or leave out this image.':
    'Keine einzelne Lizenz für die Gewichte erfüllt die Bedingungen von {0}. Prüfen Sie, ob sie sich verbinden lassen, oder lassen Sie dieses Bild aus.',
  'No single licence for the weights meets the terms of {0}. Read whether they can be combined, or leave out some of these {1} images.':
    'Keine einzelne Lizenz für die Gewichte erfüllt die Bedingungen von {0}. Prüfen Sie, ob sie sich verbinden lassen, oder lassen Sie einige dieser {1} Bilder aus.',
  'CAWG training and data mining assertion 1.1; IPTC Photo Metadata 2025.1, Data Mining; TDM Reservation Protocol; Directive (EU) 2019/790, Article 4(3).':
    'CAWG-Aussage zu Training und Data Mining 1.1; IPTC Photo Metadata 2025.1, Data Mining; TDM Reservation Protocol; Richtlinie (EU) 2019/790, Artikel 4(3).',
  'CC BY 4.0, section 3(a); Apache License 2.0, section 4; Creative Commons, “Using CC-licensed works for AI training” (May 2025).':
    'CC BY 4.0, Abschnitt 3(a); Apache License 2.0, Abschnitt 4; Creative Commons, „Using CC-licensed works for AI training“ (Mai 2025).',
  'CC BY-NC 4.0, sections 1(k) and 2(a)(1); Creative Commons (May 2025): the non-commercial term follows every stage.':
    'CC BY-NC 4.0, Abschnitte 1(k) und 2(a)(1); Creative Commons (Mai 2025): Die Bedingung „nicht kommerziell“ gilt auf jeder Stufe.',
  'CC BY-ND 4.0, section 2(a)(1)(B): adapted material may be made, but not shared.':
    'CC BY-ND 4.0, Abschnitt 2(a)(1)(B): Bearbeitungen dürfen entstehen, aber nicht weitergegeben werden.',
  'CC BY-SA 4.0, section 3(b): the adapter’s licence must be the same or a compatible one, without added terms.':
    'CC BY-SA 4.0, Abschnitt 3(b): Die Lizenz des Adapters muss dieselbe oder eine vereinbare sein, ohne weitere Bedingungen.',
  'CC BY-SA 4.0, section 3(b)(1); Apache License 2.0, section 4: notices of the base are kept.':
    'CC BY-SA 4.0, Abschnitt 3(b)(1); Apache License 2.0, Abschnitt 4: Die Hinweise der Basis bleiben erhalten.',
  'Berne Convention, Article 9: without permission, copying is the owner’s right.':
    'Berner Übereinkunft, Artikel 9: Ohne Erlaubnis ist das Kopieren Recht des Inhabers.',
  'Berne Convention, Article 9.': 'Berner Übereinkunft, Artikel 9.',
  'The licence’s own text, as read in the table of facts.':
    'Der Text der Lizenz selbst, wie in der Tabelle der Fakten gelesen.',
  'SPDX and REUSE: the licence of a file is the one that the file states.':
    'SPDX und REUSE: Die Lizenz einer Datei ist die, die in der Datei steht.',
};
