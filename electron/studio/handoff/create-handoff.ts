/**
 * @file Writes a run as a job folder that another machine can train without Atelier (docs/cluster.md). The folder is built
 * under a temporary name and renamed at the end, so it is either complete or absent.
 */
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Sample } from '../../contract/model/datasets.ts';
import type { Handoff, ParsedHandoffRequest } from '../../contract/model/handoffs.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import type { Progress } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { rewardKey } from '../../contract/model/rewards.ts';
import { RunRequest } from '../../contract/model/runs.ts';
import { baseModelLocation, checkpointHashOf, digestCheckpoint, MODEL_FILES } from '../../formats/checkpoint.ts';
import { existsFile, syncFile, syncFolder, writeAside, writeError } from '../../formats/files.ts';
import { betaCurve, hasFeedback, needsReference } from '../../method/kl-curve.ts';
import { stableJson } from '../../provenance/signing/canonical-json.ts';
import { makeFolder } from '../../store/connection/make-folder.ts';
import type { Store } from '../../store/connection/open.ts';
import type { LedgerReport } from '../../contract/model/ledger.ts';
import { digestFolder, type Digests } from '../exports/build/folder.ts';
import { processorFiles } from '../exports/build/processor-files.ts';
import { noteUnfinished, partialFolder, type ExportNote } from '../exports/build/unfinished.ts';
import { ledgerForDatasets } from '../ledger/report.ts';
import { mustNotExist } from '../output-folder.ts';
import { findPlaces } from '../places.ts';
import { recipeSha256 } from '../recipes/resolve.ts';
import { completeRun } from '../runs/start.ts';
import { typedPath } from '../typed-path.ts';
import { jobTexts } from './job-texts.ts';
import { writeInterpreter } from './own-rewards.ts';
import { writeSamples } from './parquet.ts';

export const MANIFEST = 'manifest.json';
export const MANIFEST_FORMAT = 'atelier-job-v1';

export interface HandoffContext {
  /** Atelier's version, from package.json. */
  version: string;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** The rewards as one file; by default the one that the build made. */
  judgeBundle?: string;
}

/** Samples between two reports of progress. */
const PROGRESS_EVERY = 100;

interface Job {
  id: Handoff['id'];
  recipe: Recipe;
  model: ModelSummary;
  samples: readonly Sample[];
  ledger: LedgerReport;
  notes: string[];
}

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
  const { recipe, model, samples } = await recipeToHandOff(store, request);
  refuseUnsupported(recipe);
  const ledger = await ledgerForDatasets(store, { datasetIds: [recipe.datasetId], modelId: recipe.modelId });
  refuseForbidden(ledger);
  const job: Job = { id: await store.handoffs.newId(), recipe, model, samples, ledger, notes: notesOn(recipe) };
  const aside = partialFolder(destination);
  let made: string | undefined;
  let placed = false;
  let note: ExportNote | undefined;
  try {
    made = await makeFolder(dirname(destination), 0o777);
    note = await noteUnfinished(store.home, aside);
    await mkdir(aside);
    const digests: Digests = new Map();
    await fillFolder(store, aside, job, request, context, digests);
    const files = await digestFolder(aside, [], context.signal, digests);
    const manifest = stableJson({
      format: MANIFEST_FORMAT,
      handoffId: job.id,
      atelier: context.version,
      recipeSha256: recipeSha256(recipe),
      datasetSha256: recipe.datasetSha256,
      modelSha256: recipe.modelSha256,
      files,
    });
    await writeFile(join(aside, MANIFEST), manifest);
    for (const { name } of [...files, { name: MANIFEST }]) await syncFile(join(aside, ...name.split('/')));
    context.signal?.throwIfAborted();
    const handoff: Handoff = {
      id: job.id,
      name: recipe.name,
      path: destination,
      launcher: request.launcher,
      steps: recipe.steps,
      samples: samples.length,
      images: new Set(samples.map(({ imageSha256 }) => imageSha256)).size,
      sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, Buffer.byteLength(manifest)),
      recipeSha256: recipeSha256(recipe),
      manifestSha256: createHash('sha256').update(manifest).digest('hex'),
      ledger: verdictsOf(ledger),
      notes: job.notes,
      createdAt: new Date().toISOString(),
    };
    await store.handoffs.insert(handoff, recipe, async () => {
      await mustNotExist(destination, 'A hand-off');
      await rename(aside, destination);
      placed = true;
      await syncFolder(dirname(destination));
    });
    await note.forget();
    return handoff;
  } catch (cause) {
    await rm(placed ? destination : aside, { recursive: true, force: true });
    await note?.forget();
    if (made !== undefined) await rm(made, { recursive: true, force: true });
    if (context.signal?.aborted === true) {
      throw new AtelierError('CANCELLED', 'The hand-off was cancelled. Nothing was written.', { cause });
    }
    throw typeof (cause as NodeJS.ErrnoException | null)?.code === 'string' ? writeError(destination, cause) : cause;
  }
}

/** The recipe of a run as it is, or a new one; with the samples that it trains on today. */
async function recipeToHandOff(
  store: Store,
  { runId, recipe: asked }: ParsedHandoffRequest,
): Promise<{ recipe: Recipe; model: ModelSummary; samples: Sample[] }> {
  if (asked !== undefined) return completeRun({ store }, asked);
  if (runId === undefined) throw new AtelierError('BAD_INPUT', 'Give either a run or a recipe.');
  const { recipe } = await store.runs.recipeOf(runId);
  const { modelSha256: _model, datasetSha256: _dataset, ...fields } = recipe;
  const today = await completeRun({ store }, RunRequest.parse(fields));
  // The other fields come from the run itself; of the rewards, only the code can have changed.
  const isOld = recipe.rewards.some(
    ({ version }, index) => version !== undefined && version !== today.recipe.rewards[index]?.version,
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

/** What TRL's side cannot do as Atelier does it is refused, never done differently. */
function refuseUnsupported({ adapter, grpo, klSchedule, method }: Recipe): void {
  const refuse = (field: string, message: string, remedy: string): never => {
    throw new AtelierError('BAD_INPUT', message, { place: { field }, remedy });
  };
  if (adapter.kind !== 'lora')
    refuse(
      'adapter',
      'Only LoRA adapters can be trained elsewhere: a whole model would not come back as one.',
      'Choose a LoRA adapter, or train here.',
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

function verdictsOf({ purposes }: LedgerReport): Handoff['ledger'] {
  return purposes.map(({ purpose, verdict, sentence }) => ({ purpose, verdict, sentence }));
}

function notesOn({ evalEvery = 0, klShareEvery = 0, attribution, method }: Recipe): string[] {
  return [
    ...(evalEvery > 0
      ? [
          'Held-out samples are not in the folder: the adapter is evaluated here, when it comes back, and not during the training.',
        ]
      : []),
    ...(klShareEvery > 0 ? ["The KL term's share of the gradient is not measured elsewhere."] : []),
    ...(attribution === 'estimate' && method !== 'sft'
      ? ['The contribution of each image is not measured elsewhere.']
      : []),
    'The adapter starts from other random numbers than here, and answers are drawn by torch, so the steps are not those of a run here.',
  ];
}

async function fillFolder(
  store: Store,
  folder: string,
  job: Job,
  request: ParsedHandoffRequest,
  context: HandoffContext,
  digests: Digests,
): Promise<void> {
  const { recipe, model, samples, ledger } = job;
  const { signal, onProgress = () => undefined } = context;
  const places = findPlaces(import.meta.url);
  const put = async (name: string, text: string): Promise<void> => {
    signal?.throwIfAborted();
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  };

  await mkdir(join(folder, 'data'));
  const dataset = await store.datasets.get(recipe.datasetId);
  const parquet = join(folder, 'data', 'train.parquet');
  let done = 0;
  await writeAside(parquet, (write) =>
    writeSamples(store.blobs, samples, dataset.orientation === 'upright', write, () => {
      signal?.throwIfAborted();
      done += 1;
      if (done % PROGRESS_EVERY === 0 || done === samples.length)
        onProgress({ phase: 'write samples', done, total: samples.length });
    }),
  );

  const base = await baseModelLocation(model.path);
  await writeModel(folder, job, request.model, base.published ? base.nameOrPath : null, context, digests);
  for (const [name, text] of await processorFiles({ recipe, model })) await put(`processor/${name}`, text);

  await put('recipe.yaml', stringify({ format: MANIFEST_FORMAT, recipe }, { lineWidth: 0 }));
  const isSupervised = recipe.method === 'sft';
  await put(
    'plan.json',
    stableJson({
      // The curve that the studio draws, and nothing else.
      beta: isSupervised ? [] : [...betaCurve(recipe.klSchedule, recipe.steps)],
      needsReference: !isSupervised && needsReference(recipe.klSchedule),
      rewardKeys: recipe.rewards.map(rewardKey),
      baseModel: base.published ? base.nameOrPath : model.name,
      data: 'data/train.parquet',
      rewards: 'rewards/rewards.json',
      processor: 'processor',
    }),
  );
  const { grpo, rewards, seed } = recipe;
  const settings = {
    rewards,
    numGenerations: grpo.numGenerations,
    scaleRewards: grpo.scaleRewards,
    promptsPerStep: grpo.promptsPerStep,
    seed,
  };
  await put('rewards/rewards.json', stableJson(settings));
  await copyJudge(context.judgeBundle ?? places.judgeBundle, join(folder, 'rewards', 'judge.mjs'));
  if (rewards.some(({ name }) => name === 'custom')) await writeInterpreter(join(folder, 'rewards'));

  await put('ledger.json', stableJson({ purposes: verdictsOf(ledger), duties: ledger.duties, notice: ledger.notice }));
  await put('CREDITS.txt', ledger.attributionText === '' ? 'No image asks for a credit.\n' : ledger.attributionText);

  const code = join(places.resourcesDir, 'handoff');
  await cp(join(code, 'train.py'), join(folder, 'train.py'));
  await mkdir(join(folder, 'job'));
  for (const name of await readdir(join(code, 'job')))
    if (name.endsWith('.py')) await cp(join(code, 'job', name), join(folder, 'job', name));
  const requirements = request.launcher === 'ray' ? 'requirements-ray.txt' : 'requirements.txt';
  await cp(join(code, requirements), join(folder, 'requirements.txt'));
  const texts = jobTexts({
    id: job.id,
    recipe,
    samples: samples.length,
    images: new Set(samples.map(({ imageSha256 }) => imageSha256)).size,
    modelName: model.name,
    modelIncluded: request.model === 'files',
    ledger: verdictsOf(ledger),
    launcher: request.launcher,
    torch: await torchVersion(join(code, 'requirements.in')),
    dataBytes: (await stat(parquet)).size,
  });
  if (request.launcher === 'ray') {
    await mkdir(join(folder, 'launch'));
    await cp(join(code, 'launch', 'ray_train.py'), join(folder, 'launch', 'ray_train.py'));
  }
  for (const [name, { text, executable }] of texts) {
    await put(name, text);
    if (executable === true) await chmod(join(folder, name), 0o755);
  }
}

/** The base model's files, or what identifies them. @throws AtelierError CONFLICT if they are not those of the recipe */
async function writeModel(
  folder: string,
  { recipe, model }: Job,
  form: 'files' | 'reference',
  hubId: string | null,
  { signal, onProgress = () => undefined }: HandoffContext,
  digests: Digests,
): Promise<void> {
  const target = join(folder, 'model');
  await mkdir(target);
  const hashed = await digestCheckpoint(model.path);
  if (checkpointHashOf(hashed) !== recipe.modelSha256) {
    throw new AtelierError(
      'CONFLICT',
      `The model in ${model.path} is not the one of the recipe: its files have changed.`,
      {
        place: { file: model.path },
        remedy: 'Put the original files back, or add the model again.',
      },
    );
  }
  if (form === 'reference') {
    await writeFile(
      join(target, 'reference.json'),
      stableJson({ name: model.name, hubId, sha256: recipe.modelSha256, files: hashed }),
    );
    return;
  }
  const known = new Map(hashed.map(({ name, sha256 }) => [name, sha256]));
  const others = (await readdir(model.path)).filter((name) => MODEL_FILES.test(name) || BASE_NOTICES.test(name));
  const names = [...new Set([...known.keys(), ...others])].sort();
  onProgress({ phase: 'copy the base model', done: 0, total: names.length });
  for (const name of names) {
    signal?.throwIfAborted();
    const to = join(target, name);
    await cp(join(model.path, name), to, { dereference: true });
    const sha256 = known.get(name);
    if (sha256 !== undefined) digests.set(`model/${name}`, { sha256, sizeBytes: (await stat(to)).size });
  }
}

/** The base model's own licence and notices go with its files. */
const BASE_NOTICES = /^(licen[cs]e|notice|copying)([._-].*)?$/i;

async function copyJudge(from: string, to: string): Promise<void> {
  if (!(await existsFile(from))) {
    throw new AtelierError('NOT_FOUND', 'The reward code for job folders has not been built.', {
      place: { file: from },
      remedy: 'Run `npm run build`.',
    });
  }
  await cp(from, to);
}

async function torchVersion(file: string): Promise<string> {
  const version = /^torch==(\S+)$/m.exec(await readFile(file, 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${basename(file)} does not pin torch.`);
  return version;
}
