/** @file A folder tree of images without a table: each image is a row, with its folder and its caption file. */
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { readFolder } from '../files.ts';
import { readRegular } from '../regular-file.ts';
import { badTable, type RowItem, type RowSource } from './row-source.ts';
import { splitWordInPath } from './split-words.ts';

/** Extensions of images, including formats that are refused on reading, with a remedy. */
export const IMAGE_EXTENSIONS = new Set(
  ['jpg', 'jpeg', 'jfif', 'png', 'webp', 'gif', 'tif', 'tiff', 'avif', 'bmp', 'heic', 'heif'].map((end) => `.${end}`),
);

/** Extensions of text files beside an image that describe it, most common first. */
export const CAPTION_EXTENSIONS = ['.txt', '.caption'] as const;

const MOST_IMAGES = 1_000_000;
const MOST_DEPTH = 32;
const MAX_CAPTION_BYTES = 64 * 1024;

/**
 * Columns `file_name`, `folder` (the one that contains the image) and `caption` (from `name.txt` or `name.caption`). A
 * top-level folder such as `train/` or `test/` states the split. Links are not followed.
 */
export async function openImageTree(folder: string): Promise<RowSource> {
  const paths = await imagesUnder(folder);
  if (paths.length === 0) throw badTable(folder, `${folder} holds no image.`);
  const captions = await captionsAmong(folder, paths);
  if (!captions && paths.every((path) => dirname(path) === folder)) {
    const pictures = paths.length === 1 ? 'one picture' : `${paths.length} pictures`;
    throw badTable(
      folder,
      `${folder} holds ${pictures}, but no table, no subfolder and no captions: nothing says what to ask and what the right answer is.`,
      'Label them in Atelier: choose "Label pictures" under Datasets, or use `atelier label`. Or put a metadata.csv with the columns file_name, question and answer beside the pictures, sort them into a folder for each answer, or put a text file of the same name beside each.',
    );
  }
  return {
    format: 'folder',
    encoding: null,
    delimiter: null,
    columns: ['file_name', 'folder', ...(captions ? ['caption'] : [])],
    rowsEstimate: paths.length,
    warnings: [],
    rows: () => readRows(folder, paths, captions),
  };
}

async function* readRows(folder: string, paths: readonly string[], captions: boolean): AsyncGenerator<RowItem> {
  for (const [index, path] of paths.entries()) {
    const file_name = relative(folder, path).split(sep).join('/');
    const inFolder = dirname(path) === folder ? '' : basename(dirname(path));
    const splitWord = splitWordInPath(file_name);
    yield {
      line: index + 1,
      ...(splitWord === null ? {} : { splitWord }),
      values: { file_name, folder: inFolder, ...(captions ? { caption: await captionOf(path) } : {}) },
    };
  }
}

/** Every image below the folder, folder by folder in name order. */
export async function imagesUnder(root: string): Promise<string[]> {
  const found: string[] = [];
  async function walk(folder: string, depth: number): Promise<void> {
    if (depth > MOST_DEPTH) return;
    const files: string[] = [];
    const folders: string[] = [];
    for (const entry of await readFolder(folder)) {
      if (entry.name.startsWith('.') || entry.name === '__MACOSX') continue;
      if (entry.isDirectory()) folders.push(entry.name);
      else if (entry.isFile() && IMAGE_EXTENSIONS.has(extname(entry.name).toLowerCase())) files.push(entry.name);
    }
    const order = new Intl.Collator('en', { numeric: true });
    found.push(...files.sort((a, b) => order.compare(a, b)).map((name) => join(folder, name)));
    if (found.length > MOST_IMAGES) throw badTable(root, `${root} holds more than ${MOST_IMAGES} images.`);
    for (const name of folders.sort((a, b) => order.compare(a, b))) await walk(join(folder, name), depth + 1);
  }
  await walk(root, 0);
  return found;
}

async function captionsAmong(folder: string, paths: readonly string[]): Promise<boolean> {
  for (const path of paths.slice(0, 200)) if ((await captionOf(path)) !== '') return true;
  return false;
}

async function captionOf(path: string): Promise<string> {
  const stem = path.slice(0, path.length - extname(path).length);
  for (const extension of CAPTION_EXTENSIONS) {
    try {
      // Never through a link: it could lead to any of your files.
      const bytes = await readRegular(dirname(path), basename(stem) + extension, MAX_CAPTION_BYTES);
      const text = new TextDecoder().decode(bytes).trim();
      if (text !== '') return text;
    } catch {
      // No caption file has this name.
    }
  }
  return '';
}
