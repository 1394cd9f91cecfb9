/** @file Fills a job folder: samples, base model, recipes, rewards, code and texts. Runs of an experiment share all they can. */
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Sample } from '../../contract/model/datasets.ts';
import type { Arm } from '../../contract/model/experiments.ts';
import type { LedgerReport } from '../../contract/model/ledger.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import type { HandoffId, Progress } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { rewardKey } from '../../contract/model/rewards.ts';
import type { ParsedHandoffRequest } from '../../contract/model/handoffs.ts';
import { baseModelLocation, checkpointHashOf, digestCheckpoint, MODEL_FILES } from '../../formats/checkpoint.ts';
import { existsFile, writeAside } from '../../formats/files.ts';
import { betaCurve, needsReference } from '../../method/kl-curve.ts';
import { recordedRewards, recordedWeights } from '../../method/mixture.ts';
import { stableJson } from '../../provenance/signing/canonical-json.ts';
import type { Store } from '../../store/connection/open.ts';
import { digestFolder, type Digests } from '../exports/build/folder.ts';
import { processorFiles } from '../exports/build/processor-files.ts';
import { JOB_MANIFEST } from '../exports/build/unfinished.ts';
import { findPlaces } from '../places.ts';
import { recipeSha256 } from '../recipes/resolve.ts';
import { jobTexts, verdictsOf } from './job-texts.ts';
import { writeInterpreter } from './own-rewards.ts';
import { writeSamples } from './parquet.ts';

export const MANIFEST_FORMAT = 'atelier-job-v1';
/** The runs of an experiment, each in a folder of its own. */
export const CHILDREN = 'children';

export interface HandoffContext {
  /** Atelier's version, from package.json. */
  version: string;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** The rewards as one file; by default the one that the build made. */
  judgeBundle?: string;
}

/** One run of a job. */
export interface Part {
  id: HandoffId;
  recipe: Recipe;
  samples: readonly Sample[];
  /** For an experiment: its number there, its arm, and its folder below `children/`. */
  child: { ordinal: number; arm: Arm; name: string } | null;
}

/** What a folder holds: one run, or several on the same base model. */
export interface Job {
  id: HandoffId;
  name: string;
  model: ModelSummary;
  parts: readonly [Part, ...Part[]];
  ledger: LedgerReport;
}

/** Samples between two reports of progress. */
const PROGRESS_EVERY = 100;

/** Writes everything but the manifest. Gives the SHA-256 of each run's own manifest, in order, for an experiment. */
export async function fillFolder(
  store: Store,
  folder: string,
  job: Job,
  request: ParsedHandoffRequest,
  context: HandoffContext,
  digests: Digests,
): Promise<string[]> {
  const { model, parts, ledger } = job;
  const { signal } = context;
  const places = findPlaces(import.meta.url);
  const put = async (name: string, text: string): Promise<void> => {
    signal?.throwIfAborted();
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  };

  const data = await writeData(store, folder, parts, context);
  const base = await baseModelLocation(model.path);
  await writeModel(folder, job, request.model, base.published ? base.nameOrPath : null, context, digests);
  const processors = new Map<string, string>();
  const manifests: string[] = [];
  for (const { id, recipe, samples, child } of parts) {
    const place = child === null ? '' : `${CHILDREN}/${child.name}/`;
    const texts = await processorFiles({ recipe, model });
    const key = stableJson(texts);
    const processor = processors.get(key) ?? numbered('processor', processors.size);
    if (!processors.has(key)) for (const [name, text] of texts) await put(`${processor}/${name}`, text);
    processors.set(key, processor);

    await put(`${place}recipe.yaml`, stringify({ format: MANIFEST_FORMAT, recipe }, { lineWidth: 0 }));
    const isSupervised = recipe.method === 'sft';
    const rewardSettings = child === null ? 'rewards/rewards.json' : `${place}rewards.json`;
    await put(
      `${place}plan.json`,
      stableJson({
        // The curve that the studio draws, and nothing else.
        beta: isSupervised ? [] : [...betaCurve(recipe.klSchedule, recipe.steps)],
        needsReference: !isSupervised && needsReference(recipe.klSchedule),
        rewardKeys: recordedRewards(recipe).map(rewardKey),
        rewardWeights: recordedWeights(recipe),
        baseModel: base.published ? base.nameOrPath : model.name,
        data: data.get(samplesKey(samples)) ?? '',
        rewards: rewardSettings,
        processor,
      }),
    );
    const { grpo, rewards, seed, mixture } = recipe;
    const { numGenerations, scaleRewards, promptsPerStep } = grpo;
    const judged = { rewards, numGenerations, scaleRewards, promptsPerStep, seed };
    await put(rewardSettings, stableJson(mixture === undefined ? judged : { ...judged, mixture }));
    if (child === null) continue;
    const own = manifestText({ id, recipe }, context.version, await digestFolder(join(folder, place), [], signal));
    await put(`${place}${JOB_MANIFEST}`, own);
    manifests.push(createHash('sha256').update(own).digest('hex'));
  }
  await mkdir(join(folder, 'rewards'), { recursive: true });
  await copyJudge(context.judgeBundle ?? places.judgeBundle, join(folder, 'rewards', 'judge.mjs'));
  if (parts.some(({ recipe }) => recipe.rewards.some(({ name }) => name === 'custom')))
    await writeInterpreter(join(folder, 'rewards'));

  await put('ledger.json', stableJson({ purposes: verdictsOf(ledger), duties: ledger.duties, notice: ledger.notice }));
  await put('CREDITS.txt', ledger.attributionText === '' ? 'No image asks for a credit.\n' : ledger.attributionText);
  await writeCode(join(places.resourcesDir, 'handoff'), folder, request.launcher);
  const sizes = await Promise.all([...data.values()].map(async (name) => (await stat(join(folder, name))).size));
  const all = parts.flatMap(({ samples }) => samples);
  const texts = jobTexts({
    id: job.id,
    name: job.name,
    recipes: parts.map(({ recipe, child }) => ({ recipe, child: child?.name ?? null })),
    samples: new Set(all.map(({ id }) => id)).size,
    images: new Set(all.map(({ imageSha256 }) => imageSha256)).size,
    modelName: model.name,
    modelIncluded: request.model === 'files',
    ledger: verdictsOf(ledger),
    launcher: request.launcher,
    torch: await torchVersion(join(places.resourcesDir, 'handoff', 'requirements.in')),
    dataBytes: sizes.reduce((sum, size) => sum + size, 0),
  });
  for (const [name, { text, executable }] of texts) {
    await put(name, text);
    if (executable === true) await chmod(join(folder, name), 0o755);
  }
  return manifests;
}

/** The manifest of a run, by which its results are known again. `files` are those below its own folder. */
export function manifestText(
  { id, recipe }: Pick<Part, 'id' | 'recipe'>,
  version: string,
  files: Awaited<ReturnType<typeof digestFolder>>,
): string {
  return stableJson({
    format: MANIFEST_FORMAT,
    handoffId: id,
    atelier: version,
    recipeSha256: recipeSha256(recipe),
    datasetSha256: recipe.datasetSha256,
    modelSha256: recipe.modelSha256,
    files,
  });
}

/** `data`, `data-2`, `data-3` … */
function numbered(name: string, before: number): string {
  return before === 0 ? name : `${name}-${before + 1}`;
}

function samplesKey(samples: readonly Sample[]): string {
  return samples.map(({ id }) => id).join('\n');
}

/** Writes the samples of all runs, once for runs that share them. Gives the names of the files. */
async function writeData(
  store: Store,
  folder: string,
  parts: Job['parts'],
  { signal, onProgress = () => undefined }: HandoffContext,
): Promise<Map<string, string>> {
  await mkdir(join(folder, 'data'));
  const different = new Map(parts.map((part) => [samplesKey(part.samples), part]));
  const total = [...different.values()].reduce((sum, { samples }) => sum + samples.length, 0);
  const names = new Map<string, string>();
  let done = 0;
  for (const [key, { recipe, samples }] of different) {
    const name = `data/${numbered('train', names.size)}.parquet`;
    names.set(key, name);
    // The datasets of a mixture are turned alike: a recipe that mixes others is refused.
    const { orientation } = await store.datasets.get(recipe.datasetId);
    await writeAside(join(folder, name), (write) =>
      writeSamples(store.blobs, { samples, mixture: recipe.mixture }, orientation === 'upright', write, () => {
        signal?.throwIfAborted();
        done += 1;
        if (done % PROGRESS_EVERY === 0 || done === total) onProgress({ phase: 'write samples', done, total });
      }),
    );
  }
  return names;
}

async function writeCode(code: string, folder: string, launcher: ParsedHandoffRequest['launcher']): Promise<void> {
  await cp(join(code, 'train.py'), join(folder, 'train.py'));
  for (const part of ['job', ...(launcher === 'ray' ? ['launch'] : [])]) {
    await mkdir(join(folder, part));
    for (const name of await readdir(join(code, part)))
      if (name.endsWith('.py')) await cp(join(code, part, name), join(folder, part, name));
  }
  const requirements = launcher === 'ray' ? 'requirements-ray.txt' : 'requirements.txt';
  await cp(join(code, requirements), join(folder, 'requirements.txt'));
}

/** The base model's files, or what identifies them. @throws AtelierError CONFLICT if they are not those of the recipe */
async function writeModel(
  folder: string,
  { parts: [{ recipe }], model }: Job,
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
