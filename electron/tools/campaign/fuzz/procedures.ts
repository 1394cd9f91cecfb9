/**
 * @file Every procedure of the studio's contract and of the engine's link, called with inputs made from its schema. An
 * answer, or an error that the contract knows, holds; an internal error does not.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createRouterClient } from '@orpc/server';
import type { z } from 'zod';
import { contract } from '../../../contract/api/index.ts';
import { engineContract } from '../../../contract/engine/engine.ts';
import type { EngineService } from '../../../contract/engine/engine-service.ts';
import { decodeError } from '../../../contract/errors/error-codec.ts';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { engineRouter } from '../../../engine/service/process-link.ts';
import { localPictures } from '../../../pictures/work.ts';
import { RESOURCES, writeSmallStore } from '../../../studio/fixtures/small-store.ts';
import { fakeEngine } from '../../../studio/fixtures/test-studio.ts';
import { openStudio } from '../../../studio/studio.ts';

export interface Procedure {
  name: string;
  schema: z.ZodType;
  call: (input: unknown, signal: AbortSignal) => Promise<unknown>;
}

export interface Procedures {
  all: Procedure[];
  /** Ids that exist, for inputs to name. */
  texts: string[];
  close: () => Promise<void>;
}

interface Described {
  path: string[];
  schema: z.ZodType;
}

function described(node: unknown, path: string[] = []): Described[] {
  if (typeof node !== 'object' || node === null) return [];
  const definition = (node as { '~orpc'?: { inputSchema?: z.ZodType } })['~orpc'];
  if (definition !== undefined)
    return definition.inputSchema === undefined ? [] : [{ path, schema: definition.inputSchema }];
  return Object.entries(node).flatMap(([key, value]) => described(value, [...path, key]));
}

type Call = (input: unknown, options: { signal: AbortSignal }) => Promise<unknown>;

function at(client: unknown, path: readonly string[]): Call {
  return path.reduce((node, key) => (node as Record<string, unknown>)[key], client) as Call;
}

/** Streams are read to their end, or until the signal. */
async function drained(answer: unknown): Promise<void> {
  if (typeof answer !== 'object' || answer === null || !(Symbol.asyncIterator in answer)) return;
  for await (const _ of answer as AsyncIterable<unknown>) void _;
}

/** The studio's procedures on a small data folder below `folder`, with an engine that computes nothing. */
export async function studioProcedures(folder: string): Promise<Procedures> {
  const home = join(folder, 'home');
  mkdirSync(folder, { recursive: true });
  const runId = await writeSmallStore(home);
  const studio = await openStudio({
    home,
    resourcesDir: RESOURCES,
    version: '0.0.0-campaign',
    spawnEngine: fakeEngine,
    pictures: localPictures,
    // No clone: a call must not set anything up.
    setUp: { root: join(folder, 'no-clone'), program: process.execPath },
  });
  const client = createRouterClient(studio.router);
  const [dataset] = await client.datasets.list();
  const models = await client.models.list();
  const page = await client.datasets.samples({ datasetId: dataset!.id });
  const texts = [runId, dataset!.id, ...models.map(({ id }) => id), ...page.samples.map(({ id }) => id)];
  return {
    all: described(contract).map(({ path, schema }) => ({
      name: path.join('.'),
      schema,
      call: async (input, signal) => drained(await at(client, path)(within(input, folder), { signal })),
    })),
    texts: [...texts, join(folder, 'written')],
    close: () => studio.close({ waitMs: 0 }),
  };
}

/** The engine's procedures behind its link; whatever passes the schemas reaches an engine that refuses it. */
export async function engineProcedures(): Promise<Procedures> {
  const refuse = (): never => {
    throw new AtelierError('BAD_INPUT', 'This engine refuses everything.');
  };
  const service = new Proxy({} as EngineService, { get: () => refuse });
  const client = createRouterClient(engineRouter(service));
  return {
    all: described(engineContract).map(({ path, schema }) => ({
      name: `engine.${path.join('.')}`,
      schema,
      call: async (input, signal) => drained(await at(client, path)(input, { signal })),
    })),
    texts: [],
    close: async () => undefined,
  };
}

/** Paths in an input that is meant to be written or read stay below the campaign's own folder. */
function within(input: unknown, folder: string): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const entries = Object.entries(input).map(([key, value]: [string, unknown]) =>
    /path|destination|folder|file/i.test(key) && typeof value === 'string' && value.startsWith('/')
      ? [key, resolve(folder, `.${value.startsWith(folder) ? value.slice(folder.length) : value}`)]
      : [key, value],
  );
  return Object.fromEntries(entries);
}

/** Whether an error is one that the contract promises: anything but an internal one. */
export function isPromised(error: unknown): boolean {
  const known = decodeError(error);
  if (known !== null) return known.code !== 'INTERNAL';
  return (error as { code?: string } | null)?.code === 'BAD_REQUEST';
}
