/** @file Chart preferences are remembered; invalid stored values are ignored. */
import { describe, expect, it } from 'vitest';
import { ChartControls } from './chart-controls.svelte.ts';

function storage(content?: string) {
  const kept = new Map<string, string>(content === undefined ? [] : [['atelier.charts', content]]);
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  };
}

describe('ChartControls', () => {
  it('remembers what was chosen', () => {
    const kept = storage();
    new ChartControls(kept).change({ smoothing: 0.5, log: true });
    expect(new ChartControls(kept).preferences).toEqual({ smoothing: 0.5, log: true, clip: false });
  });

  it.each(['not json', '{"smoothing":7}', '{"smoothing":"x","log":"yes"}', 'null'])(
    'starts afresh from %s',
    (content) => {
      expect(new ChartControls(storage(content)).preferences).toEqual({ smoothing: 0.9, log: false, clip: false });
    },
  );
});
