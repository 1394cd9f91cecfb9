import { EventEmitter } from 'node:events';
import type { utilityProcess } from 'electron';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { utilityEngine } from './utility-engine.ts';

class FakeUtilityProcess extends EventEmitter {
  pid: number | undefined = 4711;
  sent: unknown[] = [];
  asked = 0;
  stdout = new EventEmitter();
  stderr = new EventEmitter();

  postMessage(message: unknown): void {
    this.sent.push(message);
  }

  kill(): boolean {
    this.asked += 1;
    return true;
  }
}

function start() {
  const child = new FakeUtilityProcess();
  const forks: unknown[][] = [];
  const forced: number[] = [];
  const fork = ((...given: unknown[]) => {
    forks.push(given);
    return child;
  }) as unknown as (typeof utilityProcess)['fork'];
  const crashes: unknown[] = [];
  const engine = utilityEngine({
    fork,
    entry: '/out/main/engine.js',
    forceKill: (pid) => forced.push(pid),
    onCrash: (exit) => crashes.push(exit.code),
  })({ env: { A: '1' } });
  return { child, engine, forks, forced, crashes };
}

describe('the engine as a utility process', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('gets exactly the environment that it is given', () => {
    expect(start().forks[0]?.[2]).toMatchObject({ env: { A: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  });

  it('carries messages and output', () => {
    const { child, engine } = start();
    const heard: unknown[] = [];
    engine.onMessage((message) => heard.push(message));
    engine.onOutput((text) => heard.push(text));
    child.emit('message', { step: 1 });
    child.stderr.emit('data', Buffer.from('warning'));
    engine.postMessage('stop');
    expect(heard).toEqual([{ step: 1 }, 'warning']);
    expect(child.sent).toEqual(['stop']);
  });

  it('tells its exit, also to those who ask late, and is silent afterwards', () => {
    const { child, engine } = start();
    const exits: unknown[] = [];
    engine.onExit((exit) => exits.push(exit));
    child.emit('exit', 9);
    engine.onExit((exit) => exits.push(exit));
    engine.postMessage('anybody there?');
    expect(exits).toEqual([
      { code: 9, signal: null },
      { code: 9, signal: null },
    ]);
    expect(child.sent).toEqual([]);
  });

  it('outlives an engine that V8 ends, and says why it went', () => {
    const { child, engine, crashes } = start();
    const said: string[] = [];
    child.emit('error', 'FatalError', 'v8::Heap', '{}');
    engine.onOutput((text) => said.push(text));
    child.emit('error', 'FatalError', 'v8::Heap', '{}');
    child.emit('exit', 133);
    expect(said).toEqual([expect.stringContaining('FatalError at v8::Heap')]);
    expect(crashes).toEqual([133]);
  });

  it('tells an end that nobody asked for, and no other', () => {
    const crashed = start();
    crashed.child.emit('exit', 137);
    expect(crashed.crashes).toEqual([137]);
    const asked = start();
    asked.engine.kill();
    asked.child.emit('exit', 15);
    const finished = start();
    finished.child.emit('exit', 0);
    expect([...asked.crashes, ...finished.crashes]).toEqual([]);
  });

  it('asks before it forces', () => {
    const patient = start();
    patient.engine.kill();
    patient.child.emit('exit', 0);
    vi.advanceTimersByTime(60_000);
    expect(patient.child.asked).toBe(1);
    expect(patient.forced).toEqual([]);

    const stubborn = start();
    stubborn.engine.kill();
    vi.advanceTimersByTime(60_000);
    expect(stubborn.forced).toEqual([4711]);
  });
});
