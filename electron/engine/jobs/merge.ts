/** @file The merge job: an adapter worked into its base model's weights, file by file, and never more than a few rows in memory. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MergeEvent, MergeJob } from '../../contract/engine/engine.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { syncFolder, writeError } from '../../formats/files.ts';
import { fitAdapter, readAdapter } from '../../formats/peft.ts';
import { encodeHeader, openCheckpointTensors, type TensorInfo, type TensorReader } from '../../formats/safetensors.ts';
import { unalignedBytes } from '../../formats/unaligned.ts';
import { hubName } from '../../formats/tensor-names.ts';
import { loadModel } from '../policy/loaded-model.ts';
import { loadRuntime, type Runtime } from '../runtime/backend.ts';
import { HashedFile, progressMeter } from './hashed-file.ts';
import { loraOf, mergedRows, type MergedTensor } from './merged-rows.ts';

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
  const adapter = fitAdapter(
    await readAdapter(job.adapterPath),
    new Map(Object.entries(model.shapes)),
    job.adapterPath,
  );
  const base = await openCheckpointTensors(job.modelPath);
  try {
    const tensors = base.names().map((name): MergedTensor => {
      return { name, ...base.info(name), lora: loraOf(adapter, hubName(name)) };
    });
    const shards = shardsOf(tensors, job.shardBytes ?? SHARD_BYTES);
    const total = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const buffer = ring();
    const meter = progressMeter('merge', total);
    const files: { name: string; sha256: string; sizeBytes: number }[] = [];
    for (const { name, tensors: own } of shards) {
      const path = join(job.folder, name);
      const out = await HashedFile.create(path);
      try {
        await out.write(encodeHeader(path, own, job.metadata));
        for (const tensor of own) {
          for await (const piece of piecesOf(runtime, base, tensor, buffer)) {
            if (signal?.aborted === true) throw new AtelierError('CANCELLED', 'The merge was cancelled.');
            await out.write(piece);
            const progress = meter(piece.length);
            if (progress !== null) yield { type: 'progress', progress };
          }
        }
        files.push({ name, ...(await out.end()) });
      } finally {
        await out.close();
      }
    }
    if (shards.length > 1) files.push(await writeIndex(job.folder, shards, total));
    await syncFolder(job.folder);
    yield { type: 'done', files };
  } finally {
    await base.close();
  }
}

interface Shard {
  name: string;
  tensors: MergedTensor[];
}

/** Fills file after file in the order of the names. A tensor larger than a file gets a file of its own. */
function shardsOf(tensors: readonly MergedTensor[], limit: number): Shard[] {
  const groups: MergedTensor[][] = [];
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
    tensors: own.sort((a, b) => widthOf(b) - widthOf(a) || (a.name < b.name ? -1 : 1)),
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
  tensor: MergedTensor,
  buffer: (byteLength: number) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  const { name, byteLength, lora } = tensor;
  if (lora === undefined) {
    for (let done = 0; done < byteLength; done += PIECE_BYTES) {
      const bytes = buffer(Math.min(PIECE_BYTES, byteLength - done));
      await base.readInto(name, done, bytes);
      yield bytes;
    }
    return;
  }
  const rowBytes = byteLength / lora.outFeatures;
  const step = Math.max(1, Math.floor(PIECE_BYTES / rowBytes));
  for (let row = 0; row < lora.outFeatures; row += step) {
    const rows = { first: row, count: Math.min(step, lora.outFeatures - row) };
    yield mergedRows(runtime, base, tensor, rows, buffer(rows.count * rowBytes));
  }
}

async function writeIndex(
  folder: string,
  shards: readonly Shard[],
  totalBytes: number,
): Promise<{ name: string; sha256: string; sizeBytes: number }> {
  const name = 'model.safetensors.index.json';
  const places = shards.flatMap((shard) => shard.tensors.map((tensor) => [tensor.name, shard.name] as const));
  const map = Object.fromEntries(places.sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = `${JSON.stringify({ metadata: { total_size: totalBytes }, weight_map: map }, null, 2)}\n`;
  const path = join(folder, name);
  await writeFile(path, text, { flag: 'wx', flush: true }).catch((cause: unknown) => {
    throw writeError(path, cause);
  });
  return { name, sha256: createHash('sha256').update(text).digest('hex'), sizeBytes: Buffer.byteLength(text) };
}
