/** @file A child of ours ends when it is asked to, and never outlives its parent, even if it hangs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeChild } from './node-child.ts';

const NODE_CHILD = JSON.stringify(new URL('node-child.ts', import.meta.url).href);

/** A child that says its process id and then waits. */
function entry(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'atelier-child-')), 'child.mjs');
  writeFileSync(file, `process.on('message', () => undefined); process.send(String(process.pid));`);
  return file;
}

/** False also for a process that has ended and that nobody has asked about yet. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe.skipIf(process.platform !== 'linux')('a child (needs /proc)', () => {
  it('is killed if it does not react when it is asked to end', async () => {
    const child = nodeChild({ entry: entry(), execArgv: [] })({ env: process.env });
    const pid = await new Promise<number>((resolve) => child.onMessage((message) => resolve(Number(message))));
    process.kill(pid, 'SIGSTOP');
    const exit = new Promise((resolve) => child.onExit(resolve));
    child.kill();
    expect(await exit).toMatchObject({ code: null });
    expect(isAlive(pid)).toBe(false);
  });

  it('ends with its parent even if it is stopped', async () => {
    const script = `
    import { nodeChild } from ${NODE_CHILD};
    const child = nodeChild({ entry: ${JSON.stringify(entry())}, execArgv: [] })({ env: process.env });
    child.onMessage((pid) => {
      process.kill(Number(pid), 'SIGSTOP');
      console.log(pid);
      process.exit(0);
    });`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script]);
    const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
    if (parent.exitCode === null) await once(parent, 'exit');
    await expect.poll(() => isAlive(Number(String(pid)))).toBe(false);
  });
});
