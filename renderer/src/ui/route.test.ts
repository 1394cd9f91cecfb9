/** @file Addresses survive being written and read again. */
import { describe, expect, it } from 'vitest';
import { link, parseHash } from './route.ts';

describe('addresses', () => {
  it('keep the step of a run inside the hash', () => {
    const address = parseHash(link(['runs', 'run-1'], { step: 12 }));
    expect(address.route).toEqual({ screen: 'run', id: 'run-1' });
    expect(address.query.get('step')).toBe('12');
  });

  it('bring back names with slashes, spaces and percent signs', () => {
    expect(parseHash(link(['datasets', 'a/b 100%'])).route).toEqual({ screen: 'dataset', id: 'a/b 100%' });
    expect(parseHash('#/datasets/100%').route).toEqual({ screen: 'dataset', id: '100%' });
  });

  it('open Home for nothing and say so for what does not exist', () => {
    expect(parseHash('').route).toEqual({ screen: 'home' });
    expect(parseHash('#/compare').route).toEqual({ screen: 'unknown', path: '/compare' });
    expect(parseHash('#/runs/a/b').route).toEqual({ screen: 'unknown', path: '/runs/a/b' });
  });
});
