/** @file Measures one workload on our side and, if peers are requested, in turn with them: A B C A B C. */
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import type { StepTiming } from './engine-process.ts';
import type { JobFiles } from './measured-job.ts';
import { engineCommand, filesOf, joinEngine, joinPeer, type PeerKind, type PeerParticipant } from './participants.ts';
import type { Comparison, PeerSide, PeerTurn } from './results.ts';
import { join } from './turns.ts';
import type { Workload } from './works.ts';

export interface ComparisonPlan {
  method: 'grpo' | 'sft';
  work: Workload;
  rounds: number;
  /** Python of the peers' environment; null = only our side. */
  python: string | null;
  /** Peers by their name in the results. */
  peers: Partial<Record<string, PeerKind>>;
  /** Turns that each attention implementation gets before the faster is chosen; 0 = take the first. */
  probeTurns: number;
  predictMemory: boolean;
  /** Steps on known images at the end of our measurement. */
  cachedSteps: number;
}

/** @param outOfTime returns true when no further round should begin; one is always made */
export async function compare(plan: ComparisonPlan, outOfTime: () => boolean): Promise<Comparison> {
  const { work, method } = plan;
  const perStep = method === 'sft' ? work.supervisedBatch : work.prompts;
  const files = await filesOf(work, perStep * (plan.rounds + 1));
  const predicted = plan.predictMemory ? await predictMemory(method, work, files) : null;
  const peers = await joinPeers(plan, files);
  const engine = await joinEngine({ kind: 'train', method, work, files });
  const first = await engine.turn();
  const turns: StepTiming[] = [];
  const peerTurns = peers.map((): PeerTurn[] => []);
  for (let round = 0; round < plan.rounds && (round === 0 || !outOfTime()); round++) {
    turns.push(await engine.turn());
    for (const [index, { participant }] of peers.entries()) peerTurns[index]?.push(await participant.turn());
  }
  const cached: StepTiming[] = [];
  const unseen = plan.rounds - turns.length;
  for (let step = 0; step < plan.cachedSteps + unseen; step++) {
    const timing = await engine.turn();
    if (step >= unseen) cached.push(timing);
  }
  const { peakResidentBytes } = await engine.end();
  const sides: Record<string, PeerSide> = {};
  for (const [index, { name, participant }] of peers.entries()) {
    const { attention, tried } = participant;
    sides[name] = { attention, tried, turns: peerTurns[index] ?? [], ...(await participant.end()) };
  }
  return {
    kind: 'comparison',
    method,
    work,
    ours: {
      plan: predicted,
      startup: engine.startup,
      firstStepSeconds: first.seconds,
      turns,
      cached,
      peakResidentBytes: peakResidentBytes as number,
    },
    peers: sides,
  };
}

/** Runs in its own process: planning reads the model, which would otherwise count as the run's memory. */
async function predictMemory(method: 'grpo' | 'sft', work: Workload, files: JobFiles): Promise<MemoryPlan | null> {
  const planner = await join(await engineCommand({ kind: 'plan', method, work, files }));
  const { plan } = (await planner.turn()) as { plan: MemoryPlan | null };
  await planner.end();
  return plan;
}

async function joinPeers(
  plan: ComparisonPlan,
  files: JobFiles,
): Promise<{ name: string; participant: PeerParticipant }[]> {
  const joined: { name: string; participant: PeerParticipant }[] = [];
  if (plan.python === null) return joined;
  for (const [name, kind] of Object.entries(plan.peers)) {
    if (kind === undefined) continue;
    joined.push({ name, participant: await joinPeer(plan.python, kind, plan.work, files, plan.probeTurns) });
  }
  return joined;
}
