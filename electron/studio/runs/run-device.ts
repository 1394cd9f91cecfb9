/**
 * @file Where a run computes: settled before it begins, kept until it ends. A run that a trial sent to the GPU goes to the processor if it
 * cannot be computed there, because a trial takes no whole model.
 */
import { GPU_FIELD } from '../../contract/engine/gpu-use.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { GpuTrial } from '../../contract/model/system.ts';
import type { Execution } from './execution.ts';

/**
 * A run that was begun goes on where it was: elsewhere it would not repeat its steps.
 * @returns the trial that decided, or null if none did
 */
export async function settleRunDevice(execution: Execution, modelPath: string): Promise<GpuTrial | null> {
  const { parts, runId, signal } = execution;
  const { runs } = parts.store;
  const before = (await runs.lastCheckpoint(runId)) === null ? null : (await runs.get(runId)).device;
  const trial = await parts.engine.settleDevice(modelPath, before, {
    onTrial: () => {
      execution.setProgress({ phase: 'try the GPU', done: 0 });
      execution.changed();
    },
    signal,
  });
  const { backend, device } = await parts.engine.info(modelPath);
  const now = [backend, device].join(' · ');
  // The figures of its trial stay.
  if (before !== null && (before === now || before.startsWith(`${now} · `))) return trial;
  if (before !== null && isAnother(before, backend, now)) {
    const message = `The run was begun on another device (${before}) and went on here: ${now}. Its steps do not repeat bit for bit.`;
    await runs.addWarning(runId, { step: await runs.lastStep(runId), code: 'DEVICE_CHANGED', message });
  }
  await runs.setDevice(runId, textOf(now, trial));
  return trial;
}

/** Processors say more of themselves than where a run repeats. */
function isAnother(before: string, backend: string, now: string): boolean {
  return backend === 'webgpu' ? !before.startsWith(now) : !before.startsWith(`${backend} · `);
}

function textOf(device: string, trial: GpuTrial | null): string {
  return trial === null ? device : `${device} · ${trial.reason}`;
}

/**
 * Computes a run; on the processor if a trial had sent it to the GPU and it fails there before its first checkpoint for want of room.
 * @param trial the one that decided
 * @param plan throws if the run cannot be computed on the device that is settled
 */
export async function onEitherDevice(
  execution: Execution,
  { modelPath, trial }: { modelPath: string; trial: GpuTrial | null },
  { plan, compute }: { plan: () => Promise<void>; compute: () => Promise<void> },
): Promise<void> {
  let planned = false;
  try {
    await plan();
    planned = true;
    await compute();
  } catch (error) {
    if (trial?.chosen !== 'gpu' || execution.signal.aborted || !isForTheGpu(error, planned)) throw error;
    if ((await execution.parts.store.runs.lastCheckpoint(execution.runId)) !== null) throw error;
    await leaveGpu(execution, modelPath, { trial, error, plan });
    await compute();
  }
}

/** Whether the processor may do what failed on the GPU. What a recipe or its data lack, it lacks on both. */
function isForTheGpu(error: unknown, planned: boolean): error is AtelierError {
  if (!(error instanceof AtelierError)) return false;
  if (error.code === 'OUT_OF_MEMORY' || error.code === 'ENGINE_LOST') return true;
  return error.code === 'BAD_INPUT' && (!planned || error.place.field === GPU_FIELD);
}

async function leaveGpu(
  { parts, runId, signal, setProgress, changed }: Execution,
  modelPath: string,
  { trial, error, plan }: { trial: GpuTrial; error: AtelierError; plan: () => Promise<void> },
): Promise<void> {
  const { runs } = parts.store;
  const reason = `A run could not be computed on the GPU. ${error.message}`;
  const works = async (): Promise<void> => {
    // What the processor cannot do either is the run's own fault, in the words that came first.
    await plan().catch((second: unknown) => {
      throw second instanceof AtelierError && second.code === 'BAD_INPUT' ? error : second;
    });
  };
  const left = await parts.engine.leaveGpu(modelPath, trial, { reason, works });
  signal.throwIfAborted();
  parts.log.logger.warn({ err: error, runId }, 'a run left the GPU');
  const step = await runs.lastStep(runId);
  if (step > 0) await runs.rewind(runId);
  const { backend, device } = await parts.engine.info(modelPath);
  await runs.setDevice(runId, textOf(`${backend} · ${device}`, left));
  const message = `${error.message} The run began again on the processor, where later ones begin too. \`atelier settings --gpu automatic\` has the GPU tried again.`;
  await runs.addWarning(runId, { step: 0, code: 'GPU_LEFT', message });
  setProgress({ phase: 'start', done: 0 });
  changed();
}
