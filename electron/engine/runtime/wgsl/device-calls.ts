/** @file Calls that are handed in to the device together: nothing waits for the host in between, and their outputs are read once. */
import type { CallGuard } from '../eager-program.ts';
import type { FeedData } from '../program.ts';
import { bytesOf, type Storage } from './values.ts';

/** One of several calls that are handed in together. */
export interface DeviceCall {
  /** Writes what the call is fed. */
  write: () => void;
  /** Recorded when it is their turn, while the device works on the call before. */
  commands: () => GPUCommandBuffer[];
}

export interface StoredOutput {
  name: string;
  storage: Storage;
  buffer: GPUBuffer;
}

/** A value that a call leaves for the next. */
export interface Carry {
  from: GPUBuffer;
  to: GPUBuffer;
  bytes: number;
}

/**
 * Hands in calls, one after another, with copies of what each leaves, and waits once for all of them.
 * @param carry what goes from one call to the next
 */
export async function readBack(
  { device, guard }: { device: GPUDevice; guard: CallGuard },
  calls: readonly DeviceCall[],
  from: readonly StoredOutput[],
  carry: Carry | null = null,
): Promise<Record<string, FeedData>[]> {
  const size = from.reduce((sum, { storage }) => sum + bytesOf(storage), 0);
  const staging = device.createBuffer({ size: Math.max(4, size * calls.length), usage: READ_BACK });
  try {
    let offset = 0;
    for (const { write, commands } of calls) {
      write();
      const encoder = device.createCommandEncoder();
      for (const { storage, buffer } of from) {
        encoder.copyBufferToBuffer(buffer, 0, staging, offset, bytesOf(storage));
        offset += bytesOf(storage);
      }
      if (carry !== null) encoder.copyBufferToBuffer(carry.from, 0, carry.to, 0, carry.bytes);
      for (const piece of [...commands(), encoder.finish()]) {
        device.queue.submit([piece]);
        guard.handedIn();
      }
    }
    if (from.length === 0) return calls.map(() => ({}));
    await staging.mapAsync(MAP_READ);
    const values = staging.getMappedRange();
    return calls.map((_, call) => readOutputs(values, call * size, from));
  } finally {
    staging.destroy();
  }
}

/** A value that goes from a call to the next; null if it lies where it is read. */
export function carryOf(
  outputs: readonly StoredOutput[],
  inputs: readonly StoredOutput[],
  { from, to }: { from: string; to: string },
): Carry | null {
  const [given, taken] = [outputs.find(({ name }) => name === from), inputs.find(({ name }) => name === to)];
  if (given === undefined || taken === undefined || given.storage.size !== taken.storage.size)
    throw new Error(`${from} cannot be carried over to ${to}.`);
  return given.buffer === taken.buffer ? null : { from: given.buffer, to: taken.buffer, bytes: bytesOf(given.storage) };
}

function readOutputs(values: ArrayBuffer, start: number, from: readonly StoredOutput[]): Record<string, FeedData> {
  let offset = start;
  const read: Record<string, FeedData> = {};
  for (const { name, storage } of from) {
    const bytes = values.slice(offset, offset + 4 * storage.size);
    read[name] = storage.type === 'f32' ? new Float32Array(bytes) : new Int32Array(bytes);
    offset += bytesOf(storage);
  }
  return read;
}

/** WebGPU's numbers for how a buffer is used; its names exist only where it has been loaded. */
const [MAP_READ, COPY_DST] = [1, 8];
const READ_BACK = MAP_READ | COPY_DST;
