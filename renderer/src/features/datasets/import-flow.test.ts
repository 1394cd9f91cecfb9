/** @file Nothing is imported before inspection, or before you decide about rejected rows. */
import { describe, expect, it } from 'vitest';
import type { DatasetSummary, ImportReport, TablePeek } from '../../../../electron/contract/api/index.ts';
import { ImportFlow, type ImportCalls } from './import-flow.svelte.ts';

const clean = { rowsRead: 3, rowsUsable: 3, problems: [] } as unknown as ImportReport;
const flawed = {
  rowsRead: 3,
  rowsUsable: 2,
  problems: [{ row: 2, file: 'a.png', field: 'image', reason: 'The file is not there.' }],
} as unknown as ImportReport;

const seen = { columns: [{ name: 'file_name', example: 'a.png' }], missing: [] } as unknown as TablePeek;

function flowWith(report: ImportReport, peek = seen) {
  const requests: unknown[] = [];
  const calls: ImportCalls = {
    peek: async () => peek,
    inspect: async (request) => {
      requests.push(['inspect', request]);
      return report;
    },
    import: async (request) => {
      requests.push(['import', request]);
      return (async function* () {
        yield { type: 'progress', progress: { phase: 'Copying', done: 1, total: 2 } } as const;
        yield { type: 'done', dataset: { id: 'ds-9' } as DatasetSummary, report } as const;
      })();
    },
  };
  const flow = new ImportFlow(calls);
  flow.path = ' /pictures ';
  return { flow, requests };
}

describe('ImportFlow', () => {
  it('looks first, then imports the same path', async () => {
    const { flow, requests } = flowWith(clean);
    await flow.import();
    expect(requests).toEqual([]);
    await flow.inspect();
    expect(flow.canImport).toBe(true);
    await flow.import();
    expect(flow.stage).toBe('done');
    expect(flow.dataset?.id).toBe('ds-9');
    expect(requests).toEqual([
      ['inspect', { path: '/pictures', testShare: 0.2, onProblem: 'stop' }],
      ['import', { path: '/pictures', testShare: 0.2, onProblem: 'stop' }],
    ]);
  });

  it('waits for a decision about refused rows and passes it on', async () => {
    const { flow, requests } = flowWith(flawed);
    await flow.inspect();
    expect(flow.canImport).toBe(false);
    flow.leaveOut = true;
    expect(flow.canImport).toBe(true);
    await flow.import();
    expect(requests.at(-1)).toEqual(['import', { path: '/pictures', testShare: 0.2, onProblem: 'skip' }]);
  });

  it('forgets the report when what is asked changes', async () => {
    const { flow } = flowWith(clean);
    await flow.inspect();
    flow.change(() => (flow.path = '/other'));
    expect(flow.report).toBeUndefined();
    expect(flow.canImport).toBe(false);
  });

  it('keeps the report when only the name changes', async () => {
    const { flow, requests } = flowWith(clean);
    await flow.inspect();
    flow.rename('Birds');
    expect(flow.canImport).toBe(true);
    await flow.import();
    expect(requests.at(-1)).toMatchObject(['import', { name: 'Birds' }]);
  });

  it('inspects again by itself when a choice changes the outcome, and only the last one counts', async () => {
    const { flow, requests } = flowWith(clean);
    await flow.inspect();
    const first = flow.revise(() => (flow.testShare = 0.3));
    expect(flow.report).toBeDefined();
    expect(flow.canImport).toBe(false);
    await Promise.all([first, flow.revise(() => (flow.testShare = 0.4))]);
    expect(flow.canImport).toBe(true);
    expect(requests.at(-1)).toMatchObject(['inspect', { testShare: 0.4 }]);
  });

  it('says what went wrong and lets try again', async () => {
    const flow = new ImportFlow({
      peek: () => Promise.reject(new Error('gone')),
      inspect: () => Promise.reject(new Error('gone')),
      import: () => Promise.reject(new Error('gone')),
    });
    flow.path = '/pictures';
    await flow.inspect();
    expect(flow.stage).toBe('asking');
    expect(flow.trouble?.connection).toBe(true);
  });

  it('asks for the columns that were not recognised before it looks', async () => {
    const { flow, requests } = flowWith(clean, { ...seen, missing: ['answer'] });
    await flow.inspect();
    expect([flow.stage, flow.peek?.missing, requests]).toEqual(['asking', ['answer'], []]);
  });

  it('sends mapping, fixed values and what to keep together, and forgets columns with another path', async () => {
    const { flow, requests } = flowWith(clean);
    flow.mapping = { answer: 'solution', task: '' };
    flow.fixed.licence = ' CC0-1.0 ';
    flow.unknownUse = 'ask';
    flow.encoding = 'windows-1250';
    flow.orientation = 'as-stored';
    flow.splitBy = 'author';
    await flow.inspect();
    expect(requests).toEqual([
      [
        'inspect',
        {
          path: '/pictures',
          testShare: 0.2,
          onProblem: 'stop',
          mapping: { answer: 'solution' },
          // eslint-disable-next-line @typescript-eslint/no-deprecated -- a field of ours, not String.prototype.fixed
          fixed: { licence: 'CC0-1.0' },
          unknownUse: 'ask',
          encoding: 'windows-1250',
          orientation: 'as-stored',
          splitBy: 'author',
        },
      ],
    ]);
    flow.setPath('/other');
    expect([flow.mapping, flow.peek, flow.splitBy, flow.fixed.licence]).toEqual([
      {},
      undefined,
      undefined,
      ' CC0-1.0 ',
    ]);
  });

  it('says that it was stopped, keeps the report, and can start again', async () => {
    const flow = new ImportFlow({
      peek: async () => seen,
      inspect: async () => clean,
      import: async (_request, { signal }) =>
        (async function* () {
          yield { type: 'progress', progress: { phase: 'Copying', done: 1, total: 2 } } as const;
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
        })(),
    });
    flow.path = '/pictures';
    await flow.inspect();
    const importing = flow.import();
    await new Promise((resolve) => setTimeout(resolve, 0));
    flow.cancel();
    await importing;
    expect([flow.stopped, flow.stage, flow.canImport, flow.trouble]).toEqual([true, 'looking', true, undefined]);
  });
});
