/** @file Writes the starter datasets: pictures, metadata.jsonl, licences and credits. Run by `npm run build:starter`. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { StarterData } from '../../contract/model/primitives.ts';
import { loadArt, type Art } from '../../starter/art.ts';
import { defaultArtFolder, type Catalogue } from '../../starter/catalogue.ts';
import { iconCredit } from '../../starter/credits.ts';
import { planCounting, planGeometry, type PlannedRow } from '../../starter/dataset-plan.ts';
import { planComposites, planPairs } from '../../starter/two-step-plan.ts';
import { renderDiagram } from '../../starter/diagrams.ts';
import { renderComposite } from '../../starter/composites.ts';
import { SIDE, type Canvas } from '../../starter/raster.ts';
import { renderRoamingScene } from '../../starter/roaming-scenes.ts';
import { renderScene } from '../../starter/scenes.ts';

/** Where the datasets are in a checkout. */
export function defaultDatasetsFolder(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '../../../resources/datasets');
}

/** The text of metadata.jsonl. */
export function metadataText(rows: readonly PlannedRow[]): string {
  return `${rows.map(metadataLine).join('\n')}\n`;
}

function metadataLine(row: PlannedRow): string {
  return JSON.stringify({
    file_name: row.fileName,
    question: row.question,
    answer: row.answer,
    task: row.task,
    split: row.split,
    licence: row.credit.licence,
    authors: row.credit.authors,
    sources: row.credit.sources,
    ...(row.paraphrases === undefined ? {} : { paraphrases: row.paraphrases }),
    ...(row.heldOut === undefined ? {} : { held_out: row.heldOut }),
  });
}

/** Paints a row's picture and compresses it losslessly. */
export async function encodePng(row: PlannedRow, art: Art): Promise<Buffer> {
  const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
  return sharp(paintRow(row, art), { raw }).png({ compressionLevel: 9, effort: 10 }).toBuffer();
}

/** A row's picture, 112×112×3, row by row. */
export function paintRow(row: PlannedRow, art: Art): Uint8Array {
  return new Uint8Array(paint(row.picture, art).buffer);
}

function paint(picture: PlannedRow['picture'], art: Art): Canvas {
  switch (picture.kind) {
    case 'scene':
      return renderScene(picture.scene, art);
    case 'diagram':
      return renderDiagram(picture.diagram);
    case 'roaming':
      return renderRoamingScene(picture.scene, art);
    case 'composite':
      return renderComposite(picture.figure);
  }
}

/** The code that makes the pictures, where they contain no icons. */
const PAINTERS: Partial<Record<StarterData, string>> = {
  geometry: 'electron/starter/diagrams.ts',
  'two-step-geometry': 'electron/starter/composites.ts',
};

/** The credits page of a dataset: each licence, each set, and each person a set names. */
export function creditsPage(data: StarterData, rows: readonly PlannedRow[], catalogue: Catalogue): string {
  const licences = new Map<string, number>();
  for (const row of rows) licences.set(row.credit.licence, (licences.get(row.credit.licence) ?? 0) + 1);
  const lines = [
    `# Credits: the ${data} starter dataset`,
    '',
    'Each row of `metadata.jsonl` names the licence, the authors and the sources of its own picture.',
    'The texts of the licences lie in `LICENSES/`.',
    '',
    '| Licence of the picture | Pictures |',
    '|---|---|',
    ...[...licences].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([licence, count]) => `| ${licence} | ${count} |`),
    '',
  ];
  const painter = PAINTERS[data];
  if (painter !== undefined) {
    lines.push(`Every drawing was made by this project (\`${painter}\`), Apache-2.0.`, '');
    return lines.join('\n');
  }
  lines.push('Icons were cut to their visible part, scaled, turned a little and tinted; backgrounds are our own.', '');
  for (const set of catalogue.sets) {
    lines.push(`## ${set.name}`, '', `${set.licence}, ${set.author}, ${set.url}, version ${set.version}`, '');
    for (const kind of catalogue.kinds) {
      const credit = iconCredit(set, kind);
      lines.push(`- ${credit.title}: ${credit.author}`);
    }
    lines.push('');
  }
  return lines.join('\n');
}

const LICENCE_NOTE =
  'Questions, answers and the arrangement of the pictures: Apache-2.0, The Atelier authors.\n' +
  'Pictures: the licence that metadata.jsonl names for each of them (an SPDX expression; AND means that all of them\n' +
  'apply). Texts: LICENSES/. People and projects to credit: CREDITS.md.\n';

/** Writes rows with their pictures, licences and credits; the folder's pictures are replaced. */
export async function writeDataset(
  folder: string,
  data: StarterData,
  rows: readonly PlannedRow[],
  art: Art,
): Promise<void> {
  await rm(join(folder, 'images'), { recursive: true, force: true });
  await mkdir(join(folder, 'images'), { recursive: true });
  await mkdir(join(folder, 'LICENSES'), { recursive: true });
  for (const row of rows) await writeFile(join(folder, row.fileName), await encodePng(row, art));
  await writeFile(join(folder, 'metadata.jsonl'), metadataText(rows));
  await writeFile(join(folder, 'CREDITS.md'), creditsPage(data, rows, art.catalogue));
  await writeFile(join(folder, 'LICENSE'), LICENCE_NOTE);
  for (const set of art.catalogue.sets) {
    if (PAINTERS[data] !== undefined && set.id !== 'own') continue;
    const text = await readFile(join(defaultArtFolder(), set.id, 'LICENSE'), 'utf8');
    await writeFile(join(folder, 'LICENSES', `${set.licence}-${set.id}.txt`), text);
  }
}

/** The rows of every starter dataset. */
export function starterPlans(art: Art): Record<StarterData, PlannedRow[]> {
  const drawings = (set: string, kind: string): number => art.drawings(set, kind).length;
  return {
    counting: planCounting(art.catalogue, drawings),
    geometry: planGeometry(),
    'two-step-counting': planPairs(art.catalogue, drawings),
    'two-step-geometry': planComposites(),
  };
}

/**
 * Writes the starter datasets below a folder. The same code on the same machine writes the same bytes.
 * @param folder gets a folder for each dataset; their pictures are replaced
 * @param limit writes only the first rows of each, as a preview
 * @returns number of rows written to each
 */
export async function buildStarterDatasets(
  folder: string = defaultDatasetsFolder(),
  limit = Infinity,
  wanted: readonly StarterData[] = StarterData.options,
): Promise<Partial<Record<StarterData, number>>> {
  const art = await loadArt();
  const plans = starterPlans(art);
  const written: Partial<Record<StarterData, number>> = {};
  for (const data of wanted) {
    const rows = plans[data].slice(0, limit);
    await writeDataset(join(folder, data), data, rows, art);
    written[data] = rows.length;
  }
  return written;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const written = await buildStarterDatasets(process.argv[2]);
  const parts = Object.entries(written).map(([data, rows]) => `${data} ${String(rows)} rows`);
  process.stdout.write(`Starter datasets: ${parts.join(', ')}.\n`);
}
