/** @file The balance of a dataset: what it over-represents, and what a model could guess without looking. */
import type {
  AnswerPrior,
  BalanceReport,
  BlindBaseline,
  DatasetId,
  Sample,
  Task,
} from '../../../contract/api/index.ts';
import { FOLDS, blindBaseline } from '../../../method/blind-baseline.ts';
import { spreadOf } from '../../../method/balance.ts';
import type { Store } from '../../../store/connection/open.ts';
import { usableSamples } from '../engine-samples.ts';
import { wilson } from '../../../method/statistics.ts';
import { dimensionsOf, roundly } from './balance-dimensions.ts';

const METHOD = `Naive Bayes over the words and pairs of words of the question, ${FOLDS}-fold cross-validated on the training samples; answers are compared as written.`;
/** An alarming share of answers that a model can get right without looking. */
const HIGH = 0.5;
/** Which questions a figure is about, after a verb; the task `other` says nothing to a person. */
const ON_TASK: Record<Task, string> = {
  counting: ' to counting questions',
  geometry: ' to geometry questions',
  other: '',
};
/** How far guessing from the words must beat the most frequent answer to be worth a warning. */
const MARGIN = 0.1;

/** @throws AtelierError NOT_FOUND if there is no such dataset */
export async function balanceOf(store: Pick<Store, 'datasets'>, datasetId: DatasetId): Promise<BalanceReport> {
  await store.datasets.get(datasetId);
  const used = await usableSamples(store, datasetId);
  const train = used.filter(({ split }) => split === 'train');
  const test = used.filter(({ split }) => split === 'test');
  const dimensions = dimensionsOf(train);
  const tasks = [...new Set(train.map(({ task }) => task))].sort();
  const priors = tasks.flatMap((task) => priorOf(task, train, test) ?? []);
  const blind = tasks.flatMap((task) => blindOf(task, train) ?? []);
  return {
    datasetId,
    train: train.length,
    test: test.length,
    dimensions,
    priors,
    blind,
    warnings: [
      ...dimensions.filter(({ level }) => level === 'warning').map(({ sentence }) => sentence),
      ...blind.filter(({ level }) => level === 'warning').map(({ sentence }) => sentence),
    ],
  };
}

/** The most frequent training answer, measured on the held-out samples if there are any. */
function priorOf(task: Task, train: readonly Sample[], test: readonly Sample[]): AnswerPrior | null {
  const own = train.filter((sample) => sample.task === task);
  const answer = spreadOf(own.map((sample) => [sample.answer.trim()])).values[0]?.value;
  if (answer === undefined || answer === null) return null;
  const heldOut = test.filter((sample) => sample.task === task);
  const asked = heldOut.length > 0 ? heldOut : own;
  const right = asked.filter((sample) => sample.answer.trim() === answer).length;
  return {
    task,
    answer,
    accuracy: wilson(right, asked.length),
    measuredOn: heldOut.length > 0 ? 'test' : 'train',
  };
}

function blindOf(task: Task, train: readonly Sample[]): BlindBaseline | null {
  const { n, correct, priorCorrect } = blindBaseline(train.filter((sample) => sample.task === task));
  if (n === 0) return null;
  const accuracy = wilson(correct, n);
  const prior = wilson(priorCorrect, n);
  const gains = accuracy.low > prior.value;
  const level =
    accuracy.value >= HIGH || (gains && accuracy.value > prior.value + MARGIN) ? 'warning' : gains ? 'notice' : 'fine';
  const range = `${roundly(accuracy.low)} to ${roundly(accuracy.high)}`;
  return {
    task,
    accuracy,
    prior,
    method: METHOD,
    level,
    sentence:
      `Without looking at an image, the words of the question alone give ${roundly(accuracy.value)} of the right answers ` +
      `(${range})${ON_TASK[task]}; always giving the most frequent answer gives ${roundly(prior.value)}.`,
  };
}
