/** @file The form of an exam, a contest or a sweep: your choices, their problems, and how many runs result. */
import {
  ExperimentRequest,
  type Arm,
  type DatasetSummary,
  type ModelSummary,
  type RewardSpec,
} from '../../../../electron/contract/api/index.ts';
import {
  DEFAULT_EVAL_SAMPLES,
  DEFAULT_GRPO,
  DEFAULT_SEED,
  DEFAULT_STEPS,
} from '../../../../electron/method/defaults.ts';
import { PILOT } from '../../../../electron/method/kl-range.ts';
import { LEARNING_TASKS, type LearningTaskId } from '../../../../electron/method/learning-tasks.ts';
import { messages } from '../../messages/index.ts';
import { listOf, numbersOf } from '../../ui/form/typed-number.ts';
import type { Swept } from '../train/sweep-choice.svelte.ts';

export type DraftKind = 'exam' | 'contest' | 'sweep';
export type ExperimentMissing =
  'model' | 'data' | 'second' | 'unusable' | 'same' | 'arms' | 'values' | 'seeds' | 'numbers';

const usualArms: Record<'exam' | 'contest', Arm[]> = {
  exam: ['base', 'sft', 'grpo', 'grpo-d'],
  contest: ['base', 'sft', 'grpo', 'grpo-d', 'grpo-matched'],
};
const usualValues: Record<Swept, string> = {
  'reward-weight': listOf([0, 0.25, 0.5, 0.75, 1]),
  'kl-weight': listOf([0, 0.01, 0.1, 1, 10]),
};

/** Whether any training sample may be used: not all are tests or left out. */
export function trains({ train, excluded }: Pick<DatasetSummary, 'train' | 'excluded'>): boolean {
  return train > excluded.train;
}

/** Rewards and prompt template of a learning task, as `--task` sets them. */
function settingsOf(id: LearningTaskId | undefined): { rewards?: RewardSpec[]; promptTemplate?: string } {
  if (id === undefined) return {};
  const { rewards, promptTemplate } = LEARNING_TASKS[id];
  return { rewards: [...rewards], ...(promptTemplate === undefined ? {} : { promptTemplate }) };
}

export class ExperimentDraft {
  kind = $state<DraftKind>('exam');
  model = $state.raw<ModelSummary>();
  first = $state.raw<DatasetSummary>();
  second = $state.raw<DatasetSummary>();
  /** What the answers of each are; undefined = as the data say. A sweep's recipe decides that for itself. */
  firstLearns = $state<LearningTaskId>();
  secondLearns = $state<LearningTaskId>();
  arms = $state<Arm[]>([...usualArms.exam]);
  seedsText = $state(String(DEFAULT_SEED));
  swept = $state<Swept>('reward-weight');
  reward = $state('format');
  valuesText = $state(usualValues['reward-weight']);
  steps = $state(DEFAULT_STEPS);
  promptsPerStep = $state(DEFAULT_GRPO.promptsPerStep);
  numGenerations = $state(DEFAULT_GRPO.numGenerations);
  /** 0 = all. */
  trainSamples = $state(0);
  evalSamples = $state(DEFAULT_EVAL_SAMPLES);
  name = $state('');

  readonly seeds = $derived(numbersOf(this.seedsText));
  readonly values = $derived(numbersOf(this.valuesText));

  /** Total number of runs: everything that is trained, times the seeds. */
  readonly runs: number = $derived.by(() => {
    const seeds = this.seeds?.length ?? 0;
    const trained = this.arms.filter((arm) => arm !== 'base').length;
    if (this.kind === 'sweep') return (this.values?.length ?? 0) * seeds;
    return trained * seeds * (this.kind === 'exam' ? 2 : 1);
  });

  readonly missing: readonly ExperimentMissing[] = $derived.by(() => {
    const list: ExperimentMissing[] = [];
    if (this.model === undefined) list.push('model');
    if (this.first === undefined) list.push('data');
    if (this.kind === 'exam' && this.second === undefined) list.push('second');
    if (this.kind === 'exam' && this.first !== undefined && this.first.id === this.second?.id) list.push('same');
    const trained = [this.first, this.kind === 'exam' ? this.second : undefined];
    if (trained.some((dataset) => dataset !== undefined && !trains(dataset))) list.push('unusable');
    if (this.kind !== 'sweep' && !this.arms.some((arm) => arm !== 'base')) list.push('arms');
    if (this.kind === 'sweep' && (this.values?.length ?? 0) < 2) list.push('values');
    if (this.seeds === undefined) list.push('seeds');
    if (list.length === 0 && !ExperimentRequest.safeParse(this.#request()).success) list.push('numbers');
    return list;
  });

  chooseKind(kind: DraftKind): void {
    this.kind = kind;
    if (kind !== 'sweep') this.arms = [...usualArms[kind]];
  }

  /** Chooses what to sweep and fills in sensible values for it, unless you edited them. */
  chooseSwept(swept: Swept): void {
    const untouched = this.valuesText === usualValues[this.swept];
    this.swept = swept;
    if (untouched) this.valuesText = usualValues[swept];
  }

  /** A sweep over the given KL weights. */
  sweepKl(values: readonly number[]): void {
    this.chooseKind('sweep');
    this.swept = 'kl-weight';
    this.valuesText = listOf(values);
  }

  /** The short sweep that finds out which KL weights are worth trying; undefined while model or data are missing. */
  pilot(): ExperimentRequest | undefined {
    const { model, first } = this;
    if (model === undefined || first === undefined) return undefined;
    const { values, steps, klShareEvery } = PILOT;
    const few = this.trainSamples === 0 ? {} : { trainSamples: this.trainSamples };
    const { promptsPerStep, numGenerations } = this;
    return {
      kind: 'sweep',
      name: messages.exam.pilotName(first.name).slice(0, 200),
      modelId: model.id,
      recipe: {
        steps,
        klShareEvery,
        checkpointEvery: steps,
        evalSamples: Math.min(PILOT.evalSamples, Math.max(0, first.test - first.excluded.test)),
        grpo: { ...DEFAULT_GRPO, promptsPerStep, numGenerations },
      },
      task: { datasetId: first.id, ...few },
      vary: { kind: 'kl-weight', values: [...values] },
    };
  }

  toggleArm(arm: Arm): void {
    this.arms = this.arms.includes(arm) ? this.arms.filter((other) => other !== arm) : [...this.arms, arm];
  }

  /** The request for the studio, or undefined while something is missing. */
  request(): ExperimentRequest | undefined {
    return this.missing.length > 0 ? undefined : this.#request();
  }

  #defaultName(first: DatasetSummary, second: DatasetSummary | undefined): string {
    const names = this.kind === 'exam' && second !== undefined ? [first.name, second.name] : [first.name];
    return messages.exam.defaultName(messages.exam.kind[this.kind], names).slice(0, 200);
  }

  #request(): ExperimentRequest | undefined {
    const { model, first, second, seeds, values } = this;
    if (model === undefined || first === undefined || seeds === undefined) return undefined;
    const few = this.trainSamples === 0 ? {} : { trainSamples: this.trainSamples };
    const { promptsPerStep, numGenerations, steps, evalSamples } = this;
    const common = {
      modelId: model.id,
      seeds,
      recipe: { steps, evalSamples, grpo: { ...DEFAULT_GRPO, promptsPerStep, numGenerations } },
      name: this.name.trim() === '' ? this.#defaultName(first, second) : this.name.trim(),
    };
    const task = { datasetId: first.id, ...few };
    if (this.kind === 'contest')
      return { kind: 'contest', ...common, task: { ...task, ...settingsOf(this.firstLearns) }, arms: [...this.arms] };
    if (this.kind === 'exam') {
      if (second === undefined) return undefined;
      const other = { datasetId: second.id, ...few, ...settingsOf(this.secondLearns) };
      const tasks: [typeof task, typeof other] = [{ ...task, ...settingsOf(this.firstLearns) }, other];
      return { kind: 'exam', ...common, tasks, arms: [...this.arms] };
    }
    if (values === undefined) return undefined;
    const vary =
      this.swept === 'kl-weight' ? { kind: this.swept, values } : { kind: this.swept, reward: this.reward, values };
    return { kind: 'sweep', ...common, task, vary };
  }
}
