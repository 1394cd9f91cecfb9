/** @file The attention job: where a model looked while it wrote an answer, in one more pass over prompt and answer. */
import type { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { AttentionJob } from '../../contract/engine/engine.ts';
import { MOST_ATTENDED_TOKENS, type Attention } from '../../contract/model/attention.ts';
import { fittingBatch } from '../memory/answer-memory.ts';
import { layerBands } from '../model/attention-weights.ts';
import type { OnLoad } from '../policy/load-meter.ts';
import { loadAdapter, loadModel, type LoadedModel } from '../policy/loaded-model.ts';
import { createPolicy } from '../policy/policy.ts';
import type { PreparedPrompt } from '../policy/processor.ts';
import { floats } from '../runtime/program.ts';
import { answerPass, answerPolicy, choicesOf } from './token-choices.ts';
import { cellsOfPictures, tokenAttention, type PictureCells } from './picture-cells.ts';

/** Values that are sent in all: a long answer about a large picture is told for its first tokens only. */
const MOST_VALUES = 2_000_000;

/**
 * @param tell gets the progress of loading the model
 * @throws AtelierError BAD_INPUT if there is no picture to look at, or the answer is empty
 */
export async function attention(
  job: z.output<typeof AttentionJob>,
  tell: OnLoad = () => undefined,
): Promise<Attention> {
  if (job.images.length === 0)
    throw new AtelierError('BAD_INPUT', 'The question has no picture, so there is nothing to look at.', {
      place: { field: 'images' },
      remedy: 'Ask about a picture.',
    });
  const model = await loadModel(job.model, job);
  const adapter = job.adapter === undefined ? null : await loadAdapter(job.adapter, model, job.partialAdapter);
  const { processor } = model;
  const upright = job.upright ?? true;
  const asked = { prompt: job.prompt, imagePaths: job.images, upright, systemPrompt: job.systemPrompt };
  const whole = 'tokenIds' in job.answer ? job.answer.tokenIds : await processor.tokenizer.encode(job.answer.text);
  checkIds(whole, model);
  const bands = layerBands(processor.config);
  const measured = await processor.measure(asked);
  const tokenIds = whole.slice(0, mostTokens(measured, model, bands.length + 1));
  const { length } = tokenIds;
  await fittingBatch({
    work: 'question',
    model,
    prompts: [measured],
    sources: [{ images: job.images.map((path, index) => ({ path, name: job.imageNames?.[index] })), upright }],
    most: 1,
    optionsFor: (limited, prompts) => answerPolicy(limited, adapter, prompts, length, job.alternatives, bands),
    measured: async (limited) => [await limited.measure(asked)],
    memoryLimitBytes: job.memoryLimitBytes,
  });
  const prompt = { ...measured, images: await processor.readImages(asked) };
  const policy = await createPolicy(answerPolicy(model, adapter, [prompt], length, job.alternatives, bands), tell);
  try {
    tell({ phase: 'answer', done: 0 });
    const result = await answerPass(policy, model, prompt, tokenIds);
    const weights = floats(result as Record<string, Float32Array>, 'attention');
    const { promptLength, completionLength } = policy.shape;
    const cells = cellsOfPictures(prompt, processor.config);
    const start = promptLength - prompt.inputIds.length;
    const rowOf = (band: number, token: number): Float32Array => {
      const at = (band * completionLength + token) * promptLength;
      return weights.subarray(at + start, at + promptLength);
    };
    const places = [...tokenIds.keys()];
    const layers = processor.config.numLayers;
    const weighted = bands.reduce((sum, { count }) => sum + count, 0);
    const overall = (token: number): Float32Array => {
      const mean = new Float32Array(prompt.inputIds.length);
      bands.forEach((band, index) => {
        const share = band.count / weighted;
        rowOf(index, token).forEach((value, place) => (mean[place] = (mean[place] ?? 0) + share * value));
      });
      return mean;
    };
    const told = (rowFor: (token: number) => Float32Array): Attention['bands'][number]['tokens'] =>
      places.map((token) => tokenAttention(rowFor(token), cells));
    return {
      layers,
      pictures: cells.map(({ rows, columns }) => ({ rows, columns })),
      bands: [
        { first: 1, last: layers, tokens: told(overall) },
        ...(bands.length === 1 ? [] : bands).map(({ first, last }, band) => ({
          first: first + 1,
          last: last + 1,
          tokens: told((token) => rowOf(band, token)),
        })),
      ],
      tokens: choicesOf(result, model, tokenIds),
      omitted: whole.length - length,
    };
  } finally {
    policy.dispose();
  }
}

function checkIds(ids: readonly number[], { processor: { config } }: LoadedModel): void {
  const unknown = ids.find((id) => id >= config.vocabSize);
  if (ids.length > 0 && unknown === undefined) return;
  const wrong = unknown === undefined ? 'has no tokens' : `has the token ${unknown}, which the model does not know`;
  throw new AtelierError('BAD_INPUT', `The answer ${wrong}.`, { place: { field: 'answer' } });
}

/** How many tokens of the answer fit in a message and in the model's context. */
function mostTokens(prompt: PreparedPrompt, { processor: { config } }: LoadedModel, bands: number): number {
  const cells = cellsOfPictures(prompt, config).reduce(
    (sum: number, each: PictureCells) => sum + each.rows * each.columns,
    0,
  );
  const room = config.maxPositionEmbeddings - prompt.inputIds.length;
  return Math.max(1, Math.min(MOST_ATTENDED_TOKENS, room, Math.floor(MOST_VALUES / Math.max(1, cells * bands))));
}
