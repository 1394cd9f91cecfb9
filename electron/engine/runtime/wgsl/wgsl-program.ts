/**
 * @file A program compiled for a GPU. Its variables stay in buffers on the device. A call writes what it is fed, hands in the plan's
 * commands, and reads back the outputs. Calls run one after another, in the order in which they were made.
 */
import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { NF4_BLOCK } from '../../../formats/nf4.ts';
import { bytes as bytesText } from '../../../method/byte-size.ts';
import {
  checkFeed,
  checkValue,
  namedEntries,
  sizeOf,
  type Carried,
  type Entry,
  type FeedData,
  type FeedsOf,
  type Outputs,
  type Program,
  type ProgramSpec,
  type Specs,
  wholeValue,
  type ReadableBytes,
} from '../program.ts';
import type { CallGuard } from '../eager-program.ts';
import { ALONE } from '../webgpu/subgroups.ts';
import { checkBindings, NO_LIMIT, partOf, type BindingLimits } from './binding-limits.ts';
import { Pool } from './buffers.ts';
import { carryOf, readBack, type DeviceCall, type StoredOutput } from './device-calls.ts';
import { compileShaders, preparePlan, type DevicePlan } from './device-plan.ts';
import type { KernelTimes } from './kernel-times.ts';
import { lowerCall } from './lower.ts';
import type { Plan } from './plan.ts';
import { exampleVariables, traceCall } from './traced-call.ts';
import { withRecordingKernels } from './tracing-backend.ts';
import { bindingBytes, bytesOf, partsOf, valuesInPart, type Storage } from './values.ts';

export interface PlannedProgram {
  variables: ReadonlyMap<string, Storage>;
  plans: ReadonlyMap<unknown, { kind: string; plan: Plan }>;
}

/**
 * Plans of all entry points. Nothing is allocated.
 * @param together how many threads in a row can hand values to each other (webgpu/subgroups.ts)
 * @throws UnknownOp if an op cannot be compiled, and CannotBind if something is larger than `limits`
 */
export function planProgram(spec: ProgramSpec, together = ALONE, limits = NO_LIMIT): PlannedProgram {
  let id = -1;
  const variables = new Map(
    Object.entries(spec.variables).map(([name, variable]): [string, Storage] => [
      name,
      {
        id: id--,
        size: sizeOf(variable.shape),
        type: variable.dtype === 'int32' ? 'i32' : 'f32',
        packed: variable.dtype === 'bfloat16' || variable.dtype === 'nf4' ? variable.dtype : null,
        part: partOf(variable, limits),
        place: { kind: 'variable', name },
      },
    ]),
  );
  const plans = withRecordingKernels((native) => {
    const state = exampleVariables(native, spec);
    try {
      return namedEntries(spec.entries).map(({ kind, entry }): [unknown, { kind: string; plan: Plan }] => [
        entry,
        { kind, plan: lowerCall(traceCall(native, entry, state), variables, together, limits) },
      ]);
    } finally {
      tf.dispose(Object.values(state));
    }
  });
  checkBindings(
    plans.map(([, planned]) => planned),
    limits,
  );
  return { variables, plans: new Map(plans) };
}

type Written = Parameters<GPUQueue['writeBuffer']>[2];

/** What the program needs of a GPU (gpu.ts). */
export interface ProgramDevice {
  device: GPUDevice;
  guard: CallGuard;
  programs?: { times: KernelTimes | null; together: number };
  limits: BindingLimits;
}

/** What an input is fed. */
interface Fed {
  storage: Storage;
  values: FeedData;
}

export function createWgslProgram(spec: ProgramSpec, on: ProgramDevice): Program {
  return new WgslProgram(spec, planProgram(spec, on.programs?.together, on.limits), on);
}

class WgslProgram implements Program {
  private readonly spec: ProgramSpec;
  private readonly planned: PlannedProgram;
  private readonly device: GPUDevice;
  private readonly guard: CallGuard;
  private readonly on: ProgramDevice;
  private readonly variables = new Map<Storage, readonly GPUBuffer[]>();
  private readonly constants = new Map<string, GPUBuffer>();
  private pool = new Pool();
  private readonly pooled: GPUBuffer[] = [];
  private readonly ready = new Map<unknown, Promise<DevicePlan>>();
  private readonly accepted = new WeakSet<DevicePlan>();
  /** The last call, and whatever else must not run beside one. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(spec: ProgramSpec, planned: PlannedProgram, on: ProgramDevice) {
    this.spec = spec;
    this.planned = planned;
    this.on = on;
    this.device = on.device;
    this.guard = on.guard;
  }

  set(values: Record<string, FeedData | Uint8Array>): void {
    for (const [name, data] of Object.entries(values)) {
      checkValue(name, this.spec.variables[name], data);
      const words = data instanceof Uint8Array ? padded(data) : data;
      const pieces = piecesOf(this.storageOf(name), words.length);
      this.buffersOfVariable(name).forEach((buffer, part) => {
        let at = 0;
        for (const { start, count } of pieces(part)) {
          this.device.queue.writeBuffer(buffer, at, words as Written, start, count);
          at += count * words.BYTES_PER_ELEMENT;
        }
      });
    }
  }

  prepare(entries: readonly Entry[]): void {
    // A failure is told to whoever calls the entry.
    for (const entry of entries) void this.inTurn(() => this.prepared(entry)).catch(() => undefined);
  }

  async compile(entries: readonly Entry[], tell: (done: number, total: number) => void): Promise<void> {
    const plans = entries.map((entry) => this.plannedOf(entry).plan);
    await compileShaders(this.device, plans, tell);
  }

  async fill(
    names: readonly string[],
    read: (name: string) => Promise<FeedData | Uint8Array | ReadableBytes>,
    meanwhile?: () => void,
  ): Promise<void> {
    const room = this.allocated(names);
    meanwhile?.();
    await room;
    for (const name of names) this.set({ [name]: await wholeValue(await read(name)) });
  }

  /**
   * Takes the memory of these variables. WebGPU does not say in advance how much a card has, and what it says of its limits may be wrong.
   * @throws AtelierError OUT_OF_MEMORY naming the largest
   */
  private async allocated(names: readonly string[]): Promise<void> {
    // Nothing is awaited in between, so no other call's scope gets in between.
    this.device.pushErrorScope('validation');
    this.device.pushErrorScope('out-of-memory');
    for (const name of names) this.buffersOfVariable(name);
    const [short, wrong] = await Promise.all([this.device.popErrorScope(), this.device.popErrorScope()]);
    if (short === null && wrong === null) return;
    const sizes = names.map((name) => ({ name, bytes: bytesOf(this.storageOf(name)) }));
    const all = sizes.reduce((sum, each) => sum + each.bytes, 0);
    const largest = sizes.reduce((most, each) => (each.bytes > most.bytes ? each : most), { name: '', bytes: 0 });
    for (const { name } of sizes) this.giveBack(name);
    throw new AtelierError(
      'OUT_OF_MEMORY',
      `The GPU has no room for weights of ${bytesText(all)}, the largest of which is ${largest.name} with ${bytesText(largest.bytes)}.`,
      {
        remedy:
          'Close other programs, use a smaller model, or compute on the processor: `atelier settings --gpu never`, without ATELIER_BACKEND.',
        cause: short ?? wrong,
      },
    );
  }

  private giveBack(name: string): void {
    const storage = this.storageOf(name);
    for (const buffer of this.variables.get(storage) ?? []) buffer.destroy();
    this.variables.delete(storage);
  }

  async get(names: readonly string[]): Promise<Record<string, Float32Array>> {
    for (const name of names) {
      const storage = this.storageOf(name);
      if (storage.packed !== null) throw new Error(`${name} is kept in ${storage.packed} and cannot be read back.`);
      if (partsOf(storage) > 1) throw new Error(`${name} is kept in parts and cannot be read back.`);
    }
    return await this.inTurn(async () => {
      const from = names.map((name) => ({
        name,
        storage: this.storageOf(name),
        buffer: this.buffersOfVariable(name)[0] as GPUBuffer,
      }));
      const [values] = await readBack(this.on, [{ write: () => undefined, commands: () => [] }], from);
      return values as Record<string, Float32Array>;
    });
  }

  async call<I extends Specs, O extends string>(entry: Entry<I, O>, feeds: FeedsOf<I>): Promise<Outputs<O>> {
    const [outputs] = await this.run(entry, [this.fed(entry, feeds)]);
    return outputs as Outputs<O>;
  }

  async callInRow<I extends Specs, O extends string>(
    entry: Entry<I, O>,
    feeds: readonly FeedsOf<I>[],
    carried: Carried<I, O>,
  ): Promise<Outputs<O>[]> {
    const all = feeds.map((given, at) => this.fed(entry, given, at === 0 ? undefined : carried.to));
    return await this.run(entry, all, carried);
  }

  /** What a call is fed. The caller may use its arrays again before the call has its turn. @param but an input that is not fed */
  private fed(entry: unknown, feeds: Record<string, FeedData | undefined>, but?: string): Fed[] {
    return this.plannedOf(entry)
      .plan.inputs.filter(({ name }) => name !== but)
      .map(({ name, storage }) => {
        const given = feeds[name];
        checkFeed(name, (entry as Entry).inputs[name], given);
        return { storage, values: (given as FeedData).slice() };
      });
  }

  /** Runs an entry point once for each of `feeds`, without waiting in between. */
  private async run<O extends string>(
    entry: unknown,
    feeds: readonly Fed[][],
    carried?: { from: string; to: string },
  ): Promise<Outputs<O>[]> {
    const { plan } = this.plannedOf(entry);
    return await this.inTurn(async () => {
      const close = this.guard.open();
      let reading: Promise<Record<string, FeedData>[]>;
      try {
        const prepared = await this.prepared(entry);
        const stored = ({ name, storage }: Plan['outputs'][number]): StoredOutput => ({
          name,
          storage,
          buffer: prepared.bufferOf(storage),
        });
        const outputs = plan.outputs.map(stored);
        const carry = carried === undefined ? null : carryOf(outputs, plan.inputs.map(stored), carried);
        const first = await this.commandsOf(prepared);
        const calls = feeds.map((data, at): DeviceCall => ({
          write: () => {
            for (const { storage, values } of data)
              this.device.queue.writeBuffer(prepared.bufferOf(storage), 0, values as Written);
          },
          commands: () => (at === 0 ? first : prepared.record(this.times)),
        }));
        reading = readBack(this.on, calls, outputs, carry);
        reading.catch(() => undefined);
      } catch (error) {
        this.forget();
        // If the call failed on the device, that is the cause.
        await close();
        throw error;
      }
      try {
        await close();
      } catch (error) {
        this.forget();
        throw error;
      }
      const outputs = (await reading) as Outputs<O>[];
      await this.times?.collect();
      return outputs;
    });
  }

  dispose(): void {
    void this.inTurn(async () => {
      for (const buffer of [...[...this.variables.values()].flat(), ...this.constants.values(), ...this.pooled])
        buffer.destroy();
      await Promise.resolve();
    });
  }

  private get times(): KernelTimes | null {
    return this.on.programs?.times ?? null;
  }

  /**
   * A plan's commands. The first time, the device must have accepted all of them before one of them runs, so that a call that is refused
   * changes nothing; they are the same every time.
   */
  private async commandsOf(prepared: DevicePlan): Promise<GPUCommandBuffer[]> {
    if (this.accepted.has(prepared)) return prepared.record(this.times);
    this.device.pushErrorScope('validation');
    const commands = prepared.record(this.times);
    const error = await this.device.popErrorScope();
    if (error !== null) throw new Error(`The GPU refused a computation: ${error.message.split('\n')[0] ?? ''}`);
    this.accepted.add(prepared);
    return commands;
  }

  /** After a failure: buffers that the device had no memory for stay unusable. */
  private forget(): void {
    this.ready.clear();
    for (const buffer of this.pooled.splice(0)) buffer.destroy();
    this.pool = new Pool();
  }

  private plannedOf(entry: unknown): { kind: string; plan: Plan } {
    const planned = this.planned.plans.get(entry);
    if (planned === undefined) throw new Error('The entry point belongs to another program.');
    return planned;
  }

  private prepared(entry: unknown): Promise<DevicePlan> {
    const known = this.ready.get(entry);
    if (known !== undefined) return known;
    const { plan } = this.plannedOf(entry);
    const { places } = this.pool.place(plan);
    for (let at = this.pooled.length; at < this.pool.sizes.length; at++)
      this.pooled.push(this.buffer(this.pool.sizes[at] ?? 4));
    const made = preparePlan(this.device, plan, (storage) => {
      switch (storage.place.kind) {
        case 'variable':
          return this.buffersOfVariable(storage.place.name);
        case 'constant':
          return [this.bufferOfConstant(storage.place.data)];
        default:
          return [this.pooled[places.get(storage) ?? -1] as GPUBuffer];
      }
    });
    this.ready.set(entry, made);
    return made;
  }

  private storageOf(name: string): Storage {
    const storage = this.planned.variables.get(name);
    if (storage === undefined) throw new Error(`The program has no variable named ${name}.`);
    return storage;
  }

  /** WebGPU fills new buffers with zeros. */
  private buffersOfVariable(name: string): readonly GPUBuffer[] {
    const storage = this.storageOf(name);
    const known = this.variables.get(storage);
    if (known !== undefined) return known;
    const [whole, each] = [bytesOf(storage), bindingBytes(storage)];
    const made = Array.from({ length: partsOf(storage) }, (_, at) => this.buffer(Math.min(each, whole - at * each)));
    this.variables.set(storage, made);
    return made;
  }

  /** Equal constants share a buffer. */
  private bufferOfConstant(data: Float32Array | Int32Array): GPUBuffer {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const key = createHash('sha256').update(bytes).digest('base64');
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const made = this.buffer(bytes.length);
    this.device.queue.writeBuffer(made, 0, bytes);
    this.constants.set(key, made);
    return made;
  }

  private buffer(bytes: number): GPUBuffer {
    return this.device.createBuffer({ size: Math.max(4, bytes), usage: STORED });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work, work);
    this.last = done.catch(() => undefined);
    return done;
  }
}

/** WebGPU's numbers for how a buffer is used; its names exist only where it has been loaded. */
const [COPY_SRC, COPY_DST, STORAGE] = [4, 8, 128];
const STORED = STORAGE | COPY_SRC | COPY_DST;

/** Which elements of a variable's data lie in one of its buffers, one piece behind the other. */
function piecesOf(storage: Storage, length: number): (part: number) => { start: number; count: number }[] {
  const { size, packed, part: most = size } = storage;
  return (part) => {
    const [first, values] = [part * most, valuesInPart(storage, part)];
    // Bytes: two codes in each, and of the scales behind all codes four for a block.
    if (packed === 'nf4')
      return [
        { start: first / 2, count: values / 2 },
        { start: size / 2 + (4 * first) / NF4_BLOCK, count: (4 * values) / NF4_BLOCK },
      ];
    const elements = packed === null ? 1 : 2;
    const start = first * elements;
    return [{ start, count: (first + values === size ? length : start + values * elements) - start }];
  };
}

/** Buffers are written in whole words. */
function padded(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes;
  const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  whole.set(bytes);
  return whole;
}
