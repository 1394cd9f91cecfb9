/**
 * @file Runs entry points on a GPU that is only pretended. tfjs chooses its shaders and takes its buffers as it would on the real
 * one, so what is counted here is what will happen: the memory, the largest tensor, the dispatches and the bytes that they touch.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { namedEntries, sizeOf, type ProgramSpec, type Tensors, type VariableRole } from '../program.ts';
import type { Gpu } from './gpu.ts';

const PRETENDED = 'webgpu-pretended';

export interface CallCount {
  /** How often a shader is started. */
  dispatches: number;
  /** Bytes of all tensors that shaders read or write, one shader after another. */
  bytes: number;
}

export interface GpuNeeds {
  /** Bytes by role. */
  variables: Partial<Record<VariableRole, number>>;
  /** Bytes of further buffers that a kind of call makes. tfjs keeps buffers for later use, so those of all kinds add up. */
  calls: Record<string, number>;
  /** By kind of call; of its largest variant. */
  counts: Record<string, CallCount>;
  /** The largest tensor: that of a variable, by its name, or one that a kind of call makes. */
  largest: { of: string; bytes: number };
}

/** Needs no more memory than its inputs. Must not run beside another call. */
export function gpuNeeds(gpu: Pick<Gpu, 'device' | 'backend'>, spec: ProgramSpec): GpuNeeds {
  const pretended = pretend(gpu);
  const real = tf.getBackend();
  // Both backends exist, so this changes it before it returns.
  void tf.setBackend(PRETENDED);
  try {
    return count(pretended, spec);
  } finally {
    void tf.setBackend(real);
    pretended.backend.dispose();
    tf.removeBackend(PRETENDED);
  }
}

interface Pretended {
  backend: WebGPUBackend;
  counter: { allocated: number; largest: number; dispatches: number; bytes: number };
}

function count({ backend, counter }: Pretended, spec: ProgramSpec): GpuNeeds {
  const variables: GpuNeeds['variables'] = {};
  let largest = { of: '', bytes: 0 };
  const state: Tensors = {};
  for (const [name, { role, shape, dtype }] of Object.entries(spec.variables)) {
    const bytes = 4 * sizeOf(shape);
    variables[role] = (variables[role] ?? 0) + bytes;
    if (bytes > largest.bytes) largest = { of: name, bytes };
    state[name] = tf.keep(unwritten(backend, shape, dtype === 'int32' ? 'int32' : 'float32'));
  }
  const calls: GpuNeeds['calls'] = {};
  const counts: GpuNeeds['counts'] = {};
  for (const { kind, entry } of namedEntries(spec.entries)) {
    const before = { ...counter };
    counter.largest = 0;
    tf.tidy(() => {
      const inputs = Object.entries(entry.inputs).flatMap(([name, declared]): [string, Tensor][] =>
        declared === undefined ? [] : [[name, unwritten(backend, declared.shape, declared.dtype)]],
      );
      const { adam } = entry.run(Object.fromEntries(inputs), state);
      // What a step makes of each parameter and its two means, before the old values go.
      for (const { gradient } of adam?.slots ?? []) for (let each = 0; each < 3; each++) tf.mul(gradient, 1);
    });
    calls[kind] = (calls[kind] ?? 0) + counter.allocated - before.allocated;
    const dispatches = counter.dispatches - before.dispatches;
    if (dispatches >= (counts[kind]?.dispatches ?? 0))
      counts[kind] = { dispatches, bytes: counter.bytes - before.bytes };
    if (counter.largest > largest.bytes) largest = { of: kind, bytes: counter.largest };
  }
  tf.dispose(Object.values(state));
  return { variables, calls, counts, largest };
}

/** A tensor in the pretended memory. Small ones that lie in host memory would be computed there. */
function unwritten(backend: WebGPUBackend, shape: readonly number[], dtype: 'float32' | 'int32'): Tensor {
  const info = backend.makeTensorInfo([...shape], dtype);
  backend.uploadToGPU(info.dataId);
  return tf.engine().makeTensorFromTensorInfo(info);
}

function pretend({ device, backend }: Pick<Gpu, 'device' | 'backend'>): Pretended {
  const counter = { allocated: 0, largest: 0, dispatches: 0, bytes: 0 };
  const pass = {
    setPipeline: none,
    setBindGroup: none,
    dispatchWorkgroups: () => (counter.dispatches += 1),
    end: none,
  };
  const encoder = { copyBufferToBuffer: none, beginComputePass: () => pass, finish: none };
  const played = {
    limits: device.limits,
    features: new Set(),
    queue: { submit: none, writeBuffer: none },
    createBuffer: ({ size, usage, mappedAtCreation }: GPUBufferDescriptor) => {
      counter.allocated += size;
      return bufferOf(size, usage, mappedAtCreation === true);
    },
    createShaderModule: none,
    createComputePipeline: () => ({ getBindGroupLayout: none }),
    createBindGroup: ({ entries }: GPUBindGroupDescriptor) => {
      for (const { resource } of entries) {
        const { size } = (resource as GPUBufferBinding).buffer;
        counter.bytes += size;
        counter.largest = Math.max(counter.largest, size);
      }
    },
    createCommandEncoder: () => encoder,
  };
  const Backend = backend.constructor as new (device: GPUDevice, info: object) => WebGPUBackend;
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: {} }, configurable: true });
  try {
    const pretended = new Backend(played as unknown as GPUDevice, backend.adapterInfo);
    pretended.thresholdToIncreaseWorkgroups = backend.thresholdToIncreaseWorkgroups;
    tf.registerBackend(PRETENDED, () => pretended, 0);
    // They stay when a backend goes.
    if (tf.getKernelsForBackend(PRETENDED).length === 0) tf.copyRegisteredKernels('webgpu', PRETENDED);
    return { backend: pretended, counter };
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'navigator');
    else Object.defineProperty(globalThis, 'navigator', before);
  }
}

function none(): undefined {
  return undefined;
}

/** tfjs asks whether it is a GPUBuffer, and nothing else of its prototype. */
function bufferOf(size: number, usage: number, mapped: boolean): object {
  return Object.create(GPUBuffer.prototype, {
    size: { value: size },
    usage: { value: usage },
    mapState: { value: mapped ? 'mapped' : 'unmapped' },
    getMappedRange: { value: () => new ArrayBuffer(size) },
    unmap: { value: none },
    destroy: { value: none },
  }) as object;
}
