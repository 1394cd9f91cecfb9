/** @file No two files import each other, directly or through others. */
import { describe, expect, it } from 'vitest';
import { importCycles, readImports } from './import-graph.ts';

describe('import cycles', () => {
  it('finds a cycle through three files, and a file that imports itself', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['a']],
      ['d', ['d']],
      ['e', ['a']],
    ]);
    expect(importCycles(graph)).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('reads every room', () => {
    const files = [...readImports().keys()];
    for (const known of [
      'electron/engine/service/main.ts',
      'renderer/src/main.ts',
      'electron/tools/setup/atelier.mjs',
    ]) {
      expect(files).toContain(known);
    }
  });

  it('finds none in the product', () => {
    const cycles = importCycles(readImports());
    expect(cycles.map((cycle) => cycle.join('\n'))).toEqual([]);
  });
});
