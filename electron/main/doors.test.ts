/** @file Every door gives the same answer to any request, valid or not. */
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract } from '../contract/api/index.ts';
import type { ExportEvent } from '../contract/model/exports.ts';
import type { ReportPage } from '../contract/model/reports.ts';
import type { SheetId } from '../contract/model/labels.ts';
import { decodeError } from '../contract/errors/error-codec.ts';
import type {
  DatasetId,
  EvaluationId,
  ExperimentId,
  ExportId,
  ModelId,
  RunId,
  SampleId,
} from '../contract/model/primitives.ts';
import type { StudioClient } from '../cli/command.ts';
import { temporaryFolder, writeDataset } from '../studio/fixtures/test-studio.ts';
import { writeSmallStore } from '../studio/fixtures/small-store.ts';
import { openDoors, type Doors } from './fixtures/doors.ts';
import { resultOf } from '../contract/model/result-events.ts';

/** Nobody makes this folder. */
const NOWHERE = join(tmpdir(), `atelier-nowhere-${randomUUID()}`);

const SECONDS = 1000;
let doors: Doors;
let facts: {
  folder: string;
  images: string;
  modelId: ModelId;
  modelPath: string;
  runId: RunId;
  datasetId: DatasetId;
  sampleId: SampleId;
  drawn: SampleId;
  base: EvaluationId;
  tuned: EvaluationId;
  experimentId: ExperimentId;
  exportId: ExportId;
  sheetId: SheetId;
  bundle: string;
};

beforeAll(async () => {
  const folder = temporaryFolder();
  const home = join(folder, 'home');
  const runId = await writeSmallStore(home);
  doors = await openDoors(home);
  const { terminal: client } = doors.clients;
  const images = await writeDataset(folder);
  for await (const _ of await client.datasets.import({ path: images, name: 'Colours' }));
  const { summary } = await client.runs.get({ runId });
  const { datasetId, modelId } = summary;
  const { samples } = await client.datasets.samples({ datasetId });
  const [group] = await client.runs.completions({ runId, step: 1 });
  const evaluations = await client.evaluations.list({});
  const { path: modelPath } = (await client.models.list()).find(({ id }) => id === modelId)!;
  const bundle = join(folder, 'bundle');
  const written = (await all(client.exports.create({ runId, destination: bundle }))) as ExportEvent[];
  const exportId = written.flatMap((event) => (event.type === 'done' ? [event.export.id] : []))[0]!;
  const experiment = await client.experiments.start({
    kind: 'contest',
    modelId,
    task: { datasetId: (await client.datasets.list()).find(({ name }) => name === 'Colours')!.id },
    arms: ['base', 'sft'],
    recipe: { steps: 2 },
  });
  for await (const _ of await client.experiments.watch({ experimentId: experiment.id }));
  const { sheet } = await resultOf(client.labels.create({ path: images, task: 'count' }));
  facts = {
    folder,
    images,
    modelId,
    modelPath,
    runId,
    datasetId,
    sampleId: samples[0]!.id,
    drawn: group!.sampleId,
    base: evaluations.find((each) => each.runId === null)!.id,
    tuned: evaluations.find((each) => each.runId === runId)!.id,
    experimentId: experiment.id,
    exportId,
    sheetId: sheet.id,
    bundle,
  };
}, 300 * SECONDS);

afterAll(async () => doors.close());

type Ask = (client: StudioClient) => Promise<unknown>;
/** Every event of a stream, in order. */
async function all(stream: Promise<AsyncIterable<unknown>>): Promise<unknown[]> {
  const events: unknown[] = [];
  for await (const event of await stream) events.push(event);
  return events;
}

/** A report without the moment at which it was made. */
function timeless({ fileName, html }: ReportPage): ReportPage {
  return { fileName, html: html.replace(/ at \d{4}-[\d-]+T[\d:.]+Z/, '') };
}

/** Every call that changes nothing, by area; none is left out. */
const QUESTIONS: Record<string, Record<string, Ask>> = {
  system: {
    status: async (client) => ({ ...(await client.system.status()), memoryFreeBytes: 0 }),
    doctor: async (client) => (await client.system.doctor()).map(({ name, status }) => ({ name, status })),
    about: (client) => client.system.about(),
    licences: (client) => client.system.licences(),
    audit: (client) => client.system.audit({ limit: 5 }),
    storage: async (client) => (await client.system.storage()).parts.map(({ kind, files }) => ({ kind, files })),
    preferences: (client) => client.system.preferences(),
    gpuTrouble: (client) => client.system.gpuTrouble(),
    folder: (client) => client.system.folder({}),
    signingKey: (client) => client.system.signingKey(),
  },
  models: {
    list: (client) => client.models.list(),
    look: (client) =>
      resultOf(
        client.models.look({
          model: facts.modelPath,
          images: [join(facts.images, 'image-1.png')],
          prompt: 'How many?',
          answer: { text: '3' },
        }),
      ),
    generate: (client) =>
      resultOf(
        client.models.generate({ model: facts.modelPath, images: [], prompt: 'Ünïcode 🎨\u0000\n', alternatives: 2 }),
      ),
    score: (client) =>
      resultOf(client.models.score({ model: facts.modelPath, items: [{ images: [], prompt: 'a', completion: 'b' }] })),
  },
  datasets: {
    list: (client) => client.datasets.list(),
    get: (client) => client.datasets.get(facts),
    peek: (client) => client.datasets.peek({ path: facts.images }),
    inspect: (client) => client.datasets.inspect({ path: facts.images }),
    samples: (client) => client.datasets.samples({ datasetId: facts.datasetId, split: 'train', limit: 3 }),
    pictures: (client) =>
      client.datasets.pictures({ datasetId: facts.datasetId, split: 'train', limit: 3, find: facts.sampleId }),
    sample: (client) => client.datasets.sample(facts),
    facets: (client) => client.datasets.facets(facts),
    duplicates: (client) => client.datasets.duplicates(facts),
    leakage: (client) => client.datasets.leakage(facts),
    edits: (client) => client.datasets.edits(facts),
    balance: (client) => client.datasets.balance(facts),
    split: (client) => client.datasets.split({ datasetId: facts.datasetId, by: { kind: 'seed' }, dryRun: true }),
  },
  labels: {
    list: (client) => client.labels.list(),
    get: (client) => client.labels.get(facts),
    items: (client) => client.labels.items({ sheetId: facts.sheetId, limit: 3 }),
    answer: (client) => client.labels.answer({ sheetId: facts.sheetId, positions: [0], set: { leftOut: false } }),
  },
  ledger: {
    forDatasets: (client) => client.ledger.forDatasets({ datasetIds: [facts.datasetId], modelId: facts.modelId }),
    forRun: (client) => client.ledger.forRun(facts),
  },
  contribution: { ofRun: (client) => client.contribution.ofRun({ runId: facts.runId }) },
  runs: {
    list: (client) => client.runs.list(),
    get: (client) => client.runs.get(facts),
    plan: (client) => client.runs.plan({ modelId: facts.modelId, datasetId: facts.datasetId }),
    watch: (client) => all(client.runs.watch({ runId: facts.runId })),
    'watch, late': (client) => all(client.runs.watch({ runId: facts.runId, after: 2 })),
    steps: (client) => client.runs.steps({ runId: facts.runId }),
    heldOut: (client) => client.runs.heldOut(facts),
    checkpoints: (client) => client.runs.checkpoints(facts),
    completions: (client) => client.runs.completions({ runId: facts.runId, step: 1 }),
    completionsOf: (client) => client.runs.completionsOf({ runId: facts.runId, sampleId: facts.drawn }),
  },
  evaluations: {
    list: (client) => client.evaluations.list({ datasetId: facts.datasetId }),
    get: (client) => client.evaluations.get({ evaluationId: facts.tuned }),
    items: (client) => client.evaluations.items({ evaluationId: facts.tuned }),
    page: (client) => client.evaluations.page({ evaluationId: facts.tuned, against: facts.base, change: 'gained' }),
    compare: (client) => client.evaluations.compare({ a: facts.base, b: facts.tuned }),
  },
  queue: { list: (client) => client.queue.list() },
  experiments: {
    list: (client) => client.experiments.list(),
    get: (client) => client.experiments.get(facts),
    watch: (client) => all(client.experiments.watch(facts)),
  },
  rewards: {
    list: (client) => client.rewards.list(),
    bench: (client) =>
      all(
        client.rewards.bench({
          ...facts,
          runId: undefined,
          rewards: [{ name: 'accuracy', weight: 1 }],
          samples: 3,
          numGenerations: 4,
        }),
      ),
  },
  reports: {
    run: async (client) => timeless(await client.reports.page({ kind: 'run', runId: facts.runId })),
    experiment: async (client) =>
      timeless(await client.reports.page({ kind: 'experiment', experimentId: facts.experimentId })),
  },
  playground: {
    answer: async (client) =>
      resultOf(
        client.playground.answer({
          modelId: facts.modelId,
          question: 'How many?',
          reference: { answer: '3', task: 'counting' },
        }),
      ),
    attention: (client) =>
      resultOf(
        client.playground.attention({
          modelId: facts.modelId,
          images: [{ kind: 'sample', sampleId: facts.sampleId }],
          question: 'How many?',
          answer: { text: 'Three.' },
        }),
      ),
    history: (client) => client.playground.history({}),
    forget: (client) => client.playground.forget({}),
  },
  handoffs: { list: (client) => client.handoffs.list() },
  exports: {
    list: (client) => client.exports.list({ runId: facts.runId }),
    licences: (client) => client.exports.licences(facts),
    preview: (client) => client.exports.preview({ runId: facts.runId }),
    receipt: (client) => client.exports.receipt({ of: { exportId: facts.exportId } }),
    verify: (client) => client.exports.verify({ path: facts.bundle }),
  },
};

/** One expected failure in each area, and one unexpected failure. */
const FAILURES: Record<string, Ask> = {
  'system: an impossible limit': (client) => client.system.setPreferences({ memoryLimitBytes: 5 }),
  'system: a set-up where there is none': (client) => all(client.system.setUp()),
  'models: a folder that is not there': (client) => client.models.register({ path: NOWHERE }),
  'models: the engine refuses': (client) =>
    resultOf(client.models.generate({ model: facts.modelPath, images: [], prompt: 'please fail' })),
  'models: a bug in the engine': (client) =>
    resultOf(client.models.generate({ model: facts.modelPath, images: [], prompt: 'a bug' })),
  'datasets: none of that name': (client) => client.datasets.get({ datasetId: 'nobody' }),
  'datasets: removing none': (client) => client.datasets.remove({ datasetId: 'nobody' }),
  'datasets: a name that is empty': (client) => client.datasets.rename({ datasetId: facts.datasetId, name: '' }),
  'datasets: an import under a name of blanks': (client) =>
    all(client.datasets.import({ path: facts.modelPath, name: ' ' })),
  'models: a name of blanks': (client) => client.models.register({ path: facts.modelPath, name: ' ' }),
  'runs: a name of blanks': (client) =>
    client.runs.start({ modelId: facts.modelId, datasetId: facts.datasetId, name: ' ' }),
  'experiments: a name of blanks': (client) =>
    client.experiments.start({
      kind: 'contest',
      modelId: facts.modelId,
      name: ' ',
      task: { datasetId: facts.datasetId },
    }),
  'datasets: an import that finds nothing': (client) => all(client.datasets.import({ path: NOWHERE })),
  'datasets: an edit with a licence that is none': (client) =>
    client.datasets.edit({
      datasetId: facts.datasetId,
      select: { sampleIds: [facts.sampleId] },
      set: { licence: 'CC-BY-4.0 AND (' },
    }),
  'labels: none of that name': (client) => client.labels.get({ sheetId: 'nobody' }),
  'labels: a picture that is not there': (client) =>
    client.labels.answer({ sheetId: facts.sheetId, positions: [99], set: { answer: '3' } }),
  'labels: a dataset without answers': (client) => all(client.labels.finish({ sheetId: facts.sheetId })),
  'labels: a folder that is not there': (client) => all(client.labels.create({ path: NOWHERE, task: 'count' })),
  'labels: into a folder that is there': (client) =>
    client.labels.write({ from: { datasetId: facts.datasetId }, destination: facts.folder }),
  'ledger: none': (client) => client.ledger.forDatasets({ datasetIds: ['nobody'] }),
  'contribution: of no run': (client) => client.contribution.ofRun({ runId: 'nobody' }),
  'contribution: a replay of no run': (client) => all(client.contribution.replay({ runId: 'nobody' })),
  'runs: of no dataset': (client) => client.runs.start({ modelId: facts.modelId, datasetId: 'nobody', name: 'x' }),
  'runs: a recipe against itself': (client) =>
    client.runs.start({
      ...facts,
      name: 'x',
      method: 'grpo',
      klSchedule: { kind: 'paper-eq3', betaMin: 1, betaMax: 0.1, explorationRatio: 0.3 },
    }),
  'runs: watching none': (client) => all(client.runs.watch({ runId: 'nobody' })),
  'runs: stopping what has ended': (client) => client.runs.stop(facts),
  'evaluations: of other questions': (client) => client.evaluations.compare({ a: facts.base, b: 'nobody' }),
  'evaluations: of no model': (client) =>
    all(client.evaluations.start({ modelId: 'nobody', datasetId: facts.datasetId })),
  'queue: moving nothing': (client) => client.queue.move({ entryId: 'nobody', to: 0 }),
  'queue: trying nothing again': (client) => client.queue.retry({ entryId: 'nobody' }),
  'experiments: none': (client) => all(client.experiments.watch({ experimentId: 'nobody' })),
  'rewards: a file that is not there': (client) => client.rewards.load({ path: `${NOWHERE}.ts` }),
  'reports: of no run': (client) => client.reports.page({ kind: 'run', runId: 'nobody' }),
  'playground: a picture that is none': (client) =>
    resultOf(
      client.playground.answer({
        modelId: facts.modelId,
        images: [{ kind: 'upload', name: 'x.png', base64: Buffer.from('no picture').toString('base64') }],
        question: 'What?',
      }),
    ),
  'playground: where an answer about nothing looked': (client) =>
    resultOf(
      client.playground.attention({
        modelId: facts.modelId,
        images: [{ kind: 'kept', sha256: '0'.repeat(64), name: 'x.png' }],
        question: 'What?',
        answer: { text: 'Three.' },
      }),
    ),
  'playground: no picture to keep': (client) =>
    client.playground.keep({ name: 'x.png', base64: Buffer.from('no picture').toString('base64') }),
  'playground: no folder of pictures': (client) =>
    all(client.playground.caption({ modelId: facts.modelId, folder: NOWHERE, question: 'What?' })),
  'handoffs: into a folder that is there': (client) =>
    all(client.handoffs.create({ runId: facts.runId, destination: facts.folder })),
  'exports: into a folder that is there': (client) =>
    all(client.exports.create({ runId: facts.runId, destination: facts.folder })),
  'exports: no bundle': (client) => client.exports.verify({ path: NOWHERE }),
};

/** An error as data; errors outside the contract are marked as such. */
async function failureOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    () => 'it did not fail',
    (error: unknown) => {
      const known = decodeError(error);
      if (known === null) return `no error of the contract: ${String(error)}`;
      return { code: known.code, message: known.message, place: known.place, remedy: known.remedy };
    },
  );
}

/** Asks the same question at every door in turn. */
async function atEveryDoor(ask: (client: StudioClient) => Promise<unknown>): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const [name, client] of Object.entries(doors.clients)) answers[name] = await ask(client);
  return answers;
}

function expectAlike({ terminal, browser, desktop }: Record<string, unknown>): void {
  expect(browser).toEqual(terminal);
  expect(desktop).toEqual(terminal);
}

describe('every door', () => {
  it('is asked in every area of the contract', () => {
    expect(Object.keys(QUESTIONS).sort()).toEqual(Object.keys(contract).sort());
    for (const area of Object.keys(contract)) {
      expect(
        Object.keys(FAILURES).some((name) => name.startsWith(`${area}: `)),
        area,
      ).toBe(true);
    }
  });

  it.each(Object.entries(QUESTIONS).flatMap(([area, asks]) => Object.keys(asks).map((name) => [area, name] as const)))(
    'answers alike: %s.%s',
    async (area, name) => {
      const answers = await atEveryDoor(QUESTIONS[area]![name]!);
      expect(answers['terminal']).toBeDefined();
      expectAlike(answers);
    },
  );

  it.each(Object.keys(FAILURES))('fails alike, with code, sentence, place and remedy: %s', async (name) => {
    const answers = await atEveryDoor((client) => failureOf(FAILURES[name]!(client)));
    expect(answers['terminal']).toMatchObject({ code: expect.any(String), message: expect.stringMatching(/ /) });
    expectAlike(answers);
  });
});

type Loose = Record<string, Record<string, (input: unknown) => Promise<unknown>>>;
const procedures = Object.entries(contract).flatMap(([area, each]) =>
  Object.entries(each).map(([name, { '~orpc': parts }]) => ({
    area,
    name,
    takesInput: parts.inputSchema !== undefined,
  })),
);

describe('input that fits no schema', () => {
  it.each(procedures.filter(({ takesInput }) => takesInput).map(({ area, name }) => [area, name] as const))(
    'is refused alike by %s.%s',
    async (area, name) => {
      for (const input of ['nonsense', 7, ['a'], null]) {
        const answers = await atEveryDoor((client) => failureOf((client as unknown as Loose)[area]![name]!(input)));
        expect(answers['terminal']).toMatchObject({ code: 'BAD_INPUT', remedy: expect.any(String) });
        expectAlike(answers);
      }
    },
  );

  it('names the field, however deep it lies', async () => {
    const answers = await atEveryDoor((client) =>
      failureOf(client.runs.start({ ...facts, name: 'x', optimiser: { learningRate: 'fast' } as never })),
    );
    expect(answers['terminal']).toMatchObject({ code: 'BAD_INPUT', place: { field: 'optimiser.learningRate' } });
    expectAlike(answers);
  });
});
