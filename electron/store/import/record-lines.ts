/** @file The lines whose hash identifies a dataset's data, sorted on disk because they may not fit into memory. */
import type { Database } from '../connection/connection.ts';

const PAGE = 500;

export type RecordLine = { position: number; text: string };

export function createRecordLines(database: Database) {
  async function clearRecordLines(): Promise<void> {
    await database.run('DELETE FROM record_line');
  }

  /** JavaScript sorts text by UTF-16 code units; big-endian bytes sort in the same order. */
  async function addRecordLines(lines: readonly RecordLine[]): Promise<void> {
    await database.run(
      `INSERT INTO record_line (sorted, position, text)
       SELECT unhex(value ->> 0), value ->> 1, value ->> 2 FROM json_each(?)`,
      [
        JSON.stringify(
          lines.map(({ position, text }) => [Buffer.from(text, 'utf16le').swap16().toString('hex'), position, text]),
        ),
      ],
    );
  }

  /** The texts in the order in which JavaScript sorts them. */
  async function* sortedRecordLines(): AsyncGenerator<string> {
    for (let offset = 0; ; offset += PAGE) {
      const page = await database.all<{ text: string }>(
        'SELECT text FROM record_line ORDER BY sorted, position LIMIT ? OFFSET ?',
        [PAGE, offset],
      );
      for (const { text } of page) yield text;
      if (page.length < PAGE) return;
    }
  }

  return { clearRecordLines, addRecordLines, sortedRecordLines };
}
