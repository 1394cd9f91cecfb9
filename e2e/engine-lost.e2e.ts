/**
 * @file Kills the real engine from outside in the middle of a run, as a system short of memory does: the run resumes by
 * itself from its checkpoint, and its result is byte for byte that of an undisturbed run.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { engineOf } from './processes.ts';
import { atelier, startAtelier, temporaryHome } from './studio-host.ts';

const STEPS = 8;
const SETTINGS = ['promptsPerStep=2', 'numGenerations=4', 'checkpointEvery=4', 'evalSamples=4'];
const home = temporaryHome();
afterAll(() => rmSync(home, { recursive: true, force: true }));

type Line = { steps?: { step: number }[]; summary?: { id: string } };

/** Trains in a separate process; `at` is called for each step with its process id. */
async function train(at: (step: number, pid: number) => void): Promise<string> {
  const set = SETTINGS.flatMap((setting) => ['--set', setting]);
  const args = ['train', '--dataset', 'counting', '--steps', String(STEPS), '--seed', '3', ...set];
  const { child, lines, ended, complaints } = startAtelier(home, ...args);
  let runId = '';
  lines.on('line', (text) => {
    const line = JSON.parse(text) as Line;
    runId = line.summary?.id ?? runId;
    for (const { step } of line.steps ?? []) at(step, child.pid ?? 0);
  });
  const status = await ended;
  expect(status, complaints()).toBe(0);
  return runId;
}

function learned(runId: string): Buffer {
  const step = `step-${String(STEPS).padStart(6, '0')}`;
  return readFileSync(join(home, 'runs', runId, 'checkpoints', step, 'adapter_model.safetensors'));
}

it.skipIf(process.platform !== 'linux')(
  'a run whose engine is killed half-way learns what it would have learned (needs /proc)',
  async () => {
    const calm = await train(() => undefined);
    const killed: number[] = [];
    const disturbed = await train((step, pid) => {
      if (step < 5 || killed.length > 0) return;
      const engine = engineOf(pid);
      if (engine !== undefined) killed.push(engine.pid);
      for (const engine of killed) process.kill(engine, 'SIGKILL');
    });
    expect(killed).toHaveLength(1);
    const { summary } = atelier(home, 'runs', disturbed) as { summary: { status: string; step: number } };
    expect(summary).toMatchObject({ status: 'completed', step: STEPS });
    expect(learned(disturbed).equals(learned(calm))).toBe(true);
    const { entries } = atelier(home, 'audit') as { entries: { action: string; body: unknown }[] };
    expect(entries.find(({ action }) => action === 'run.resumed')?.body).toMatchObject({ fromStep: 4, by: 'atelier' });
  },
);
