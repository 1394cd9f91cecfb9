import { expect, it } from 'vitest';
import type { StartAdapter } from '../contract/model/recipe.ts';
import { followsItsAdapter, writtenFrozenWeights } from './written-frozen-weights.ts';

const startAdapter: StartAdapter = { name: 'a', sha256: '0'.repeat(64), licence: null, author: null, baseModel: null };

it('says of a run that began with an adapter that its weights were as published, where its recipe says nothing', () => {
  expect(writtenFrozenWeights({ startAdapter })).toEqual({ frozenWeights: 'as-published' });
  expect(writtenFrozenWeights({ startAdapter, frozenWeights: 'nf4' })).toEqual({});
  expect(writtenFrozenWeights({})).toEqual({});
});

it('knows a recipe that leaves its weights to its adapter', () => {
  expect(followsItsAdapter({ startFrom: { runId: 'run-1' } })).toBe(true);
  expect(followsItsAdapter({ startFrom: { runId: 'run-1' }, frozenWeights: 'as-published' })).toBe(false);
  expect(followsItsAdapter({})).toBe(false);
});
