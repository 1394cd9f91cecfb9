/**
 * @file Models that a person could start with: the known ones with what training them takes on this machine, and those
 * that other tools have left in the hub's cache. Asks no network.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { cpus, homedir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { MemoryPlan } from '../../contract/engine/memory.ts';
import { SUGGESTION_PICTURE, type CachedModel, type SuggestedModel } from '../../contract/model/suggestions.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import { DatasetId, ModelId } from '../../contract/model/primitives.ts';
import { readCheckpointSettings } from '../../formats/checkpoint.ts';
import { existsFile, writeAside } from '../../formats/files.ts';
import { KNOWN_MODELS, type KnownModel } from '../../method/known-models.ts';
import type { StudioCore } from '../context.ts';
import { resolveRecipe } from '../recipes/resolve.ts';
import { memoryLimitOf } from '../system/preferences.ts';

/** Question and template, in tokens. */
const TEXT_TOKENS = 64;
const MOST_CACHED = 200;

type Studio = Pick<StudioCore, 'home' | 'store' | 'openEngine' | 'version'>;

/**
 * Every known model, small to large, each as soon as it was sized up. What was found is kept until the machine, the limit
 * of memory or Atelier's version changes.
 */
export async function* suggestModels(studio: Studio, signal?: AbortSignal): AsyncGenerator<SuggestedModel> {
  const { home, store } = studio;
  const limit = await memoryLimitOf(home);
  const file = join(home, 'cache', `sizes-${machineKey(studio.version, limit)}.json`);
  const known = await readPlans(file);
  const models = await store.models.list();
  const engine = KNOWN_MODELS.every(({ name }) => name in known) ? null : studio.openEngine('sizes');
  try {
    for (const model of KNOWN_MODELS) {
      if (signal?.aborted === true) return;
      if (engine !== null && !(model.name in known)) {
        const { name, config, pixelLimits } = model;
        const job = { name, config, pixelLimits, picture: SUGGESTION_PICTURE, textTokens: TEXT_TOKENS, ...limit };
        known[name] = await engine.sizeUp({ ...job, recipe: firstRecipe(model) });
        await writePlans(file, known);
      }
      yield {
        name: model.name,
        title: model.title,
        parameters: model.parameters,
        licence: model.licence,
        downloadBytes: 2 * model.parameters,
        plan: known[model.name] ?? null,
        modelId: models.find((each) => isCopyOf(each, model))?.id ?? null,
      };
    }
  } finally {
    await engine?.close();
  }
}

/** The recipe that the Train page begins with. */
function firstRecipe({ name, pixelLimits }: KnownModel) {
  const nothing = '0'.repeat(64);
  return resolveRecipe(
    { modelId: ModelId.parse(name), datasetId: DatasetId.parse('any'), method: 'grpo-d' },
    {
      modelSha256: nothing,
      modelPromptTemplate: '{question}',
      maxPositions: null,
      datasetName: 'any',
      datasetSha256: nothing,
      trainSamples: 1000,
      testSamples: 100,
      pixelLimits,
      datasetDetail: null,
    },
  );
}

function isCopyOf({ origin, path }: ModelSummary, { name }: KnownModel): boolean {
  return origin?.name === name || snapshotOf(path)?.name === name;
}

/** What the answer depends on. */
function machineKey(version: string, limit: object): string {
  const machine = [version, cpus()[0]?.model, cpus().length, Math.round(totalmem() / 2 ** 30), limit];
  return createHash('sha256').update(JSON.stringify(machine)).digest('hex').slice(0, 16);
}

const Plans = z.record(z.string(), MemoryPlan.nullable());

async function readPlans(file: string): Promise<z.infer<typeof Plans>> {
  try {
    return Plans.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {};
  }
}

/** Only saves time; a disk that is full must not stop anything. */
async function writePlans(file: string, plans: z.infer<typeof Plans>): Promise<void> {
  try {
    await mkdir(join(file, '..'), { recursive: true });
    await writeAside(file, (write) => write(Buffer.from(JSON.stringify(plans))));
  } catch {
    // They are found again at the next start.
  }
}

/** The folder in which Hugging Face's tools keep what they download. */
function cacheFolder(env: NodeJS.ProcessEnv): string {
  const xdg = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  return resolve(env['HF_HUB_CACHE'] || join(env['HF_HOME'] || join(xdg, 'huggingface'), 'hub'));
}

/** Models in the hub's cache that Atelier can use, by name. What is no such model is left out. */
export async function cachedModels({ store, hub }: Pick<StudioCore, 'store' | 'hub'>): Promise<CachedModel[]> {
  const root = cacheFolder(hub?.env ?? process.env);
  const found: CachedModel[] = [];
  for (const repository of await namesIn(root)) {
    if (!repository.startsWith('models--') || found.length >= MOST_CACHED) continue;
    for (const revision of await namesIn(join(root, repository, 'snapshots'))) {
      const path = join(root, repository, 'snapshots', revision);
      const name = snapshotOf(path)?.name;
      if (name === undefined || !(await hasWeights(path))) continue;
      const settings = await readCheckpointSettings(path).catch(() => null);
      if (settings === null) continue;
      const modelId = (await store.models.findByPath(path))?.id ?? null;
      found.push({ name, revision, path, family: settings.config.family, modelId });
    }
  }
  return found.sort((one, other) => one.name.localeCompare(other.name));
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

async function hasWeights(path: string): Promise<boolean> {
  const files = ['model.safetensors', 'model.safetensors.index.json'].map((name) => existsFile(join(path, name)));
  return (await Promise.all(files)).includes(true);
}

function snapshotOf(path: string): { name: string } | null {
  const [, owner, name] = /[\\/]models--([\w.-]+?)--([\w.-]+)[\\/]snapshots[\\/][\w.-]+$/.exec(path) ?? [];
  return owner === undefined || name === undefined ? null : { name: `${owner}/${name}` };
}
