/**
 * @file The reward bench: before a run, the model answers a few samples several times and the rewards score the
 * answers. The bench shows what a run would learn from and changes nothing.
 */
import type { z } from 'zod';
import type { EngineSample, SampledGroup } from '../../contract/engine/engine.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Progress } from '../../contract/model/primitives.ts';
import {
  accuracyParamsOf,
  rewardKey,
  type RewardBenchEvent,
  type RewardBenchReport,
  type RewardBenchRequest,
  type RewardSpec,
} from '../../contract/model/rewards.ts';
import { readCheckpointSettings } from '../../formats/checkpoint.ts';
import { wayOf } from '../../method/mixture.ts';
import { systemOf } from '../../method/prompt-template.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import { totalReward } from '../../rewards/registry.ts';
import { hasThought } from '../../rewards/thinking.ts';
import type { StudioContext } from '../context.ts';
import { spreadOver, usableSamples, withImages } from '../datasets/engine-samples.ts';
import { EventQueue } from '../engine-client/event-queue.ts';
import { checkRewardSpecs } from '../recipes/check-rewards.ts';
import {
  agreementOf,
  columnOf,
  isDeadGroup,
  meanOf,
  passAtK,
  passSizes,
  spreadOf,
  type ScoredGroups,
} from './bench-figures.ts';
import { faultsOfAnswers } from '../../rewards/answer-faults.ts';
import { probeItems, probeResults } from './probe.ts';
import { findingsOf, suggestWeights } from './suggest.ts';
import { limitFor } from '../models/detail.ts';
import { memoryLimitOf } from '../system/preferences.ts';
import { mustBeWhole } from '../runs/whole-checkpoint.ts';

/** References on which the probes are tried. */
const PROBED_REFERENCES = 8;

type BenchParts = Pick<StudioContext, 'home' | 'store' | 'engine' | 'trainer'>;
type Request = z.output<typeof RewardBenchRequest>;

/**
 * Streams progress and ends with the report. Nothing is stored.
 *
 * @throws AtelierError CONFLICT while a run trains here; BAD_INPUT if the rewards do not fit the data
 */
export async function benchRewards(
  studio: BenchParts,
  request: Request,
  signal?: AbortSignal,
): Promise<AsyncIterableIterator<RewardBenchEvent>> {
  const training = studio.trainer.activeRun();
  if (training !== null) {
    throw new AtelierError('CONFLICT', `The run ${training} is training, and the engine does one thing at a time.`, {
      remedy: 'Wait until it has ended, or stop it, and try the rewards then.',
    });
  }
  const plan = await planFor(studio, request);
  const stop = new AbortController();
  const queue = new EventQueue<RewardBenchEvent>(() => stop.abort());
  signal?.addEventListener('abort', () => stop.abort(), { once: true });
  const tell = (progress: Progress): void => queue.push({ type: 'progress', progress });
  void work(studio, request, plan, tell, stop.signal).then(
    (report) => {
      queue.push({ type: 'done', report });
      queue.end();
    },
    (error: unknown) =>
      queue.fail(stop.signal.aborted ? new AtelierError('CANCELLED', 'The reward bench was stopped.') : error),
  );
  return queue;
}

interface Plan {
  modelPath: string;
  adapterPath?: string;
  promptTemplate: string;
  systemPrompt?: string;
  samples: EngineSample[];
  maxPixels?: number;
  memoryLimitBytes?: number;
}

async function planFor(studio: BenchParts, request: Request): Promise<Plan> {
  const { store, home } = studio;
  const model = await store.models.get(request.modelId);
  const dataset = await store.datasets.get(request.datasetId);
  const all = await usableSamples(store, dataset.id, request.split);
  if (all.length === 0) {
    throw new AtelierError('BAD_INPUT', `The dataset "${dataset.name}" has no samples in its ${request.split} split.`, {
      place: { field: 'split' },
      remedy: 'Choose the other split.',
    });
  }
  checkRewardSpecs(request.rewards, { datasetName: dataset.name, answers: all });
  const samples = await withImages(store, spreadOver(all, request.samples));
  const base = { modelPath: model.path, samples, ...(await memoryLimitOf(home)) };
  const { detail } = request;
  if (request.runId === undefined) {
    const limit = await limitFor(studio, model.path, { detail, datasetId: dataset.id });
    const system = systemOf(request.systemPrompt ?? (await readCheckpointSettings(model.path)).systemPrompt);
    return { ...base, ...limit, ...system, promptTemplate: request.promptTemplate ?? model.promptTemplate };
  }
  const { recipe } = await store.runs.recipeOf(request.runId);
  const checkpoint = await store.runs.resultCheckpoint(request.runId);
  if (recipe.modelId !== model.id || checkpoint === null) {
    throw new AtelierError('BAD_INPUT', `The run ${request.runId} has no checkpoint on the model ${model.name}.`, {
      place: { field: 'runId' },
      remedy: "Choose the run's own model, and wait for its first checkpoint.",
    });
  }
  await mustBeWhole(checkpoint);
  const limit = await limitFor(studio, model.path, { detail, recipe });
  const promptTemplate = request.promptTemplate ?? wayOf(recipe, dataset.id).promptTemplate;
  const system = systemOf(request.systemPrompt ?? recipe.systemPrompt);
  return { ...base, ...limit, ...system, adapterPath: checkpoint.path, promptTemplate };
}

async function work(
  { engine }: BenchParts,
  request: Request,
  plan: Plan,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<RewardBenchReport> {
  const { rewards, numGenerations, temperature, topP, minP, maxCompletionLength: maxNewTokens, seed } = request;
  const drawing = { numGenerations, temperature, topP, minP, maxNewTokens, seed };
  const groups: SampledGroup[] = [];
  for await (const event of engine.sample({ ...plan, ...drawing }, signal)) {
    if (event.type === 'progress') tell(event.progress);
    else groups.push(...event.groups);
  }
  signal.throwIfAborted();
  tell({ phase: 'score', done: 0 });
  const items = groups.flatMap(({ completions }, index) => {
    const { answer, task } = at(plan.samples, index);
    return completions.map(({ text }) => ({ completion: text, answer, task }));
  });
  const probed = probeItems(rewards, plan.samples.slice(0, PROBED_REFERENCES));
  const scores = await engine.judge({ rewards, items: [...items, ...probed] }, signal);
  return makeReport(rewards, plan.samples, groups, scores.slice(0, items.length), scores.slice(items.length));
}

/** The report on scored answers; pure. `scores` are in the order of the groups' completions. */
export function makeReport(
  rewards: readonly RewardSpec[],
  samples: readonly EngineSample[],
  groups: readonly SampledGroup[],
  scores: readonly (readonly (number | null)[])[],
  probeScores: readonly (readonly (number | null)[])[],
): RewardBenchReport {
  const reading = accuracyParamsOf(rewards);
  let row = 0;
  const benched = groups.map(({ sampleId, completions }, index) => {
    const { prompt, answer, task } = at(samples, index);
    const judged = completions.map((completion) => {
      const own = [...(scores[row++] ?? [])];
      const { verdict } = gradeAnswer({ ...reading, completion: completion.text, answer, task });
      return { ...completion, verdict, scores: own, reward: totalReward(rewards, own) };
    });
    return { sampleId, prompt, answer, dead: isDeadGroup(judged.map(({ reward }) => reward)), completions: judged };
  });
  const scored: ScoredGroups = benched.map(({ completions }) => completions.map((completion) => completion.scores));
  const all = benched.flatMap(({ completions }) => completions);
  const probes = probeResults(rewards, probeScores);
  const figures = rewards.map((spec, index) => {
    const spread = spreadOf(columnOf(scored, index));
    return { key: rewardKey(spec), weight: spec.weight, ...spread, probes: probes[index] ?? [] };
  });
  const agreement = rewards.flatMap((first, a) =>
    rewards.slice(a + 1).map((second, offset) => ({
      a: rewardKey(first),
      b: rewardKey(second),
      correlation: agreementOf(scored, a, a + 1 + offset),
    })),
  );
  const suggestions = suggestWeights(rewards, figures, agreement);
  const { mean, groupStd, deadShare } = spreadOf(
    benched.map(({ completions }) => completions.map(({ reward }) => reward)),
  );
  const right = benched.map(({ completions }) => completions.map(({ verdict }) => verdict === 'correct'));
  const numGenerations = Math.min(...groups.map(({ completions }) => completions.length));
  const count = (verdict: string): number => all.filter((completion) => completion.verdict === verdict).length;
  const report = {
    samples: groups.length,
    numGenerations,
    rewards: figures.map((figure, index) => ({ ...figure, ...at(suggestions, index) })),
    total: { mean, groupStd, deadShare },
    agreement,
    passAt: passSizes(numGenerations).map((k) => ({ k, value: passAtK(right, k) })),
    verdicts: { correct: count('correct'), wrong: count('wrong'), unparsed: count('unparsed') },
    thinkRate: all.filter(({ text }) => hasThought(text)).length / all.length,
    truncatedRatio: all.filter(({ truncated }) => truncated).length / all.length,
    meanTokens: meanOf(all.map(({ tokens }) => tokens)) ?? 0,
    groups: benched,
  };
  const given = benched.flatMap(({ answer, completions }) =>
    completions.map(({ text }) => ({ completion: text, answer })),
  );
  const faults = faultsOfAnswers(given, reading).map(({ message }) => message);
  return { ...report, findings: [...findingsOf(report), ...faults] };
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`There is no item ${index}.`);
  return item;
}
