/** @file Who gave a sample's answer: a person, or a model whose proposal a person confirmed or corrected. */
import type { Sample } from '../contract/model/datasets.ts';
import { AnswerOrigin } from '../contract/model/labels.ts';

/** The column that holds it, in a sample's other columns and in written tables. */
export const ANSWER_ORIGIN = 'answer_origin';

export type AnswerGiver = 'typed' | 'confirmed' | 'corrected';

/** What a sample's row says about its answer; null if it says nothing that can be read. Tables hold it as JSON. */
export function answerOriginOf({ extra }: Pick<Sample, 'extra'>): AnswerOrigin | null {
  const value = extra[ANSWER_ORIGIN];
  return AnswerOrigin.safeParse(typeof value === 'string' ? parsed(value) : value).data ?? null;
}

/** How the answer that a sample has now came about. An answer that was changed since is a person's. */
export function answerGiverOf(sample: Pick<Sample, 'extra' | 'answer'>): AnswerGiver | null {
  const origin = answerOriginOf(sample);
  if (origin === null) return null;
  if (origin.by === 'person') return 'typed';
  return origin.answer === sample.answer ? 'confirmed' : 'corrected';
}

export type AnswerCounts = {
  /** Answers that a person gave without a proposal. */
  typed: number;
  /** Answers that a model proposed and a person confirmed as they were. */
  confirmed: number;
  /** Answers that a person gave in place of a model's proposal. */
  corrected: number;
  /** Answers without a record, such as those of an imported table. */
  unrecorded: number;
  /** Who proposed, most proposals first. */
  proposers: { model: string; modelSha256: string; runId: string | null; runName: string | null; answers: number }[];
};

export function answerCounts(samples: Iterable<Pick<Sample, 'extra' | 'answer'>>): AnswerCounts {
  const counts: AnswerCounts = { typed: 0, confirmed: 0, corrected: 0, unrecorded: 0, proposers: [] };
  const proposers = new Map<string, AnswerCounts['proposers'][number]>();
  for (const sample of samples) {
    const giver = answerGiverOf(sample);
    counts[giver ?? 'unrecorded'] += 1;
    const origin = answerOriginOf(sample);
    if (origin?.by !== 'model') continue;
    const { model, modelSha256, runId, runName } = origin;
    const key = `${modelSha256} ${runId ?? ''}`;
    const known = proposers.get(key) ?? { model, modelSha256, runId, runName, answers: 0 };
    known.answers += 1;
    proposers.set(key, known);
  }
  counts.proposers = [...proposers.values()].sort((a, b) => b.answers - a.answers);
  return counts;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
