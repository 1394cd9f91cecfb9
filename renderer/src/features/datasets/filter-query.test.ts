/** @file Filters are written to the address and read back from it. */
import { describe, expect, it } from 'vitest';
import { filterOf, queryOf, UNKNOWN_LICENCE } from './filter-query.ts';

describe('filters of a dataset', () => {
  it('come back from an address', () => {
    const query = queryOf(new URLSearchParams({ split: 'test', licence: 'CC0-1.0', search: ' cat ', tag: 'red' }));
    expect(filterOf(query)).toEqual({ split: 'test', licence: 'CC0-1.0', search: 'cat', tag: 'red' });
  });

  it('ask for images without a known licence', () => {
    expect(filterOf(queryOf(new URLSearchParams({ licence: UNKNOWN_LICENCE })))).toEqual({ licence: null });
  });

  it('leave out what means nothing', () => {
    const query = queryOf(
      new URLSearchParams({ split: 'both', task: 'cooking', verdict: 'x', search: ' ', author: '' }),
    );
    expect(filterOf(query)).toEqual({});
  });
});
