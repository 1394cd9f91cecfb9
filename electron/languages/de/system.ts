/** @file German: the studio as a whole, its doors and processes. */
import type { Catalogue } from '../template-index.ts';

export const system: Catalogue = {
  'Give either a run, a recipe or an experiment.': 'Geben Sie entweder einen Lauf, ein Rezept oder ein Experiment an.',
  'Use a number that is above {0}.': 'Verwenden Sie eine Zahl über {0}.',
  'Use a number that is at least {0}.': 'Verwenden Sie eine Zahl ab {0}.',
  'Use a number that is below {0}.': 'Verwenden Sie eine Zahl unter {0}.',
  'Use a number that is at most {0}.': 'Verwenden Sie eine Zahl bis {0}.',
  'Give it a value.': 'Geben Sie einen Wert an.',
  'Use a whole number.': 'Verwenden Sie eine ganze Zahl.',
  'Use a number.': 'Verwenden Sie eine Zahl.',
  'another value': 'einen anderen Wert',
  'a text': 'einen Text',
  'true or false': 'true oder false',
  'a list': 'eine Liste',
  'an object': 'ein Objekt',
  'of another kind': 'von anderer Art',
  'Use {0}.': 'Verwenden Sie {0}.',
  'Use at least {0} characters.': 'Verwenden Sie mindestens {0} Zeichen.',
  'Use at least {0} entries.': 'Verwenden Sie mindestens {0} Einträge.',
  'Use at most {0} characters.': 'Verwenden Sie höchstens {0} Zeichen.',
  'Use at most {0} entries.': 'Verwenden Sie höchstens {0} Einträge.',
  'Correct the value and try again.': 'Berichtigen Sie den Wert und versuchen Sie es erneut.',
  'Put "{0}" before it.': 'Setzen Sie „{0}“ davor.',
  'Put {0} into it.': 'Setzen Sie {0} ein.',
  'Use one of {0}.': 'Verwenden Sie einen dieser Werte: {0}.',
  'Correct its name, or leave it out.': 'Berichtigen Sie den Namen, oder lassen Sie das Feld weg.',
  'Correct the value and try again; nothing was changed.':
    'Berichtigen Sie den Wert und versuchen Sie es erneut; nichts wurde geändert.',
  'This was cancelled before it had finished.': 'Der Vorgang wurde abgebrochen, bevor er fertig war.',
  'Something went wrong inside Atelier ({0}): {1}': 'In Atelier ist etwas schiefgegangen ({0}): {1}',
  'The log {0} tells more; please report it.': 'Mehr steht im Protokoll {0}; bitte melden Sie es.',
  'The input {0} (and {1} more).': 'Die Eingabe {0} (und {1} weitere).',
  'The input {0}.': 'Die Eingabe {0}.',
  '"{0}" {1} (and {2} more).': '„{0}“ {1} (und {2} weitere).',
  'Atelier does not know a licence called "{0}".': 'Atelier kennt keine Lizenz namens „{0}“.',
  'Write its SPDX id, its usual name or its address (CC-BY-4.0, "CC BY 4.0"), LicenseRef-… for your own terms, or leave it empty if it is unknown.':
    'Geben Sie die SPDX-Kennung, den üblichen Namen oder die Adresse an (CC-BY-4.0, „CC BY 4.0“), LicenseRef-… für eigene Bedingungen, oder nichts, wenn sie unbekannt ist.',
  '{0} already exists. An export never overwrites anything.': '{0} gibt es schon. Ein Export überschreibt nie etwas.',
  '{0} already exists. A hand-off never overwrites anything.':
    '{0} gibt es schon. Ein Auftragsordner überschreibt nie etwas.',
  '{0} already exists. An export of answers never overwrites anything.':
    '{0} gibt es schon. Ein Export von Antworten überschreibt nie etwas.',
  'Choose a folder that does not exist yet.': 'Wählen Sie einen Ordner, den es noch nicht gibt.',
  '"{0}" does not say which folder the file goes to.': '„{0}“ sagt nicht, in welchen Ordner die Datei soll.',
  'Give the whole path, such as {0}, or begin it with ~/.':
    'Geben Sie den ganzen Pfad an, etwa {0}, oder beginnen Sie ihn mit ~/.',
  '{0} is not a file or folder of this machine.': '{0} ist keine Datei und kein Ordner dieses Rechners.',
  'Give its path, such as /home/me/pictures.': 'Geben Sie den Pfad an, etwa /home/me/pictures.',
  'Other users of this machine can read the data folder {0}. Use a folder of your own (--home), or close this one to others: chmod 700 {1}':
    'Andere Benutzer dieses Rechners können den Datenordner {0} lesen. Verwenden Sie einen eigenen Ordner (--home), oder schließen Sie diesen für andere: chmod 700 {1}',
  'Other users of this machine can read the data folder {0}, and Atelier may not change that. Close it to others: chmod 700 {1}':
    'Andere Benutzer dieses Rechners können den Datenordner {0} lesen, und Atelier darf das nicht ändern. Schließen Sie ihn für andere: chmod 700 {1}',
  'Other users of this machine could read the data folder {0}. Atelier has closed it to them (mode 0700).':
    'Andere Benutzer dieses Rechners konnten den Datenordner {0} lesen. Atelier hat ihn für sie geschlossen (Modus 0700).',
  'The data folder {0} can only be read. You can look at everything in it; nothing in it can be changed.':
    'Der Datenordner {0} kann nur gelesen werden. Sie können alles darin ansehen, aber nichts ändern.',
  'The dataset {0} has no sample {1}.': 'Im Datensatz {0} gibt es kein Beispiel {1}.',
  '{0}. Use a folder of your own (--home), or close this one to others: chmod 700 {1}':
    '{0}. Verwenden Sie einen eigenen Ordner (--home), oder schließen Sie diesen für andere: chmod 700 {1}',
  '{0}, and Atelier may not change that. Close it to others: chmod 700 {1}':
    '{0}, und Atelier darf das nicht ändern. Schließen Sie ihn für andere: chmod 700 {1}',
  'The data folder {0} cannot be written, so its window cannot open.':
    'In den Datenordner {0} kann nicht geschrieben werden, deshalb öffnet sich kein Fenster.',
  'Make it writable, or choose another one with --home=FOLDER. The command line can read it as it is.':
    'Geben Sie Schreibrechte, oder wählen Sie einen anderen Ordner mit --home=FOLDER. Die Befehlszeile kann ihn lesen, wie er ist.',
  'The studio cannot read this message.': 'Das Studio kann diese Nachricht nicht lesen.',
  'Host must be {0}.': 'Host muss {0} sein.',
  'Origin must be {0}.': 'Origin muss {0} sein.',
  'This address answers only its own page.': 'Diese Adresse antwortet nur ihrer eigenen Seite.',
  'Open Atelier with the address that `atelier serve` printed; it is good once. Start `atelier serve` again for a new one.':
    'Öffnen Sie Atelier mit der Adresse, die `atelier serve` ausgab; sie gilt einmal. Starten Sie `atelier serve` neu, um eine neue zu bekommen.',
  'The socket brings no key.': 'Die Verbindung bringt keinen Schlüssel mit.',
  'Port {0} cannot be used: another program has it, or it is reserved.':
    'Der Port {0} ist nicht verwendbar: Ein anderes Programm hat ihn, oder er ist reserviert.',
  'Choose another with --port, or leave --port out to take any free one.':
    'Wählen Sie mit --port einen anderen, oder lassen Sie --port weg, um irgendeinen freien zu nehmen.',
  'Atelier was closed before the picture was read.': 'Atelier wurde geschlossen, bevor das Bild gelesen war.',
  'The process that reads pictures could not start (exit status {0}).':
    'Der Prozess, der Bilder liest, konnte nicht starten (Status {0}).',
  'The process that reads pictures could not start (exit status {0}). It said: {1}':
    'Der Prozess, der Bilder liest, konnte nicht starten (Status {0}). Er meldete: {1}',
  'The process that reads pictures could not start (signal {0}).':
    'Der Prozess, der Bilder liest, konnte nicht starten (Signal {0}).',
  'The process that reads pictures could not start (signal {0}). It said: {1}':
    'Der Prozess, der Bilder liest, konnte nicht starten (Signal {0}). Er meldete: {1}',
  'Run `atelier doctor`; `npm run setup` builds what is missing.':
    'Führen Sie `atelier doctor` aus; `npm run setup` baut, was fehlt.',
  'is missing': 'fehlt',
  '{0} exists already. No backup was made.': '{0} gibt es schon. Es wurde keine Sicherung gemacht.',
  'The backup was cancelled. No file was written.':
    'Die Sicherung wurde abgebrochen. Es wurde keine Datei geschrieben.',
  'The image is missing.': 'Das Bild fehlt.',
  'The image is damaged: its bytes are not the ones that were imported.':
    'Das Bild ist beschädigt: Seine Bytes sind nicht die, die importiert wurden.',
  'The checkpoint is missing, or not the one that the run wrote.':
    'Der Checkpoint fehlt, oder er ist nicht der, den der Lauf geschrieben hat.',
  'The data folder {0} is not empty. Nothing was restored.':
    'Der Datenordner {0} ist nicht leer. Nichts wurde wiederhergestellt.',
  'Restore into another folder (--home), or add --replace: what is there now is then moved aside, and kept.':
    'Stellen Sie in einem anderen Ordner wieder her (--home), oder ergänzen Sie --replace: Dann wird, was jetzt da ist, beiseitegelegt und behalten.',
  'The restore was cancelled. Nothing was changed.': 'Das Wiederherstellen wurde abgebrochen. Nichts wurde geändert.',
  'Another Atelier has the data folder {0} open. Nothing was restored.':
    'Ein anderes Atelier hat den Datenordner {0} geöffnet. Nichts wurde wiederhergestellt.',
  'Close it and try again.': 'Schließen Sie es und versuchen Sie es erneut.',
  'The backup {0} was made by a newer Atelier. Nothing was restored.':
    'Die Sicherung {0} stammt von einem neueren Atelier. Nichts wurde wiederhergestellt.',
  'Update Atelier, and restore it then.': 'Aktualisieren Sie Atelier, und stellen Sie sie dann wieder her.',
  'The backup needs {0} bytes, and {1} has {2} free.': 'Die Sicherung braucht {0} Byte, und auf {1} sind {2} frei.',
  'Free some space on that disk, or restore into another data folder with --home.':
    'Schaffen Sie auf diesem Datenträger Platz, oder stellen Sie mit --home in einem anderen Datenordner wieder her.',
  '{0} is not a backup of Atelier ({1}).': '{0} ist keine Sicherung von Atelier ({1}).',
  'Name a file that "atelier backup" wrote.': 'Nennen Sie eine Datei, die „atelier backup“ geschrieben hat.',
  '"{0}" is missing': '„{0}“ fehlt',
  'its end is missing, as after a copy that was interrupted': 'ihr Ende fehlt, wie nach einer unterbrochenen Kopie',
  'its list of files cannot be read': 'ihre Dateiliste ist nicht lesbar',
  '"{0}" has changed': '„{0}“ hat sich geändert',
  '"{0}" cannot be read': '„{0}“ ist nicht lesbar',
  '"{0}" has another size': '„{0}“ hat eine andere Größe',
  '"{0}" cannot be unpacked': '„{0}“ lässt sich nicht entpacken',
  'the bytes of "{0}" have changed': 'die Bytes von „{0}“ haben sich geändert',
  'The backup {0} is damaged: {1}. Nothing was restored.':
    'Die Sicherung {0} ist beschädigt: {1}. Nichts wurde wiederhergestellt.',
  'Use another backup.': 'Verwenden Sie eine andere Sicherung.',
  'This Atelier has no set-up.': 'Dieses Atelier hat keine Einrichtung.',
  'Install Atelier again.': 'Installieren Sie Atelier neu.',
  'TensorFlow is being set up already.': 'TensorFlow wird schon eingerichtet.',
  'Wait until it is done.': 'Warten Sie, bis das fertig ist.',
  'Run `npm run setup`; it builds what is missing and says what it does.':
    'Führen Sie `npm run setup` aus; es baut, was fehlt, und sagt, was es tut.',
  'Training takes many times as long this way. Run `npm run setup`; it builds what is missing and says what it does.':
    'So dauert das Training um ein Vielfaches länger. Führen Sie `npm run setup` aus; es baut, was fehlt, und sagt, was es tut.',
  'Close other programs before training, or lower promptsPerStep.':
    'Schließen Sie vor dem Training andere Programme, oder senken Sie promptsPerStep.',
  'The studio opens in your browser instead (`npm start` or `atelier serve`). For a window of its own run `npx install-electron`.':
    'Das Studio öffnet sich stattdessen im Browser (`npm start` oder `atelier serve`). Für ein eigenes Fenster führen Sie `npx install-electron` aus.',
  'Free some space, or choose another folder with --home.':
    'Schaffen Sie Platz, oder wählen Sie mit --home einen anderen Ordner.',
  'The folder {0} is outside the folders that can be browsed here.':
    'Der Ordner {0} liegt außerhalb der Ordner, die sich hier durchsuchen lassen.',
  'Type its path instead.': 'Geben Sie stattdessen seinen Pfad ein.',
  'There is no folder {0}, or it may not be read.': 'Es gibt keinen Ordner {0}, oder er darf nicht gelesen werden.',
  'Choose another folder, or check the path.': 'Wählen Sie einen anderen Ordner, oder prüfen Sie den Pfad.',
  'Atelier is not allowed to read the folder {0}.': 'Atelier darf den Ordner {0} nicht lesen.',
  'Choose another folder, or change its permissions.': 'Wählen Sie einen anderen Ordner, oder ändern Sie seine Rechte.',
  'The engine was closed before it had finished.': 'Die Engine wurde geschlossen, bevor sie fertig war.',
  'asked about itself': 'Auskunft über sich geben',
  'writing GGUF files': 'GGUF-Dateien schreiben',
  'looking at an answer': 'eine Antwort ansehen',
  'The engine process stood still while it was {0}: it neither answered nor used the processor, so it was ended.':
    'Der Engine-Prozess stand still ({0}): Er antwortete nicht und verwendete den Prozessor nicht, deshalb wurde er beendet.',
  'The engine process stood still while it was {0}: it neither answered nor used the processor, so it was ended. The last step it reported was {1}.':
    'Der Engine-Prozess stand still ({0}): Er antwortete nicht und verwendete den Prozessor nicht, deshalb wurde er beendet. Der letzte gemeldete Schritt war {1}.',
  '{0} The engine was {1}.': '{0} Tätigkeit der Engine: {1}.',
  '{0} The engine was {1}. The last step it reported was {2}.':
    '{0} Tätigkeit der Engine: {1}. Der letzte gemeldete Schritt war {2}.',
  'The GPU was lost. The engine was {0}.': 'Die Grafikkarte ging verloren. Tätigkeit der Engine: {0}.',
  'The GPU was lost. The engine was {0}. The last step it reported was {1}.':
    'Die Grafikkarte ging verloren. Tätigkeit der Engine: {0}. Der letzte gemeldete Schritt war {1}.',
  'A run that was interrupted can be resumed from its last checkpoint. If it happens again, close other programs that use the GPU, or update its driver.':
    'Ein unterbrochener Lauf lässt sich ab seinem letzten Checkpoint fortsetzen. Geschieht es wieder, schließen Sie andere Programme, die die Grafikkarte verwenden, oder aktualisieren Sie deren Treiber.',
  ' The last step it reported was {0}.': ' Der letzte gemeldete Schritt war {0}.',
  ' The last line of its log: {0}': ' Die letzte Zeile des Protokolls: {0}',
  'The engine process ended while it was {0} (signal {1}).{2}{3}':
    'Der Engine-Prozess endete (Signal {1}). Tätigkeit: {0}.{2}{3}',
  'The engine process ended while it was {0} (exit status {1}).{2}{3}':
    'Der Engine-Prozess endete (Status {1}). Tätigkeit: {0}.{2}{3}',
  'The engine process ended while it was {0} (it could not be started).{1}{2}':
    'Der Engine-Prozess konnte nicht gestartet werden. Tätigkeit: {0}.{1}{2}',
  'The system probably ended it because memory ran out. Lower promptsPerStep, numGenerations or maxCompletionLength, then resume the run.':
    'Wahrscheinlich hat das System ihn beendet, weil der Arbeitsspeicher ausging. Senken Sie promptsPerStep, numGenerations oder maxCompletionLength, und setzen Sie den Lauf dann fort.',
  'Read the log named above and run `atelier doctor`; a run that was interrupted can be resumed from its last checkpoint.':
    'Lesen Sie das genannte Protokoll, und führen Sie `atelier doctor` aus; ein unterbrochener Lauf lässt sich ab seinem letzten Checkpoint fortsetzen.',
  'This is more than Atelier can hand to another of its processes at once (512 MiB).':
    'Das ist mehr, als Atelier einem anderen seiner Prozesse auf einmal übergeben kann (512 MiB).',
  'Use fewer samples or smaller pictures at once.': 'Verwenden Sie weniger Beispiele oder kleinere Bilder auf einmal.',
  'cannot be used: {0}': 'ist nicht verwendbar: {0}',
  'must be above {0}': 'muss über {0} liegen',
  'must be at least {0}': 'muss mindestens {0} sein',
  'must be below {0}': 'muss unter {0} liegen',
  'must be at most {0}': 'darf höchstens {0} sein',
  'must be a whole number': 'muss eine ganze Zahl sein',
  'must be a number': 'muss eine Zahl sein',
  'must be {0}': 'muss sein: {0}',
  'must not be empty': 'darf nicht leer sein',
  'must have at least {0} characters': 'muss mindestens {0} Zeichen haben',
  'must have at least {0} entries': 'muss mindestens {0} Einträge haben',
  'must have at most {0} characters': 'darf höchstens {0} Zeichen haben',
  'must have at most {0} entries': 'darf höchstens {0} Einträge haben',
  'has none of the forms that are allowed here': 'hat keine der hier erlaubten Formen',
  'must start with "{0}"': 'muss mit „{0}“ beginnen',
  'must contain {0}': 'muss {0} enthalten',
  'does not have the form that is needed here': 'hat nicht die hier nötige Form',
  'must be one of {0}': 'muss einer dieser Werte sein: {0}',
  'has a field that is not known: {0}': 'hat ein unbekanntes Feld: {0}',
  '{0} already exists. Writing the metrics of a run never overwrites anything.':
    '{0} gibt es schon. Das Schreiben der Messwerte eines Laufs überschreibt nie etwas.',
  'Data folder': 'Datenordner',
  'Image decoder': 'Bilddecoder',
  'not usable': 'nicht verwendbar',
  'not loaded; computing with WebAssembly {0}': 'nicht geladen; gerechnet wird mit WebAssembly {0}',
  'not loaded; computing with plain JavaScript {0}': 'nicht geladen; gerechnet wird mit reinem JavaScript {0}',
  '{0} (software)': '{0} (Software)',
  'tensors up to {0} GiB, buffers up to {1} GiB': 'Tensoren bis {0} GiB, Puffer bis {1} GiB',
  'all: {0}': 'alle: {0}',
  'in use': 'in Gebrauch',
  'not in use: {0}': 'nicht in Gebrauch: {0}',
  'not in use: ': 'nicht in Gebrauch: ',
  '{0} GiB free of {1} GiB': '{0} GiB frei von {1} GiB',
  'package {0} without its program': 'Paket {0} ohne sein Programm',
  '{0} ({1} GiB free)': '{0} ({1} GiB frei)',
  '{0} used by the engine, {1} available': '{0} in der Engine, {1} verfügbar',
  'not in use': 'nicht in Gebrauch',
  'sharp {0}, libvips {1}': 'sharp {0}, libvips {1}',
  'Own ops': 'Eigene Operationen',
  'GPU use': 'GPU-Nutzung',
  'a trial decides before the first run': 'ein Versuch entscheidet vor dem ersten Lauf',
  'weights of about {0}: GPU ({1})': 'Gewichte von etwa {0}: GPU ({1})',
  'weights of about {0}: processor ({1})': 'Gewichte von etwa {0}: Prozessor ({1})',
  'The GPU did not finish its trial in time.': 'Die GPU wurde mit ihrem Versuch nicht rechtzeitig fertig.',
  'The processor did not finish its trial in time.': 'Der Prozessor wurde mit seinem Versuch nicht rechtzeitig fertig.',
  'The trial on the processor failed: ': 'Der Versuch auf dem Prozessor ist gescheitert: ',
  'The trial on the processor failed: {0}': 'Der Versuch auf dem Prozessor ist gescheitert: {0}',
  'The trial on the GPU failed: ': 'Der Versuch auf der GPU ist gescheitert: ',
  'The trial on the GPU failed: {0}': 'Der Versuch auf der GPU ist gescheitert: {0}',
  'The GPU computed {0} where the processor computed {1}, so its driver is not trusted.':
    'Die GPU hat {0} berechnet, wo der Prozessor {1} berechnet hat; ihrem Treiber wird deshalb nicht getraut.',
  'A short step of training took {0} s on the GPU and {1} s on the processor. Taken again, steps on the GPU gave other bits, so a resumed run does not repeat.':
    'Ein kurzer Trainingsschritt dauerte {0} s auf der GPU und {1} s auf dem Prozessor. Noch einmal gerechnet, ergaben Schritte auf der GPU andere Bits; ein fortgesetzter Lauf wiederholt sich also nicht.',
  'A short step of training took {0} s on the GPU and {1} s on the processor.':
    'Ein kurzer Trainingsschritt dauerte {0} s auf der GPU und {1} s auf dem Prozessor.',
  'trying the device': 'mit dem Versuch auf dem Gerät beschäftigt',
  'in use, with {0}': 'in Gebrauch, mit {0}',
  '{0}=off is set.': '{0}=off ist gesetzt.',
  'They are made for Linux on x64.': 'Sie sind für Linux auf x64 gemacht.',
  'Set-up has not built them.': 'Die Einrichtung hat sie nicht gebaut.',
  'What set-up built is of another version.': 'Was die Einrichtung gebaut hat, ist von einer anderen Version.',
  'The file that set-up built is damaged.': 'Die Datei, die die Einrichtung gebaut hat, ist beschädigt.',
  'Run `npm run setup -- --retry`; it builds them again.':
    'Führen Sie `npm run setup -- --retry` aus; es baut sie neu.',
  'They cannot be loaded ({0}).': 'Sie lassen sich nicht laden ({0}).',
  'TensorFlow computes on a GPU.': 'TensorFlow rechnet auf einer Grafikkarte.',
  'Large models are faster with them: install a C++ compiler and make, and run `npm run setup -- --retry`.':
    'Große Modelle rechnen mit ihnen schneller: Installieren Sie einen C++-Compiler und make, und führen Sie `npm run setup -- --retry` aus.',
};
