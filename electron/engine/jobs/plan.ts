/** @file The plan job: the memory that a run will need, estimated without starting it. */
import type { PlanJob } from '../../contract/engine/engine.ts';
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import { candidatesOf, planTraining } from '../memory/training-memory.ts';
import type { AvailableMemory } from '../runtime/available-memory.ts';
import { trainingAttribution } from '../trainer/attribution.ts';
import { prepareTraining } from '../trainer/setup.ts';

/** @returns null if nothing is compiled on this machine, so that there is no graph to measure */
export async function plan(job: PlanJob, machine?: AvailableMemory): Promise<MemoryPlan | null> {
  const setup = await prepareTraining(job, { attribution: trainingAttribution(job.recipe), evaluates: false });
  return await planTraining(setup, candidatesOf(setup), machine);
}
