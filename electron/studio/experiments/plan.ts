/** @file Turns a request into the children of an experiment. Each run is made once, however many tables use it. */
import { z } from 'zod';
import { DEFAULT_REWARDS, DEFAULT_TARGET_KL_SCHEDULE } from '../../method/defaults.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { EvaluationMode } from '../../contract/model/evaluations.ts';
import { Arm, ExperimentTable, type TaskSetup } from '../../contract/model/experiments.ts';
import { DatasetId } from '../../contract/model/primitives.ts';
import { type KlSchedule, Method } from '../../contract/model/recipe.ts';
import { rewardKey, type RewardSpec } from '../../contract/model/rewards.ts';
import { RunRequest } from '../../contract/model/runs.ts';
import { canonicalJson } from '../../store/connection/canonical.ts';
import type { ParsedExperiment } from '../../store/experiments/experiments.ts';

export const TestSpec = z.object({
  datasetId: DatasetId,
  mode: EvaluationMode,
  /** Pixels that the pictures are limited to; absent in experiments of earlier versions: the checkpoint's own limit. */
  maxPixels: z.int().positive().optional(),
  /** The dataset whose questions are asked in place of its own, which are of the same task. */
  questionsOf: DatasetId.optional(),
});
export type TestSpec = z.infer<typeof TestSpec>;

/** What one child does. Stored when the experiment is created and never changed. */
export const ChildSpec = z.object({
  label: z.string(),
  /** The same for children that differ only in their seed. */
  group: z.string(),
  arm: Arm,
  parts: z.array(ExperimentTable),
  method: Method.nullable(),
  trainedOn: DatasetId.nullable(),
  seed: z.int().nullable(),
  rewardWeight: z.number().nullable(),
  klWeight: z.number().nullable(),
  /** The run; null for the base model, which is only evaluated. */
  request: RunRequest.nullable(),
  tests: z.array(TestSpec),
});
export type ChildSpec = z.output<typeof ChildSpec>;

type ParsedTask = z.output<typeof TaskSetup>;

/** What defines one kind of child, apart from its seed. */
interface Draft {
  arm: Arm;
  part: ExperimentTable;
  label: string;
  task: ParsedTask | null;
  method: Method | null;
  schedule: KlSchedule | null;
  rewards: RewardSpec[] | null;
  tests: TestSpec[];
  /** Made with the first seed only. */
  probes?: TestSpec[];
  /** With planned looks: after how many looks of the first arms this one begins; absent = 0. */
  after?: number;
}

export const ARM_NAMES: Record<Arm, string> = {
  base: 'base model',
  sft: 'SFT',
  grpo: 'GRPO',
  'grpo-d': 'GRPO-D',
  'grpo-matched': 'GRPO, same mean β',
  'grpo-reversed': 'GRPO-D reversed',
  'grpo-linear': 'GRPO-D, linear',
  'grpo-target-kl': 'GRPO-D, target KL',
  'grpo-clip-higher': 'GRPO, clip-higher, β 0',
  'grpo-other': 'GRPO, second β',
};

/** The arms of a study that names none. */
export const CONTEST_ARMS: readonly Arm[] = ['base', 'sft', 'grpo', 'grpo-d', 'grpo-matched'];
const SWEPT_REWARD = 'format';
/** A study runs its probes on these arms, on the first task and with the first seed. */
const PROBED_ARMS: readonly Arm[] = ['base', 'sft', 'grpo-d'];

/**
 * The children in execution order: the arms that are compared first come first, with all their seeds. With planned looks,
 * all arms reach a look before any goes on to the next.
 */
export function childSpecs(request: ParsedExperiment): ChildSpec[] {
  const children = new Map<string, ChildSpec>();
  const turns = new Map<ChildSpec, number>();
  for (const draft of drafts(request)) {
    const seeds = draft.method === null ? [null] : request.seeds;
    for (const [index, seed] of seeds.entries()) {
      const child = childOf(draft, seed, request, index === 0);
      const turn = draft.method === null ? 0 : (draft.after ?? 0) + looksBefore(request.looks, index);
      const key = `${child.group} ${seed ?? ''}`;
      const same = children.get(key);
      turns.set(same ?? child, Math.min(turn, (same && turns.get(same)) ?? turn));
      if (same === undefined) children.set(key, child);
      else {
        same.parts = [...new Set([...same.parts, ...child.parts])];
        for (const test of child.tests) {
          if (!same.tests.some((other) => other.datasetId === test.datasetId && other.mode === test.mode)) {
            same.tests.push(test);
          }
        }
      }
    }
  }
  const planned = [...children.values()];
  if (request.looks === undefined) return planned;
  return planned.sort((a, b) => (turns.get(a) ?? 0) - (turns.get(b) ?? 0));
}

/** How many looks come before a seed, by its place in the list. */
function looksBefore(looks: ParsedExperiment['looks'], index: number): number {
  return looks?.seeds.filter((seeds) => seeds <= index).length ?? 0;
}

function drafts(request: ParsedExperiment): Draft[] {
  const { recipe } = request;
  switch (request.kind) {
    case 'contest':
      return request.arms.map((arm) => armDraft(arm, 'contest', request.task, recipe.rewards));
    case 'exam':
      return examDrafts(request.tasks, request.arms, recipe.rewards);
    case 'sweep':
      return request.vary.kind === 'kl-weight'
        ? request.vary.values.map((beta) => klDraft(request.task, beta, recipe.rewards))
        : rewardDrafts(request.task, request.vary.reward, request.vary.values, recipe.rewards);
    case 'study':
      return studyDrafts(request);
  }
}

function examDrafts(tasks: readonly ParsedTask[], arms: readonly Arm[], rewards?: RewardSpec[]): Draft[] {
  const tests = tasks.map(({ datasetId }): TestSpec => ({ datasetId, mode: 'reasoning' }));
  return arms.flatMap((arm): Draft[] => {
    const [first] = tasks;
    if (first === undefined) return [];
    if (arm === 'base') return [{ ...armDraft(arm, 'exam', first, rewards), tests }];
    return tasks.map((task) => ({ ...armDraft(arm, 'exam', task, rewards), tests }));
  });
}

function studyDrafts(request: ParsedExperiment & { kind: 'study' }): Draft[] {
  const { rewards } = request.recipe;
  const sweepTask = request.tasks[request.sweepTask];
  const exam = examDrafts(request.tasks, ['base', 'sft', 'grpo', 'grpo-d'], rewards);
  const { contestArms = CONTEST_ARMS } = request;
  const contest = request.tasks.flatMap((task) => contestArms.map((arm) => armDraft(arm, 'contest', task, rewards)));
  const [{ datasetId }] = request.tasks;
  const probes = (['sensitivity', 'hallucination', 'direct'] as const).map((mode) => ({ datasetId, mode }));
  const all = [
    ...exam,
    ...contest,
    ...rewardDrafts(sweepTask, SWEPT_REWARD, request.rewardWeights, rewards),
    ...request.klWeights.map((beta) => klDraft(sweepTask, beta, rewards)),
  ];
  const asked = (test: TestSpec): TestSpec => {
    const at = request.tasks.findIndex((task) => task.datasetId === test.datasetId);
    const questionsOf = request.askAgain?.questions[at];
    return questionsOf === undefined ? test : { ...test, questionsOf };
  };
  return all.map((draft) => {
    const isProbed =
      request.probes &&
      draft.part === 'exam' &&
      PROBED_ARMS.includes(draft.arm) &&
      (draft.task?.datasetId ?? datasetId) === datasetId;
    return {
      ...draft,
      tests: draft.tests.map(asked),
      after: looksFirst(draft, request),
      ...(isProbed ? { probes } : {}),
    };
  });
}

/**
 * Which arms of a study wait until others had so many looks. The methods on the first task come first, with the ends of
 * the KL sweep after one look, then what lies between, then the second task, and the other sweep last.
 */
function looksFirst({ part, arm, task }: Draft, { tasks, klWeights }: ParsedExperiment & { kind: 'study' }): number {
  if (part === 'reward-weight') return 6;
  if (part === 'kl-weight')
    return task?.beta === Math.min(...klWeights) || task?.beta === Math.max(...klWeights) ? 1 : 2;
  if (task !== null && task.datasetId !== tasks[0].datasetId) return 4;
  return arm === 'grpo-matched' ? 2 : 0;
}

function armDraft(arm: Arm, part: ExperimentTable, task: ParsedTask, rewards?: RewardSpec[]): Draft {
  const { beta, betaMin, betaMax, explorationRatio, targetKl = DEFAULT_TARGET_KL_SCHEDULE.targetKl } = task;
  const otherBeta = otherBetaOf(task);
  const moving = { betaMin, betaMax, explorationRatio };
  const schedules: Record<Arm, KlSchedule | null> = {
    base: null,
    sft: null,
    grpo: { kind: 'constant', beta },
    'grpo-d': { kind: 'paper-eq3', ...moving },
    'grpo-matched': { kind: 'mean-matched', ...moving },
    'grpo-reversed': { kind: 'eq3-reversed', ...moving },
    'grpo-linear': { kind: 'linear', betaStart: betaMin, betaEnd: betaMax },
    'grpo-target-kl': { ...DEFAULT_TARGET_KL_SCHEDULE, targetKl },
    'grpo-clip-higher': { kind: 'constant', beta: 0 },
    'grpo-other': { kind: 'constant', beta: otherBeta },
  };
  const methods: Record<Arm, Method | null> = {
    base: null,
    sft: 'sft',
    grpo: 'grpo',
    'grpo-d': 'grpo-d',
    'grpo-matched': 'grpo',
    'grpo-reversed': 'grpo-d',
    'grpo-linear': 'grpo-d',
    'grpo-target-kl': 'grpo-d',
    'grpo-clip-higher': 'grpo',
    'grpo-other': 'grpo',
  };
  return {
    arm,
    part,
    label: arm === 'grpo-other' ? `GRPO, β ${otherBeta}` : ARM_NAMES[arm],
    task: arm === 'base' ? null : task,
    method: methods[arm],
    schedule: schedules[arm],
    rewards: task.rewards ?? (arm === 'base' || arm === 'sft' ? null : (rewards ?? null)),
    tests: [{ datasetId: task.datasetId, mode: 'reasoning' }],
  };
}

/** The second constant weight: ten times the first one unless the task says otherwise. */
export function otherBetaOf({ beta, otherBeta }: Pick<ParsedTask, 'beta' | 'otherBeta'>): number {
  return otherBeta ?? Math.min(10, 10 * beta);
}

function klDraft(task: ParsedTask, beta: number, rewards?: RewardSpec[]): Draft {
  return {
    ...armDraft('grpo', 'kl-weight', { ...task, beta }, rewards),
    label: `GRPO, β ${beta}`,
  };
}

function rewardDrafts(task: ParsedTask, name: string, values: readonly number[], rewards?: RewardSpec[]): Draft[] {
  const base = task.rewards ?? rewards ?? DEFAULT_REWARDS;
  if (!base.some((reward) => rewardKey(reward) === name)) {
    throw new AtelierError('BAD_INPUT', `The weight of the reward "${name}" is to be swept, but no run uses it.`, {
      place: { field: 'vary.reward' },
      remedy: `Choose one of ${base.map(rewardKey).join(', ')}, or add it to the rewards.`,
    });
  }
  return values.map((weight) => ({
    ...armDraft('grpo', 'reward-weight', task),
    label: `GRPO, ${name} weight ${weight}`,
    rewards: base.map((reward) => (rewardKey(reward) === name ? { ...reward, weight } : reward)),
  }));
}

function childOf(draft: Draft, seed: number | null, request: ParsedExperiment, isFirstSeed: boolean): ChildSpec {
  const { arm, part, label, task, method, schedule } = draft;
  const rewards = draft.rewards ?? request.recipe.rewards;
  const run =
    task === null || method === null
      ? null
      : {
          ...request.recipe,
          ...(method === 'sft' ? withoutKlSettings(request.recipe) : {}),
          ...(rewards === undefined ? {} : { rewards }),
          ...(task.promptTemplate === undefined ? {} : { promptTemplate: task.promptTemplate }),
          ...(task.trainSamples === undefined ? {} : { trainSamples: task.trainSamples }),
          ...(schedule === null ? {} : { klSchedule: schedule }),
          modelId: request.modelId,
          datasetId: task.datasetId,
          method,
        };
  const swept = rewardSwept(request);
  return {
    label,
    // Default rewards are the same whether or not they are named.
    group: canonicalJson([arm === 'grpo-matched' ? arm : '', run && { ...run, rewards: rewards ?? DEFAULT_REWARDS }]),
    arm,
    parts: [part],
    method,
    trainedOn: task?.datasetId ?? null,
    seed,
    rewardWeight:
      method === null || method === 'sft'
        ? null
        : ((rewards ?? DEFAULT_REWARDS).find((reward) => rewardKey(reward) === swept)?.weight ?? null),
    klWeight: schedule?.kind === 'constant' ? schedule.beta : null,
    request: run === null || seed === null ? null : { ...run, seed },
    tests: isFirstSeed ? [...draft.tests, ...(draft.probes ?? [])] : [...draft.tests],
  };
}

/** SFT has no KL term: what corrects it in the other arms is left out of its runs, so that no recipe claims it. */
function withoutKlSettings({ grpo }: ParsedExperiment['recipe']): Pick<ParsedExperiment['recipe'], 'grpo'> {
  if (grpo?.useBiasCorrectionKl === undefined) return {};
  const { useBiasCorrectionKl: _, ...others } = grpo;
  return { grpo: others };
}

function rewardSwept(request: ParsedExperiment): string {
  return request.kind === 'sweep' && request.vary.kind === 'reward-weight' ? request.vary.reward : SWEPT_REWARD;
}
