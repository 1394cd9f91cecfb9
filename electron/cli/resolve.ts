/** @file Resolves models and datasets named in a terminal: by id, by a short word, or by path. */
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { DatasetSummary, ImportRequest } from '../contract/model/datasets.ts';
import { decodeError } from '../contract/errors/error-codec.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import type { ModelSummary } from '../contract/model/models.ts';
import { DatasetId, ModelId, StarterData, type RunId } from '../contract/model/primitives.ts';
import type { Recipe } from '../contract/model/recipe.ts';
import type { CommandContext, StudioClient } from './command.ts';
import { shippedAs } from '../studio/datasets/import/starter-origin.ts';
import { typedId, typedRunId } from './ids.ts';
import { progressLine } from './text.ts';

/** The model that is meant if none is named. */
export const STARTER_MODEL = 'nano';

/**
 * Something that a command names: found, and given when asked for, which adds it first where it is a path. So a command
 * can look up all that it names, and read its other options, before it adds anything.
 */
export interface LookedUp<T> {
  (): Promise<T>;
  /** What is there already, known without adding anything. */
  here?: T;
}

function lookedUp<T>(add: () => Promise<T>, here: T | undefined): LookedUp<T> {
  return here === undefined ? add : Object.assign(add, { here });
}

/** A registered model by id or name, a starter model's word, or a folder (which is registered). Absent = `nano`. */
export async function resolveModel(context: CommandContext, named: string | undefined): Promise<ModelSummary> {
  return (await lookUpModel(context, named))();
}

/** As `resolveModel`, but a folder is registered only when the model is asked for. @throws AtelierError NOT_FOUND */
export async function lookUpModel(context: CommandContext, named: string | undefined): Promise<LookedUp<ModelSummary>> {
  const client = await context.client();
  const word = named ?? STARTER_MODEL;
  const known = await findModel(context, word);
  if (known !== undefined) return lookedUp(() => Promise.resolve(known), known);
  const path = context.args.resolve(word);
  if (existsSync(path)) {
    const here = (await client.models.list()).find((model) => model.path === path);
    return lookedUp(() => client.models.register({ path }), here);
  }
  throw new AtelierError('NOT_FOUND', `There is no model "${word}": no id or name, and no folder ${path}.`, {
    place: { field: '--model' },
    remedy: '`atelier models` lists the models that are known.',
  });
}

/** A registered model by id or name, or a starter model's word. @throws AtelierError NOT_FOUND */
export async function knownModel(context: CommandContext, named: string): Promise<ModelSummary> {
  const word = typedId(named, 'model');
  const known = await findModel(context, word);
  if (known !== undefined) return known;
  throw new AtelierError('NOT_FOUND', `There is no model with the id or name "${word}".`, {
    place: { field: 'modelId' },
    remedy: '`atelier models` lists the ids and names.',
  });
}

/** A registered model by id or name, or a starter model's word. */
export async function findModel(context: CommandContext, word: string): Promise<ModelSummary | undefined> {
  const models = await (await context.client()).models.list();
  return (
    models.find((model) => model.id === ModelId.safeParse(word).data) ??
    models.find((model) => model.name === word) ??
    models.find((model) => model.starter && basename(model.path) === word)
  );
}

/** The folder of a model named by id, name, `nano`, `apprentice` or path. The studio checks paths. */
export async function resolveModelFolder(context: CommandContext, named: string): Promise<string> {
  const path = context.args.resolve(named);
  if (existsSync(path)) return path;
  return (await resolveModel(context, named)).path;
}

/**
 * A dataset that is in the store, by its id or name.
 * @throws AtelierError BAD_INPUT for an empty name, NOT_FOUND if no dataset has it, CONFLICT if several do
 */
export async function knownDataset(context: CommandContext, named: string): Promise<DatasetSummary> {
  const name = typedId(named, 'dataset');
  const client = await context.client();
  const datasets = await client.datasets.list();
  const byId = datasets.find((dataset) => String(dataset.id) === name);
  if (byId !== undefined) return byId;
  const [only, ...others] = datasets.filter((dataset) => dataset.name === name);
  if (only === undefined) {
    throw new AtelierError('NOT_FOUND', `There is no dataset with the id or name "${name}".`, {
      place: { field: 'datasetId' },
      remedy: '`atelier datasets` lists the ids and names.',
    });
  }
  if (others.length === 0) return only;
  throw new AtelierError('CONFLICT', `${others.length + 1} datasets are called "${name}".`, {
    place: { field: 'datasetId' },
    remedy: `Give the id of one of them: ${[only, ...others].map(({ id }) => id).join(', ')}.`,
  });
}

/** A dataset by id or name, the starter data's word such as `counting`, or a path (which is imported), for what needs no engine. */
export async function resolveDataset(context: CommandContext, named: string): Promise<DatasetSummary> {
  return (await lookUpDataset(context, named, 'dataset', () => Promise.resolve()))();
}

/**
 * As `resolveDataset`, but data are imported only when the dataset is asked for.
 * @param option what names it, for messages
 * @param check runs before anything is imported
 * @throws AtelierError NOT_FOUND
 */
export async function lookUpDataset(
  context: CommandContext,
  named: string,
  option = '--dataset',
  check: (client: StudioClient) => Promise<void> = refuseWithoutGpu,
): Promise<LookedUp<DatasetSummary>> {
  const client = await context.client();
  const datasets = await client.datasets.list();
  const known =
    datasets.find((dataset) => dataset.id === DatasetId.safeParse(named).data) ??
    datasets.find((dataset) => dataset.name === named);
  if (known !== undefined) return lookedUp(() => Promise.resolve(known), known);
  const starter = StarterData.safeParse(named);
  if (starter.success) {
    const here = datasets.find(({ origin }) => origin === shippedAs(starter.data));
    return lookedUp(async () => {
      await check(client);
      return await client.datasets.importStarter({ data: starter.data });
    }, here);
  }
  const path = context.args.resolve(named);
  const isKnown = ({ id }: DatasetSummary): boolean => datasets.some((dataset) => dataset.id === id);
  if (existsSync(path)) {
    const here = datasets.find(({ origin }) => origin === path || dirname(origin) === path);
    return lookedUp(async () => {
      await check(client);
      return await importNamed(context, client, path, isKnown);
    }, here);
  }
  throw new AtelierError('NOT_FOUND', `There is no dataset "${named}": no id or name, and no file or folder ${path}.`, {
    place: { field: option },
    remedy: /=[\d.]+$/.test(named)
      ? 'A weight counts only where `train`, `plan` or `handoff` mixes several datasets. Name the one without its weight.'
      : '`atelier datasets` lists the datasets; `import --help` names the starter data.',
  });
}

/** Before data are imported for a job that the engine would refuse. @throws AtelierError ENGINE_UNAVAILABLE */
async function refuseWithoutGpu(client: StudioClient): Promise<void> {
  const trouble = await client.system.gpuTrouble();
  if (trouble === null) return;
  const { message, place, remedy } = trouble;
  throw new AtelierError('ENGINE_UNAVAILABLE', message, { place, ...(remedy === undefined ? {} : { remedy }) });
}

async function importNamed(
  context: CommandContext,
  client: StudioClient,
  path: string,
  isKnown: (dataset: DatasetSummary) => boolean,
): Promise<DatasetSummary> {
  const dataset = await importPath(context, client, {
    path,
    testShare: 0.2,
    seed: 7,
    orientation: 'upright',
    unknownUse: 'use',
    onProblem: 'stop',
  }).catch((error: unknown) => {
    throw withoutQuestion(error, path);
  });
  const { id, name } = dataset;
  if (!context.output.json)
    context.output.note(
      isKnown(dataset)
        ? `${path} is here already, as the dataset ${id} "${name}".`
        : `Imported as the dataset ${id} "${name}". It stays in the data folder, so the next command can use its name.`,
    );
  return dataset;
}

/** Only `import` takes a question or columns. */
function withoutQuestion(caught: unknown, path: string): unknown {
  const error = decodeError(caught);
  if (error?.code !== 'BAD_INPUT' || error.place.field !== 'prompt') return caught;
  return new AtelierError('BAD_INPUT', error.message, {
    place: error.place,
    remedy: `Import it first: \`atelier import ${/^[\w./-]+$/.test(path) ? path : JSON.stringify(path)} --question "…"\`, or name the column with --map question=COLUMN.`,
  });
}

/**
 * What a command works on: `--run` supplies its model and dataset, which `--model` and `--dataset` can override.
 * `add` adds what was named by a path.
 */
export async function lookUpSubject(context: CommandContext): Promise<{
  runId: RunId | undefined;
  recipe: Recipe | undefined;
  add: LookedUp<{ modelId: ModelId; datasetId: DatasetId }>;
}> {
  const { args } = context;
  const client = await context.client();
  const run = args.text('run');
  const runId = run === undefined ? undefined : typedRunId(run);
  const recipe = runId === undefined ? undefined : (await client.runs.get({ runId })).recipe;
  const model = await lookUpModel(context, args.text('model') ?? recipe?.modelId);
  const dataset = await lookUpDataset(context, args.text('dataset') ?? recipe?.datasetId ?? args.required('dataset'));
  // The model first: one that cannot be used leaves no data behind.
  return { runId, recipe, add: async () => ({ modelId: (await model()).id, datasetId: (await dataset()).id }) };
}

/** Imports with progress on standard error. */
export async function importPath(
  context: CommandContext,
  client: StudioClient,
  request: ImportRequest,
): Promise<DatasetSummary> {
  for await (const event of await client.datasets.import(request)) {
    if (event.type === 'done') {
      if (!context.output.json) for (const sentence of event.report.standsBeside) context.output.note(sentence);
      return event.dataset;
    }
    if (!context.output.json) context.output.note(progressLine(event.progress));
  }
  throw new Error('The import ended without a dataset.');
}
