/** @file German: tables and archives. */
import type { Catalogue } from '../template-index.ts';

export const tables: Catalogue = {
  'holds no image': 'enthält kein Bild',
  'holds one picture, but no table, no subfolder and no captions: nothing says what to ask and what the right answer is':
    'enthält ein Bild, aber keine Tabelle, keinen Unterordner und keine Beschriftung: Nichts sagt, was zu fragen und welche Antwort richtig ist',
  'holds {0} pictures, but no table, no subfolder and no captions: nothing says what to ask and what the right answer is':
    'enthält {0} Bilder, aber keine Tabelle, keinen Unterordner und keine Beschriftung: Nichts sagt, was zu fragen und welche Antwort richtig ist',
  'holds more than {0} images': 'enthält mehr als {0} Bilder',
  'is empty': 'ist leer',
  'is not JSON: it begins with neither [ nor {': 'ist kein JSON: Es beginnt weder mit [ noch mit {',
  'holds something longer than 16 million characters after row {0}':
    'enthält nach Zeile {0} etwas, das länger als 16 Millionen Zeichen ist',
  'is not JSON after row {0} ({1})': 'ist nach Zeile {0} kein JSON ({1})',
  'has two columns named "{0}"': 'hat zwei Spalten namens „{0}“',
  'is not a Parquet file: it is too short': 'ist keine Parquet-Datei: Sie ist zu kurz',
  'is not a Parquet file: its end is missing': 'ist keine Parquet-Datei: Ihr Ende fehlt',
  'claims to contain {0} bytes of metadata, which is impossible':
    'will {0} Byte Metadaten enthalten, was unmöglich ist',
  'has a row group (number {0}{1}) of {2} bytes and {3} rows, which is too large to read at once':
    'hat eine Zeilengruppe (Nummer {0}{1}) von {2} Byte und {3} Zeilen, die zu groß ist, um sie auf einmal zu lesen',
  'cannot be read as Parquet ({0})': 'ist nicht als Parquet lesbar ({0})',
  'cannot be read as Parquet in row group {0}{1} ({2})': 'ist in Zeilengruppe {0}{1} nicht als Parquet lesbar ({2})',
  'cannot be read ({0})': 'ist nicht lesbar ({0})',
  'cannot be read ({0}). Nothing was imported': 'ist nicht lesbar ({0}). Nichts wurde importiert',
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
  '{0}, line {1}: {2}.': '{0}, Zeile {1}: {2}.',
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
