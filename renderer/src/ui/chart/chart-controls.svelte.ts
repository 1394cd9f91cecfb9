/** @file Your chart preferences, kept in this browser or window. */

export type ChartPreferences = {
  /** Weight of the previous value in the moving average; 0 means raw values only. */
  smoothing: number;
  /** Use a logarithmic axis if the chart allows it. */
  log: boolean;
  /** Clip the axis at the 1st and 99th percentiles, so that one spike does not flatten the rest. */
  clip: boolean;
};

const storageKey = 'atelier.charts';
const defaults: ChartPreferences = { smoothing: 0.9, log: false, clip: false };

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

export class ChartControls {
  #preferences = $state.raw<ChartPreferences>(defaults);
  readonly #storage: Storage;

  constructor(storage: Storage = localStorage) {
    this.#storage = storage;
    this.#preferences = read(storage);
  }

  get preferences(): ChartPreferences {
    return this.#preferences;
  }

  change(change: Partial<ChartPreferences>): void {
    this.#preferences = { ...this.#preferences, ...change };
    this.#storage.setItem(storageKey, JSON.stringify(this.#preferences));
  }
}

/** The stored preferences, or the defaults if they cannot be read. */
function read(storage: Storage): ChartPreferences {
  try {
    const stored = JSON.parse(storage.getItem(storageKey) ?? '{}') as Partial<ChartPreferences>;
    const { smoothing = defaults.smoothing } = stored;
    return {
      smoothing: smoothing >= 0 && smoothing <= maxSmoothing ? smoothing : defaults.smoothing,
      log: stored.log === true,
      clip: stored.clip === true,
    };
  } catch {
    return defaults;
  }
}

export const maxSmoothing = 0.99;
