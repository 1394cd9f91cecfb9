/** @file The engine's procedures: one training or replay at a time, everything else in between. */
import type { EngineService } from '../../contract/engine/engine-service.ts';
import type { RunWarning } from '../../contract/model/runs.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EngineInfo } from '../../contract/model/system.ts';
import { attention } from '../jobs/attention.ts';
import { drift } from '../jobs/drift.ts';
import { evaluate } from '../jobs/evaluate.ts';
import { generate } from '../jobs/generate.ts';
import { judge } from '../jobs/judge.ts';
import { writeGguf } from '../jobs/gguf.ts';
import { merge } from '../jobs/merge.ts';
import { plan } from '../jobs/plan.ts';
import { replay } from '../jobs/replay.ts';
import { resultEvents } from '../jobs/reporting.ts';
import { sample } from '../jobs/sample.ts';
import { sizeUp } from '../jobs/size-up.ts';
import { score } from '../jobs/score.ts';
import { trial } from '../jobs/trial.ts';
import { train, type JobControl } from '../jobs/train.ts';
import { warnings } from '../jobs/training-events.ts';
import { takesNf4 } from '../policy/precision.ts';
import { examineRuntime, loadRuntime } from '../runtime/backend.ts';
import { gpuDevice } from '../runtime/webgpu/gpu.ts';
import { machineGpu } from '../runtime/webgpu/probe.ts';
import { gpuReport } from '../runtime/webgpu/report.ts';

export function createEngineService(): EngineService {
  let running = false;
  let stopRequested = false;

  /** Runs a job that trains; another one is refused until it has ended. */
  async function* alone<E>(
    job: (control: JobControl) => AsyncIterable<E>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<E | { type: 'warning'; warning: RunWarning }, void, undefined> {
    if (running) {
      throw new AtelierError('CONFLICT', 'The engine is already training another run.', {
        remedy: 'Wait until it ends, or stop it.',
      });
    }
    running = true;
    stopRequested = false;
    try {
      const { degraded } = await loadRuntime();
      if (degraded !== null) yield* warnings([{ step: 0, code: 'DEGRADED', message: degraded }]);
      yield* job({ stopping: () => stopRequested || signal?.aborted === true });
    } finally {
      running = false;
    }
  }

  return {
    info: async () => {
      const [{ runtime, refusal }, probed] = await Promise.all([examineRuntime(), machineGpu()]);
      const { info, gpu } = runtime;
      return {
        ...info,
        ...(gpu === null ? {} : { device: gpuDevice(gpu) }),
        gpu: gpuReport(runtime, probed),
        nf4: takesNf4(runtime),
        ...(refusal === null ? {} : { refusal: refusalOf(refusal) }),
      };
    },
    trial: (job) => trial(job),
    plan: (job) => plan(job),
    sizeUp: (job) => sizeUp(job),
    train: (job, signal) => alone((control) => train(job, control), signal),
    replay: (job, signal) => alone((control) => replay(job, control), signal),
    stop: () => {
      stopRequested = running;
      return Promise.resolve({ stopping: running });
    },
    evaluate: (job, signal) => evaluate(job, signal),
    sample: (job, signal) => sample(job, signal),
    drift: (job, signal) => drift(job, signal),
    merge: (job, signal) => merge(job, signal),
    gguf: (job, signal) => writeGguf(job, signal),
    judge: (job) => judge(job),
    generate: (request) => resultEvents((tell) => generate(request, tell)),
    attention: (job) => resultEvents((tell) => attention(job, tell)),
    score: (job) => resultEvents((tell) => score(job, tell)),
  };
}

function refusalOf({ message, place, remedy }: AtelierError): NonNullable<EngineInfo['refusal']> {
  return { message, place, ...(remedy === undefined ? {} : { remedy }) };
}
