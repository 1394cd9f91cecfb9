/**
 * @file Registers our own ops with TensorFlow (engine/native, docs/decisions/0018-op-of-our-own.md), and says whether it opens sessions
 * (0020-sessions-of-our-own.md). Where they cannot be had, programs do without them: then everything works, and takes longer.
 */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OWN_OPS_DAMAGED, OWN_OPS_NOT_BUILT, OWN_OPS_OUTDATED, type OwnOps } from '../../contract/model/system.ts';
import { nf4Bytes, NF4_BLOCK, quantiseToNf4 } from '../../formats/nf4.ts';
import { unalignedBytes } from '../../formats/unaligned.ts';
import { environmentWord } from './environment.ts';
import type { NativeSessions } from './native-api.ts';

const VARIABLE = 'ATELIER_OWN_OPS';
/** Vector instructions by which the addon computes, the widest first. */
const INSTRUCTIONS = ['AVX-512 BF16', 'AVX-512', 'AVX2'] as const;
const [WIDEST] = INSTRUCTIONS;

interface Addon extends NativeSessions {
  /** @returns the vector instructions that they use @throws an error that says why there are none */
  register: (threads: number, most: string) => string;
  /** Whether they score tokens without logits (`AtelierScores`). */
  scoresTokens: (() => boolean) | undefined;
  /** Fills codes and scales (formats/nf4.ts). */
  quantise: ((values: Float32Array, codes: Uint8Array, scales: Float32Array) => void) | undefined;
  /** Whether TensorFlow's library has what sessions need. */
  opensSessions?: () => boolean;
}

/** Once it is loaded. */
let addon: Addon | null = null;

/**
 * Before the first graph, after TensorFlow is loaded. What cannot be loaded is a reason, not an error.
 * @param threads that one op may use
 * @param options `most`: no wider instructions than these
 */
export function registerOwnOps(
  threads: number,
  { file = builtAddon(), most = WIDEST }: { file?: string | null; most?: (typeof INSTRUCTIONS)[number] } = {},
): OwnOps & { sessions?: NativeSessions; scoring?: boolean } {
  const unused = (reason: string): OwnOps => ({ instructions: null, reason });
  if (environmentWord(VARIABLE) === 'off') return unused(`${VARIABLE}=off is set.`);
  if (process.platform !== 'linux' || process.arch !== 'x64') return unused('They are made for Linux on x64.');
  if (file === null || !existsSync(file)) return unused(OWN_OPS_NOT_BUILT);
  try {
    if (!isWhole(file)) return unused(OWN_OPS_DAMAGED);
    const module = { exports: {} };
    process.dlopen(module, file);
    const loaded = module.exports as Addon;
    // Older sources have no such function. What they register lacks ops that graphs now have.
    if (typeof loaded.scoresTokens !== 'function') return unused(OWN_OPS_OUTDATED);
    const ops = { instructions: loaded.register(threads, most), reason: null, scoring: loaded.scoresTokens() };
    addon = loaded;
    // An addon of an earlier version opens no sessions.
    return loaded.opensSessions?.() === true ? { ...ops, sessions: loaded } : ops;
  } catch (error) {
    return unused(`They cannot be loaded (${lineOf(error)}).`);
  }
}

/** Whether an ELF file reaches to the end of its section headers, its last part: loading a shorter one would end the process. */
function isWhole(file: string): boolean {
  const header = Buffer.alloc(64);
  const opened = openSync(file, 'r');
  try {
    if (readSync(opened, header, 0, header.length, 0) < header.length) return false;
    // Loading says what is wrong with a file of another kind.
    if (header.readUInt32BE(0) !== 0x7f454c46) return true;
    const end = Number(header.readBigUInt64LE(0x28)) + header.readUInt16LE(0x3a) * header.readUInt16LE(0x3c);
    return fstatSync(opened).size >= end;
  } finally {
    closeSync(opened);
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

/** A matrix as a variable in NF4 is set: the codes of all values, then the scales of all blocks. @param values whole blocks */
export function packNf4(values: Float32Array): Uint8Array {
  const packed = unalignedBytes(nf4Bytes(values.length));
  const { codes, scales } = partsOfNf4(packed, values.length);
  if (addon?.quantise === undefined) {
    const made = quantiseToNf4(values);
    codes.set(made.codes);
    scales.set(made.scales);
  } else addon.quantise(values, codes, scales);
  return packed;
}

/** The two parts of what `packNf4` gives, in the same memory. @param count values of the matrix */
export function partsOfNf4(packed: Uint8Array, count: number): { codes: Uint8Array; scales: Float32Array } {
  return {
    codes: packed.subarray(0, count / 2),
    scales: new Float32Array(packed.buffer, packed.byteOffset + count / 2, count / NF4_BLOCK),
  };
}
