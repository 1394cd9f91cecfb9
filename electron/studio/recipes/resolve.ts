/** @file Turns a request into a complete recipe and refuses recipes that contradict themselves. */
import type { z } from 'zod';
import {
  DEFAULT_ADAPTER,
  DEFAULT_CHECKPOINT_EVERY,
  DEFAULT_DETAIL,
  DEFAULT_EVAL_DURING_SAMPLES,
  DEFAULT_EVAL_EVERY,
  DEFAULT_EVAL_SAMPLES,
  DEFAULT_GRPO,
  DEFAULT_KL_SHARE_EVERY,
  DEFAULT_OPTIMISER,
  DEFAULT_REWARDS,
  DEFAULT_SEED,
  DEFAULT_STEPS,
  defaultScheduleFor,
} from '../../method/defaults.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { issueWords } from '../../contract/errors/issue-words.ts';
import type { Detail, PixelLimits } from '../../contract/model/detail.ts';
import type { Task } from '../../contract/model/primitives.ts';
import type { KlSchedule, Method, MixturePart, StartAdapter, StartFrom } from '../../contract/model/recipe.ts';
import { Recipe } from '../../contract/model/recipe.ts';
import type { RunRequest } from '../../contract/model/runs.ts';
import { plainAdapter } from '../../method/adapter-parts.ts';
import { maxPixelsOf } from '../../method/detail.ts';
import { needsReference } from '../../method/kl-curve.ts';
import { systemOf } from '../../method/prompt-template.ts';
import { faultsOf } from '../../method/recipe-faults.ts';
import { rewardVersion } from '../../rewards/registry.ts';
import { canonicalJson, sha256Hex } from '../../store/connection/canonical.ts';
import { checkRewardSpecs } from './check-rewards.ts';

/** A request after the contract's schema has filled in its defaults. */
export type ParsedRunRequest = z.output<typeof RunRequest>;

/** What the studio knows about the model and the data that a request names. */
export type RecipeContext = {
  modelSha256: string;
  modelPromptTemplate: string;
  /** What the model's folder recommends; null or absent = nothing. */
  modelSystemPrompt?: string | null;
  /** The checkpoint that the run begins with; absent = a new adapter. */
  startFrom?: StartFrom;
  startAdapter?: StartAdapter;
  /** The adapter that the run begins with was trained on frozen weights in 4 bits. */
  startsOnRounded?: boolean;
  /** Maximum number of positions (image and text tokens together) that the model can read; null = unknown. */
  maxPositions: number | null;
  /** All datasets of a mixture, completed, the first one first; absent = there is one. */
  mixture?: readonly MixturePart[];
  /** Of a mixture, the names of all. */
  datasetName: string;
  /** Hash over the samples that the run may use. */
  datasetSha256: string;
  trainSamples: number;
  /** Training images that are left out because they opted out, and those that wait for a decision. */
  leftOut?: { optedOut: number; undecided: number };
  testSamples: number;
  /** What the model's image processor takes. */
  pixelLimits: PixelLimits;
  /** How much of each picture the dataset asks for; null = the default. */
  datasetDetail: Detail | null;
  /** Reference answers of the training samples; absent = not checked. */
  answers?: readonly { answer: string; task: Task; datasetId?: string }[];
};

/** Fields that recipes of earlier versions did not have; a new recipe always sets them. */
const OPTIONAL_GRPO = {
  minP: DEFAULT_GRPO.minP ?? 0,
  gradientAccumulationSteps: DEFAULT_GRPO.gradientAccumulationSteps ?? 1,
  useBiasCorrectionKl: DEFAULT_GRPO.useBiasCorrectionKl ?? false,
};

const METHOD_NAMES: Record<Method, string> = { sft: 'SFT', grpo: 'GRPO', 'grpo-d': 'GRPO-D' };

/** An SFT run has no reference model: its KL weight is 0, and the recipe says so. */
const NO_KL: KlSchedule = { kind: 'constant', beta: 0 };

/**
 * Fills in every field that the request leaves open and checks the result.
 *
 * @throws AtelierError BAD_INPUT naming the field and the remedy.
 */
export function resolveRecipe(request: ParsedRunRequest, context: RecipeContext): Recipe {
  const { method } = request;
  const steps = request.steps ?? DEFAULT_STEPS;
  const klSchedule = request.klSchedule ?? (method === 'sft' ? NO_KL : defaultScheduleFor(method));
  const recipe: Recipe = {
    name: request.name ?? `${context.datasetName} · ${METHOD_NAMES[method]}`.slice(-200),
    modelId: request.modelId,
    modelSha256: context.modelSha256,
    datasetId: request.datasetId,
    datasetSha256: context.datasetSha256,
    ...(context.mixture === undefined ? {} : { mixture: context.mixture.map(withVersions) }),
    ...(request.trainSamples === undefined ? {} : { trainSamples: request.trainSamples }),
    method,
    promptTemplate: request.promptTemplate ?? context.modelPromptTemplate,
    ...systemOf(request.systemPrompt ?? context.modelSystemPrompt),
    adapter: plainAdapter(request.adapter ?? DEFAULT_ADAPTER),
    ...frozenWeightsOf(request, context),
    ...(context.startFrom === undefined ? {} : { startFrom: context.startFrom }),
    ...(context.startAdapter === undefined ? {} : { startAdapter: context.startAdapter }),
    // The version of the scoring code is part of what defines the run.
    rewards: (request.rewards ?? DEFAULT_REWARDS).map((spec) => ({ ...spec, version: rewardVersion(spec) })),
    grpo:
      request.grpo === undefined
        ? fitToDataset(Math.min(context.trainSamples, request.trainSamples ?? Infinity))
        : { ...OPTIONAL_GRPO, ...request.grpo },
    klSchedule,
    klShareEvery:
      request.klShareEvery ??
      (method !== 'sft' && needsReference(klSchedule) ? Math.min(DEFAULT_KL_SHARE_EVERY, steps) : 0),
    // A default must never make a short run contradict itself.
    optimiser: request.optimiser ?? {
      ...DEFAULT_OPTIMISER,
      warmupSteps: Math.min(DEFAULT_OPTIMISER.warmupSteps, steps - 1),
    },
    steps,
    seed: request.seed ?? DEFAULT_SEED,
    checkpointEvery: request.checkpointEvery ?? DEFAULT_CHECKPOINT_EVERY,
    maxPixels: maxPixelsOf(detailAsked(request, context), context.pixelLimits),
    ...(request.attribution === undefined ? {} : { attribution: request.attribution }),
    evalSamples: request.evalSamples ?? DEFAULT_EVAL_SAMPLES,
    evalEvery: request.evalEvery ?? DEFAULT_EVAL_EVERY,
    ...(request.earlyStoppingPatience === undefined ? {} : { earlyStoppingPatience: request.earlyStoppingPatience }),
    ...(request.loadBestModelAtEnd === undefined ? {} : { loadBestModelAtEnd: request.loadBestModelAtEnd }),
    evalDuringSamples:
      request.evalDuringSamples ?? Math.max(1, Math.min(DEFAULT_EVAL_DURING_SAMPLES, context.testSamples)),
  };
  checkRecipe(recipe, context);
  return structuredClone(recipe);
}

/**
 * An adapter goes on as it was trained, unless the request says otherwise. Only what differs from the usual is said, so that a
 * recipe has one hash.
 */
function frozenWeightsOf(
  { frozenWeights }: ParsedRunRequest,
  { startsOnRounded = false }: RecipeContext,
): Pick<Recipe, 'frozenWeights'> {
  if (startsOnRounded) return { frozenWeights: frozenWeights ?? 'nf4' };
  return frozenWeights === 'nf4' ? { frozenWeights } : {};
}

/** The version of the scoring code is part of what defines the run. */
function withVersions({ rewards, ...part }: MixturePart): MixturePart {
  if (rewards === undefined) return part;
  return { ...part, rewards: rewards.map((spec) => ({ ...spec, version: rewardVersion(spec) })) };
}

/** The request's own detail, else the dataset's, else the default. */
function detailAsked({ detail, maxPixels }: ParsedRunRequest, { datasetDetail }: RecipeContext): Detail {
  if (detail !== undefined && maxPixels !== undefined && detail !== maxPixels) {
    refuse(
      'detail',
      `The detail is set twice: to ${detail} and, as maxPixels, to ${maxPixels}.`,
      'Leave one of the two out.',
    );
  }
  return detail ?? maxPixels ?? datasetDetail ?? DEFAULT_DETAIL;
}

/**
 * Refuses a recipe that cannot be run, or that would not do what it says. Changes and starts nothing.
 *
 * @throws AtelierError BAD_INPUT; `place.field` is the path of the field, such as `grpo.numGenerations`.
 */
export function checkRecipe(recipe: Recipe, context: RecipeContext): void {
  const parsed = Recipe.safeParse(recipe);
  if (!parsed.success) {
    const { field, wrong, remedy } = issueWords(parsed.error.issues[0] ?? { message: 'it is not a recipe' });
    refuse(field, `The recipe's ${field || 'form'} ${wrong}.`, remedy);
  }
  checkData(recipe, context);
  if (recipe.maxPixels !== undefined) maxPixelsOf(recipe.maxPixels, context.pixelLimits);
  const [fault] = faultsOf(recipe, context);
  if (fault !== undefined) refuse(fault.field, fault.message, fault.remedy);
  checkSchedule(recipe);
  // Supervised fine-tuning learns from the answers themselves; its rewards only define what is monitored.
  if (recipe.method !== 'sft') checkRewards(recipe, context);
}

/** The rewards of each dataset are checked against its own answers. */
function checkRewards(recipe: Recipe, context: RecipeContext): void {
  const { mixture } = recipe;
  if (mixture === undefined) {
    checkRewardSpecs(recipe.rewards, context);
    return;
  }
  mixture.forEach(({ datasetId, name, rewards }, part) => {
    const answers = context.answers?.filter((each) => each.datasetId === datasetId);
    const data = { datasetName: name, ...(answers === undefined ? {} : { answers }) };
    if (rewards?.some((spec) => spec.name === 'custom') === true)
      refuse(
        `mixture.${part}.rewards`,
        `The dataset "${name}" names a reward of your own, which only the recipe as a whole can have.`,
        'Name it under rewards, or use a reward that is built in.',
      );
    try {
      checkRewardSpecs(rewards ?? recipe.rewards, data);
    } catch (error) {
      if (rewards === undefined || !(error instanceof AtelierError) || error.place?.field === undefined) throw error;
      refuse(`mixture.${part}.${error.place.field}`, error.message, error.remedy ?? '');
    }
  });
}

/** Lower-case hex SHA-256 of the recipe's canonical JSON, which identifies the recipe in provenance. */
export function recipeSha256(recipe: Recipe): string {
  return sha256Hex(canonicalJson(recipe));
}

/** @throws AtelierError BAD_INPUT naming the dataset and why nothing of it is left */
export function refuseEmpty(
  datasetName: string,
  { optedOut, undecided }: NonNullable<RecipeContext['leftOut']>,
): never {
  if (undecided > 0) {
    refuse(
      'datasetId',
      `The dataset "${datasetName}" has no usable training samples: ${imagesThat(undecided, 'is left out until you decide about it', 'are left out until you decide about them')}, because nothing is known about training on ${undecided === 1 ? 'it' : 'them'}${optedOut === 0 ? '' : `, and ${imagesThat(optedOut, 'opted out', 'opted out')} of training`}.`,
      'Decide about them on the dataset’s page, or with `atelier datasets override DATASET --unknown --reason TEXT`.',
    );
  }
  if (optedOut > 0) {
    refuse(
      'datasetId',
      `The dataset "${datasetName}" has no usable training samples: ${imagesThat(optedOut, 'opted out', 'opted out')} of training.`,
      'Use other images, or record the owner’s permission on the dataset’s page.',
    );
  }
  refuse(
    'datasetId',
    `The dataset "${datasetName}" has no training samples.`,
    'Import it again with a smaller share of test samples.',
  );
}

function imagesThat(count: number, one: string, many: string): string {
  return count === 1 ? `1 image ${one}` : `${count} images ${many}`;
}

function checkData(
  { grpo, trainSamples: shots, mixture }: Recipe,
  { trainSamples, datasetName, maxPositions, leftOut }: RecipeContext,
): void {
  if (trainSamples === 0) refuseEmpty(datasetName, leftOut ?? { optedOut: 0, undecided: 0 });
  if (mixture !== undefined && shots !== undefined)
    refuse(
      'trainSamples',
      'A mixture learns from all training samples of its datasets; how often is said by their weights.',
      'Leave trainSamples out, or choose one dataset.',
    );
  if (maxPositions !== null && grpo.maxCompletionLength >= maxPositions) {
    refuse(
      'grpo.maxCompletionLength',
      `Completions of up to ${grpo.maxCompletionLength} tokens leave no room for a prompt: the model reads ${maxPositions} positions in all.`,
      `Use a smaller limit, well below ${maxPositions}.`,
    );
  }
}

function checkSchedule({ method, klSchedule, rewards }: Recipe): void {
  if ('betaMin' in klSchedule && klSchedule.betaMin > klSchedule.betaMax) {
    refuse(
      'klSchedule.betaMin',
      `betaMin (${klSchedule.betaMin}) is larger than betaMax (${klSchedule.betaMax}).`,
      'Exchange the two.',
    );
  }
  if (klSchedule.kind === 'target-kl') {
    const { betaStart, betaMin, betaMax } = klSchedule;
    if (betaStart < betaMin || betaStart > betaMax) {
      refuse(
        'klSchedule.betaStart',
        `The KL weight starts at ${betaStart}, outside of the bounds ${betaMin} to ${betaMax} that it is held in.`,
        'Start inside the bounds, or widen them.',
      );
    }
  }
  const judged = rewards.some(({ name, weight }) => name === 'accuracy' && weight > 0);
  if (method !== 'sft' && klSchedule.kind === 'accuracy-conditioned' && !judged) {
    refuse(
      'klSchedule',
      'This schedule follows the share of right answers, but no reward of the recipe asks for right answers.',
      'Add the reward "accuracy", or choose a schedule that follows the steps.',
    );
  }
  if (method === 'sft' && !(klSchedule.kind === 'constant' && klSchedule.beta === 0)) {
    refuse(
      'klSchedule',
      'Supervised fine-tuning has no reference model, so it cannot apply a KL weight.',
      'Leave the KL schedule out, or choose GRPO or GRPO-D.',
    );
  }
  if (method === 'grpo-d' && !moves(klSchedule)) {
    refuse(
      'klSchedule',
      'GRPO-D is GRPO with a KL weight that moves, but this schedule stays at one value.',
      'Choose a schedule that moves, such as paper-eq3, or the method GRPO.',
    );
  }
  if (method === 'grpo' && moves(klSchedule)) {
    refuse(
      'klSchedule',
      'Plain GRPO keeps one KL weight, but this schedule moves.',
      'Choose the method GRPO-D, or a constant KL weight.',
    );
  }
}

function moves(schedule: KlSchedule): boolean {
  switch (schedule.kind) {
    case 'constant':
    case 'mean-matched':
      return false;
    case 'paper-eq3':
    case 'eq3-reversed':
    case 'paper-text':
    case 'target-kl':
    case 'accuracy-conditioned':
      return schedule.betaMin !== schedule.betaMax;
    case 'linear':
    case 'cosine':
      return schedule.betaStart !== schedule.betaEnd;
  }
}

function fitToDataset(trainSamples: number): Recipe['grpo'] {
  return { ...DEFAULT_GRPO, promptsPerStep: Math.max(1, Math.min(DEFAULT_GRPO.promptsPerStep, trainSamples)) };
}

function refuse(field: string, message: string, remedy: string): never {
  throw new AtelierError('BAD_INPUT', message, { place: { field }, remedy });
}
