/** @file The rows of an import: which can be used, which are left out, and the split of each. */
import type { Split } from '../../contract/model/primitives.ts';
import type { Database } from '../connection/connection.ts';
import type { ImageRecord } from '../datasets/dataset-types.ts';
import type { LicenceConflict, ReadyRow, RepeatedRow, StagedRow, StagedTypes, TornRow } from './staged.ts';

const PAGE = 400;

export function createStagedRows<Values extends StagedTypes['values'], Statement>(database: Database) {
  async function addRows(rows: readonly StagedRow<Values>[]): Promise<void> {
    await database.run(
      `INSERT INTO row (position, line, source, name, path, sha256, question, answer, given, values_json)
       SELECT value ->> 'position', value ->> 'line', value ->> 'source', value ->> 'name', value ->> 'path', value ->> 'sha256',
         value ->> 'question', value ->> 'answer', value ->> 'given', value ->> 'json' FROM json_each(?)`,
      [
        JSON.stringify(
          rows.map(({ values, ...row }) => ({
            ...row,
            question: values.prompt,
            answer: values.answer,
            given: values.split,
            json: JSON.stringify(values),
          })),
        ),
      ],
    );
  }

  /** Usable rows in order, read one page at a time. */
  async function* ready(): AsyncGenerator<ReadyRow<Values, Statement>> {
    type Row = Omit<StagedRow<Values>, 'values'> & {
      values_json: string;
      split: Split | null;
      record_json: string;
      frames: number;
      orientation: number;
      settled_licence: string | null;
      statement_json: string | null;
      first: number;
    };
    for (let after = -1; ;) {
      const page = await database.all<Row>(
        `SELECT r.position, r.line, r.source, r.name, r.path, r.sha256, r.values_json, r.split, r.settled_licence, p.record_json, p.frames, p.orientation,
            p.statement_json, (SELECT min(o.position) FROM row AS o WHERE o.sha256 = r.sha256 AND o.state = 'ok') AS first
           FROM row AS r JOIN picture AS p ON p.sha256 = r.sha256 WHERE r.state = 'ok' AND r.position > ? ORDER BY r.position LIMIT ?`,
        [after, PAGE],
      );
      for (const {
        values_json: values,
        record_json: record,
        statement_json: statement,
        settled_licence: settledLicence,
        first,
        split,
        ...row
      } of page) {
        yield {
          ...row,
          values: JSON.parse(values) as Values,
          split: split ?? 'train',
          record: JSON.parse(record) as ImageRecord,
          settledLicence,
          statement: statement === null ? null : (JSON.parse(statement) as Statement),
          isFirst: first === row.position,
        };
      }
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.position;
    }
  }

  /** The first usable rows that ask the same question about the same image as an earlier row. */
  async function repeatedRows(limit: number): Promise<RepeatedRow[]> {
    return await database.all<RepeatedRow>(
      `SELECT r.position, r.line, r.source, r.name, r.answer, f.line AS first, f.answer AS earlier
         FROM row AS r JOIN row AS f ON f.position =
           (SELECT min(o.position) FROM row AS o WHERE o.sha256 = r.sha256 AND o.question = r.question)
        WHERE r.state = 'ok' AND r.position <> f.position ORDER BY r.position LIMIT ?`,
      [limit],
    );
  }

  /** The first usable rows whose image an earlier row puts into the other split. */
  async function tornRows(limit: number): Promise<TornRow[]> {
    return await database.all<TornRow>(
      `SELECT r.position, r.line, r.name, f.given AS split, f.line AS first
         FROM row AS r JOIN row AS f ON f.position =
           (SELECT min(o.position) FROM row AS o WHERE o.sha256 = r.sha256 AND o.state = 'ok' AND o.given IS NOT NULL)
        WHERE r.state = 'ok' AND r.given IS NOT NULL AND r.given <> f.given ORDER BY r.position LIMIT ?`,
      [limit],
    );
  }

  async function leaveRowsOut(positions: readonly number[]): Promise<void> {
    await database.run(`UPDATE row SET state = 'out' WHERE position IN (SELECT value FROM json_each(?))`, [
      JSON.stringify(positions),
    ]);
  }

  async function setSplits(rows: readonly { position: number; split: Split }[]): Promise<void> {
    for (let start = 0; start < rows.length; start += PAGE) {
      await database.run(
        `UPDATE row SET split = n.split
           FROM (SELECT value ->> 'position' AS position, value ->> 'split' AS split FROM json_each(?)) AS n
          WHERE row.position = n.position`,
        [JSON.stringify(rows.slice(start, start + PAGE))],
      );
    }
  }

  /** Replaces the answers of rows, and with them all values. */
  async function setAnswers(rows: readonly { position: number; answer: string; values: Values }[]): Promise<void> {
    await database.run(
      `UPDATE row SET answer = n.answer, values_json = n.json
         FROM (SELECT value ->> 'position' AS position, value ->> 'answer' AS answer, value ->> 'json' AS json FROM json_each(?)) AS n
        WHERE row.position = n.position`,
      [
        JSON.stringify(
          rows.map(({ position, answer, values }) => ({ position, answer, json: JSON.stringify(values) })),
        ),
      ],
    );
  }

  /** Notes the licence that each row has by itself, to find pictures under several. */
  async function setLicences(rows: readonly { position: number; licence: string | null }[]): Promise<void> {
    await database.run(
      `UPDATE row SET licence = n.licence
         FROM (SELECT value ->> 'position' AS position, value ->> 'licence' AS licence FROM json_each(?)) AS n
        WHERE row.position = n.position`,
      [JSON.stringify(rows)],
    );
  }

  /** Pictures that usable rows put under several licences. Rows without a licence contradict nothing. */
  async function licenceConflicts(): Promise<LicenceConflict[]> {
    const rows = await database.all<{ pixels: string; stated: string; images: string }>(
      `WITH used AS (
         SELECT p.pixels, r.sha256, r.licence, r.name, r.position FROM row AS r JOIN picture AS p ON p.sha256 = r.sha256
          WHERE r.state = 'ok' AND r.licence IS NOT NULL),
       first AS (SELECT pixels, licence, name, min(position) AS position FROM used GROUP BY pixels, licence)
       SELECT pixels, json_group_array(json_object('licence', licence, 'name', name) ORDER BY position) AS stated,
         (SELECT json_group_array(DISTINCT sha256) FROM used WHERE used.pixels = first.pixels) AS images
         FROM first GROUP BY pixels HAVING count(*) > 1 ORDER BY min(position)`,
    );
    return rows.map(({ pixels, stated, images }) => ({
      pixels,
      stated: JSON.parse(stated) as LicenceConflict['stated'],
      images: JSON.parse(images) as string[],
    }));
  }

  /** The licence that counts for every copy of a picture. */
  async function settleLicence(pixels: string, licence: string): Promise<void> {
    await database.run(
      `UPDATE row SET settled_licence = ?2
        WHERE licence IS NOT NULL AND sha256 IN (SELECT sha256 FROM picture WHERE pixels = ?1)`,
      [pixels, licence],
    );
  }

  /** The splits that contain each usable row's image, by the image's SHA-256. */
  async function splitsOfImages(): Promise<Map<string, Set<Split>>> {
    const rows = await database.all<{ sha256: string; split: Split }>(
      `SELECT DISTINCT sha256, split FROM row WHERE state = 'ok'`,
    );
    const splits = new Map<string, Set<Split>>();
    for (const { sha256, split } of rows) splits.set(sha256, (splits.get(sha256) ?? new Set()).add(split));
    return splits;
  }

  /** The number of usable rows and of their different answers; `answer` is one of those answers. */
  async function answerCounts(): Promise<{ samples: number; answers: number; answer: string | null }> {
    const found = await database.get<{ samples: number; answers: number; answer: string | null }>(
      `SELECT count(*) AS samples, count(DISTINCT answer) AS answers, min(answer) AS answer FROM row WHERE state = 'ok'`,
    );
    return found ?? { samples: 0, answers: 0, answer: null };
  }

  /** Usable rows whose image has opted out of training. */
  async function countOptedOutRows(): Promise<number> {
    const found = await database.get<{ n: number }>(
      `SELECT count(*) AS n FROM row WHERE state = 'ok' AND sha256 IN (SELECT sha256 FROM picture WHERE opted_out = 1)`,
    );
    return found?.n ?? 0;
  }

  return {
    addRows,
    ready,
    repeatedRows,
    tornRows,
    leaveRowsOut,
    setSplits,
    setAnswers,
    setLicences,
    licenceConflicts,
    settleLicence,
    splitsOfImages,
    answerCounts,
    countOptedOutRows,
  };
}
