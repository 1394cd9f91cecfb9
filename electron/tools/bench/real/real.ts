/**
 * @file `npm run parity -- --real`: compares SmolLM2-135M's published weights in Atelier with transformers, and lets a short
 * supervised run and a short GRPO run learn on them.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrainJob, type EngineSample } from '../../../contract/engine/engine.ts';
import type { SampleId } from '../../../contract/model/primitives.ts';
import { GenerateRequest, ScoreRequest, type ScoreResult } from '../../../contract/model/models.ts';
import { resultOf } from '../../../contract/model/result-events.ts';
import type { Recipe } from '../../../contract/model/recipe.ts';
import type { StepMetrics } from '../../../contract/model/runs.ts';
import { createEngineService } from '../../../engine/service/service.ts';
import { DEFAULT_GRPO, DEFAULT_OPTIMISER, DIRECT_PROMPT_TEMPLATE } from '../../../method/defaults.ts';
import { ensureImages } from '../model-files.ts';
import { MODELS } from '../places.ts';
import { ensureRealModel, REAL_QUESTIONS, type RealModel, type RealPrecision } from './real-model.ts';

const TOKENS = 20;
/** Natural logarithms, absolute. */
const BOUND = { float32: 1e-3, bfloat16: 0.25 };
const LEARN = { sftSteps: 12, grpoSteps: 10, sftPrompts: 8, grpoPrompts: 4, group: 6 };

interface Reference {
  prompts: number[][];
  answers: Record<RealPrecision, ReferenceAnswer[]>;
}

interface ReferenceAnswer {
  text: string;
  ids: number[];
  logprobs: number[];
  /** Between the two likeliest tokens, at each position. */
  margins: number[];
  top: number[];
}

/** How one precision compares with transformers in float32 on the same weights. */
export interface RealComparison {
  questions: number;
  tokenIds: boolean;
  greedy: number;
  /** Where a greedy text differs: how far apart the reference's two likeliest tokens were, at most. */
  marginWhereDifferent: number;
  /** Largest absolute difference. */
  logprobs: number;
  logits: number;
  /** Pairs of equal logits among the five largest. */
  ties: number;
}

export interface RealLearning {
  steps: number;
  before: number;
  after: number;
}

export interface RealFigures {
  tokens: number;
  float32: RealComparison;
  bfloat16: RealComparison;
  sft: RealLearning;
  grpo: RealLearning & { firstKl: number; answersEachStep: number };
}

/** The figures and the bounds that they break; a sentence that says why if nothing could be measured. */
export async function measureReal(python: string): Promise<{ figures: RealFigures; broken: string[] } | string> {
  const model = await ensureRealModel(python);
  if (typeof model === 'string') return model;
  const reference = askReference(python, model);
  if (typeof reference === 'string') return reference;
  const float32 = await compared(model.folders.float32, reference.prompts, reference.answers.float32);
  const bfloat16 = await compared(model.folders.bfloat16, reference.prompts, reference.answers.bfloat16);
  const figures = { tokens: TOKENS, float32, bfloat16, ...(await learned(model.folders.bfloat16)) };
  return { figures, broken: brokenBounds(figures) };
}

export function brokenBounds({ float32, bfloat16, sft, grpo }: RealFigures): string[] {
  const holds: [string, boolean][] = [
    ['token ids', float32.tokenIds && bfloat16.tokenIds],
    ['greedy text in float32', float32.greedy === float32.questions],
    ['log-probs in float32', float32.logprobs <= BOUND.float32],
    ['log-probs in bfloat16', bfloat16.logprobs <= BOUND.bfloat16],
    ['greedy text in bfloat16', bfloat16.marginWhereDifferent <= BOUND.bfloat16],
    ['ties of logits', float32.ties + bfloat16.ties === 0],
    ['the first KL', grpo.firstKl === 0],
    ['supervised learning', sft.after < sft.before / 2],
    ['learning by reward', grpo.after > grpo.before],
  ];
  return holds.filter(([, held]) => !held).map(([name]) => `SmolLM2-135M: ${name}`);
}

function askReference(python: string, { gguf, folders }: RealModel): Reference | string {
  const script = join(import.meta.dirname, 'reference.py');
  const found = spawnSync(python, [script, gguf, folders.bfloat16, String(TOKENS)], {
    input: JSON.stringify(REAL_QUESTIONS),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_VERBOSITY: 'error' },
  });
  if (found.status === 0) return JSON.parse(found.stdout) as Reference;
  return `transformers could not run: ${(found.error?.message ?? found.stderr).trim().split('\n').at(-1) ?? ''}`;
}

async function compared(
  folder: string,
  prompts: readonly (readonly number[])[],
  answers: readonly ReferenceAnswer[],
): Promise<RealComparison> {
  const service = createEngineService();
  const result: RealComparison = {
    questions: REAL_QUESTIONS.length,
    tokenIds: true,
    greedy: 0,
    marginWhereDifferent: 0,
    logprobs: 0,
    logits: 0,
    ties: 0,
  };
  for (const [index, prompt] of REAL_QUESTIONS.entries()) {
    const answer = answers[index]!;
    const request = GenerateRequest.parse({ model: folder, prompt, maxNewTokens: TOKENS });
    const { tokenIds, promptIds } = await resultOf(service.generate(request));
    result.tokenIds &&= promptIds.join() === prompts[index]!.join();
    const differs = answer.ids.findIndex((id, at) => tokenIds[at] !== id);
    if (differs === -1) result.greedy += 1;
    else result.marginWhereDifferent = Math.max(result.marginWhereDifferent, answer.margins[differs]!);
  }
  const items = REAL_QUESTIONS.map((prompt, index) => ({ prompt, images: [], completion: answers[index]!.text }));
  const scores: ScoreResult[] = await resultOf(service.score(ScoreRequest.parse({ model: folder, items })));
  for (const [index, { logprobs, completionIds, topLogits }] of scores.entries()) {
    const answer = answers[index]!;
    // An end token is no part of the text.
    result.tokenIds &&= completionIds.every((id, at) => id === answer.ids[at]);
    logprobs.forEach((value, at) => {
      result.logprobs = Math.max(result.logprobs, Math.abs(value - answer.logprobs[at]!));
    });
    topLogits.forEach(({ logit }, at) => {
      result.logits = Math.max(result.logits, Math.abs(logit - answer.top[at]!));
      if (logit === topLogits[at + 1]?.logit) result.ties += 1;
    });
  }
  return result;
}

/** SFT teaches sums of small numbers in tags. GRPO teaches the model to answer the same questions briefly. */
export async function learned(folder: string): Promise<Pick<RealFigures, 'sft' | 'grpo'>> {
  const root = await mkdtemp(join(tmpdir(), 'atelier-real-'));
  try {
    const [imagePath = ''] = await ensureImages(56, 1, MODELS);
    const samples = Array.from({ length: 48 }, (_, index): EngineSample => {
      const [red, blue] = [1 + ((index * 7) % 9), 1 + ((index * 5) % 8)];
      return {
        id: `s-${String(index)}` as SampleId,
        imagePath,
        prompt: `A box holds ${String(red)} red and ${String(blue)} blue balls. How many balls are in the box?`,
        answer: String(red + blue),
        task: 'counting',
      };
    });
    const { sftSteps, grpoSteps, sftPrompts, grpoPrompts, group } = LEARN;
    const run = (method: 'sft' | 'grpo', recipe: Partial<Recipe>): Promise<StepMetrics[]> =>
      trained(
        TrainJob.parse({
          runId: method,
          modelPath: folder,
          checkpointRoot: join(root, method),
          samples,
          recipe: { ...SHARED, name: method, method, ...recipe },
        }),
      );
    const sft = await run('sft', {
      steps: sftSteps,
      grpo: { ...DEFAULT_GRPO, promptsPerStep: sftPrompts, maxCompletionLength: 16 },
    });
    const grpo = await run('grpo', {
      steps: grpoSteps,
      promptTemplate: '{question}',
      rewards: [{ name: 'length', weight: 1, params: { of: 'completion', min: 1, max: 10, falloff: 70 } }],
      grpo: { ...DEFAULT_GRPO, promptsPerStep: grpoPrompts, numGenerations: group, maxCompletionLength: 16 },
    });
    return {
      sft: { steps: sftSteps, before: sft[0]?.loss ?? NaN, after: sft.at(-1)?.loss ?? NaN },
      grpo: {
        steps: grpoSteps,
        before: meanReward(grpo.slice(0, 3)),
        after: meanReward(grpo.slice(-3)),
        firstKl: grpo[0]?.kl ?? NaN,
        answersEachStep: grpoPrompts * group,
      },
    };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const SHARED = {
  modelId: 'm',
  modelSha256: 'a'.repeat(64),
  datasetId: 'd',
  datasetSha256: 'b'.repeat(64),
  promptTemplate: DIRECT_PROMPT_TEMPLATE,
  adapter: { kind: 'lora', r: 8, loraAlpha: 16, targetModules: ['q_proj', 'v_proj', 'o_proj'] },
  rewards: [{ name: 'accuracy', weight: 1 }],
  klSchedule: { kind: 'constant', beta: 0.04 },
  optimiser: { ...DEFAULT_OPTIMISER, learningRate: 1e-3, warmupSteps: 0 },
  seed: 3,
  checkpointEvery: 1000,
  evalSamples: 0,
};

async function trained(job: TrainJob): Promise<StepMetrics[]> {
  const steps: StepMetrics[] = [];
  for await (const event of createEngineService().train(job)) {
    if (event.type !== 'step') continue;
    steps.push(event.metrics);
    const { step, loss, reward } = event.metrics;
    console.error(`${job.runId} ${String(step)}: loss ${loss.toFixed(4)}, reward ${reward?.toFixed(3) ?? '–'}`);
  }
  return steps;
}

function meanReward(steps: readonly StepMetrics[]): number {
  return steps.reduce((sum, { reward }) => sum + (reward ?? 0), 0) / steps.length;
}
