/** @file A thread's deadline counts what it computes, not how long a busy machine lets it wait. */
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { cpuMsOf, isOver, ownTask } from './thread-time.ts';

it('is over once the thread has computed for that long, and not while others use the processor', () => {
  expect(isOver(1000, { wallMs: 1100, cpuMs: 1050 })).toBe(true);
  expect(isOver(1000, { wallMs: 4900, cpuMs: 200 })).toBe(false);
  // Several threads together can use more processor time than the clock shows.
  expect(isOver(1000, { wallMs: 600, cpuMs: 1050 })).toBe(false);
});

it('is over at some time for a thread that only waits', () => {
  expect(isOver(1000, { wallMs: 5001, cpuMs: 0 })).toBe(true);
});

it('counts the whole process where the system tells nothing of a thread', () => {
  const before = cpuMsOf(null);
  for (let sum = 0; cpuMsOf(null) <= before + 20; sum += 1) Math.hypot(sum, sum);
  expect(cpuMsOf(null)).toBeGreaterThan(before + 20);
  // A thread that is gone counts like that too.
  expect(cpuMsOf(4_194_304)).toBeGreaterThan(before);
});

it.skipIf(!existsSync('/proc/thread-self'))('counts a thread without the others (Linux)', async () => {
  // The thread says its number, waits, and computes when it is told to.
  const source = `const { parentPort } = require('node:worker_threads');
    const { readlinkSync } = require('node:fs');
    parentPort.postMessage(Number(readlinkSync('/proc/thread-self').split('/').at(-1)));
    parentPort.on('message', () => { for (;;) Math.hypot(1, 2); });`;
  const worker = new Worker(source, { eval: true });
  try {
    const task = await new Promise<number>((resolve) => worker.once('message', resolve));
    const own = ownTask();
    expect(own).not.toBe(task);
    const [idle, mine] = [cpuMsOf(task), cpuMsOf(own)];
    while (cpuMsOf(own) < mine + 100) Math.hypot(3, 4);
    expect(cpuMsOf(task) - idle).toBeLessThan(50);
    worker.postMessage('compute');
    // No limit of time: the test's own ends it if the thread's time does not pass.
    while (cpuMsOf(task) < idle + 100) await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    await worker.terminate();
  }
});
