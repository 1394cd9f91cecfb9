/** @file Counts the bytes of weights that are read, and reports them a few times a second. */
import type { Progress } from '../../contract/model/primitives.ts';

/** Gets the progress of loading a model. */
export type OnLoad = (progress: Progress) => void;

const INTERVAL_MS = 250;

export interface LoadMeter {
  add(bytes: number): void;
  /** Everything is in place. */
  end(): void;
}

/** Reports at the start, then at most four times a second, and at the end. */
export function loadMeter(totalBytes: number, tell: OnLoad): LoadMeter {
  let done = 0;
  let told = 0;
  const report = (bytes: number): void => {
    told = performance.now();
    tell({ phase: 'load', done: bytes, total: totalBytes, unit: 'bytes' });
  };
  report(0);
  return {
    add: (bytes) => {
      done += bytes;
      if (done < totalBytes && performance.now() - told >= INTERVAL_MS) report(done);
    },
    end: () => report(totalBytes),
  };
}
