/**
 * @file For tests: loaded before the engine's own entry, it takes the GPU away once, as a driver's reset does, when a run in the data folder
 * that ATELIER_TEST_LOSE_GPU names has its second checkpoint.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadRuntime } from '../../engine/runtime/backend.ts';

const home = process.env['ATELIER_TEST_LOSE_GPU'] ?? '';
const lost = join(home, 'gpu-was-lost');
const POLL_MS = 5;

function hasSecondCheckpoint(): boolean {
  const runs = join(home, 'runs');
  return existsSync(runs) && readdirSync(runs).some((run) => existsSync(join(runs, run, 'checkpoints', 'step-000002')));
}

setInterval(() => {
  if (existsSync(lost) || !hasSecondCheckpoint()) return;
  writeFileSync(lost, '');
  void loadRuntime().then(({ gpu }) => gpu?.device.destroy());
}, POLL_MS).unref();
