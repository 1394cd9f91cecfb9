/** @file A plan on the device: its pipelines and bind groups, made once, and a call's commands, recorded anew from them. */
import { bindingsOf } from './buffers.ts';
import { countStep } from './counts.ts';
import type { KernelTimes } from './kernel-times.ts';
import type { Plan, Step } from './plan.ts';
import { bytesOf, type Storage } from './values.ts';

export interface DevicePlan {
  plan: Plan;
  /** The buffer of any storage of the plan. */
  bufferOf: (storage: Storage) => GPUBuffer;
  /** Records all steps. @param times measures the kernels */
  record: (times: KernelTimes | null) => GPUCommandBuffer[];
}

/** So many dispatches go into one piece of work: a driver ends a piece that takes seconds. */
export const PIECE = 512;

type Command = (recorder: Recorder) => void;

/** Pipelines by shader, for all programs on a device. */
const pipelines = new WeakMap<GPUDevice, Map<string, Promise<GPUComputePipeline>>>();

function pipelineOf(device: GPUDevice, code: string, label: string): Promise<GPUComputePipeline> {
  const all = pipelines.get(device) ?? new Map<string, Promise<GPUComputePipeline>>();
  pipelines.set(device, all);
  const known = all.get(code);
  if (known !== undefined) return known;
  const module = device.createShaderModule({ code, label });
  const made = device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' }, label });
  all.set(code, made);
  return made;
}

/** Compiles the shaders of several plans side by side. Never rejects: a plan that needs a shader that failed does. */
export async function compileShaders(
  device: GPUDevice,
  plans: readonly Plan[],
  tell: (done: number, total: number) => void,
): Promise<void> {
  const shaders = new Map<string, string>();
  for (const { steps } of plans) shadersOf(steps, shaders);
  if (shaders.size === 0) return;
  let done = 0;
  tell(done, shaders.size);
  const each = [...shaders].map(async ([code, label]) => {
    await pipelineOf(device, code, label).catch(() => undefined);
    tell(++done, shaders.size);
  });
  await Promise.all(each);
}

/** Compiles all shaders side by side. @param buffersOf the buffers of a storage, of any kind: several only for a weight in parts */
export async function preparePlan(
  device: GPUDevice,
  plan: Plan,
  buffersOf: (storage: Storage) => readonly GPUBuffer[],
): Promise<DevicePlan> {
  const bufferOf = (storage: Storage): GPUBuffer => buffersOf(storage)[0] as GPUBuffer;
  const made = new Map<string, GPUComputePipeline>();
  await Promise.all(
    [...shadersOf(plan.steps)].map(async ([code, label]) => made.set(code, await pipelineOf(device, code, label))),
  );
  const commands = plan.steps.map((step) => commandOf(step));
  return {
    plan,
    bufferOf,
    record: (times) => {
      const recorder = new Recorder(device, times);
      for (const command of commands) command(recorder);
      return recorder.finished();
    },
  };

  function commandOf(step: Step): Command {
    switch (step.kind) {
      case 'kernel': {
        const { code, groups, label } = step.kernel;
        const pipeline = made.get(code) as GPUComputePipeline;
        const bound = bindingsOf(step.kernel).flatMap((storage) => {
          const all = buffersOf(storage);
          return all.map((buffer) => ({ buffer, size: all.length > 1 ? buffer.size : bytesOf(storage) }));
        });
        const entries = bound.map((resource, binding) => ({ binding, resource }));
        const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries, label });
        const measured = { label, bytes: countStep(step).bytes, operations: step.kernel.operations ?? 0 };
        return (recorder) => recorder.dispatch(pipeline, bindGroup, groups, measured);
      }
      case 'copy': {
        const [from, to, bytes] = [bufferOf(step.from), bufferOf(step.to), bytesOf(step.to)];
        return (recorder) => recorder.outside((encoder) => encoder.copyBufferToBuffer(from, 0, to, 0, bytes));
      }
      case 'clear': {
        const [buffer, bytes] = [bufferOf(step.storage), bytesOf(step.storage)];
        return (recorder) => recorder.outside((encoder) => encoder.clearBuffer(buffer, 0, bytes));
      }
      case 'loop': {
        const body = step.body.map((each) => commandOf(each));
        return (recorder) => {
          for (let turn = 0; turn < step.count; turn++) for (const command of body) command(recorder);
        };
      }
    }
  }
}

function shadersOf(steps: readonly Step[], found = new Map<string, string>()): Map<string, string> {
  for (const step of steps) {
    if (step.kind === 'kernel') found.set(step.kernel.code, step.kernel.label);
    if (step.kind === 'loop') shadersOf(step.body, found);
  }
  return found;
}

class Recorder {
  private readonly device: GPUDevice;
  private encoder: GPUCommandEncoder;
  private pass: GPUComputePassEncoder | null = null;
  private readonly done: GPUCommandBuffer[] = [];
  private dispatches = 0;
  private readonly times: KernelTimes | null;

  constructor(device: GPUDevice, times: KernelTimes | null) {
    this.device = device;
    this.times = times;
    this.encoder = device.createCommandEncoder();
  }

  dispatch(
    pipeline: GPUComputePipeline,
    bindGroup: GPUBindGroup,
    [x, y, z]: readonly [number, number, number],
    measured: Parameters<KernelTimes['pass']>[1],
  ): void {
    this.pass ??= this.times?.pass(this.encoder, measured) ?? this.encoder.beginComputePass();
    this.pass.setPipeline(pipeline);
    this.pass.setBindGroup(0, bindGroup);
    this.pass.dispatchWorkgroups(x, y, z);
    this.dispatches += 1;
    if (this.times !== null) this.endPass();
    if (this.dispatches % PIECE === 0) this.cut();
  }

  /** A command that no pass may be open for. */
  outside(command: (encoder: GPUCommandEncoder) => void): void {
    this.endPass();
    command(this.encoder);
  }

  finished(): GPUCommandBuffer[] {
    this.cut();
    return this.done;
  }

  private endPass(): void {
    this.pass?.end();
    this.pass = null;
  }

  private cut(): void {
    this.endPass();
    this.times?.end(this.encoder);
    this.done.push(this.encoder.finish());
    this.encoder = this.device.createCommandEncoder();
  }
}
