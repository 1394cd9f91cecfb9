/** @file Parses the header of a safetensors file and refuses anything invalid. Pure. */
import { jsonWords } from '../contract/errors/cause-words.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import { hasTooManyObjects } from './files.ts';

/** Bytes per element of every type in the format. */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;
export type Dtype = keyof typeof DTYPE_BYTES;

export interface TensorInfo {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly byteLength: number;
}

/** Where a tensor is; `begin` is in bytes from the start of the data section. */
export interface TensorPlace extends TensorInfo {
  readonly begin: number;
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorPlace>;
}

/** The reference implementation's limit. A larger header means an attack or a different kind of file. */
export const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads and checks a header.
 * @param bytes the header alone (without its 8-byte length)
 * @param dataBytes length of the data section that follows it
 * @param file named in errors
 * @throws AtelierError BAD_INPUT for anything but a complete, contiguous description of the data
 */
export function parseSafetensorsHeader(bytes: Uint8Array, dataBytes: number, file: string): SafetensorsHeader {
  if (bytes[0] !== 0x7b) throw notSafetensors(file, 'its header does not start with "{"');
  const header = parseObject(bytes, file);
  const tensors = new Map<string, TensorPlace>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') metadata = checkMetadata(entry, file);
    else tensors.set(name, checkEntry(name, entry, file));
  }
  checkContiguous(tensors, dataBytes, file);
  return { metadata, tensors };
}

/** The error for a file that is not (or no longer) a safetensors file. */
export function notSafetensors(file: string, why: string): AtelierError {
  return new AtelierError('BAD_INPUT', `${file} is not a usable safetensors file: ${why}.`, {
    place: { file },
    remedy: 'Copy or download the file again. It may be incomplete.',
  });
}

function badTensor(file: string, name: string, why: string): AtelierError {
  return new AtelierError('BAD_INPUT', `${file}: tensor "${name}" ${why}.`, {
    place: { file, field: name },
    remedy: 'Copy or download the file again. It may be damaged.',
  });
}

function parseObject(bytes: Uint8Array, file: string): Record<string, unknown> {
  if (hasTooManyObjects(bytes)) throw notSafetensors(file, 'its header describes more tensors than any model has');
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw notSafetensors(file, `its header is not JSON (${jsonWords(cause)})`);
  }
  return value as Record<string, unknown>; // it starts with "{" and parsed
}

function checkMetadata(entry: unknown, file: string): Record<string, string> {
  // Some writers put a null where they have nothing to say.
  if (entry === null) return {};
  if (typeof entry !== 'object' || Array.isArray(entry)) {
    throw notSafetensors(file, '__metadata__ is not an object');
  }
  for (const [key, value] of Object.entries(entry)) {
    if (typeof value !== 'string') throw notSafetensors(file, `metadata "${key}" is not a string`);
  }
  return { ...(entry as Record<string, string>) };
}

function checkEntry(name: string, entry: unknown, file: string): TensorPlace {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw badTensor(file, name, 'has no description');
  }
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPE_BYTES, dtype)) {
    throw badTensor(file, name, `has the unknown type ${JSON.stringify(dtype)}`);
  }
  if (!isNaturals(shape)) throw badTensor(file, name, `has the impossible shape ${JSON.stringify(shape)}`);
  if (!isNaturals(offsets) || offsets.length !== 2 || offsets[1]! < offsets[0]!) {
    throw badTensor(file, name, `has impossible offsets ${JSON.stringify(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  const expected = shape.reduce((product, size) => product * size, DTYPE_BYTES[dtype as Dtype]);
  if (end - begin !== expected) {
    throw badTensor(file, name, `takes ${end - begin} bytes where ${dtype} [${shape.join(', ')}] needs ${expected}`);
  }
  return { dtype: dtype as Dtype, shape, begin, byteLength: end - begin };
}

function isNaturals(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}

/** The tensors must tile the data section: no gaps, no overlaps, nothing missing at the end. */
function checkContiguous(tensors: ReadonlyMap<string, TensorPlace>, dataBytes: number, file: string): void {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.byteLength - b.byteLength);
  let position = 0;
  for (const [name, place] of inOrder) {
    if (place.begin !== position) {
      throw badTensor(file, name, `starts at byte ${place.begin} of the data instead of byte ${position}`);
    }
    position += place.byteLength;
    if (position > dataBytes) {
      throw badTensor(file, name, `ends at byte ${position} of the data, but the file has only ${dataBytes}`);
    }
  }
  if (position !== dataBytes) {
    throw notSafetensors(file, `it has ${dataBytes} bytes of data but describes ${position}`);
  }
}
