/**
 * @file A run that begins with an adapter made elsewhere: a PEFT folder for the run's base model. What it states about
 * itself goes into the recipe; its files are copied into the run's folder, so that the run can resume without the original.
 */
import { copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import {
  AdapterPart,
  LoraConfig,
  type AdapterConfig,
  type AdapterRequest,
  type StartAdapter,
} from '../../contract/model/recipe.ts';
import { checkpointHashOf, hashFile } from '../../formats/checkpoint.ts';
import { withCounterparts } from '../../formats/families/counterparts.ts';
import { familyOf, type ModelConfig } from '../../formats/model-config.ts';
import { FROZEN_WEIGHTS } from '../../formats/nf4.ts';
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS, fitAdapter, readAdapter } from '../../formats/peft.ts';
import { expectedTensors } from '../../formats/tensor-names.ts';
import { plainAdapter, plainLora } from '../../method/adapter-parts.ts';
import { canonicalJson } from '../../store/connection/canonical.ts';
import type { Store } from '../../store/connection/open.ts';
import { findModelLicence, LICENCE_FILES } from '../models/model-licence.ts';

export interface ImportedAdapter {
  startAdapter: StartAdapter;
  /** The settings of the recipe that the adapter has. */
  adapter: LoraConfig;
  /** The frozen weights were rounded while Atelier trained it, as its file says; other programs do not say so. */
  onRounded: boolean;
  path: string;
}

const CARD = 'README.md';
/** Of the card, where its author stands. */
const CARD_CHARACTERS = 64 * 1024;

/**
 * @param hubId where the base model is published, as far as that is known
 * @throws AtelierError NOT_FOUND or BAD_INPUT if the folder is not a whole adapter for this model, or one whose training
 *   cannot go on exactly
 */
export async function importedAdapter(
  store: Store,
  request: AdapterRequest,
  config: ModelConfig,
  hubId: string | null,
): Promise<ImportedAdapter> {
  const { path, name } =
    request.path === undefined ? await earlierCopy(store, request.sha256) : named(resolve(request.path));
  const shapes = expectedTensors(config);
  const given = fitAdapter(await readAdapter(path), shapes, path);
  const file = join(path, ADAPTER_CONFIG);
  const baseModel = given.baseModelNameOrPath;
  if (hubId !== null && baseModel !== null && isHubId(baseModel) && baseModel.toLowerCase() !== hubId.toLowerCase())
    throw refused(
      `${file} says that the adapter was trained on ${baseModel}, and the model of this run is ${hubId}.`,
      { file, field: 'base_model_name_or_path' },
      `Choose the model ${baseModel}.`,
    );
  for (const [module, { a, b }] of given.weights)
    if (!a.every(Number.isFinite) || !b.every(Number.isFinite))
      throw refused(
        `${join(path, ADAPTER_WEIGHTS)}: the layer "${module}" has a weight that is not a number, or infinite.`,
        { file: join(path, ADAPTER_WEIGHTS), field: module },
        'Use an adapter that is not damaged.',
      );
  const adapter = settingsOf(given, shapes, path, config);
  const sha256 = await adapterSha256(path);
  if (request.sha256 !== undefined && request.sha256 !== sha256)
    throw refused(
      `The adapter in ${path} is not the one that the recipe names: its hash is ${sha256.slice(0, 12)}…`,
      { file: path, field: 'startAdapter.sha256' },
      'Name the folder with the original files, or leave the hash out.',
    );
  const { licence } = await findModelLicence(path, null);
  return {
    startAdapter: {
      name,
      sha256,
      licence,
      author: await authorOf(path),
      baseModel: baseModel === null ? null : baseModel.slice(0, 500),
    },
    adapter,
    onRounded: given.metadata[FROZEN_WEIGHTS] === 'nf4',
    path,
  };
}

/** @throws AtelierError BAD_INPUT if the request asks for an adapter of other settings than the one it begins with */
export function checkAdapterSettings(
  asked: AdapterConfig | undefined,
  { adapter, startAdapter }: ImportedAdapter,
): void {
  if (asked === undefined || canonicalJson(plainAdapter(asked)) === canonicalJson(adapter)) return;
  throw refused(
    `The adapter ${startAdapter.name} has another rank, alpha or layers than the recipe says.`,
    { field: 'adapter' },
    'Leave the adapter settings out: they are those of the adapter that you begin with.',
  );
}

/** The copy in the run's folder, made if it is not there yet. @throws AtelierError if it changed or cannot be made */
export async function copyOfAdapter(
  store: Store,
  runId: RunId,
  { name, sha256 }: StartAdapter,
  source: string | undefined,
): Promise<string> {
  const root = store.runFolder(runId);
  const path = join(root, 'start');
  if ((await stat(path).catch(() => null)) === null) {
    if (source === undefined)
      throw new AtelierError('NOT_FOUND', `The copy of the adapter ${name} is missing: ${path}.`, {
        place: { file: path },
        remedy: 'Put the folder back from a copy, or start a new run.',
      });
    const aside = join(root, `.writing-start-${process.pid}`);
    await rm(aside, { recursive: true, force: true });
    await mkdir(aside, { recursive: true });
    for (const file of await filesOf(source)) await copyFile(join(source, file), join(aside, file));
    await rename(aside, path).catch(async (error: unknown) => {
      await rm(aside, { recursive: true, force: true });
      if ((await stat(path).catch(() => null)) === null) throw error;
    });
  }
  if ((await adapterSha256(path)) === sha256) return path;
  throw new AtelierError('VERIFICATION_FAILED', `The adapter ${name} is not the one that the run began with.`, {
    place: { file: path },
    remedy: 'Put the original files back. Atelier does not train on, or sign, changed weights.',
  });
}

/** What the copy holds and the hash covers: files only, because an export of Atelier has a folder LICENSES too. */
async function filesOf(folder: string): Promise<string[]> {
  const kept = [ADAPTER_CONFIG, ADAPTER_WEIGHTS, CARD];
  const named = (await readdir(folder)).filter((name) => kept.includes(name) || LICENCE_FILES.test(name)).sort();
  // Of what a link stands for: a hub's cache consists of links.
  const kinds = await Promise.all(named.map((name) => stat(join(folder, name)).catch(() => null)));
  return named.filter((_, at) => kinds[at]?.isDirectory() !== true);
}

async function adapterSha256(folder: string): Promise<string> {
  const digests: { name: string; sha256: string }[] = [];
  for (const name of await filesOf(folder)) digests.push({ name, sha256: await hashFile(join(folder, name)) });
  return checkpointHashOf(digests);
}

function named(path: string): { path: string; name: string } {
  return { path, name: basename(path) };
}

/** The folder of an earlier run that began with the same adapter. */
async function earlierCopy(store: Store, sha256: string | undefined): Promise<{ path: string; name: string }> {
  for (const { id } of sha256 === undefined ? [] : await store.runs.list()) {
    const { startAdapter, startFrom } = (await store.runs.recipeOf(id)).recipe;
    if (startAdapter === undefined || startFrom !== undefined || startAdapter.sha256 !== sha256) continue;
    const path = join(store.runFolder(id), 'start');
    if ((await stat(path).catch(() => null)) !== null) return { path, name: startAdapter.name };
  }
  throw new AtelierError('NOT_FOUND', 'The adapter that the recipe begins with is not on this machine.', {
    place: { field: 'startAdapter' },
    remedy: 'Name its folder with `--adapter DIR`.',
  });
}

/**
 * Training goes on where the adapter stops, so the recipe gets its rank, alpha and layers. rsLoRA's scaling is written as
 * the alpha that gives it.
 */
function settingsOf(
  given: Awaited<ReturnType<typeof readAdapter>>,
  shapes: ReadonlyMap<string, readonly number[]>,
  path: string,
  config: ModelConfig,
): LoraConfig {
  const file = join(path, ADAPTER_CONFIG);
  const ranks = new Set([...given.weights.values()].map(({ r }) => r));
  const scalings = new Set([...given.weights.values()].map(({ scaling }) => scaling));
  if (ranks.size > 1 || scalings.size > 1)
    throw refused(
      `${file} gives its layers different ranks or alphas, and training here has one of each.`,
      { file, field: ranks.size > 1 ? 'rank_pattern' : 'alpha_pattern' },
      'Merge the adapter into its base model with PEFT, add that as a model, and train it.',
    );
  const modules = [...given.weights.keys()];
  const parts = AdapterPart.options.filter((part) => modules.some((module) => partOf(module, config) === part));
  const outside = modules.find((module) => partOf(module, config) === null);
  if (outside !== undefined)
    throw refused(
      `The adapter in ${path} changes "${outside}", and training here adapts linear layers of language model, merger and vision tower only.`,
      { file, field: 'target_modules' },
      'Merge the adapter into its base model with PEFT, add that as a model, and train it.',
    );
  const targets = [...new Set(modules.flatMap((module) => layerOf(module) ?? []))];
  const order = LoraConfig.shape.targetModules.element.options;
  const kinds = order.filter((name) => targets.includes(name));
  const named = withCounterparts(kinds, config);
  const alone = targets.find((name) => !named.includes(name));
  if (alone !== undefined)
    throw refused(
      `The adapter in ${path} adapts "${alone}" without the attention that goes with it.`,
      { file, field: 'target_modules' },
      'Merge the adapter into its base model with PEFT, add that as a model, and train it.',
    );
  const missing = [...shapes].flatMap(([name, shape]) => {
    const module = name.replace(/\.weight$/, '');
    if (!name.endsWith('.weight') || shape.length !== 2 || given.weights.has(module)) return [];
    const [part, last] = [partOf(module, config), layerOf(module)];
    const meant = part !== null && parts.includes(part) && (last === null || named.includes(last));
    return meant ? [module] : [];
  })[0];
  if (missing !== undefined)
    throw refused(
      `The adapter in ${path} leaves out "${missing}", and training here adapts a kind of layer everywhere.`,
      { file, field: 'layers_to_transform' },
      'Merge the adapter into its base model with PEFT, add that as a model, and train it.',
    );
  const [r = 1] = ranks;
  const [scaling = 1] = scalings;
  const adapter = { kind: 'lora' as const, r, loraAlpha: scaling * r, layers: parts };
  // Without an adapted text layer, the kinds of text layers mean nothing.
  return plainLora({ ...adapter, targetModules: kinds.length === 0 ? [...order] : kinds });
}

/** The part of the model that a linear layer belongs to; null of embeddings and everything else. */
function partOf(module: string, config: ModelConfig): AdapterPart | null {
  if (layerOf(module) !== null) return 'language';
  const { layers, merged } = familyOf(config).vision;
  if (merged.some((prefix) => module.startsWith(prefix))) return 'merger';
  return module.startsWith(layers) ? 'vision' : null;
}

/** `q_proj` of a module of the language model; null of any other. */
function layerOf(module: string): string | null {
  return /^model\.layers\.\d+\.(?:self_attn|linear_attn|mlp)\.(\w+)$/.exec(module)?.[1] ?? null;
}

function isHubId(name: string): boolean {
  return /^[\w.-]+\/[\w.-]+$/.test(name) && !/^\.{1,2}\//.test(name);
}

/** Who the card says made it: `author` or `authors` in its front matter, or its line “Developed by”. */
async function authorOf(folder: string): Promise<string | null> {
  const card = (await readFile(join(folder, CARD), 'utf8').catch(() => '')).slice(0, CARD_CHARACTERS);
  const front = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---/.exec(card)?.[1];
  let fields: Record<string, unknown> = {};
  try {
    fields = (front === undefined ? {} : (parseYaml(front) as Record<string, unknown> | null)) ?? {};
  } catch {
    // The licence of such a card counts as not understood.
  }
  const named = [fields['author'], fields['authors']].flat().filter((name) => typeof name === 'string');
  const [, developed = ''] = /^[-*\s]*\*\*Developed by:?\*\*:?[ \t]*(.+)$/im.exec(card) ?? [];
  const author = (named.length > 0 ? named.join(', ') : developed.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')).trim();
  return author === '' || /^\[?more information needed\]?$/i.test(author) ? null : author.slice(0, 500);
}

function refused(message: string, place: { file?: string; field: string }, remedy: string): AtelierError {
  return new AtelierError('BAD_INPUT', message, { place, remedy });
}
