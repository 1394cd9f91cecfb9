/** @file Experiments as lists show them: progress, estimated time left and how each one ended. */
import type { ExperimentSummary } from '../../contract/model/experiments.ts';
import type { ExperimentId } from '../../contract/model/primitives.ts';
import type { StudioContext } from '../context.ts';

export async function summaryOf(
  { store, worker }: Pick<StudioContext, 'store' | 'worker'>,
  experimentId: ExperimentId,
): Promise<ExperimentSummary> {
  const experiment = await store.experiments.get(experimentId);
  const children = await store.experiments.children(experimentId);
  const entry = await store.queue.find({ experimentId });
  const phase = entry === null ? null : worker.progressOf(entry.id);
  const completed = children.filter((child) => child.status === 'completed').length;
  let inWork = 0;
  for (const child of children) {
    if (child.status !== 'running' || child.runId === null) continue;
    const { step, steps } = await store.runs.summary(child.runId);
    inWork += step / steps;
  }
  return {
    id: experimentId,
    kind: experiment.request.kind,
    name: experiment.name,
    status: experiment.status,
    modelId: experiment.modelId,
    modelName: (await store.models.get(experiment.modelId)).name,
    seeds: experiment.request.seeds,
    children: children.length,
    completed,
    failed: children.filter((child) => child.status === 'failed').length,
    progress: children.length === 0 ? 0 : Math.min(1, (completed + inWork) / children.length),
    phase,
    secondsLeft: phase?.secondsLeft ?? null,
    createdAt: experiment.createdAt,
    startedAt: experiment.startedAt,
    endedAt: experiment.endedAt,
    reason: experiment.reason,
    ...((await store.handoffs.hasExperiment(experimentId)) ? { elsewhere: true as const } : {}),
  };
}
