/**
 * @file training-summary.md: the public summary of training content, following the European Commission's template for
 * Article 53(1)(d) of Regulation (EU) 2024/1689 (24 July 2025). It is voluntary: someone who fine-tunes a model on
 * their own images is generally not a provider of a general-purpose model. Facts not recorded are marked as such.
 */
import {
  imageCounts,
  licenceWords,
  licencesOf,
  makerName,
  optOutText,
  sourceAddresses,
  statedLicence,
} from './bundle-description.ts';
import type { BundleDescription } from './bundle-description.ts';
import { compareCodePoints } from '../signing/canonical-json.ts';
import { oneLine } from '../ledger/credits.ts';
import { factsOf } from '../ledger/licence-facts.ts';
import { isTrained, licenceWithSources, proposedAnswersText } from './manifest.ts';
import type { ManifestRow } from './manifest.ts';
import { originsOf } from './origins.ts';
import { licenceIdsOf } from './spdx.ts';
import { counted } from '../../method/counted.ts';

/** Figures that readers and the verifier can look up, one per line: `| name | value |`. */
export const SUMMARY_LINE = {
  run: 'Run and step',
  datasetSha256: 'Dataset snapshot (sha256)',
  manifestSha256: 'List of images (sha256 of manifest.jsonl)',
  images: 'Images used for training',
} as const;

/** Where an image belongs in section 2: by a recorded decision, or else by its licence and those of the works in it. */
type Origin = 'open-licence' | 'contract' | 'own-or-not-known';

/** The number of domains listed; the rest are only counted. */
const DOMAINS_SHOWN = 50;

export function trainingSummary(description: BundleDescription): string {
  const { recipe, base, dataset, manifest, runId, step, at } = description;
  const trained = manifest.filter(isTrained);
  const { training } = imageCounts(manifest);
  const groups = byOrigin(trained);
  const lines = [
    '# Public summary of training content',
    '',
    'After the template of the European Commission for Article 53(1)(d) of Regulation (EU) 2024/1689. This voluntary summary covers only the fine-tuning,',
    'not the training of the base model, for which its provider is responsible.',
    '',
    table([
      ['Version of this summary', '1'],
      ['Last update', at.slice(0, 10)],
      [SUMMARY_LINE.run, `${runId}, step ${step}`],
      [SUMMARY_LINE.datasetSha256, recipe.datasetSha256],
      [SUMMARY_LINE.manifestSha256, description.manifestFile.sha256],
    ]),
    '',
    '## 1 General information',
    '',
    '### 1.1 Provider',
    '',
    table([
      ['Provider', `${makerName(description)} (no name or address was given)`],
      ['Authorised representative', 'Not recorded'],
    ]),
    '',
    '### 1.2 Model',
    '',
    table([
      ['Model', `${recipe.name}, step ${step} of run ${runId}`],
      [
        'Depends on',
        `${base.name} (sha256 ${recipe.modelSha256}${base.hub === null ? '' : `, on the Hugging Face hub as ${base.hub.id}`})`,
      ],
      ['Date of placement on the Union market', 'Not recorded'],
    ]),
    '',
    '### 1.3 Training data',
    '',
    table([
      ['Modalities', 'Image; text (one question and one answer per image)'],
      [SUMMARY_LINE.images, String(training)],
      ['Size of the image data', sizeRange(training)],
      ['Types of content, images', imageTypes(trained)],
      ['Size of the text data', textRange(dataset.textBytes)],
      ['Types of content, text', textTypes(trained)],
      ['Audio and video', 'None'],
      [
        'Latest date of acquisition',
        `Imported ${dataset.importedAt.slice(0, 10)}; the model does not learn after training`,
      ],
      ['Languages and other characteristics', 'Not recorded'],
    ]),
    '',
    '## 2 Sources of the data',
    '',
    'Sorted by the licence of each image and of the works in it, because it was not recorded how the maker obtained it, and by the decision where one is recorded (own work, or a permission of the rightsholder). `manifest.jsonl` lists every image.',
    '',
    '### 2.1 Publicly available data',
    '',
    `${answer(groups['open-licence'])} Modality: image.`,
    '',
    domainsText(groups['open-licence']),
    '',
    '### 2.2 Private data of third parties',
    '',
    `2.2.1 Licensed by rightsholders. ${answer(groups.contract)}`,
    '',
    '2.2.2 From other third parties: not recorded.',
    '',
    '### 2.3 Crawled and scraped data',
    '',
    'Atelier does not crawl. It was not recorded whether a crawler had collected the images before they were imported.',
    '',
    '### 2.4 User data',
    '',
    'Atelier collected no data from users of a service.',
    '',
    '### 2.5 Synthetic data',
    '',
    syntheticText(trained),
    ...answersText(manifest),
    ...(recipe.method === 'sft'
      ? []
      : [
          'The model also learned from its own answers to the questions, weighted by rewards (reinforcement learning).',
        ]),
    '',
    '### 2.6 Other sources',
    '',
    `Own work by a recorded decision, works with all rights reserved, and works with an unknown licence. ${answer(groups['own-or-not-known'])}`,
    '',
    '## 3 Processing',
    '',
    '### 3.1 Reservations of rights (text and data mining)',
    '',
    'Signatory of the Code of Practice: not recorded.',
    '',
    `${optOutText(manifest, description.ledger.unknownUse)} \`manifest.jsonl\` lists every image with the exact words. The licence of every image was assessed as well (\`ledger.json\`).`,
    '',
    '### 3.2 Removal of illegal content',
    '',
    'The maker chose the images. Nothing was removed automatically.',
    '',
    '### 3.3 Other',
    '',
    creditedText(manifest),
    '',
  ];
  return lines.join('\n');
}

/** Whom `ATTRIBUTION.csv` and `NOTICE` name: the authors of every image that was used, and of the works in them. */
function creditedText(manifest: readonly ManifestRow[]): string {
  const used = manifest.filter(({ use }) => use !== 'not-used');
  const named = used.flatMap(({ authors, sources }) => [
    ...authors,
    ...sources.flatMap(({ author }) => (author ?? '').split(';')),
  ]);
  const authors = new Set(named.map((name) => oneLine(name)).filter((name) => name !== '')).size;
  return (
    `${counted(authors, 'author')} of the images used for training and evaluation, and of the works in them, ` +
    `${authors === 1 ? 'is' : 'are'} named and credited in \`ATTRIBUTION.csv\` and \`NOTICE\`.`
  );
}

/** What the images say about their origin. What they show was not recorded, so nothing is said about it. */
function imageTypes(trained: readonly ManifestRow[]): string {
  const origins = originsOf(trained);
  const shown = 'What they show was not recorded';
  if (origins === null) return `Their origin was not recorded. ${shown}`;
  const { byModel, partlyByModel, otherwise, silent } = origins;
  return `By their own metadata: ${byModel} made by a model, ${partlyByModel} partly, ${otherwise} of another origin; ${silent} say nothing. ${shown}`;
}

/** Tokenisers of this kind start from bytes, so a text never has more tokens than bytes. */
function textRange(bytes: number): string {
  const range = bytes < 1e9 ? 'Less than 1 billion tokens' : 'Not known: tokens were not counted';
  return `${range}: the questions and answers have ${bytes} bytes in UTF-8, and a token has at least one`;
}

/** The bytes of text that a summary states; 0 if it states none. */
export function statedTextBytes(summary: string): number {
  return Number(/: the questions and answers have (\d+) bytes in UTF/.exec(summary)?.[1] ?? 0);
}

function textTypes(trained: readonly ManifestRow[]): string {
  const counts = new Map<string, number>();
  for (const { samples } of trained)
    for (const { task, split } of samples) if (split === 'train') counts.set(task, (counts.get(task) ?? 0) + 1);
  const sorted = [...counts].sort(([a], [b]) => compareCodePoints(a, b));
  return `Questions and short answers, by task: ${sorted.map(([task, n]) => `${task} ${n}`).join(', ') || 'none'}`;
}

function syntheticText(trained: readonly ManifestRow[]): string {
  const origins = originsOf(trained);
  const known =
    'It is known whether a model made an image only if the image’s own metadata says so (`manifest.jsonl`).';
  if (origins === null) return `Not recorded. ${known}`;
  const { byModel, partlyByModel } = origins;
  const isFound = byModel + partlyByModel > 0;
  return (
    `${isFound ? 'Yes' : 'None found'}: ${byModel} of ${trained.length} images used for training say that a model made them, and ${partlyByModel} that it made a part of them. ` +
    `${isFound ? 'Which models these were was not recorded. ' : ''}${known}`
  );
}

/** Answers that a model proposed are synthetic too, whoever confirmed them. */
function answersText(manifest: readonly ManifestRow[]): string[] {
  const text = proposedAnswersText(manifest);
  return text === null ? [] : ['', text];
}

/** The template's size ranges. */
function sizeRange(images: number): string {
  if (images < 1e6) return 'Less than 1 million images';
  return images <= 1e9 ? '1 million to 1 billion images' : 'More than 1 billion images';
}

/** The value of a line in the summary's tables, as written; null if there is none. */
export function summaryValue(text: string, name: string): string | null {
  const line = text.split('\n').find((entry) => entry.startsWith(`| ${name} | `));
  return line === undefined ? null : line.slice(`| ${name} | `.length, -' |'.length);
}

function byOrigin(rows: readonly ManifestRow[]): Record<Origin, ManifestRow[]> {
  const groups: Record<Origin, ManifestRow[]> = { 'open-licence': [], contract: [], 'own-or-not-known': [] };
  for (const row of rows) groups[originOf(row)].push(row);
  return groups;
}

function originOf(row: ManifestRow): Origin {
  // The maker said how these were obtained.
  if (row.override?.basis === 'own-work') return 'own-or-not-known';
  if (row.override?.basis === 'permission') return 'contract';
  const licence = licenceWithSources(row);
  const stated = statedLicence(licence);
  if (stated.kind === 'not-known' || stated.kind === 'words') return 'own-or-not-known';
  const ids = licenceIdsOf(licence);
  if (ids.some((id) => id.startsWith('LicenseRef-contract'))) return 'contract';
  return ids.every(isPublished) ? 'open-licence' : 'own-or-not-known';
}

/** True for a licence with a published text, which anyone can accept. */
function isPublished(id: string): boolean {
  return !id.startsWith('LicenseRef-') || (factsOf(id)?.url ?? null) !== null;
}

/** The answer to whether there are such images, and under which licences. */
function answer(rows: readonly ManifestRow[]): string {
  if (rows.length === 0) return 'No: none of the images.';
  const parts = licencesOf(rows).map(({ licence, images }) => `${images} under ${cell(licenceWords(licence))}`);
  return `Yes: ${counted(rows.length, 'image')} (${parts.join('; ')}).`;
}

function domainsText(rows: readonly ManifestRow[]): string {
  const counts = new Map<string, number>();
  for (const address of sourceAddresses(rows)) {
    const { hostname } = new URL(address);
    counts.set(hostname, (counts.get(hostname) ?? 0) + 1);
  }
  if (counts.size === 0) return 'No source has a web address.';
  const sorted = [...counts.entries()].sort(([a, m], [b, n]) => n - m || compareCodePoints(a, b));
  const shown = sorted.slice(0, DOMAINS_SHOWN).map(([domain, n]) => `${cell(domain)} (${n})`);
  const more = sorted.length - shown.length;
  return `Domains of the sources, with the number of distinct addresses: ${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}.`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${cell(value)} |`)].join('\n');
}

/** Makes foreign text safe inside a Markdown table cell. */
function cell(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>#|~!]/g, (character) => `\\${character}`);
}
