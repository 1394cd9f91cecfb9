/**
 * @file Sheets of pictures that are being labelled. Every change is one transaction that first keeps what its pictures
 * were, so a crash loses nothing that was saved, and everything can be undone.
 */
import type { ImageOrientation } from '../../contract/model/datasets.ts';
import {
  SheetId,
  type LabelCounts,
  type LabelItem,
  type LabelShow,
  type Proposal,
} from '../../contract/model/labels.ts';
import type { LabelSheet } from '../../contract/model/labels.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { DatasetId, type Split } from '../../contract/model/primitives.ts';
import type { AuditStore } from '../audit/audit.ts';
import { batches } from '../connection/batches.ts';
import type { Database, SqlValue } from '../connection/connection.ts';
import { freeId, randomStem } from '../connection/ids.ts';
import type { ImageRecord } from '../datasets/dataset-types.ts';

export type NewSheet = {
  name: string;
  folder: string;
  task: string;
  question: string;
  orientation: ImageOrientation;
  pictures: readonly { name: string; image: ImageRecord; optedOut: string | null }[];
};

/** The part of a picture that a person changes. */
export type LabelState = {
  position: number;
  question: string | null;
  answer: string;
  leftOut: boolean;
  problem: string | null;
  answeredAt: string | null;
};

/** What a sheet holds beside what people see of it. */
export type SheetRecord = LabelSheet & { orientation: ImageOrientation };
/** A picture, and the side it has had in a dataset of its sheet. */
export type LabelRecord = LabelItem & { split: Split | null };

type SheetRow = {
  id: string;
  name: string;
  folder: string;
  created_at: string;
  task: string;
  question: string;
  orientation: ImageOrientation;
  dataset_id: string | null;
  removed_at: string | null;
  undoable: number;
} & LabelCounts;

type ItemRow = {
  position: number;
  image_sha256: string;
  name: string;
  width: number;
  height: number;
  question: string | null;
  answer: string;
  left_out: 0 | 1;
  proposal_json: string | null;
  answered_at: string | null;
  opted_out: string | null;
  problem: string | null;
  split: Split | null;
};

/** The most changes that can be undone; older ones are forgotten. */
const MOST_CHANGES = 500;

/** Each state of a picture, as a condition; a picture is in exactly one of them. */
const IS: Record<Exclude<LabelShow, 'all'>, string> = {
  'left-out': 'i.left_out = 1',
  unreadable: "i.left_out = 0 AND i.answer <> '' AND i.problem IS NOT NULL",
  answered: "i.left_out = 0 AND i.answer <> '' AND i.problem IS NULL",
  proposed: "i.left_out = 0 AND i.answer = '' AND i.proposal_json IS NOT NULL",
  waiting: "i.left_out = 0 AND i.answer = '' AND i.proposal_json IS NULL",
};

const SHEETS = `SELECT s.id, s.name, s.folder, s.created_at, s.task, s.question, s.orientation, s.dataset_id, s.removed_at,
    (SELECT count(*) FROM label_change AS c WHERE c.sheet_id = s.id) AS undoable,
    count(*) AS pictures,
    count(*) FILTER (WHERE ${IS.answered}) AS answered,
    count(*) FILTER (WHERE ${IS.proposed}) AS proposed,
    count(*) FILTER (WHERE ${IS['left-out']}) AS leftOut,
    count(*) FILTER (WHERE ${IS.unreadable}) AS unreadable
  FROM label_sheet AS s JOIN label_item AS i ON i.sheet_id = s.id`;

const ITEMS = `SELECT i.*, image.width, image.height FROM label_item AS i JOIN image ON image.sha256 = i.image_sha256`;

export type LabelStore = ReturnType<typeof createLabelStore>;

export function createLabelStore(database: Database, audit: AuditStore) {
  /** Writes a sheet with its pictures, whose bytes must be in the blob store. */
  async function insert(sheet: NewSheet): Promise<SheetRecord> {
    return await database.transaction(async () => {
      const id = await freeId(database, 'label_sheet', randomStem('sheet'));
      const at = new Date().toISOString();
      const { name, folder, task, question, orientation, pictures } = sheet;
      await database.run(
        'INSERT INTO label_sheet (id, name, folder, created_at, task, question, orientation) VALUES (?, ?, ?, ?, ?, ?, ?)',
        [id, name, folder, at, task, question, orientation],
      );
      const rows = pictures.map((picture, position) => ({ ...picture, position }));
      for await (const batch of batches(rows)) {
        const json = JSON.stringify(batch);
        await database.run(
          `INSERT INTO image (sha256, format, size_bytes, width, height, imported_at)
           SELECT value ->> '$.image.sha256', value ->> '$.image.format', value ->> '$.image.sizeBytes',
             value ->> '$.image.width', value ->> '$.image.height', ?2
             FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
          [json, at],
        );
        await database.run(
          `INSERT INTO label_item (sheet_id, position, image_sha256, name, opted_out)
           SELECT ?2, value ->> 'position', value ->> '$.image.sha256', value ->> 'name', value ->> 'optedOut'
             FROM json_each(?1)`,
          [json, id],
        );
      }
      await audit.append('labels.sheet-made', { sheetId: id, task, pictures: pictures.length });
      return await get(SheetId.parse(id));
    });
  }

  /** Newest first: those that are not removed, or only the removed ones. */
  async function list({ removed = false }: { removed?: boolean } = {}): Promise<SheetRecord[]> {
    const rows = await database.all<SheetRow>(
      `${SHEETS} WHERE s.removed_at IS ${removed ? 'NOT NULL' : 'NULL'} GROUP BY s.id ORDER BY s.created_at DESC, s.id`,
    );
    return rows.map(toSheet);
  }

  /** @throws AtelierError NOT_FOUND */
  async function get(sheetId: SheetId): Promise<SheetRecord> {
    const row = await database.get<SheetRow>(`${SHEETS} WHERE s.id = ? GROUP BY s.id`, [sheetId]);
    if (row !== undefined) return toSheet(row);
    throw new AtelierError('NOT_FOUND', `There is no sheet with the id "${sheetId}".`, {
      place: { field: 'sheetId' },
      remedy: 'The list of sheets shows the ids that exist.',
    });
  }

  async function items(query: {
    sheetId: SheetId;
    show: LabelShow;
    offset: number;
    limit: number;
  }): Promise<{ total: number; items: LabelRecord[] }> {
    await get(query.sheetId);
    const where = `i.sheet_id = ?${query.show === 'all' ? '' : ` AND ${IS[query.show]}`}`;
    const found = await database.get<{ n: number }>(`SELECT count(*) AS n FROM label_item AS i WHERE ${where}`, [
      query.sheetId,
    ]);
    const rows = await database.all<ItemRow>(`${ITEMS} WHERE ${where} ORDER BY i.position LIMIT ? OFFSET ?`, [
      query.sheetId,
      query.limit,
      query.offset,
    ]);
    return { total: found?.n ?? 0, items: rows.map(toItem) };
  }

  /** These pictures, in order; every picture without `positions`. @throws AtelierError NOT_FOUND for one that is not there */
  async function itemsAt(sheetId: SheetId, positions?: readonly number[]): Promise<LabelRecord[]> {
    await get(sheetId);
    const params: SqlValue[] = [sheetId];
    if (positions !== undefined) params.push(JSON.stringify(positions));
    const rows = await database.all<ItemRow>(
      `${ITEMS} WHERE i.sheet_id = ?${
        positions === undefined ? '' : ' AND i.position IN (SELECT value FROM json_each(?))'
      } ORDER BY i.position`,
      params,
    );
    const there = new Set(rows.map(({ position }) => position));
    const missing = positions?.find((position) => !there.has(position));
    if (missing === undefined) return rows.map(toItem);
    throw new AtelierError('NOT_FOUND', `The sheet ${sheetId} has no picture ${missing}. Nothing was changed.`, {
      place: { field: 'positions' },
      remedy: 'Choose the pictures again.',
    });
  }

  /** Sets the states, after keeping those before. Changes of one stroke on the same pictures are undone together. */
  async function change(sheetId: SheetId, states: readonly LabelState[], stroke?: string): Promise<void> {
    await database.transaction(async () => {
      const before = await itemsAt(
        sheetId,
        states.map(({ position }) => position),
      );
      const last = await database.get<{ stroke: string | null; before_json: string }>(
        'SELECT stroke, before_json FROM label_change WHERE sheet_id = ? ORDER BY seq DESC LIMIT 1',
        [sheetId],
      );
      const isSameStroke =
        stroke !== undefined &&
        last?.stroke === stroke &&
        samePositions(JSON.parse(last.before_json) as LabelState[], before);
      if (!isSameStroke) {
        await database.run('INSERT INTO label_change (sheet_id, at, stroke, before_json) VALUES (?, ?, ?, ?)', [
          sheetId,
          new Date().toISOString(),
          stroke ?? null,
          JSON.stringify(before.map(stateOf)),
        ]);
        await database.run(
          `DELETE FROM label_change WHERE sheet_id = ?1 AND seq <= (
             SELECT seq FROM label_change WHERE sheet_id = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ${MOST_CHANGES})`,
          [sheetId],
        );
      }
      await write(sheetId, states);
    });
  }

  /** Undoes the newest change and returns the pictures that it had changed; null if there is none. */
  async function undo(sheetId: SheetId): Promise<number[] | null> {
    return await database.transaction(async () => {
      await get(sheetId);
      const last = await database.get<{ seq: number; before_json: string }>(
        'SELECT seq, before_json FROM label_change WHERE sheet_id = ? ORDER BY seq DESC LIMIT 1',
        [sheetId],
      );
      if (last === undefined) return null;
      const before = JSON.parse(last.before_json) as LabelState[];
      await write(sheetId, before);
      await database.run('DELETE FROM label_change WHERE seq = ?', [last.seq]);
      return before.map(({ position }) => position);
    });
  }

  async function write(sheetId: SheetId, states: readonly LabelState[]): Promise<void> {
    for await (const batch of batches(states)) {
      const rows = batch.map((state) => ({ ...state, leftOut: state.leftOut ? 1 : 0 }));
      await database.run(
        `UPDATE label_item SET question = n.question, answer = n.answer, left_out = n.left_out, problem = n.problem,
           answered_at = n.answered_at
         FROM (SELECT value ->> 'position' AS position, value ->> 'question' AS question, value ->> 'answer' AS answer,
                 value ->> 'leftOut' AS left_out, value ->> 'problem' AS problem, value ->> 'answeredAt' AS answered_at
                 FROM json_each(?1)) AS n
         WHERE label_item.sheet_id = ?2 AND label_item.position = n.position`,
        [JSON.stringify(rows), sheetId],
      );
    }
  }

  /** Keeps a model's proposal beside a picture. It is no answer. */
  async function propose(sheetId: SheetId, position: number, proposal: Proposal): Promise<void> {
    await database.run('UPDATE label_item SET proposal_json = ? WHERE sheet_id = ? AND position = ?', [
      JSON.stringify(proposal),
      sheetId,
      position,
    ]);
  }

  /** Records in the audit log that a model proposed answers. */
  async function recordProposals(body: Record<string, unknown>): Promise<void> {
    await database.transaction(async () => {
      await audit.append('labels.proposed', body);
    });
  }

  /** Names the newest dataset made from a sheet, and the side that each picture got in it. */
  async function setDataset(
    sheetId: SheetId,
    datasetId: DatasetId,
    splits: readonly { position: number; split: Split }[],
    counts: Record<string, number>,
  ): Promise<void> {
    await database.transaction(async () => {
      await database.run('UPDATE label_sheet SET dataset_id = ? WHERE id = ?', [datasetId, sheetId]);
      for await (const batch of batches(splits))
        await database.run(
          `UPDATE label_item SET split = n.split
             FROM (SELECT value ->> 'position' AS position, value ->> 'split' AS split FROM json_each(?1)) AS n
            WHERE label_item.sheet_id = ?2 AND label_item.position = n.position`,
          [JSON.stringify(batch), sheetId],
        );
      await audit.append('labels.dataset-made', { sheetId, datasetId, ...counts });
    });
  }

  async function rename(sheetId: SheetId, name: string): Promise<SheetRecord> {
    await database.run('UPDATE label_sheet SET name = ? WHERE id = ?', [name, sheetId]);
    return await get(sheetId);
  }

  /** Hides a sheet, or shows it again. Its answers are kept. */
  async function setRemoved(sheetId: SheetId, removed: boolean): Promise<SheetRecord> {
    await database.transaction(async () => {
      await get(sheetId);
      await database.run('UPDATE label_sheet SET removed_at = ? WHERE id = ?', [
        removed ? new Date().toISOString() : null,
        sheetId,
      ]);
      await audit.append(removed ? 'labels.sheet-removed' : 'labels.sheet-restored', { sheetId });
    });
    return await get(sheetId);
  }

  return { insert, list, get, items, itemsAt, change, undo, propose, recordProposals, setDataset, rename, setRemoved };
}

/** The part of a picture that a person changes, as it is. */
export function stateOf({ position, question, answer, leftOut, problem, answeredAt }: LabelItem): LabelState {
  return { position, question, answer, leftOut, problem, answeredAt };
}

function samePositions(a: readonly { position: number }[], b: readonly { position: number }[]): boolean {
  return a.length === b.length && a.every(({ position }, index) => position === b[index]?.position);
}

function toSheet(row: SheetRow): SheetRecord {
  const { pictures, answered, proposed, leftOut, unreadable } = row;
  return {
    id: SheetId.parse(row.id),
    name: row.name,
    folder: row.folder,
    createdAt: row.created_at,
    task: row.task,
    question: row.question,
    orientation: row.orientation,
    undoable: row.undoable,
    counts: { pictures, answered, proposed, leftOut, unreadable },
    datasetId: row.dataset_id === null ? null : DatasetId.parse(row.dataset_id),
    ...(row.removed_at === null ? {} : { removedAt: row.removed_at }),
  };
}

function toItem(row: ItemRow): LabelRecord {
  return {
    position: row.position,
    imageSha256: row.image_sha256,
    name: row.name,
    width: row.width,
    height: row.height,
    question: row.question,
    answer: row.answer,
    leftOut: row.left_out === 1,
    proposal: row.proposal_json === null ? null : (JSON.parse(row.proposal_json) as Proposal),
    problem: row.problem,
    optedOut: row.opted_out,
    answeredAt: row.answered_at,
    split: row.split,
  };
}
