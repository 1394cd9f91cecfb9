/** @file `atelier caption`: asks a run or a model the same question about every picture of a folder, into a table. */
import { appendFile, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, relative, sep } from 'node:path';
import { decodeError } from '../../contract/errors/error-codec.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { resultOf } from '../../contract/model/result-events.ts';
import { LARGEST_UPLOAD_BYTES, type ModelId, type RunId } from '../../contract/model/primitives.ts';
import { shownOnOneLine } from '../../reporting/shown-text.ts';
import { makeOutputFolder } from '../../studio/output-folder.ts';
import { given } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { writeAtomically } from '../demo/report-files.ts';
import { DETAIL_OPTION, detailOption } from '../detail-option.ts';
import { typedRunId } from '../ids.ts';
import { resolveModel } from '../resolve.ts';
import { duration } from '../text.ts';

const PICTURES = new Set(['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff', '.avif', '.bmp']);
const HEADER = 'file_name,question,answer,finish,error\r\n';

/** What ends the whole work: it would fail for each picture alike. */
const FATAL: ReadonlySet<string> = new Set(['ENGINE_UNAVAILABLE', 'NOT_FOUND', 'CONFLICT', 'DISK_FULL', 'CANCELLED']);

export const captionCommand: Command = {
  usage: 'caption <dir>',
  summary: 'Ask a run the same question about every picture of a folder, into a CSV file; started again, it continues',
  options: [
    ['--run <id>', 'The run whose newest checkpoint answers'],
    ['--model <id>', 'Instead of a run: a model by id or name, or its folder'],
    ['--question <text>', 'The question (default: "Describe this picture.")'],
    ['--out <file>', 'The table to write, or to continue (default: captions.csv in the folder)'],
    ['--max-new-tokens <n>', 'Longest answer (default 64)'],
    DETAIL_OPTION,
  ],
  examples: ['atelier caption ~/archive --run run-1a2b3c4d --question "How many birds are there?" --out birds.csv'],
  run: async (context) => {
    const { args, output, positional } = context;
    const folder = args.resolve(positional[0] ?? '');
    const question = args.text('question') ?? 'Describe this picture.';
    const path = args.path('out') ?? join(folder, 'captions.csv');
    const names = await picturesIn(folder);
    const earlier = await earlierRows(path);
    const asked = names.filter((name) => !earlier.done.has(cell(name) + cell(question)));
    const who = await speaker(context);
    const client = await context.client();
    if (asked.length < names.length && !output.json)
      output.note(`${names.length - asked.length} of ${names.length} pictures are in ${path} already.`);
    await makeOutputFolder(dirname(path));
    await writeAtomically(path, earlier.text);
    const startedMs = performance.now();
    const counts = { answered: 0, failed: 0 };
    for (const [index, name] of asked.entries()) {
      const row = { answer: '', finish: '', error: '' };
      try {
        const base64 = await base64Of(join(folder, name), name);
        const answer = await resultOf(
          client.playground.answer({
            ...who,
            question,
            image: { kind: 'upload', name: name.slice(-255), base64 },
            ...given({ detail: detailOption(args), maxNewTokens: args.integer('max-new-tokens') }),
          }),
        );
        Object.assign(row, { answer: answer.text, finish: answer.finish });
        counts.answered += 1;
      } catch (error) {
        const known = decodeError(error);
        if (known === null || FATAL.has(known.code)) throw error;
        row.error = known.message;
        counts.failed += 1;
        output.note(`${shownOnOneLine(name)}: ${known.message}`);
      }
      await appendFile(path, `${[name, question, row.answer, row.finish, row.error].map(cell).join(',')}\r\n`);
      const perPicture = (performance.now() - startedMs) / 1000 / (index + 1);
      const left = duration(perPicture * (asked.length - index - 1));
      if (!output.json) output.note(`${index + 1}/${asked.length} ${shownOnOneLine(name)} · ${left} left`);
    }
    const result = { path, pictures: names.length, ...counts, earlier: names.length - asked.length };
    output.result(result, () => `✓ ${counts.answered} answers, ${counts.failed} errors: ${shownOnOneLine(path)}`);
  },
};

async function speaker(context: CommandContext): Promise<{ modelId: ModelId; runId?: RunId }> {
  const { args } = context;
  const run = args.text('run');
  if (run === undefined) return { modelId: (await resolveModel(context, args.text('model'))).id };
  const runId = typedRunId(run);
  const { recipe } = await (await context.client()).runs.get({ runId });
  return { modelId: recipe.modelId, runId };
}

/** Pictures in the folder and below it, by name, in order. */
async function picturesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch((cause: unknown) => {
    throw new AtelierError('NOT_FOUND', `The folder ${folder} cannot be read.`, {
      place: { file: folder },
      remedy: 'Check the path.',
      cause,
    });
  });
  const names = entries
    .filter((entry) => entry.isFile() && PICTURES.has(extname(entry.name).toLowerCase()))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
  if (names.length > 0) return names;
  throw new AtelierError('BAD_INPUT', `The folder ${folder} has no pictures.`, {
    place: { file: folder },
    remedy: `Pictures end in ${[...PICTURES].join(', ')}.`,
  });
}

const CELL = '"(?:[^"]|"")*"';
const ROW = new RegExp(`(${CELL}),(${CELL}),${CELL},${CELL},(${CELL})\\r\\n`, 'gy');

/**
 * The rows that an earlier start has written, without errors, which are asked again, and without a last row that was cut.
 * @throws AtelierError CONFLICT if another program has written the file
 */
async function earlierRows(path: string): Promise<{ text: string; done: ReadonlySet<string> }> {
  const found = await readFile(path, 'utf8').catch(() => null);
  const done = new Set<string>();
  if (found === null || found === '') return { text: HEADER, done };
  let text = HEADER;
  let end = found.startsWith(HEADER) ? HEADER.length : -1;
  if (end !== -1) {
    for (const match of found.slice(end).matchAll(ROW)) {
      const [row, name = '', question = '', error] = match;
      end += row.length;
      if (error !== '""') continue;
      text += row;
      done.add(name + question);
    }
  }
  // What is left must be the beginning of a row.
  if (end !== -1 && /^("[^\n]*)?$/.test(found.slice(end))) return { text, done };
  throw new AtelierError(
    'CONFLICT',
    `${path} exists already and was changed or made by another program. Nothing was written.`,
    {
      place: { file: path },
      remedy: 'Choose another name, or move the file away.',
    },
  );
}

async function base64Of(path: string, name: string): Promise<string> {
  const { size } = await stat(path);
  if (size <= LARGEST_UPLOAD_BYTES) return await readFile(path, 'base64');
  throw new AtelierError('BAD_INPUT', `The picture "${name}" is larger than 10 MB.`, {
    place: { file: name },
    remedy: 'Save a smaller copy.',
  });
}

/** A spreadsheet runs what begins with "=", so such a text gets an apostrophe. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
