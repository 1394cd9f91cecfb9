/** @file Why a GPU is not used, for the doctor and the page. */
import { expect, it } from 'vitest';
import { ARC as adapter } from '../../testing/gpu-adapter.ts';
import { gpuDevice } from './gpu.ts';
import type { Probed } from './probe.ts';
import { gpuReport } from './report.ts';

const probed: Probed = { names: ['Arc A770'], name: null, adapter, refusal: null };
const KEY = 'Arc A770 | intel | xe | Arc A770 | ';
const onTensorFlow = { gpu: null, native: {} as never };

it('names the adapter, its limits, and that TensorFlow comes first', () => {
  expect(gpuReport(onTensorFlow, probed)).toEqual({
    adapter: { name: 'Arc A770', software: false, largestBufferBytes: 2 ** 32, largestTensorBytes: 2 ** 31, key: KEY },
    names: ['Arc A770'],
    used: false,
    reason: 'Atelier computes on the processor unless a trial has shown that the GPU is faster.',
    remedy: 'Set ATELIER_BACKEND=webgpu to use it.',
  });
});

it('never recommends a software renderer', () => {
  const software = { ...probed, adapter: { ...adapter, software: true } };
  expect(gpuReport(onTensorFlow, software).reason).toContain('software renderer');
});

it('passes on why there is none', () => {
  const none = { ...probed, adapter: null, refusal: { sentence: 'WebGPU found no GPU.', remedy: 'Update.' } };
  expect(gpuReport(onTensorFlow, none)).toMatchObject({
    adapter: null,
    reason: 'WebGPU found no GPU.',
    remedy: 'Update.',
  });
});

it('gives no reason where it is used', () => {
  expect(gpuReport({ gpu: {} as never, native: null }, probed)).toMatchObject({
    used: true,
    reason: null,
    remedy: null,
  });
});

it('says how the GPU runs programs', () => {
  const named = (kind: 'compiled' | 'op-by-op', notCompiled: string | null): string =>
    gpuDevice({ name: 'Arc A770', programs: { kind, notCompiled } });
  expect(named('op-by-op', null)).toBe('Arc A770 (WebGPU, op by op)');
  expect(named('compiled', null)).toBe('Arc A770 (WebGPU, compiled)');
  expect(named('compiled', 'Einsum')).toBe('Arc A770 (WebGPU, op by op: Einsum cannot be compiled)');
});
