/** @file A bundle's weights: copies tensors byte for byte, rewrites the header metadata, and inspects the result. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { ADAPTER_WEIGHTS, readAdapter, silentLayers } from '../../../formats/peft.ts';
import { openSafetensors } from '../../../formats/safetensors.ts';
import { writeAside } from '../../../formats/files.ts';
import { hashFileFrom } from './folder.ts';
import { counted } from '../../../method/counted.ts';

const PREFIX_BYTES = 8;

/** The raw header of an already checked safetensors file, and the offset of its data section. */
async function readRawHeader(path: string): Promise<{ header: Record<string, unknown>; dataStart: number }> {
  const handle = await open(path, 'r');
  try {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    await handle.read(prefix, 0, PREFIX_BYTES, 0);
    const length = Number(prefix.readBigUInt64LE(0));
    const bytes = Buffer.alloc(length);
    await handle.read(bytes, 0, length, PREFIX_BYTES);
    return { header: JSON.parse(bytes.toString('utf8')) as Record<string, unknown>, dataStart: PREFIX_BYTES + length };
  } finally {
    await handle.close();
  }
}

/** SHA-256 over the tensor bytes alone (ModelSpec's `hash_sha256`): the same before and after a change of metadata. */
export async function tensorSha256(path: string): Promise<string> {
  await (await openSafetensors(path)).close();
  return hashFileFrom(path, (await readRawHeader(path)).dataStart);
}

/**
 * Copies a safetensors file with new `__metadata__`. Tensor bytes and their order are unchanged; the header is padded
 * with spaces to a multiple of 8 bytes, so equal input gives equal output.
 * @throws AtelierError if `from` is not a valid safetensors file
 */
export async function copyWithMetadata(
  from: string,
  to: string,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  await (await openSafetensors(from)).close();
  const { header, dataStart } = await readRawHeader(from);
  const { __metadata__: _old, ...tensors } = header;
  const sorted = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = Buffer.from(JSON.stringify({ __metadata__: sorted, ...tensors }), 'utf8');
  const padded = Buffer.concat([text, Buffer.alloc((PREFIX_BYTES - (text.length % PREFIX_BYTES)) % PREFIX_BYTES, ' ')]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeBigUInt64LE(BigInt(padded.length));
  await writeAside(to, async (write) => {
    await write(prefix);
    await write(padded);
    for await (const piece of createReadStream(from, { start: dataStart, highWaterMark: 1024 * 1024 }))
      await write(piece as Uint8Array);
  });
}

/**
 * Loads an adapter as PEFT would and returns what you should know before trusting it.
 * @throws AtelierError if it does not load at all
 */
export async function inspectAdapter(folder: string): Promise<string[]> {
  const adapter = await readAdapter(folder);
  const warnings: string[] = [];
  const silent = silentLayers(adapter);
  if (adapter.weights.size === 0) warnings.push('The adapter has no weights.');
  else if (silent.length === adapter.weights.size) {
    warnings.push('Every B matrix of this adapter is zero: it changes nothing about the base model.');
  } else if (silent.length > 0) {
    warnings.push(
      `${silent.length} of ${adapter.weights.size} layers of this adapter ${silent.length === 1 ? 'changes nothing, because its' : 'change nothing, because their'} B matrix is zero.`,
    );
  }
  const broken = [...adapter.weights].filter(([, { a, b }]) => !(a.every(Number.isFinite) && b.every(Number.isFinite)));
  if (broken.length > 0)
    warnings.push(
      `${counted(broken.length, 'layer contains', 'layers contain')} values that are not numbers, so the adapter cannot work.`,
    );
  const reader = await openSafetensors(`${folder}/${ADAPTER_WEIGHTS}`);
  try {
    const old = reader.names().filter((name) => /^base_model\.model\.(model\.layers|visual)\b/.test(name));
    if (old.length > 0)
      warnings.push('The tensors have names that current loaders silently ignore. Write the adapter again.');
  } finally {
    await reader.close();
  }
  return warnings;
}
