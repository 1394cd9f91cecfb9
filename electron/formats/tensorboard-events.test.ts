import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventFile } from './tensorboard-events.ts';

const golden = new URL('./fixtures/tensorboard/two-steps.tfevents', import.meta.url);
const START_SECONDS = 1_764_000_000.25;

describe('an event file', () => {
  it('is the same, byte for byte, as TensorBoard’s own writer makes', () => {
    const steps: [number, [string, number][]][] = [
      [
        1,
        [
          ['train/loss', 0.5],
          ['train/reward', -1.25],
        ],
      ],
      [
        300,
        [
          ['train/loss', 0],
          ['train/rewards/Zählen, genau/mean', 1e-7],
        ],
      ],
    ];
    const events = steps.map(([step, values]) => ({
      wallTimeSeconds: START_SECONDS + step,
      step,
      values: new Map(values),
    }));
    expect(eventFile(START_SECONDS, events).equals(readFileSync(golden))).toBe(true);
  });
});
