/**
 * @file The answered pictures of a sheet as rows of an import. A picture whose file is still there, unchanged, is read
 * where it is, with what lies beside it; any other is read from the data folder.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnswerOrigin } from '../../contract/model/labels.ts';
import { ANSWER_ORIGIN } from '../../method/answer-origin.ts';
import type { Store } from '../../store/connection/open.ts';
import type { LabelRecord, SheetRecord } from '../../store/labels/labels.ts';
import type { OpenSource, SourceRow } from '../datasets/import/open-source.ts';

const COLUMNS = ['file_name', 'question', 'answer', 'split', ANSWER_ORIGIN];

/** Whether a picture goes into the dataset: with an answer that can be read, and not left out. */
export function isReady({ answer, leftOut, problem }: LabelRecord): boolean {
  return answer.trim() !== '' && !leftOut && problem === null;
}

export function openSheet(
  { blobs }: Pick<Store, 'blobs'>,
  sheet: SheetRecord,
  items: readonly LabelRecord[],
): OpenSource {
  const shown = (path: string): string => path;
  const root = { folder: sheet.folder, tableFolder: sheet.folder, shown };
  async function* rows(): AsyncGenerator<SourceRow> {
    for (const item of items) {
      const picture = await pictureOf(sheet, item, blobs);
      if (picture === null) continue;
      const values = {
        file_name: picture,
        question: item.question ?? sheet.question,
        answer: item.answer.trim(),
        // What an earlier dataset held out stays held out; anything else is chosen anew.
        split: item.split ?? '',
        [ANSWER_ORIGIN]: JSON.stringify(originOf(item)),
      };
      yield { item: { line: item.position + 1, values }, root, splitWord: null, table: null };
    }
  }
  return {
    name: sheet.folder,
    folder: sheet.folder,
    format: 'folder',
    encoding: null,
    delimiter: null,
    columns: COLUMNS,
    choices: [],
    rowsEstimate: items.length,
    warnings: [],
    peeked: [],
    shown,
    rows,
    close: () => Promise.resolve(),
  };
}

/** The file's name, or its bytes; null for a picture that said no to training in a file that is gone now. */
async function pictureOf(
  { folder }: SheetRecord,
  { name, imageSha256, optedOut }: LabelRecord,
  blobs: Store['blobs'],
): Promise<string | { bytes: Uint8Array; path: string } | null> {
  if ((await sha256Of(join(folder, ...name.split('/')))) === imageSha256) return name;
  if (optedOut !== null) return null;
  return { bytes: await readFile(await blobs.getWhole(imageSha256)), path: name };
}

async function sha256Of(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    return hash.digest('hex');
  } catch {
    return null;
  }
}

/** Who gave a picture's answer. */
export function originOf({ proposal, answeredAt }: LabelRecord): AnswerOrigin {
  const at = answeredAt ?? new Date().toISOString();
  return proposal === null ? { by: 'person', at } : { by: 'model', ...proposal, decidedAt: at };
}
