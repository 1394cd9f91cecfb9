/**
 * @file Opens the GPU that the probe has found and gives tfjs its backend on it. Loading the driver here cannot hang: it has
 * just answered in another process.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { environmentWord } from '../environment.ts';
import { limitsOf, type BindingLimits } from '../wgsl/binding-limits.ts';
import type { KernelTimes } from '../wgsl/kernel-times.ts';
import { registerKernels } from './kernels.ts';
import { askWithPauses } from './patience.ts';
import { adapterName, type FoundAdapter, type Probed } from './probe.ts';
import { reachableThreads } from './subgroups.ts';
import { watchGpu, type GpuWatch } from './watch.ts';

/** The part of the package `webgpu` that is used. It is optional, so its own types are not there to import. */
interface WebGpuPackage {
  create(options: string[]): GPU;
  globals: object;
}

export interface Gpu extends GpuWatch {
  /** As the driver calls it. */
  name: string;
  software: boolean;
  device: GPUDevice;
  backend: WebGPUBackend;
  programs: GpuPrograms;
  limits: BindingLimits;
}

export interface GpuPrograms {
  kind: 'compiled' | 'op-by-op';
  /** The op because of which a program was not compiled; null while there was none. */
  notCompiled: string | null;
  /** Measures the kernels of compiled programs; null = nobody wants to know. */
  times: KernelTimes | null;
  /** How many threads in a row can hand values to each other (subgroups.ts). */
  together: number;
}

/** What the engine computes on, and how. */
export function gpuDevice({
  name,
  programs,
}: Pick<Gpu, 'name'> & { programs: Omit<GpuPrograms, 'times' | 'together'> }): string {
  const { kind, notCompiled } = programs;
  if (notCompiled !== null) return `${name} (WebGPU, op by op: ${notCompiled} cannot be compiled)`;
  return `${name} (WebGPU, ${kind === 'compiled' ? 'compiled' : 'op by op'})`;
}

/** Of tfjs's kernels. */
export const WEBGPU_VERSION = '4.22.0';

/** Limits that tfjs's shaders and our buffers profit from; others stay at their defaults. */
const RAISED = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** What a GPU need not have. */
const FEATURES = ['timestamp-query', 'subgroups'] as GPUFeatureName[];

/** Dawn rounds the GPU's clock to 65 µs, so that pages cannot spy on each other. A kernel often takes less. */
const OPTIONS = ['disable-dawn-features=timestamp_quantization'];

/**
 * Memory that a workgroup shares is not filled with zeros first: SwiftShader compiles that to a store for every value, in nearly all of the
 * time that it takes for a product. Every shader writes what it reads, so nothing changes but the wait, and a mistake would show in tests.
 */
const SOFTWARE_OPTIONS = ['enable-dawn-features=disable_workgroup_init'];

/** Dawn works only as long as this object is referenced. */
const held: GPU[] = [];

/**
 * Makes tfjs compute on the GPU.
 * @param name of one adapter; null = the system's choice
 * @throws Error if the driver gives no device
 */
export async function openGpu(
  address: string,
  { name, names, adapter: found }: Pick<Probed, 'name' | 'names'> & { adapter: FoundAdapter },
): Promise<Gpu> {
  askWithPauses();
  const { create, globals } = (await import(address)) as WebGpuPackage;
  const chosen = name === null ? [] : [`adapter=${name}`];
  const api = create([...OPTIONS, ...chosen, ...(found.software ? SOFTWARE_OPTIONS : [])]);
  held.push(api);
  Object.assign(globalThis, globals);
  const adapter = await api.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new Error('WebGPU gave no adapter, though it had told of one.');
  const requiredLimits = Object.fromEntries(RAISED.map((limit) => [limit, adapter.limits[limit]]));
  const requiredFeatures = FEATURES.filter((feature) => adapter.features.has(feature));
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
  const backend = await registered(api, device, found);
  return {
    name: adapterName({ adapter: found, names }),
    software: found.software,
    device,
    backend,
    programs: {
      kind: environmentWord('ATELIER_GPU_PROGRAMS') ?? 'compiled',
      notCompiled: null,
      times: null,
      together: await reachableThreads(device),
    },
    limits: limitsOf(device),
    ...watchGpu(device, backend),
  };
}

/** tfjs registers its kernels where it sees `navigator.gpu`, so it sees that for as long as it takes. */
async function registered(api: GPU, device: GPUDevice, found: FoundAdapter): Promise<WebGPUBackend> {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: api }, configurable: true, writable: true });
  try {
    // For the gradients of tfjs's operations.
    await import('@tensorflow/tfjs');
    const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
    const backend = new WebGPUBackend(device, found as unknown as GPUAdapterInfo);
    // tfjs's own would ask for a device itself.
    tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', () => backend, 0);
    registerKernels();
    await tf.setBackend('webgpu');
    await tf.ready();
    return backend;
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'navigator');
    else Object.defineProperty(globalThis, 'navigator', before);
  }
}
