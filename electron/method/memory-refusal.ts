/**
 * @file Refuses work that does not fit into memory, in the same words and figures wherever that is noticed: on the page,
 * before a run, and in the engine. Pure.
 */
import type { MemoryPlan, SeenPicture } from '../contract/engine/memory.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import { bytes } from './byte-size.ts';

/** The estimate may be wrong by this share: work that exceeds the limit by less is tried. */
const TRIED_ABOVE = 0.15;

/** What is planned: a run, answers to many questions, or one question. */
export type PlannedWork = 'run' | 'answers' | 'question';

/** Whether a plan exceeds the limit by more than the estimate may be wrong. */
export function isRefused({ predictedBytes, limitBytes }: Pick<MemoryPlan, 'predictedBytes' | 'limitBytes'>): boolean {
  return predictedBytes > limitBytes * (1 + TRIED_ABOVE);
}

/** The error for a plan that is refused: the picture that needs the most, what it needs, what there is, what to do. */
export function memoryRefusal(plan: MemoryPlan, work: PlannedWork): AtelierError {
  const { largestPicture, fittingMaxPixels } = plan;
  const because = largestPicture === undefined ? '' : `, for pictures such as ${pictureWords(largestPicture)}`;
  const message = `${SUBJECT[work]} about ${bytes(plan.predictedBytes)} of memory${because}${mostOf(plan)}; ${bytes(plan.limitBytes)} are available.`;
  const remedy =
    fittingMaxPixels !== undefined
      ? `Lower the detail: with at most ${count(fittingMaxPixels)} pixels per picture (--detail ${String(fittingMaxPixels)}) it fits. Or close other programs.`
      : work === 'run'
        ? 'Use shorter or fewer answers per question or a smaller model, or close other programs.'
        : 'Use a smaller model or ask for fewer new tokens, or close other programs.';
  const field =
    fittingMaxPixels !== undefined ? 'detail' : work === 'run' ? 'grpo.maxCompletionLength' : 'maxNewTokens';
  return new AtelierError('BAD_INPUT', message, { place: { field }, remedy });
}

const SUBJECT: Record<PlannedWork, string> = {
  run: 'This run needs',
  answers: 'Answering these questions needs',
  question: 'This question needs',
};

/** `heron.jpg (4032 × 3024 pixels, 15,552 image tokens)` */
export function pictureWords({ name, width, height, tokens }: SeenPicture): string {
  return `${name} (${String(width)} × ${String(height)} pixels, ${count(tokens)} image tokens)`;
}

function mostOf({ parts }: MemoryPlan): string {
  const [largest] = [...parts].sort((a, b) => b.bytes - a.bytes);
  return largest === undefined ? '' : `, ${bytes(largest.bytes)} of it for ${PART_WORDS[largest.name]}`;
}

const PART_WORDS: Record<MemoryPlan['parts'][number]['name'], string> = {
  program: 'the engine itself',
  weights: "the model's weights",
  optimiser: 'the adapter and its optimiser',
  caches: 'the caches of the answers',
  images: 'the encoded images',
  work: 'intermediate results',
};

function count(value: number): string {
  return value.toLocaleString('en');
}
