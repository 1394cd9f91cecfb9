/**
 * @file Writes the questions and answers of a dataset or a sheet as a folder: each picture's original bytes, and beside
 * them a table that names them. The import reads it back, and so does the `imagefolder` of HF datasets.
 */
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { AnswersFormat, WriteAnswersRequest, WrittenAnswers } from '../../contract/model/labels.ts';
import { syncFile, syncFolder, writeError } from '../../formats/files.ts';
import { IMAGE_EXTENSIONS } from '../../formats/rows/image-tree.ts';
import { ANSWER_ORIGIN } from '../../method/answer-origin.ts';
import type { Store } from '../../store/connection/open.ts';
import { partialFolder } from '../exports/build/unfinished.ts';
import { makeOutputFolder, mustNotExist } from '../output-folder.ts';
import { columnsOf, rowOfSample, tableBytes, type AnswerRow } from './answer-tables.ts';
import { isReady, originOf } from './sheet-source.ts';

type Images = Pick<Store, 'datasets' | 'labels' | 'blobs'>;

/** A row with its picture and the subfolder it goes into. */
type Written = { row: AnswerRow; imageSha256: string; name: string; folder: string };

/**
 * A failure leaves nothing behind.
 * @param destination a whole path
 * @throws AtelierError CONFLICT for a folder that exists; BAD_INPUT for a sheet without answers; NOT_FOUND
 */
export async function writeAnswers(
  store: Images,
  { from, format, destination }: WriteAnswersRequest,
): Promise<WrittenAnswers> {
  const written = 'datasetId' in from ? await ofDataset(store, from.datasetId) : await ofSheet(store, from.sheetId);
  await mustNotExist(destination, 'An export of answers');
  await makeOutputFolder(dirname(destination));
  const aside = partialFolder(destination);
  try {
    await mkdir(aside);
    const result = await fill(store, aside, written, format);
    await rename(aside, destination);
    await syncFolder(dirname(destination));
    return { path: destination, ...result };
  } catch (cause) {
    await rm(aside, { recursive: true, force: true });
    throw typeof (cause as NodeJS.ErrnoException | null)?.code === 'string' && !(cause instanceof AtelierError)
      ? writeError(destination, cause)
      : cause;
  }
}

async function fill(
  { datasets, blobs }: Images,
  aside: string,
  written: readonly Written[],
  format: AnswersFormat,
): Promise<Omit<WrittenAnswers, 'path'>> {
  const columns = columnsOf(written.map(({ row }) => ({ file_name: '', ...row })));
  const tables: string[] = [];
  const pictures = new Set<string>();
  for (const folder of [...new Set(written.map((each) => each.folder))].sort()) {
    await mkdir(join(aside, folder), { recursive: true });
    const names = new Map<string, string>();
    const rows: AnswerRow[] = [];
    for (const { row, imageSha256, name, folder: own } of written) {
      if (own !== folder) continue;
      // HF datasets matches each file with one row, so every row has a file of its own.
      const file = freeName(nameOf(name, (await datasets.image(imageSha256))?.format), names);
      names.set(file.toLowerCase(), imageSha256);
      pictures.add(imageSha256);
      await copyFile(await blobs.getWhole(imageSha256), join(aside, folder, file));
      await syncFile(join(aside, folder, file));
      rows.push({ file_name: file, ...row });
    }
    const table = join(folder, `metadata.${format}`);
    await writeFile(join(aside, table), tableBytes(rows, columns, format));
    await syncFile(join(aside, table));
    tables.push(table.replaceAll('\\', '/'));
  }
  return { tables, pictures: pictures.size, rows: written.length };
}

async function ofDataset(
  { datasets }: Images,
  datasetId: Parameters<Images['datasets']['get']>[0],
): Promise<Written[]> {
  return (await datasets.allSamples(datasetId)).map((sample) => ({
    row: rowOfSample(sample),
    imageSha256: sample.imageSha256,
    name: sample.imageName,
    folder: sample.split,
  }));
}

async function ofSheet({ labels }: Images, sheetId: Parameters<Images['labels']['get']>[0]): Promise<Written[]> {
  const sheet = await labels.get(sheetId);
  const items = (await labels.itemsAt(sheetId)).filter(isReady);
  if (items.length === 0) {
    throw new AtelierError('BAD_INPUT', `No picture of "${sheet.name}" has an answer yet. Nothing was written.`, {
      place: { field: 'sheetId' },
      remedy: 'Answer a picture first.',
    });
  }
  return items.map((item) => ({
    row: {
      question: item.question ?? sheet.question,
      answer: item.answer.trim(),
      [ANSWER_ORIGIN]: JSON.stringify(originOf(item)),
    },
    imageSha256: item.imageSha256,
    name: item.name,
    folder: '',
  }));
}

/** The picture's own name, with an ending by which other programs know it for a picture. */
function nameOf(name: string, format: string | undefined): string {
  const own = basename(name.replaceAll('\\', '/')).replaceAll(/[\p{Cc}<>:"|?*]/gu, '_');
  const ending = format === 'jpeg' ? '.jpg' : `.${format ?? 'png'}`;
  return IMAGE_EXTENSIONS.has(extname(own).toLowerCase()) ? own : `${own}${ending}`;
}

/** The name, with a number where another picture has it already; case is ignored, as on many disks. */
function freeName(name: string, taken: ReadonlyMap<string, string>): string {
  const ending = extname(name);
  const stem = name.slice(0, name.length - ending.length);
  for (let count = 1; ; count += 1) {
    const free = count === 1 ? name : `${stem}-${count}${ending}`;
    if (!taken.has(free.toLowerCase())) return free;
  }
}
