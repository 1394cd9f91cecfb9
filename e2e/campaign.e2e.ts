/** @file A minute of the campaign (docs/reliability.md), with the seed of its long form: every attack once, none fails. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { PARTS } from '../electron/tools/campaign/parts.ts';
import { runCampaign } from '../electron/tools/campaign/run-campaign.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-campaign-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The first trial also does the undisturbed work. A busy machine takes many times the few seconds of an idle one. */
const SLOW_MS = 600_000;

/** Trials that take a few seconds each. `--trial` of the long form repeats them. */
const SHORT = [
  { part: 'kills', trials: [1] },
  { part: 'power', trials: [0] },
  { part: 'fuzz', trials: [1, 7] },
  { part: 'faults', trials: [12] },
] as const;

it.skipIf(process.platform !== 'linux').each(SHORT)(
  '$part: what is promised holds (Linux)',
  async ({ part, trials }) => {
    const parts = PARTS.filter(({ name }) => name === part);
    for (const trial of trials) {
      const entries = await runCampaign({ folder, parts, seed: 22, minutes: 1, trial, say: () => undefined });
      expect(entries).toHaveLength(1);
      for (const { name, detail } of entries.filter(({ outcome }) => outcome === 'failed'))
        expect.fail(`${part} ${trial}, ${name}: ${detail ?? ''}`);
    }
  },
  SLOW_MS,
);
