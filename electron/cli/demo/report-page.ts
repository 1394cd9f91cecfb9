/** @file `report.html`: a single self-contained page. Every text that comes from data is escaped. */
import { html, type Markup } from '../../reporting/html.ts';
import { learningSection } from '../../reporting/report/charts.ts';
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
} from '../../reporting/report/sections.ts';
import { duration } from '../text.ts';
import type { DemoReport } from './report.ts';

const PHASES: Record<string, string> = {
  pictures: 'Reading the pictures',
  base: 'Testing the base model',
  training: 'Training',
  tuned: 'Testing the tuned model',
  samples: 'Sampling answers of both',
  export: 'Export and check',
};

export function reportPage(report: DemoReport): string {
  return reportDocument(
    `${report.dataset.name}: ${headlineFigures(report)}`,
    header(report),
    [
      baseAndTuned(report),
      whatChangedSection(report),
      learningSection(report.steps),
      samples(report.samples),
      provenance(report),
      files(report),
    ],
    `Made by Atelier ${report.atelierVersion} on this machine at ${report.createdAt}, without any network connection.`,
  );
}

function header(report: DemoReport): Markup {
  const { dataset, model, run, recipe, seed, seconds, device, sentence } = report;
  return html`<header>
    <p class="eyebrow">Atelier · report of a run</p>
    <h1>${headlineOf(report)}</h1>
    <p class="lead">${headlineFigures(report)}. ${sentence}</p>
    <dl class="facts">
      ${fact('Pictures', `${dataset.name}: ${dataset.train} for training, ${dataset.test} held out`)}
      ${fact('Model', `${model.name}, ${(model.parameters / 1e6).toFixed(1)} million weights`)}
      ${fact('Method', `${recipe.method.toUpperCase()}, ${recipe.adapter.kind === 'lora' ? `LoRA of rank ${recipe.adapter.r}` : 'all weights'}`)}
      ${fact('Steps', `${run.step} × ${recipe.grpo.promptsPerStep} questions × ${recipe.grpo.numGenerations} answers`)}
      ${fact('Seed', String(seed))} ${fact('Time', duration(seconds['total'] ?? 0))}
      ${device === null ? null : fact('Machine', device)}
    </dl>
  </header>`;
}

function provenance({ credits, model, dataset, recipe, recipeSha256, verification }: DemoReport): Markup {
  return html`<section>
    <h2>Where it comes from</h2>
    <p>
      Everything that went into the adapter: the pictures with their licences and authors, the base model, and the exact
      recipe.
    </p>
    <div class="card">
      ${creditsTable(credits, model)}
      <details open>
        <summary>Result of checking the bundle: ${outcomeWord(verification.outcome)}</summary>
        <div class="scroll">
          <table>
            ${verification.checks.map(
              (check) =>
                html`<tr>
                  <td>${outcomeWord(check.outcome)}</td>
                  <td>${check.check}</td>
                  <td>${check.detail}</td>
                </tr>`,
            )}
          </table>
        </div>
      </details>
      ${fingerprints({ model, dataset, recipe, recipeSha256 })}
    </div>
  </section>`;
}

function files({ paths, seconds, run }: DemoReport): Markup {
  return html`<section>
    <h2>Where it lies</h2>
    <p>The adapter opens in any PEFT reader. The run, its steps and completions stay in the data folder.</p>
    <div class="card">
      <div class="scroll">
        <table>
          <tr>
            <td>Bundle</td>
            <td><code>${paths.bundle}</code></td>
          </tr>
          <tr>
            <td>Adapter</td>
            <td><code>${paths.adapter}</code></td>
          </tr>
          <tr>
            <td>Base model</td>
            <td><code>${paths.baseModel}</code></td>
          </tr>
          <tr>
            <td>Data folder</td>
            <td><code>${paths.home}</code></td>
          </tr>
          <tr>
            <td>Run</td>
            <td><code>${run.id}</code></td>
          </tr>
          <tr>
            <td>Figures</td>
            <td><code>${paths.reportJson}</code></td>
          </tr>
          ${Object.entries(PHASES).map(([key, name]) =>
            seconds[key] === undefined
              ? null
              : html`<tr>
                  <td>${name}</td>
                  <td>${duration(seconds[key])}</td>
                </tr>`,
          )}
        </table>
      </div>
    </div>
  </section>`;
}

function outcomeWord(outcome: 'pass' | 'fail' | 'cannot-tell'): string {
  return { pass: 'holds', fail: 'fails', 'cannot-tell': 'cannot be decided' }[outcome];
}
