/** @file What an evaluation asks, in each of its modes. */
import { join } from 'node:path';
import { DIRECT_PROMPT_TEMPLATE, STARTER_DIRECT_TEMPLATE } from '../../method/defaults.ts';
import type { EngineSample } from '../../contract/engine/engine.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import type { Sample } from '../../contract/model/datasets.ts';
import { ownWay } from '../../method/mixture.ts';
import { loadCatalogue } from '../../starter/catalogue.ts';
import type { StudioCore } from '../context.ts';
import { engineSamples } from '../datasets/engine-samples.ts';
import { absentQuestions, type Kind } from './absent.ts';
import { askedDatasets, type EvaluationPlan } from './plan.ts';
import { wordingsOf } from './wordings.ts';

/** One question for the engine, with the fields that the stored item records alongside the answer. */
export interface Question {
  asked: EngineSample;
  stored: Pick<EvaluationItem, 'question' | 'answer' | 'variant'>;
  /** Mode `sensitivity`: the wording; the same text for every sample that uses it. */
  wording?: string;
}

/** The template into which the questions are inserted. */
export function templateOf(plan: EvaluationPlan): string {
  if (plan.mode !== 'direct') return plan.promptTemplate;
  return plan.directTemplate ?? (plan.model.starter ? STARTER_DIRECT_TEMPLATE : DIRECT_PROMPT_TEMPLATE);
}

/**
 * The questions in the order in which they are asked. Opted-out images are skipped.
 * @throws AtelierError BAD_INPUT if the split is empty, or nothing is known to be absent from the pictures
 */
export async function questionsOf(
  studio: Pick<StudioCore, 'store' | 'resourcesDir'>,
  plan: EvaluationPlan,
): Promise<Question[]> {
  const samples: EngineSample[] = [];
  for (const id of askedDatasets(plan)) {
    const own = ownWay(plan.mixture?.find((part) => part.datasetId === id));
    // Direct answers have one template for all.
    if (plan.mode === 'direct') delete own.promptTemplate;
    const asked = await engineSamples(studio.store, id, plan.split, plan.limit, plan.asOf);
    for (const sample of asked) samples.push({ ...sample, ...own });
  }
  if (samples.length === 0) {
    throw new AtelierError(
      'BAD_INPUT',
      `The dataset has no samples in its ${plan.split} split, so nothing can be evaluated.`,
      {
        place: { field: 'split' },
        remedy: 'Import it again with a share of test samples, or evaluate the other split.',
      },
    );
  }
  if (plan.mode !== 'sensitivity' && plan.mode !== 'hallucination') {
    return samples.map((asked) => ({ asked, stored: {} }));
  }
  const known = new Map<string, Sample>();
  for (const id of askedDatasets(plan))
    for (const sample of await studio.store.datasets.allSamples(id, plan.split)) known.set(sample.id, sample);
  if (plan.mode === 'sensitivity') {
    return samples.flatMap((asked) => {
      const worded = wordingsOf(known.get(asked.id) ?? { prompt: asked.prompt, extra: {} }, plan.wordings);
      return worded.map(({ wording, question }, variant) => ({
        asked: { ...asked, prompt: question },
        stored: { question, variant },
        wording,
      }));
    });
  }
  return await absent(studio, samples, known);
}

async function absent(
  studio: Pick<StudioCore, 'store' | 'resourcesDir'>,
  samples: readonly EngineSample[],
  known: ReadonlyMap<string, Sample>,
): Promise<Question[]> {
  const kinds: Kind[] = await loadCatalogue(join(studio.resourcesDir, 'art')).then(
    (catalogue) => catalogue.kinds,
    () => [],
  );
  const described = samples.flatMap((asked) => known.get(asked.id) ?? []);
  const byId = new Map(samples.map((asked) => [asked.id, asked]));
  const questions = absentQuestions(described, kinds).flatMap(({ sample, question }): Question[] => {
    const asked = byId.get(sample.id);
    if (asked === undefined) return [];
    return [
      { asked: { ...asked, prompt: question, answer: '0', task: 'counting' }, stored: { question, answer: '0' } },
    ];
  });
  if (questions.length > 0) return questions;
  throw new AtelierError(
    'BAD_INPUT',
    'It is not known what these pictures do not show, so nothing can be asked about things that are not there.',
    {
      place: { field: 'mode' },
      remedy:
        'Import the data with a column "labels" that lists what is in each picture, or with questions whose right answer is 0.',
    },
  );
}
