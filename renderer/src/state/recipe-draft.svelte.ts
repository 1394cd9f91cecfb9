/** @file What a person has chosen for the next run, what is wrong with it, and what is still missing. */
import {
  DEFAULT_ADAPTER,
  DEFAULT_CHECKPOINT_EVERY,
  DEFAULT_EVAL_SAMPLES,
  DEFAULT_GRPO,
  DEFAULT_OPTIMISER,
  DEFAULT_REWARDS,
  DEFAULT_SEED,
  DEFAULT_STEPS,
  defaultScheduleFor,
  Recipe,
  type AdapterConfig,
  type DatasetSummary,
  type GrpoConfig,
  type KlSchedule,
  type Method,
  type ModelSummary,
  type OptimiserConfig,
  type RewardSpec,
  type RunRequest,
} from '../../../electron/contract/index.ts';

export type Missing = 'model' | 'data' | 'emptyTrain' | 'rewards' | 'parameters' | 'schedule' | 'template';

type Numbers = { steps: number; seed: number; checkpointEvery: number; evalSamples: number };

const checked = Recipe.pick({
  grpo: true,
  klSchedule: true,
  optimiser: true,
  adapter: true,
  steps: true,
  seed: true,
  checkpointEvery: true,
  evalSamples: true,
});

export class RecipeDraft {
  model = $state.raw<ModelSummary>();
  dataset = $state.raw<DatasetSummary>();
  method = $state<Method>('grpo-d');
  rewards = $state<RewardSpec[]>(DEFAULT_REWARDS.map((reward) => ({ ...reward })));
  grpo = $state<GrpoConfig>({ ...DEFAULT_GRPO });
  klSchedule = $state.raw<KlSchedule>(defaultScheduleFor('grpo-d'));
  optimiser = $state<OptimiserConfig>({ ...DEFAULT_OPTIMISER });
  adapter = $state.raw<AdapterConfig>(DEFAULT_ADAPTER);
  numbers = $state<Numbers>({ ...defaultNumbers });
  name = $state('');
  /** Undefined = the model's own. */
  promptTemplate = $state<string>();

  /** What the contract says against the numbers: path (`grpo.topP`) → sentence. */
  readonly problems: ReadonlyMap<string, string> = $derived.by(() => {
    const parsed = checked.safeParse({
      grpo: this.grpo,
      klSchedule: this.klSchedule,
      optimiser: this.optimiser,
      adapter: this.adapter,
      ...this.numbers,
    });
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- made anew each time, never changed
    return new Map(parsed.error?.issues.map((issue) => [issue.path.join('.'), issue.message]) ?? []);
  });

  /** What must still be chosen or mended, in the order of the screen; empty = ready. */
  readonly missing: readonly Missing[] = $derived.by(() => {
    const paths = [...this.problems.keys()];
    const list: Missing[] = [];
    if (this.model === undefined) list.push('model');
    if (this.dataset === undefined) list.push('data');
    else if (this.dataset.train === 0) list.push('emptyTrain');
    if (this.usesRewards && !this.rewards.some((reward) => reward.weight > 0)) list.push('rewards');
    if (this.usesRewards && paths.some((path) => path.startsWith('klSchedule'))) list.push('schedule');
    if (paths.some((path) => !path.startsWith('klSchedule'))) list.push('parameters');
    if (this.promptTemplate !== undefined && !this.promptTemplate.includes('{question}')) list.push('template');
    return list;
  });

  /** Settings that differ from the defaults of the chosen method. */
  readonly changed: number = $derived.by(() => {
    const pairs: [unknown, unknown][] = [
      [this.rewards, DEFAULT_REWARDS],
      [this.klSchedule, defaultScheduleFor(this.method)],
      [this.adapter, DEFAULT_ADAPTER],
      ...entries(this.grpo).map(([key, value]): [unknown, unknown] => [value, DEFAULT_GRPO[key]]),
      ...entries(this.optimiser).map(([key, value]): [unknown, unknown] => [value, DEFAULT_OPTIMISER[key]]),
      ...entries(this.numbers).map(([key, value]): [unknown, unknown] => [value, defaultNumbers[key]]),
      [this.promptTemplate ?? null, null],
    ];
    return pairs.filter(([now, before]) => JSON.stringify(now) !== JSON.stringify(before)).length;
  });

  get usesRewards(): boolean {
    return this.method !== 'sft';
  }

  /** Another method brings its own schedule, unless the person has set one. */
  chooseMethod(method: Method): void {
    const untouched = JSON.stringify(this.klSchedule) === JSON.stringify(defaultScheduleFor(this.method));
    this.method = method;
    if (untouched) this.klSchedule = defaultScheduleFor(method);
  }

  /** Another curve keeps the numbers that still make sense. */
  chooseSchedule(kind: KlSchedule['kind']): void {
    this.klSchedule = scheduleOfKind(kind, this.klSchedule);
  }

  /** Weights and numbers as they were; model, data, method and name stay. */
  reset(): void {
    this.rewards = DEFAULT_REWARDS.map((reward) => ({ ...reward }));
    this.grpo = { ...DEFAULT_GRPO };
    this.klSchedule = defaultScheduleFor(this.method);
    this.optimiser = { ...DEFAULT_OPTIMISER };
    this.adapter = DEFAULT_ADAPTER;
    this.numbers = { ...defaultNumbers };
    this.promptTemplate = undefined;
  }

  /** The request for the studio, or undefined while something is missing. */
  request(): RunRequest | undefined {
    if (this.model === undefined || this.dataset === undefined || this.missing.length > 0) return undefined;
    const rewards = this.rewards.filter((reward) => reward.weight > 0);
    return {
      modelId: this.model.id,
      datasetId: this.dataset.id,
      method: this.method,
      rewards: (this.usesRewards ? rewards : DEFAULT_REWARDS).map((reward) => ({ ...reward })),
      grpo: { ...this.grpo },
      klSchedule: this.klSchedule,
      optimiser: { ...this.optimiser },
      adapter: this.adapter,
      ...this.numbers,
      ...(this.name.trim() === '' ? {} : { name: this.name.trim() }),
      ...(this.promptTemplate === undefined ? {} : { promptTemplate: this.promptTemplate }),
    };
  }
}

const defaultNumbers: Numbers = {
  steps: DEFAULT_STEPS,
  seed: DEFAULT_SEED,
  checkpointEvery: DEFAULT_CHECKPOINT_EVERY,
  evalSamples: DEFAULT_EVAL_SAMPLES,
};

function entries<T extends object>(value: T): [keyof T, T[keyof T]][] {
  return Object.entries(value) as [keyof T, T[keyof T]][];
}

/** A schedule of another kind with the values of the old one where they have a meaning. */
export function scheduleOfKind(kind: KlSchedule['kind'], from: KlSchedule): KlSchedule {
  const { low, high, ratio } = valuesOf(from);
  switch (kind) {
    case 'constant':
      return { kind, beta: low };
    case 'paper-eq3':
    case 'mean-matched':
      return { kind, betaMin: low, betaMax: high, explorationRatio: ratio };
    case 'paper-text':
      return { kind, betaMin: low, betaMax: high };
    case 'linear':
    case 'cosine':
      return { kind, betaStart: low, betaEnd: high };
  }
}

function valuesOf(schedule: KlSchedule): { low: number; high: number; ratio: number } {
  const paper = { betaMax: 0.1, explorationRatio: 0.3 };
  switch (schedule.kind) {
    case 'constant':
      return { low: schedule.beta, high: Math.max(paper.betaMax, schedule.beta), ratio: paper.explorationRatio };
    case 'linear':
    case 'cosine':
      return { low: schedule.betaStart, high: schedule.betaEnd, ratio: paper.explorationRatio };
    case 'paper-text':
      return { low: schedule.betaMin, high: schedule.betaMax, ratio: paper.explorationRatio };
    case 'paper-eq3':
    case 'mean-matched':
      return { low: schedule.betaMin, high: schedule.betaMax, ratio: schedule.explorationRatio };
  }
}
