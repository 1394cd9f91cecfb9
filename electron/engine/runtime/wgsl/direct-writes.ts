/** @file A new value of a variable is written into the variable at once, and not copied, if nothing needs the old value from there on. */
import { storagesOf } from './buffers.ts';
import type { Plan, Step } from './plan.ts';
import type { Storage } from './values.ts';

/** @param outputs what the call gives back, which keeps buffers of its own */
export function withDirectWrites(steps: readonly Step[], outputs: Plan['outputs']): Step[] {
  let left = [...steps];
  const kept = new Set(outputs.map(({ storage }) => storage));
  for (const copy of steps) {
    // One from what has become a variable meanwhile is another step by now, and stays.
    if (copy.kind !== 'copy' || copy.to.place.kind !== 'variable' || !left.includes(copy)) continue;
    const { from, to } = copy;
    if (from.place.kind !== 'work' || from.packed !== null || from.size !== to.size || kept.has(from)) continue;
    const first = left.findIndex((step) => touches(step, from));
    const others = left.slice(first).filter((step) => step !== copy && touches(step, to));
    if (others.length > 0) continue;
    left = left.filter((step) => step !== copy).map((step) => renamed(step, from, to));
  }
  return left;
}

function touches(step: Step, storage: Storage): boolean {
  return step.kind === 'loop' ? step.body.some((each) => touches(each, storage)) : storagesOf(step).includes(storage);
}

function renamed(step: Step, from: Storage, to: Storage): Step {
  if (!touches(step, from)) return step;
  const own = (storage: Storage): Storage => (storage === from ? to : storage);
  switch (step.kind) {
    case 'loop':
      return { ...step, body: step.body.map((each) => renamed(each, from, to)) };
    case 'kernel': {
      const { kernel } = step;
      return { kind: 'kernel', kernel: { ...kernel, writes: kernel.writes.map(own), reads: kernel.reads.map(own) } };
    }
    case 'copy':
      return { kind: 'copy', from: own(step.from), to: own(step.to) };
    case 'clear':
      return { kind: 'clear', storage: own(step.storage) };
  }
}
