/**
 * @file Writes what `launch/fetch.py` printed into the job folder. It comes from another machine: only names of results are
 * taken, and lines may only be added. `take-back.ts` checks what they say.
 */
import { appendFile, lstat, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { CHILDREN } from '../job-folder.ts';

const MARK = 'ATELIER-FILE ';
const RESULT =
  /^(children\/[\w.-]+\/)?results\/(metrics\.jsonl|completions\.jsonl|status\.json|environment\.json|checkpoints\/step-\d{6,}\/(adapter_config\.json|adapter_model\.safetensors|checkpoint\.json))$/;

const Piece = z.object({
  name: z.string().regex(RESULT),
  at: z.int().nonnegative(),
  size: z.int().nonnegative(),
  data: z.base64(),
});
const Line = z.union([Piece, z.object({ more: z.boolean() })]);

/** How many bytes of each result are in the folder. */
export async function presentResults(folder: string): Promise<Record<string, number>> {
  const children = await readdir(join(folder, CHILDREN)).catch(() => []);
  const found: Record<string, number> = {};
  for (const place of ['results', ...children.map((name) => `${CHILDREN}/${name}/results`)]) {
    const names = await readdir(join(folder, place), { recursive: true }).catch(() => []);
    for (const each of names) {
      const name = `${place}/${each.replaceAll('\\', '/')}`;
      const facts = await lstat(join(folder, name));
      if (facts.isFile() && RESULT.test(name)) found[name] = facts.size;
    }
  }
  return found;
}

/** @returns whether there is more to fetch. @throws AtelierError CLUSTER_UNAVAILABLE for anything that is no result */
export async function storeArrivals(folder: string, logs: string): Promise<boolean> {
  const whole = new Map<string, Buffer[]>();
  let more: boolean | undefined;
  for (const line of logs.split('\n')) {
    if (!line.startsWith(MARK)) continue;
    const said = lineOf(line.slice(MARK.length));
    if ('more' in said) {
      more = said.more;
      continue;
    }
    const { name, at, size, data } = said;
    const bytes = Buffer.from(data, 'base64');
    const target = join(folder, ...name.split('/'));
    await mkdir(dirname(target), { recursive: true });
    if (name.endsWith('.jsonl')) {
      const there = await sizeOf(target);
      if (there !== at) throw strange(`${name} continues at byte ${at}, and ${there} are here`);
      await appendFile(target, bytes);
      continue;
    }
    const pieces = [...(whole.get(name) ?? []), bytes];
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (length < size) whole.set(name, pieces);
    else {
      whole.delete(name);
      await writeFile(`${target}.partial`, Buffer.concat(pieces));
      await rename(`${target}.partial`, target);
    }
  }
  if (more === undefined || whole.size > 0) throw strange('the job that fetches the results ended in the middle');
  return more;
}

function lineOf(text: string): z.infer<typeof Line> {
  try {
    return Line.parse(JSON.parse(text));
  } catch (cause) {
    throw strange('it sends something that is no result of this job', cause);
  }
}

async function sizeOf(file: string): Promise<number> {
  const facts = await lstat(file).catch(() => null);
  if (facts === null) return 0;
  if (!facts.isFile()) throw strange(`${file} is not an ordinary file`);
  return facts.size;
}

function strange(why: string, cause?: unknown): AtelierError {
  return new AtelierError('CLUSTER_UNAVAILABLE', `The results cannot be fetched: ${why}.`, {
    remedy: 'Copy the folder of results from the cluster yourself, and take it back.',
    cause,
  });
}
