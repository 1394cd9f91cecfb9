/** @file Loads your own reward from its file into a recipe: reads it, checks it and tries it once. */
import { basename, extname } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import { typedPath } from '../typed-path.ts';
import { CustomParams, type RewardSpec } from '../../contract/model/rewards.ts';
import { decodeUtf8, readBytes } from '../../formats/files.ts';
import { sha256Hex } from '../../store/connection/canonical.ts';
import type { StudioCore } from '../context.ts';

const LARGEST_BYTES = 65_536;
const TRIAL = {
  completion: '<think>I look closely.</think><answer>7</answer>',
  answer: '7',
  task: 'counting',
} as const;

/**
 * Returns the reward with the file's text included, so that the recipe is complete without the file.
 *
 * @throws AtelierError NOT_FOUND, or BAD_INPUT naming the file and the line where it fails
 */
export async function loadReward(
  studio: Pick<StudioCore, 'engine'>,
  request: { path: string; label?: string | undefined; weight: number },
  signal?: AbortSignal,
): Promise<RewardSpec> {
  const path = await typedPath(request.path);
  const source = await sourceOf(path);
  const params = CustomParams.safeParse({
    label: request.label ?? basename(path, extname(path)),
    file: basename(path),
    source,
    sha256: sha256Hex(source),
  });
  if (!params.success) {
    const field = params.error.issues[0]?.path.join('.') ?? 'file';
    throw new AtelierError('BAD_INPUT', `The reward ${path} cannot be used: its ${field} is not of the right form.`, {
      place: { file: path, field },
      remedy:
        field === 'label'
          ? 'Give it a short name of letters, digits, spaces, dots or dashes.'
          : 'Use a .js or .ts file with some text in it.',
    });
  }
  const spec: RewardSpec = { name: 'custom', weight: request.weight, params: params.data };
  await studio.engine.judge({ rewards: [spec], items: [TRIAL] }, signal);
  return spec;
}

async function sourceOf(path: string): Promise<string> {
  const bytes = await readBytes(path, LARGEST_BYTES);
  if (bytes.includes(0)) {
    throw new AtelierError('BAD_INPUT', `The file ${path} is not a reward: it is not a text.`, {
      place: { file: path },
      remedy: 'A reward is one small JavaScript or TypeScript file.',
    });
  }
  return decodeUtf8(bytes, path);
}
