/**
 * @file Registers our own ops with TensorFlow (engine/native, docs/decisions/0018-op-of-our-own.md). Where they cannot be had, functions
 * do without them: then everything works, and large models take longer.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OWN_OPS_NOT_BUILT, type OwnOps } from '../../contract/model/system.ts';
import { environmentWord } from './environment.ts';

const VARIABLE = 'ATELIER_OWN_OPS';

interface Addon {
  /** @returns the vector instructions that they use @throws an error that says why there are none */
  register: (threads: number, narrow: boolean) => string;
}

/**
 * Before the first graph, after TensorFlow is loaded. What cannot be loaded is a reason, not an error.
 * @param threads that one op may use
 * @param options `narrow`: not the widest instructions that the processor has
 */
export function registerOwnOps(
  threads: number,
  { file = builtAddon(), narrow = false }: { file?: string | null; narrow?: boolean } = {},
): OwnOps {
  const unused = (reason: string): OwnOps => ({ instructions: null, reason });
  if (environmentWord(VARIABLE) === 'off') return unused(`${VARIABLE}=off is set.`);
  if (process.platform !== 'linux' || process.arch !== 'x64') return unused('They are made for Linux on x64.');
  if (file === null || !existsSync(file)) return unused(OWN_OPS_NOT_BUILT);
  try {
    const module = { exports: {} };
    process.dlopen(module, file);
    return { instructions: (module.exports as Addon).register(threads, narrow), reason: null };
  } catch (error) {
    return unused(`They cannot be loaded (${lineOf(error)}).`);
  }
}

function lineOf(error: unknown): string {
  return String(error instanceof Error ? error.message : error).replace(/\n.*/s, '');
}

/** Where set-up puts it (electron/tools/setup/tensorflow/own-ops.mjs), beside the built programs; null outside of Atelier. */
function builtAddon(): string | null {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const description = join(folder, 'package.json');
    if (
      existsSync(description) &&
      (JSON.parse(readFileSync(description, 'utf8')) as { name?: string }).name === 'atelier'
    )
      return join(folder, 'out', 'native', 'atelier_ops.node');
    if (dirname(folder) === folder) return null;
  }
}
