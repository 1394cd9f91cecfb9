/** @file `atelier generate --why`: where the model looked, as pictures to write and a text to print. */
import { lstat } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { AtelierError } from '../contract/errors/errors.ts';
import type { Attention } from '../contract/model/attention.ts';
import type { Pictures } from '../pictures/pictures.ts';
import { brightest, brightness, veilOf, wholeAnswer } from '../reporting/attention-shown.ts';
import { percent } from '../reporting/figures.ts';
import { shownOnOneLine } from '../reporting/shown-text.ts';
import { makeOutputFolder } from '../studio/output-folder.ts';
import { writeAtomically } from './demo/report-files.ts';

/** Other likely tokens that are named. */
const MOST_OTHERS = 3;

/** Before anything is asked. @throws AtelierError if there is no picture, or the file is there or no PNG */
export async function checkWhy(path: string, images: readonly string[]): Promise<void> {
  const place = { field: '--why' };
  if (images.length === 0)
    throw new AtelierError('BAD_INPUT', '--why needs a picture: without one, there is nothing to look at.', {
      place,
      remedy: 'Give one with --image.',
    });
  if (extname(path).toLowerCase() !== '.png')
    throw new AtelierError('BAD_INPUT', `--why writes a PNG file, and ${path} does not end in .png.`, {
      place,
      remedy: 'Give it a name that ends in .png.',
    });
  for (const each of overlayPaths(path, images.length)) {
    if ((await lstat(each).catch(() => null)) === null) continue;
    throw new AtelierError('CONFLICT', `${each} exists already. Nothing was written.`, {
      place: { file: each },
      remedy: 'Choose another name, or move the file away.',
    });
  }
}

/** The file for one picture; numbered files for several. */
function overlayPaths(path: string, count: number): string[] {
  if (count === 1) return [path];
  const end = extname(path);
  return Array.from({ length: count }, (_, index) => `${path.slice(0, -end.length)}-${index + 1}${end}`);
}

/** Writes each picture with what the whole answer looked at, bright where it looked. Returns the files. */
export async function writeOverlays(
  pictures: Pick<Pictures, 'veiled'>,
  { images, attention, path }: { images: readonly string[]; attention: Attention; path: string },
): Promise<string[]> {
  const paths = overlayPaths(path, images.length);
  const bright = brightness(shownOf(attention)?.pictures ?? []);
  await makeOutputFolder(dirname(path));
  for (const [index, image] of images.entries()) {
    const grid = attention.pictures[index];
    const file = paths[index];
    if (grid === undefined || file === undefined) continue;
    const rgba = new Uint8Array(veilOf(bright[index] ?? []));
    await writeAtomically(file, await pictures.veiled({ path: image, upright: true }, { ...grid, rgba }));
  }
  return paths;
}

function shownOf(attention: Attention): ReturnType<typeof wholeAnswer> {
  return wholeAnswer(attention.bands[0]?.tokens ?? [], attention);
}

/** What the page shows beside the picture, and each token with how likely it was. */
export function whyText(attention: Attention, overlays: readonly string[]): string {
  const shown = shownOf(attention);
  const places = attention.pictures.map(({ rows, columns }, index) => {
    const { row, column } = brightest(shown?.pictures[index] ?? [], columns);
    const file = overlays[index] ?? '';
    return `  most at row ${row} of ${rows}, column ${column} of ${columns}: ${shownOnOneLine(file)}`;
  });
  const { tokens, layers, omitted } = attention;
  return [
    `Where it looked: attention over all heads and ${layers} layers. It says what was read, not why.`,
    `  pictures ${percent(shown?.picture)}, words of the prompt ${percent(shown?.prompt)}, its own answer so far ${percent(shown?.answer)}`,
    ...places,
    'How likely each token was:',
    ...tokens.map(tokenLine),
    ...(omitted === 0 ? [] : [`  ${omitted} later tokens are left out.`]),
  ].join('\n');
}

function tokenLine({ id, text, logprob, top }: Attention['tokens'][number]): string {
  const shown = (token: string): string => JSON.stringify(shownOnOneLine(token));
  const others = top
    .filter((other) => other.id !== id)
    .slice(0, MOST_OTHERS)
    .map((other) => `${shown(other.text)} ${percent(Math.exp(other.logprob))}`);
  const chosen = `  ${percent(Math.exp(logprob)).padStart(6)}  ${shown(text)}`;
  return others.length === 0 ? chosen : `${chosen}, then ${others.join(', ')}`;
}
