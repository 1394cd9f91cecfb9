/**
 * @file The replay job: takes the steps of a run again, bit for bit, and measures exactly how far each update served
 * each group. It writes nothing.
 */
import type { ReplayJob, ReplayJobEvent } from '../../contract/engine/engine.ts';
import type { RunWarning } from '../../contract/model/runs.ts';
import { initialKlState } from '../../method/kl-curve.ts';
import { openFittedTrainer } from '../memory/fitted-trainer.ts';
import { openRecipeJudge } from '../rewards/judge.ts';
import { handleMessages } from '../runtime/event-loop.ts';
import { prepareTraining } from '../trainer/setup.ts';
import type { Trainer } from '../trainer/trainer.ts';
import type { JobControl } from './train.ts';
import { phaseEvents, reporting } from './reporting.ts';
import { phase, warnings } from './training-events.ts';

/** @throws AtelierError for everything a person can fix */
export async function* replay(job: ReplayJob, control: JobControl): AsyncGenerator<ReplayJobEvent, void, undefined> {
  const { recipe } = job;
  yield phase('load', 0, 3);
  const judge = await openRecipeJudge(recipe);
  let trainer: Trainer | null = null;
  try {
    yield phase('read images', 1, 3);
    const setup = await prepareTraining(job, { attribution: 'exact', evaluates: false });
    yield phase('compile', 2, 3);
    const pending: RunWarning[] = [];
    const opening = reporting(
      (tell) => openFittedTrainer(setup, judge, (warning) => pending.push(warning), tell),
      (opened) => opened.close(),
    );
    trainer = yield* phaseEvents(opening);
    yield* warnings(pending);
    yield phase('train', 3, 3);
    let step = 0;
    let kl = initialKlState(recipe.klSchedule);
    while (step < job.steps && !control.stopping()) {
      const taken = await trainer.step(step + 1, kl);
      yield* warnings(pending);
      step++;
      kl = taken.klState;
      const { metrics, projections = [] } = taken.record;
      yield { type: 'step', metrics, projections };
      await handleMessages();
    }
    yield { type: 'done', step };
  } finally {
    trainer?.close();
    judge.close();
  }
}
