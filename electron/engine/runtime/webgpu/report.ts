/** @file What `atelier doctor` and the page say about the GPU: the adapter, its limits, and why it is not used. */
import type { GpuReport } from '../../../contract/model/system.ts';
import type { Runtime } from '../backend.ts';
import { adapterName, GPU_VARIABLE, type Probed } from './probe.ts';

const FORCE = 'Set ATELIER_BACKEND=webgpu to use it.';

/** The system's description holds the driver's version. */
function adapterKey({ adapter, names }: Probed): string {
  if (adapter === null) return '';
  const { vendor, architecture, device, description } = adapter;
  return [adapterName({ adapter, names }), vendor, architecture, device, description].join(' | ');
}

/** @param runtime what the engine computes on */
export function gpuReport({ gpu, native }: Pick<Runtime, 'gpu' | 'native'>, probed: Probed): GpuReport {
  const { adapter, names, refusal } = probed;
  const found = {
    adapter:
      adapter === null
        ? null
        : {
            name: adapterName(probed),
            software: adapter.software,
            largestBufferBytes: adapter.maxBufferSize,
            largestTensorBytes: adapter.maxStorageBufferBindingSize,
            key: adapterKey(probed),
          },
    names: [...names],
  };
  if (gpu !== null) return { ...found, used: true, reason: null, remedy: null };
  if (refusal !== null) return { ...found, used: false, reason: refusal.sentence, remedy: refusal.remedy };
  const [reason, remedy] =
    adapter?.software === true
      ? ['It is a software renderer, which computes slower than the processor does by itself.', GPU_CHOICE]
      : native !== null
        ? ['Atelier computes on the processor unless a trial has shown that the GPU is faster.', FORCE]
        : ['It is not asked for, or it could not be opened.', FORCE];
  return { ...found, used: false, reason, remedy };
}

const GPU_CHOICE = `If this machine has another GPU, choose it with ${GPU_VARIABLE}=NAME.`;
