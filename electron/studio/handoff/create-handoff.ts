/**
 * @file Writes a run as a job folder that another machine can train without Atelier (docs/cluster.md). The folder is built
 * under a temporary name and renamed at the end, so it is either complete or absent.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Sample } from '../../contract/model/datasets.ts';
import type { Handoff, ParsedHandoffRequest } from '../../contract/model/handoffs.ts';
import type { LedgerReport } from '../../contract/model/ledger.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import { HandoffId, type ExperimentId } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { RunRequest } from '../../contract/model/runs.ts';
import { readCheckpointSettings } from '../../formats/checkpoint.ts';
import { familyOf, type FamilyName } from '../../formats/model-config.ts';
import { hasFeedback } from '../../method/kl-curve.ts';
import { datasetIdsOf, rewardsByPart } from '../../method/mixture.ts';
import { stableJson } from '../../provenance/signing/canonical-json.ts';
import { canonicalJson, sha256Hex } from '../../store/connection/canonical.ts';
import type { Store } from '../../store/connection/open.ts';
import type { ParsedExperiment } from '../../store/experiments/experiments.ts';
import type { HandoffRecord } from '../../store/handoffs/handoffs.ts';
import { childRequest } from '../experiments/child-run.ts';
import { planExperiment } from '../experiments/manage.ts';
import { ChildSpec } from '../experiments/plan.ts';
import { digestFolder, type Digests } from '../exports/build/folder.ts';
import { placeFolder } from '../exports/build/place-folder.ts';
import { JOB_MANIFEST } from '../exports/build/unfinished.ts';
import { ledgerForDatasets } from '../ledger/report.ts';
import { mustNotExist } from '../output-folder.ts';
import { recipeSha256 } from '../recipes/resolve.ts';
import { completeRun } from '../runs/start.ts';
import { typedPath } from '../typed-path.ts';
import {
  CHILDREN,
  fillFolder,
  MANIFEST_FORMAT,
  manifestText,
  type HandoffContext,
  type Job,
  type Part,
} from './job-folder.ts';
import { verdictsOf } from './job-texts.ts';

/**
 * Writes the job folder and records it. A failure or an abort leaves nothing behind.
 * @throws AtelierError BAD_INPUT (a recipe that cannot be handed off, named by its field), CONFLICT (destination exists,
 * the ledger says no, model or data have changed), DISK_FULL, CANCELLED
 */
export async function createHandoff(
  store: Store,
  request: ParsedHandoffRequest,
  context: HandoffContext,
): Promise<Handoff> {
  const destination = await typedPath(request.destination);
  await mustNotExist(destination, 'A hand-off');
  const id = await store.handoffs.newId();
  const { name, model, parts, experiment } = await whatToHandOff(store, request, id);
  for (const part of parts) refuseUnsupported(part);
  await refuseModel(model);
  const datasetIds = [...new Set(parts.flatMap(({ recipe }) => datasetIdsOf(recipe)))];
  const ledger = await ledgerForDatasets(store, { datasetIds, modelId: model.id });
  refuseForbidden(ledger);
  const job: Job = { id, name, model, parts, ledger };
  return placeFolder({
    home: store.home,
    destination,
    what: 'hand-off',
    signal: context.signal,
    async fill(folder) {
      const digests: Digests = new Map();
      const manifests = await fillFolder(store, folder, job, request, context, digests);
      const files = await digestFolder(folder, [], context.signal, digests);
      const [first] = parts;
      const manifest =
        experiment === null
          ? manifestText(first, context.version, files)
          : stableJson({ format: MANIFEST_FORMAT, handoffId: id, atelier: context.version, files });
      await writeFile(join(folder, JOB_MANIFEST), manifest);
      const createdAt = new Date().toISOString();
      const common = { launcher: request.launcher, ledger: verdictsOf(ledger), createdAt };
      const all = parts.flatMap(({ samples }) => samples);
      const handoff: Handoff = {
        ...common,
        id,
        name,
        path: destination,
        steps: parts.reduce((sum, { recipe }) => sum + recipe.steps, 0),
        ...countOf(all),
        sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, Buffer.byteLength(manifest)),
        recipeSha256: experiment === null ? recipeSha256(first.recipe) : sha256Hex(canonicalJson(experiment.request)),
        children: parts.flatMap(({ child }) => child?.name ?? []),
        experimentId: null,
        manifestSha256: sha256Hex(manifest),
        notes: [...new Set(parts.flatMap(({ recipe }) => notesOn(recipe)))],
      };
      const names = [...files.map(({ name: file }) => file), JOB_MANIFEST];
      if (experiment === null) return { names, placed: { kind: 'run', handoff, recipe: first.recipe } };
      const children = parts.map(({ id: childId, recipe, samples, child }, index) => {
        const { ordinal = 0, name: childName = '' } = child ?? {};
        const own: Handoff = {
          ...common,
          id: childId,
          name: recipe.name,
          path: join(destination, CHILDREN, childName),
          steps: recipe.steps,
          ...countOf(samples),
          sizeBytes: 0,
          recipeSha256: recipeSha256(recipe),
          children: [],
          experimentId: null,
          manifestSha256: manifests[index] ?? '',
          notes: notesOn(recipe),
        };
        return { ordinal, handoff: own, recipe };
      });
      return { names, placed: { kind: 'experiment', handoff, experiment: experiment.given, parts: children } };
    },
    async record(placed: HandoffRecord) {
      return (await store.handoffs.insert(placed)) ?? placed.handoff;
    },
  });
}

function countOf(samples: readonly Sample[]): { samples: number; images: number } {
  return {
    samples: new Set(samples.map(({ id }) => id)).size,
    images: new Set(samples.map(({ imageSha256 }) => imageSha256)).size,
  };
}

interface ToHandOff {
  name: string;
  model: ModelSummary;
  parts: Job['parts'];
  experiment: { request: ParsedExperiment; given: (HandoffRecord & { kind: 'experiment' })['experiment'] } | null;
}

async function whatToHandOff(store: Store, asked: ParsedHandoffRequest, id: HandoffId): Promise<ToHandOff> {
  const { experimentId, experiment: request } = asked;
  if (experimentId !== undefined) {
    const stored = await experimentToHandOff(store, experimentId);
    return { ...stored, ...(await runsOf(store, stored.experiment.request, stored.left, id)) };
  }
  if (request !== undefined) {
    const { name, plans } = await planExperiment({ store }, request);
    const left = plans.map((spec, ordinal) => ({ spec, ordinal }));
    return {
      name,
      ...(await runsOf(store, request, left, id)),
      experiment: { request, given: { request, name, plans } },
    };
  }
  const { recipe, model, samples } = await recipeToHandOff(store, asked);
  return { name: recipe.name, model, parts: [{ id, recipe, samples, child: null }], experiment: null };
}

interface Left {
  ordinal: number;
  spec: ChildSpec;
}

/** An experiment that is at rest, and its parts without a run. @throws AtelierError CONFLICT */
async function experimentToHandOff(
  store: Store,
  experimentId: ExperimentId,
): Promise<{ name: string; experiment: NonNullable<ToHandOff['experiment']>; left: Left[] }> {
  const { name, status, request } = await store.experiments.get(experimentId);
  if (status === 'running' || status === 'queued')
    throw new AtelierError('CONFLICT', `The experiment "${name}" is ${status} here.`, {
      place: { field: 'experimentId' },
      remedy: `Stop it first: \`atelier stop ${experimentId}\`.`,
    });
  const left: Left[] = [];
  for (const { ordinal, plan, runId } of await store.experiments.children(experimentId))
    if (runId === null) left.push({ ordinal, spec: ChildSpec.parse(plan) });
  return { name, experiment: { request, given: { id: experimentId } }, left };
}

async function runsOf(
  store: Store,
  { modelId }: ParsedExperiment,
  left: readonly Left[],
  id: HandoffId,
): Promise<Pick<ToHandOff, 'model' | 'parts'>> {
  const parts: Part[] = [];
  for (const { ordinal, spec } of left) {
    const asked = await childRequest(store, spec);
    if (asked === null) continue;
    const { recipe, samples } = await completeRun({ store }, asked);
    const child = { ordinal, arm: spec.arm, name: childName(ordinal, spec) };
    parts.push({ id: HandoffId.parse(`${id}-${ordinal}`), recipe, samples, child });
  }
  const [first, ...others] = parts;
  if (first === undefined)
    throw new AtelierError('CONFLICT', 'No run of this experiment is left to train.', {
      place: { field: 'experimentId' },
      remedy: 'Hand off a new experiment, or a single run.',
    });
  return { model: await store.models.get(modelId), parts: [first, ...others] };
}

/** Such as `03-grpo-b-0.05-seed-7`: sorted as the experiment is, and readable. */
function childName(ordinal: number, { label, seed }: ChildSpec): string {
  const words = `${label} seed ${seed ?? ''}`.replaceAll('β', 'b').replaceAll(/[^\w.]+/g, '-');
  return `${String(ordinal).padStart(3, '0')}-${words}`.slice(0, 60).replace(/-$/, '').toLowerCase();
}

/** The recipe of a run as it is, or a new one; with the samples that it trains on today. */
async function recipeToHandOff(
  store: Store,
  { runId, recipe: asked }: ParsedHandoffRequest,
): Promise<{ recipe: Recipe; model: ModelSummary; samples: Sample[] }> {
  if (asked !== undefined) return completeRun({ store }, asked);
  if (runId === undefined) throw new AtelierError('BAD_INPUT', 'Give either a run, a recipe or an experiment.');
  const { recipe } = await store.runs.recipeOf(runId);
  const { modelSha256: _model, datasetSha256: _dataset, ...fields } = recipe;
  const today = await completeRun({ store }, RunRequest.parse(fields));
  // The other fields come from the run itself; of the rewards, only the code can have changed.
  const current = rewardsByPart(today.recipe);
  const isOld = [...rewardsByPart(recipe), recipe.rewards].some((rewards, part) =>
    rewards.some(
      ({ version }, index) =>
        version !== undefined && version !== (current[part] ?? today.recipe.rewards)[index]?.version,
    ),
  );
  const changed = (['modelSha256', 'datasetSha256', 'rewards'] as const).find((key) =>
    key === 'rewards' ? isOld : today.recipe[key] !== recipe[key],
  );
  if (changed === undefined) return { ...today, recipe };
  const what = { modelSha256: 'base model', datasetSha256: 'dataset', rewards: "rewards' code" }[changed];
  throw new AtelierError('CONFLICT', `The ${what} of the run ${runId} has changed since it was made.`, {
    place: { field: changed },
    remedy: 'Hand off a new recipe with the same settings: `atelier handoff --dataset … --recipe …`.',
  });
}

/** The families that `resources/handoff/job/model.py` prepares. */
const HANDED_OFF: readonly FamilyName[] = ['qwen2_vl', 'qwen2_5_vl', 'qwen3_vl'];

/** Refuses a model of a family that the job's programs do not prepare. */
async function refuseModel({ path, name }: ModelSummary): Promise<void> {
  // Files that cannot be read, or have changed, are named when they are copied.
  const settings = await readCheckpointSettings(path).catch(() => null);
  if (settings === null || HANDED_OFF.includes(settings.config.family)) return;
  throw new AtelierError(
    'BAD_INPUT',
    `A job cannot train ${name}: its programs do not prepare ${familyOf(settings.config).title}.`,
    {
      place: { field: 'modelId' },
      remedy: 'Train it here, or choose a model of Qwen2-VL, Qwen2.5-VL or Qwen3-VL.',
    },
  );
}

/** Refuses what TRL cannot do exactly as Atelier does it. In an experiment, the message names the arm. */
function refuseUnsupported({
  recipe: { adapter, startFrom, startAdapter, frozenWeights, grpo, klSchedule, method },
  child,
}: Part): void {
  const refuse = (field: string, message: string, remedy: string): never => {
    if (child === null) throw new AtelierError('BAD_INPUT', message, { place: { field }, remedy });
    throw new AtelierError('BAD_INPUT', `The arm ${child.arm} (${child.name}) cannot be handed off. ${message}`, {
      place: { field: `arms.${child.arm}.${field}` },
      remedy: `Leave the arm ${child.arm} out, or train the experiment here.`,
    });
  };
  if (startFrom !== undefined)
    refuse(
      'startFrom',
      `This run begins with the adapter of the run ${startFrom.runId}, which a job folder does not carry.`,
      'Train it here, or leave startFrom out.',
    );
  if (startAdapter !== undefined)
    refuse(
      'startAdapter',
      `This run begins with the adapter ${startAdapter.name}, which a job folder does not carry.`,
      'Train it here, or leave startAdapter out.',
    );
  if (adapter.kind !== 'lora')
    refuse(
      'adapter',
      'Only LoRA adapters can be trained elsewhere: a whole model would not come back as one.',
      'Choose a LoRA adapter, or train here.',
    );
  if (frozenWeights === 'nf4')
    refuse(
      'frozenWeights',
      'A job trains on the weights as they are published; those in 4 bits are kept here only.',
      'Leave frozenWeights out, or train here.',
    );
  if (method === 'sft') return;
  if (grpo.numIterations !== 1)
    refuse(
      'grpo.numIterations',
      `A job makes one update in each step, and this recipe asks for ${grpo.numIterations}.`,
      'Set grpo.numIterations to 1, or train here.',
    );
  if (hasFeedback(klSchedule))
    refuse(
      'klSchedule',
      `A job carries the KL weight of every step, but the schedule ${klSchedule.kind} decides it from what the run measures.`,
      'Choose a schedule that follows the steps, such as paper-eq3, or train here.',
    );
}

function refuseForbidden(ledger: LedgerReport): void {
  const verdict = ledger.purposes.find(({ purpose }) => purpose === 'train-privately');
  if (verdict?.verdict !== 'blocked') return;
  throw new AtelierError('CONFLICT', `The licences do not permit this training: ${verdict.sentence}`, {
    place: { field: 'datasetId' },
    remedy: 'The Rights page names the images. Leave them out, or record a permission.',
  });
}

function notesOn({
  evalEvery = 0,
  earlyStoppingPatience,
  loadBestModelAtEnd,
  klShareEvery = 0,
  attribution,
  method,
}: Recipe): string[] {
  return [
    ...(evalEvery > 0
      ? [
          'Held-out samples are not in the folder: the adapter is evaluated here, when it comes back, and not during the training.',
        ]
      : []),
    ...(earlyStoppingPatience !== undefined || loadBestModelAtEnd === true
      ? ['So it neither ends early there nor keeps the best checkpoint: the last one comes back.']
      : []),
    ...(klShareEvery > 0 ? ["The KL term's share of the gradient is not measured elsewhere."] : []),
    ...(attribution === 'estimate' && method !== 'sft'
      ? ['The contribution of each image is not measured elsewhere.']
      : []),
    'The adapter starts from other random numbers than here, and answers are drawn by torch, so the steps are not those of a run here.',
  ];
}
