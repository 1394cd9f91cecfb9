/**
 * @file Tries the inputs of one trial, in a process that may be lost: `child.js TARGET SEED COUNT SKIP FOLDER BUNDLE BACKUP JOB`.
 * Says a line before and after each input, so that the parent knows which one it was.
 */
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { INTERNAL_WORDS } from '../../../contract/errors/cause-words.ts';
import { decodeError } from '../../../contract/errors/error-codec.ts';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { countBlocks } from './block-coverage.ts';
import { damaged, damages } from './damage.ts';
import { fromSchema } from './from-schema.ts';
import { engineProcedures, isPromised, studioProcedures } from './procedures.ts';
import { GUIDED, TARGETS, type Made, type Target } from './targets.ts';

const [target = '', seed = '0', count = '0', skip = '0', folder = '', bundle = '', backup = '', job = ''] =
  process.argv.slice(2);
const made: Made = { bundle, backup, job };
/** A call that streams is ended after this time. */
const STREAM_MS = 2000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const options = { seed: Number(seed), numRuns: Number(count) };
/** What makes inputs and what only counts is not what is tried. */
const NOT_TRIED = /node_modules\/(?:fast-check|pure-rand)\//;

process.on('unhandledRejection', (error) => {
  say(`crash unhandled rejection: ${textOf(error)}`);
});

function textOf(error: unknown): string {
  return (error instanceof Error ? (error.stack ?? error.message) : String(error))
    .replaceAll('\n', ' | ')
    .slice(0, 1500);
}

if (target === 'procedures' || target === 'engine link') await callProcedures();
else if (target.startsWith(GUIDED)) await searchFiles(targetNamed(target.slice(GUIDED.length)));
else await readFiles(targetNamed(target));
say('done');
process.exit(0);

/** Whether an error describes code instead of what is wrong. What it quotes is not its own. */
function leaks(error: unknown): boolean {
  const known = error instanceof AtelierError ? error : decodeError(error);
  const words = known === null ? (error as Error).message : `${known.message}\n${known.remedy ?? ''}`;
  return INTERNAL_WORDS.test(words.replaceAll(/["“][^"”]*["”]/g, '""'));
}

function targetNamed(name: string): Target {
  const found = TARGETS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no target ${name}.`);
  return found;
}

async function readFiles(found: Target): Promise<void> {
  const sound = found.files(made);
  const inputs = fc.sample(fc.tuple(fc.nat(sound.length - 1), damages), options);
  for (const [index, [pick, damage]] of inputs.entries()) {
    if (index < Number(skip)) continue;
    const original = sound[pick] ?? '';
    await tryFile(found, { index, original, bytes: damaged(readFileSync(original), damage) });
  }
}

/**
 * Guided by coverage: an input that reaches code which none before it reached is kept, and later inputs damage it
 * further. Starts from the sound files, each of which is read once.
 */
async function searchFiles(found: Target): Promise<void> {
  const files = found.files(made);
  const corpus = files.map((original): Omit<FileInput, 'index'> => ({ original, bytes: readFileSync(original) }));
  const coverage = countBlocks((url) => url.startsWith('file:') && !NOT_TRIED.test(url));
  for (const sound of corpus) await tryFile(found, { index: Number(skip), ...sound });
  coverage.newlyReached();
  const bySound = coverage.reached();
  const inputs = fc.sample(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), damages), options);
  for (const [index, [share, damage]] of inputs.entries()) {
    if (index < Number(skip)) continue;
    // What was found last is damaged more often: it is farthest from what was tried before.
    const from = corpus[Math.floor((1 - share ** 2) * corpus.length)] ?? corpus[0];
    if (from === undefined) throw new Error('There is no file to start from.');
    const input = { original: from.original, bytes: damaged(from.bytes, damage) };
    await tryFile(found, { index, ...input });
    if (coverage.newlyReached() > 0) corpus.push(input);
  }
  const facts = {
    soundFiles: files.length,
    keptInputs: corpus.length - files.length,
    charactersReachedBySound: bySound,
    charactersReached: coverage.reached(),
  };
  coverage.stop();
  say(`facts ${JSON.stringify(facts)}`);
}

interface FileInput {
  index: number;
  /** The sound file that it was; it lends its name and, where the target says so, its folder. */
  original: string;
  bytes: Buffer;
}

async function tryFile(found: Target, { index, original, bytes }: FileInput): Promise<void> {
  const work = join(folder, 'input');
  rmSync(work, { recursive: true, force: true });
  if (found.withFolder === true) cpSync(dirname(original), work, { recursive: true });
  else mkdirSync(work, { recursive: true });
  const file = join(work, basename(original));
  writeFileSync(file, bytes);
  say(`begin ${index} ${file}`);
  try {
    await (target.startsWith(GUIDED) ? (found.readHere ?? found.read) : found.read)(file, work, made);
  } catch (error) {
    if (!(error instanceof AtelierError) || error.code === 'INTERNAL') say(`crash ${textOf(error)}`);
    else if (leaks(error)) say(`crash its words are about code: ${textOf(error)}`);
  }
  say(`end ${index}`);
}

async function callProcedures(): Promise<void> {
  const { all, texts, close } = target === 'procedures' ? await studioProcedures(folder) : await engineProcedures();
  const input = join(folder, 'input.json');
  for (let index = Number(skip); index < Number(count); index += 1) {
    const procedure = all[index % all.length];
    if (procedure === undefined) break;
    const [value] = fc.sample(fromSchema(procedure.schema, texts), { seed: Number(seed) + index, numRuns: 1 });
    writeFileSync(input, `${procedure.name} `);
    appendFileSync(input, fc.stringify(value));
    say(`begin ${index} ${input}`);
    try {
      await procedure.call(value, AbortSignal.timeout(STREAM_MS));
    } catch (error) {
      const aborted = error instanceof DOMException && ['TimeoutError', 'AbortError'].includes(error.name);
      if (!aborted && !isPromised(error)) say(`crash ${procedure.name}: ${textOf(error)}`);
      else if (!aborted && leaks(error)) say(`crash ${procedure.name}, whose words are about code: ${textOf(error)}`);
    }
    say(`end ${index}`);
  }
  await close();
}
