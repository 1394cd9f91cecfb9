/**
 * @file What keeps a recipe from running on the data it names, in words for people: the form shows each fault beside its
 * field, and the studio refuses the first.
 */
import type { Recipe } from '../contract/model/recipe.ts';

export interface RecipeFault {
  /** The path of the field, such as `grpo.promptsPerStep`. */
  field: string;
  message: string;
  remedy: string;
}

/** Samples that the run may use. */
export interface RecipeData {
  datasetName: string;
  trainSamples: number;
  testSamples: number;
}

export type CheckedRecipe = Pick<
  Recipe,
  | 'method'
  | 'grpo'
  | 'optimiser'
  | 'steps'
  | 'evalSamples'
  | 'evalEvery'
  | 'evalDuringSamples'
  | 'earlyStoppingPatience'
  | 'loadBestModelAtEnd'
  | 'klShareEvery'
  | 'trainSamples'
> &
  Partial<Pick<Recipe, 'adapter' | 'frozenWeights'>>;

/** Every fault of these numbers, in the order in which they should be put right. */
export function faultsOf(recipe: CheckedRecipe, data: RecipeData): RecipeFault[] {
  return [...faultsOfData(recipe, data), ...faultsOfHeldOut(recipe, data), ...faultsOfUpdate(recipe)];
}

function faultsOfData(
  { grpo, evalSamples, trainSamples: shots }: CheckedRecipe,
  { trainSamples, testSamples, datasetName }: RecipeData,
): RecipeFault[] {
  const faults: RecipeFault[] = [];
  if (shots !== undefined && shots > trainSamples) {
    faults.push({
      field: 'trainSamples',
      message: `The run is to learn from ${shots} samples, but "${datasetName}" has only ${trainSamples} to train on.`,
      remedy: 'Use at most so many, or leave the field out to use all of them.',
    });
  }
  const usable = Math.min(shots ?? trainSamples, trainSamples);
  if (grpo.promptsPerStep > usable) {
    faults.push({
      field: 'grpo.promptsPerStep',
      message: `Each step asks ${grpo.promptsPerStep} questions, but the run has only ${usable} to train on.`,
      remedy: `Use at most ${usable} questions per step.`,
    });
  }
  if (evalSamples > testSamples) {
    faults.push({
      field: 'evalSamples',
      message: `The evaluation asks for ${evalSamples} held-out samples, but "${datasetName}" has ${testSamples}.`,
      remedy: 'Use 0 for all of them.',
    });
  }
  return faults;
}

function faultsOfHeldOut(
  { evalEvery = 0, evalDuringSamples = 1, steps, earlyStoppingPatience, loadBestModelAtEnd }: CheckedRecipe,
  { testSamples, datasetName }: RecipeData,
): RecipeFault[] {
  if (evalEvery === 0) {
    const needing = earlyStoppingPatience !== undefined ? 'earlyStoppingPatience' : 'loadBestModelAtEnd';
    if (earlyStoppingPatience === undefined && loadBestModelAtEnd !== true) return [];
    return [
      {
        field: needing,
        message: 'Without looks at held-out samples during the run, nobody knows which step is best.',
        remedy: 'Set evalEvery to the number of steps between two looks, such as 20.',
      },
    ];
  }
  if (testSamples === 0) {
    return [
      {
        field: 'evalEvery',
        message: `"${datasetName}" has no test samples, so nothing can be looked at every ${evalEvery} steps.`,
        remedy: 'Use 0, or import the dataset with a share of test samples.',
      },
    ];
  }
  const faults: RecipeFault[] = [];
  if (evalEvery > steps) {
    faults.push({
      field: 'evalEvery',
      message: `The first look at held-out samples is due at step ${evalEvery}, but the run ends at step ${steps}.`,
      remedy: `Use at most ${steps}, or 0 for none.`,
    });
  }
  if (evalDuringSamples > testSamples) {
    faults.push({
      field: 'evalDuringSamples',
      message: `A look takes ${evalDuringSamples} held-out samples, but "${datasetName}" has ${testSamples}.`,
      remedy: `Use at most ${testSamples}.`,
    });
  }
  return faults;
}

/** Full fine-tuning has no weights that stay as they are. */
export function faultOfFrozenWeights({
  adapter,
  frozenWeights,
}: { [Key in 'adapter' | 'frozenWeights']?: Recipe[Key] | undefined }): RecipeFault | undefined {
  if (frozenWeights !== 'nf4' || adapter?.kind !== 'full') return undefined;
  return {
    field: 'frozenWeights',
    message: 'Full fine-tuning changes every weight of the language model, so none of them can be kept in 4 bits.',
    remedy: 'Train an adapter (LoRA), or leave frozenWeights out.',
  };
}

function faultsOfUpdate({
  grpo,
  method,
  optimiser,
  steps,
  klShareEvery = 0,
  adapter,
  frozenWeights,
}: CheckedRecipe): RecipeFault[] {
  const { promptsPerStep, gradientAccumulationSteps: parts = 1, minP = 0, numGenerations } = grpo;
  const rounded = faultOfFrozenWeights({ adapter, frozenWeights });
  const faults: RecipeFault[] = rounded === undefined ? [] : [rounded];
  if (klShareEvery > 0 && method === 'sft') {
    faults.push({
      field: 'klShareEvery',
      message: 'SFT has no KL term, so its share of the gradient cannot be measured.',
      remedy: 'Use 0, or leave the field out.',
    });
  } else if (klShareEvery > steps) {
    faults.push({
      field: 'klShareEvery',
      message: `The KL term is first measured at step ${klShareEvery}, but the run ends at step ${steps}.`,
      remedy: `Use at most ${steps}, or 0 for none.`,
    });
  }
  if (grpo.useBiasCorrectionKl === true && method === 'sft') {
    faults.push({
      field: 'grpo.useBiasCorrectionKl',
      message: 'SFT has no KL term, so there is none whose bias could be corrected.',
      remedy: 'Leave the field out, or choose another method.',
    });
  }
  if (promptsPerStep % parts !== 0) {
    const fitting = Array.from({ length: promptsPerStep }, (_, index) => index + 1).filter(
      (count) => promptsPerStep % count === 0,
    );
    faults.push({
      field: 'grpo.gradientAccumulationSteps',
      message: `${promptsPerStep} questions per step cannot be divided into ${parts} equal parts.`,
      remedy: `Use one of ${fitting.join(', ')}, or another number of questions.`,
    });
  }
  if (method !== 'sft' && minP >= 1) {
    faults.push({
      field: 'grpo.minP',
      message:
        'With a min-p of 1 only the most likely token is ever drawn: all answers of a group would be the same (greedy), and nothing could be compared.',
      remedy: 'Use a small share such as 0.05, or 0 for no limit.',
    });
  }
  if (method !== 'sft' && numGenerations < 2) {
    faults.push({
      field: 'grpo.numGenerations',
      message: 'A group of one answer has no advantage to learn from.',
      remedy: 'Use at least 2 answers per question; 8 is usual.',
    });
  }
  if (optimiser.warmupSteps >= steps) {
    faults.push({
      field: 'optimiser.warmupSteps',
      message: `The warm-up of ${optimiser.warmupSteps} steps would outlast the run of ${steps}: the full learning rate is never reached.`,
      remedy:
        steps > 1 ? `Use at most ${steps - 1} warm-up steps, or more steps.` : 'Use 0 warm-up steps, or more steps.',
    });
  }
  return faults;
}
