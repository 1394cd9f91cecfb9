/** @file Set-up from inside the app, with a script in place of the real one. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SetUpEvent } from '../../contract/model/system.ts';
import { openSetUp, type SetUp } from './set-up.ts';

const ADDON = join('node_modules', '@tensorflow', 'tfjs-node-gpu', 'lib', 'napi-v8', 'tfjs_binding.node');

function clone(script?: string): { root: string; setUp: SetUp; done: () => number } {
  const root = mkdtempSync(join(tmpdir(), 'atelier-set-up-'));
  let done = 0;
  if (script !== undefined) {
    const file = join(root, 'electron', 'tools', 'setup', 'ensure.mjs');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `import fs from 'node:fs'; const addon = ${JSON.stringify(join(root, ADDON))};\n${script}`);
  }
  const setUp = openSetUp({ root, program: process.execPath }, async () => void (done += 1));
  return { root, setUp, done: () => done };
}

async function eventsOf(setUp: SetUp): Promise<SetUpEvent[]> {
  const events: SetUpEvent[] = [];
  for await (const event of setUp.run()) events.push(event);
  return events;
}

const SUCCEEDS = `console.error('TensorFlow: ' + process.argv.slice(2).join(' '));
fs.mkdirSync(addon.replace(/.tfjs_binding.node/, ''), { recursive: true }); fs.writeFileSync(addon, '');`;

describe('set-up from inside the app', () => {
  it('fetches TensorFlow and nothing else, says what it does, and has the engine start anew', async () => {
    const { setUp, done } = clone(SUCCEEDS);
    expect([setUp.tensorflow(), setUp.canRun]).toEqual(['missing', true]);
    expect(await eventsOf(setUp)).toEqual([
      { type: 'progress', line: 'TensorFlow: --only-tensorflow --retry' },
      { type: 'done', ok: true },
    ]);
    expect([setUp.tensorflow(), done()]).toEqual(['here', 1]);
  });

  it('says so if it ends without TensorFlow, or with an error', async () => {
    const without = clone(`console.error('no network');`);
    expect((await eventsOf(without.setUp)).at(-1)).toEqual({ type: 'done', ok: false });
    const failing = clone(`${SUCCEEDS} process.exitCode = 1;`);
    expect((await eventsOf(failing.setUp)).at(-1)).toEqual({ type: 'done', ok: false });
    expect([without.done(), failing.done()]).toEqual([0, 0]);
  });

  it('runs once at a time, and again after a reader has left', async () => {
    const { setUp } = clone(`console.error('working'); setTimeout(() => undefined, 60_000);`);
    const first = setUp.run();
    await first.next();
    await expect(setUp.run().next()).rejects.toMatchObject({ code: 'CONFLICT' });
    await first.return();
    const second = setUp.run();
    expect(await second.next()).toMatchObject({ value: { line: 'working' } });
    await second.return();
  });

  it('is not there in a packaged app, which has TensorFlow inside', async () => {
    const { root, setUp } = clone();
    mkdirSync(dirname(join(root, ADDON)), { recursive: true });
    writeFileSync(join(root, ADDON), '');
    expect([setUp.tensorflow(), setUp.canRun]).toEqual(['here', false]);
    await expect(setUp.run().next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
