/** @file The form for the next run: your choices, their problems, and what is missing. */
import {
  LARGEST_MIXTURE_WEIGHT,
  Recipe,
  type AdapterConfig,
  type DatasetSummary,
  type Detail,
  type FrozenWeights,
  type GrpoConfig,
  type KlSchedule,
  type Method,
  type ModelSummary,
  type OptimiserConfig,
  type RewardSpec,
  type RunRequest,
  type AdapterRequest,
  type StartRequest,
} from '../../../../electron/contract/api/index.ts';
import { needsReference } from '../../../../electron/method/kl-curve.ts';
import { LEARNING_TASK_IDS, LEARNING_TASKS, type LearningTaskId } from '../../../../electron/method/learning-tasks.ts';
import { mixtureName } from '../../../../electron/method/mixture.ts';
import { systemOf } from '../../../../electron/method/prompt-template.ts';
import { faultsOf } from '../../../../electron/method/recipe-faults.ts';
import { said } from '../../messages/said.ts';
import { usableOf } from '../datasets/split-words.ts';
import {
  DEFAULT_ACCURACY_SCHEDULE,
  DEFAULT_ADAPTER,
  DEFAULT_CHECKPOINT_EVERY,
  DEFAULT_EVAL_DURING_SAMPLES,
  DEFAULT_EVAL_EVERY,
  DEFAULT_EVAL_SAMPLES,
  DEFAULT_GRPO,
  DEFAULT_GRPO_D_SCHEDULE,
  DEFAULT_KL_SHARE_EVERY,
  DEFAULT_OPTIMISER,
  DEFAULT_REWARDS,
  DEFAULT_SEED,
  DEFAULT_STEPS,
  DEFAULT_TARGET_KL_SCHEDULE,
  defaultScheduleFor,
} from '../../../../electron/method/defaults.ts';

export type Missing = 'model' | 'data' | 'emptyTrain' | 'weights' | 'rewards' | 'parameters' | 'schedule' | 'template';

type Numbers = {
  steps: number;
  seed: number;
  checkpointEvery: number;
  evalSamples: number;
  evalEvery: number;
  evalDuringSamples: number;
  klShareEvery: number;
};

/** A dataset that is drawn from, how often, and where its answers have a form of their own, which. */
export type MixedData = {
  dataset: DatasetSummary;
  weight: number;
  rewards?: RewardSpec[] | undefined;
  promptTemplate?: string | undefined;
};

/** A recipe as read from a file, in which anything may be missing. */
export type RecipeParts = {
  [Key in Exclude<keyof Recipe, 'mixture' | 'startFrom' | 'startAdapter'>]?: Recipe[Key] | undefined;
} & {
  detail?: Detail | undefined;
  startFrom?: StartRequest | undefined;
  startAdapter?: AdapterRequest | undefined;
};

const checked = Recipe.pick({
  grpo: true,
  klSchedule: true,
  optimiser: true,
  adapter: true,
  steps: true,
  seed: true,
  checkpointEvery: true,
  evalSamples: true,
  evalEvery: true,
  evalDuringSamples: true,
  klShareEvery: true,
  trainSamples: true,
  earlyStoppingPatience: true,
});

export class RecipeDraft {
  model = $state.raw<ModelSummary>();
  dataset = $state.raw<DatasetSummary>();
  /** Several datasets mixed by weight, `dataset` first; empty = only that one. */
  mixture = $state.raw<readonly MixedData[]>([]);
  method = $state<Method>('grpo-d');
  rewards = $state<RewardSpec[]>(DEFAULT_REWARDS.map((reward) => ({ ...reward })));
  grpo = $state<GrpoConfig>({ ...DEFAULT_GRPO });
  klSchedule = $state.raw<KlSchedule>(defaultScheduleFor('grpo-d'));
  optimiser = $state<OptimiserConfig>({ ...DEFAULT_OPTIMISER });
  adapter = $state.raw<AdapterConfig>(DEFAULT_ADAPTER);
  /** How the weights below an adapter are kept; undefined = as the adapter that the run begins with was trained, or as published. */
  frozenWeights = $state<FrozenWeights>();
  /** The earlier run whose adapter the run begins with; undefined = a new adapter. */
  startFrom = $state.raw<StartRequest>();
  /** The adapter made elsewhere that the run begins with; undefined = none. */
  startAdapter = $state.raw<AdapterRequest>();
  numbers = $state<Numbers>({ ...defaultNumbers });
  /** Learn only from this many training samples, taken from the start; 0 = all. */
  trainSamples = $state(0);
  /** How much of each picture the model sees; undefined = as the dataset says. */
  detail = $state<Detail>();
  attribution = $state<'off' | 'estimate'>('off');
  /** Looks at held-out pictures without improvement after which the run ends; 0 = never. */
  patience = $state(0);
  loadBest = $state(false);
  name = $state('');
  /** Undefined = the model's own template. */
  promptTemplate = $state<string>();
  /** Empty = what the model's folder recommends, if anything. */
  systemPrompt = $state('');

  /** The contract's objections to the numbers: path (`grpo.topP`) → sentence. */
  readonly problems: ReadonlyMap<string, string> = $derived.by(() => {
    const parsed = checked.safeParse({
      grpo: this.fitted.grpo,
      optimiser: this.fitted.optimiser,
      klSchedule: this.klSchedule,
      // The settings of an adapter that exists take the place of the form's.
      adapter: this.startAdapter === undefined ? this.adapter : DEFAULT_ADAPTER,
      ...this.fitted.numbers,
      ...(this.trainSamples === 0 ? {} : { trainSamples: this.trainSamples }),
      ...this.#held,
    });
    if (!parsed.success)
      // eslint-disable-next-line svelte/prefer-svelte-reactivity -- made anew each time, never changed
      return new Map(parsed.error.issues.map((issue) => [issue.path.join('.'), said(issue.message)]));
    const { datasets } = this;
    const found =
      // The studio says why nothing may be trained on; no number of the form mends it.
      datasets.length === 0 || this.#usable('train') === 0
        ? []
        : faultsOf(
            { ...parsed.data, method: this.method },
            {
              datasetName: mixtureName(datasets.map(({ name }) => name)),
              trainSamples: this.#usable('train'),
              testSamples: this.#usable('test'),
            },
          );
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- made anew each time, never changed
    return new Map(found.map(({ field, message, remedy }) => [field, `${said(message)} ${said(remedy)}`]));
  });

  /** Every dataset of the run. */
  get datasets(): DatasetSummary[] {
    if (this.mixture.length > 0) return this.mixture.map(({ dataset }) => dataset);
    return this.dataset === undefined ? [] : [this.dataset];
  }

  /** Takes one dataset alone. */
  chooseData(dataset: DatasetSummary): void {
    this.dataset = dataset;
    this.mixture = [];
  }

  /** Mixes several datasets, each once; one alone is no mixture. */
  mix(wanted: readonly MixedData[]): void {
    const parts = wanted.filter(
      ({ dataset }, index) => wanted.findIndex((each) => each.dataset.id === dataset.id) === index,
    );
    const [first] = parts;
    if (first === undefined) return;
    this.dataset = first.dataset;
    this.mixture = parts.length === 1 ? [] : parts;
    if (this.mixture.length > 0) this.trainSamples = 0;
  }

  #usable(split: 'train' | 'test'): number {
    return this.datasets.reduce((sum, dataset) => sum + usableOf(dataset, split), 0);
  }

  /** The numbers of the run. A default that you have not touched fits itself to the data and the steps. */
  get fitted(): { grpo: GrpoConfig; optimiser: OptimiserConfig; numbers: Numbers } {
    const { dataset, grpo, optimiser, numbers } = this;
    const train = this.#usable('train');
    const usable = Math.max(1, this.trainSamples === 0 ? train : Math.min(train, this.trainSamples));
    const isUsual = dataset !== undefined && grpo.promptsPerStep === DEFAULT_GRPO.promptsPerStep;
    const isUsualWarmup = optimiser.warmupSteps === DEFAULT_OPTIMISER.warmupSteps;
    const isUsualLook = dataset !== undefined && numbers.evalDuringSamples === DEFAULT_EVAL_DURING_SAMPLES;
    const isUsualShare = numbers.klShareEvery === DEFAULT_KL_SHARE_EVERY;
    const test = this.#usable('test');
    return {
      numbers: {
        ...numbers,
        evalDuringSamples: isUsualLook
          ? Math.max(1, Math.min(numbers.evalDuringSamples, test))
          : numbers.evalDuringSamples,
        klShareEvery: !this.hasKlTerm
          ? 0
          : isUsualShare
            ? Math.min(numbers.klShareEvery, numbers.steps)
            : numbers.klShareEvery,
      },
      grpo: {
        ...grpo,
        ...(this.usesRewards ? {} : { useBiasCorrectionKl: DEFAULT_GRPO.useBiasCorrectionKl }),
        promptsPerStep: isUsual ? Math.min(grpo.promptsPerStep, usable) : grpo.promptsPerStep,
      },
      optimiser: {
        ...optimiser,
        warmupSteps: isUsualWarmup
          ? Math.min(optimiser.warmupSteps, Math.max(0, this.numbers.steps - 1))
          : optimiser.warmupSteps,
      },
    };
  }

  /** What you must still choose or fix, in screen order; empty = ready. */
  readonly missing: readonly Missing[] = $derived.by(() => {
    const paths = [...this.problems.keys()];
    const list: Missing[] = [];
    if (this.model === undefined) list.push('model');
    if (this.dataset === undefined) list.push('data');
    else if (this.datasets.some(({ train }) => train === 0)) list.push('emptyTrain');
    else if (this.mixture.some(({ weight }) => !(weight > 0 && weight <= LARGEST_MIXTURE_WEIGHT))) list.push('weights');
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
      [this.#frozen.frozenWeights ?? null, null],
      ...entries(this.grpo).map(([key, value]): [unknown, unknown] => [value, DEFAULT_GRPO[key]]),
      ...entries(this.optimiser).map(([key, value]): [unknown, unknown] => [value, DEFAULT_OPTIMISER[key]]),
      ...entries(this.numbers).map(([key, value]): [unknown, unknown] => [value, defaultNumbers[key]]),
      [this.promptTemplate ?? null, null],
      [this.systemPrompt.trim(), ''],
      [this.startFrom ?? null, null],
      [this.startAdapter ?? null, null],
      [this.trainSamples, 0],
      [this.detail ?? null, null],
      [this.attribution, 'off'],
      [this.patience, 0],
      [this.loadBest, false],
    ];
    return pairs.filter(([now, before]) => JSON.stringify(now) !== JSON.stringify(before)).length;
  });

  get usesRewards(): boolean {
    return this.method !== 'sft';
  }

  /** Whether the loss has a KL term: it has none in SFT, and none if the KL weight is 0 throughout. */
  get hasKlTerm(): boolean {
    return this.usesRewards && needsReference(this.klSchedule);
  }

  /** Chooses what is trained. With all weights, none stay frozen, and no adapter can be the start. */
  chooseAdapter(kind: AdapterConfig['kind']): void {
    this.adapter = kind === 'lora' ? DEFAULT_ADAPTER : { kind };
    if (kind === 'lora') return;
    this.frozenWeights = undefined;
    this.startAdapter = undefined;
  }

  /** Chooses a method and its schedule, unless you have set one yourself. */
  chooseMethod(method: Method): void {
    const untouched = JSON.stringify(this.klSchedule) === JSON.stringify(defaultScheduleFor(this.method));
    this.method = method;
    if (untouched) this.klSchedule = defaultScheduleFor(method);
  }

  /** The learning task whose rewards and template these are; undefined = a choice of your own. */
  readonly task: LearningTaskId | undefined = $derived(
    LEARNING_TASK_IDS.find((id) => {
      const { rewards, promptTemplate } = LEARNING_TASKS[id];
      return promptTemplate === this.promptTemplate && JSON.stringify(rewards) === JSON.stringify(this.rewards);
    }),
  );

  /** Sets the rewards and the prompt template of a learning task; undefined sets the defaults. */
  chooseTask(id: LearningTaskId | undefined): void {
    const { rewards, promptTemplate } =
      id === undefined ? { rewards: DEFAULT_REWARDS, promptTemplate: undefined } : LEARNING_TASKS[id];
    this.rewards = rewards.map((reward) => ({ ...reward }));
    this.promptTemplate = promptTemplate;
  }

  /** Chooses a curve and keeps the numbers that still make sense. */
  chooseSchedule(kind: KlSchedule['kind']): void {
    this.klSchedule = scheduleOfKind(kind, this.klSchedule);
  }

  /** Resets weights and numbers; keeps model, data, method and name. */
  reset(): void {
    this.rewards = DEFAULT_REWARDS.map((reward) => ({ ...reward }));
    this.grpo = { ...DEFAULT_GRPO };
    this.klSchedule = defaultScheduleFor(this.method);
    this.optimiser = { ...DEFAULT_OPTIMISER };
    this.adapter = DEFAULT_ADAPTER;
    this.frozenWeights = undefined;
    this.numbers = { ...defaultNumbers };
    this.trainSamples = 0;
    this.detail = undefined;
    this.attribution = 'off';
    this.patience = 0;
    this.loadBest = false;
    this.promptTemplate = undefined;
    this.systemPrompt = '';
    this.startFrom = undefined;
    this.startAdapter = undefined;
  }

  /** Adopts a recipe; anything it leaves out returns to the defaults. Keeps model and data. */
  take(recipe: RecipeParts): void {
    this.method = recipe.method ?? 'grpo-d';
    this.reset();
    if (recipe.rewards !== undefined) this.rewards = recipe.rewards.map((reward) => ({ ...reward }));
    this.grpo = { ...DEFAULT_GRPO, ...recipe.grpo };
    if (this.usesRewards) this.klSchedule = recipe.klSchedule ?? this.klSchedule;
    this.optimiser = { ...DEFAULT_OPTIMISER, ...recipe.optimiser };
    this.adapter = recipe.adapter ?? DEFAULT_ADAPTER;
    this.frozenWeights = recipe.frozenWeights;
    for (const [key, usual] of entries(defaultNumbers)) this.numbers[key] = recipe[key] ?? usual;
    this.trainSamples = recipe.trainSamples ?? 0;
    this.detail = recipe.detail ?? recipe.maxPixels;
    this.attribution = recipe.attribution ?? 'off';
    this.patience = recipe.earlyStoppingPatience ?? 0;
    this.loadBest = recipe.loadBestModelAtEnd ?? false;
    this.promptTemplate = recipe.promptTemplate;
    this.systemPrompt = recipe.systemPrompt ?? '';
    this.startFrom = recipe.startFrom;
    // A run that begins with an earlier one rests on that one's adapter by itself.
    this.startAdapter = recipe.startFrom === undefined ? recipe.startAdapter : undefined;
    this.name = recipe.name ?? '';
  }

  get beginsWithAdapter(): boolean {
    return this.startFrom !== undefined || this.startAdapter !== undefined;
  }

  /** How the frozen weights are kept, where that is not what the studio would do anyway. */
  get #frozen(): Pick<Recipe, 'frozenWeights'> {
    if (this.frozenWeights === undefined || this.adapter.kind !== 'lora') return {};
    return this.frozenWeights === 'nf4' || this.beginsWithAdapter ? { frozenWeights: this.frozenWeights } : {};
  }

  /** What interim evaluations decide; nothing without them. */
  get #held(): Pick<Recipe, 'earlyStoppingPatience' | 'loadBestModelAtEnd'> {
    if (this.numbers.evalEvery === 0) return {};
    return {
      ...(this.patience === 0 ? {} : { earlyStoppingPatience: this.patience }),
      ...(this.loadBest ? { loadBestModelAtEnd: true } : {}),
    };
  }

  /** The request for the studio, or undefined while something is missing. */
  request(): RunRequest | undefined {
    if (this.model === undefined || this.dataset === undefined || this.missing.length > 0) return undefined;
    const rewards = this.rewards.filter((reward) => reward.weight > 0);
    return {
      modelId: this.model.id,
      datasetId: this.dataset.id,
      ...(this.mixture.length === 0
        ? {}
        : {
            mixture: this.mixture.map(({ dataset, weight, rewards, promptTemplate }) => ({
              datasetId: dataset.id,
              name: dataset.name,
              weight,
              ...(rewards === undefined ? {} : { rewards }),
              ...(promptTemplate === undefined ? {} : { promptTemplate }),
            })),
          }),
      method: this.method,
      // A learning task also says how evaluations read answers.
      rewards: (this.usesRewards || this.task !== undefined ? rewards : DEFAULT_REWARDS).map((reward) => ({
        ...reward,
      })),
      grpo: this.fitted.grpo,
      // Supervised fine-tuning has no reference model to stay close to, so the studio rejects any schedule.
      ...(this.usesRewards ? { klSchedule: this.klSchedule } : {}),
      optimiser: this.fitted.optimiser,
      // An adapter that exists brings its own settings.
      ...(this.startAdapter === undefined ? { adapter: this.adapter } : { startAdapter: this.startAdapter }),
      ...this.#frozen,
      ...this.fitted.numbers,
      ...this.#held,
      ...(this.trainSamples === 0 ? {} : { trainSamples: this.trainSamples }),
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(this.attribution === 'off' || !this.usesRewards ? {} : { attribution: this.attribution }),
      ...(this.name.trim() === '' ? {} : { name: this.name.trim() }),
      ...(this.promptTemplate === undefined ? {} : { promptTemplate: this.promptTemplate }),
      ...systemOf(this.systemPrompt),
      ...(this.startFrom === undefined ? {} : { startFrom: this.startFrom }),
    };
  }
}

const defaultNumbers: Numbers = {
  steps: DEFAULT_STEPS,
  seed: DEFAULT_SEED,
  checkpointEvery: DEFAULT_CHECKPOINT_EVERY,
  evalSamples: DEFAULT_EVAL_SAMPLES,
  evalEvery: DEFAULT_EVAL_EVERY,
  evalDuringSamples: DEFAULT_EVAL_DURING_SAMPLES,
  klShareEvery: DEFAULT_KL_SHARE_EVERY,
};

/** Samples that a run can use: those whose images did not opt out and do not wait for a decision. */
function entries<T extends object>(value: T): [keyof T, T[keyof T]][] {
  return Object.entries(value) as [keyof T, T[keyof T]][];
}

/** A schedule of another kind, with the old values where they still apply. */
export function scheduleOfKind(kind: KlSchedule['kind'], from: KlSchedule): KlSchedule {
  const { low, high, ratio } = valuesOf(from);
  switch (kind) {
    case 'constant':
      return { kind, beta: low };
    case 'paper-eq3':
    case 'eq3-reversed':
    case 'mean-matched':
      return { kind, betaMin: low, betaMax: high, explorationRatio: ratio };
    case 'paper-text':
      return { kind, betaMin: low, betaMax: high };
    case 'linear':
    case 'cosine':
      return { kind, betaStart: low, betaEnd: high };
    // A schedule with a target has its own bounds; a range with a different meaning would get in its way.
    case 'target-kl':
      return { ...DEFAULT_TARGET_KL_SCHEDULE };
    case 'accuracy-conditioned':
      return { ...DEFAULT_ACCURACY_SCHEDULE, betaMin: Math.min(low, high), betaMax: Math.max(low, high) };
  }
}

function valuesOf(schedule: KlSchedule): { low: number; high: number; ratio: number } {
  switch (schedule.kind) {
    case 'constant':
    case 'target-kl': {
      const paper = valuesOf(DEFAULT_GRPO_D_SCHEDULE);
      const low = schedule.kind === 'constant' ? schedule.beta : schedule.betaStart;
      return { ...paper, low, high: Math.max(paper.high, low) };
    }
    case 'linear':
    case 'cosine':
      return { ...valuesOf(DEFAULT_GRPO_D_SCHEDULE), low: schedule.betaStart, high: schedule.betaEnd };
    case 'paper-text':
    case 'accuracy-conditioned':
      return { ...valuesOf(DEFAULT_GRPO_D_SCHEDULE), low: schedule.betaMin, high: schedule.betaMax };
    case 'paper-eq3':
    case 'eq3-reversed':
    case 'mean-matched':
      return { low: schedule.betaMin, high: schedule.betaMax, ratio: schedule.explorationRatio };
  }
}
