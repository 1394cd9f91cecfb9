/** @file How an edit of many samples is written. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore } from '../connection/open.ts';
import { withDatabase } from '../testing/raw-database.ts';
import { WRITE_STATES } from './dataset-edits.ts';

it('looks each sample up by its id, so that the time grows with the edit and not with its square', async () => {
  const home = await mkdtemp(join(tmpdir(), 'atelier-edits-'));
  try {
    await (await openStore(home)).close();
    const plan = await withDatabase(home, (database) =>
      database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${WRITE_STATES}`, ['[]', 'ds']),
    );
    const steps = plan.map(({ detail }) => detail).filter((detail) => /json_each|sample(?!_)/.test(detail));
    expect(steps[0]).toMatch(/^SCAN json_each/);
    expect(steps[1]).toMatch(/^SEARCH sample USING .*\(id=\?\)$/);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
