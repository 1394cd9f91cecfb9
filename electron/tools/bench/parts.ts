/** @file The parts of a bench in order of importance, each with its requirements and approximate duration. */
import { compare, type ComparisonPlan } from './comparison.ts';
import { flopsOf, grpoProducts, supervisedProducts } from './flops.ts';
import { peakShapes, type MachineRates, type ProductShape } from './gemm-peak.ts';
import { leakReport } from './leak.ts';
import { engineCommand, filesOf, joinEngine, joinPeer } from './participants.ts';
import { shapeKey, shapeOf } from './product-shapes.ts';
import type { StepTiming } from './engine-process.ts';
import type { EndingsPoint, GrowthPointTimes, PartResult } from './results.ts';
import { measureLoading, measureMerge } from './large-model.ts';
import { measureOneRow } from './one-row.ts';
import { measurePhoto } from './photos.ts';
import { join } from './turns.ts';
import {
  ENDINGS,
  endingsWorkload,
  GROWTH_AXES,
  growthPoints,
  PHOTO_SIZES,
  WORKLOADS,
  type GrowthAxis,
  type Workload,
  type WorkloadName,
} from './works.ts';

export interface PartContext {
  /** Python of the peers; null = only our side. */
  python: string | null;
  rounds: number;
  leakSteps: number;
  outOfTime: () => boolean;
  say: (line: string) => void;
}

export interface PartPlan {
  id: string;
  /** On an idle machine with 2 cores; decides whether the part still fits in the budget. */
  estimateSeconds: number;
  run: (context: PartContext) => Promise<PartResult>;
}

export interface Wanted {
  works: readonly WorkloadName[];
  vsPython: boolean;
  growth: boolean;
  leak: boolean;
  profile: boolean;
  /** Photos of 2 to 12 megapixels. */
  photos: boolean;
}

/** Products below this share of a phase are not measured separately. */
const SMALL_SHARE = 0.004;

export function planParts(wanted: Wanted): PartPlan[] {
  const photos: PartPlan[] = [
    // Each size is a part, so that an interruption loses one at most.
    ...PHOTO_SIZES.map((size): PartPlan => ({
      id: `photos:${String(size.width)}x${String(size.height)}`,
      estimateSeconds: Math.round((20 * size.width * size.height) / 1e6),
      run: ({ python }) => measurePhoto(size, python),
    })),
    { id: 'decode:one-row', estimateSeconds: 90, run: ({ python, rounds }) => measureOneRow(python, rounds) },
    { id: 'loading:full2b', estimateSeconds: 90, run: ({ say }) => measureLoading(say) },
    { id: 'merge:full2b', estimateSeconds: 60, run: ({ say }) => measureMerge(say) },
  ];
  if (wanted.photos && wanted.works.length === 0) return photos;
  const parts: PartPlan[] = [{ id: 'products', estimateSeconds: 30, run: () => measureRates(wanted.works) }];
  const has = (name: WorkloadName): boolean => wanted.works.includes(name);
  if (has('nano')) parts.push(grpo('nano', 60), supervised('nano', 50));
  if (has('real')) parts.push(grpo('real', 160));
  if (has('wide2')) parts.push(grpo('wide2', 75), supervised('wide2', 60));
  if (has('full2b')) parts.push(ours('full2b', 120));
  if (wanted.leak) parts.push({ id: 'leak:nano', estimateSeconds: 320, run: leak });
  if (wanted.growth) parts.push(...GROWTH_AXES.map(growth), endings());
  if (has('full2b') && wanted.vsPython) parts.push({ ...grpo('full2b', 230), id: 'versus:full2b' });
  if (wanted.vsPython) parts.push(...wanted.works.filter((name) => name === 'wide2' || name === 'real').map(lean));
  if (wanted.photos) parts.push(...photos);
  if (wanted.profile) parts.push(profile('nano', 'grpo'), profile('nano', 'sft'));
  if (has('nano')) parts.push(fullWeights());
  // Measured again at the end: the peak is the better of the two.
  parts.push({ id: 'products:again', estimateSeconds: 15, run: () => measureRates([]) });
  return parts;
}

const HEAVY: readonly WorkloadName[] = ['real', 'full2b'];

function planOf(work: Workload, method: 'grpo' | 'sft', context: PartContext): ComparisonPlan {
  const heavy = HEAVY.includes(work.name as WorkloadName);
  const giant = work.name === 'full2b';
  return {
    method,
    work,
    rounds: giant ? 1 : heavy ? Math.min(3, context.rounds) : context.rounds,
    python: context.python,
    peers:
      method === 'sft'
        ? { torch: 'sft-torch', trl: 'sft-trl' }
        : // At the largest work TRL's own generation, timed inside its step, stands for the rollouts: memory is short.
          { trl: 'grpo', ...(giant ? {} : { hf: 'generate' as const }) },
    // One turn of each if turns are long; on the largest workload, the choice made on the others.
    probeTurns: giant ? 0 : heavy ? 1 : 2,
    predictMemory: true,
    cachedSteps: giant ? 1 : 3,
  };
}

function grpo(name: WorkloadName, estimateSeconds: number): PartPlan {
  return {
    id: `grpo:${name}`,
    estimateSeconds,
    run: (context) => compare(planOf(WORKLOADS[name], 'grpo', context), context.outOfTime),
  };
}

function supervised(name: WorkloadName, estimateSeconds: number): PartPlan {
  return {
    id: `sft:${name}`,
    estimateSeconds,
    run: (context) => compare(planOf(WORKLOADS[name], 'sft', context), context.outOfTime),
  };
}

/** Only our side: two steps on new images and two on known ones. */
function ours(name: WorkloadName, estimateSeconds: number): PartPlan {
  return {
    id: `grpo:${name}`,
    estimateSeconds,
    run: (context) =>
      compare(
        { ...planOf(WORKLOADS[name], 'grpo', context), python: null, rounds: 2, cachedSteps: 2 },
        context.outOfTime,
      ),
  };
}

/** nano again, training all weights of the language model. */
function fullWeights(): PartPlan {
  return {
    id: 'grpo:nano-full',
    estimateSeconds: 60,
    run: (context) =>
      compare(planOf({ ...WORKLOADS.nano, name: 'nano-full', adapter: 'full' }, 'grpo', context), context.outOfTime),
  };
}

function lean(name: WorkloadName): PartPlan {
  return {
    id: `lean:${name}`,
    estimateSeconds: name === 'real' ? 55 : 25,
    run: async ({ python }) => {
      if (python === null) throw new Error('The Python stack cannot be had.');
      const work: Workload = WORKLOADS[name];
      const files = await filesOf(work, work.prompts * 2);
      const peer = await joinPeer(python, 'grpo', work, files, 0, { checkpointing: true });
      const { seconds } = await peer.turn();
      return { kind: 'lean', work: name, seconds, ...(await peer.end()) };
    },
  };
}

async function measureRates(works: readonly WorkloadName[]): Promise<PartResult> {
  const shapes = new Map<string, ProductShape>();
  const add = (shape: ProductShape): void => void shapes.set(shapeKey(shape), shape);
  for (const shape of peakShapes()) add(shape);
  for (const name of works) {
    const work: Workload = WORKLOADS[name];
    for (const products of [...Object.values(grpoProducts(work)), supervisedProducts(work).update]) {
      const total = flopsOf(products);
      for (const product of products)
        if (flopsOf([product]) > SMALL_SHARE * total) add(shapeOf(product, work.model.dtype));
    }
  }
  const participant = await join(await engineCommand({ kind: 'products', shapes: [...shapes.values()] }));
  const { rates, readPerSecond } = (await participant.turn()) as unknown as MachineRates;
  await participant.end();
  const best = (dtype: 'F32' | 'BF16'): number =>
    Math.max(...rates.filter((rate) => rate.dtype === dtype).map(({ gflops }) => gflops));
  return { kind: 'products', rates, peak: { F32: best('F32'), BF16: best('BF16') }, readPerSecond };
}

async function leak({ leakSteps, say }: PartContext): Promise<PartResult> {
  const work = WORKLOADS.nano;
  const files = await filesOf(work, work.prompts * 4);
  const engine = await joinEngine({ kind: 'train', method: 'grpo', work, files });
  const resident: number[] = [];
  let seconds = 0;
  for (let step = 0; step < leakSteps; step++) {
    const timing = await engine.turn();
    resident.push(timing.residentBytes);
    seconds += timing.seconds;
    if ((step + 1) % 100 === 0) say(`  ${String(step + 1)} steps`);
  }
  await engine.end();
  return { kind: 'leak', work: work.name, report: leakReport(resident), secondsPerStep: seconds / leakSteps };
}

function growth(axis: GrowthAxis): PartPlan {
  return {
    id: `growth:${axis}`,
    estimateSeconds: 30,
    run: async ({ say }) => {
      const points: GrowthPointTimes[] = [];
      for (const { value, work } of growthPoints(axis)) {
        const plan = {
          method: 'grpo',
          work,
          rounds: 1,
          python: null,
          peers: {},
          probeTurns: 0,
          predictMemory: false,
          cachedSteps: 4,
        } as const;
        const { turns, cached, peakResidentBytes } = (await compare(plan, () => false)).ours;
        const least = (of: (step: (typeof cached)[number]) => number): number => Math.min(...cached.map(of));
        points.push({
          value,
          step: least(({ seconds }) => seconds),
          generate: least(({ generate }) => generate),
          update: least(({ update }) => update),
          encode: turns[0]?.entries['encode']?.seconds ?? NaN,
          peakResidentBytes,
        });
        say(`  ${axis} ${String(value)}`);
      }
      return { kind: 'growth', axis, points };
    },
  };
}

/**
 * The saving from removing finished rows from the batch: decoding time compared with as many runs of the full batch.
 */
function endings(): PartPlan {
  const STEPS = 8;
  const decodeSeconds = ({ generate, entries }: StepTiming): number => generate - (entries['prefill']?.seconds ?? 0);
  const turnsOf = async (work: Workload, steps: number): Promise<StepTiming[]> => {
    const engine = await joinEngine({ kind: 'train', method: 'grpo', work, files: await filesOf(work, work.prompts) });
    await engine.turn();
    const turns: StepTiming[] = [];
    for (let step = 0; step < steps; step++) turns.push(await engine.turn());
    await engine.end();
    return turns;
  };
  return {
    id: 'endings:nano',
    estimateSeconds: 90,
    run: async ({ say }) => {
      const never = endingsWorkload(null);
      // The prompt's own pass already yields the first token of an answer.
      const whole = Math.min(...(await turnsOf(never, 4)).map(decodeSeconds)) / (never.completionTokens - 1);
      const points: EndingsPoint[] = [];
      for (const mean of ENDINGS) {
        const turns = await turnsOf(endingsWorkload(mean), STEPS);
        const sum = (of: (turn: StepTiming) => number): number => turns.reduce((all, turn) => all + of(turn), 0);
        const longestTokens = sum(({ longest }) => longest);
        points.push({
          meanTokens: sum(({ tokensGenerated }) => tokensGenerated) / (STEPS * never.prompts * never.groupSize),
          longestTokens,
          decode: sum(decodeSeconds),
          wholeBatch: whole * (longestTokens - STEPS),
        });
        say(`  endings after ${String(mean)}`);
      }
      return { kind: 'endings', work: WORKLOADS.nano.name, limit: never.completionTokens, steps: STEPS, points };
    },
  };
}

function profile(name: WorkloadName, method: 'grpo' | 'sft'): PartPlan {
  return {
    id: `profile:${method}:${name}`,
    estimateSeconds: 15,
    run: async () => {
      const work: Workload = WORKLOADS[name];
      const perStep = method === 'sft' ? work.supervisedBatch : work.prompts;
      const engine = await joinEngine({ kind: 'profile', method, work, files: await filesOf(work, perStep) });
      await engine.turn();
      const { ops } = await engine.turn();
      await engine.end();
      return { kind: 'profile', work: name, entries: { [method]: ops ?? [] } };
    },
  };
}
