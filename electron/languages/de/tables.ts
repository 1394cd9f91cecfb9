/** @file German: tables and archives. */
import type { Catalogue } from '../template-index.ts';

export const tables: Catalogue = {
  '{0} holds no image.': '{0} enthält kein Bild.',
  '{0} holds one picture, but no table, no subfolder and no captions: nothing says what to ask and what the right answer is.':
    '{0} enthält ein Bild, aber keine Tabelle, keinen Unterordner und keine Beschriftung: Nichts sagt, was zu fragen und welche Antwort richtig ist.',
  '{0} holds {1} pictures, but no table, no subfolder and no captions: nothing says what to ask and what the right answer is.':
    '{0} enthält {1} Bilder, aber keine Tabelle, keinen Unterordner und keine Beschriftung: Nichts sagt, was zu fragen und welche Antwort richtig ist.',
  '{0} holds more than {1} images.': '{0} enthält mehr als {1} Bilder.',
  '{0} is empty.': '{0} ist leer.',
  '{0} is not JSON: it begins with neither [ nor {.': '{0} ist kein JSON: Es beginnt weder mit [ noch mit {.',
  '{0} holds something longer than 16 million characters after row {1}.':
    '{0} enthält nach Zeile {1} etwas, das länger als 16 Millionen Zeichen ist.',
  '{0} is not JSON after row {1} ({2}).': '{0} ist nach Zeile {1} kein JSON ({2}).',
  '{0} has two columns named "{1}".': '{0} hat zwei Spalten namens „{1}“.',
  '{0} is not a Parquet file: it is too short.': '{0} ist keine Parquet-Datei: Sie ist zu kurz.',
  '{0} is not a Parquet file: its end is missing.': '{0} ist keine Parquet-Datei: Ihr Ende fehlt.',
  '{0} claims to contain {1} bytes of metadata, which is impossible.':
    '{0} will {1} Byte Metadaten enthalten, was unmöglich ist.',
  '{0} has a row group (number {1}{2}) of {3} bytes and {4} rows, which is too large to read at once.':
    '{0} hat eine Zeilengruppe (Nummer {1}{2}) von {3} Byte und {4} Zeilen, die zu groß ist, um sie auf einmal zu lesen.',
  '{0} cannot be read as Parquet ({1}).': '{0} ist nicht als Parquet lesbar ({1}).',
  '{0} cannot be read as Parquet in row group {1}{2} ({3}).':
    '{0} ist in Zeilengruppe {1}{2} nicht als Parquet lesbar ({3}).',
  '{0} cannot be read ({1}).': '{0} ist nicht lesbar ({1}).',
  '{0} cannot be read ({1}). Nothing was imported.': '{0} ist nicht lesbar ({1}). Nichts wurde importiert.',
  'Label them in Atelier: choose "Label pictures" under Datasets, or use `atelier label`. Or put a metadata.csv with the columns file_name, question and answer beside the pictures, sort them into a folder for each answer, or put a text file of the same name beside each.':
    'Beschriften Sie die Bilder in Atelier: Wählen Sie unter Datensätze „Bilder beschriften“, oder verwenden Sie `atelier label`. Oder legen Sie eine metadata.csv mit den Spalten file_name, question und answer neben die Bilder, sortieren Sie sie in einen Ordner je Antwort, oder legen Sie neben jedes eine Textdatei gleichen Namens.',
  'What follows the first fault in a JSON array cannot be read. Correct it, or save the rows as JSON Lines.':
    'Was in einem JSON-Array auf den ersten Fehler folgt, ist nicht lesbar. Berichtigen Sie ihn, oder speichern Sie die Zeilen als JSON Lines.',
  'Write it again with smaller row groups, such as 100 rows with images.':
    'Schreiben Sie sie neu mit kleineren Zeilengruppen, etwa 100 Zeilen mit Bildern.',
  'The file may be damaged, or made to do harm. Write it again with the program it is from, or save it as JSON Lines.':
    'Die Datei ist vielleicht beschädigt oder soll schaden. Schreiben Sie sie mit ihrem Programm neu, oder speichern Sie sie als JSON Lines.',
  '{0}, line {1}: the text is not UTF-8, which was stated as its encoding.':
    '{0}, Zeile {1}: Der Text ist kein UTF-8, das als Codierung angegeben war.',
  '{0}, line {1}: two columns are named "{2}".': '{0}, Zeile {1}: Zwei Spalten heißen „{2}“.',
  '{0}, line {1}: {2}': '{0}, Zeile {1}: {2}',
  'The row is longer than {0} million characters, so it is not read.':
    'Die Zeile ist länger als {0} Millionen Zeichen und wird deshalb nicht gelesen.',
  'This is not JSON ({0}).': 'Das ist kein JSON ({0}).',
  'This is not a JSON object.': 'Das ist kein JSON-Objekt.',
  'This is nested more than {0} levels deep.': 'Das ist mehr als {0} Ebenen tief verschachtelt.',
  'This row has {0} values where the header names {1} columns.':
    'Diese Zeile hat {0} Werte, die Kopfzeile nennt aber {1} Spalten.',
  'A quote is opened in this row and never closed.':
    'In dieser Zeile beginnt ein Anführungszeichen, das nie geschlossen wird.',
  'Something follows a closing quote (write a quote inside a quoted value twice).':
    'Auf ein schließendes Anführungszeichen folgt noch etwas (schreiben Sie ein Anführungszeichen im Wert doppelt).',
  'This row has a mistake.': 'Diese Zeile hat einen Fehler.',
  'The class {0} in the column "{1}" has no name; the dataset names {2}.':
    'Die Klasse {0} in der Spalte „{1}“ hat keinen Namen; der Datensatz nennt {2}.',
  'Windows-1250 (Central European)': 'Windows-1250 (mitteleuropäisch)',
  'Windows-1251 (Cyrillic)': 'Windows-1251 (kyrillisch)',
  'Windows-1252 (Western European)': 'Windows-1252 (westeuropäisch)',
  'Windows-1253 (Greek)': 'Windows-1253 (griechisch)',
  'Windows-1254 (Turkish)': 'Windows-1254 (türkisch)',
  'KOI8-R (Cyrillic)': 'KOI8-R (kyrillisch)',
  'GB18030 (simplified Chinese)': 'GB18030 (vereinfachtes Chinesisch)',
  'Big5 (traditional Chinese)': 'Big5 (traditionelles Chinesisch)',
  'Shift JIS (Japanese)': 'Shift JIS (japanisch)',
  'EUC-JP (Japanese)': 'EUC-JP (japanisch)',
  'EUC-KR (Korean)': 'EUC-KR (koreanisch)',
  '{0} is not UTF-8 text (first in line {1}); it was read as {2}, which is a guess. If letters look wrong, state the encoding, or save the table again as UTF-8.':
    '{0} ist kein UTF-8-Text (zuerst in Zeile {1}); es wurde als {2} gelesen, was geraten ist. Sehen Buchstaben falsch aus, geben Sie die Codierung an, oder speichern Sie die Tabelle neu in UTF-8.',
  'The numbers in the column "{0}" of {1} were replaced by the names that the dataset gives them ({2}, …).':
    'Die Zahlen in der Spalte „{0}“ von {1} wurden durch die Namen ersetzt, die der Datensatz ihnen gibt ({2}, …).',
  'The numbers in the column "{0}" of {1} were replaced by the names that the dataset gives them ({2}).':
    'Die Zahlen in der Spalte „{0}“ von {1} wurden durch die Namen ersetzt, die der Datensatz ihnen gibt ({2}).',
  '{0} is not a table that can be read.': '{0} ist keine lesbare Tabelle.',
  'Use JSON Lines (.jsonl), JSON, CSV, TSV or Parquet.':
    'Verwenden Sie JSON Lines (.jsonl), JSON, CSV, TSV oder Parquet.',
};
