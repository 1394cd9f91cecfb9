/**
 * @file Times every call of a compiled program by its entry point, without the engine knowing: the measuring process
 * wraps what runs sessions, and the first part of the fetched node's name is the entry.
 */
import { loadRuntime } from '../../engine/runtime/backend.ts';
import type { NativeBinding, NativeSessions } from '../../engine/runtime/native-api.ts';

export interface EntryTime {
  calls: number;
  seconds: number;
}

export interface Stopwatch {
  /** Times since the last call, by entry point (`set` and `get` move variables). */
  take(): Record<string, EntryTime>;
}

/** Wraps the native binding; without native TensorFlow nothing is timed by entry. */
export async function startStopwatch(): Promise<Stopwatch> {
  const { native } = await loadRuntime();
  let times: Record<string, EntryTime> = {};
  const timed = <T>(fetches: string, run: () => T): T => {
    const start = performance.now();
    try {
      return run();
    } finally {
      const entry = entryOf(fetches);
      const time = (times[entry] ??= { calls: 0, seconds: 0 });
      time.calls++;
      time.seconds += (performance.now() - start) / 1000;
    }
  };
  if (native !== null) {
    const { binding, sessions } = native;
    const runSavedModel: NativeBinding['runSavedModel'] = (id, tensorIds, inputNames, outputNames) =>
      timed(outputNames, () => binding.runSavedModel(id, tensorIds, inputNames, outputNames));
    // The binding's own properties are read-only, but an object that inherits from it can replace it.
    native.binding = Object.create(binding, { runSavedModel: { value: runSavedModel } }) as NativeBinding;
    if (sessions !== undefined) {
      const runSession: NativeSessions['runSession'] = (session, names, tensors, fetches) =>
        timed(fetches[0] ?? '', () => sessions.runSession(session, names, tensors, fetches));
      native.sessions = { ...sessions, runSession };
    }
  }
  return {
    take: () => {
      const taken = times;
      times = {};
      return taken;
    },
  };
}

function entryOf(fetches: string): string {
  const end = fetches.search(/[/:]/);
  return end < 0 ? fetches : fetches.slice(0, end);
}
