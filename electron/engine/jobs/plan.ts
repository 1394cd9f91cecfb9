/** @file The plan job: the memory and time that a run will need, estimated without starting it. */
import type { PlanJob } from '../../contract/engine/engine.ts';
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import { stepSeconds } from '../memory/step-time.ts';
import { candidatesOf, planTraining, withAdvice } from '../memory/training-memory.ts';
import { availableMemory, type AvailableMemory } from '../runtime/available-memory.ts';
import { trainingAttribution } from '../trainer/attribution.ts';
import { prepareTraining } from '../trainer/setup.ts';

/** @returns null if nothing is compiled on this machine, so that there is no graph to measure */
export async function plan(job: PlanJob, machine: AvailableMemory = availableMemory()): Promise<MemoryPlan | null> {
  const evaluates = job.recipe.method === 'sft' && (job.recipe.evalEvery ?? 0) > 0;
  const purpose = { attribution: trainingAttribution(job.recipe), evaluates };
  const setup = await prepareTraining(job, purpose, { stated: true });
  const found = await planTraining(setup, candidatesOf(setup), machine);
  if (found === null) return null;
  const seconds = await stepSeconds(setup, found);
  return { ...(await withAdvice(setup, found, machine)), ...(seconds === null ? {} : { secondsPerStep: seconds }) };
}
