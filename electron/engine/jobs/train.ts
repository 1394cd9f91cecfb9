/** @file The training job: one step after another, with interim evaluations and checkpoints, until it is done or stopped. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainEvent, TrainJob } from '../../contract/engine/engine.ts';
import type { RunWarning, StepMetrics } from '../../contract/model/runs.ts';
import { isBestSoFar, isPatienceOver, type HeldOutScore } from '../../method/held-out-best.ts';
import { initialKlState, type KlState } from '../../method/kl-curve.ts';
import { openFittedTrainer } from '../memory/fitted-trainer.ts';
import { openRecipeJudge } from '../rewards/judge.ts';
import { handleMessages } from '../runtime/event-loop.ts';
import { trainingAttribution } from '../trainer/attribution.ts';
import { prepareTraining, type TrainingSetup } from '../trainer/setup.ts';
import { openTrainer, type Trainer } from '../trainer/trainer.ts';
import { readCheckpointState, writeCheckpoint } from './checkpoints.ts';
import { evaluateInterim, prepareInterim, skippedWarning } from './interim-evaluation.ts';
import { evaluatesAfter } from './interim-steps.ts';
import { phaseEvents, reporting } from './reporting.ts';
import { phase, warnings } from './training-events.ts';

export interface JobControl {
  /** True once the job should end after the current step. */
  stopping: () => boolean;
}

/**
 * Trains. A step (grpo-step.ts, sft-step.ts) samples answers, scores them, compares them and updates the policy.
 * A resumed job continues bit for bit.
 * @throws AtelierError for everything a person can fix; only checkpoints are written
 */
export async function* train(
  job: TrainJob,
  control: JobControl,
  open: typeof openTrainer = openTrainer,
): AsyncGenerator<TrainEvent, void, undefined> {
  const { recipe } = job;
  yield phase('load', 0, 3);
  // Before anything is loaded, so that a custom reward that cannot work is reported at once.
  const judge = await openRecipeJudge(recipe);
  let trainer: Trainer | null = null;
  try {
    const resumed = job.resumeFrom === undefined ? null : await readCheckpointState(job.resumeFrom, recipe);
    const scores: HeldOutScore[] = [...(job.heldOutScores ?? [])];
    const isOver = (): boolean =>
      recipe.earlyStoppingPatience !== undefined && isPatienceOver(scores, recipe.earlyStoppingPatience);
    // Its patience was over before it was resumed: only what follows the training was left.
    if (resumed !== null && isOver()) {
      yield { type: 'done', step: resumed.step, stopped: false };
      return;
    }
    yield phase('read images', 1, 3);
    const setup = await prepareTraining(job, {
      attribution: trainingAttribution(recipe),
      evaluates: evaluatesAfter(job, 0),
      featureFolder: join(job.checkpointRoot, '.features'),
    });
    yield phase('compile', 2, 3);
    const pending: RunWarning[] = [];
    const opening = reporting(
      (tell) => openFittedTrainer(setup, judge, (warning) => pending.push(warning), tell, open),
      (opened) => opened.close(),
    );
    trainer = yield* phaseEvents(opening);
    yield* warnings(pending);
    if (resumed !== null) trainer.restore(resumed);
    await mkdir(job.checkpointRoot, { recursive: true });
    yield phase('train', 3, 3);

    let step = resumed?.step ?? 0;
    let kl = resumed?.kl ?? initialKlState(recipe.klSchedule);
    const interim = setup.evaluates ? await prepareInterim(job, setup.model, trainer.policy.shape) : null;
    if (interim !== null && step === 0) {
      if (interim.skipped > 0) yield* warnings([skippedWarning(interim)]);
      yield* noting(scores, evaluateInterim(job, setup.model, trainer.policy, interim, 0));
    }
    let stopped = false;
    while (step < recipe.steps) {
      const taken = await trainer.step(step + 1, kl);
      yield* warnings(pending);
      step++;
      kl = taken.klState;
      yield { type: 'step', ...taken.record };
      if (!isFinite(taken.record.metrics)) yield* warnings([notFiniteWarning(step)]);
      await handleMessages();
      if (interim !== null && evaluatesAfter(job, step)) {
        yield* noting(scores, evaluateInterim(job, setup.model, trainer.policy, interim, step));
      }
      const looked = scores.at(-1)?.step === step;
      const over = looked && step < recipe.steps && isOver();
      stopped = !over && control.stopping() && step < recipe.steps;
      const due = step === recipe.steps || step % recipe.checkpointEvery === 0;
      const best = recipe.loadBestModelAtEnd === true && looked && isBestSoFar(scores);
      if (due || stopped || over || best) yield await saveCheckpoint(job, setup, trainer, step, kl);
      if (over) yield* warnings([patienceWarning(step, recipe.earlyStoppingPatience ?? 0)]);
      if (stopped || over) break;
    }
    yield { type: 'done', step, stopped };
  } finally {
    trainer?.close();
    judge.close();
  }
}

/** Passes the events on and notes what an evaluation among them found. */
async function* noting(
  scores: HeldOutScore[],
  events: AsyncIterable<TrainEvent>,
): AsyncGenerator<TrainEvent, void, undefined> {
  for await (const event of events) {
    if (event.type === 'evaluation') {
      const right = event.items.filter(({ verdict }) => verdict === 'correct').length;
      scores.push({ step: event.step, right });
    }
    yield event;
  }
}

function patienceWarning(step: number, patience: number): RunWarning {
  return {
    step,
    code: 'EARLY_STOP',
    message: `The last ${patience === 1 ? 'look' : `${String(patience)} looks`} at held-out samples found no more right answers than before, so the run ended after step ${String(step)}, as its recipe says.`,
    severity: 'info',
  };
}

async function saveCheckpoint(
  job: TrainJob,
  { model, adapter }: TrainingSetup,
  trainer: Trainer,
  step: number,
  kl: KlState,
): Promise<TrainEvent> {
  const state = { step, ...(await trainer.save()), kl };
  const written = await writeCheckpoint(job.checkpointRoot, job.recipe, model, adapter, state);
  return { type: 'checkpoint', step, ...written };
}

function isFinite({ loss, gradNorm }: StepMetrics): boolean {
  return Number.isFinite(loss) && Number.isFinite(gradNorm);
}

function notFiniteWarning(step: number): RunWarning {
  return {
    step,
    code: 'NOT_FINITE',
    message: `Step ${String(step)} produced a loss or gradient that is not a number, so it changed nothing. If this happens again, lower the learning rate.`,
    severity: 'warning',
  };
}
