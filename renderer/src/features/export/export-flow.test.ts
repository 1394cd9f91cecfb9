/** @file An export is verified as soon as it is written, and kept if it cannot be verified. */
import { describe, expect, it } from 'vitest';
import type { ExportEvent, ExportSummary, VerifyReport } from '../../../../electron/contract/api/index.ts';
import { ExportFlow } from './export-flow.svelte.ts';
import { runId } from '../run/testing.ts';

const summary = { path: '/out/adapter', step: 20, files: [] } as unknown as ExportSummary;

async function* written(exported: ExportSummary): AsyncGenerator<ExportEvent> {
  yield { type: 'progress', progress: { phase: 'merge', done: 1, total: 2 } };
  yield { type: 'done', export: exported };
}

describe('ExportFlow', () => {
  it('writes, then verifies the folder that was written', async () => {
    const verified: string[] = [];
    const flow = new ExportFlow({
      create: async ({ destination }) => written({ ...summary, path: destination }),
      verify: async ({ path }) => {
        verified.push(path);
        return { path, outcome: 'pass', checks: [] } satisfies VerifyReport;
      },
    });
    flow.destination = ' /out/adapter ';
    await flow.run(runId, 20);
    expect(verified).toEqual(['/out/adapter']);
    expect([flow.stage, flow.report?.outcome]).toEqual(['done', 'pass']);
  });

  it('sends form and licence as they were chosen, and starts anew', async () => {
    const asked: unknown[] = [];
    const flow = new ExportFlow({
      create: async (request) => {
        asked.push(request);
        return written(summary);
      },
      verify: async ({ path }) => ({ path, outcome: 'pass', checks: [] }),
    });
    flow.destination = '/out';
    flow.form = 'merged';
    flow.licence = 'CC-BY-4.0';
    await flow.run(runId, 20);
    expect(asked).toEqual([{ runId, step: 20, destination: '/out', form: 'merged', licence: 'CC-BY-4.0' }]);
    flow.again();
    expect([flow.stage, flow.summary, flow.destination]).toEqual(['asking', undefined, '']);
  });

  it('shows how far it is, and asks again without a complaint when it is cancelled', async () => {
    let halfway = (): void => undefined;
    const reached = new Promise<void>((resolve) => (halfway = resolve));
    const flow = new ExportFlow({
      create: async (_, signal) =>
        (async function* (): AsyncGenerator<ExportEvent> {
          yield { type: 'progress', progress: { phase: 'merge', done: 1, total: 2 } };
          halfway();
          await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
        })(),
      verify: () => Promise.reject(new Error()),
    });
    flow.destination = '/out';
    const running = flow.run(runId, 20);
    await reached;
    expect(flow.progress).toMatchObject({ done: 1, total: 2 });
    flow.cancel();
    await running;
    expect([flow.stage, flow.trouble, flow.summary]).toEqual(['asking', undefined, undefined]);
  });

  it('asks again when nothing was written, and says so when only the check failed', async () => {
    const refused = new ExportFlow({
      create: () => Promise.reject(new Error()),
      verify: () => Promise.reject(new Error()),
    });
    refused.destination = '/out';
    await refused.run(runId, 20);
    expect([refused.stage, refused.summary]).toEqual(['asking', undefined]);

    const unchecked = new ExportFlow({
      create: async () => written(summary),
      verify: () => Promise.reject(new Error()),
    });
    unchecked.destination = '/out';
    await unchecked.run(runId, 20);
    expect([unchecked.stage, unchecked.report]).toEqual(['done', undefined]);
    expect(unchecked.trouble).toBeDefined();
  });
});
