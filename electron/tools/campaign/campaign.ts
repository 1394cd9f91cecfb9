/**
 * @file `npm run campaign`: attacks the built Atelier for a while and reports what held. docs/reliability.md explains
 * each part. Goes on where it stopped: run it as often as you like, also at low priority in the background.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { findPlaces } from '../../studio/places.ts';
import { readJournal } from './journal.ts';
import { PART_NAMES, type PartName } from './part.ts';
import { PARTS, UNITS } from './parts.ts';
import { runCampaign } from './run-campaign.ts';
import { summarise, summaryMarkdown } from './summary.ts';

const { root } = findPlaces(import.meta.url);
const BEGIN = '<!-- made by `npm run campaign -- --publish` -->';
const END = '<!-- end of what `npm run campaign -- --publish` makes -->';

interface Options {
  minutes: number;
  seed: number;
  only?: PartName[];
  trials?: number;
  from?: number;
  trial?: number;
  folder: string;
  merge?: string[];
  failed?: true;
  publish?: true;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('Not a number.');
  return value;
}

function parts(text: string): PartName[] {
  return text.split(',').map((name) => {
    const found = PART_NAMES.find((part) => part === name);
    if (found === undefined) throw new InvalidArgumentError(`Parts are ${PART_NAMES.join(', ')}.`);
    return found;
  });
}

const options = new Command('npm run campaign --')
  .option('--minutes <n>', 'no trial starts after so many minutes', number, 10)
  .option('--seed <n>', 'seed of everything random', number, 22)
  .option('--only <parts>', `some of ${PART_NAMES.join(', ')}, separated by commas`, parts)
  .option('--trials <n>', 'at most so many trials of each part', number)
  .option('--from <n>', 'begin with this trial of each part', number)
  .option('--trial <n>', 'repeat one trial', number)
  .option('--folder <dir>', 'where it works, and keeps its journal', join(root, '.cache', 'campaign'))
  .option('--failed', 'try again what failed earlier')
  .option('--merge <dirs...>', 'also report what other campaigns wrote into these folders')
  .option('--publish', 'only write the figures of the journal into docs/reliability.md')
  .parse()
  .opts<Options>();

const { folder, only, merge = [], publish } = options;
if (publish !== true) {
  const chosen = PARTS.filter(({ name }) => only === undefined || only.includes(name));
  await runCampaign({ ...options, parts: chosen, say: (sentence) => void process.stdout.write(`${sentence}\n`) });
}
const journals = [folder, ...merge].flatMap((each) => readJournal(join(each, 'journal.jsonl')));
const summary = summarise(journals, UNITS);
const markdown = summaryMarkdown(summary);
writeFileSync(join(folder, 'report.json'), `${JSON.stringify(summary, null, 2)}\n`);
writeFileSync(join(folder, 'report.md'), markdown);
if (publish === true) {
  const path = join(root, 'docs', 'reliability.md');
  const page = readFileSync(path, 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${path} has no place for the figures.`);
  writeFileSync(path, `${page.slice(0, from + BEGIN.length)}\n\n${markdown}\n${page.slice(to)}`);
  writeFileSync(join(root, 'docs', 'reliability.json'), `${JSON.stringify(summary, null, 2)}\n`);
}
process.stdout.write(`\n${markdown}\n${join(folder, 'report.json')}\n`);
if (summary.parts.some(({ failed }) => failed > 0)) process.exitCode = 1;
