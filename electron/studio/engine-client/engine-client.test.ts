import { existsSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import {
  DEFAULT_ADAPTER,
  DEFAULT_GRPO,
  DEFAULT_GRPO_D_SCHEDULE,
  DEFAULT_OPTIMISER,
  DEFAULT_REWARDS,
  R1V_PROMPT_TEMPLATE,
} from '../../method/defaults.ts';
import { TrainJob } from '../../contract/engine/engine.ts';
import { THREADS_VARIABLE } from '../../contract/engine/threads.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { BoundedLog } from './bounded-log.ts';
import type { EngineClient } from './engine-client.ts';
import { createEngineClient } from './engine-client.ts';
import type { StandstillLimits } from './standstill.ts';
import { nodeChild } from '../../processes/node-child.ts';
import { resultOf } from '../../contract/model/result-events.ts';

const entry = fileURLToPath(new URL('../fixtures/fake-engine.ts', import.meta.url));
const recipe = {
  modelId: 'm',
  modelSha256: 'a'.repeat(64),
  datasetId: 'd',
  datasetSha256: 'b'.repeat(64),
  method: 'grpo-d',
  promptTemplate: R1V_PROMPT_TEMPLATE,
  adapter: DEFAULT_ADAPTER,
  rewards: DEFAULT_REWARDS,
  grpo: DEFAULT_GRPO,
  klSchedule: DEFAULT_GRPO_D_SCHEDULE,
  optimiser: DEFAULT_OPTIMISER,
  seed: 7,
  checkpointEvery: 10,
  evalSamples: 0,
};
const request = { model: '/models/nano', images: [], greedy: true, temperature: 1, seed: 7, maxNewTokens: 8 };

let open: EngineClient[] = [];
afterEach(async () => {
  await Promise.all(open.map((client) => client.close()));
  open = [];
});

function engine(standstill?: StandstillLimits): { client: EngineClient; spawned: () => number; log: BoundedLog } {
  const log = new BoundedLog(join(mkdtempSync(join(tmpdir(), 'atelier-')), 'logs', 'engine.log'));
  const fork = nodeChild({ entry, execArgv: ['--import', 'tsx'] });
  let spawned = 0;
  const client = createEngineClient({
    log,
    ...(standstill === undefined ? {} : { standstill }),
    spawn: (options) => {
      spawned += 1;
      return fork(options);
    },
  });
  open.push(client);
  return { client, spawned: () => spawned, log };
}

/** The child of this process that runs the fake engine. */
function fakeEnginePid(): number {
  const pids = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const found = pids.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('fake-engine'));
  return Number(found);
}

async function failure(promise: Promise<unknown>): Promise<AtelierError> {
  const error = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(AtelierError);
  return error as AtelierError;
}

/** A folder whose weight file has this size (without using disk space). */
function modelOf(sizeBytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-model-'));
  writeFileSync(join(folder, 'model.safetensors'), '');
  truncateSync(join(folder, 'model.safetensors'), sizeBytes);
  return folder;
}

describe('an engine that stands still', () => {
  it.skipIf(process.platform !== 'linux')(
    'is ended with a sentence, and the next call gets a fresh one (Linux)',
    async () => {
      const { client, spawned } = engine({ everyMs: 500, checks: 12 });
      await client.info();
      process.kill(fakeEnginePid(), 'SIGSTOP');
      const error = await failure(resultOf(client.generate({ ...request, prompt: 'Hello' })));
      expect(error).toMatchObject({
        code: 'ENGINE_LOST',
        message: expect.stringContaining('stood still while it was generating') as string,
      });
      expect(await client.info()).toMatchObject({ version: 'fake' });
      expect(spawned()).toBe(2);
    },
  );
});

describe('the supervised engine', () => {
  it('has the cores used as the model wants, in a fresh process where the idle one does it otherwise', async () => {
    const told: (string | undefined)[] = [];
    const fork = nodeChild({ entry, execArgv: ['--import', 'tsx'] });
    const client = createEngineClient({
      spawn: (options) => {
        told.push(options.env[THREADS_VARIABLE]);
        return fork(options);
      },
    });
    open.push(client);
    const [small, large] = [modelOf(1000), modelOf(4_000_000_000)];
    await resultOf(client.generate({ ...request, model: small, prompt: 'hello' }));
    await resultOf(client.generate({ ...request, model: large, prompt: 'hello' }));
    await client.info();
    await resultOf(client.generate({ ...request, model: large, prompt: 'hello' }));
    expect(told).toEqual(['lanes', 'products']);
    await resultOf(client.generate({ ...request, model: small, prompt: 'hello' }));
    expect(told).toEqual(['lanes', 'products', 'lanes']);
  });

  it('starts at the first call and not before, and keeps its process', async () => {
    const { client, spawned } = engine();
    expect(spawned()).toBe(0);
    expect(await client.stop()).toEqual({ stopping: false });
    expect(spawned()).toBe(0);
    expect(client.knownInfo).toBeNull();
    expect(await client.info()).toMatchObject({ version: 'fake' });
    expect(client.knownInfo).toMatchObject({ device: 'no device' });
    expect(await resultOf(client.generate({ ...request, prompt: 'hello' }))).toMatchObject({ text: 'nano: hello' });
    expect(spawned()).toBe(1);
  });

  it('says that the GPU was lost, and starts another engine', async () => {
    const { client, spawned } = engine();
    const error = await failure(resultOf(client.generate({ ...request, prompt: 'gpu-lost' })));
    expect(error).toMatchObject({
      code: 'ENGINE_LOST',
      message: expect.stringMatching(/^The GPU was lost.* The engine was generating\.$/) as string,
      remedy: expect.stringContaining('last checkpoint') as string,
    });
    expect(await client.info()).toMatchObject({ version: 'fake' });
    expect(spawned()).toBe(2);
  });

  it('carries expected failures over the link with place and remedy', async () => {
    const { client } = engine();
    const error = await failure(resultOf(client.generate({ ...request, prompt: 'please fail' })));
    expect(error).toMatchObject({
      code: 'BAD_INPUT',
      message: 'The prompt asked to fail.',
      place: { field: 'prompt' },
      remedy: 'Ask kindly.',
    });
  });

  it('keeps the message of a bug for the log, and its stack in the engine log', async () => {
    const { client, log } = engine();
    await expect(resultOf(client.generate({ ...request, prompt: 'a bug' }))).rejects.toThrow('an unforeseen failure');
    await client.close();
    expect(readFileSync(log.path, 'utf8')).toContain('TypeError: an unforeseen failure');
  });

  it('reports a lost process with its signal, fails every call in flight, and starts afresh', async () => {
    const { client, spawned } = engine();
    const lost = await Promise.all(
      ['crash-now', 'hello'].map((prompt) => failure(resultOf(client.generate({ ...request, prompt })))),
    );
    expect(lost.map((error) => error.code)).toEqual(['ENGINE_LOST', 'ENGINE_LOST']);
    expect(lost[0]?.message).toContain('SIGKILL');
    expect(await resultOf(client.generate({ ...request, prompt: 'again' }))).toMatchObject({ text: 'nano: again' });
    expect(spawned()).toBe(2);
  });

  it('gives every event that came before the process was lost, however slowly they are read', async () => {
    const { client } = engine();
    const job = TrainJob.parse({
      runId: 'r',
      recipe: { ...recipe, name: 'crash-at-40', steps: 50 },
      modelPath: '/models/nano',
      samples: [{ id: 's', imagePath: '/i.png', prompt: 'p', answer: '1', task: 'counting' }],
      checkpointRoot: join(mkdtempSync(join(tmpdir(), 'atelier-')), 'checkpoints'),
    });
    const steps: number[] = [];
    const reading = (async () => {
      for await (const event of client.train(job)) {
        if (event.type === 'step') steps.push(event.metrics.step);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    const error = await failure(reading);
    expect(error).toMatchObject({ code: 'ENGINE_LOST' });
    expect(error.message).toContain('The last step it reported was 39.');
    expect(steps).toEqual(Array.from({ length: 39 }, (_, index) => index + 1));
  });

  it('says that the process could not start', async () => {
    const client = createEngineClient({ spawn: nodeChild({ entry: '/nowhere/engine.js', execArgv: [] }) });
    open.push(client);
    const error = await failure(client.info());
    expect(error.code).toBe('ENGINE_LOST');
    expect(error.message).toContain('exit status 1');
  });

  it('cancels calls in flight when it is closed on purpose', async () => {
    const { client } = engine();
    const pending = failure(client.info());
    await client.close();
    expect((await pending).code).toBe('CANCELLED');
  });
});

describe('the bounded log', () => {
  it('keeps two files of bounded size and the last line', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'atelier-')), 'engine.log');
    const log = new BoundedLog(path, 100);
    for (let line = 1; line <= 30; line += 1) log.write(`line number ${line}\n`);
    expect(readFileSync(path).length).toBeLessThanOrEqual(100);
    expect(readFileSync(`${path}.1`).length).toBeLessThanOrEqual(100);
    expect(existsSync(`${path}.2`)).toBe(false);
    expect(log.lastLine()).toBe('line number 30');
  });

  it("leaves out TensorFlow's greeting", () => {
    const path = join(mkdtempSync(join(tmpdir(), 'atelier-')), 'engine.log');
    const log = new BoundedLog(path, 10_000);
    log.write('WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n');
    log.write('I0000 00:00:1795441558.717255   15115 port.cc:153] oneDNN custom operations are on.\n');
    expect(log.lastLine()).toBeNull();
    expect(existsSync(path)).toBe(false);
    log.write('terminate called after throwing an instance of std::bad_alloc\nI0000 00:00:1.5 1 port.cc:153] again\n');
    expect(log.lastLine()).toBe('terminate called after throwing an instance of std::bad_alloc');
    expect(readFileSync(path, 'utf8')).toBe('terminate called after throwing an instance of std::bad_alloc\n');
  });
});
