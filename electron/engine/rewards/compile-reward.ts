/** @file Turns the text of a custom reward into plain JavaScript with the same line numbers. */
import { createHash } from 'node:crypto';
import { transform } from 'sucrase';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { CustomParams } from '../../contract/model/rewards.ts';

const REMEDY =
  'Correct the file: it must export a function score(completion, sample) that returns a number from 0 to 1, or null.';

/**
 * Types are removed, not checked. The word `import` is refused everywhere: a reward is one file that needs nothing else, and
 * so there is no way to load a module.
 *
 * @throws AtelierError BAD_INPUT naming file and line
 */
export function compileReward({ file, source, sha256 }: CustomParams): string {
  if (createHash('sha256').update(source, 'utf8').digest('hex') !== sha256) {
    throw new AtelierError('BAD_INPUT', `The text of the reward ${file} is not the one that its SHA-256 names.`, {
      place: { file, field: 'rewards' },
      remedy: 'Load the file again.',
    });
  }
  const line = source.split('\n').findIndex((text) => /\bimport\b/.test(text));
  if (line !== -1) {
    throw rewardError(
      file,
      line + 1,
      'a reward cannot import anything; the word is not allowed in it, also not in comments',
    );
  }
  try {
    const isTypeScript = /\.m?ts$/.test(file);
    return transform(source, {
      transforms: isTypeScript ? ['typescript', 'imports'] : ['imports'],
      disableESTransforms: true,
      production: true,
      filePath: file,
    }).code;
  } catch (error) {
    if (error instanceof RangeError) throw rewardError(file, null, 'its code is nested too deeply');
    const message = error instanceof Error ? error.message : String(error);
    const at = (error as { loc?: { line?: number } }).loc?.line ?? Number(/\((\d+):\d+\)/.exec(message)?.[1] ?? NaN);
    throw rewardError(file, Number.isFinite(at) ? at : null, message.replace(/^Error transforming [^:]*: /, ''));
  }
}

/** The failure of a custom reward, with its place in the file. */
export function rewardError(file: string, line: number | null, what: string): AtelierError {
  const where = line === null ? '' : `, line ${line}`;
  return new AtelierError('BAD_INPUT', `The reward ${file}${where}: ${what.replace(/[.\s]+$/, '')}.`, {
    place: { file, ...(line === null ? {} : { row: line }), field: 'rewards' },
    remedy: REMEDY,
  });
}
