/**
 * @file For tests: what another process does to a store until it is killed. `child.ts MODE HOME [ARGUMENT]` writes a
 * line to its output at each stage it reaches.
 */
import { openStore } from '../connection/open.ts';
import { RunId } from '../../contract/model/primitives.ts';
import { completion, stepMetrics } from './fixture.ts';

const [mode, home, argument] = process.argv.slice(2);
if (home === undefined) throw new Error('Usage: child.ts MODE HOME [ARGUMENT]');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const store = await openStore(home, { busyTimeoutMs: 20_000 });

if (mode === 'audit') {
  for (let count = 0; count < Number(argument); count += 1) {
    await store.transaction(() => store.audit.append('test.counted', { pid: process.pid, count }));
  }
  say('done');
  await store.close();
} else if (mode === 'run') {
  const [runId, sampleId] = (argument ?? '').split(',');
  const id = RunId.parse(runId);
  await store.runs.resume(id);
  await store.runs.begin(id);
  for (let step = (await store.runs.lastStep(id)) + 1; ; step += 1) {
    const completions = Array.from({ length: 64 }, (_, index) => completion(step, sampleId ?? '', index));
    await store.runs.appendStep(id, stepMetrics(step), completions);
    say(`step ${step}`);
  }
} else if (mode === 'hold') {
  await store.transaction(async () => {
    await store.audit.append('test.held', {});
    say('holding');
    await new Promise((resolve) => setTimeout(resolve, Number(argument)));
  });
  say('let go');
  await store.close();
}
