/** @file Long-running work at every door: streams joined late and left early, large messages, and malformed input. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { decodeError } from '../contract/errors/error-codec.ts';
import type { DatasetId, ModelId } from '../contract/model/primitives.ts';
import { LARGEST_UPLOAD_BYTES, type RunEvent } from '../contract/api/index.ts';
import type { StudioClient } from '../cli/command.ts';
import { copyTinyModel, temporaryFolder, writeDataset } from '../studio/fixtures/test-studio.ts';
import { openDoors, type Doors, type Wire } from './fixtures/doors.ts';
import { resultOf } from '../contract/model/result-events.ts';

const DOORS = ['terminal', 'browser', 'desktop'] as const;
const WIRES = ['browser', 'desktop'] as const;
let doors: Doors;
let images: string;
let datasetId: DatasetId;
let modelId: ModelId;
let modelPath: string;

beforeAll(async () => {
  const folder = temporaryFolder();
  doors = await openDoors(join(folder, 'home'));
  const { terminal } = doors.clients;
  images = await writeDataset(folder);
  for await (const event of await terminal.datasets.import({ path: images })) {
    if (event.type === 'done') datasetId = event.dataset.id;
  }
  modelPath = copyTinyModel(folder);
  modelId = (await terminal.models.register({ path: modelPath })).id;
});

afterAll(async () => doors.close());

afterEach(async () => {
  const { terminal } = doors.clients;
  for (const { id, status } of await terminal.runs.list()) {
    if (status === 'running') await terminal.runs.stop({ runId: id });
  }
});

function train(name: string, steps: number) {
  return doors.clients.terminal.runs.start({ modelId, datasetId, name, steps });
}

/** The stored events of a run, in order; phases go only to those listening at the time. */
async function story(stream: Promise<AsyncIterable<RunEvent>>): Promise<RunEvent[]> {
  const told: RunEvent[] = [];
  for await (const event of await stream) if (event.type !== 'phase') told.push(event);
  return told;
}

/** Ignores where one message ended and the next began. */
function flat(events: readonly RunEvent[]): unknown[] {
  return events.flatMap((event): unknown[] => {
    if (event.type === 'steps') return event.steps;
    // A status carries the summary as of the moment it is read.
    if (event.type === 'status') return [event.type];
    return [event];
  });
}

describe('a stream', () => {
  it('tells the same at every door, to who comes early and to who comes late', async () => {
    const run = await train('slow', 20);
    const watch = (client: StudioClient) => story(client.runs.watch({ runId: run.id }));
    const early = DOORS.map((door) => watch(doors.clients[door]));
    const late: Promise<RunEvent[]>[] = [];
    for await (const event of await doors.clients.terminal.runs.watch({ runId: run.id })) {
      if (event.type !== 'steps' || late.length > 0 || event.steps.at(-1)!.step < 5) continue;
      late.push(...DOORS.map((door) => watch(doors.clients[door])));
    }
    const told = await Promise.all([...early, ...late]);
    expect(told).toHaveLength(6);
    const steps = told[0]!.flatMap((event) => (event.type === 'steps' ? event.steps : []));
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    for (const each of told) {
      expect(flat(each)).toEqual(flat(told[0]!));
      expect(each.at(-1)).toMatchObject({ type: 'status', summary: { status: 'completed' } });
    }
  });

  it('goes on from any point, thinned where that is asked for', async () => {
    const run = await train('plain', 40);
    const whole = await story(doors.clients.terminal.runs.watch({ runId: run.id }));
    const middle = whole[Math.floor(whole.length / 2)]!.seq;
    for (const door of DOORS) {
      const rest = await story(doors.clients[door].runs.watch({ runId: run.id, after: middle }));
      expect(rest.every(({ seq }) => seq > middle)).toBe(true);
      expect(flat(rest)).toEqual(
        flat(await story(doors.clients.terminal.runs.watch({ runId: run.id, after: middle }))),
      );
      const thin = await story(doors.clients[door].runs.watch({ runId: run.id, maxPoints: 5 }));
      const steps = thin.flatMap((event) => (event.type === 'steps' ? event.steps.map(({ step }) => step) : []));
      expect([steps.length, steps[0], steps.at(-1)]).toEqual([5, 1, 40]);
    }
  });

  it.each(DOORS)('that fails half way says so alike: %s', async (door) => {
    const run = await train('crash-at-3', 6);
    const told = await story(doors.clients[door].runs.watch({ runId: run.id }));
    expect(told.at(-1)).toMatchObject({ type: 'status', summary: { status: 'interrupted' } });
    const bench = doors.clients[door].rewards.bench({
      modelId,
      datasetId,
      rewards: [{ name: 'accuracy', weight: 1 }],
      promptTemplate: 'please fail {question}',
    });
    const seen: string[] = [];
    const failed = (async () => {
      for await (const { type } of await bench) seen.push(type);
    })().then(() => null, decodeError);
    expect(await failed).toMatchObject({ code: 'BAD_INPUT', remedy: 'Ask kindly.', place: { field: 'prompt' } });
  });

  it.each(DOORS)('ends where it is cancelled, and nothing goes on behind it: %s', async (door) => {
    const { terminal } = doors.clients;
    const cancel = new AbortController();
    const request = { path: images, name: `never, ${door}` };
    const stream = await doors.clients[door].datasets.import(request, { signal: cancel.signal });
    const over = (async () => {
      for await (const _ of stream) cancel.abort();
    })().then(
      () => 'done',
      () => 'cancelled',
    );
    expect(await over).toBe('cancelled');
    // Another import that takes just as long: by the time it ends, the first would have appeared.
    for await (const _ of await terminal.datasets.import({ path: images, name: `made, ${door}` }));
    const names = (await terminal.datasets.list()).map(({ name }) => name);
    expect(names).toContain(`made, ${door}`);
    expect(names).not.toContain(request.name);
  });

  it.each(DOORS)('is given up when its reader leaves: %s', async (door) => {
    const { terminal } = doors.clients;
    const run = await train('slow', 500);
    const stream = await doors.clients[door].evaluations.start({ modelId, datasetId });
    expect((await stream.next()).value).toMatchObject({ type: 'progress' });
    expect((await terminal.queue.list()).map(({ kind }) => kind)).toEqual(['run', 'evaluation']);
    await stream.return?.();
    await expect.poll(async () => (await terminal.queue.list()).map(({ kind }) => kind)).toEqual(['run']);
    await terminal.runs.stop({ runId: run.id });
  });

  it.each(WIRES)('is given up when the connection is lost: %s', async (door) => {
    const { terminal } = doors.clients;
    const run = await train('slow', 500);
    const { client, wire } = await doors.connect[door]();
    const stream = await client.evaluations.start({ modelId, datasetId });
    await stream.next();
    const pending = stream.next().then(
      () => 'answered',
      () => 'lost',
    );
    wire.close();
    expect(await pending).toBe('lost');
    await expect.poll(async () => (await terminal.queue.list()).map(({ kind }) => kind)).toEqual(['run']);
    // Other work is not affected.
    expect((await doors.clients[door].runs.get({ runId: run.id })).summary.status).toBe('running');
    await terminal.runs.stop({ runId: run.id });
  });

  it.each(DOORS)('of another’s changes reaches: %s', async (door) => {
    const stream = await doors.clients[door].queue.watch();
    expect((await stream.next()).value).toEqual([]);
    const others = DOORS.filter((other) => other !== door);
    const run = await doors.clients[others[0]!].runs.start({ modelId, datasetId, name: 'slow', steps: 500 });
    const now: unknown = (await stream.next()).value;
    expect(now).toMatchObject([{ kind: 'run', runId: run.id }]);
    await doors.clients[others[1]!].runs.stop({ runId: run.id });
    await stream.return?.();
  });
});

describe('large messages', () => {
  it.each(DOORS)('come through whole, both ways: %s', async (door) => {
    const prompt = `begin ${'äöü 🎨 '.repeat(300_000)} end`;
    const { text } = await resultOf(doors.clients[door].models.generate({ model: modelPath, images: [], prompt }));
    expect(text.endsWith(prompt)).toBe(true);
  });

  it.each(DOORS)('the largest picture is taken, and a larger one refused by its field: %s', async (door) => {
    const ask = (bytes: number) =>
      resultOf(
        doors.clients[door].playground.answer({
          modelId,
          images: [{ kind: 'upload', name: 'large.png', base64: Buffer.alloc(bytes).toString('base64') }],
          question: 'What?',
        }),
      ).then(() => null, decodeError);
    // Accepted, and then found not to be a picture.
    const largest = await ask(LARGEST_UPLOAD_BYTES - 2);
    const larger = await ask(LARGEST_UPLOAD_BYTES + 4);
    expect(largest?.message).not.toEqual(larger?.message);
    expect(largest).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('large.png') });
    expect(larger).toMatchObject({ code: 'BAD_INPUT', place: { field: 'images.0.base64' } });
  });

  it.each(DOORS)('many questions at once are each answered: %s', async (door) => {
    const asked = Array.from({ length: 60 }, (_, index) => `question ${index}`);
    const answers = await Promise.all(
      asked.map((prompt) => resultOf(doors.clients[door].models.generate({ model: modelPath, images: [], prompt }))),
    );
    expect(answers.map(({ text }) => text.replace('tiny: ', ''))).toEqual(asked);
  });
});

/** Sends a raw message and returns the answer with its number. */
function reply(wire: Wire, id: string, message: unknown): Promise<unknown> {
  return new Promise((resolve) => {
    wire.onMessage((answer) => {
      if (typeof answer !== 'string') return;
      const { i, p } = JSON.parse(answer) as { i: string; p: unknown };
      if (i === id) resolve(p);
    });
    wire.send(message);
  });
}

describe('noise', () => {
  const NOISE = [
    'not json',
    '',
    'null',
    '[]',
    '{}',
    '{"i":"noise 1"}',
    '{"i":"noise 2","p":null}',
    '{"i":"noise 3","p":{"u":"nonsense"}}',
    '{"i":"noise 4","t":99,"p":{}}',
    '{"i":"noise 5","t":3,"p":null}',
    '{"i":"noise 6","t":4}',
    `{"i":"noise 7","p":{"u":"/runs/get","b":${'['.repeat(20_000)}}}`,
    Buffer.from([0xff, 0xfe, 0x00]),
    Buffer.from('{"i":"noise 8"}\xff', 'latin1'),
  ];
  const NUMBERS = [7, null, undefined, { i: '9', p: { u: '/runs/list' } }, [1e9]];

  it.each(WIRES)('ends nothing: %s', async (door) => {
    const { client, wire } = await doors.connect[door]();
    const complaints = vi.spyOn(console, 'error').mockReturnValue(undefined);
    const answers: string[] = [];
    wire.onMessage((answer) => answers.push(String(answer)));
    // A socket cannot carry the numbers.
    const sent = door === 'desktop' ? [...NOISE, ...NUMBERS] : NOISE;
    for (const message of sent) wire.send(message);
    expect(await client.rewards.list()).toEqual(await doors.clients.terminal.rewards.list());
    // Each is answered in words, except the one that gives up a call which is not there.
    await expect
      .poll(() => answers.filter((answer) => answer.includes('cannot read this message')).length)
      .toBe(sent.length - 1);
    expect(complaints).not.toHaveBeenCalled();
    complaints.mockRestore();
    wire.close();
  });

  it.each([
    ['a procedure that does not exist', { u: '/runs/explode' }],
    ['a room of the house', { u: '/__proto__/get' }],
    ['a body that is not an input', { u: '/runs/get', b: { json: 5 } }],
    ['another method', { u: '/runs/list', m: 'DELETE' }],
    ['another address', { u: 'http://example.org/runs/list' }],
    ['a path upwards', { u: '/../runs/list' }],
  ])('is answered alike: %s', async (_name, request) => {
    const answers: unknown[] = [];
    for (const door of WIRES) {
      const { wire } = await doors.connect[door]();
      answers.push(await reply(wire, '900', JSON.stringify({ i: '900', p: request })));
      wire.close();
    }
    expect(answers[0]).toEqual(answers[1]);
  });
});

describe('images', () => {
  it('come alike over the loopback host and over media:', async () => {
    const { answerImage } = await import('./protocols.ts');
    const { samples } = await doors.clients.terminal.datasets.samples({ datasetId, limit: 1 });
    const id = samples[0]!.id;
    const addresses = [
      `${datasetId}/${id}`,
      `${datasetId}/${id}?size=160`,
      `${datasetId}/${id}?size=161`,
      `other/${id}`,
      `${datasetId}/nobody`,
      `${datasetId}/%2e%2e%2fsecret`,
    ];
    const statuses: number[] = [];
    for (const address of addresses) {
      const [browser, desktop] = await Promise.all([
        fetch(`${doors.host.origin}/media/${doors.mediaKey}/${address}`, { headers: { cookie: doors.cookie } }),
        answerImage(doors.studio, { url: `media://${address}`, method: 'GET' }),
      ]);
      expect(desktop.status).toBe(browser.status);
      expect(desktop.headers.get('content-type')).toBe(browser.headers.get('content-type'));
      expect(Buffer.from(await desktop.arrayBuffer()).equals(Buffer.from(await browser.arrayBuffer()))).toBe(true);
      statuses.push(browser.status);
    }
    expect(statuses).toEqual([200, 200, 400, 404, 404, 404]);
  });
});
