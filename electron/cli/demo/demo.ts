/**
 * @file The demo: from a folder of pictures to a verified adapter. It only calls the contract's procedures.
 */
import { makeOutputFolder } from '../../studio/output-folder.ts';
import { basename, dirname, join } from 'node:path';
import type { DatasetSummary } from '../../contract/model/datasets.ts';
import { DEFAULT_GRPO, DEFAULT_STEPS } from '../../method/defaults.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EvaluationExplanation, EvaluationSummary } from '../../contract/model/evaluations.ts';
import type { ExportRequest, ExportSummary, VerifyReport } from '../../contract/model/exports.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import type { Proportion, RunId, SampleId } from '../../contract/model/primitives.ts';
import type { RunRequest, RunSummary } from '../../contract/model/runs.ts';
import { changeSentence } from '../../reporting/comparison-text.ts';
import { recipeSha256 } from '../../studio/recipes/resolve.ts';
import type { StudioClient } from '../command.ts';
import type { DemoDisplay } from './display.ts';
import type { Interrupt, RunStage } from './follow.ts';
import { followImport, followRun, Interrupted, untilInterrupted } from './follow.ts';
import { collectCredits, describeSamples } from './pictures.ts';
import { freeName, writeReportFiles } from './report-files.ts';
import { reportPage } from './report-page.ts';
import { sideOf } from '../../reporting/report/facts.ts';
import type { DemoReport } from './report.ts';

import { closingText, exportText, picturesText, stageText } from './texts.ts';
import { counted } from '../text.ts';

export interface DemoOptions {
  /** Folder for the report and the bundle; created if missing. Nothing in it is ever removed. */
  out: string;
  /** A folder of pictures with its table, or the table itself; trained on instead of the starter pictures. */
  images?: string;
  task: 'counting' | 'geometry';
  seed: number;
  steps?: number;
  /** Few steps and few questions: shows the workflow, proves nothing. */
  quick: boolean;
  readImage: (sampleId: SampleId) => Promise<Buffer>;
  /** Registers a Ctrl-C listener; returns a function that removes it. */
  onInterrupt: (listener: () => void) => () => void;
  /** Ends the process at once: the second Ctrl-C. */
  endNow: () => void;
}

export type DemoOutcome =
  | { status: 'done'; report: DemoReport }
  /** Stopped on request; `runId` is null if training had not begun. */
  | { status: 'stopped'; runId: RunId | null };

const PHASE_TITLES = {
  pictures: 'Pictures',
  base: 'Base model',
  training: 'Training',
  tuned: 'Tuned model',
  samples: 'Sampled answers',
  export: 'Export',
};

/** Answers sampled to each question: enough to tell selection from new answers without doubling the demo's time. */
const SAMPLES = 16;

const QUICK = { steps: 10, questions: 40, promptsPerStep: 4 };

/**
 * Runs the whole job and writes the report.
 *
 * @throws AtelierError for expected failures; the studio's own errors pass through unchanged.
 */
export async function runDemo(client: StudioClient, options: DemoOptions, display: DemoDisplay): Promise<DemoOutcome> {
  const interrupt = listenForInterrupt(options);
  const demo = new Demo(client, options, display, interrupt);
  try {
    return { status: 'done', report: await demo.run() };
  } catch (error) {
    // The second Ctrl-C closes the studio while we are using it; failures after that are expected.
    if (!(error instanceof Interrupted) && !interrupt.ended) throw error;
    return { status: 'stopped', runId: demo.runId };
  } finally {
    interrupt.close();
    display.close();
  }
}

class Demo {
  runId: RunId | null = null;
  readonly #client: StudioClient;
  readonly #options: DemoOptions;
  readonly #display: DemoDisplay;
  readonly #interrupt: Interrupt;
  readonly #seconds: Record<string, number> = {};
  #phase = { key: '', startedMs: 0 };

  constructor(client: StudioClient, options: DemoOptions, display: DemoDisplay, interrupt: Interrupt) {
    this.#client = client;
    this.#options = options;
    this.#display = display;
    this.#interrupt = interrupt;
  }

  async run(): Promise<DemoReport> {
    const startedMs = performance.now();
    await makeOutputFolder(this.#options.out);
    const model = await this.#starterModel();
    this.#begin('pictures');
    const dataset = await this.#pictures();
    this.#end(picturesText(dataset));

    const run = await this.#train(model, dataset);
    const [base, tuned] = await this.#evaluations(model, dataset, run);

    this.#begin('samples');
    const explanation = await this.#explain(base, tuned);
    this.#end(explanation.passAtK === null ? 'none' : `${SAMPLES} answers to each question, before and after`);

    this.#begin('export');
    const [bundle, verification] = await this.#export(run);
    this.#end(exportText(bundle, verification));

    this.#seconds['total'] = (performance.now() - startedMs) / 1000;
    const report = await this.#report({ model, dataset, base, run, tuned, explanation, bundle, verification });
    await writeReportFiles(this.#options.out, {
      json: `${JSON.stringify(report, null, 2)}\n`,
      html: reportPage(report),
    });
    this.#display.result(report, closingText(report));
    return report;
  }

  async #starterModel(): Promise<ModelSummary> {
    const starter = (await this.#client.models.list()).find((model) => model.starter);
    if (starter !== undefined) return starter;
    throw new AtelierError('NOT_FOUND', 'The starter model is not part of this installation.', {
      place: { file: 'resources/models/nano' },
      remedy: 'Build it with: npm run build:nano',
    });
  }

  async #pictures(): Promise<DatasetSummary> {
    const { images, task, seed } = this.#options;
    const starter = await this.#client.datasets.importStarter({ data: task });
    if (images === undefined) return starter;
    const request = {
      path: images,
      testShare: 0.2,
      seed,
      orientation: 'upright',
      unknownUse: 'use',
      onProblem: 'stop',
    } as const;
    const dataset = await followImport(this.#client, request, this.#display, this.#interrupt);
    if (dataset.test === 0 || dataset.train === 0) {
      throw new AtelierError(
        'BAD_INPUT',
        `"${dataset.name}" has ${counted(dataset.train, 'picture')} to learn from and ${dataset.test} held out; both are needed.`,
        {
          place: { file: images, field: 'split' },
          remedy: 'Mark some rows "train" and some "test", or leave the split column out.',
        },
      );
    }
    return dataset;
  }

  /** The run evaluates the base model, trains, and evaluates the result; each stage can be stopped and resumed. */
  async #train(model: ModelSummary, dataset: DatasetSummary): Promise<RunSummary> {
    const { seed, quick } = this.#options;
    const steps = this.#options.steps ?? (quick ? QUICK.steps : DEFAULT_STEPS);
    const request: RunRequest = {
      modelId: model.id,
      datasetId: dataset.id,
      method: 'grpo-d',
      seed,
      steps,
      evalSamples: quick ? Math.min(QUICK.questions, dataset.test) : 0,
      ...(quick && { grpo: { ...DEFAULT_GRPO, promptsPerStep: Math.min(QUICK.promptsPerStep, dataset.train) } }),
    };
    const started = await this.#client.runs.start(request);
    this.runId = started.id;
    let stage: RunStage | null = null;
    const close = async (): Promise<void> => {
      if (stage === null) return;
      const { summary } = await this.#client.runs.get({ runId: started.id });
      this.#end(stageText(stage, summary));
    };
    const ended = await followRun(
      this.#client,
      started,
      {
        onStage: async (next) => {
          await close();
          stage = next;
          this.#begin(next);
        },
        onProgress: (progress) => this.#display.progress(progress),
        onNote: (text) => this.#display.note(text),
      },
      this.#interrupt,
    );
    if (ended.status === 'interrupted') throw new Interrupted('Stopped on request.');
    await close();
    return ended;
  }

  /** The two evaluations that the run has made. */
  async #evaluations(
    model: ModelSummary,
    dataset: DatasetSummary,
    run: RunSummary,
  ): Promise<[EvaluationSummary, EvaluationSummary]> {
    const known = await this.#client.evaluations.list({ modelId: model.id, mode: 'reasoning' });
    const find = (runId: RunId | null, share: Proportion | null): EvaluationSummary | undefined =>
      known.find(
        (evaluation) =>
          evaluation.runId === runId &&
          evaluation.datasetId === dataset.id &&
          evaluation.split === 'test' &&
          evaluation.accuracy.n === share?.n &&
          evaluation.accuracy.correct === share.correct,
      );
    const [base, tuned] = [find(null, run.base), find(run.id, run.tuned)];
    if (base !== undefined && tuned !== undefined) return [base, tuned];
    throw new AtelierError('INTERNAL', `The evaluations of run ${run.id} are not in the store.`);
  }

  /** Samples answers of both models, so that each gained answer can be explained. */
  async #explain(base: EvaluationSummary, tuned: EvaluationSummary): Promise<EvaluationExplanation> {
    const pair = { a: base.id, b: tuned.id };
    const { missing } = await this.#client.evaluations.explain(pair);
    for (const request of missing) {
      const events = await this.#client.evaluations.start({ ...request, samples: SAMPLES });
      for await (const event of untilInterrupted(events, this.#interrupt)) {
        if (event.type === 'progress') this.#display.progress(event.progress);
      }
    }
    return await this.#client.evaluations.explain(pair);
  }

  async #export(run: RunSummary): Promise<[ExportSummary, VerifyReport]> {
    const destination = freeName(this.#options.out, 'adapter');
    const bundle = await this.#written({ runId: run.id, destination });
    const verification = await this.#client.exports.verify({ path: bundle.path });
    if (verification.outcome === 'fail') {
      const failed = verification.checks.find((check) => check.outcome === 'fail');
      throw new AtelierError(
        'VERIFICATION_FAILED',
        `The bundle does not verify although it was just written: ${failed?.check ?? 'a check'}: ${failed?.detail ?? 'failed'}.`,
        {
          place: { file: bundle.path },
          remedy: 'Do not pass it on. Check the disk and export again.',
        },
      );
    }
    return [bundle, verification];
  }

  async #written(request: ExportRequest): Promise<ExportSummary> {
    for await (const event of await this.#client.exports.create(request))
      if (event.type === 'done') return event.export;
    throw new AtelierError('INTERNAL', 'The export ended without saying what it wrote.');
  }

  async #report(parts: {
    model: ModelSummary;
    dataset: DatasetSummary;
    base: EvaluationSummary;
    run: RunSummary;
    tuned: EvaluationSummary;
    explanation: EvaluationExplanation;
    bundle: ExportSummary;
    verification: VerifyReport;
  }): Promise<DemoReport> {
    const { model, dataset, base, run, tuned, explanation, bundle, verification } = parts;
    const client = this.#client;
    const { out, seed, readImage } = this.#options;
    const baseItems = await client.evaluations.items({ evaluationId: base.id });
    const tunedItems = await client.evaluations.items({ evaluationId: tuned.id });
    const { recipe, device } = await client.runs.get({ runId: run.id });
    const { version, home } = await client.system.status();
    const { comparison } = run;
    if (comparison === null) throw new AtelierError('INTERNAL', `The evaluations of run ${run.id} share no question.`);
    const { cover: _, ...facts } = dataset;
    return {
      format: 'atelier-demo-report/2',
      createdAt: new Date().toISOString(),
      atelierVersion: version,
      device,
      seed,
      dataset: facts,
      model,
      run: { id: run.id, name: run.name, method: run.method, step: run.step, steps: run.steps },
      recipe,
      recipeSha256: recipeSha256(recipe),
      base: sideOf(base),
      tuned: sideOf(tuned),
      comparison,
      noLook: tuned.noLook,
      sentence: changeSentence(comparison, tuned.noLook),
      change: explanation.change,
      passAtK: explanation.passAtK,
      changeSentences: explanation.sentences,
      steps: await client.runs.steps({ runId: run.id, maxPoints: 100_000 }),
      seconds: this.#seconds,
      paths: {
        baseModel: model.path,
        adapter: adapterFolder(bundle),
        bundle: bundle.path,
        home,
        reportHtml: join(out, 'report.html'),
        reportJson: join(out, 'report.json'),
      },
      bundle,
      verification,
      credits: await collectCredits(client, dataset.id),
      samples: await describeSamples(client, readImage, baseItems, tunedItems),
    };
  }

  #begin(key: keyof typeof PHASE_TITLES): void {
    if (this.#interrupt.requested) throw new Interrupted('Stopped on request.');
    this.#display.begin(key, PHASE_TITLES[key]);
    this.#phase = { key, startedMs: performance.now() };
  }

  #end(result: string): void {
    const { key, startedMs } = this.#phase;
    const seconds = (performance.now() - startedMs) / 1000;
    this.#seconds[key] = seconds;
    this.#display.end(result, seconds);
  }
}

/** Where the PEFT files are inside a bundle. */
function adapterFolder({ path, files }: ExportSummary): string {
  const weights = files.find(({ name }) => basename(name) === 'adapter_model.safetensors');
  return weights === undefined ? path : join(path, dirname(weights.name));
}

/** The first Ctrl-C asks, the second ends at once. */
function listenForInterrupt({ onInterrupt, endNow }: DemoOptions): Interrupt & { ended: boolean; close: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  const state = { requested: false, ended: false, promise, close: (): void => undefined };
  state.close = onInterrupt(() => {
    if (state.requested) {
      state.ended = true;
      endNow();
    }
    state.requested = true;
    resolve();
  });
  return state;
}
