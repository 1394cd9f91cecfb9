/**
 * @file The header of a GGUF file (version 3): metadata and the table of tensors, encoded and parsed strictly. Pure.
 * https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { AtelierError } from '../../contract/errors/errors.ts';

/** Types of tensors, with their number in ggml, and how many bytes a block of values takes. Q4_1 is read, not written. */
export const GGML_TYPES = {
  F32: { id: 0, block: 1, bytes: 4 },
  F16: { id: 1, block: 1, bytes: 2 },
  Q4_1: { id: 3, block: 32, bytes: 20 },
  Q5_0: { id: 6, block: 32, bytes: 22 },
  Q8_0: { id: 8, block: 32, bytes: 34 },
  Q4_K: { id: 12, block: 256, bytes: 144 },
  Q6_K: { id: 14, block: 256, bytes: 210 },
  BF16: { id: 30, block: 1, bytes: 2 },
} as const;
export type GgmlType = keyof typeof GGML_TYPES;
export type WrittenType = Exclude<GgmlType, 'Q4_1'>;

/** A value of the metadata with its type. */
export type GgufValue =
  | readonly ['u32' | 'i32' | 'f32', number]
  | readonly ['bool', boolean]
  | readonly ['string', string]
  | readonly ['i32[]' | 'f32[]', readonly number[]]
  | readonly ['bool[]', readonly boolean[]]
  | readonly ['string[]', readonly string[]];

export type GgufMetadata = ReadonlyMap<string, GgufValue>;

export interface GgufTensorInfo {
  readonly type: GgmlType;
  /** Outermost dimension first, as in safetensors. The file has them the other way round. */
  readonly shape: readonly number[];
}

/** `begin` is in bytes from the start of the data. */
export interface GgufTensorPlace extends GgufTensorInfo {
  readonly begin: number;
  readonly byteLength: number;
}

export interface GgufHeader {
  readonly metadata: GgufMetadata;
  readonly tensors: ReadonlyMap<string, GgufTensorPlace>;
  /** Bytes before the data. */
  readonly dataStart: number;
}

export const GGUF_MAGIC = 'GGUF';
const VERSION = 3;
/** The format's default. Every tensor begins at a multiple of it. */
export const GGUF_ALIGNMENT = 32;
const VALUE_TYPES = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
/** Of tensors, entries of the metadata, and values in an array. The largest vocabularies have 260,000 tokens. */
const MOST_ENTRIES = 1 << 22;
const MOST_DIMENSIONS = 4;

/** @throws AtelierError INTERNAL if the last dimension does not fill whole blocks */
export function ggufByteLength(name: string, { type, shape }: GgufTensorInfo): number {
  const { block, bytes } = GGML_TYPES[type];
  if ((shape.at(-1) ?? 1) % block !== 0)
    throw new AtelierError('INTERNAL', `The tensor ${name} has rows that ${type} cannot hold.`);
  return (shape.reduce((product, size) => product * size, 1) / block) * bytes;
}

export function ggufAligned(bytes: number): number {
  return Math.ceil(bytes / GGUF_ALIGNMENT) * GGUF_ALIGNMENT;
}

/** The bytes before the data, for tensors that follow in this order, each padded to `GGUF_ALIGNMENT`. */
export function encodeGgufHeader(metadata: GgufMetadata, tensors: ReadonlyMap<string, GgufTensorInfo>): Uint8Array {
  const out = new ByteWriter();
  out.bytes(Buffer.from(GGUF_MAGIC, 'latin1'));
  out.u32(VERSION);
  out.u64(tensors.size);
  out.u64(metadata.size);
  for (const [key, value] of metadata) {
    out.string(key);
    writeValue(out, value);
  }
  let begin = 0;
  for (const [name, info] of tensors) {
    out.string(name);
    out.u32(info.shape.length);
    for (const size of [...info.shape].reverse()) out.u64(size);
    out.u32(GGML_TYPES[info.type].id);
    out.u64(begin);
    begin += ggufAligned(ggufByteLength(name, info));
  }
  return out.padded(GGUF_ALIGNMENT);
}

function writeValue(out: ByteWriter, [type, value]: GgufValue): void {
  const one = (kind: Exclude<keyof typeof VALUE_TYPES, 'array'>, each: number | string | boolean): void => {
    if (kind === 'string') out.string(each as string);
    else if (kind === 'bool') out.u8(each === true ? 1 : 0);
    else out[kind](each as number);
  };
  if (!Array.isArray(value)) {
    const kind = type as Exclude<keyof typeof VALUE_TYPES, 'array'>;
    out.u32(VALUE_TYPES[kind]);
    one(kind, value as number | string | boolean);
    return;
  }
  const kind = type.slice(0, -2) as Exclude<keyof typeof VALUE_TYPES, 'array'>;
  out.u32(VALUE_TYPES.array);
  out.u32(VALUE_TYPES[kind]);
  out.u64(value.length);
  for (const each of value as readonly (number | string | boolean)[]) one(kind, each);
}

/** Bytes that grow as they are written. */
class ByteWriter {
  #buffer = Buffer.alloc(1 << 16);
  #length = 0;

  #room(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(this.#length, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    return at;
  }

  u8(value: number): void {
    const at = this.#room(1);
    this.#buffer.writeUInt8(value, at);
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#buffer.writeUInt32LE(value, at);
  }

  i32(value: number): void {
    const at = this.#room(4);
    this.#buffer.writeInt32LE(value, at);
  }

  f32(value: number): void {
    const at = this.#room(4);
    this.#buffer.writeFloatLE(value, at);
  }

  u64(value: number): void {
    const at = this.#room(8);
    this.#buffer.writeBigUInt64LE(BigInt(value), at);
  }

  bytes(value: Uint8Array): void {
    const at = this.#room(value.length);
    this.#buffer.set(value, at);
  }

  string(value: string): void {
    const encoded = Buffer.from(value, 'utf8');
    this.u64(encoded.length);
    this.bytes(encoded);
  }

  padded(alignment: number): Uint8Array {
    this.#room((alignment - (this.#length % alignment)) % alignment);
    return this.#buffer.subarray(0, this.#length);
  }
}

/**
 * Reads and checks a header as this module writes it.
 * @param bytes the beginning of the file, with the whole header
 * @param sizeBytes of the whole file
 * @param file named in errors
 * @throws AtelierError BAD_INPUT for anything but a complete description of the data
 */
export function parseGgufHeader(bytes: Uint8Array, sizeBytes: number, file: string): GgufHeader {
  const read = new ByteReader(bytes, file);
  if (read.text(4) !== GGUF_MAGIC) throw notGguf(file, 'it does not begin with "GGUF"');
  const version = read.u32();
  if (version !== VERSION) throw notGguf(file, `it has version ${version}, and only version ${VERSION} is known`);
  const tensorCount = read.count('tensors');
  const metadata = new Map<string, GgufValue>();
  for (let left = read.count('entries of metadata'); left > 0; left--) {
    const key = read.string();
    if (metadata.has(key)) throw notGguf(file, `it has "${key}" twice`);
    metadata.set(key, readValue(read, key, file));
  }
  const tensors = new Map<string, GgufTensorPlace>();
  for (let left = tensorCount; left > 0; left--) {
    const name = read.string();
    if (tensors.has(name)) throw notGguf(file, `it has the tensor "${name}" twice`);
    const dimensions = read.u32();
    if (dimensions > MOST_DIMENSIONS) throw notGguf(file, `the tensor "${name}" has ${dimensions} dimensions`);
    const shape = Array.from({ length: dimensions }, () => read.u64()).reverse();
    const id = read.u32();
    const type = (Object.keys(GGML_TYPES) as GgmlType[]).find((each) => GGML_TYPES[each].id === id);
    if (type === undefined) throw notGguf(file, `the tensor "${name}" has type ${id}, which is not known here`);
    const begin = read.u64();
    tensors.set(name, { type, shape, begin, byteLength: ggufByteLength(name, { type, shape }) });
  }
  const dataStart = ggufAligned(read.position);
  let end = 0;
  for (const [name, { begin, byteLength }] of tensors) {
    if (begin !== ggufAligned(end)) throw notGguf(file, `the tensor "${name}" does not follow the one before it`);
    end = begin + byteLength;
  }
  if (dataStart + end > sizeBytes) throw notGguf(file, 'it ends before its last tensor');
  return { metadata, tensors, dataStart };
}

function readValue(read: ByteReader, key: string, file: string): GgufValue {
  const one = (type: number): number | string | boolean => {
    if (type === VALUE_TYPES.u32) return read.u32();
    if (type === VALUE_TYPES.i32) return read.i32();
    if (type === VALUE_TYPES.f32) return read.f32();
    if (type === VALUE_TYPES.bool) return read.u8() !== 0;
    if (type === VALUE_TYPES.string) return read.string();
    throw notGguf(file, `"${key}" has type ${type}, which is not known here`);
  };
  const nameOf = (type: number): string =>
    Object.entries(VALUE_TYPES).find(([, number]) => number === type)?.[0] ?? String(type);
  const type = read.u32();
  if (type !== VALUE_TYPES.array) return [nameOf(type), one(type)] as unknown as GgufValue;
  const inner = read.u32();
  const values: (number | string | boolean)[] = [];
  for (let left = read.count(`values of "${key}"`); left > 0; left--) values.push(one(inner));
  return [`${nameOf(inner)}[]`, values] as unknown as GgufValue;
}

/** Reads forward, and never beyond the end. */
class ByteReader {
  position = 0;
  readonly #view: Buffer;
  readonly #file: string;

  constructor(bytes: Uint8Array, file: string) {
    this.#view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#file = file;
  }

  #take(bytes: number): number {
    const at = this.position;
    if (at + bytes > this.#view.length) throw notGguf(this.#file, 'it ends within its header');
    this.position += bytes;
    return at;
  }

  u8(): number {
    return this.#view.readUInt8(this.#take(1));
  }

  u32(): number {
    return this.#view.readUInt32LE(this.#take(4));
  }

  i32(): number {
    return this.#view.readInt32LE(this.#take(4));
  }

  f32(): number {
    return this.#view.readFloatLE(this.#take(4));
  }

  u64(): number {
    const value = this.#view.readBigUInt64LE(this.#take(8));
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw notGguf(this.#file, `it states the number ${value}`);
    return Number(value);
  }

  count(what: string): number {
    const count = this.u64();
    if (count > MOST_ENTRIES) throw notGguf(this.#file, `it would have ${count} ${what}`);
    return count;
  }

  text(bytes: number): string {
    const at = this.#take(bytes);
    return this.#view.toString('utf8', at, at + bytes);
  }

  string(): string {
    return this.text(this.u64());
  }
}

export function notGguf(file: string, why: string): AtelierError {
  return new AtelierError('BAD_INPUT', `${file} is not a GGUF file that Atelier can read: ${why}.`, {
    place: { file },
    remedy: 'Export the run again.',
  });
}
