/**
 * @file The GGUF job: a model as files for llama.cpp, with an adapter worked into its weights, written a few rows at a time
 * and then read back from the disk.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GgufEvent, GgufJob } from '../../contract/engine/engine.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { GgufCheck } from '../../contract/model/exports.ts';
import type { Progress } from '../../contract/model/primitives.ts';
import { readCheckpoint, type Checkpoint } from '../../formats/checkpoint.ts';
import { syncFolder } from '../../formats/files.ts';
import { widenBfloat16, widenFloat16 } from '../../formats/float-bits.ts';
import { decodeGgml, encodeGgml, mostGgmlError } from '../../formats/gguf/ggml-values.ts';
import { ggufAdapter, type GgufAdapter } from '../../formats/gguf/gguf-adapter.ts';
import { openGguf } from '../../formats/gguf/gguf-file.ts';
import {
  encodeGgufHeader,
  ggufAligned,
  ggufByteLength,
  type GgufHeader,
  type GgufValue,
} from '../../formats/gguf/gguf-header.ts';
import {
  ggufFileNames,
  ggufLanguageModel,
  ggufProjector,
  type GgufPlan,
  type GgufTensor,
} from '../../formats/gguf/gguf-model.ts';
import { ggufTokenizer } from '../../formats/gguf/gguf-tokenizer.ts';
import { pairedRows } from '../../formats/gguf/paired-rows.ts';
import { fitAdapter, readAdapter, silentLayers, type Adapter } from '../../formats/peft.ts';
import { expectedTensors, hubName } from '../../formats/tensor-names.ts';
import { loadRuntime, type Runtime } from '../runtime/backend.ts';
import { HashedFile, progressMeter } from './hashed-file.ts';
import { loraOf, mergedRows, roundedBase, type MergedTensor } from './merged-rows.ts';

/** Bytes of a tensor in one piece: it and its float32 copies stay in the processor's cache. */
const PIECE_BYTES = 1024 * 1024;

interface Source {
  readonly runtime: Runtime;
  readonly checkpoint: Checkpoint;
  readonly adapter: Adapter | null;
  /** Names of the weights that the adapter was trained on in NF4. */
  readonly rounded: ReadonlySet<string>;
  readonly signal: AbortSignal | undefined;
}

type File = Extract<GgufEvent, { type: 'done' }>['files'][number];

/**
 * Writes `model-F16.gguf`, `mmproj-F16.gguf` (named after the type of their weights) and, from an adapter,
 * `adapter/lora-F32.gguf` for use with the base model.
 * @throws AtelierError BAD_INPUT if llama.cpp cannot compute the model or the type cannot hold a weight, DISK_FULL,
 * CANCELLED within a piece of the signal
 */
export async function* writeGguf(job: GgufJob, signal?: AbortSignal): AsyncGenerator<GgufEvent, void, undefined> {
  const [runtime, checkpoint] = await Promise.all([loadRuntime(), readCheckpoint(job.modelPath)]);
  try {
    const { config, generation } = checkpoint;
    const adapter = job.adapterPath === null ? null : await adapterFor(checkpoint, job.adapterPath);
    const preprocessor = { ...checkpoint.preprocessor, maxPixels: job.maxPixels ?? checkpoint.preprocessor.maxPixels };
    const general = generalEntries(job);
    const language = ggufLanguageModel(config, job.weights, general);
    const vision = ggufProjector(config, preprocessor, job.weights, general);
    const tokenizer = await ggufTokenizer(job.modelPath, config, generation);
    const names = ggufFileNames(job.weights);
    const plans = new Map<string, GgufPlan>([
      [names.model, { ...language, metadata: [...language.metadata, ...tokenizer] }],
      [names.mmproj, vision],
    ]);
    const rounded = roundedBase(adapter, Object.fromEntries(expectedTensors(config)), config);
    const source: Source = { runtime, checkpoint, adapter, rounded, signal };
    const total = [...plans.values()].reduce((sum, plan) => sum + floatBytesOf(plan), 0);
    const files: File[] = [];
    const checks: GgufCheck['files'] = [];
    const writing = progressMeter('write', total);
    for (const [name, plan] of plans) files.push(yield* writePlan(join(job.folder, name), name, plan, source, writing));
    const reading = progressMeter('read back', total);
    for (const [name, plan] of plans) checks.push(yield* readBack(join(job.folder, name), name, plan, source, reading));
    const separate = adapter === null ? null : await writeAdapter(job, checkpoint, adapter, general);
    if (separate?.file !== undefined) files.push(separate.file);
    await syncFolder(job.folder);
    yield { type: 'done', files, check: { files: checks, adapter: separate?.check ?? null } };
  } finally {
    await checkpoint.tensors.close();
  }
}

async function adapterFor({ config }: Checkpoint, path: string): Promise<Adapter> {
  return fitAdapter(await readAdapter(path), expectedTensors(config), path);
}

function generalEntries({ name, licence, metadata }: GgufJob): [string, GgufValue][] {
  return [
    ['general.name', ['string', name]],
    ...(licence === null ? [] : [['general.license', ['string', licence]] as [string, GgufValue]]),
    ...Object.entries(metadata).map(([key, value]): [string, GgufValue] => [key, ['string', value]]),
  ];
}

/** Bytes of a plan's values in float32, as which they pass through. */
function floatBytesOf({ tensors }: GgufPlan): number {
  return tensors.reduce((sum, { shape }) => sum + 4 * shape.reduce((product, size) => product * size, 1), 0);
}

type Meter = (bytes: number) => Progress | null;

async function* writePlan(
  path: string,
  name: string,
  { metadata, tensors }: GgufPlan,
  source: Source,
  meter: Meter,
): AsyncGenerator<GgufEvent, File, undefined> {
  const out = await HashedFile.create(path);
  try {
    await out.write(encodeGgufHeader(new Map(metadata), new Map(tensors.map((tensor) => [tensor.name, tensor]))));
    for (const tensor of tensors) {
      for await (const values of valuesOf(tensor, source)) {
        await out.write(encodeGgml(values, tensor.type));
        const progress = meter(values.byteLength);
        if (progress !== null) yield { type: 'progress', progress };
      }
      await out.write(paddingAfter(ggufByteLength(tensor.name, tensor)));
    }
    return { name, ...(await out.end()) };
  } finally {
    await out.close();
  }
}

function paddingAfter(bytes: number): Uint8Array {
  return new Uint8Array(ggufAligned(bytes) - bytes);
}

/** Compares every entry and every tensor on the disk with what was planned and with the merged weights. */
async function* readBack(
  path: string,
  name: string,
  { metadata, tensors }: GgufPlan,
  source: Source,
  meter: Meter,
): AsyncGenerator<GgufEvent, GgufCheck['files'][number], undefined> {
  const reader = await openGguf(path);
  try {
    mustHaveAll(path, reader, { metadata, tensors });
    const counts: Record<string, number> = {};
    let largestError = 0;
    for (const tensor of tensors) {
      let [error, largest, done] = [0, 0, 0];
      for await (const values of valuesOf(tensor, source)) {
        const length = ggufByteLength(tensor.name, { type: tensor.type, shape: [values.length] });
        const stored = decodeGgml(await reader.readBytes(tensor.name, done, length), tensor.type);
        done += length;
        for (let i = 0; i < values.length; i++) {
          const value = stored[i]!;
          if (!Number.isFinite(value)) throw notFinite(path, tensor, values[i]!);
          error = Math.max(error, Math.abs(value - values[i]!));
          largest = Math.max(largest, Math.abs(values[i]!));
        }
        const progress = meter(values.byteLength);
        if (progress !== null) yield { type: 'progress', progress };
      }
      if (error > mostGgmlError(tensor.type, largest))
        throw notAsPlanned(path, `the tensor ${tensor.name} differs by more than ${tensor.type} can make`);
      counts[tensor.type] = (counts[tensor.type] ?? 0) + 1;
      if (largest > 0) largestError = Math.max(largestError, error / largest);
    }
    const fallbacks = tensors.filter(({ isFallback }) => isFallback).map((each) => each.name);
    return { name, entries: metadata.length, tensors: counts, fallbacks, largestError };
  } finally {
    await reader.close();
  }
}

/** That nothing is missing, nothing is there beside it, and all is of the planned kind. */
function mustHaveAll(
  path: string,
  found: GgufHeader,
  { metadata, tensors }: Pick<GgufAdapter, 'metadata' | 'tensors'> | GgufPlan,
): void {
  if (found.metadata.size !== metadata.length || found.tensors.size !== tensors.length)
    throw notAsPlanned(path, 'it has another number of entries or tensors');
  for (const [key, [type, value]] of metadata) {
    const [foundType, foundValue] = found.metadata.get(key) ?? [];
    // Numbers of 32 bits are rounded.
    const kept = type === 'f32' ? Math.fround(value) : type === 'f32[]' ? value.map(Math.fround) : value;
    if (foundType !== type || JSON.stringify(foundValue) !== JSON.stringify(kept))
      throw notAsPlanned(path, `the entry ${key} is another`);
  }
  for (const { name, type, shape } of tensors) {
    const place = found.tensors.get(name);
    if (place?.type !== type || place.shape.join() !== shape.join())
      throw notAsPlanned(path, `the tensor ${name} is of another kind`);
  }
}

function notAsPlanned(path: string, why: string): AtelierError {
  return new AtelierError('INTERNAL', `${path} was not written as planned: ${why}.`, {
    place: { file: path },
    remedy: 'Check the disk, and export again.',
  });
}

function notFinite(path: string, { name, type }: GgufTensor, value: number): AtelierError {
  return new AtelierError('BAD_INPUT', `${path}: the tensor ${name} holds ${value}, which ${type} cannot hold.`, {
    place: { file: path, field: name },
    remedy: 'Export with bf16 weights, which have the range of float32.',
  });
}

/** The values of a tensor in the order of the file, whole rows at a time. */
async function* valuesOf(tensor: GgufTensor, source: Source): AsyncGenerator<Float32Array> {
  const { runtime, checkpoint, adapter, rounded, signal } = source;
  const { tensor: name, rows, headDim, time } = tensor.source;
  const info = checkpoint.tensors.info(name);
  const lora = adapter === null ? undefined : loraOf(adapter, name);
  const merged: MergedTensor = { ...info, name, lora, rounded: rounded.has(hubName(name)) };
  const all = info.shape[0] ?? 1;
  const rowBytes = info.byteLength / all;
  const { first, count } = rows ?? { first: 0, count: all };
  // Heads stay whole, and so do blocks of values in tensors of one dimension.
  const unit = headDim ?? 1;
  const step = time === undefined ? unit * Math.max(1, Math.floor(PIECE_BYTES / rowBytes / unit)) : count;
  for (let done = 0; done < count; done += step) {
    if (signal?.aborted === true) throw new AtelierError('CANCELLED', 'The export was cancelled.');
    const part = { first: first + done, count: Math.min(step, count - done) };
    const bytes = await mergedRows(runtime, checkpoint.tensors, merged, part, new Uint8Array(part.count * rowBytes));
    const values = floatsOf(bytes, info.dtype);
    if (time !== undefined) yield timeStep(values, info.shape, time);
    else if (headDim !== undefined) yield pairedRows(values, values.length / part.count, headDim);
    else yield values;
  }
}

function floatsOf(stored: Uint8Array, dtype: string): Float32Array {
  const bytes = stored.byteOffset % 4 === 0 ? stored : Uint8Array.from(stored);
  if (dtype === 'F32') return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  const values = new Float32Array(halves.length);
  (dtype === 'F16' ? widenFloat16 : widenBfloat16)(halves, values);
  return values;
}

/** [out, in, time, height, width] → [out, in, height, width] at one time. */
function timeStep(values: Float32Array, shape: readonly number[], time: number): Float32Array {
  const times = shape[2] ?? 1;
  const plane = (shape[3] ?? 1) * (shape[4] ?? 1);
  const out = new Float32Array(values.length / times);
  for (let at = 0; at * plane < out.length; at++) {
    const from = (at * times + time) * plane;
    out.set(values.subarray(from, from + plane), at * plane);
  }
  return out;
}

async function writeAdapter(
  { folder }: GgufJob,
  { config }: Checkpoint,
  adapter: Adapter,
  general: readonly [string, GgufValue][],
): Promise<{ file?: File; check: GgufCheck['adapter'] }> {
  const { metadata, tensors, leftOut } = ggufAdapter(adapter, config, general);
  if (tensors.length === 0) return { check: null };
  const name = 'adapter/lora-F32.gguf';
  const path = join(folder, name);
  await mkdir(dirname(path));
  const out = await HashedFile.create(path);
  try {
    await out.write(encodeGgufHeader(new Map(metadata), new Map(tensors.map((tensor) => [tensor.name, tensor]))));
    for (const { type, values } of tensors) {
      const bytes = encodeGgml(values, type);
      await out.write(bytes);
      await out.write(paddingAfter(bytes.length));
    }
    const file = { name, ...(await out.end()) };
    await adapterReadBack(path, { metadata, tensors, leftOut });
    return { file, check: { layers: tensors.length / 2, silent: silentLayers(adapter), leftOut: [...leftOut] } };
  } finally {
    await out.close();
  }
}

/** Compares the adapter's file with what was written, bit by bit. */
async function adapterReadBack(path: string, planned: GgufAdapter): Promise<void> {
  const reader = await openGguf(path);
  try {
    mustHaveAll(path, reader, planned);
    for (const { name, type, values } of planned.tensors)
      if (!Buffer.from(await reader.readBytes(name)).equals(encodeGgml(values, type)))
        throw notAsPlanned(path, `the tensor ${name} holds other values`);
  } finally {
    await reader.close();
  }
}
