/**
 * @file Tries the inputs of one trial, in a process that may be lost: `child.ts TARGET SEED COUNT SKIP FOLDER BUNDLE BACKUP`.
 * Says a line before and after each input, so that the parent knows which one it was.
 */
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { damaged, damages } from './damage.ts';
import { fromSchema } from './from-schema.ts';
import { engineProcedures, isPromised, studioProcedures } from './procedures.ts';
import { TARGETS } from './targets.ts';

const [target = '', seed = '0', count = '0', skip = '0', folder = '', bundle = '', backup = ''] = process.argv.slice(2);
/** A call that streams is ended after this time. */
const STREAM_MS = 2000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const options = { seed: Number(seed), numRuns: Number(count) };

process.on('unhandledRejection', (error) => {
  say(`crash unhandled rejection: ${textOf(error)}`);
});

function textOf(error: unknown): string {
  return (error instanceof Error ? (error.stack ?? error.message) : String(error))
    .replaceAll('\n', ' | ')
    .slice(0, 1500);
}

if (target === 'procedures' || target === 'engine link') await callProcedures();
else await readFiles();
say('done');
process.exit(0);

async function readFiles(): Promise<void> {
  const found = TARGETS.find(({ name }) => name === target);
  if (found === undefined) throw new Error(`There is no target ${target}.`);
  const sound = found.files({ bundle, backup });
  const inputs = fc.sample(fc.tuple(fc.nat(sound.length - 1), damages), options);
  for (const [index, [pick, damage]] of inputs.entries()) {
    if (index < Number(skip)) continue;
    const original = sound[pick] ?? '';
    const work = join(folder, 'input');
    rmSync(work, { recursive: true, force: true });
    if (found.withFolder === true) cpSync(dirname(original), work, { recursive: true });
    else mkdirSync(work, { recursive: true });
    const file = join(work, basename(original));
    writeFileSync(file, damaged(readFileSync(original), damage));
    say(`begin ${index} ${file}`);
    try {
      await found.read(file, work);
    } catch (error) {
      if (!(error instanceof AtelierError) || error.code === 'INTERNAL') say(`crash ${textOf(error)}`);
    }
    say(`end ${index}`);
  }
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
    }
    say(`end ${index}`);
  }
  await close();
}
