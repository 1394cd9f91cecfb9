/** @file `atelier score`: how likely a model considers given answers, token by token. One JSON line per input line. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { issueWords } from '../../contract/errors/issue-words.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { ScoreItem } from '../../contract/model/models.ts';
import { resultOf } from '../../contract/model/result-events.ts';
import { given } from '../arguments.ts';
import type { Command } from '../command.ts';
import { bytes } from '../../method/byte-size.ts';
import { detailOption } from '../detail-option.ts';
import { GENERATE_DETAIL } from './generate.ts';
import { resolveModelFolder } from '../resolve.ts';

/** Items sent to the engine together: memory stays bounded and results appear early. */
const BATCH = 8;

/** Below the longest string that the language allows. */
const MOST_BYTES = 256 * 1024 * 1024;

type Item = z.output<typeof ScoreItem>;

export const scoreCommand: Command = {
  usage: 'score',
  summary: 'Log-probabilities of given answers; one JSON line per line of input',
  options: [
    ['--model <dir>', 'Folder, id or name of the model'],
    ['--adapter <dir>', 'Folder of a PEFT adapter'],
    ['--partial-adapter', 'Use an adapter that is not whole: what it lacks stays as in the model'],
    [
      '--input <file>',
      'JSONL: {"images":["…"],"prompt":"…","completion":"…"}; paths of images are relative to the file; without images = text only',
    ],
    ['--system <text>', 'System prompt (default: as the adapter’s folder, else the model’s, says; "" = none)'],
    GENERATE_DETAIL,
  ],
  run: async (context) => {
    const { args, output } = context;
    if (!args.flag('adapter')) args.refuse([['--partial-adapter']], 'no adapter is named', 'Add --adapter');
    const items = await readItems(args.resolve(args.required('input')));
    if (items.every(({ images }) => images.length === 0))
      args.refuse([['--detail']], 'no line of the file names a picture', 'Add images to a line');
    const model = await resolveModelFolder(context, args.required('model'));
    const options = given({
      adapter: args.path('adapter'),
      detail: detailOption(args),
      systemPrompt: args.text('system'),
      partialAdapter: args.flag('partial-adapter') ? true : undefined,
    });
    const client = await context.client();
    for (let start = 0; start < items.length; start += BATCH) {
      const batch = items.slice(start, start + BATCH);
      const results = await resultOf(client.models.score({ model, items: batch, ...options }), (progress) =>
        output.loading(progress),
      );
      for (const result of results) output.line(result);
    }
  },
};

async function readItems(file: string): Promise<Item[]> {
  const text = await readText(file);
  const items: Item[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const item = parseLine(line, file, index + 1);
    items.push({ ...item, images: item.images.map((image) => resolve(dirname(file), image)) });
  }
  if (items.length > 0) return items;
  throw new AtelierError('BAD_INPUT', `The file ${file} has no lines to score.`, {
    place: { file },
    remedy: 'Write one JSON object per line, with prompt, completion and, if there are any, images.',
  });
}

/** Every item is checked before the first is scored, so the whole file is in memory. */
async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size <= MOST_BYTES) return await readFile(file, 'utf8');
    throw new AtelierError('BAD_INPUT', `The file ${file} has ${bytes(size)}; at most ${bytes(MOST_BYTES)} are read.`, {
      place: { file },
      remedy: 'Divide it into several files.',
    });
  } catch (cause) {
    if (cause instanceof AtelierError) throw cause;
    throw new AtelierError('NOT_FOUND', `The file ${file} cannot be read.`, {
      place: { file },
      remedy: 'Check the path.',
      cause,
    });
  }
}

function parseLine(line: string, file: string, row: number): Item {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new AtelierError('BAD_INPUT', `Row ${row} of ${file} is not JSON.`, {
      place: { file, row },
      remedy: 'Correct the row.',
      cause,
    });
  }
  const item = ScoreItem.safeParse(value);
  if (item.success) return item.data;
  const { field, wrong } = issueWords(item.error.issues[0] ?? { message: 'it does not fit' });
  throw new AtelierError(
    'BAD_INPUT',
    `Row ${row} of ${file} cannot be used: ${field === '' ? 'it' : `"${field}"`} ${wrong}.`,
    {
      place: { file, row, ...(field === '' ? {} : { field }) },
      remedy: 'A row is {"images": ["…"], "prompt": "…", "completion": "…"}.',
    },
  );
}
