/**
 * @file Where an entry's time goes, by op. TensorFlow's C library provides no profile, so this runs the same functions
 * op by op on the same native kernels and times each op. That adds the cost of launching each op and loses the graph
 * optimiser's fusions: read the shares, not the totals.
 */
import { loadRuntime } from '../../engine/runtime/backend.ts';
import type { NativeBackend } from '../../engine/runtime/native-api.ts';

export interface OpProfile {
  op: string;
  calls: number;
  seconds: number;
}

export interface OpClock {
  /** Ops since the last call, the slowest first. */
  take(): OpProfile[];
}

/** Makes programs in this process run op by op from now on, timing every op. Call it before creating any program. */
export async function startOpClock(): Promise<OpClock> {
  const runtime = await loadRuntime();
  const { native } = runtime;
  if (native === null) throw new Error('Ops are timed on native TensorFlow only.');
  let times = new Map<string, OpProfile>();
  watch(native, (op, seconds) => {
    const time = times.get(op) ?? { op, calls: 0, seconds: 0 };
    time.calls++;
    time.seconds += seconds;
    times.set(op, time);
  });
  // Without a compiler, programs fall back to running their functions directly; the native kernels stay registered.
  runtime.native = null;
  return {
    take: () => {
      const taken = [...times.values()].sort((a, b) => b.seconds - a.seconds);
      times = new Map();
      return taken;
    },
  };
}

function watch(native: NativeBackend, ran: (op: string, seconds: number) => void): void {
  const single = native.executeSingleOutput.bind(native);
  const multiple = native.executeMultipleOutputs.bind(native);
  const timed = <T>(op: string, run: () => T): T => {
    const start = performance.now();
    const result = run();
    ran(op, (performance.now() - start) / 1000);
    return result;
  };
  native.executeSingleOutput = (op, attributes, inputs) => timed(op, () => single(op, attributes, inputs));
  native.executeMultipleOutputs = (op, attributes, inputs, count) =>
    timed(op, () => multiple(op, attributes, inputs, count));
}
