/** @file The demo's flow against a scripted studio: what it asks for, what it leaves behind, how it stops. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_GRPO } from '../../method/defaults.ts';
import type { DemoOptions } from './demo.ts';
import { runDemo } from './demo.ts';
import { createDisplay } from './display.ts';
import type { Script } from './fixtures/scripted-studio.ts';
import { scriptedStudio } from './fixtures/scripted-studio.ts';
import { DemoReport } from './report.ts';
import { stoppedText } from './texts.ts';

let out = '';
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'atelier-demo-'));
});
afterEach(async () => rm(out, { recursive: true }));

/** Runs the demo; `interruptAt` presses Ctrl-C when that text is printed. */
async function play(script: Script = {}, options: Partial<DemoOptions> = {}, interruptAt: string[] = []) {
  const studio = scriptedStudio(script);
  const printed: string[] = [];
  let interrupt: () => void = () => undefined;
  let endedNow = false;
  const waiting = [...interruptAt];
  const print = (text: string): void => {
    printed.push(text);
    if (waiting[0] !== undefined && text.includes(waiting[0])) {
      waiting.shift();
      interrupt();
    }
  };
  const outcome = await runDemo(
    studio.client,
    {
      out,
      task: 'counting',
      seed: 7,
      steps: 6,
      quick: false,
      readImage: async () =>
        sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
          .png()
          .toBuffer(),
      onInterrupt: (listener) => {
        interrupt = listener;
        return () => undefined;
      },
      endNow: () => (endedNow = true),
      ...options,
    },
    createDisplay({ stdout: print, stderr: print, json: false, isTty: false }),
  );
  return { ...studio, outcome, printed: printed.join(''), endedNow: () => endedNow };
}

describe('the whole job', () => {
  it('goes from the starter pictures to a verified bundle and a report', async () => {
    const { outcome, calls, requests, printed } = await play();
    expect(outcome.status).toBe('done');
    expect(calls.filter((call) => /import|start|create|verify/.test(call))).toEqual([
      'datasets.importStarter',
      'runs.start',
      'evaluations.start',
      'exports.create',
      'exports.verify',
    ]);
    expect(requests.start[0]).toMatchObject({ method: 'grpo-d', seed: 7, steps: 6, evalSamples: 0 });
    for (const title of ['Pictures', 'Base model', 'Training', 'Tuned model', 'Sampled answers', 'Export'])
      expect(printed).toContain(`${title}: `);
    expect(requests.samples).toMatchObject([{ mode: 'samples', samples: 16 }]);
    expect(printed).toContain('3/12');
    expect(printed).toContain('11/12');
    expect(printed).toContain('Every group agreed.');
  });

  it('writes the same facts to report.json as it returns, complete and well-formed', async () => {
    const { outcome } = await play();
    const written = DemoReport.parse(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')));
    expect(outcome).toEqual({ status: 'done', report: written });
    expect(written.base).toMatchObject({ correct: 3, n: 12 });
    expect(written.tuned).toMatchObject({ correct: 11, n: 12 });
    expect(written.comparison).toMatchObject({ n: 12, both: 2, lost: 1, gained: 9, neither: 0, verdict: 'better' });
    expect(written.steps.map((step) => step.step)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(Object.keys(written.seconds).sort()).toEqual([
      'base',
      'export',
      'pictures',
      'samples',
      'total',
      'training',
      'tuned',
    ]);
    expect(written.paths).toMatchObject({
      adapter: join(out, 'adapter', 'peft'),
      bundle: join(out, 'adapter'),
      home: '/home/of/atelier',
    });
    expect(written.credits).toEqual([
      { licence: 'MIT', pictures: 8, authors: ['Ada', 'Zoe'] },
      { licence: null, pictures: 4, authors: [] },
    ]);
    expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('data:image/png;base64,');
  });

  it("keeps what earlier demos left and never reuses a bundle's folder", async () => {
    await writeFile(join(out, 'report.json'), 'old');
    await writeFile(join(out, 'adapter'), 'mine');
    const { requests } = await play();
    await play();
    expect(requests.export[0]?.destination).toBe(join(out, 'adapter-2'));
    expect(await readFile(join(out, 'report-1.json'), 'utf8')).toBe('old');
    expect((await readdir(out)).sort()).toEqual([
      'adapter',
      'report-1.json',
      'report-2.html',
      'report-2.json',
      'report.html',
      'report.json',
    ]);
  });

  it("trains on the person's own pictures when it is given some", async () => {
    const { requests, outcome } = await play({}, { images: '/my/pictures' });
    expect(requests.import[0]).toMatchObject({ path: '/my/pictures', seed: 7, onProblem: 'stop' });
    expect(outcome.status === 'done' && outcome.report.dataset.name).toBe('Mine');
  });

  it('takes few steps and few questions when it must be quick', async () => {
    const { requests } = await play({}, { quick: true });
    expect(requests.start[0]).toMatchObject({
      steps: 6,
      evalSamples: 12,
      grpo: { ...DEFAULT_GRPO, promptsPerStep: 4 },
    });
  });

  it('shows a sample without its picture when the picture cannot be read', async () => {
    const readImage = (): Promise<Buffer> => Promise.reject(new Error('gone'));
    const { outcome } = await play({}, { readImage });
    expect(outcome.status === 'done' && outcome.report.samples[0]?.image).toBeNull();
    expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('The picture could not be read.');
  });
});

describe('when it does not go well', () => {
  it('refuses pictures of which none are held out', async () => {
    await expect(play({ testSamples: 0 }, { images: '/my/pictures' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { field: 'split' },
    });
  });

  it.each([
    ['failed', 'INTERNAL', /The engine refused/],
    ['interrupted', 'ENGINE_LOST', /It was killed/],
  ] as const)('passes on why a run %s', async (ending, code, message) => {
    await expect(play({ ending })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await readdir(out)).toEqual([]);
  });

  it('does not report a bundle that does not verify as a success', async () => {
    await expect(play({ verification: 'fail' })).rejects.toMatchObject({
      code: 'VERIFICATION_FAILED',
      message: expect.stringContaining('One file changed'),
    });
  });
});

describe('Ctrl-C', () => {
  it('stops the run with a checkpoint and tells how to go on', async () => {
    const { outcome, calls, printed } = await play({ ending: 'hang' }, {}, ['Every group agreed']);
    expect(outcome).toEqual({ status: 'stopped', runId: 'run-1' });
    expect(calls).toContain('runs.stop');
    expect(calls).not.toContain('exports.create');
    expect(printed).toContain('Stopping after the current step');
    expect(stoppedText('run-1' as never, '/my home')).toContain("npx atelier resume run-1 --home '/my home'");
  });

  it('before training leaves nothing to resume', async () => {
    const { outcome, calls } = await play({}, { images: '/my/pictures' }, ['Pictures']);
    expect(outcome).toEqual({ status: 'stopped', runId: null });
    expect(calls).not.toContain('runs.start');
    expect(stoppedText(null, '/home')).toContain('Nothing is lost');
  });

  it('twice ends at once', async () => {
    const { endedNow } = await play({ ending: 'hang' }, {}, ['Every group agreed', 'Stopping after']);
    expect(endedNow()).toBe(true);
  });
});
