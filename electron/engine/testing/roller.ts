/** @file For tests only: answers of a tiny checkpoint, drawn by sampling, with the calls that they took. */
import { join } from 'node:path';
import { readCheckpoint } from '../../formats/checkpoint.ts';
import { loadModel } from '../policy/loaded-model.ts';
import { policyProgram } from '../policy/policy.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import { floats, namedEntries, type FeedData, type Program } from '../runtime/program.ts';
import { promptFeeds, shapeFor, visionFeeds } from '../training/batch.ts';
import { uniform } from '../training/random.ts';
import { rollOut, type Rollout } from '../training/rollout/rollout.ts';

const fixture = new URL('../fixtures/qwen2vl-tiny/', import.meta.url).pathname;
/** Linear attention carries a state of each row from token to token. */
export const LINEAR = new URL('../fixtures/families/qwen3-5/', import.meta.url).pathname;
const IMAGES = ['rgb_70x70.png', 'tall_42x98.png'];

export interface Rolling {
  /** Gets the names of the entry points that are called. */
  calls?: string[];
  /** Rows that do not only fill the batch. */
  activeRows?: number;
  /** Waits for every token, also where the program could go on by itself. */
  oneByOne?: boolean;
}

/** @param programs gets the program, for the caller to dispose of */
export async function roller(
  programs: Program[],
  { batch, groupSize, lanes = 1, length }: { batch: number; groupSize: number; lanes?: number; length: number },
  folder = fixture,
): Promise<(eosIds: number[], rolling?: Rolling) => Promise<Rollout>> {
  const model = await loadModel(join(folder, 'model'));
  const { config, padId } = model.processor;
  const prompts = await Promise.all(
    Array.from({ length: batch }, (_, index) =>
      model.processor.prepare({
        prompt: `How many${' of them'.repeat(index % 3)}?`,
        imagePaths: [join(fixture, 'images', IMAGES[index % 2] ?? '')],
      }),
    ),
  );
  const shape = { ...shapeFor(prompts, batch), groupSize, completionLength: length };
  const runtime = { ...(await loadRuntime()), lanes };
  // The random weights of the other model are surer of what they say.
  const sampling = { temperature: folder === fixture ? 1 : 8, topP: 1 };
  const { spec, encode, rollout } = policyProgram(
    { model, adapter: null, shape, sampling, precision: 'float32' },
    runtime,
  );
  const program = await createProgram(runtime, spec);
  programs.push(program);
  const { tensors } = await readCheckpoint(model.path);
  const weights: Record<string, FeedData> = {};
  for (const name of Object.keys(model.shapes)) weights[name] = await tensors.readFloat32(name);
  await tensors.close();
  program.set(weights);
  const images = prompts.flatMap((prompt) => prompt.images);
  const [encoder] = encode;
  if (rollout === null || encoder === undefined) throw new Error('The policy does not answer.');
  const features = floats(await program.call(encoder, visionFeeds(images, shape, config)), 'features');
  const names = new Map<unknown, string>(namedEntries(spec.entries).map(({ name, entry }) => [entry, name]));
  return (eosIds, { calls = [], activeRows = batch * groupSize, oneByOne = false } = {}) => {
    const watched: Program = {
      ...program,
      call: (entry, feeds) => {
        calls.push(names.get(entry) ?? '');
        return program.call(entry, feeds);
      },
    };
    const inRow = program.callInRow?.bind(program);
    if (inRow !== undefined && !oneByOne)
      watched.callInRow = (entry, feeds, carried) => {
        calls.push(`${names.get(entry) ?? ''} × ${String(feeds.length)}`);
        return inRow(entry, feeds, carried);
      };
    const request = {
      prompts,
      feeds: { ...promptFeeds(prompts, shape, config, padId), features },
      shape,
      greedy: false,
      uniform: (row: number, position: number) => uniform(5, 1, 1, row * 1000 + position),
      eosIds,
      padId,
      maxNewTokens: length,
      activeRows,
      lanes,
    };
    return rollOut(watched, rollout, request, config);
  };
}
