/** @file "Try several values" on the Train screen: the recipe with several values for one setting. */
import { ExperimentRequest, rewardKey } from '../../../../electron/contract/api/index.ts';
import { DEFAULT_SEED } from '../../../../electron/method/defaults.ts';
import { messages } from '../../messages/index.ts';
import { listOf, numbersOf } from '../../ui/form/typed-number.ts';
import type { RecipeDraft } from './recipe-draft.svelte.ts';

/** The setting that takes several values. */
export type Swept = 'reward-weight' | 'kl-weight';

export class SweepChoice {
  on = $state(false);
  swept = $state<Swept>('kl-weight');
  reward = $state('format');
  valuesText = $state(listOf([0, 0.02, 0.04, 0.08]));
  seedsText = $state(String(DEFAULT_SEED));
  readonly values = $derived(numbersOf(this.valuesText));
  readonly seeds = $derived(numbersOf(this.seedsText));
  readonly runs = $derived((this.values?.length ?? 0) * (this.seeds?.length ?? 0));

  /** The sweep for the studio; undefined while the recipe or the values are not ready. */
  request(draft: RecipeDraft): ExperimentRequest | undefined {
    const recipe = draft.request();
    const { values, seeds } = this;
    if (recipe === undefined || draft.method === 'sft' || values === undefined || seeds === undefined) return undefined;
    const { grpo, optimiser, adapter, rewards, steps, checkpointEvery, evalSamples, promptTemplate, detail } = recipe;
    const beta = draft.klSchedule.kind === 'constant' ? { beta: draft.klSchedule.beta } : {};
    const reward = rewards?.some((spec) => rewardKey(spec) === this.reward) === true ? this.reward : 'accuracy';
    const parsed = ExperimentRequest.safeParse({
      kind: 'sweep',
      modelId: recipe.modelId,
      name:
        recipe.name ?? messages.exam.defaultName(messages.exam.kind.sweep, [draft.dataset?.name ?? '']).slice(0, 200),
      seeds,
      recipe: {
        grpo,
        optimiser,
        adapter,
        rewards,
        steps,
        checkpointEvery,
        evalSamples,
        ...(promptTemplate === undefined ? {} : { promptTemplate }),
        ...(detail === undefined ? {} : { detail }),
      },
      task: {
        datasetId: recipe.datasetId,
        ...beta,
        ...(recipe.trainSamples === undefined ? {} : { trainSamples: recipe.trainSamples }),
      },
      vary: this.swept === 'kl-weight' ? { kind: this.swept, values } : { kind: this.swept, reward, values },
    });
    return parsed.success ? parsed.data : undefined;
  }
}
