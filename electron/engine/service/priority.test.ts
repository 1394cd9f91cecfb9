/** @file The engine yields to the studio: all of its threads have a lower priority, those it starts later too. */
import { spawnSync } from 'node:child_process';
import { constants, getPriority } from 'node:os';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const program = `
const { yieldToTheStudio } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'priority.ts')).href)});
yieldToTheStudio();
const { Worker } = await import('node:worker_threads');
const { readdirSync } = await import('node:fs');
const { getPriority } = await import('node:os');
const worker = new Worker('setInterval(() => undefined, 1000)', { eval: true });
await new Promise((resolve) => worker.once('online', resolve));
console.log(JSON.stringify(readdirSync('/proc/self/task').map((id) => getPriority(Number(id)))));
process.exit(0);
`;

it.skipIf(process.platform !== 'linux')('puts every thread behind the studio (Linux)', () => {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  const priorities = JSON.parse(stdout) as number[];
  expect(priorities.length).toBeGreaterThan(2);
  expect(new Set(priorities)).toEqual(new Set([Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL)]));
});
