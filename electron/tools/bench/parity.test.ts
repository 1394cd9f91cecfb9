/** @file docs/compatibility.md says what becomes of published layouts, and that is what becomes of them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tryLayouts } from './parity.ts';

describe('docs/compatibility.md', () => {
  it('has every layout with what really happens to it (npm run parity writes it)', async () => {
    const page = readFileSync(new URL('../../../docs/compatibility.md', import.meta.url), 'utf8');
    const rows = page.split('\n').map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    for (const layout of await tryLayouts()) expect(rows).toContainEqual(layout);
    expect(page).not.toContain('differ |');
  });
});
