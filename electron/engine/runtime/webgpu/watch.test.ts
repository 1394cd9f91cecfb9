/** @file A GPU that stands still is given up; one that works slowly is not. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { watchGpu, whenGpuLost } from './watch.ts';

afterEach(() => vi.useRealTimers());

/** A device whose work is done when `finish` is called. */
function played() {
  const waiting: (() => void)[] = [];
  const device = {
    lost: new Promise(() => undefined),
    queue: { onSubmittedWorkDone: () => new Promise<void>((resolve) => waiting.push(resolve)) },
    pushErrorScope: () => undefined,
    popErrorScope: () => Promise.resolve(null),
  };
  const backend = { commandEncoder: null, submitQueue: () => undefined };
  return {
    device: device as unknown as GPUDevice,
    backend: backend as unknown as WebGPUBackend,
    finish: () => waiting.splice(0).forEach((resolve) => resolve()),
  };
}

it('gives up a device on which nothing finishes', async () => {
  const lost = vi.fn<(sentence: string) => void>();
  whenGpuLost(lost);
  const { device, backend } = played();
  const { guard } = watchGpu(device, backend, { everyMs: 5, checks: 4 });
  void guard.open()();
  await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce());
  expect(lost.mock.calls[0]?.[0]).toContain('has finished nothing');
  expect(() => guard.open()).toThrow('has finished nothing');
});

it('waits for one that still finishes batches, and for one that nobody asks', async () => {
  const lost = vi.fn<(sentence: string) => void>();
  whenGpuLost(lost);
  const { device, backend, finish } = played();
  const { guard } = watchGpu(device, backend, { everyMs: 20, checks: 50 });
  const close = guard.open()();
  for (let batch = 0; batch < 200; batch++) backend.submitQueue();
  const finishing = setInterval(finish, 1);
  await close;
  clearInterval(finishing);
  await sleep(50);
  expect(lost).not.toHaveBeenCalled();
});

it('does not count the time in which the machine slept', async () => {
  vi.useFakeTimers();
  const lost = vi.fn<(sentence: string) => void>();
  whenGpuLost(lost);
  const { device, backend, finish } = played();
  const { guard } = watchGpu(device, backend, { everyMs: 10_000, checks: 12 });
  const close = guard.open()();
  await vi.advanceTimersByTimeAsync(100_000);
  // A timer that was due meanwhile fires once.
  vi.setSystemTime(Date.now() + 8 * 3600_000);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(lost).not.toHaveBeenCalled();
  finish();
  await close;
  expect(guard.open).not.toThrow();
});
