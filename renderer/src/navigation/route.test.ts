/** @file Addresses survive being written and read back. */
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
    expect(parseHash('#/elsewhere').route).toEqual({ screen: 'unknown', path: '/elsewhere' });
    expect(parseHash('#/runs/a/b').route).toEqual({ screen: 'unknown', path: '/runs/a/b' });
    expect(parseHash('#/rewards/a/b').route.screen).toBe('unknown');
    expect(parseHash('#/settings/a').route.screen).toBe('unknown');
  });

  it('lead to a comparison of several runs and to the items of an evaluation', () => {
    expect(parseHash(link(['compare', 'run-1,run-2'])).route).toEqual({
      screen: 'compare',
      ids: ['run-1', 'run-2'],
    });
    expect(parseHash('#/compare/run-1,').route).toEqual({ screen: 'compare', ids: ['run-1'] });
    expect(parseHash('#/evaluations/e').route).toEqual({ screen: 'evaluation', id: 'e' });
    expect(parseHash('#/evaluations').route.screen).toBe('unknown');
  });

  it('lead to any run, step and sample', () => {
    expect(parseHash('#/runs/r/step/12').route).toEqual({ screen: 'run', id: 'r', step: 12 });
    expect(parseHash(link(['runs', 'r', 'step', '12', 'sample', 'a/b'])).route).toEqual({
      screen: 'run',
      id: 'r',
      step: 12,
      sample: 'a/b',
    });
    expect(parseHash('#/datasets/d/sample/s').route).toEqual({ screen: 'dataset', id: 'd', sample: 's' });
    for (const wrong of ['step', 'step/0', 'step/1.5', 'step/x', 'step/1/sample', 'step/1/picture/s']) {
      expect(parseHash(`#/runs/r/${wrong}`).route.screen).toBe('unknown');
    }
  });
});
