/**
 * @file Updates of steps whose answers are all shorter than the recipe allows. Shapes are fixed, so each length is a graph of its own, which is added
 * to the program when a step first needs it. The length depends on the recipe and the step's answers alone: a resumed run
 * computes with the same.
 */
import type { Recipe } from '../../../contract/model/recipe.ts';
import type { EntryTable, Program } from '../../runtime/program.ts';
import { roundUp } from '../batch.ts';
import type { PolicyShape } from '../policy-program.ts';
import type { UpdateCalls } from './update-step.ts';

/** Rounding further up costs rows, less far more graphs. */
const MULTIPLE = 16;
/** Lengths, the longest included: each takes memory and time to prepare. */
const MOST_LENGTHS = 4;
/** In a run of fewer steps, a graph more costs about as much as it saves. */
const FEWEST_STEPS = 20;

/** What updates and scores completions of a shape's length. */
export interface SizedUpdates {
  shape: PolicyShape;
  calls: UpdateCalls;
}

/** What a step takes whose longest answer has so many tokens. */
export type UpdatesByLength = (tokens: number) => SizedUpdates;

/** The lengths that answers of at most `longest` tokens are filled up to, ascending. */
export function completionLengths(longest: number): number[] {
  const multiple = roundUp(Math.ceil(longest / MOST_LENGTHS), MULTIPLE);
  const shorter = Array.from({ length: Math.ceil(longest / multiple) - 1 }, (_, index) => (index + 1) * multiple);
  return [...shorter, longest];
}

/** Whether steps of a run take shorter lengths, where programs can grow. By blocks of layers, states lie in variables of the whole length. */
function areShortened({ method, steps }: Pick<Recipe, 'method' | 'steps'>, { calls }: SizedUpdates): boolean {
  return method !== 'sft' && steps >= FEWEST_STEPS && !('block' in calls.entries);
}

/** How many further graphs of each kind may be added during a run. */
export function laterGraphs(
  recipe: Pick<Recipe, 'method' | 'steps'>,
  whole: SizedUpdates,
): Readonly<Record<string, number>> {
  const more = completionLengths(whole.shape.completionLength).length - 1;
  if (more === 0 || !areShortened(recipe, whole)) return {};
  const kinds = Object.keys(withApplyOf(whole.calls, whole.calls).entries);
  return Object.fromEntries(kinds.map((kind) => [kind, more]));
}

/**
 * Gives updates by the length of a step's answers.
 * @param make what updates completions of another shape
 * @returns null if every step takes the whole length
 */
export function shorterUpdates(
  program: Pick<Program, 'extend'>,
  recipe: Pick<Recipe, 'method' | 'steps'>,
  whole: SizedUpdates,
  make: (shape: PolicyShape) => UpdateCalls,
): UpdatesByLength | null {
  const { completionLength } = whole.shape;
  const lengths = completionLengths(completionLength);
  if (program.extend === undefined || !areShortened(recipe, whole)) return null;
  const made = new Map([[completionLength, whole]]);
  return (tokens) => {
    const length = lengths.find((each) => each >= tokens) ?? completionLength;
    const known = made.get(length);
    if (known !== undefined) return known;
    const shape = { ...whole.shape, completionLength: length };
    const calls = withApplyOf(whole.calls, make(shape));
    program.extend?.(named(calls.entries, length));
    const sized = { shape, calls };
    made.set(length, sized);
    return sized;
  };
}

/** The step after the last micro-batch knows no lengths. */
function withApplyOf(whole: UpdateCalls, calls: UpdateCalls): UpdateCalls {
  if (whole.split === null || calls.split === null) return calls;
  const { apply: _, ...entries } = calls.entries;
  return { ...calls, entries, split: { ...calls.split, apply: whole.split.apply } };
}

function named(entries: EntryTable, length: number): EntryTable {
  return Object.fromEntries(Object.entries(entries).map(([kind, entry]) => [`${kind}-${String(length)}`, entry]));
}
