/** @file German: the import of pictures and tables. */
import type { Catalogue } from '../template-index.ts';

export const imports: Catalogue = {
  'The file is too large to be searched for signals ({0} bytes).':
    'Die Datei ist zu groß, um nach Angaben durchsucht zu werden ({0} Byte).',
  'the image file': 'die Bilddatei',
  'the question': 'die Frage',
  'the answer': 'die Antwort',
  'the task': 'die Aufgabe',
  'the split': 'die Aufteilung',
  'the licence': 'die Lizenz',
  'the author': 'der Urheber',
  'the source': 'die Quelle',
  'the title of the picture': 'der Titel des Bildes',
  '{0} has no column "{1}" for {2}. The columns are: {3}.': '{0} hat keine Spalte „{1}“ ({2}). Die Spalten sind: {3}.',
  'Name one of these columns as the column of {0}.': 'Nennen Sie eine dieser Spalten für: {0}.',
  'No column of {0} could be recognised as {1}. The columns are: {2}.':
    'In {0} ist keine Spalte als {1} zu erkennen. Die Spalten sind: {2}.',
  'Say which column holds the question, or give one question for all images.':
    'Sagen Sie, welche Spalte die Frage enthält, oder stellen Sie allen Bildern eine Frage.',
  'Say which column holds {0}, or call it "{1}".':
    'Sagen Sie, in welcher Spalte dies steht: {0}. Oder nennen Sie sie „{1}“.',
  'Say which column holds {0}, or call it "".': 'Sagen Sie, in welcher Spalte dies steht: {0}. Oder nennen Sie sie „“.',
  'The column "{0}" is empty.': 'Die Spalte „{0}“ ist leer.',
  'The row has {0} pictures; Atelier trains on one picture per question.':
    'Die Zeile hat {0} Bilder; Atelier trainiert mit einem Bild je Frage.',
  'The column "{0}" holds an object that is neither an image nor the name of one.':
    'Die Spalte „{0}“ enthält ein Objekt, das weder ein Bild noch der Name eines Bildes ist.',
  'The image is a data: address that is not encoded as base64.':
    'Das Bild ist eine data:-Adresse, die nicht als base64 codiert ist.',
  "The text holds {0}, which a model's tokenizer does not read as text. Remove it; the picture is put in by itself.":
    'Der Text enthält {0}, was der Tokenizer eines Modells nicht als Text liest. Entfernen Sie es; das Bild wird von selbst eingesetzt.',
  'This row has fewer values than the header has columns. {0}':
    'Diese Zeile hat weniger Werte, als die Kopfzeile Spalten hat. {0}',
  'The conversation holds no question that is followed by an answer.':
    'Das Gespräch enthält keine Frage, auf die eine Antwort folgt.',
  'The conversation holds neither a question with its answer nor a single question.':
    'Das Gespräch enthält weder eine Frage mit Antwort noch eine einzelne Frage.',
  'The question shows <image> {0} times, but a row has one picture; Atelier trains on one picture per question.':
    'Die Frage zeigt <image> {0}-mal, aber eine Zeile hat ein Bild; Atelier trainiert mit einem Bild je Frage.',
  'The question holds nothing but <image>.': 'Die Frage enthält nichts als <image>.',
  'The column "{0}" holds {1} values instead of one.': 'Die Spalte „{0}“ enthält {1} Werte statt einem.',
  'The column "{0}" holds an object instead of text.': 'Die Spalte „{0}“ enthält ein Objekt statt eines Texts.',
  'The conversation holds no answer.': 'Das Gespräch enthält keine Antwort.',
  'There is nothing between the <answer> tags.': 'Zwischen den <answer>-Tags steht nichts.',
  'The task "" is not one of {0}; choose one for the whole import, or correct the column.':
    'Die Aufgabe „“ ist keine von {0}; wählen Sie eine für den ganzen Import, oder berichtigen Sie die Spalte.',
  'The task "{0}" is not one of {1}; choose one for the whole import, or correct the column.':
    'Die Aufgabe „{0}“ ist keine von {1}; wählen Sie eine für den ganzen Import, oder berichtigen Sie die Spalte.',
  'The split "" is neither train nor test.': 'Die Aufteilung „“ ist weder train noch test.',
  'The split "{0}" is neither train nor test.': 'Die Aufteilung „{0}“ ist weder train noch test.',
  'The file {0} went away while it was read.': 'Die Datei {0} verschwand, während sie gelesen wurde.',
  'The import was cancelled. Nothing was imported.': 'Der Import wurde abgebrochen. Nichts wurde importiert.',
  'Start it again when you like.': 'Beginnen Sie ihn neu, wann Sie möchten.',
  '"{0}" is an address; Atelier uses no network. Save the image into the folder of the table.':
    '„{0}“ ist eine Adresse; Atelier verwendet kein Netz. Speichern Sie das Bild im Ordner der Tabelle.',
  '"{0}… ({1} characters in all)" is an address; Atelier uses no network. Save the image into the folder of the table.':
    '„{0}… ({1} Zeichen insgesamt)“ ist eine Adresse; Atelier verwendet kein Netz. Speichern Sie das Bild im Ordner der Tabelle.',
  '"{0}" is on another machine; Atelier uses no network. Save the image into the folder of the table.':
    '„{0}“ liegt auf einem anderen Rechner; Atelier verwendet kein Netz. Speichern Sie das Bild im Ordner der Tabelle.',
  '"{0}… ({1} characters in all)" is on another machine; Atelier uses no network. Save the image into the folder of the table.':
    '„{0}… ({1} Zeichen insgesamt)“ liegt auf einem anderen Rechner; Atelier verwendet kein Netz. Speichern Sie das Bild im Ordner der Tabelle.',
  'The name of the image holds a zero character.': 'Der Name des Bildes enthält ein Nullzeichen.',
  '"{0}" leads out of the folder of the table, so it is not read.':
    '„{0}“ führt aus dem Ordner der Tabelle heraus und wird deshalb nicht gelesen.',
  '"{0}… ({1} characters in all)" leads out of the folder of the table, so it is not read.':
    '„{0}… ({1} Zeichen insgesamt)“ führt aus dem Ordner der Tabelle heraus und wird deshalb nicht gelesen.',
  '"{0}" cannot be read: you do not have permission for it or its folder.':
    '„{0}“ ist nicht lesbar: Ihnen fehlt die Berechtigung dafür oder für den Ordner.',
  '"{0}… ({1} characters in all)" cannot be read: you do not have permission for it or its folder.':
    '„{0}… ({1} Zeichen insgesamt)“ ist nicht lesbar: Ihnen fehlt die Berechtigung dafür oder für den Ordner.',
  'There is no file "{0}" in {1}, nor in its subfolder "images".':
    'In {1} und im Unterordner „images“ gibt es keine Datei „{0}“.',
  'There is no file "{0}" in {1} or {2}, nor in its subfolder "images".':
    'In {1}, in {2} und im Unterordner „images“ gibt es keine Datei „{0}“.',
  'There is no file "{0}… ({1} characters in all)" in {2}, nor in its subfolder "images".':
    'In {2} und im Unterordner „images“ gibt es keine Datei „{0}… ({1} Zeichen insgesamt)“.',
  'There is no file "{0}… ({1} characters in all)" in {2} or {3}, nor in its subfolder "images".':
    'In {2}, in {3} und im Unterordner „images“ gibt es keine Datei „{0}… ({1} Zeichen insgesamt)“.',
  '{0} is not a table: it does not end in .jsonl, .json, .csv, .tsv, .parquet or .zip.':
    '{0} ist keine Tabelle: Der Name endet nicht auf .jsonl, .json, .csv, .tsv, .parquet oder .zip.',
  'Give the folder of the images with a metadata.jsonl or metadata.csv in it, such a table itself, or a zip.':
    'Nennen Sie den Ordner der Bilder mit einer metadata.jsonl oder metadata.csv darin, eine solche Tabelle selbst oder ein Zip-Archiv.',
  "{0} is named after a split, but was imported by itself, so its rows are split like any others. To keep the name's split, import the folder.":
    '{0} ist nach einem Teil benannt, wurde aber allein importiert; die Zeilen wurden deshalb wie alle anderen aufgeteilt. Soll der Name gelten, importieren Sie den Ordner.',
  'The folder has both {0}; {1} was read.': 'Im Ordner gibt es {0} nebeneinander; {1} wurde gelesen.',
  'The folder has both {0};  was read.': 'Im Ordner gibt es {0} nebeneinander;  wurde gelesen.',
  '{0} was read; {1} was not.': '{0} wurde gelesen; {1} nicht.',
  '{0} holds no table "{1}".': 'In {0} gibt es keine Tabelle „{1}“.',
  'It holds no table.': 'Es ist keine Tabelle darin.',
  'It holds: {0}.': 'Darin sind: {0}.',
  'The folder {0} has no table and no image; Atelier does not know what to read.':
    'Der Ordner {0} hat keine Tabelle und kein Bild; Atelier weiß nicht, was es lesen soll.',
  'The folder {0} has {1} tables ({2}, …); Atelier does not know what to read.':
    'Der Ordner {0} hat {1} Tabellen ({2}, …); Atelier weiß nicht, welche es lesen soll.',
  'The folder {0} has {1} tables ({2}); Atelier does not know what to read.':
    'Der Ordner {0} hat {1} Tabellen ({2}); Atelier weiß nicht, welche es lesen soll.',
  'Put a metadata.jsonl or metadata.csv into it, one row per question: image file, question, answer.':
    'Legen Sie eine metadata.jsonl oder metadata.csv hinein, eine Zeile je Frage: Bilddatei, Frage, Antwort.',
  'Say which table is meant, or name it metadata.jsonl or metadata.csv.':
    'Sagen Sie, welche Tabelle gemeint ist, oder nennen Sie sie metadata.jsonl oder metadata.csv.',
  'There is no folder or file {0}.': 'Es gibt keinen Ordner und keine Datei {0}.',
  'Check the path; a path with spaces needs quotes on the command line.':
    'Prüfen Sie den Pfad; in der Befehlszeile gehört ein Pfad mit Leerzeichen in Anführungszeichen.',
  '{0} is neither a folder nor a file ({1}).': '{0} ist weder ein Ordner noch eine Datei ({1}).',
  '{0} was not read, because no column of it names an image; the images and their folders were read instead.':
    '{0} wurde nicht gelesen, weil keine Spalte ein Bild nennt; stattdessen wurden die Bilder und ihre Ordner gelesen.',
  '{0} has no rows.': '{0} hat keine Zeilen.',
  '{0} changed while it was read. Nothing was imported.':
    '{0} änderte sich, während es gelesen wurde. Nichts wurde importiert.',
  'Wait until nothing writes to it and import again.':
    'Warten Sie, bis nichts mehr hineinschreibt, und importieren Sie noch einmal.',
  'The same image with the same question as in row {0}.': 'Dasselbe Bild mit derselben Frage wie in Zeile {0}.',
  'The same image with the same question as in row {0}, yet with another answer ("{1}" instead of "{2}").':
    'Dasselbe Bild mit derselben Frage wie in Zeile {0}, aber mit einer anderen Antwort („{1}“ statt „{2}“).',
  'The same image is in the split "{0}" in row {1}; an image that is trained on cannot test.':
    'Dasselbe Bild ist in Zeile {1} im Teil „{0}“; womit trainiert wird, lässt sich nicht testen.',
  'The source holds only training data; {0} % of it is held out for testing.':
    'Die Quelle enthält nur Trainingsdaten; {0} % davon werden zum Testen zurückgehalten.',
  "The table's own split was not used: the samples were split by {0}.":
    'Die Aufteilung der Tabelle wurde nicht verwendet: Die Beispiele wurden nach {0} aufgeteilt.',
  '{0} of {1} rows has nothing in "{2}"; each such image counts as a group of its own.':
    '{0} von {1} Zeilen hat nichts in „{2}“; jedes solche Bild zählt als eigene Gruppe.',
  '{0} of {1} rows have nothing in "{2}"; each such image counts as a group of its own.':
    '{0} von {1} Zeilen haben nichts in „{2}“; jedes solche Bild zählt als eigene Gruppe.',
  'Everything has the same "{0}", so nothing could be held out.':
    'Alles hat dasselbe „{0}“, deshalb konnte nichts zurückgehalten werden.',
  '{0} and {1} more': '{0} und {1} weitere',
  'A very similar image says no to training, although these bytes say nothing: 1 image ({0} and {1} more). Look whether they are copies; nothing was left out for this.':
    'Ein sehr ähnliches Bild widerspricht dem Training, obwohl diese Dateien nichts sagen: 1 Bild ({0} und {1} weitere). Sehen Sie nach, ob es Kopien sind; deswegen wurde nichts ausgelassen.',
  'A very similar image says no to training, although these bytes say nothing: 1 image ({0}). Look whether they are copies; nothing was left out for this.':
    'Ein sehr ähnliches Bild widerspricht dem Training, obwohl diese Dateien nichts sagen: 1 Bild ({0}). Sehen Sie nach, ob es Kopien sind; deswegen wurde nichts ausgelassen.',
  'A very similar image says no to training, although these bytes say nothing: {0} images ({1} and {2} more). Look whether they are copies; nothing was left out for this.':
    'Ein sehr ähnliches Bild widerspricht dem Training, obwohl diese Dateien nichts sagen: {0} Bilder ({1} und {2} weitere). Sehen Sie nach, ob es Kopien sind; deswegen wurde nichts ausgelassen.',
  'A very similar image says no to training, although these bytes say nothing: {0} images ({1}). Look whether they are copies; nothing was left out for this.':
    'Ein sehr ähnliches Bild widerspricht dem Training, obwohl diese Dateien nichts sagen: {0} Bilder ({1}). Sehen Sie nach, ob es Kopien sind; deswegen wurde nichts ausgelassen.',
  '1 image held out for the test looks like an image that trains: a test on them may say too much. Splitting anew keeps similar images together.':
    '1 zum Testen zurückgehaltenes Bild sieht aus wie ein Trainingsbild: Ein Test damit kann zu viel versprechen. Eine neue Aufteilung hält ähnliche Bilder zusammen.',
  '1 image held out for the test look like an image that trains: a test on them may say too much. Splitting anew keeps similar images together.':
    '1 zum Testen zurückgehaltenes Bild sieht aus wie ein Trainingsbild: Ein Test damit kann zu viel versprechen. Eine neue Aufteilung hält ähnliche Bilder zusammen.',
  '{0} images held out for the test looks like an image that trains: a test on them may say too much. Splitting anew keeps similar images together.':
    '{0} zum Testen zurückgehaltene Bilder sehen aus wie ein Trainingsbild: Ein Test damit kann zu viel versprechen. Eine neue Aufteilung hält ähnliche Bilder zusammen.',
  '{0} images held out for the test look like an image that trains: a test on them may say too much. Splitting anew keeps similar images together.':
    '{0} zum Testen zurückgehaltene Bilder sehen aus wie ein Trainingsbild: Ein Test damit kann zu viel versprechen. Eine neue Aufteilung hält ähnliche Bilder zusammen.',
  '1 image looks like an earlier one, such as {0}.': '1 Bild sieht aus wie ein früheres, etwa {0}.',
  '1 image look like an earlier one, such as {0}.': '1 Bild sieht aus wie ein früheres, etwa {0}.',
  '{0} images looks like an earlier one, such as {1}.': '{0} Bilder sehen aus wie ein früheres, etwa {1}.',
  '{0} images look like an earlier one, such as {1}.': '{0} Bilder sehen aus wie ein früheres, etwa {1}.',
  'Numbers have a decimal comma, as you said: 1 answer now have a point, such as {0} for "{1}". The table\'s own text is kept with the sample.':
    'Zahlen haben ein Dezimalkomma, wie Sie angaben: 1 Antwort hat jetzt einen Punkt, etwa {0} für „{1}“. Der Text der Tabelle bleibt beim Beispiel erhalten.',
  'Numbers have a decimal comma, as you said: {0} answers now have a point, such as {1} for "{2}". The table\'s own text is kept with the sample.':
    'Zahlen haben ein Dezimalkomma, wie Sie angaben: {0} Antworten haben jetzt einen Punkt, etwa {1} für „{2}“. Der Text der Tabelle bleibt beim Beispiel erhalten.',
  '"{0}" is read as {1}, because the table writes decimals with a point ("{2}" in row {3}).':
    '„{0}“ wird als {1} gelesen, weil die Tabelle Dezimalzahlen mit Punkt schreibt („{2}“ in Zeile {3}).',
  'Say how the table writes numbers: --numbers as-written, or --numbers decimal-comma.':
    'Sagen Sie, wie die Tabelle Zahlen schreibt: --numbers as-written oder --numbers decimal-comma.',
  '"{0}" may be {1} or {2}. Say how the table writes numbers.':
    '„{0}“ kann {1} oder {2} sein. Sagen Sie, wie die Tabelle Zahlen schreibt.',
  '1 image: {0}': '1 Bild: {0}',
  '{0} images: {1}': '{0} Bilder: {1}',
  'Opted out of training, so imported but left out of training and evaluation: {0}.':
    'Widerspricht dem Training, deshalb importiert, aber von Training und Auswertung ausgeschlossen: {0}.',
  'Nothing is known about training on them, so they wait for your decision and are left out until then: {0}.':
    'Über das Training damit ist nichts bekannt; sie warten auf Ihre Entscheidung und bleiben bis dahin ausgeschlossen: {0}.',
  'Nothing is known about training on them, so they are left out of training and evaluation: {0}.':
    'Über das Training damit ist nichts bekannt; sie bleiben von Training und Auswertung ausgeschlossen: {0}.',
  'Something about rights is there but cannot be read, so it is not taken for a permission, in {0}.':
    'Angaben zu Rechten sind vorhanden, aber nicht lesbar, und gelten deshalb nicht als Erlaubnis: {0}.',
  'Made, wholly or in part, by a trained model, as their metadata say: {0}.':
    'Ganz oder teilweise von einem trainierten Modell erzeugt, laut Metadaten: {0}.',
  'The table names no licence; it was read from the metadata of {0}.':
    'Die Tabelle nennt keine Lizenz; sie stammt aus den Metadaten: {0}.',
  'The table names no author; the name was read from the metadata of {0}.':
    'Die Tabelle nennt keinen Urheber; der Name stammt aus den Metadaten: {0}.',
  'The metadata state licence terms that Atelier does not understand, so read them yourself; until then they count as unknown, in {0}.':
    'Die Metadaten nennen Lizenzbedingungen, die Atelier nicht versteht. Lesen Sie diese selbst; bis dahin gelten sie als unbekannt: {0}.',
  'The licence you gave for rows without one was not used where the metadata state another, in {0}.':
    'Ihre Lizenz für Zeilen ohne Lizenz wurde nicht verwendet, wo die Metadaten eine andere nennen: {0}.',
  'The author you gave for rows without one was not used where the metadata name another, in {0}.':
    'Ihr Urheber für Zeilen ohne Urheber wurde nicht verwendet, wo die Metadaten einen anderen nennen: {0}.',
  'The metadata name different licences, and the stricter one counts, in {0}.':
    'Die Metadaten nennen verschiedene Lizenzen, und die strengere gilt: {0}.',
  "The table's licence stands, but the metadata name another one, in {0}.":
    'Die Lizenz der Tabelle gilt, aber die Metadaten nennen eine andere: {0}.',
  "The table's author stands, but the metadata name another one, in {0}.":
    'Der Urheber der Tabelle gilt, aber die Metadaten nennen einen anderen: {0}.',
  'What “{0}” says, for example: {1}': 'Was „{0}“ zum Beispiel sagt: {1}',
  'Every training sample is left out by the words of its image: nothing can be trained on this dataset as it is.':
    'Jedes Trainingsbeispiel ist durch die Angaben in seinem Bild ausgeschlossen: Mit diesem Datensatz kann so nichts trainiert werden.',
  'Every training sample is left out by its table or by the words of its image: nothing can be trained on this dataset as it is.':
    'Alle Trainingsbeispiele bleiben außen vor, wegen ihrer Tabelle oder wegen der Angaben ihrer Bilder: Mit diesem Datensatz lässt sich so nichts trainieren.',
  'Every training sample is left out by its table: nothing can be trained on this dataset as it is. {0}':
    'Alle Trainingsbeispiele bleiben wegen ihrer Tabelle außen vor: Mit diesem Datensatz lässt sich so nichts trainieren. {0}',
  'Every training sample is left out: nothing can be trained on this dataset until you decide about its images.':
    'Jedes Trainingsbeispiel ist ausgelassen: Mit diesem Datensatz kann nichts trainiert werden, bis Sie über seine Bilder entscheiden.',
  'Licences were read in their SPDX form (1 row): {0} and {1} more.':
    'Lizenzen wurden in ihrer SPDX-Form gelesen (1 Zeile): {0} und {1} weitere.',
  'Licences were read in their SPDX form (1 row): {0}.': 'Lizenzen wurden in ihrer SPDX-Form gelesen (1 Zeile): {0}.',
  'Licences were read in their SPDX form ({0} rows): {1} and {2} more.':
    'Lizenzen wurden in ihrer SPDX-Form gelesen ({0} Zeilen): {1} und {2} weitere.',
  'Licences were read in their SPDX form ({0} rows): {1}.':
    'Lizenzen wurden in ihrer SPDX-Form gelesen ({0} Zeilen): {1}.',
  'Other columns ask for more than the licence column, and the stricter counts (1 row): {0} and {1} more.':
    'Andere Spalten verlangen mehr als die Lizenzspalte, und das Strengere gilt (1 Zeile): {0} und {1} weitere.',
  'Other columns ask for more than the licence column, and the stricter counts (1 row): {0}.':
    'Andere Spalten verlangen mehr als die Lizenzspalte, und das Strengere gilt (1 Zeile): {0}.',
  'Other columns ask for more than the licence column, and the stricter counts ({0} rows): {1} and {2} more.':
    'Andere Spalten verlangen mehr als die Lizenzspalte, und das Strengere gilt ({0} Zeilen): {1} und {2} weitere.',
  'Other columns ask for more than the licence column, and the stricter counts ({0} rows): {1}.':
    'Andere Spalten verlangen mehr als die Lizenzspalte, und das Strengere gilt ({0} Zeilen): {1}.',
  'Atelier does not understand these licences, so they are kept in their own words and permit nothing (1 row): {0} and {1} more. Write them as, for example, "CC BY 4.0", or name your own terms LicenseRef-….':
    'Atelier versteht diese Lizenzen nicht; sie bleiben im Wortlaut erhalten und erlauben nichts (1 Zeile): {0} und {1} weitere. Schreiben Sie sie zum Beispiel als „CC BY 4.0“, oder nennen Sie eigene Bedingungen LicenseRef-….',
  'Atelier does not understand these licences, so they are kept in their own words and permit nothing (1 row): {0}. Write them as, for example, "CC BY 4.0", or name your own terms LicenseRef-….':
    'Atelier versteht diese Lizenzen nicht; sie bleiben im Wortlaut erhalten und erlauben nichts (1 Zeile): {0}. Schreiben Sie sie zum Beispiel als „CC BY 4.0“, oder nennen Sie eigene Bedingungen LicenseRef-….',
  'Atelier does not understand these licences, so they are kept in their own words and permit nothing ({0} rows): {1} and {2} more. Write them as, for example, "CC BY 4.0", or name your own terms LicenseRef-….':
    'Atelier versteht diese Lizenzen nicht; sie bleiben im Wortlaut erhalten und erlauben nichts ({0} Zeilen): {1} und {2} weitere. Schreiben Sie sie zum Beispiel als „CC BY 4.0“, oder nennen Sie eigene Bedingungen LicenseRef-….',
  'Atelier does not understand these licences, so they are kept in their own words and permit nothing ({0} rows): {1}. Write them as, for example, "CC BY 4.0", or name your own terms LicenseRef-….':
    'Atelier versteht diese Lizenzen nicht; sie bleiben im Wortlaut erhalten und erlauben nichts ({0} Zeilen): {1}. Schreiben Sie sie zum Beispiel als „CC BY 4.0“, oder nennen Sie eigene Bedingungen LicenseRef-….',
  'The licence of {0} of {1} images is unknown. Unknown is never taken to mean free: every export will say so.':
    'Bei {0} von {1} Bildern ist die Lizenz unbekannt. Unbekannt gilt nie als frei: Jeder Export sagt das.',
  'Only the first frame of animated images is used ({0}): {1} and {2} more.':
    'Von animierten Bildern wird nur das erste Einzelbild verwendet ({0}): {1} und {2} weitere.',
  'Only the first frame of animated images is used ({0}): {1}.':
    'Von animierten Bildern wird nur das erste Einzelbild verwendet ({0}): {1}.',
  'Photographs are turned as their EXIF orientation says, for the model and on the screen ({0}): {1} and {2} more.':
    'Fotos werden gedreht, wie ihre EXIF-Ausrichtung es sagt, für das Modell und auf dem Bildschirm ({0}): {1} und {2} weitere.',
  'Photographs are turned as their EXIF orientation says, for the model and on the screen ({0}): {1}.':
    'Fotos werden gedreht, wie ihre EXIF-Ausrichtung es sagt, für das Modell und auf dem Bildschirm ({0}): {1}.',
  'Photographs that ask to be turned (EXIF) are used as they are stored, for the model and on the screen ({0}): {1} and {2} more.':
    'Fotos mit einer EXIF-Ausrichtung werden verwendet, wie sie gespeichert sind, für das Modell und auf dem Bildschirm ({0}): {1} und {2} weitere.',
  'Photographs that ask to be turned (EXIF) are used as they are stored, for the model and on the screen ({0}): {1}.':
    'Fotos mit einer EXIF-Ausrichtung werden verwendet, wie sie gespeichert sind, für das Modell und auf dem Bildschirm ({0}): {1}.',
  'No sample is for training: the dataset can only be evaluated on.':
    'Kein Beispiel ist zum Trainieren: Mit dem Datensatz lässt sich nur auswerten.',
  'No sample is held out: what is learned cannot be tested on this dataset.':
    'Kein Beispiel ist zurückgehalten: Was gelernt wird, lässt sich mit diesem Datensatz nicht testen.',
  'The column "{0}" was taken for {1}; {2} could be meant too. If so, name that column as {3}.':
    'Die Spalte „{0}“ wurde so verstanden: {1}; gemeint sein kann auch {2}. Dann nennen Sie diese Spalte dafür: {3}.',
  'One picture is here under several licences, and the stricter one counts for every copy ({0} and {1} more).':
    'Ein Bild steht hier unter mehreren Lizenzen, und die strengere gilt für jede Kopie ({0} und {1} weitere).',
  'One picture is here under several licences, and the stricter one counts for every copy ({0}).':
    'Ein Bild steht hier unter mehreren Lizenzen, und die strengere gilt für jede Kopie ({0}).',
  '{0} pictures are here under several licences, and the stricter one counts for every copy ({1} and {2} more).':
    '{0} Bilder stehen hier unter mehreren Lizenzen, und die strengere gilt für jede Kopie ({1} und {2} weitere).',
  '{0} pictures are here under several licences, and the stricter one counts for every copy ({1}).':
    '{0} Bilder stehen hier unter mehreren Lizenzen, und die strengere gilt für jede Kopie ({1}).',
  'The column {0} was not read. Its values are kept with the rows, but say nothing about licence, author or training.':
    'Die Spalte {0} wurde nicht gelesen. Ihre Werte bleiben bei den Zeilen, sagen aber nichts über Lizenz, Urheber oder Training.',
  'The columns {0} and {1} more were not read. Their values are kept with the rows, but say nothing about licence, author or training.':
    'Die Spalten {0} und {1} weitere wurden nicht gelesen. Ihre Werte bleiben bei den Zeilen, sagen aber nichts über Lizenz, Urheber oder Training.',
  'The columns {0} were not read. Their values are kept with the rows, but say nothing about licence, author or training.':
    'Die Spalten {0} wurden nicht gelesen. Ihre Werte bleiben bei den Zeilen, sagen aber nichts über Lizenz, Urheber oder Training.',
  'No row of the table can be used; a dataset needs at least two.':
    'Keine Zeile der Tabelle ist verwendbar; ein Datensatz braucht mindestens zwei.',
  'Only one row of the table can be used; a dataset needs at least two.':
    'Nur eine Zeile der Tabelle ist verwendbar; ein Datensatz braucht mindestens zwei.',
  'Every usable row has the same answer ("{0}"): there is only one class, so nothing can be learned.':
    'Jede verwendbare Zeile hat dieselbe Antwort („{0}“): Es gibt nur eine Klasse, also ist nichts zu lernen.',
  'Every usable row has the same answer (""): there is only one class, so nothing can be learned.':
    'Jede verwendbare Zeile hat dieselbe Antwort („“): Es gibt nur eine Klasse, also ist nichts zu lernen.',
  '1 problem was found; its row was left out.': '1 Problem wurde gefunden; die Zeile wurde ausgelassen.',
  '{0} problems were found; their rows were left out.': '{0} Probleme wurden gefunden; ihre Zeilen wurden ausgelassen.',
  '{0} Found in {1}.': '{0} Gefunden in {1}.',
  '{0} Found in {1} (and {2} more).': '{0} Gefunden in {1} (und {2} weiteren).',
  'The image gives no permission to train and refuses none, and you asked to decide about such images: it waits for your decision.':
    'Das Bild erlaubt das Training nicht und verbietet es nicht, und Sie wollten über solche Bilder entscheiden: Es wartet auf Ihre Entscheidung.',
  'The image gives no permission to train and refuses none; this import leaves such images out.':
    'Das Bild erlaubt das Training nicht und verbietet es nicht; dieser Import lässt solche Bilder aus.',
  'row {0}': 'Zeile {0}',
  'column "{0}"': 'Spalte „{0}“',
  '{0} cannot be imported. {1}': '{0} kann nicht importiert werden. {1}',
  '{0} cannot be imported. {1} The first problem is in row {2}: {3}':
    '{0} kann nicht importiert werden. {1} Das erste Problem ist in Zeile {2}: {3}',
  '{0} of {1} rows of {2} cannot be used. The first: {3}: {4}':
    '{0} von {1} Zeilen von {2} sind nicht verwendbar. Die erste: {3}: {4}',
  '{0} cannot be imported. {1} Nothing was imported.': '{0} kann nicht importiert werden. {1} Nichts wurde importiert.',
  '{0} cannot be imported. {1} The first problem is in row {2}: {3} Nothing was imported.':
    '{0} kann nicht importiert werden. {1} Das erste Problem ist in Zeile {2}: {3} Nichts wurde importiert.',
  '{0} of {1} rows of {2} cannot be used. The first: {3}: {4} Nothing was imported.':
    '{0} von {1} Zeilen von {2} sind nicht verwendbar. Die erste: {3}: {4} Nichts wurde importiert.',
  'Correct the table and import it again. Check the import first to list every row with its problem.':
    'Berichtigen Sie die Tabelle und importieren Sie sie noch einmal. Prüfen Sie den Import zuerst, um jede Zeile mit ihrem Problem zu sehen.',
  'Correct the rows, or import with problems skipped. Check the import first to list every row with its problem.':
    'Berichtigen Sie die Zeilen, oder importieren Sie ohne die fehlerhaften. Prüfen Sie den Import zuerst, um jede Zeile mit ihrem Problem zu sehen.',
  'The pasted picture is larger than 10 MiB.': 'Das eingefügte Bild ist größer als 10 MiB.',
  'Save it as a file and import its folder.': 'Speichern Sie es als Datei und importieren Sie deren Ordner.',
  'There is no folder {0}.': 'Es gibt keinen Ordner {0}.',
  'The starter data "{0}" is not part of this installation ({1} is not there).':
    'Die Startdaten „{0}“ gehören nicht zu dieser Installation ({1} fehlt).',
  'Install Atelier again, or import images of your own.':
    'Installieren Sie Atelier neu, oder importieren Sie eigene Bilder.',
  'Reading the table': 'Tabelle wird gelesen',
  'Checking images': 'Bilder werden geprüft',
  'Writing the dataset': 'Datensatz wird geschrieben',
  'Exactly this data is already here as "{0}" ({1}), so nothing was imported again.':
    'Genau diese Daten sind schon als „{0}“ ({1}) da; es wurde nichts noch einmal importiert.',
  '"{0}" ({1}) came from the same place and differs from this data, so both are here now.':
    '„{0}“ ({1}) kam vom selben Ort und weicht von diesen Daten ab; jetzt sind beide da.',
  'Another dataset is named "{0}" too; their ids tell them apart.':
    'Noch ein Datensatz heißt „{0}“; ihre Kennungen unterscheiden sie.',
  'A dataset is already named "{0}", so this one is named "{1}".':
    'Ein Datensatz heißt schon „{0}“, deshalb heißt dieser „{1}“.',
  'Exactly this data is already here as "{0}" ({1}).': 'Genau diese Daten sind schon als „{0}“ ({1}) da.',
};
