/** @file The engine's procedures: one training job at a time, everything else in between. */
import type { EngineService } from '../../contract/engine/engine-service.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { evaluate, generate, score } from '../jobs/answering.ts';
import { openJudge } from '../rewards/judge.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { sample } from '../jobs/sampling.ts';
import { planJob, train } from '../jobs/train-job.ts';

export function createEngineService(): EngineService {
  let running = false;
  let stopAsked = false;
  return {
    info: async () => (await loadRuntime()).info,
    plan: (job) => planJob(job),
    train: async function* (job, signal) {
      if (running) {
        throw new AtelierError('CONFLICT', 'The engine is training another run.', {
          remedy: 'Wait until it ends, or stop it.',
        });
      }
      running = true;
      stopAsked = false;
      try {
        const { degraded } = await loadRuntime();
        if (degraded !== null) yield { type: 'warning', warning: { step: 0, code: 'DEGRADED', message: degraded } };
        yield* train(job, { stopping: () => stopAsked || signal?.aborted === true });
      } finally {
        running = false;
      }
    },
    stop: () => {
      stopAsked = running;
      return Promise.resolve({ stopping: running });
    },
    evaluate: (job, signal) => evaluate(job, signal),
    sample: (job, signal) => sample(job, signal),
    judge: async ({ rewards, items }) => {
      const judge = await openJudge(rewards);
      try {
        return judge.score(items);
      } finally {
        judge.close();
      }
    },
    generate: (request) => generate(request),
    score: (job) => score(job),
  };
}
