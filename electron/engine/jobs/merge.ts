/**
 * @file The merge job: an adapter worked into its base model's weights, file by file, and never more than a few rows in memory;
 * under the names of the base's files, or as MLX has them.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MergeEvent, MergeJob } from '../../contract/engine/engine.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { syncFolder, writeError } from '../../formats/files.ts';
import { mlxTensors, withChannelsLast } from '../../formats/mlx/mlx-layout.ts';
import { fitAdapter, readAdapter, silentLayers, type Adapter } from '../../formats/peft.ts';
import { encodeHeader, openCheckpointTensors, type TensorInfo, type TensorReader } from '../../formats/safetensors.ts';
import { unalignedBytes } from '../../formats/unaligned.ts';
import { hubName } from '../../formats/tensor-names.ts';
import { loadModel, type LoadedModel } from '../policy/loaded-model.ts';
import { loadRuntime, type Runtime } from '../runtime/backend.ts';
import { HashedFile, progressMeter } from './hashed-file.ts';
import { loraOf, mergedRows, roundedBase, type MergedTensor } from './merged-rows.ts';

/** As transformers' `save_pretrained` did for years; the hub's viewers and resumed downloads work best with files of this size. */
const SHARD_BYTES = 5_000_000_000;
/** Bytes of a tensor in one piece: it and its float32 copies stay in the processor's cache. */
const PIECE_BYTES = 1024 * 1024;

/**
 * Sums are computed in float32 and rounded to the base's type, as in PEFT's `merge_and_unload`. Tensors that the adapter
 * does not change are copied byte for byte, under the names of the base's files.
 * @throws AtelierError BAD_INPUT if the adapter does not fit the base, DISK_FULL, CANCELLED within a piece of the signal
 */
export async function* merge(job: MergeJob, signal?: AbortSignal): AsyncGenerator<MergeEvent, void, undefined> {
  const [runtime, model] = await Promise.all([loadRuntime(), loadModel(job.modelPath)]);
  const adapter =
    job.adapterPath === null
      ? null
      : fitAdapter(await readAdapter(job.adapterPath), new Map(Object.entries(model.shapes)), job.adapterPath);
  const base = await openCheckpointTensors(job.modelPath);
  try {
    const tensors = job.layout === 'mlx' ? mlxPlan(base, model, adapter) : plan(base, model, adapter);
    const shards = shardsOf(tensors, job.shardBytes ?? SHARD_BYTES);
    const total = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const buffer = ring();
    const meter = progressMeter('merge', total);
    const files: { name: string; sha256: string; sizeBytes: number }[] = [];
    const written = new Map<string, string>();
    for (const { name, tensors: own } of shards) {
      const path = join(job.folder, name);
      const out = await HashedFile.create(path);
      try {
        await out.write(encodeHeader(path, own.map(headerEntry), job.metadata));
        for (const tensor of own) {
          const hash = createHash('sha256');
          for await (const piece of piecesOf(runtime, base, tensor, buffer)) {
            if (signal?.aborted === true) throw new AtelierError('CANCELLED', 'The merge was cancelled.');
            await out.write(piece);
            hash.update(piece);
            const progress = meter(piece.length);
            if (progress !== null) yield { type: 'progress', progress };
          }
          written.set(tensor.as.name, hash.digest('hex'));
        }
        files.push({ name, ...(await out.end()) });
      } finally {
        await out.close();
      }
    }
    if (shards.length > 1) files.push(await writeIndex(job.folder, shards, total));
    await syncFolder(job.folder);
    yield* readBack(job.folder, tensors, written, signal);
    const check = { tensors: tensors.length, files: shards.length, silent: silentLayers(adapter) };
    yield { type: 'done', files, check };
  } finally {
    await base.close();
  }
}

/** A tensor, and how it is written. */
interface Written extends MergedTensor {
  readonly as: { readonly name: string; readonly shape: readonly number[] };
  /** A convolution whose channels move to the end. */
  readonly channelsLast: boolean;
}

/** Every tensor of the base's files, under its own name. */
function plan(base: TensorReader, { processor, shapes }: LoadedModel, adapter: Adapter | null): Written[] {
  const rounded = roundedBase(adapter, shapes, processor.config);
  return base.names().map((name): Written => {
    const info = base.info(name);
    const lora = adapter === null ? undefined : loraOf(adapter, hubName(name));
    const as = { name, shape: info.shape };
    return { name, ...info, lora, rounded: rounded.has(hubName(name)), as, channelsLast: false };
  });
}

/** Every tensor that mlx-vlm asks for. */
function mlxPlan(base: TensorReader, { processor, shapes }: LoadedModel, adapter: Adapter | null): Written[] {
  const rounded = roundedBase(adapter, shapes, processor.config);
  const names = new Map(base.names().map((name) => [hubName(name), name]));
  return mlxTensors(processor.config).map(({ name, shape, from, channelsLast }): Written => {
    const stored = names.get(from)!;
    const lora = adapter === null ? undefined : loraOf(adapter, from);
    const as = { name, shape };
    return { ...base.info(stored), name: stored, lora, rounded: rounded.has(from), as, channelsLast };
  });
}

function headerEntry({ dtype, as }: Written): Pick<TensorInfo, 'dtype' | 'shape'> & { name: string } {
  return { dtype, ...as };
}

/** Compares every tensor on the disk with what was written: none is missing, and each has its bytes. */
async function* readBack(
  folder: string,
  tensors: readonly Written[],
  written: ReadonlyMap<string, string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<MergeEvent, void, undefined> {
  const reader = await openCheckpointTensors(folder);
  try {
    if (reader.names().length !== tensors.length) throw notAsWritten(folder, 'it has another number of tensors');
    const meter = progressMeter(
      'read back',
      tensors.reduce((sum, { byteLength }) => sum + byteLength, 0),
    );
    for (const { as, dtype, byteLength } of tensors) {
      const found = reader.info(as.name);
      if (found.dtype !== dtype || found.shape.join() !== as.shape.join())
        throw notAsWritten(folder, `the tensor ${as.name} is of another kind`);
      const hash = createHash('sha256');
      for (let done = 0; done < byteLength; done += PIECE_BYTES) {
        if (signal?.aborted === true) throw new AtelierError('CANCELLED', 'The merge was cancelled.');
        const piece = new Uint8Array(Math.min(PIECE_BYTES, byteLength - done));
        await reader.readInto(as.name, done, piece);
        hash.update(piece);
        const progress = meter(piece.length);
        if (progress !== null) yield { type: 'progress', progress };
      }
      if (hash.digest('hex') !== written.get(as.name))
        throw notAsWritten(folder, `the tensor ${as.name} holds other values`);
    }
  } finally {
    await reader.close();
  }
}

function notAsWritten(folder: string, why: string): AtelierError {
  return new AtelierError('INTERNAL', `${folder} was not written as planned: ${why}.`, {
    place: { file: folder },
    remedy: 'Check the disk, and export again.',
  });
}

interface Shard {
  name: string;
  tensors: Written[];
}

/** Fills file after file in the order of the names. A tensor larger than a file gets a file of its own. */
function shardsOf(tensors: readonly Written[], limit: number): Shard[] {
  const groups: Written[][] = [];
  let bytes = Infinity;
  for (const tensor of tensors) {
    bytes += tensor.byteLength;
    if (bytes > limit) {
      groups.push([]);
      bytes = tensor.byteLength;
    }
    groups.at(-1)!.push(tensor);
  }
  const digits = (value: number): string => String(value).padStart(5, '0');
  return groups.map((own, index) => ({
    name:
      groups.length === 1 ? 'model.safetensors' : `model-${digits(index + 1)}-of-${digits(groups.length)}.safetensors`,
    // Wider types first keeps every tensor aligned.
    tensors: own.sort((a, b) => widthOf(b) - widthOf(a) || (a.as.name < b.as.name ? -1 : 1)),
  }));
}

function widthOf({ byteLength, shape }: TensorInfo): number {
  return (
    byteLength /
    Math.max(
      1,
      shape.reduce((product, size) => product * size, 1),
    )
  );
}

/** Buffers in turn: while one is being written to the disk, the next is filled. Fresh ones would cost as much as the work. */
function ring(): (byteLength: number) => Uint8Array {
  let turn = 0;
  let buffers: Uint8Array[] = [];
  return (byteLength) => {
    if ((buffers[0]?.length ?? 0) < byteLength) buffers = [0, 1, 2].map(() => unalignedBytes(byteLength));
    turn = (turn + 1) % buffers.length;
    return buffers[turn]!.subarray(0, byteLength);
  };
}

async function* piecesOf(
  runtime: Runtime,
  base: TensorReader,
  tensor: Written,
  buffer: (byteLength: number) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  const { name, byteLength, lora, rounded, channelsLast, shape } = tensor;
  if (channelsLast) {
    // A few megabytes, and no adapter changes them.
    yield withChannelsLast(await base.readBytes(name), shape, widthOf(tensor));
    return;
  }
  if (lora === undefined && !rounded) {
    for (let done = 0; done < byteLength; done += PIECE_BYTES) {
      const bytes = buffer(Math.min(PIECE_BYTES, byteLength - done));
      await base.readInto(name, done, bytes);
      yield bytes;
    }
    return;
  }
  const [all = 1] = shape;
  const rowBytes = byteLength / all;
  const step = Math.max(1, Math.floor(PIECE_BYTES / rowBytes));
  for (let row = 0; row < all; row += step) {
    const rows = { first: row, count: Math.min(step, all - row) };
    yield mergedRows(runtime, base, tensor, rows, buffer(rows.count * rowBytes));
  }
}

async function writeIndex(
  folder: string,
  shards: readonly Shard[],
  totalBytes: number,
): Promise<{ name: string; sha256: string; sizeBytes: number }> {
  const name = 'model.safetensors.index.json';
  const places = shards.flatMap((shard) => shard.tensors.map((tensor) => [tensor.as.name, shard.name] as const));
  const map = Object.fromEntries(places.sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = `${JSON.stringify({ metadata: { total_size: totalBytes }, weight_map: map }, null, 2)}\n`;
  const path = join(folder, name);
  await writeFile(path, text, { flag: 'wx', flush: true }).catch((cause: unknown) => {
    throw writeError(path, cause);
  });
  return { name, sha256: createHash('sha256').update(text).digest('hex'), sizeBytes: Buffer.byteLength(text) };
}
