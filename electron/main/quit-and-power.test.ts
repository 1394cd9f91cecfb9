import type { PowerSaveBlocker } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { gracefulQuit } from './graceful-quit.ts';
import { StayAwake } from './stay-awake.ts';

describe('quitting', () => {
  function quit(finish: () => Promise<void>) {
    let gone: () => void = () => undefined;
    const told = { held: 0, left: 0, finished: 0, forced: 0 };
    const listener = gracefulQuit({
      finish: () => {
        told.finished += 1;
        return finish();
      },
      leave: () => (told.left += 1),
      force: () => (told.forced += 1),
      onGone: (listener) => (gone = listener),
      timeoutMs: 1000,
      leaveMs: 200,
    });
    return { told, gone: () => gone(), press: () => listener({ preventDefault: () => (told.held += 1) }) };
  }

  it('waits for the checkpoint, once, and then lets go', async () => {
    let done: () => void = () => undefined;
    const { told, press } = quit(() => new Promise((resolve) => (done = resolve)));
    press();
    press();
    expect(told).toMatchObject({ held: 2, left: 0, finished: 1 });
    done();
    await vi.waitFor(() => expect(told.left).toBe(1));
    press();
    expect(told).toMatchObject({ held: 2, left: 1, finished: 1 });
  });

  it('goes without it when closing fails or takes too long', async () => {
    const failing = quit(() => Promise.reject(new Error('the disk is full')));
    failing.press();
    await vi.waitFor(() => expect(failing.told.left).toBe(1));

    vi.useFakeTimers();
    const hanging = quit(() => new Promise(() => undefined));
    hanging.press();
    vi.advanceTimersByTime(1001);
    expect(hanging.told).toMatchObject({ left: 1, forced: 0 });
    // A page keeps its window open.
    vi.advanceTimersByTime(201);
    vi.useRealTimers();
    expect(hanging.told).toMatchObject({ left: 1, forced: 1 });
  });

  it('forces nothing once the windows have closed', async () => {
    vi.useFakeTimers();
    const { told, press, gone } = quit(() => Promise.resolve());
    press();
    await vi.advanceTimersByTimeAsync(100);
    gone();
    vi.advanceTimersByTime(1000);
    vi.useRealTimers();
    expect(told).toMatchObject({ left: 1, forced: 0 });
  });
});

describe('staying awake', () => {
  it('holds one blocker while running and gives it back', () => {
    const calls: string[] = [];
    const blocker = {
      start: (kind: string) => (calls.push(kind), 5),
      stop: (id: number) => (calls.push(`stop ${id}`), true),
    } as unknown as PowerSaveBlocker;
    const awake = new StayAwake(blocker);
    for (const running of [false, true, true, false, false]) awake.set(running);
    expect(calls).toEqual(['prevent-app-suspension', 'stop 5']);
  });
});
