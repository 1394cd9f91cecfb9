/** @file Writes the two starter datasets: pictures, metadata.jsonl, licences and credits. Run by `npm run build:starter`. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { loadArt, type Art } from '../../starter/art.ts';
import { defaultArtFolder, type Catalogue } from '../../starter/catalogue.ts';
import { iconCredit } from '../../starter/credits.ts';
import { planCounting, planGeometry, type PlannedRow, type StarterTask } from '../../starter/dataset-plan.ts';
import { renderDiagram } from '../../starter/diagrams.ts';
import { SIDE } from '../../starter/raster.ts';
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
  });
}

/** Paints a row's picture and compresses it losslessly. */
export async function encodePng(row: PlannedRow, art: Art): Promise<Buffer> {
  const canvas =
    row.picture.kind === 'scene' ? renderScene(row.picture.scene, art) : renderDiagram(row.picture.diagram);
  const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
  return sharp(new Uint8Array(canvas.buffer), { raw }).png({ compressionLevel: 9, effort: 10 }).toBuffer();
}

/** The credits page of a dataset: each licence, each set, and each person a set names. */
export function creditsPage(task: StarterTask, rows: readonly PlannedRow[], catalogue: Catalogue): string {
  const licences = new Map<string, number>();
  for (const row of rows) licences.set(row.credit.licence, (licences.get(row.credit.licence) ?? 0) + 1);
  const lines = [
    `# Credits: the ${task} starter dataset`,
    '',
    'Each row of `metadata.jsonl` names the licence, the authors and the sources of its own picture.',
    'The texts of the licences lie in `LICENSES/`.',
    '',
    '| Licence of the picture | Pictures |',
    '|---|---|',
    ...[...licences].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([licence, count]) => `| ${licence} | ${count} |`),
    '',
  ];
  if (task === 'geometry') {
    lines.push('Every drawing was made by this project (`electron/starter/diagrams.ts`), Apache-2.0.', '');
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

async function writeDataset(folder: string, task: StarterTask, rows: readonly PlannedRow[], art: Art): Promise<void> {
  await rm(join(folder, 'images'), { recursive: true, force: true });
  await mkdir(join(folder, 'images'), { recursive: true });
  await mkdir(join(folder, 'LICENSES'), { recursive: true });
  for (const row of rows) await writeFile(join(folder, row.fileName), await encodePng(row, art));
  await writeFile(join(folder, 'metadata.jsonl'), metadataText(rows));
  await writeFile(join(folder, 'CREDITS.md'), creditsPage(task, rows, art.catalogue));
  await writeFile(join(folder, 'LICENSE'), LICENCE_NOTE);
  for (const set of art.catalogue.sets) {
    if (task === 'geometry' && set.id !== 'own') continue;
    const text = await readFile(join(defaultArtFolder(), set.id, 'LICENSE'), 'utf8');
    await writeFile(join(folder, 'LICENSES', `${set.licence}-${set.id}.txt`), text);
  }
}

/**
 * Writes both starter datasets below a folder. The same code on the same machine writes the same bytes.
 * @param folder gets `counting/` and `geometry/`; their pictures are replaced
 * @param limit writes only the first rows of each, as a preview
 * @returns number of rows written to each
 */
export async function buildStarterDatasets(
  folder: string = defaultDatasetsFolder(),
  limit = Infinity,
): Promise<Record<StarterTask, number>> {
  const art = await loadArt();
  const counting = planCounting(art.catalogue, (set, kind) => art.drawings(set, kind).length).slice(0, limit);
  const geometry = planGeometry().slice(0, limit);
  await writeDataset(join(folder, 'counting'), 'counting', counting, art);
  await writeDataset(join(folder, 'geometry'), 'geometry', geometry, art);
  return { counting: counting.length, geometry: geometry.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const written = await buildStarterDatasets(process.argv[2]);
  process.stdout.write(`Starter datasets: ${written.counting} counting rows, ${written.geometry} geometry rows.\n`);
}
