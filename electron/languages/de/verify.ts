/** @file German: the verification of bundles. */
import type { Catalogue } from '../template-index.ts';

export const verify: Catalogue = {
  'The silence of the other {0} is not consent.': 'Das Schweigen der anderen {0} ist keine Zustimmung.',
  '{0}The silence of the other {1} is not consent.': '{0}Das Schweigen der anderen {1} ist keine Zustimmung.',
  ' Nobody checked the text of {0}.': ' Den Text von {0} hat niemand geprüft.',
  ' Nobody checked the texts of {0}.': ' Die Texte von {0} hat niemand geprüft.',
  ' 1 entry about other work keeps its place, but its content is withheld.':
    ' 1 Eintrag über andere Arbeit behält seinen Platz, aber sein Inhalt fehlt.',
  ' {0} entries about other work keep their places, but their content is withheld.':
    ' {0} Einträge über andere Arbeit behalten ihren Platz, aber ihr Inhalt fehlt.',
  '{0} is valid: {1} tensors.': '{0} ist gültig: {1} Tensoren.',
  '{0} is valid: {1} tensors. Its header names the same run, step, recipe, dataset and base as {2}.':
    '{0} ist gültig: {1} Tensoren. Der Kopf nennt denselben Lauf, Schritt, Datensatz, dasselbe Rezept und dieselbe Basis wie {2}.',
  "{0} is {1}, signed with the bundle's key.": '{0} ist {1}, signiert mit dem Schlüssel des Pakets.',
  'The header of {0} names the {1} records of this bundle by their common hash.':
    'Der Kopf von {0} nennt die {1} Belege dieses Pakets mit ihrem gemeinsamen Hash.',
  "{0} names these weights, this manifest, and {1}{2} more hashes that match. It is the maker's own statement (SLSA Build L1).":
    '{0} nennt diese Gewichte, dieses Manifest und {1}{2} weitere Hashes, die stimmen. Es ist die eigene Aussage des Urhebers (SLSA Build L1).',
  '{0} is the recipe that {1} and the weights name (sha256 {2}).':
    '{0} ist das Rezept, das {1} und die Gewichte nennen (sha256 {2}).',
  'The counts follow from the answers listed (tuned: {0} of {1}). Only asking the model again can show whether it gave those answers.':
    'Die Zahlen folgen aus den aufgeführten Antworten (trainiert: {0} von {1}). Ob das Modell sie gab, zeigt nur, es noch einmal zu fragen.',
  '{0} names the same base model and results as the other documents.':
    '{0} nennt dasselbe Basismodell und dieselben Ergebnisse wie die anderen Dokumente.',
  "Import, run and signing are in order, by the maker's clock (signed at {0}).":
    'Import, Lauf und Signatur sind in der richtigen Reihenfolge, nach der Uhr des Urhebers (signiert am {0}).',
  'Each licence file has the text of the licence that the ledger or its name gives.':
    'Jede Lizenzdatei hat den Text der Lizenz, die die Rechteübersicht oder ihr Name nennt.',
  'Of {0} image {1} opted out of training: {2} left out. {3}':
    'Von {0} Bild haben {1} dem Training widersprochen: {2} ausgelassen. {3}',
  'Of {0} image {1} opted out of training: {2} left out, {3} used ({4} in training) by a recorded decision, whose reason is in {5}. {6}':
    'Von {0} Bild haben {1} dem Training widersprochen: {2} ausgelassen, {3} verwendet ({4} im Training) durch eine festgehaltene Entscheidung, deren Grund in {5} steht. {6}',
  'Of {0} images {1} opted out of training: {2} left out. {3}':
    'Von {0} Bildern haben {1} dem Training widersprochen: {2} ausgelassen. {3}',
  'Of {0} images {1} opted out of training: {2} left out, {3} used ({4} in training) by a recorded decision, whose reason is in {5}. {6}':
    'Von {0} Bildern haben {1} dem Training widersprochen: {2} ausgelassen, {3} verwendet ({4} im Training) durch eine festgehaltene Entscheidung, deren Grund in {5} steht. {6}',
  "The verdict follows from the licences stated ({0}). {1} was made with another version's facts and rules; today's give the same verdicts, duties and choice of licences. Offered under {2}, which they allow. The bundle cannot show whether they were stated correctly.":
    'Das Urteil folgt aus den angegebenen Lizenzen ({0}). {1} entstand mit Fakten und Regeln einer anderen Version; die heutigen ergeben dieselben Urteile, Pflichten und Lizenzen zur Wahl. Angeboten unter {2}, was sie erlauben. Ob sie richtig angegeben wurden, kann das Paket nicht zeigen.',
  "The verdict follows from the licences stated ({0}). {1} was made with another version's facts and rules; today's give the same verdicts, duties and choice of licences. No licence was chosen. The bundle cannot show whether they were stated correctly.":
    'Das Urteil folgt aus den angegebenen Lizenzen ({0}). {1} entstand mit Fakten und Regeln einer anderen Version; die heutigen ergeben dieselben Urteile, Pflichten und Lizenzen zur Wahl. Es wurde keine Lizenz gewählt. Ob sie richtig angegeben wurden, kann das Paket nicht zeigen.',
  'The verdict follows from the licences stated ({0}). Offered under {1}, which they allow. The bundle cannot show whether they were stated correctly.':
    'Das Urteil folgt aus den angegebenen Lizenzen ({0}). Angeboten unter {1}, was sie erlauben. Ob sie richtig angegeben wurden, kann das Paket nicht zeigen.',
  'The verdict follows from the licences stated ({0}). No licence was chosen. The bundle cannot show whether they were stated correctly.':
    'Das Urteil folgt aus den angegebenen Lizenzen ({0}). Es wurde keine Lizenz gewählt. Ob sie richtig angegeben wurden, kann das Paket nicht zeigen.',
  'LICENSE agrees with {0} and {1}: no licence was chosen.':
    'LICENSE stimmt mit {0} und {1} überein: Es wurde keine Lizenz gewählt.',
  'LICENSE agrees with {0} and {1}: the licence is {2}.': 'LICENSE stimmt mit {0} und {1} überein: Die Lizenz ist {2}.',
  'The images and the base model require no licence text in LICENSES/.{0}':
    'Bilder und Basismodell verlangen keinen Lizenztext in LICENSES/.{0}',
  'LICENSES/ has the licence text that the images and the base model require.{0}':
    'LICENSES/ hat den Lizenztext, den Bilder und Basismodell verlangen.{0}',
  'LICENSES/ has the {0} licence texts that the images and the base model require.{1}':
    'LICENSES/ hat die {0} Lizenztexte, die Bilder und Basismodell verlangen.{1}',
  '{0} credits the only work in the images used.': '{0} nennt das einzige Werk in den verwendeten Bildern.',
  '{0} credits all {1} works in the images used.': '{0} nennt alle {1} Werke in den verwendeten Bildern.',
  'The log is unbroken from its first entry to the signed head; {0} entry can be read.{1}':
    'Das Protokoll ist lückenlos vom ersten Eintrag bis zum signierten Stand; {0} Eintrag ist lesbar.{1}',
  'The log is unbroken from its first entry to the signed head; {0} entries can be read.{1}':
    'Das Protokoll ist lückenlos vom ersten Eintrag bis zum signierten Stand; {0} Einträge sind lesbar.{1}',
  '{0} is about this run, names exactly the {1} image that training used, as often as {2} says, and its sums follow from them (method: {3}). Only a replay can show that the figures are right.':
    '{0} betrifft diesen Lauf, nennt genau das {1} Bild, das das Training verwendete, so oft wie {2} es sagt, und die Summen folgen daraus (Methode: {3}). Ob die Zahlen richtig sind, zeigt nur eine Wiederholung.',
  '{0} is about this run, names exactly the {1} images that training used, as often as {2} says, and its sums follow from them (method: {3}). Only a replay can show that the figures are right.':
    '{0} betrifft diesen Lauf, nennt genau die {1} Bilder, die das Training verwendete, so oft wie {2} es sagt, und die Summen folgen daraus (Methode: {3}). Ob die Zahlen richtig sind, zeigt nur eine Wiederholung.',
  '{0} follows CycloneDX 1.6 strictly. It names these weights, this base model, dataset and licence, and every image that was used (or the list of them).':
    '{0} folgt streng CycloneDX 1.6. Es nennt diese Gewichte, dieses Basismodell, diesen Datensatz, diese Lizenz und jedes verwendete Bild (oder deren Liste).',
  '{0} has what SPDX 3.0.1 and its AI and Dataset profiles require. It names these weights, this base model, dataset and licence.':
    '{0} hat, was SPDX 3.0.1 und seine Profile AI und Dataset verlangen. Es nennt diese Gewichte, dieses Basismodell, diesen Datensatz und diese Lizenz.',
  '{0} has what Croissant 1.1 requires. The dataset and the hashes of its files match the bundle.':
    '{0} hat, was Croissant 1.1 verlangt. Der Datensatz und die Hashes seiner Dateien passen zum Paket.',
  '{0} names the same run, dataset and number of images.':
    '{0} nennt denselben Lauf, denselben Datensatz und dieselbe Zahl von Bildern.',
  '{0} say, line by line, what follows from the records of the bundle.':
    '{0} sagen Zeile für Zeile, was aus den Belegen des Pakets folgt.',
  'The signature over {0} file is valid (root sha256 {1}).':
    'Die Signatur über {0} Datei ist gültig (Gesamt-sha256 {1}).',
  'The signature over {0} files is valid (root sha256 {1}).':
    'Die Signatur über {0} Dateien ist gültig (Gesamt-sha256 {1}).',
  'All {0} signed files are present and unchanged, and there are no others.':
    'Alle {0} signierten Dateien sind da und unverändert, und es gibt keine anderen.',
  'All {0} signed files are present and unchanged, and there are no others. Not covered by a signature of this format: {1}{2}.':
    'Alle {0} signierten Dateien sind da und unverändert, und es gibt keine anderen. Nicht von einer Signatur dieses Formats erfasst: {1}{2}.',
  'All {0} signed files are present and unchanged, and there are no others. Not covered by a signature of this format: {1}.':
    'Alle {0} signierten Dateien sind da und unverändert, und es gibt keine anderen. Nicht von einer Signatur dieses Formats erfasst: {1}.',
  'Signed with the given key (fingerprint {0}).': 'Signiert mit dem angegebenen Schlüssel (Fingerabdruck {0}).',
  'Signed with the key of {0} (fingerprint {1}).': 'Signiert mit dem Schlüssel von {0} (Fingerabdruck {1}).',
  '{0} agrees with the dataset that the recipe names about its only image.':
    '{0} stimmt mit dem Datensatz, den das Rezept nennt, beim einzigen Bild überein.',
  '{0} agrees with the dataset that the recipe names about all {1} images.':
    '{0} stimmt mit dem Datensatz, den das Rezept nennt, bei allen {1} Bildern überein.',
  'The image is here, and its hash matches the manifest.':
    'Das Bild ist hier, und sein Hash stimmt mit dem Manifest überein.',
  'All {0} images are here, and their hashes match the manifest.':
    'Alle {0} Bilder sind hier, und ihre Hashes stimmen mit dem Manifest überein.',
  'the base model is not the recipe’s': 'das Basismodell ist nicht das des Rezepts',
  'the dataset is not the recipe’s': 'der Datensatz ist nicht der des Rezepts',
  'the base model’s hash does not follow from its files': 'der Hash des Basismodells folgt nicht aus seinen Dateien',
  'the manifest is not named': 'das Manifest ist nicht genannt',
  'it says {0} of {1} correct, but its items give {2} of {3}':
    'sie sagt {0} von {1} richtig, aber ihre Antworten ergeben {2} von {3}',
  'it says {0} of {1} in the required format, but its items give {2} of {3}':
    'sie sagt {0} von {1} in der verlangten Form, aber ihre Antworten ergeben {2} von {3}',
  'it says {0} of {1} correct when read leniently, but its items give {2} of {3}':
    'sie sagt {0} von {1} richtig bei nachsichtigem Lesen, aber ihre Antworten ergeben {2} von {3}',
  'it says {0} unreadable answers, but its items give {1}':
    'sie sagt {0} unlesbare Antworten, aber ihre Antworten ergeben {1}',
  'the interval of {0} of {1} is {2} to {3}, but should be {4} to {5}':
    'das Intervall von {0} von {1} ist {2} bis {3}, müsste aber {4} bis {5} sein',
  'says something else than that no licence was chosen{0}':
    'sagt etwas anderes, als dass keine Lizenz gewählt wurde{0}',
  'says something else than that no licence was chosen': 'sagt etwas anderes, als dass keine Lizenz gewählt wurde',
  'does not have the text of {0}{1}': 'hat nicht den Text von {0}{1}',
  'does not have the text of {0}': 'hat nicht den Text von {0}',
  'it is about another run.': 'sie betrifft einen anderen Lauf.',
  'it is about step {0}, but the weights are from step {1}.':
    'sie betrifft Schritt {0}, aber die Gewichte sind von Schritt {1}.',
  'its description does not match its method.': 'ihre Beschreibung passt nicht zu ihrer Methode.',
  'it lists {0} image, but training used {1}.': 'sie nennt {0} Bild, aber das Training verwendete {1}.',
  'it lists {0} images, but training used {1}.': 'sie nennt {0} Bilder, aber das Training verwendete {1}.',
  'it names the image {0}, which training did not use.':
    'sie nennt das Bild {0}, das im Training nicht verwendet wurde.',
  'its authors or licence for {0} differ from {1}.': 'ihre Urheber oder ihre Lizenz für {0} weichen von {1} ab.',
  'it says that {0} was seen {1} time, but {2} says {3}.':
    'sie sagt, {0} sei {1}-mal gesehen worden, aber {2} sagt {3}.',
  'it says that {0} was seen {1} times, but {2} says {3}.':
    'sie sagt, {0} sei {1}-mal gesehen worden, aber {2} sagt {3}.',
  'the share of {0} is impossible.': 'der Anteil von {0} ist unmöglich.',
  'its shares add up to {0} instead of 1.': 'ihre Anteile ergeben zusammen {0} statt 1.',
  'its sums do not follow from its images.': 'ihre Summen folgen nicht aus ihren Bildern.',
  'changed since signing: {0}': 'seit dem Signieren geändert: {0}',
  'missing: {0}': 'fehlend: {0}',
  'added since signing: {0}': 'seit dem Signieren hinzugefügt: {0}',
  '{0} cannot be read.': '{0} ist nicht lesbar.',
  '{0} states the hash {1} for its tensors, but they have a different one.':
    '{0} nennt für seine Tensoren den Hash {1}, aber sie haben einen anderen.',
  '{0} and {1} disagree about {2}.': '{0} und {1} widersprechen sich bei {2}.',
  '{0} is not one envelope around an in-toto statement.': '{0} ist nicht ein Umschlag um eine In-toto-Aussage.',
  "{0} is not signed with the bundle's key.": '{0} ist nicht mit dem Schlüssel des Pakets signiert.',
  '{0} holds another statement.': '{0} enthält eine andere Aussage.',
  'The header of {0} names records that differ from the ones here ({1}, {2}, {3}, {4}, {5}, {6}, NOTICE, {7}).':
    'Der Kopf von {0} nennt Belege, die von denen hier abweichen ({1}, {2}, {3}, {4}, {5}, {6}, NOTICE, {7}).',
  '{0} names contents that differ from the files here: {1}.':
    '{0} nennt Inhalte, die von den Dateien hier abweichen: {1}.',
  '{0} does not name {1}.': '{0} nennt {1} nicht.',
  '{0} contradicts itself: {1}.': '{0} widerspricht sich: {1}.',
  '{0} is not the recipe that {1} names.': '{0} ist nicht das Rezept, das {1} nennt.',
  '{0}: {1} of the questions with sampled answers were not asked.':
    '{0}: {1} der Fragen mit gezogenen Antworten wurden nicht gestellt.',
  '{0}: {1} of {2} sampled answers to {3} cannot be right.':
    '{0}: {1} von {2} gezogenen Antworten auf {3} können nicht richtig sein.',
  '{0}: the counts of evaluation {1} are wrong: {2}.': '{0}: Die Zahlen der Auswertung {1} sind falsch: {2}.',
  '{0} is about step {1}, but the weights are from another step.':
    '{0} betrifft Schritt {1}, aber die Gewichte sind von einem anderen Schritt.',
  "{0}: {1} answer is about a sample that is not in the manifest's {2} split.":
    '{0}: {1} Antwort betrifft ein Beispiel, das nicht im Teil {2} des Manifests ist.',
  "{0}: {1} answers are about samples that are not in the manifest's {2} split.":
    '{0}: {1} Antworten betreffen Beispiele, die nicht im Teil {2} des Manifests sind.',
  '{0} and the other documents disagree about {1}.': '{0} und die anderen Dokumente widersprechen sich bei {1}.',
  '{0}: the verdict on The image {1} does not follow from its signals.':
    '{0}: Das Urteil über das Bild {1} folgt nicht aus seinen Angaben.',
  'The image {0} opts out of use, but was used without a recorded decision.':
    'Das Bild {0} widerspricht der Verwendung, wurde aber ohne festgehaltene Entscheidung verwendet.',
  'The image {0} was used by a decision that {1} does not record.':
    'Das Bild {0} wurde durch eine Entscheidung verwendet, die {1} nicht festhält.',
  '{0} says that images without a statement about training were left out, but {1} was used without a recorded decision.':
    '{0} sagt, Bilder ohne Angabe zum Training seien ausgelassen worden, aber {1} wurde ohne festgehaltene Entscheidung verwendet.',
  '{0} does not follow from the licences in {1}.': '{0} folgt nicht aus den Lizenzen in {1}.',
  "{0} gives the base model's licence as {1}, but {2} says {3}.":
    '{0} nennt als Lizenz des Basismodells {1}, aber {2} sagt {3}.',
  "{0} gives the base model's licence as {1}, but {2} says nothing.":
    '{0} nennt als Lizenz des Basismodells {1}, aber {2} sagt nichts.',
  "{0} gives the base model's licence as unknown, but {1} says {2}.":
    '{0} nennt die Lizenz des Basismodells unbekannt, aber {1} sagt {2}.',
  "{0} gives the base model's licence as unknown, but {1} says nothing.":
    '{0} nennt die Lizenz des Basismodells unbekannt, aber {1} sagt nichts.',
  '{0} offers the weights under {1}, which the licences of the base model and the images do not allow.':
    '{0} bietet die Gewichte unter {1} an, was die Lizenzen von Basismodell und Bildern nicht erlauben.',
  'According to {0} and {1}, no licence was chosen, but LICENSE {2}.':
    'Laut {0} und {1} wurde keine Lizenz gewählt, aber LICENSE {2}.',
  'According to {0} and {1}, the licence is {2}, but LICENSE {3}.':
    'Laut {0} und {1} ist die Lizenz {2}, aber LICENSE {3}.',
  '{0}: this is not the text of that licence.': '{0}: Das ist nicht der Text dieser Lizenz.',
  '{0} is missing, but attribution licences require it.': '{0} fehlt, aber Lizenzen mit Namensnennung verlangen es.',
  '{0} is not the list of works that follows from {1}.': '{0} ist nicht die Liste der Werke, die aus {1} folgt.',
  '{0} is invalid: {1}.': '{0} ist ungültig: {1}.',
  'These documents do not say what follows from the records of the bundle: {0}.':
    'Diese Dokumente sagen nicht, was aus den Belegen des Pakets folgt: {0}.',
  'There is no {0} that can be read: the folder is not signed, or its signature was removed.':
    'Es gibt kein lesbares {0}: Der Ordner ist nicht signiert, oder seine Signatur wurde entfernt.',
  'There is no {0} that can be read: it is not an ordinary file.':
    'Es gibt kein lesbares {0}: Es ist keine gewöhnliche Datei.',
  '{0} is refused: {1}.': '{0} wird abgelehnt: {1}.',
  '{0} was not signed with {1}, or it has changed since.':
    '{0} wurde nicht mit {1} signiert, oder es wurde seitdem geändert.',
  '{0} names a different key from the one that signed it.':
    '{0} nennt einen anderen Schlüssel als den, der es signiert hat.',
  'The folder holds more than {0} files; no bundle does. The rest was not read.':
    'Der Ordner enthält mehr als {0} Dateien; das tut kein Paket. Der Rest wurde nicht gelesen.',
  'Symbolic links are refused because they can lead out of the folder: {0} and {1} more.':
    'Symbolische Verknüpfungen werden abgelehnt, weil sie aus dem Ordner herausführen können: {0} und {1} weitere.',
  'Symbolic links are refused because they can lead out of the folder: {0}.':
    'Symbolische Verknüpfungen werden abgelehnt, weil sie aus dem Ordner herausführen können: {0}.',
  'Neither a file nor a folder: {0} and {1} more.': 'Weder Datei noch Ordner: {0} und {1} weitere.',
  'Neither a file nor a folder: {0}.': 'Weder Datei noch Ordner: {0}.',
  'Unsafe names: {0} and {1} more.': 'Unsichere Namen: {0} und {1} weitere.',
  'Unsafe names: {0}.': 'Unsichere Namen: {0}.',
  'Files differ from what was signed; {0}.': 'Dateien weichen von dem ab, was signiert wurde; {0}.',
  '{0} and the dataset that the recipe names disagree about the images.':
    '{0} und der Datensatz, den das Rezept nennt, widersprechen sich bei den Bildern.',
  'The image {0} differs from the manifest.': 'Das Bild {0} weicht vom Manifest ab.',
  '{0} images differ from the manifest, the first being {1}.': '{0} Bilder weichen vom Manifest ab, zuerst {1}.',
  'programs ({0})': 'Programme ({0})',
  'files that may be Python pickles ({0})': 'Dateien, die Python-Pickles sein können ({0})',
  '{0} is not in the bundle.': '{0} ist nicht im Paket.',
  '{0} has a form that this version does not know ({1}).': '{0} hat eine Form, die diese Version nicht kennt ({1}).',
  'The bundle contains no safetensors or GGUF file.': 'Das Paket enthält keine safetensors- oder GGUF-Datei.',
  '{0} cannot be checked without a key with a valid signature.':
    '{0} lässt sich nicht prüfen ohne einen Schlüssel mit gültiger Signatur.',
  'The header of {0} does not name the records of its bundle. An older version made it.':
    'Der Kopf von {0} nennt die Belege seines Pakets nicht. Eine ältere Version hat ihn geschrieben.',
  'The header of {0} names the records of its bundle, and not all of them are here ({1}).':
    'Der Kopf von {0} nennt die Belege seines Pakets, und nicht alle sind hier ({1}).',
  '{0} is valid, but there is no statement to compare it with.':
    '{0} ist gültig, aber es gibt keine Aussage, mit der es sich vergleichen ließe.',
  '{0} has no readable front matter.': '{0} hat keinen lesbaren Kopfteil.',
  'There is no {0} to compare {1} with.': 'Es gibt kein {0}, mit dem sich {1} vergleichen ließe.',
  "By the maker's clock, {0} ({1}) came after {2} ({3}). Either the clock was set back in between, or the maker stated another time.":
    'Nach der Uhr des Urhebers kam {0} ({1}) nach {2} ({3}). Entweder wurde die Uhr dazwischen zurückgestellt, oder der Urheber hat eine andere Zeit angegeben.',
  'The bundle does not contain every time. Those it has are in order.':
    'Das Paket enthält nicht jede Zeit. Die vorhandenen sind in der richtigen Reihenfolge.',
  "{0} was made with another version's facts and rules, and today's decide otherwise ({1}), so it cannot be told whether it followed from those of its time.":
    '{0} entstand mit Fakten und Regeln einer anderen Version, und die heutigen entscheiden anders ({1}); ob es aus den damaligen folgte, lässt sich nicht sagen.',
  'Its head cannot be checked without a key with a valid signature.':
    'Sein Stand lässt sich nicht prüfen ohne einen Schlüssel mit gültiger Signatur.',
  '{0} is valid, but there is no {1} to compare it with.':
    '{0} ist gültig, aber es gibt kein {1}, mit dem es sich vergleichen ließe.',
  'The records from which the documents follow cannot all be read.':
    'Die Belege, aus denen die Dokumente folgen, sind nicht alle lesbar.',
  'Another version of Atelier made the bundle ({0}), so its documents may say the same in other words. They differ from what this version writes: {1}.':
    'Eine andere Version von Atelier hat das Paket gemacht ({0}), seine Dokumente können dasselbe also mit anderen Worten sagen. Sie weichen von dem ab, was diese Version schreibt: {1}.',
  'Another version of Atelier made the bundle (not named), so its documents may say the same in other words. They differ from what this version writes: {0}.':
    'Eine andere Version von Atelier hat das Paket gemacht (nicht genannt), seine Dokumente können dasselbe also mit anderen Worten sagen. Sie weichen von dem ab, was diese Version schreibt: {0}.',
  "{0} cannot be checked by this version: {1}. OpenSSF's model_signing may be able to check it.":
    '{0} lässt sich mit dieser Version nicht prüfen: {1}. Vielleicht kann es model_signing von OpenSSF.',
  'The signature names no key, as in old versions of the format. It matches the given key.':
    'Die Signatur nennt keinen Schlüssel, wie in alten Versionen des Formats. Sie passt zum angegebenen Schlüssel.',
  'Without a valid signature, the signer is unknown.': 'Ohne gültige Signatur ist der Unterzeichner unbekannt.',
  "The key is in the bundle itself, so it shows that nothing has changed since signing, but not who signed. Get the maker's key through another channel and compare its fingerprint: {0}.":
    'Der Schlüssel liegt im Paket selbst; er zeigt also, dass sich seit dem Signieren nichts geändert hat, aber nicht, wer signiert hat. Holen Sie den Schlüssel des Urhebers auf anderem Weg, und vergleichen Sie den Fingerabdruck: {0}.',
  'Nothing is signed here: the folder has no {0}, so nobody vouches for these files. The header of the weights says that an export of Atelier wrote them, and anybody can write a header. Check the whole folder of the export.':
    'Hier ist nichts signiert: Im Ordner fehlt {0}, niemand bürgt also für diese Dateien. Der Kopf der Gewichte sagt, ein Export von Atelier habe sie geschrieben, aber einen Kopf kann jeder schreiben. Prüfen Sie den ganzen Ordner des Exports.',
  'Nothing is signed here: the folder has no {0}, so nobody vouches for these files.':
    'Hier ist nichts signiert: Im Ordner fehlt {0}, niemand bürgt also für diese Dateien.',
  'The folder has none of the documents of an Atelier bundle. A signature says who signed the files, not where they come from.':
    'Der Ordner hat keines der Dokumente eines Atelier-Pakets. Eine Signatur sagt, wer die Dateien signiert hat, nicht woher sie kommen.',
  '{0} (published at {1})': '{0} (veröffentlicht unter {1})',
  'These weights were not evaluated on their own test split.':
    'Diese Gewichte wurden nicht an ihrem eigenen Testteil ausgewertet.',
  'The manifest does not record its images’ opt-out signals, so the bundle cannot show whether there were any.':
    'Das Manifest hält die Widersprüche seiner Bilder nicht fest; das Paket kann also nicht zeigen, ob es welche gab.',
  'The texts of {0} must be passed on with the weights, but LICENSES/ does not have them. An older version made the bundle, or they were removed.':
    'Die Texte von {0} müssen mit den Gewichten weitergegeben werden, aber LICENSES/ hat sie nicht. Eine ältere Version hat das Paket gemacht, oder sie wurden entfernt.',
  '{0}: the text must be passed on with the weights, but LICENSES/ does not have it, because Atelier does not have it either. Add it when you share the weights.':
    '{0}: Der Text muss mit den Gewichten weitergegeben werden, aber LICENSES/ hat ihn nicht, weil auch Atelier ihn nicht hat. Legen Sie ihn bei, wenn Sie die Gewichte weitergeben.',
  '{0} credits the works in the images, but not every author of the images themselves, whom {1} names. An older version made the bundle: add them when you share the weights.':
    '{0} nennt die Werke in den Bildern, aber nicht jeden Urheber der Bilder selbst, die {1} nennt. Eine ältere Version hat das Paket gemacht: Ergänzen Sie sie, wenn Sie die Gewichte weitergeben.',
  'The bundle does not record which images taught the model and makes no claim about it.':
    'Das Paket hält nicht fest, welche Bilder das Modell lehrten, und behauptet nichts darüber.',
  'Questions and answers stay with the maker, so only the maker can compare the manifest with the dataset that the recipe names.':
    'Fragen und Antworten bleiben beim Urheber; nur er kann das Manifest mit dem Datensatz vergleichen, den das Rezept nennt.',
  'The image stays with its maker. Only its hash is here.':
    'Das Bild bleibt bei seinem Urheber. Hier ist nur sein Hash.',
  'The image is not available.': 'Das Bild ist nicht verfügbar.',
  '{0} of {1} images is here and unchanged. The others are not available.':
    '{0} von {1} Bildern ist hier und unverändert. Die anderen sind nicht verfügbar.',
  'The {0} images stay with their maker. Only their hashes are here.':
    'Die {0} Bilder bleiben bei ihrem Urheber. Hier sind nur ihre Hashes.',
  '{0} of {1} images are here and unchanged. The others are not available.':
    '{0} von {1} Bildern sind hier und unverändert. Die anderen sind nicht verfügbar.',
  'line {0}{1}: {2}': 'Zeile {0}{1}: {2}',
  'line {0}{1}: ': 'Zeile {0}{1}: ',
  'it {0}': 'es {0}',
  'The given public key cannot be read as an EC key.':
    'Der angegebene öffentliche Schlüssel ist nicht als EC-Schlüssel lesbar.',
  '{0} was made with a certificate (an unnamed signer, issued by {1}). Atelier knows no issuer\'s roots, so it cannot tell whether the certificate is genuine. Check it with "model_signing verify certificate" and the roots that you trust, or give Atelier the signer\'s public key.':
    '{0} entstand mit einem Zertifikat (ein ungenannter Unterzeichner, ausgestellt von {1}). Atelier kennt keine Stammzertifikate und kann nicht sagen, ob das Zertifikat echt ist. Prüfen Sie es mit „model_signing verify certificate“ und Stammzertifikaten, denen Sie vertrauen, oder geben Sie Atelier den öffentlichen Schlüssel des Unterzeichners.',
  '{0} was made with a certificate ({1}, issued by {2}). Atelier knows no issuer\'s roots, so it cannot tell whether the certificate is genuine. Check it with "model_signing verify certificate" and the roots that you trust, or give Atelier the signer\'s public key.':
    '{0} entstand mit einem Zertifikat ({1}, ausgestellt von {2}). Atelier kennt keine Stammzertifikate und kann nicht sagen, ob das Zertifikat echt ist. Prüfen Sie es mit „model_signing verify certificate“ und Stammzertifikaten, denen Sie vertrauen, oder geben Sie Atelier den öffentlichen Schlüssel des Unterzeichners.',
  '{0} was made with a Sigstore identity (an unnamed signer, issued by {1}). Checking it needs Sigstore\'s roots and log, and Atelier is offline. Check it with "model_signing verify sigstore".':
    '{0} entstand mit einer Sigstore-Identität (ein ungenannter Unterzeichner, ausgestellt von {1}). Die Prüfung braucht Stammzertifikate und Protokoll von Sigstore, und Atelier ist offline. Prüfen Sie es mit „model_signing verify sigstore“.',
  '{0} was made with a Sigstore identity ({1}, issued by {2}). Checking it needs Sigstore\'s roots and log, and Atelier is offline. Check it with "model_signing verify sigstore".':
    '{0} entstand mit einer Sigstore-Identität ({1}, ausgestellt von {2}). Die Prüfung braucht Stammzertifikate und Protokoll von Sigstore, und Atelier ist offline. Prüfen Sie es mit „model_signing verify sigstore“.',
  "The folder contains no {0}. Provide the maker's public key to check the signature.":
    'Im Ordner fehlt {0}. Geben Sie den öffentlichen Schlüssel des Urhebers an, um die Signatur zu prüfen.',
  "{0} cannot be read as an EC key. Provide the maker's public key to check the signature.":
    '{0} ist nicht als EC-Schlüssel lesbar. Geben Sie den öffentlichen Schlüssel des Urhebers an, um die Signatur zu prüfen.',
  'The folder {0} does not exist.': 'Den Ordner {0} gibt es nicht.',
  '{0} is a file, not a bundle folder.': '{0} ist eine Datei, kein Ordner eines Pakets.',
  'Choose the folder that contains model.sig.': 'Wählen Sie den Ordner, der model.sig enthält.',
  'The records from which {0} must follow cannot all be read, so it cannot be told whether Atelier wrote it. Do not run it before that is mended.':
    'Die Aufzeichnungen, aus denen {0} folgen muss, sind nicht alle lesbar. Deshalb lässt sich nicht sagen, ob Atelier die Datei geschrieben hat. Führen Sie sie nicht aus, bevor das behoben ist.',
  'The folder holds {0}, which are not what an export of Atelier contains. Loading them can run whatever their maker put in. Load only the .safetensors files.':
    'Der Ordner enthält {0}, was nicht zu einem Export von Atelier gehört. Beim Laden kann alles ausgeführt werden, was der Urheber hineingelegt hat. Laden Sie nur die .safetensors-Dateien.',
  'signed run statement': 'signierte Aussage zum Lauf',
  'run statement': 'Aussage zum Lauf',
  'model card': 'Modellkarte',
  'licence files': 'Lizenzdateien',
  'licence text': 'Lizenztext',
  'licences to pass on': 'weiterzugebende Lizenzen',
  'audit log': 'Audit-Protokoll',
  'bill of materials': 'Stückliste',
  'SPDX document': 'SPDX-Dokument',
  'dataset description': 'Beschreibung des Datensatzes',
  'training summary': 'Zusammenfassung des Trainings',
  'words of the documents': 'Wörter der Dokumente',
  'key hint': 'Hinweis auf den Schlüssel',
};
