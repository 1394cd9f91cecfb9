/**
 * @file `tsx compare-step.ts JOB OUT`: computes one step that TRL took in a job folder (golden_step.py) with Atelier's
 * engine, and compares prompts, advantages, reference log-probs, loss, KL, norm and gradients; of a supervised step
 * prompts, targets, loss, norm and gradients. Exit status 1 if anything differs by more than 1e-4 of its largest value; a loss, by more than 1e-5 of its terms (loss-terms.ts).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { EngineSample } from '../../contract/engine/engine.ts';
import { SampleId } from '../../contract/model/primitives.ts';
import { Recipe } from '../../contract/model/recipe.ts';
import { ownWay, recordedWeights } from '../../method/mixture.ts';
import { isSeen } from '../model/lora.ts';
import { loadAdapter } from '../policy/loaded-model.ts';
import { createPolicy } from '../policy/policy.ts';
import { ensureFeatures, withPixels } from '../policy/prepare-samples.ts';
import { prepareTraining } from '../trainer/setup.ts';
import { trainingPolicyOptions, type TrainingCalls } from '../trainer/training-policy.ts';
import { completionFeeds } from '../training/batch.ts';
import { computeAdvantages } from '../training/grpo/advantages.ts';
import { stepSampler } from '../training/mixture.ts';
import { scoreEntry } from '../training/policy-program.ts';
import { adamState } from '../training/update/adamw.ts';
import { callOf } from '../training/update/calls.ts';
import { rowWeights } from '../training/update/loss.ts';
import { completionLogprobs, runUpdate, type Scoring, type UpdateSums } from '../training/update/update-step.ts';
import { compareLosses, lossTerms } from './loss-terms.ts';

const TOLERANCE = 1e-4;
/** The optimiser's first running mean is then half of the gradient. */
const HALF = 0.5;

const Golden = z.object({
  step: z.int(),
  samples: z.array(EngineSample),
  /** All samples of the job, in the order of its file, with their places in a mixture. */
  drawnFrom: z.array(z.object({ id: SampleId, part: z.int() })),
  promptIds: z.array(z.array(z.int())),
  completionIds: z.array(z.array(z.int())),
  /** Of a step of GRPO. */
  scores: z.array(z.array(z.number().nullable())).default([]),
  advantages: z.array(z.number()).default([]),
  refLogprobs: z.array(z.array(z.number())).default([]),
});
const Logged = z.object({
  step: z.int(),
  loss: z.number(),
  kl: z.number().nullable(),
  beta: z.number().nullable(),
  gradNorm: z.number(),
});

const [job = '', out = ''] = process.argv.slice(2);
const golden = Golden.parse(JSON.parse(readFileSync(join(out, 'golden.json'), 'utf8')));
const logged = readFileSync(join(out, 'results', 'metrics.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => Logged.parse(JSON.parse(line)))
  .find(({ step }) => step === golden.step);
if (logged === undefined) throw new Error(`The job has no step ${golden.step}.`);
const asked = Recipe.parse((parse(readFileSync(join(job, 'recipe.yaml'), 'utf8')) as { recipe: unknown }).recipe);
const recipe: Recipe = { ...asked, optimiser: { ...asked.optimiser, adamBeta1: HALF } };

const samples = golden.samples.map((sample) => ({ ...sample, ...ownWay(recipe.mixture?.[sample.part ?? 0]) }));
const setup = await prepareTraining(
  { recipe, modelPath: join(job, 'model'), samples },
  { attribution: null, evaluates: false },
);
const before = `step-${String(golden.step - 1).padStart(6, '0')}`;
const adapter = await loadAdapter(join(out, 'results', 'checkpoints', before), setup.model);
const trainable = Object.keys(adapter.shapes);
const { options, shape } = trainingPolicyOptions(
  { ...setup, adapter, trainable },
  { microBatchPrompts: recipe.grpo.promptsPerStep, byLayer: false },
);
type Calls = TrainingCalls & { own: Scoring };
const policy = await createPolicy<Calls>({
  ...options,
  calls: (state) => {
    const calls = options.calls?.(state);
    if (calls === undefined) throw new Error('A training policy has calls.');
    const own = scoreEntry(state, shape, recipe.grpo.temperature, 'policy');
    return {
      ...calls,
      own: { size: shape.batch, logprobs: callOf(own) },
      entries: { ...calls.entries, own },
    };
  },
});
// With an adapter on merger or tower, the pixels are encoded anew in every update.
const pixels = trainable.some(isSeen);
const prompts = pixels ? await withPixels(setup.prompts) : setup.prompts;
if (!pixels) await ensureFeatures(policy, prompts);
const { program, calls } = policy;
const { config, padId } = setup.model.processor;
const tools = { program, shape, config, padId, pixels, calls: calls.update };

const length = shape.completionLength;
const completions = completionFeeds(golden.completionIds, prompts, shape.groupSize, length, config, padId);
const step = { prompts, feeds: await policy.feeds(prompts) };
const still = { learningRate: Float32Array.of(0), correction1: Float32Array.of(1), correction2: Float32Array.of(1) };
const all = prompts.map((_, index) => index);

let isEqual = true;
function compare(what: string, ours: ArrayLike<number>, theirs: ArrayLike<number>): void {
  const size = Array.from(theirs).reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
  const differences = Array.from(theirs, (value, index) => Math.abs(value - (ours[index] ?? NaN)));
  const farthest = differences.reduce((most, value) => (value <= most ? most : value), 0) / size;
  const holds = ours.length === theirs.length && farthest <= TOLERANCE;
  report(holds, `${what}: differs by ${farthest.toExponential(1)} of ${size.toPrecision(4)}`);
}

function report(holds: boolean, text: string): void {
  isEqual &&= holds;
  process.stdout.write(`${holds ? '✓' : '✗'} ${text}\n`);
}

const { mixture, seed, grpo } = recipe;
const chosen = stepSampler(
  { seed, promptsPerStep: grpo.promptsPerStep, mixture },
  golden.drawnFrom.map(({ part }) => part),
)(golden.step);
compare(
  'places of the samples drawn',
  chosen,
  golden.samples.map(({ id }) => golden.drawnFrom.findIndex((each) => each.id === id)),
);
const isSupervised = recipe.method === 'sft';
const groups = golden.promptIds.filter((_, row) => row % shape.groupSize === 0);
compare(
  'prompt ids',
  prompts.flatMap(({ inputIds }) => inputIds),
  groups.flat(),
);
/** `terms`: the sum of the loss's terms without their signs. */
type Found = UpdateSums & { terms: number };
const sums = isSupervised ? await supervisedStep() : await policyStep(logged.beta ?? NaN, logged.kl ?? NaN);
const { share, holds } = compareLosses(sums.loss, logged.loss, sums.terms);
report(
  holds,
  `loss: ${logged.loss.toPrecision(4)} differs by ${share.toExponential(1)} of its terms, ${sums.terms.toPrecision(4)}`,
);
compare('norm of the gradient', [sums.gradNorm], [logged.gradNorm]);

async function supervisedStep(): Promise<Found> {
  compare('target ids', setup.targets.flat(), golden.completionIds.flat());
  const rows = { ...completions, rowWeights: rowWeights('sft', completions.mask, length) };
  const found = await runUpdate(tools, { ...step, rows }, all, still);
  // All terms have one sign.
  return { ...found, terms: Math.abs(found.loss) };
}

async function policyStep(beta: number, kl: number): Promise<Found> {
  const byPart = recordedWeights(recipe);
  const { advantages } = computeAdvantages(
    golden.scores,
    golden.scores.map((_, row) => byPart[samples[Math.floor(row / shape.groupSize)]?.part ?? 0] ?? []),
    shape.groupSize,
    recipe.grpo.scaleRewards,
  );
  // TRL's ratio is exactly 1 in the first update of a batch, and so it is here.
  const oldLogprobs = await completionLogprobs({ ...tools, pixels: false }, calls.own, { ...step, rows: completions });
  const { reference } = calls.update;
  const refLogprobs =
    reference === null ? oldLogprobs : await completionLogprobs(tools, reference, { ...step, rows: completions });
  const rows = {
    ...completions,
    rowWeights: rowWeights(recipe.grpo, completions.mask, length),
    oldLogprobs,
    refLogprobs,
    advantages: Float32Array.from(advantages),
  };
  const found = await runUpdate(tools, { ...step, rows }, all, { ...still, beta: Float32Array.of(beta) });
  compare('advantages', advantages, golden.advantages);
  compare(
    'reference log-probs',
    golden.refLogprobs.flatMap((row, index) => [...refLogprobs.subarray(index * length, index * length + row.length)]),
    golden.refLogprobs.flat(),
  );
  const tokens = completions.mask.reduce((sum, value) => sum + value, 0);
  compare('KL', [found.kl / tokens], [kl]);
  return { ...found, terms: lossTerms(rows, beta) };
}

const expected = await loadAdapter(join(out, 'gradients'), setup.model);
const means = await program.get(trainable.map((name) => adamState(name).mean));
const clip = Math.min(1, recipe.optimiser.maxGradNorm / (sums.gradNorm + 1e-6));
const gradients = { ours: [] as number[], theirs: [] as number[] };
for (const name of trainable) {
  for (const value of means[adamState(name).mean] ?? []) gradients.ours.push(value / HALF / clip);
  for (const value of expected.values[name] ?? []) gradients.theirs.push(value);
}
compare(`gradients of ${trainable.length} tensors`, gradients.ours, gradients.theirs);
policy.dispose();
process.exit(isEqual ? 0 : 1);
