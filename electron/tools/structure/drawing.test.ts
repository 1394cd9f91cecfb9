/** @file docs/architecture.md shows the actual folders and arrows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { misfits, redraw, roomOf } from './drawing.ts';
import { ROOT } from './import-graph.ts';

describe('the drawing of the house', () => {
  it('is what `npm run structure` makes', async () => {
    const page = join(ROOT, 'docs/architecture.md');
    const text = readFileSync(page, 'utf8');
    const options = await resolveConfig(page);
    expect(text).toBe(await format(redraw(text), { ...options, parser: 'markdown' }));
  });

  it('describes every folder, and no folder that is gone', () => {
    expect(misfits()).toEqual([]);
  });

  it.each([
    ['electron/studio/engine-client/engine-client.ts', 'engine-client'],
    ['electron/studio/runs/start.ts', 'studio'],
    ['electron/tools/setup/atelier.mjs', 'setup'],
    ['package.json', null],
  ])('%s belongs to %s', (file, room) => {
    expect(roomOf(file)).toBe(room);
  });
});
