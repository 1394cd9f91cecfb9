/** @file German: exports. */
import type { Catalogue } from '../template-index.ts';

export const exports: Catalogue = {
  'The signing key of this data folder cannot be read. Nothing was signed.':
    'Der Signaturschlüssel dieses Datenordners ist nicht lesbar. Nichts wurde signiert.',
  'Restore keys/signing.pem from a copy, or move it away. Atelier then creates a new key, which others do not know yet.':
    'Stellen Sie keys/signing.pem aus einer Kopie wieder her, oder verschieben Sie die Datei. Dann erstellt Atelier einen neuen Schlüssel, den andere noch nicht kennen.',
  'The system’s keychain protects the signing key of this data folder, so only the desktop app can sign with it.':
    'Der Schlüsselbund des Systems schützt den Signaturschlüssel dieses Datenordners; nur die Desktop-App kann damit signieren.',
  'Export from the desktop app. You can verify bundles here.':
    'Exportieren Sie aus der Desktop-App. Pakete verifizieren können Sie hier.',
  'Other users of this machine may read the signing key {0}. Nothing was signed.':
    'Andere Benutzer dieses Rechners dürfen den Signaturschlüssel {0} lesen. Nichts wurde signiert.',
  'Run: chmod 600 {0} – or, if somebody may have copied it, move it away: Atelier then creates a new key.':
    'Führen Sie aus: chmod 600 {0} – oder verschieben Sie die Datei, wenn sie jemand kopiert haben kann: Dann erstellt Atelier einen neuen Schlüssel.',
  'The signing key {0} cannot be read.': 'Der Signaturschlüssel {0} ist nicht lesbar.',
  'Give your user permission to read it.': 'Geben Sie Ihrem Benutzer das Recht, ihn zu lesen.',
  'The {0} was cancelled. Nothing was written.': 'Der Vorgang ({0}) wurde abgebrochen. Nichts wurde geschrieben.',
  'The audit log is broken.': 'Das Audit-Protokoll ist unterbrochen.',
  'The recipe of {0} is not the one that the audit log names.':
    'Das Rezept von {0} ist nicht das, das im Audit-Protokoll steht.',
  'The evaluation {0} states {1} of {2} right, and its answers are {3} of {4}.':
    'Die Auswertung {0} nennt {1} von {2} richtig, und ihre Antworten ergeben {3} von {4}.',
  'The evaluation {0} states {1} of {2} right, and the audit log recorded {3} of {4}.':
    'Die Auswertung {0} nennt {1} von {2} richtig, und im Audit-Protokoll stehen {3} von {4}.',
  '{0} The store was changed outside Atelier.': '{0} Der Datenspeicher wurde außerhalb von Atelier verändert.',
  'Restore the data folder from a backup. Atelier does not sign what was changed.':
    'Stellen Sie den Datenordner aus einer Sicherung wieder her. Atelier signiert nichts Verändertes.',
  'The run "{0}" ({1}) is {2}, so its weights are still changing.':
    'Der Lauf „{0}“ ({1}) ist {2}, seine Gewichte ändern sich also noch.',
  'Wait until it is done or stop it, then export.':
    'Warten Sie, bis er fertig ist, oder stoppen Sie ihn; exportieren Sie dann.',
  'The run "{0}" ({1}) has not written a checkpoint, so there are no weights to export.':
    'Der Lauf „{0}“ ({1}) hat noch keinen Checkpoint geschrieben, es gibt also keine Gewichte zum Exportieren.',
  'Resume the run until it writes its first checkpoint.':
    'Setzen Sie den Lauf fort, bis er seinen ersten Checkpoint schreibt.',
  'The base model in {0} is not the one the run started from: its files have changed.':
    'Das Basismodell in {0} ist nicht das, von dem der Lauf ausging: Seine Dateien wurden verändert.',
  'Restore the original files. An export must not name a base model it was not trained on.':
    'Stellen Sie die ursprünglichen Dateien wieder her. Ein Export darf kein Basismodell nennen, auf dem nicht trainiert wurde.',
  'Restore the data folder from a copy. An export must not name data it was not trained on.':
    'Stellen Sie den Datenordner aus einer Kopie wieder her. Ein Export darf keine Daten nennen, mit denen nicht trainiert wurde.',
  'the base model and the images allow: {0}': 'Basismodell und Bilder erlauben: {0}',
  'publishing is blocked: {0}': 'Veröffentlichen ist nicht erlaubt: {0}',
  'publishing is not decided: {0}': 'über das Veröffentlichen ist nicht entschieden: {0}',
  'These weights cannot be published under "{0}": the base model and the images allow: {1}.':
    'Diese Gewichte lassen sich nicht unter „{0}“ veröffentlichen: Basismodell und Bilder erlauben: {1}.',
  'These weights cannot be published under "{0}": publishing is blocked: {1}.':
    'Diese Gewichte lassen sich nicht unter „{0}“ veröffentlichen: Veröffentlichen ist nicht erlaubt: {1}.',
  'These weights cannot be published under "{0}": publishing is not decided: {1}.':
    'Diese Gewichte lassen sich nicht unter „{0}“ veröffentlichen: Über das Veröffentlichen ist nicht entschieden: {1}.',
  'Choose a licence from that list, or export without one.':
    'Wählen Sie eine Lizenz aus dieser Liste, oder exportieren Sie ohne.',
  'The adapter has no weights.': 'Der Adapter hat keine Gewichte.',
  'Every B matrix of this adapter is zero: it changes nothing about the base model.':
    'Jede B-Matrix dieses Adapters ist null: Er ändert nichts am Basismodell.',
  '{0} of {1} layers of this adapter changes nothing, because its B matrix is zero.':
    '{0} von {1} Ebenen dieses Adapters ändert nichts, weil ihre B-Matrix null ist.',
  '{0} layer contains values that are not numbers, so the adapter cannot work.':
    '{0} Ebene enthält Werte, die keine Zahlen sind; der Adapter kann nicht funktionieren.',
  '{0} of {1} layers of this adapter change nothing, because their B matrix is zero.':
    '{0} von {1} Ebenen dieses Adapters ändern nichts, weil ihre B-Matrix null ist.',
  '{0} layers contain values that are not numbers, so the adapter cannot work.':
    '{0} Ebenen enthalten Werte, die keine Zahlen sind; der Adapter kann nicht funktionieren.',
  'The tensors have names that current loaders silently ignore. Write the adapter again.':
    'Die Tensoren haben Namen, die heutige Ladeprogramme stillschweigend übergehen. Schreiben Sie den Adapter neu.',
  'The weights {0} belong to the form gguf, and the form is {1}.':
    'Die Gewichte {0} gehören zur Form gguf, und die Form ist {1}.',
  'The weights {0} belong to the form gguf, and the form is bundle.':
    'Die Gewichte {0} gehören zur Form gguf, und die Form ist bundle.',
  'Choose the form gguf, or leave them out.': 'Wählen Sie die Form gguf, oder lassen Sie sie weg.',
  'The base model has no known hub id, so {0} names its folder on the machine where the adapter was trained. On another machine, change "base_model_name_or_path" there.':
    'Das Basismodell hat keine bekannte Hub-Kennung; {0} nennt deshalb seinen Ordner auf dem Rechner, auf dem der Adapter trainiert wurde. Ändern Sie auf einem anderen Rechner dort „base_model_name_or_path“.',
  'The licence text of {0} must be passed on with the weights, but LICENSES/ does not have it, because Atelier does not have it either. Unless base-model/ contains it, add it when you share the weights.':
    'Der Lizenztext von {0} muss mit den Gewichten weitergegeben werden, aber LICENSES/ hat ihn nicht, weil auch Atelier ihn nicht hat. Enthält base-model/ ihn nicht, legen Sie ihn bei, wenn Sie die Gewichte weitergeben.',
  'This folder contains only the weights, licence and credits. The full bundle of the same run also has the list of images, the recipe, the evaluation, the licence ledger and the audit log.':
    'Dieser Ordner enthält nur Gewichte, Lizenz und Namensnennungen. Das vollständige Paket desselben Laufs hat auch die Liste der Bilder, das Rezept, die Auswertung, die Rechteübersicht und das Audit-Protokoll.',
  'The export needs {0}, and the disk with {1} has {2} left.':
    'Der Export braucht {0}, und auf dem Datenträger mit {1} sind {2} frei.',
  'Free some space, or choose a folder on another disk.':
    'Schaffen Sie Platz, oder wählen Sie einen Ordner auf einem anderen Datenträger.',
  'The checkpoint {0} contains no weights (model.safetensors).':
    'Der Checkpoint {0} enthält keine Gewichte (model.safetensors).',
  'Everyone may use, change and sell it. They must keep notices and state changes; patents are granted.':
    'Alle dürfen es verwenden, ändern und verkaufen. Sie müssen Hinweise erhalten und Änderungen nennen; Patente sind eingeräumt.',
  'Everyone may use, change and sell it. They must keep the notice.':
    'Alle dürfen es verwenden, ändern und verkaufen. Sie müssen den Hinweis erhalten.',
  'Everyone may use, change and sell it. They must credit you.':
    'Alle dürfen es verwenden, ändern und verkaufen. Man muss Sie nennen.',
  'Everyone may use, change and sell it. They must credit you and publish what they make under the same licence.':
    'Alle dürfen es verwenden, ändern und verkaufen. Man muss Sie nennen und das Ergebnis unter derselben Lizenz veröffentlichen.',
  'Everyone may use and change it non-commercially. They must credit you.':
    'Alle dürfen es nicht kommerziell verwenden und ändern. Man muss Sie nennen.',
  'Everyone may use and change it non-commercially. They must credit you and publish what they make under the same licence.':
    'Alle dürfen es nicht kommerziell verwenden und ändern. Man muss Sie nennen und das Ergebnis unter derselben Lizenz veröffentlichen.',
  'You waive all rights. Nobody has to credit you.': 'Sie verzichten auf alle Rechte. Niemand muss Sie nennen.',
  'If you choose none, all rights stay reserved. LICENSE and the model card say so. You can choose later and export again.':
    'Wählen Sie keine, bleiben alle Rechte vorbehalten. Das sagen LICENSE und die Modellkarte. Sie können später wählen und noch einmal exportieren.',
  'Its terms are those of the base model.': 'Es gelten die Bedingungen des Basismodells.',
  'The text of a licence of the images or the base model, which asks for it.':
    'Der Text einer Lizenz der Bilder oder des Basismodells, die ihn verlangt.',
  'The vision tower, for llama.cpp.': 'Der Bildteil, für llama.cpp.',
  'The language model, for llama.cpp.': 'Das Sprachmodell, für llama.cpp.',
  'The adapter, in PEFT’s format; its header names run, recipe, data and records.':
    'Der Adapter im Format von PEFT; der Kopf nennt Lauf, Rezept, Daten und Belege.',
  'How Ollama starts the model: `ollama create NAME`.': 'Wie Ollama das Modell startet: `ollama create NAME`.',
  'What was found when the GGUF files were read back: tensors by type, and the largest error.':
    'Was beim Zurücklesen der GGUF-Dateien gefunden wurde: Tensoren nach Art und der größte Fehler.',
  'All weights; the header names run, recipe, data and records.':
    'Alle Gewichte; der Kopf nennt Lauf, Rezept, Daten und Belege.',
  'How pictures are resized, with the limit of pixels that training used.':
    'Wie Bilder skaliert werden, mit der Pixelgrenze des Trainings.',
  'How pictures and text become the model’s input, with the limit of pixels that training used.':
    'Wie Bilder und Text zur Eingabe des Modells werden, mit der Pixelgrenze des Trainings.',
  'The model card: what it was trained on, how, results, limits, credits.':
    'Die Modellkarte: womit und wie trainiert wurde, Ergebnisse, Grenzen, Namensnennungen.',
  'The licence that you chose for the weights, or that none was chosen.':
    'Die Lizenz, die Sie für die Gewichte gewählt haben, oder dass keine gewählt wurde.',
  'Licence, duties and credits, for people to read.': 'Lizenz, Pflichten und Namensnennungen zum Lesen.',
  'Every work in the images that were used: title, author, source, licence.':
    'Jedes Werk in den verwendeten Bildern: Titel, Urheber, Quelle, Lizenz.',
  'One line per image: hash, author, licence, signals, what it was used for and why.':
    'Eine Zeile je Bild: Hash, Urheber, Lizenz, Angaben, wofür es verwendet wurde und warum.',
  'Everything that defines the run.': 'Alles, was den Lauf bestimmt.',
  'The answers of base and tuned model, item by item.':
    'Die Antworten des Basis- und des trainierten Modells, Frage für Frage.',
  'What the licences permit, by which rule, because of which images.':
    'Was die Lizenzen erlauben, nach welcher Regel, wegen welcher Bilder.',
  'Which image taught the model: shares of the update, summed per author and licence.':
    'Welches Bild das Modell lehrte: Anteile am Update, summiert je Urheber und Lizenz.',
  'In-toto statement of the run with SLSA provenance.': 'In-toto-Aussage über den Lauf mit SLSA-Herkunft.',
  'The same statement in a signed envelope (DSSE), for verifiers of SLSA.':
    'Dieselbe Aussage in einem signierten Umschlag (DSSE), für Prüfprogramme von SLSA.',
  'CycloneDX bill of materials.': 'CycloneDX-Stückliste.',
  'SPDX 3 document with the AI and Dataset profiles.': 'SPDX-3-Dokument mit den Profilen AI und Dataset.',
  'The dataset in Croissant with responsible-AI fields.':
    'Der Datensatz in Croissant mit Feldern zu verantwortlicher KI.',
  'The summary of training content in the form of the EU template.':
    'Die Zusammenfassung der Trainingsinhalte nach der Vorlage der EU.',
  'The part of the audit log that concerns this run.': 'Der Teil des Audit-Protokolls, der diesen Lauf betrifft.',
  'The signed end of the audit log.': 'Das signierte Ende des Audit-Protokolls.',
  'The public key that signed the bundle.': 'Der öffentliche Schlüssel, der das Paket signiert hat.',
  'The OpenSSF Model Signing signature over every other file.':
    'Die Signatur nach OpenSSF Model Signing über jede andere Datei.',
  '{0} contains no documents of a run, so there is no chain to show.':
    '{0} enthält keine Dokumente eines Laufs, es gibt also keine Kette zu zeigen.',
  ' contains no documents of a run, so there is no chain to show.':
    ' enthält keine Dokumente eines Laufs, es gibt also keine Kette zu zeigen.',
  'Choose the folder of a full bundle. An adapter exported alone has no manifest.':
    'Wählen Sie den Ordner eines vollständigen Pakets. Ein allein exportierter Adapter hat kein Manifest.',
  'The system’s keychain cannot open the signing key. Nothing was signed.':
    'Der Schlüsselbund des Systems kann den Signaturschlüssel nicht öffnen. Nichts wurde signiert.',
  'Sign in as the user who created it, on the machine where it was created. Or move the file away: Atelier then creates a new key, which others do not know yet.':
    'Melden Sie sich auf dem Rechner, auf dem er entstand, als der Benutzer an, der ihn erstellt hat. Oder verschieben Sie die Datei: Dann erstellt Atelier einen neuen Schlüssel, den andere noch nicht kennen.',
  'This was not checked.': 'Das wurde nicht geprüft.',
  'Run {0}, step {1} ({2})': 'Lauf {0}, Schritt {1} ({2})',
  'Run {0}, step {1} (end not recorded)': 'Lauf {0}, Schritt {1} (Ende nicht aufgezeichnet)',
  'Base model': 'Basismodell',
  '{0} image': '{0} Bild',
  '{0} images': '{0} Bilder',
  'Audit log': 'Audit-Protokoll',
  'The samples of {0} are not the ones the run started with. The store was changed outside Atelier.':
    'Die Beispiele von {0} sind nicht die, mit denen der Lauf begann. Der Datenspeicher wurde außerhalb von Atelier verändert.',
  'Asks about one picture with transformers, as the run did.':
    'Fragt mit transformers nach einem Bild, wie der Lauf es tat.',
  'Asks about one picture with llama.cpp, as the run did.': 'Fragt mit llama.cpp nach einem Bild, wie der Lauf es tat.',
  'Makes the model in Ollama and asks about one picture.': 'Erstellt das Modell in Ollama und fragt nach einem Bild.',
  'The conversation that llama.cpp is given, as the run rendered it.':
    'Das Gespräch, das llama.cpp bekommt, wie der Lauf es schrieb.',
  'What was found when the merged weights were read back.':
    'Was beim Zurücklesen der verschmolzenen Gewichte gefunden wurde.',
  'What was found when the files for MLX were read back.': 'Was beim Zurücklesen der Dateien für MLX gefunden wurde.',
  'The model’s configuration, with every field that mlx-vlm asks for.':
    'Die Konfiguration des Modells, mit jedem Feld, das mlx-vlm verlangt.',
  'Asks about one picture with mlx-vlm, as the run did.': 'Fragt mit mlx-vlm nach einem Bild, wie der Lauf es tat.',
};
