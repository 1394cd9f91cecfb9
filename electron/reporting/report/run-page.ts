/** @file A run as one page: what it did, whether it helped, and who made its pictures. */
import type { DatasetSummary } from '../../contract/model/datasets.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import type { HeldOutPoint, RunStatus, RunSummary, StepMetrics } from '../../contract/model/runs.ts';
import { comparisonText } from '../comparison-text.ts';
import { duration, percent } from '../figures.ts';
import { html, type Markup } from '../html.ts';
import { roundedNote } from '../rounded-text.ts';
import { learningSection } from './charts.ts';
import type { Credit, ReportSample, Side } from './facts.ts';
import {
  baseAndTuned,
  creditsTable,
  fact,
  fingerprints,
  headlineFigures,
  headlineOf,
  reportDocument,
  samples,
  whatChangedSection,
  type BeforeAndAfter,
  type Explained,
} from './sections.ts';
import { counted } from '../../method/counted.ts';

export interface RunReport extends Explained {
  atelierVersion: string;
  createdAt: string;
  run: RunSummary;
  recipe: Recipe;
  recipeSha256: string;
  device: string | null;
  model: ModelSummary;
  dataset: DatasetSummary;
  /** Null where the model was not evaluated. */
  base: Side | null;
  tuned: Side | null;
  /** Thinned for long runs. */
  steps: readonly StepMetrics[];
  heldOut: readonly HeldOutPoint[];
  credits: readonly Credit[];
  samples: readonly ReportSample[];
}

const METHODS: Record<Recipe['method'], string> = { 'grpo-d': 'GRPO-D', grpo: 'GRPO', sft: 'Supervised fine-tuning' };

const STATUS: Record<RunStatus, string> = {
  queued: 'This run waits in the queue.',
  running: 'This run is not finished yet.',
  completed: 'This run is finished.',
  interrupted: 'This run was interrupted.',
  failed: 'This run failed.',
};

/** @returns an HTML page with no script and no address of another file */
export function runPage(report: RunReport): string {
  const both = bothOf(report);
  return reportDocument(
    report.run.name,
    header(report, both),
    [
      both === null ? accuracyNote(report) : baseAndTuned(both, roundedNote(report.recipe)),
      whatChangedSection(report),
      learningSection(report.steps, report.heldOut),
      report.samples.length === 0 ? null : samples(report.samples),
      provenance(report),
    ],
    `Made by Atelier ${report.atelierVersion} at ${report.createdAt}.`,
  );
}

function bothOf({ base, tuned, run: { comparison, noLook, metrics } }: RunReport): BeforeAndAfter | null {
  return base === null || tuned === null || comparison === null ? null : { base, tuned, comparison, noLook, metrics };
}

function header(report: RunReport, both: BeforeAndAfter | null): Markup {
  const { run, recipe, model, dataset, device } = report;
  const { promptsPerStep, numGenerations } = recipe.grpo;
  const perStep =
    recipe.method === 'sft'
      ? counted(promptsPerStep, 'sample')
      : `${counted(promptsPerStep, 'question')} × ${counted(numGenerations, 'answer')}`;
  return html`<header>
    <p class="eyebrow">Atelier · report of the run ${run.name}</p>
    <h1>${both === null ? STATUS[run.status] : headlineOf(both)}</h1>
    <p class="lead">
      ${both === null ? (run.reason ?? '') : `${headlineFigures(both)}. Paired by question: ${comparisonText(both.comparison)}.`}
    </p>
    <dl class="facts">
      ${fact('Pictures', `${dataset.name}: ${dataset.train} for training, ${dataset.test} held out`)}
      ${fact('Model', `${model.name}, ${(model.parameters / 1e6).toFixed(1)} million weights`)}
      ${fact('Method', `${METHODS[recipe.method]}, ${recipe.adapter.kind === 'lora' ? `LoRA of rank ${recipe.adapter.r}` : 'all weights'}`)}
      ${fact('Steps', `${run.step} of ${run.steps} × ${perStep}`)} ${fact('Seed', String(recipe.seed))}
      ${run.secondsPerStep === null ? null : fact('Time', `${duration(run.secondsPerStep)} per step`)}
      ${device === null ? null : fact('Machine', device)}
    </dl>
  </header>`;
}

/** What is known of the accuracy when there is nothing to compare. */
function accuracyNote({ base, tuned, recipe }: RunReport): Markup {
  const known = [
    ...(base === null
      ? []
      : [`The base model answers ${percent(base.value)} of ${base.n} held-out questions correctly.`]),
    ...(tuned === null ? [] : [`The tuned model answers ${percent(tuned.value)} of ${tuned.n}.`]),
    ...(tuned === null ? [] : [roundedNote(recipe)]).filter((note) => note !== null),
  ];
  return html`<section>
    <h2>Base and tuned</h2>
    <p>
      ${[...known, 'Without evaluations of both models on the same questions, nothing can be said about what the run changed.'].join(' ')}
    </p>
  </section>`;
}

function provenance({ credits, model, dataset, recipe, recipeSha256 }: RunReport): Markup {
  return html`<section>
    <h2>Where it comes from</h2>
    <p>The pictures with their licences and authors, the base model, and the exact recipe.</p>
    <div class="card">${creditsTable(credits, model)} ${fingerprints({ model, dataset, recipe, recipeSha256 })}</div>
  </section>`;
}
