/** @file Reads safetensors files strictly (one file or a sharded checkpoint), and writes them. */
import type { FileHandle } from 'node:fs/promises';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AtelierError } from '../contract/errors/errors.ts';
import { existsFile, openFile, parseJsonObject, readBytes, readError, writeAside } from './files.ts';
import { float32ToFloat16, narrowToBfloat16, widenBfloat16, widenFloat16 } from './float-bits.ts';
import {
  MAX_HEADER_BYTES,
  notSafetensors,
  parseSafetensorsHeader,
  DTYPE_BYTES,
  type Dtype,
  type SafetensorsHeader,
  type TensorInfo,
  type TensorPlace,
} from './safetensors-header.ts';
import { unalignedBytes, unalignedFloats } from './unaligned.ts';

export type { Dtype, TensorInfo } from './safetensors-header.ts';

export interface TensorReader {
  /** The strings of `__metadata__` (of the first shard if there are several files). */
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensor names, sorted. */
  names(): string[];
  has(name: string): boolean;
  /** @throws AtelierError BAD_INPUT if the tensor does not exist */
  info(name: string): TensorInfo;
  /** Values of an F32, F16 or BF16 tensor in row-major order. Reads in pieces, without a second full copy. */
  readFloat32(name: string): Promise<Float32Array>;
  /** The stored little-endian bytes of a tensor of any type. */
  readBytes(name: string): Promise<Uint8Array>;
  /** Fills `target` with some of those bytes, from `offset` within the tensor. */
  readInto(name: string, offset: number, target: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface TensorEntry {
  readonly name: string;
  readonly dtype: 'F32' | 'F16' | 'BF16';
  readonly shape: readonly number[];
  /** The values, or a function that returns them on writing, so that a large model is never entirely in memory. */
  readonly data: Float32Array | (() => Promise<Float32Array>);
}

const PIECE_BYTES = 8 * 1024 * 1024;
const PREFIX_BYTES = 8;

/**
 * Opens a safetensors file and checks its whole header. Tensor data is read on demand.
 * @throws AtelierError NOT_FOUND or BAD_INPUT, naming the file and the tensor
 */
export async function openSafetensors(path: string): Promise<TensorReader> {
  const { handle, sizeBytes } = await openFile(path);
  try {
    const { header, dataStart } = await readHeader(handle, sizeBytes, path);
    return readerOf(handle, path, header, dataStart);
  } catch (cause) {
    await handle.close();
    throw cause instanceof AtelierError ? cause : readError(path, cause);
  }
}

async function readHeader(
  handle: FileHandle,
  size: number,
  path: string,
): Promise<{ header: SafetensorsHeader; dataStart: number }> {
  if (size < PREFIX_BYTES) throw notSafetensors(path, `it has only ${size} bytes`);
  const prefix = new Uint8Array(PREFIX_BYTES);
  await readFully(handle, prefix, 0, path);
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) throw notSafetensors(path, `its header would be ${length} bytes long`);
  const headerBytes = Number(length);
  const dataStart = PREFIX_BYTES + headerBytes;
  if (dataStart > size) throw notSafetensors(path, 'it ends within its header');
  const bytes = new Uint8Array(headerBytes);
  await readFully(handle, bytes, PREFIX_BYTES, path);
  return { header: parseSafetensorsHeader(bytes, size - dataStart, path), dataStart };
}

function readerOf(handle: FileHandle, path: string, header: SafetensorsHeader, dataStart: number): TensorReader {
  const place = (name: string): TensorPlace => {
    const found = header.tensors.get(name);
    if (found === undefined) throw missingTensor(path, name);
    return found;
  };
  return {
    metadata: header.metadata,
    names: () => [...header.tensors.keys()].sort(),
    has: (name) => header.tensors.has(name),
    info: (name) => {
      const { dtype, shape, byteLength } = place(name);
      return { dtype, shape, byteLength };
    },
    readFloat32: (name) => readFloats(handle, path, name, place(name), dataStart),
    readBytes: async (name) => {
      const { begin, byteLength } = place(name);
      const bytes = unalignedBytes(byteLength);
      await readFully(handle, bytes, dataStart + begin, path);
      return bytes;
    },
    readInto: (name, offset, target) => readFully(handle, target, dataStart + place(name).begin + offset, path),
    close: () => handle.close(),
  };
}

async function readFloats(
  handle: FileHandle,
  path: string,
  name: string,
  place: TensorPlace,
  dataStart: number,
): Promise<Float32Array> {
  const { dtype, begin, byteLength } = place;
  if (dtype === 'F32') {
    const values = unalignedFloats(byteLength / 4);
    await readFully(handle, new Uint8Array(values.buffer, values.byteOffset, byteLength), dataStart + begin, path);
    return values;
  }
  if (dtype !== 'F16' && dtype !== 'BF16') {
    throw new AtelierError(
      'BAD_INPUT',
      `${path}: tensor "${name}" is stored as ${dtype}, which is not a supported float type.`,
      {
        place: { file: path, field: name },
        remedy: 'Use a checkpoint whose weights are F32, F16 or BF16 (not quantised).',
      },
    );
  }
  const widen = dtype === 'F16' ? widenFloat16 : widenBfloat16;
  const values = unalignedFloats(byteLength / 2);
  const piece = new Uint8Array(Math.min(PIECE_BYTES, byteLength));
  const halves = new Uint16Array(piece.buffer);
  for (let done = 0; done < byteLength; done += piece.length) {
    const count = Math.min(piece.length, byteLength - done);
    await readFully(handle, piece.subarray(0, count), dataStart + begin + done, path);
    widen(halves.subarray(0, count / 2), values.subarray(done / 2));
  }
  return values;
}

/** Fills `target` from `position`, in pieces that are read at the same time. */
async function readFully(handle: FileHandle, target: Uint8Array, position: number, path: string): Promise<void> {
  const readPiece = async (start: number): Promise<void> => {
    const end = Math.min(start + PIECE_BYTES, target.length);
    for (let done = start; done < end;) {
      const { bytesRead } = await handle.read(target, done, end - done, position + done);
      if (bytesRead === 0) throw notSafetensors(path, `it ends at byte ${position + done}`);
      done += bytesRead;
    }
  };
  const pieces = Array.from({ length: Math.ceil(target.length / PIECE_BYTES) }, (_, index) => index * PIECE_BYTES);
  await Promise.all(pieces.map(readPiece));
}

function missingTensor(path: string, name: string): AtelierError {
  return new AtelierError('BAD_INPUT', `${path} has no tensor "${name}".`, { place: { file: path, field: name } });
}

/**
 * Opens the weights of a checkpoint folder: `model.safetensors`, or the shards that
 * `model.safetensors.index.json` names. Every indexed tensor is checked to be in its shard.
 */
export async function openCheckpointTensors(dir: string): Promise<TensorReader> {
  const single = join(dir, 'model.safetensors');
  if (await existsFile(single)) return openSafetensors(single);
  const indexPath = join(dir, 'model.safetensors.index.json');
  if (!(await existsFile(indexPath))) {
    const pickle = (await readdir(dir).catch(() => [])).find((name) => /\.(bin|pt|pth|ckpt)$/.test(name));
    if (pickle !== undefined) throw pickleOnly(dir, pickle);
    throw new AtelierError('NOT_FOUND', `${dir} contains neither model.safetensors nor model.safetensors.index.json.`, {
      place: { file: dir },
      remedy: 'Choose the folder of a checkpoint in safetensors format.',
    });
  }
  return openShards(dir, indexPath);
}

function pickleOnly(dir: string, name: string): AtelierError {
  return new AtelierError(
    'BAD_INPUT',
    `${dir} has its weights in ${name}, a Python pickle, which Atelier does not read.`,
    {
      place: { file: join(dir, name) },
      remedy: 'A pickle can run any program when it is opened. Save the model again in safetensors format.',
    },
  );
}

async function openShards(dir: string, indexPath: string): Promise<TensorReader> {
  const fileOf = parseIndex(await readBytes(indexPath), indexPath);
  const shards = new Map<string, TensorReader>();
  const close = async (): Promise<void> => {
    await Promise.all([...shards.values()].map((shard) => shard.close()));
  };
  try {
    for (const file of [...new Set(fileOf.values())].sort()) shards.set(file, await openSafetensors(join(dir, file)));
    for (const [name, file] of fileOf) if (!shards.get(file)!.has(name)) throw missingTensor(join(dir, file), name);
  } catch (cause) {
    await close();
    throw cause;
  }
  const shardOf = (name: string): TensorReader => {
    const file = fileOf.get(name);
    if (file === undefined) throw missingTensor(indexPath, name);
    return shards.get(file)!;
  };
  return {
    metadata: [...shards.values()][0]!.metadata,
    names: () => [...fileOf.keys()].sort(),
    has: (name) => fileOf.has(name),
    info: (name) => shardOf(name).info(name),
    readFloat32: async (name) => shardOf(name).readFloat32(name),
    readBytes: async (name) => shardOf(name).readBytes(name),
    readInto: async (name, offset, target) => shardOf(name).readInto(name, offset, target),
    close,
  };
}

function parseIndex(bytes: Uint8Array, indexPath: string): Map<string, string> {
  const bad = (why: string): AtelierError =>
    new AtelierError('BAD_INPUT', `${indexPath}: ${why}.`, { place: { file: indexPath, field: 'weight_map' } });
  const map = parseJsonObject(bytes, indexPath)['weight_map'];
  if (typeof map !== 'object' || map === null || Array.isArray(map)) throw bad('"weight_map" is not an object');
  const fileOf = new Map<string, string>();
  for (const [name, file] of Object.entries(map)) {
    if (typeof file !== 'string' || file === '' || basename(file) !== file || file.includes('\\')) {
      throw bad(`tensor "${name}" should be in ${JSON.stringify(file)}, which is not a file in this folder`);
    }
    fileOf.set(name, file);
  }
  if (fileOf.size === 0) throw bad('"weight_map" names no tensor');
  return fileOf;
}

/**
 * Writes a safetensors file next to `path`, flushes it to the disk and renames it into place, so a reader
 * never sees a partial file. Values are rounded to nearest, ties to even. The bytes depend only on the
 * entries and the metadata: tensors are ordered by element size, then name.
 */
export async function writeSafetensors(
  path: string,
  entries: readonly TensorEntry[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const sorted = [...entries].sort(
    (a, b) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype] || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  const header = encodeHeader(path, sorted, metadata);
  await writeAside(path, async (write) => {
    await write(header);
    for (const entry of sorted) {
      const values = typeof entry.data === 'function' ? await entry.data() : entry.data;
      const expected = elements(entry.shape);
      if (values.length !== expected) {
        throw new AtelierError(
          'INTERNAL',
          `${path}: tensor "${entry.name}" has ${values.length} values for shape [${entry.shape.join(', ')}].`,
          { place: { file: path, field: entry.name } },
        );
      }
      await writeValues(write, values, entry.dtype);
    }
  });
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The bytes before the data, for tensors that follow in this order. */
export function encodeHeader(
  path: string,
  entries: readonly (Pick<TensorEntry, 'name' | 'shape'> & { readonly dtype: Dtype })[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header = new Map<string, unknown>();
  const metadataKeys = Object.keys(metadata).sort();
  if (metadataKeys.length > 0) {
    header.set('__metadata__', Object.fromEntries(metadataKeys.map((key) => [key, metadata[key]])));
  }
  let position = 0;
  for (const { name, dtype, shape } of entries) {
    if (header.has(name) || name === '__metadata__') {
      throw new AtelierError('INTERNAL', `${path}: the tensor name "${name}" is invalid or used twice.`, {
        place: { file: path, field: name },
      });
    }
    const end = position + elements(shape) * DTYPE_BYTES[dtype];
    header.set(name, { dtype, shape: [...shape], data_offsets: [position, end] });
    position = end;
  }
  const fields = [...header].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const padded = Math.ceil(json.length / 8) * 8; // spaces keep the data aligned
  const bytes = new Uint8Array(PREFIX_BYTES + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, PREFIX_BYTES);
  return bytes;
}

async function writeValues(
  write: (bytes: Uint8Array) => Promise<void>,
  values: Float32Array,
  dtype: TensorEntry['dtype'],
): Promise<void> {
  if (dtype === 'F32') {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    for (let done = 0; done < bytes.length; done += PIECE_BYTES) await write(bytes.subarray(done, done + PIECE_BYTES));
    return;
  }
  const piece = new Uint16Array(Math.min(PIECE_BYTES / 2, values.length));
  for (let done = 0; done < values.length; done += piece.length) {
    const count = Math.min(piece.length, values.length - done);
    if (dtype === 'BF16') narrowToBfloat16(values.subarray(done, done + count), piece);
    else for (let i = 0; i < count; i++) piece[i] = float32ToFloat16(values[done + i]!);
    await write(new Uint8Array(piece.buffer, 0, count * 2));
  }
}
