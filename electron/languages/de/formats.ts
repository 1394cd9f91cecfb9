/** @file German: files of models and pictures. */
import type { Catalogue } from '../template-index.ts';

export const formats: Catalogue = {
  'The file {0}.': 'Die Datei {0}.',
  '{0} does not exist.': '{0} gibt es nicht.',
  '{0}/{1} does not exist.': '{0}/{1} gibt es nicht.',
  '{0}.part does not exist.': '{0}.part gibt es nicht.',
  'Put it back, or enter its new path.': 'Legen Sie es zurück, oder geben Sie den neuen Pfad ein.',
  'you do not have permission to read it; change that, or move it aside':
    'Ihnen fehlt das Recht, es zu lesen; ändern Sie das, oder verschieben Sie es',
  'it is a folder': 'es ist ein Ordner',
  'the system gives no reason': 'das System nennt keinen Grund',
  'the system answers {0}': 'das System antwortet {0}',
  '{0} cannot be read: {1}.': '{0} ist nicht lesbar: {1}.',
  '{0}/{1} cannot be read: {2}.': '{0}/{1} ist nicht lesbar: {2}.',
  '{0}.part cannot be read: {1}.': '{0}.part ist nicht lesbar: {1}.',
  'The disk is full: {0} cannot be written.': 'Der Datenträger ist voll: {0} kann nicht geschrieben werden.',
  'The disk is full: {0}.part cannot be written.': 'Der Datenträger ist voll: {0}.part kann nicht geschrieben werden.',
  'Free some disk space and try again.': 'Schaffen Sie Platz auf dem Datenträger, und versuchen Sie es erneut.',
  'its folder does not exist': 'der Ordner fehlt',
  'you do not have permission to write there': 'Ihnen fehlt das Recht, dort zu schreiben',
  '{0} cannot be written: {1}.': '{0} kann nicht geschrieben werden: {1}.',
  '{0}.part cannot be written: {1}.': '{0}.part kann nicht geschrieben werden: {1}.',
  'Choose another place.': 'Wählen Sie einen anderen Ort.',
  'it is a pipe or a device, not a file': 'es ist eine Pipe oder ein Gerät, keine Datei',
  '{0} has {1} bytes; at most {2} are read.': '{0} hat {1} Byte; höchstens {2} werden gelesen.',
  'Check that it is the right file.': 'Prüfen Sie, ob es die richtige Datei ist.',
  '{0} is not UTF-8 text.': '{0} ist kein UTF-8-Text.',
  '{0}/{1} is not UTF-8 text.': '{0}/{1} ist kein UTF-8-Text.',
  'Save the file again with UTF-8 encoding.': 'Speichern Sie die Datei neu in UTF-8.',
  '{0} has more than {1} objects and lists.': '{0} hat mehr als {1} Objekte und Listen.',
  '{0}/{1} has more than {2} objects and lists.': '{0}/{1} hat mehr als {2} Objekte und Listen.',
  'it is nested too deeply': 'es ist zu tief verschachtelt',
  'it ends in the middle of something': 'es endet mittendrin',
  'it has a mistake': 'es hat einen Fehler',
  'there is a mistake at character {0}{1}': 'bei Zeichen {0}{1} ist ein Fehler',
  '{0} is not JSON: {1}.': '{0} ist kein JSON: {1}.',
  '{0}/{1} is not JSON: {2}.': '{0}/{1} ist kein JSON: {2}.',
  '{0} does not contain a JSON object.': '{0} enthält kein JSON-Objekt.',
  '{0}/{1} does not contain a JSON object.': '{0}/{1} enthält kein JSON-Objekt.',
  'a number greater than zero': 'eine Zahl größer als null',
  'a whole number greater than zero': 'eine ganze Zahl größer als null',
  'a whole number': 'eine ganze Zahl',
  'a list of three numbers greater than zero': 'eine Liste aus drei Zahlen größer als null',
  'is not a JSON object': 'ist kein JSON-Objekt',
  'is nested too deeply, not {0}': 'ist zu tief verschachtelt, nicht {0}',
  'is {0}…, not {1}': 'ist {0}…, nicht {1}',
  'is {0}, not {1}': 'ist {0}, nicht {1}',
  'is {0}; at most {1} is supported': 'ist {0}; unterstützt wird höchstens {1}',
  'is nested too deeply, not whole numbers': 'ist zu tief verschachtelt, keine ganzen Zahlen',
  'is {0}…, not whole numbers': 'ist {0}…, keine ganzen Zahlen',
  'is {0}, not whole numbers': 'ist {0}, keine ganzen Zahlen',
  'is nested too deeply; only {0} is supported': 'ist zu tief verschachtelt; unterstützt wird nur {0}',
  'is {0}…; only {1} is supported': 'ist {0}…; unterstützt wird nur {1}',
  'is {0}; only {1} is supported': 'ist {0}; unterstützt wird nur {1}',
  'is set: {0}': 'ist gesetzt: {0}',
  'The file: "{0}" {1}.': 'Die Datei: „{0}“ {1}.',
  'An image of {0} × {1} pixels cannot be used.': 'Ein Bild von {0} × {1} Pixeln ist nicht verwendbar.',
  'An image of {0} × {1} pixels is too long and thin: the ratio of its sides must not exceed {2}.':
    'Ein Bild von {0} × {1} Pixeln ist zu lang und schmal: Das Verhältnis der Seiten darf {2} nicht überschreiten.',
  'Crop the image.': 'Beschneiden Sie das Bild.',
  '{0} describes a model of type "{1}"; Atelier supports {2} and {3}.':
    '{0} beschreibt ein Modell der Art „{1}“; Atelier unterstützt {2} und {3}.',
  '{0} describes a model of type "{1}"; Atelier supports {2} and .':
    '{0} beschreibt ein Modell der Art „{1}“; Atelier unterstützt {2}.',
  'The configuration describes a model of type "{0}"; Atelier supports {1} and {2}.':
    'Die Konfiguration beschreibt ein Modell der Art „{0}“; Atelier unterstützt {1} und {2}.',
  'The configuration describes a model of type "{0}"; Atelier supports {1} and .':
    'Die Konfiguration beschreibt ein Modell der Art „{0}“; Atelier unterstützt {1}.',
  '{0} (dense)': '{0} (dicht)',
  '{0}: "text_config" is missing, which describes the language model.':
    '{0}: „text_config“ fehlt, was das Sprachmodell beschreibt.',
  'The configuration: "text_config" is missing, which describes the language model.':
    'Die Konfiguration: „text_config“ fehlt, was das Sprachmodell beschreibt.',
  'Copy or download config.json of this checkpoint again.':
    'Kopieren oder laden Sie config.json dieses Checkpoints noch einmal.',
  '{0}: "eos_token_id" is missing, and there is no generation_config.json.':
    '{0}: „eos_token_id“ fehlt, und generation_config.json gibt es nicht.',
  '{0}: "eos_token_id" is missing, as it is in config.json.': '{0}: „eos_token_id“ fehlt, ebenso wie in config.json.',
  'Copy or download generation_config.json of this checkpoint again; it names the tokens that end an answer.':
    'Kopieren oder laden Sie generation_config.json dieses Checkpoints noch einmal; sie nennt die Token, die eine Antwort beenden.',
  'Choose a checkpoint of {0} or {1}.': 'Wählen Sie einen Checkpoint von {0} oder {1}.',
  'Choose a checkpoint of {0} or .': 'Wählen Sie einen Checkpoint von {0}.',
  'Use the checkpoint that it was made from, with weights in bfloat16, float16 or float32; its card names it.':
    'Verwenden Sie den Checkpoint, aus dem er entstand, mit Gewichten in bfloat16, float16 oder float32; seine Karte nennt ihn.',
  '{0} does not say how pictures are resized: it has no {1}, and no {2} with "image_processor".':
    '{0} sagt nicht, wie Bilder skaliert werden: Es fehlt {1}, und ein {2} mit „image_processor“.',
  'Copy the file from the page that the model came from, or write one with the limits it was trained with, such as {"min_pixels": {0}, "max_pixels": {1}}.':
    'Kopieren Sie die Datei von der Seite, von der das Modell stammt, oder schreiben Sie eine mit den Grenzen seines Trainings, etwa {"min_pixels": {0}, "max_pixels": {1}}.',
  'its header does not start with "{"': 'ihr Kopf beginnt nicht mit „{“',
  'its header describes more tensors than any model has': 'ihr Kopf beschreibt mehr Tensoren, als ein Modell hat',
  'its header is not JSON ({0})': 'ihr Kopf ist kein JSON ({0})',
  '__metadata__ is not an object': '__metadata__ ist kein Objekt',
  'metadata "{0}" is not a string': 'der Metadatenwert „{0}“ ist kein Text',
  'it has {0} bytes of data but describes {1}': 'sie hat {0} Byte Daten, beschreibt aber {1}',
  'it has only {0} bytes': 'sie hat nur {0} Byte',
  'its header would be {0} bytes long': 'ihr Kopf wäre {0} Byte lang',
  'it ends within its header': 'sie endet innerhalb ihres Kopfs',
  'it ends at byte {0}{1}': 'sie endet bei Byte {0}{1}',
  'it ends at byte {0}{1}{2}': 'sie endet bei Byte {0}{1}{2}',
  'it ends at byte {0}{1}{2}{3}': 'sie endet bei Byte {0}{1}{2}{3}',
  '{0} is not a usable safetensors file: {1}.': '{0} ist keine verwendbare safetensors-Datei: {1}.',
  '{0}/{1} is not a usable safetensors file: {2}.': '{0}/{1} ist keine verwendbare safetensors-Datei: {2}.',
  'Copy or download the file again. It may be incomplete.':
    'Kopieren oder laden Sie die Datei noch einmal. Sie ist vielleicht unvollständig.',
  'has no description': 'hat keine Beschreibung',
  'has the unknown type {0}': 'hat den unbekannten Typ {0}',
  'has the impossible shape {0}': 'hat die unmögliche Form {0}',
  'has impossible offsets {0}': 'hat unmögliche Positionen {0}',
  'takes {0} bytes where {1} [{2}] needs {3}': 'belegt {0} Byte, wo {1} [{2}] {3} braucht',
  'starts at byte {0} of the data instead of byte {1}': 'beginnt bei Byte {0} der Daten statt bei Byte {1}',
  'ends at byte {0} of the data, but the file has only {1}': 'endet bei Byte {0} der Daten, aber die Datei hat nur {1}',
  '{0}: tensor "{1}" {2}.': '{0}: Der Tensor „{1}“ {2}.',
  '{0}/{1}: tensor "{2}" {3}.': '{0}/{1}: Der Tensor „{2}“ {3}.',
  'Copy or download the file again. It may be damaged.':
    'Kopieren oder laden Sie die Datei noch einmal. Sie ist vielleicht beschädigt.',
  'The engine is out of memory: one array takes {0}.': 'Der Engine fehlt Arbeitsspeicher: Ein Feld braucht {0}.',
  'Close other programs, or choose a smaller model or less detail.':
    'Schließen Sie andere Programme, oder wählen Sie ein kleineres Modell oder weniger Details.',
  '{0}: tensor "{1}" is stored as {2}, which is not a supported float type.':
    '{0}: Der Tensor „{1}“ ist als {2} gespeichert, ein Gleitkommatyp, der nicht unterstützt wird.',
  '{0}/{1}: tensor "{2}" is stored as {3}, which is not a supported float type.':
    '{0}/{1}: Der Tensor „{2}“ ist als {3} gespeichert, ein Gleitkommatyp, der nicht unterstützt wird.',
  'Use a checkpoint whose weights are F32, F16 or BF16 (not quantised).':
    'Verwenden Sie einen Checkpoint mit Gewichten in F32, F16 oder BF16 (nicht quantisiert).',
  '{0} has no tensor "{1}".': '{0} hat keinen Tensor „{1}“.',
  '{0}/{1} has no tensor "{2}".': '{0}/{1} hat keinen Tensor „{2}“.',
  '{0} contains neither model.safetensors nor model.safetensors.index.json.':
    '{0} enthält weder model.safetensors noch model.safetensors.index.json.',
  'Choose the folder of a checkpoint in safetensors format.':
    'Wählen Sie den Ordner eines Checkpoints im Format safetensors.',
  '{0} has its weights in {1}, a Python pickle, which Atelier does not read.':
    '{0} hat seine Gewichte in {1}, einem Python-Pickle, das Atelier nicht liest.',
  'A pickle can run any program when it is opened. Save the model again in safetensors format.':
    'Ein Pickle kann beim Öffnen jedes Programm ausführen. Speichern Sie das Modell neu im Format safetensors.',
  '{0}: "weight_map" is not an object.': '{0}: „weight_map“ ist kein Objekt.',
  '{0}: tensor "{1}" should be in {2}, which is not a file in this folder.':
    '{0}: Der Tensor „{1}“ soll in {2} sein, was keine Datei in diesem Ordner ist.',
  '{0}: "weight_map" names no tensor.': '{0}: „weight_map“ nennt keinen Tensor.',
  '{0}: tensor "{1}" has {2} values for shape [{3}].': '{0}: Der Tensor „{1}“ hat {2} Werte für die Form [{3}].',
  '{0}: the tensor name "{1}" is invalid or used twice.': '{0}: Der Tensorname „{1}“ ist ungültig oder doppelt.',
  '{0}: the weights contain "{1}{2}" twice, under an old and a new name.':
    '{0}: Die Gewichte enthalten „{1}{2}“ zweimal, unter einem alten und einem neuen Namen.',
  '{0}: the weights contain "{1}" twice, under an old and a new name.':
    '{0}: Die Gewichte enthalten „{1}“ zweimal, unter einem alten und einem neuen Namen.',
  '{0}: tensor "{1}" is missing from the weights.': '{0}: In den Gewichten fehlt der Tensor „{1}“.',
  '{0}: tensor "{1}" has shape [{2}], but config.json requires [{3}].':
    '{0}: Der Tensor „{1}“ hat die Form [{2}], aber config.json verlangt [{3}].',
  '{0}: tensor "{1}" is stored as {2}, which is not a usable float type.':
    '{0}: Der Tensor „{1}“ ist als {2} gespeichert, was kein verwendbarer Gleitkommatyp ist.',
  '{0}: tensor "{1}" does not belong to this architecture.':
    '{0}: Der Tensor „{1}“ gehört nicht zu dieser Architektur.',
  'Check that config.json and the weights belong together.':
    'Prüfen Sie, ob config.json und die Gewichte zusammengehören.',
  '{0}: "{1}" is {2}, but the weights have only {3} tensors.':
    '{0}: „{1}“ ist {2}, aber die Gewichte haben nur {3} Tensoren.',
  '{0}: the weights are quantised with FP8 (tensor "{1}"), which Atelier does not read.':
    '{0}: Die Gewichte sind mit FP8 quantisiert (Tensor „{1}“), was Atelier nicht liest.',
  '{0}: the weights are quantised with {1} (tensor "{2}"), which Atelier does not read.':
    '{0}: Die Gewichte sind mit {1} quantisiert (Tensor „{2}“), was Atelier nicht liest.',
  '{0} contains no checkpoint files.': '{0} enthält keine Dateien eines Checkpoints.',
  '{0}: "{1}" holds the regular expression {2}, which cannot be read.':
    '{0}: „{1}“ enthält den regulären Ausdruck {2}, der nicht lesbar ist.',
  '{0}: "{1}" holds the regular expression {2}, which takes too long to match.':
    '{0}: „{1}“ enthält den regulären Ausdruck {2}, dessen Suche zu lange dauert.',
  '{0} stores its weights in adapter_model.bin, a Python pickle, which Atelier does not read.':
    '{0} speichert seine Gewichte in adapter_model.bin, einem Python-Pickle, das Atelier nicht liest.',
  'Save the adapter again in safetensors format.': 'Speichern Sie den Adapter neu im Format safetensors.',
  'is not part of a LoRA adapter': 'gehört nicht zu einem LoRA-Adapter',
  'means the same layer as "{0}"': 'meint dieselbe Ebene wie „{0}“',
  'has no matching lora_A': 'hat kein passendes lora_A',
  'has no matching lora_B': 'hat kein passendes lora_B',
  'has rank {0} where {1} says {2}': 'hat Rang {0}, wo {1} {2} sagt',
  '{0} contains no tensors.': '{0} enthält keine Tensoren.',
  '{0} changes {1}, and Atelier applies adapters to layers between them only.':
    '{0} ändert {1}, und Atelier wendet Adapter nur auf Ebenen dazwischen an.',
  'Train the adapter again without {0} in target_modules and modules_to_save, or merge it into its base model with PEFT and add the result as a model.':
    'Trainieren Sie den Adapter neu ohne {0} in target_modules und modules_to_save, oder führen Sie ihn mit PEFT in sein Basismodell ein und fügen Sie das Ergebnis als Modell hinzu.',
  'which the model does not have': 'die das Modell nicht hat',
  'which is [{0}] in the model': 'die im Modell [{0}] ist',
  '{0} adapts "{1}" as [{2}, {3}], which the model does not have.':
    '{0} passt „{1}“ als [{2}, {3}] an, was das Modell nicht hat.',
  '{0} adapts "{1}" as [{2}, {3}], which is [{4}] in the model.':
    '{0} passt „{1}“ als [{2}, {3}] an, was im Modell [{4}] ist.',
  'Use the adapter with the model it was trained on.':
    'Verwenden Sie den Adapter mit dem Modell, auf dem er trainiert wurde.',
  '{0} holds tensors that its target_modules does not cover, which PEFT would ignore: {1} and {2} more.':
    '{0} enthält Tensoren, die target_modules nicht umfasst und die PEFT übergehen würde: {1} und {2} weitere.',
  '{0} holds tensors that its target_modules does not cover, which PEFT would ignore: {1}.':
    '{0} enthält Tensoren, die target_modules nicht umfasst und die PEFT übergehen würde: {1}.',
  '{0} lacks tensors of layers that its target_modules covers: {1} and {2} more.':
    'In {0} fehlen Tensoren von Ebenen, die target_modules umfasst: {1} und {2} weitere.',
  '{0} lacks tensors of layers that its target_modules covers: {1}.':
    'In {0} fehlen Tensoren von Ebenen, die target_modules umfasst: {1}.',
  'Save the adapter again, completely. To use what is there, as PEFT would, pass --partial-adapter (partialAdapter).':
    'Speichern Sie den Adapter noch einmal vollständig. Um zu verwenden, was da ist, wie PEFT es täte, geben Sie --partial-adapter an (partialAdapter).',
  "The adapter's matrices of {0} do not have rank {1}.": 'Die Matrizen des Adapters von {0} haben nicht den Rang {1}.',
  'An adapter without weights cannot be written.': 'Ein Adapter ohne Gewichte lässt sich nicht schreiben.',
  '{0}: "chat_template" is neither a string nor a list with a default.':
    '{0}: „chat_template“ ist weder ein Text noch eine Liste mit einer Vorgabe.',
  '{0} has no chat template (chat_template.jinja, chat_template.json or tokenizer_config.json).':
    '{0} hat keine Chat-Vorlage (chat_template.jinja, chat_template.json oder tokenizer_config.json).',
  'Use an instruction-tuned checkpoint with its template.':
    'Verwenden Sie einen Instruct-Checkpoint mit seiner Vorlage.',
  '{0}: the chat template cannot be used: it is nested too deeply, or makes a text that is too long.':
    '{0}: Die Chat-Vorlage ist nicht verwendbar: Sie ist zu tief verschachtelt oder erzeugt einen zu langen Text.',
  '{0}: the chat template cannot be used: it uses something that Atelier does not know.':
    '{0}: Die Chat-Vorlage ist nicht verwendbar: Sie verwendet etwas, das Atelier nicht kennt.',
  '{0}: the chat template cannot be used: {1}.': '{0}: Die Chat-Vorlage ist nicht verwendbar: {1}.',
  'Use the template that came with the model.': 'Verwenden Sie die Vorlage, die mit dem Modell kam.',
  'it is nested too deeply, or describes more than can be read':
    'es ist zu tief verschachtelt oder beschreibt mehr, als sich lesen lässt',
  'its parts do not fit together': 'die Teile passen nicht zusammen',
  'is not a byte-pair (BPE) tokenizer': 'ist kein BPE-Tokenizer',
  'has no object "model.vocab"': 'hat kein Objekt „model.vocab“',
  'has no list of pairs "model.merges"': 'hat keine Liste von Paaren „model.merges“',
  'has no list "added_tokens"': 'hat keine Liste „added_tokens“',
  'has an entry in "added_tokens" that is not an object': 'hat in „added_tokens“ einen Eintrag, der kein Objekt ist',
  'has an added token without an id': 'hat ein zusätzliches Token ohne Kennung',
  'has an added token without a text': 'hat ein zusätzliches Token ohne Text',
  'has added tokens with more than {0} characters': 'hat zusätzliche Token mit mehr als {0} Zeichen',
  'has a decoder with a regular expression, which is not supported':
    'hat einen Decoder mit einem regulären Ausdruck, was nicht unterstützt wird',
  'has "added_tokens_decoder" that is not an object': 'hat „added_tokens_decoder“, das kein Objekt ist',
  'has an entry {0} in "added_tokens_decoder" without a text':
    'hat in „added_tokens_decoder“ einen Eintrag {0} ohne Text',
  'gives the id {0} to {1}, but {2} gives it to {3}': 'gibt {1} die Kennung {0}, aber {2} gibt sie {3}',
  'cannot be used: one of its parts has a form that Atelier does not know':
    'ist nicht verwendbar: Ein Teil hat eine Form, die Atelier nicht kennt',
  'gives the token {0} an id that is not a whole number below {1}':
    'gibt dem Token {0} eine Kennung, die keine ganze Zahl unter {1} ist',
  'has an entry in "normalizers" that is not an object': 'hat in „normalizers“ einen Eintrag, der kein Objekt ist',
  'has an entry in "pretokenizers" that is not an object': 'hat in „pretokenizers“ einen Eintrag, der kein Objekt ist',
  'has an entry in "decoders" that is not an object': 'hat in „decoders“ einen Eintrag, der kein Objekt ist',
  'makes a text much longer ("{0}" in "normalizers"), which is not supported':
    'macht einen Text viel länger („{0}“ in „normalizers“), was nicht unterstützt wird',
  'makes a text much longer ("{0}" in "pretokenizers"), which is not supported':
    'macht einen Text viel länger („{0}“ in „pretokenizers“), was nicht unterstützt wird',
  'makes a text much longer ("{0}" in "decoders"), which is not supported':
    'macht einen Text viel länger („{0}“ in „decoders“), was nicht unterstützt wird',
  'has "normalizers" that are not a list': 'hat „normalizers“, die keine Liste sind',
  'has "pretokenizers" that are not a list': 'hat „pretokenizers“, die keine Liste sind',
  'has "decoders" that are not a list': 'hat „decoders“, die keine Liste sind',
  'has more than {0} entries in "normalizers"': 'hat mehr als {0} Einträge in „normalizers“',
  'has more than {0} entries in "pretokenizers"': 'hat mehr als {0} Einträge in „pretokenizers“',
  'has more than {0} entries in "decoders"': 'hat mehr als {0} Einträge in „decoders“',
  'has no model': 'hat kein Modell',
  'has no token for a character of the text {0}': 'hat kein Token für ein Zeichen des Texts {0}',
  'Use the tokenizer files that came with the model.': 'Verwenden Sie die Tokenizer-Dateien, die mit dem Modell kamen.',
  'one of its parts has a form that Atelier does not know': 'ein Teil hat eine Form, die Atelier nicht kennt',
  'A text of {0} characters is too long: at most {1} are read.':
    'Ein Text von {0} Zeichen ist zu lang: Höchstens {1} werden gelesen.',
  '{0} was changed while the model was in use.': '{0} wurde geändert, während das Modell in Gebrauch war.',
  'Put the original file back, or load the model again.':
    'Legen Sie die ursprüngliche Datei zurück, oder laden Sie das Modell neu.',
  '{0} cannot be used: {1}.': '{0} ist nicht verwendbar: {1}.',
  'The file may be damaged, or made to do harm. Use the files that came with the model.':
    'Die Datei ist vielleicht beschädigt oder soll schaden. Verwenden Sie die Dateien, die mit dem Modell kamen.',
  'The model’s chat template has no place for a system prompt.':
    'Die Chat-Vorlage des Modells hat keinen Platz für einen System-Prompt.',
  'Leave the system prompt out, or put its words into the prompt template.':
    'Lassen Sie den System-Prompt weg, oder schreiben Sie ihn in die Prompt-Vorlage.',
  'its decoder ended with exit status {0}': 'sein Decoder endete mit Status {0}',
  'its decoder ended with signal {0}': 'sein Decoder endete mit Signal {0}',
  'it took longer than {0} seconds': 'es dauerte länger als {0} Sekunden',
  '{0} is not a complete, readable image ({1}).': '{0} ist kein vollständiges, lesbares Bild ({1}).',
  'The image is not a complete, readable image ({0}).': 'Das Bild ist kein vollständiges, lesbares Bild ({0}).',
  'Open it in an image editor and save it as PNG, JPEG or WebP, or leave it out.':
    'Öffnen Sie es in einem Bildprogramm und speichern Sie es als PNG, JPEG oder WebP, oder lassen Sie es weg.',
  'The image does not exist.': 'Das Bild gibt es nicht.',
  'did not decode to three channels': 'ergab beim Decodieren keine drei Kanäle',
  'has {0} × {1} pixels, above the limit of {2}': 'hat {0} × {1} Pixel, mehr als die Grenze von {2}',
  'is a file of the format "{0}", which is not supported': 'ist eine Datei im Format „{0}“, das nicht unterstützt wird',
  'has {0} bytes, far more than its pixels need': 'hat {0} Byte, weit mehr, als seine Pixel brauchen',
  'The image {0}.': 'Das Bild {0}.',
  'Make the image smaller. Models see far fewer pixels than that.':
    'Verkleinern Sie das Bild. Modelle sehen weit weniger Pixel.',
  'Develop it in the program that you use for raw files, and export it as JPEG or PNG.':
    'Entwickeln Sie es in Ihrem Programm für Rohdateien, und exportieren Sie es als JPEG oder PNG.',
  'Open it in Photos (macOS, Windows) or another image program and export it as JPEG; on an iPhone, set Camera > Formats to "Most Compatible" for new photographs.':
    'Öffnen Sie es in Fotos (macOS, Windows) oder einem anderen Bildprogramm und exportieren Sie es als JPEG; auf einem iPhone stellen Sie Kamera > Formate für neue Fotos auf „Maximale Kompatibilität“.',
  'Save it as PNG, JPEG or WebP.': 'Speichern Sie es als PNG, JPEG oder WebP.',
  '{0}: image_token_id {1} is not a special token of the tokenizer.':
    '{0}: image_token_id {1} ist kein besonderes Token des Tokenizers.',
  'Check that config.json, tokenizer.json and tokenizer_config.json belong together.':
    'Prüfen Sie, ob config.json, tokenizer.json und tokenizer_config.json zusammengehören.',
  'The tensor {0} has rows that {1} cannot hold.': 'Der Tensor {0} hat Zeilen, die {1} nicht fassen kann.',
  'it does not begin with "GGUF"': 'sie beginnt nicht mit „GGUF“',
  'it has version {0}, and only version {1} is known': 'sie hat Version {0}, und nur Version {1} ist bekannt',
  'it has "{0}" twice': 'sie hat „{0}“ zweimal',
  'it has the tensor "{0}" twice': 'sie hat den Tensor „{0}“ zweimal',
  'the tensor "{0}" has {1} dimensions': 'der Tensor „{0}“ hat {1} Dimensionen',
  'the tensor "{0}" has type {1}, which is not known here': 'der Tensor „{0}“ hat Typ {1}, der hier nicht bekannt ist',
  'the tensor "{0}" does not follow the one before it': 'der Tensor „{0}“ schließt nicht an den vorigen an',
  'it ends before its last tensor': 'sie endet vor ihrem letzten Tensor',
  '"{0}" has type {1}, which is not known here': '„{0}“ hat Typ {1}, der hier nicht bekannt ist',
  'it states the number {0}': 'sie nennt die Zahl {0}',
  'it would have {0} tensors': 'sie hätte {0} Tensoren',
  'it would have {0} entries of metadata': 'sie hätte {0} Einträge in den Metadaten',
  'it would have {0} values of "{1}"': 'sie hätte {0} Werte von „{1}“',
  'it has no tensor "{0}"': 'sie hat keinen Tensor „{0}“',
  '{0} is not a GGUF file that Atelier can read: {1}.': '{0} ist keine GGUF-Datei, die Atelier lesen kann: {1}.',
  'Export the run again.': 'Exportieren Sie den Lauf noch einmal.',
  'The {0} tower attends to the whole picture in the layers {1}, and llama.cpp can only compute every n-th.':
    'Der Bildteil von {0} betrachtet in den Schichten {1} das ganze Bild, und llama.cpp kann nur jede n-te rechnen.',
  'Export the model merged (--form merged).': 'Exportieren Sie das zusammengeführte Modell (--form merged).',
  'The tower sees {0} frames at a time, and llama.cpp can only compute 2.':
    'Der Bildteil sieht {0} Einzelbilder zugleich, und llama.cpp kann nur 2 rechnen.',
  '{0} splits text in a way that llama.cpp has no name for, so the model would read other tokens there.':
    '{0} zerlegt Text auf eine Weise, für die llama.cpp keinen Namen hat; das Modell läse dort andere Token.',
  'Export the model merged (--form merged), and convert it with llama.cpp’s own converter.':
    'Exportieren Sie das zusammengeführte Modell (--form merged), und wandeln Sie es mit dem Werkzeug von llama.cpp um.',
  'Unpacking was cancelled. Nothing was imported.': 'Das Entpacken wurde abgebrochen. Nichts wurde importiert.',
  '{0} links in the archive were skipped, because a link could lead anywhere.':
    '{0} Verknüpfungen im Archiv wurden übergangen, weil eine Verknüpfung überallhin führen kann.',
  '{0} archives inside the archive were not opened. If you need them, unpack them and import their folder.':
    '{0} Archive im Archiv wurden nicht geöffnet. Brauchen Sie sie, entpacken Sie sie und importieren Sie deren Ordner.',
  '{0} files in the archive share a name with an earlier one; only the first of each name was unpacked.':
    '{0} Dateien im Archiv heißen wie eine frühere; nur die erste jedes Namens wurde entpackt.',
  'changed while it was read': 'änderte sich, während es gelesen wurde',
  'holds {0} files, more than {1}': 'enthält {0} Dateien, mehr als {1}',
  'is protected by a password ("{0}")': 'ist mit einem Passwort geschützt („{0}“)',
  'contains a file whose path leads out of it ("{0}")': 'enthält eine Datei, deren Pfad herausführt („{0}“)',
  'is refused, because "{0}" would grow to {1} bytes from {2}: archives of pictures do not grow like that':
    'wird abgelehnt, weil „{0}“ von {2} auf {1} Byte wachsen würde: Archive von Bildern wachsen nicht so',
  'is refused, because it would grow to more than {0} bytes: archives of pictures do not grow like that':
    'wird abgelehnt, weil es auf mehr als {0} Byte wachsen würde: Archive von Bildern wachsen nicht so',
  'is refused, because its {0} bytes would grow to {1}: archives of pictures do not grow like that':
    'wird abgelehnt, weil seine {0} Byte auf {1} wachsen würden: Archive von Bildern wachsen nicht so',
  'cannot be read as a zip archive (its parts do not fit together)':
    'ist nicht als Zip-Archiv lesbar (seine Teile passen nicht zusammen)',
  'cannot be read as a zip archive ({0})': 'ist nicht als Zip-Archiv lesbar ({0})',
  'cannot be read as a zip archive ("{0}": its parts do not fit together)':
    'ist nicht als Zip-Archiv lesbar („{0}“: seine Teile passen nicht zusammen)',
  'cannot be read as a zip archive ("{0}": {1})': 'ist nicht als Zip-Archiv lesbar („{0}“: {1})',
  '{0} {1}. Nothing was imported.': '{0} {1}. Nichts wurde importiert.',
  'Wait until nothing is writing to it, then import again.':
    'Warten Sie, bis nichts mehr hineinschreibt, und importieren Sie dann noch einmal.',
  'Unpack it and import the folder.': 'Entpacken Sie es und importieren Sie den Ordner.',
  'If you trust it, unpack it and import the folder.':
    'Vertrauen Sie ihm, entpacken Sie es und importieren Sie den Ordner.',
  'is nested too deeply, not a list': 'ist zu tief verschachtelt, keine Liste',
  'is {0}…, not a list': 'ist {0}…, keine Liste',
  'is {0}, not a list': 'ist {0}, keine Liste',
  'holds nested too deeply; only {0} is supported': 'enthält zu tief Verschachteltes; unterstützt wird nur {0}',
  'holds {0}…; only {1} is supported': 'enthält {0}…; unterstützt wird nur {1}',
  'holds {0}; only {1} is supported': 'enthält {0}; unterstützt wird nur {1}',
  'Atelier does not write {0} for {1}, where it could not check the result.':
    'Atelier schreibt {0} nicht für {1}, denn es könnte das Ergebnis dort nicht prüfen.',
  'Export merged safetensors, and convert them with {0}.':
    'Exportieren Sie das zusammengeführte Modell als safetensors, und wandeln Sie es mit {0} um.',
};
