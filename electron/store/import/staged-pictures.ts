/** @file The pictures of an import: data read from their bytes, and what accompanying files say about their use. */
import type { Database } from '../connection/connection.ts';
import type { ImageRecord } from '../datasets/dataset-types.ts';
import type { EvidenceFile } from '../datasets/signal-rows.ts';
import type { Picture, StagedPicture, StagedTypes } from './staged.ts';

const PAGE = 400;

export function createStagedPictures<Reading extends StagedTypes['reading'], Statement extends object>(
  database: Database,
) {
  async function addPictures(
    pictures: readonly { position: number; name: string; picture: Picture<Reading> }[],
  ): Promise<void> {
    await database.run(
      `INSERT INTO picture (sha256, position, name, record_json, frames, orientation, dhash, detail, tones, pixels, reading_json)
       SELECT value ->> 'sha256', value ->> 'position', value ->> 'name', value ->> 'record', value ->> 'frames',
         value ->> 'orientation', value ->> 'dhash', value ->> 'detail', value ->> 'tones', value ->> 'pixels',
         value ->> 'reading'
         FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
      [
        JSON.stringify(
          pictures.map(({ position, name, picture: { record, frames, orientation, look, pixels, reading } }) => ({
            sha256: record.sha256,
            position,
            name,
            record: JSON.stringify(record),
            frames,
            orientation,
            dhash: look.dhash,
            detail: look.detail,
            tones: Buffer.from(look.tones).toString('hex'),
            pixels,
            reading: reading.signals.length + reading.facts.length === 0 ? null : JSON.stringify(reading),
          })),
        ),
      ],
    );
  }

  /** Pictures shown by usable rows, in the order of their first row, read one page at a time. */
  async function* pictures(): AsyncGenerator<StagedPicture<Reading, Statement>> {
    type Row = Omit<StagedPicture<Reading, Statement>, 'tones' | 'record' | 'reading' | 'statement' | 'optedOut'> & {
      tones: string;
      record_json: string;
      reading_json: string | null;
      statement_json: string | null;
      opted_out: 0 | 1;
    };
    for (let after = -1; ;) {
      const page = await database.all<Row>(
        `SELECT p.sha256, p.position, p.name, p.record_json, p.dhash, p.detail, p.tones, p.reading_json, p.statement_json, p.opted_out
           FROM picture AS p WHERE p.position > ?
            AND EXISTS (SELECT 1 FROM row AS r WHERE r.sha256 = p.sha256 AND r.state = 'ok') ORDER BY p.position LIMIT ?`,
        [after, PAGE],
      );
      for (const {
        tones,
        record_json: record,
        reading_json: reading,
        statement_json: statement,
        opted_out: optedOut,
        ...row
      } of page) {
        yield {
          ...row,
          tones: Buffer.from(tones, 'hex'),
          record: JSON.parse(record) as ImageRecord,
          reading: reading === null ? null : (JSON.parse(reading) as Reading),
          statement: statement === null ? null : (JSON.parse(statement) as Statement),
          optedOut: optedOut === 1,
        };
      }
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.position;
    }
  }

  async function setStatement(sha256: string, statement: Statement, optedOut: boolean): Promise<void> {
    await database.run('UPDATE picture SET statement_json = ?, opted_out = ? WHERE sha256 = ?', [
      JSON.stringify(statement),
      optedOut ? 1 : 0,
      sha256,
    ]);
  }

  /** Records what accompanying files say about an image, together with those files. */
  async function addBeside(
    path: string,
    sha256: string,
    reading: Reading,
    files: readonly EvidenceFile[],
  ): Promise<void> {
    await database.run('INSERT INTO beside (path, sha256, reading_json) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', [
      path,
      sha256,
      JSON.stringify(reading),
    ]);
    for (const file of files) {
      await database.run('INSERT INTO evidence (name, sha256, bytes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', [
        file.name,
        file.sha256,
        Buffer.from(file.bytes),
      ]);
    }
  }

  /** What accompanying files say about an image, in any of its locations. */
  async function readingsBeside(sha256: string): Promise<Reading[]> {
    const rows = await database.all<{ reading_json: string }>(
      'SELECT reading_json FROM beside WHERE sha256 = ? ORDER BY path, reading_json',
      [sha256],
    );
    return rows.map((row) => JSON.parse(row.reading_json) as Reading);
  }

  async function evidence(): Promise<EvidenceFile[]> {
    return await database.all<EvidenceFile>('SELECT name, sha256, bytes FROM evidence ORDER BY name');
  }

  return { addPictures, pictures, setStatement, addBeside, readingsBeside, evidence };
}
