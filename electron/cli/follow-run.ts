/** @file Following a run in a terminal: its events as lines, Ctrl-C as "stop with a checkpoint", and how it ended. */
import { EXIT_STATUS } from '../contract/errors/errors.ts';
import type { Recipe } from '../contract/model/recipe.ts';
import type { RunEvent, RunSummary, StepMetrics } from '../contract/model/runs.ts';
import type { CommandContext, StudioClient } from './command.ts';
import type { PairedVerdict } from '../contract/model/paired-comparison.ts';
import { comparisonText } from '../reporting/comparison-text.ts';
import { metricChangeText } from '../reporting/metric-text.ts';
import { bestGuess, guessingSentence, noLookText } from '../reporting/no-look-text.ts';
import { roundedNote } from '../reporting/rounded-text.ts';
import { duration, number, proportion, table, timeLeft } from './text.ts';

/**
 * Prints a run's events until it ends. The first Ctrl-C asks it to stop after the current step and waits for the
 * checkpoint; the second ends at once. @returns the exit status
 */
export async function followRun(
  context: CommandContext,
  client: StudioClient,
  run: RunSummary,
  after = 0,
): Promise<number> {
  const { output, terminal } = context;
  const pace = new Pace();
  let interrupts = 0;
  const restore = terminal.onInterrupt(() => {
    interrupts += 1;
    if (interrupts > 1) {
      void context.studio().then((studio) => studio.close({ waitMs: 0 }));
      return;
    }
    output.note('Stopping after the current step, with a checkpoint. Ctrl-C again ends at once.');
    // A run that has just ended does not need stopping.
    client.runs.stop({ runId: run.id }).catch(() => undefined);
  });
  let latest = run;
  let recipe: Recipe | undefined;
  try {
    for await (const event of await client.runs.watch({ runId: run.id, after })) {
      if (event.type === 'status') latest = event.summary;
      if (event.type === 'phase' && !output.json) output.progress(event.progress);
      else output.event(event, lineOf(event, latest, pace));
    }
    const detail = await client.runs.get({ runId: run.id });
    latest = detail.summary;
    recipe = detail.recipe;
  } catch (error) {
    // The second Ctrl-C closes the studio while we are using it, but we still know how to resume.
    if (interrupts < 2) throw error;
    latest = { ...latest, status: 'interrupted' };
  } finally {
    restore();
  }
  return conclude(context, latest, recipe, interrupts > 0);
}

function conclude(
  { output, args }: CommandContext,
  run: RunSummary,
  recipe: Recipe | undefined,
  byPerson: boolean,
): number {
  if (output.json) output.line({ type: 'result', run });
  else if (run.status === 'completed') output.text(resultText(run, recipe));
  if (run.status === 'completed') return 0;
  output.note(`${run.status === 'failed' ? 'error' : 'interrupted'}: ${run.reason ?? `The run is ${run.status}.`}`);
  const home = args.text('home');
  output.note(`  go on with: atelier resume ${run.id}${home === undefined ? '' : ` --home ${home}`}`);
  if (byPerson) return EXIT_STATUS.CANCELLED;
  if (run.endCode === 'DISK_FULL' || run.endCode === 'OUT_OF_MEMORY' || run.endCode === 'ENGINE_UNAVAILABLE')
    return EXIT_STATUS[run.endCode];
  return run.status === 'failed' ? EXIT_STATUS.INTERNAL : EXIT_STATUS.ENGINE_LOST;
}

/** The typical time per step: the median of recent steps, because the first one also compiles. */
class Pace {
  readonly #seconds: number[] = [];

  add(steps: readonly StepMetrics[]): void {
    this.#seconds.push(...steps.map((step) => step.secondsTotal));
    this.#seconds.splice(0, this.#seconds.length - 20);
  }

  /** Null until a second step is known. */
  secondsPerStep(): number | null {
    const sorted = this.#seconds.toSorted((a, b) => a - b);
    return sorted.length < 2 ? null : (sorted[Math.floor((sorted.length - 1) / 2)] ?? null);
  }
}

function lineOf(event: RunEvent, run: RunSummary, pace: Pace): string | null {
  switch (event.type) {
    case 'steps': {
      const last = event.steps.at(-1);
      pace.add(event.steps);
      return last === undefined ? null : stepLine(last, run, pace.secondsPerStep());
    }
    case 'checkpoint':
      return `checkpoint at step ${event.step}`;
    case 'warning':
      return `! ${event.warning.message}`;
    case 'evaluation':
      return `held-out after step ${event.point.step}: ${proportion(event.point.accuracy)}`;
    case 'phase': // shown as progress
    case 'status':
      return null;
  }
}

function stepLine(step: StepMetrics, run: RunSummary, secondsPerStep: number | null): string {
  const parts = [
    `step ${step.step}/${run.steps}`,
    // Supervised training has no rewards.
    step.rewards.length === 0 ? `loss ${number(step.loss)}` : `reward ${number(step.reward)}`,
    step.kl === null ? null : `KL ${number(step.kl, 4)}`,
    step.beta === null ? null : `β ${number(step.beta, 4)}`,
    step.completionLengthMean === null ? null : `length ${number(step.completionLengthMean, 1)}`,
    step.secondsTotal < 0.05 ? null : `${duration(step.secondsTotal)} a step`,
    ...timeLeft(secondsPerStep === null ? null : (run.steps - step.step) * secondsPerStep),
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

const VERDICTS: Record<PairedVerdict, string> = {
  better: 'Better than the base',
  worse: 'Worse than the base',
  undecided: 'No clear difference from the base',
};

/** @param recipe says whether both figures rest on the same weights */
export function resultText(run: RunSummary, recipe: Pick<Recipe, 'frozenWeights'> = {}): string {
  const rounded = run.tuned === null ? null : roundedNote(recipe);
  return [
    `Run ${run.id} "${run.name}" is ${run.status} after step ${run.step} of ${run.steps}.`,
    table([
      ['held-out accuracy', 'correct'],
      ['base', proportion(run.base)],
      ['tuned', proportion(run.tuned)],
      ...(run.byDataset ?? []).flatMap(({ name, base, tuned }) => [
        [`  ${name}, base`, proportion(base)],
        [`  ${name}, tuned`, proportion(tuned)],
      ]),
      ...(run.noLook === null ? [] : [['without looking', proportion(bestGuess(run.noLook))]]),
    ]),
    ...(rounded === null ? [] : [rounded]),
    ...(run.comparison === null ? [] : [`${VERDICTS[run.comparison.verdict]}: ${comparisonText(run.comparison)}`]),
    ...(run.metrics ?? []).map(metricChangeText),
    ...(run.noLook === null
      ? []
      : [
          noLookText(run.noLook),
          guessingSentence(run.noLook, run.tuned === null ? 'The base model' : 'The tuned model'),
        ]),
  ].join('\n');
}
