/** @file `report.html`: a single self-contained page. Every text that comes from data is escaped. */
import type { PairedComparison, PairedVerdict } from '../../contract/model/paired-comparison.ts';
import type { NoLook } from '../../contract/model/evaluations.ts';
import {
  PART_MEANINGS,
  PART_NAMES,
  partPoints,
  READINGS,
  strictAndLenient,
  unseenText,
} from '../../reporting/change-text.ts';
import { percent, points, pValue } from '../../reporting/figures.ts';
import { bestGuess, guessingSentence, noLookText } from '../../reporting/no-look-text.ts';
import { duration } from '../text.ts';
import { html, Markup } from '../../reporting/html.ts';
import { passChart, runCharts } from './report-charts.ts';
import { REPORT_CSS } from './report-style.ts';
import type { Credit, DemoReport, ReportSample, Side } from './report.ts';

const HEADLINES: Record<PairedVerdict, string> = {
  better: 'The tuned model answers more questions correctly.',
  worse: 'The tuned model answers fewer questions correctly.',
  undecided: 'No clear difference between base and tuned.',
};

const TESTS: Record<PairedComparison['mcnemar']['method'], string> = {
  exact: 'exact',
  'chi-squared': 'χ² with correction',
};

const PHASES: Record<string, string> = {
  pictures: 'Reading the pictures',
  base: 'Testing the base model',
  training: 'Training',
  tuned: 'Testing the tuned model',
  samples: 'Sampling answers of both',
  export: 'Export and check',
};

export function reportPage(report: DemoReport): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        />
        <title>${report.dataset.name}: ${headlineFigures(report)} · Atelier</title>
        <style>
          ${new Markup(REPORT_CSS)}
        </style>
      </head>
      <body>
        ${header(report)}
        <main>
          ${baseAndTuned(report)} ${whatChangedSection(report)}
          <section>
            <h2>How it learned</h2>
            <p>Thick lines are smoothed; thin lines show each step.</p>
            ${runCharts(report.steps)}
          </section>
          ${samples(report.samples)} ${provenance(report)} ${files(report)}
        </main>
        <footer>
          Made by Atelier ${report.atelierVersion} on this machine at ${report.createdAt}, without any network
          connection.
        </footer>
      </body>
    </html> `;
  return page.text;
}

function headlineOf({ comparison, noLook }: DemoReport): string {
  if (noLook === null || noLook.comparison.verdict === 'better') return HEADLINES[comparison.verdict];
  return comparison.verdict === 'better'
    ? 'The tuned model answers more questions correctly, but not more than guessing would.'
    : `${HEADLINES[comparison.verdict].replace(/\.$/, '')}, and it is not better than guessing.`;
}

/** `40% → 61.7% strict, 45% → 66.7% lenient` */
function headlineFigures({ base, tuned }: DemoReport): string {
  return strictAndLenient({ accuracy: base, lenient: base.lenient }, { accuracy: tuned, lenient: tuned.lenient });
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

function baseAndTuned({ base, tuned, comparison, noLook }: DemoReport): Markup {
  const { difference, mcnemar } = comparison;
  return html`<section>
    <h2>Base and tuned, on the same ${comparison.n} held-out questions</h2>
    <p>The bar is the 95% interval: with this many questions, the true share probably lies within it.</p>
    <div class="card compare">
      ${side('Base', base)} ${side('Tuned', tuned)}
      <div class="scale" aria-hidden="true"><span>0%</span><span>50%</span><span>100%</span></div>
      <div class="scroll">
        <table>
          <tr>
            <th></th>
            <th class="number">correct</th>
            <th class="number">of</th>
            <th class="number">strict</th>
            <th class="number">95% interval</th>
            <th class="number">lenient</th>
            <th class="number">in the asked form</th>
            <th class="number">unreadable</th>
            <th class="number">tokens</th>
          </tr>
          ${sideRow('Base', base)} ${sideRow('Tuned', tuned)} ${noLook === null ? null : guessRow(noLook)}
        </table>
      </div>
      ${noLook === null ? null : html`<p>${noLookText(noLook)} ${guessingSentence(noLook, 'The tuned model')}</p>`}
      <div class="scroll">
        <table>
          <tr>
            <th>Question by question</th>
            <th class="number">questions</th>
          </tr>
          <tr>
            <td>Both correct</td>
            <td class="number">${comparison.both}</td>
          </tr>
          <tr>
            <td>Gained: only the tuned model is correct</td>
            <td class="number">${comparison.gained}</td>
          </tr>
          <tr>
            <td>Lost: only the base model is correct</td>
            <td class="number">${comparison.lost}</td>
          </tr>
          <tr>
            <td>Neither</td>
            <td class="number">${comparison.neither}</td>
          </tr>
          <tr>
            <td>Difference, with its 95% interval (paired, Newcombe)</td>
            <td class="number">
              ${points(difference.value)} points (${points(difference.low)} to ${points(difference.high)})
            </td>
          </tr>
          <tr>
            <td>McNemar's test (${TESTS[mcnemar.method]})</td>
            <td class="number">${pValue(mcnemar.p)}</td>
          </tr>
        </table>
      </div>
    </div>
  </section>`;
}

function whatChangedSection({ change, passAtK, changeSentences }: DemoReport): Markup | null {
  if (change === null) return null;
  const { strict, n, parts, samples } = change;
  return html`<section>
    <h2>What changed</h2>
    <p>${READINGS}</p>
    <div class="card">
      ${changeSentences.map((sentence) => html`<p>${sentence}</p>`)}
      ${samples === null ? null : html`<p>${unseenText(samples)}</p>`}
      <div class="scroll">
        <table>
          <tr>
            <th>Part</th>
            <th class="number">answers</th>
            <th class="number">of ${n} questions, with 95% interval</th>
            <th>meaning</th>
          </tr>
          ${parts.map(
            ({ part, share }) =>
              html`<tr>
                <td>${PART_NAMES[part]}</td>
                <td class="number">${share.correct}</td>
                <td class="number">${partPoints(part, share)}</td>
                <td>${PART_MEANINGS[part]}</td>
              </tr>`,
          )}
          <tr>
            <td>together</td>
            <td class="number"></td>
            <td class="number">${points(strict.second.value - strict.first.value)} points</td>
            <td>the difference of the strict accuracies</td>
          </tr>
        </table>
      </div>
      ${passAtK === null ? null : passChart(passAtK)}
    </div>
  </section>`;
}

function side(name: string, { value, interval: [low, high], correct, n }: Side): Markup {
  const at = (share: number): string => `${(100 * share).toFixed(2)}%`;
  return html`<div class="side ${name.toLowerCase()}">
    <strong>${name}</strong>
    <div class="range" role="img" aria-label="${percent(value)}, between ${percent(low)} and ${percent(high)}">
      <i style="left:${at(low)};width:${at(high - low)}"></i><b style="left:${at(value)}"></b>
    </div>
    <div class="share">${percent(value)}<small>${correct} of ${n}</small></div>
  </div>`;
}

function sideRow(name: string, side: Side): Markup {
  return html`<tr>
    <td>${name}</td>
    <td class="number">${side.correct}</td>
    <td class="number">${side.n}</td>
    <td class="number">${percent(side.value)}</td>
    <td class="number">${percent(side.interval[0])} – ${percent(side.interval[1])}</td>
    <td class="number">${percent(side.lenient?.value)}</td>
    <td class="number">${percent(side.formatShare)}</td>
    <td class="number">${side.unparsed}</td>
    <td class="number">${side.meanTokens.toFixed(1)}</td>
  </tr>`;
}

function guessRow(noLook: NoLook): Markup {
  const { correct, n, value, low, high } = bestGuess(noLook);
  return html`<tr>
    <td>Without looking</td>
    <td class="number">${correct}</td>
    <td class="number">${n}</td>
    <td class="number">${percent(value)}</td>
    <td class="number">${percent(low)} – ${percent(high)}</td>
    <td class="number"></td>
    <td class="number"></td>
    <td class="number"></td>
    <td class="number"></td>
  </tr>`;
}

function samples(shown: readonly ReportSample[]): Markup {
  return html`<section>
    <h2>What it says now</h2>
    <p>
      Held-out pictures, chosen by what changed and not by how they look: first answers that were gained, then lost,
      then wrong both times, then correct both times.
    </p>
    <div class="samples">${shown.map(sampleCard)}</div>
    ${shown.length === 0 ? html`<p class="empty">No question was answered by both models.</p>` : null}
  </section>`;
}

function sampleCard(sample: ReportSample): Markup {
  const by = [sample.authors.join(', '), sample.licence ?? 'licence not known']
    .filter((part) => part !== '')
    .join(' · ');
  return html`<article class="card sample">
    <div class="picture">
      ${sample.image === null ? html`<span class="empty">The picture could not be read.</span>` : html`<img src="${sample.image}" alt="${sample.imageName}" />`}
    </div>
    <div class="text">
      <p class="question">${sample.question}</p>
      <p class="reference">Right answer: <strong>${sample.reference}</strong></p>
      ${answer('Base', sample.base)} ${answer('Tuned', sample.tuned)}
      <p class="by">${sample.imageName} · ${by}</p>
    </div>
  </article>`;
}

function answer(name: string, { text, verdict, formatOk }: ReportSample['base']): Markup {
  const words = { correct: 'right', wrong: 'wrong', unparsed: 'no readable answer' }[verdict];
  return html`<div class="answer">
    <header>
      <span>${name}${formatOk ? '' : ' · not in the asked form'}</span><span class="verdict ${verdict}">${words}</span>
    </header>
    <p>${text === '' ? '(nothing)' : text}</p>
  </div>`;
}

function provenance({ credits, model, dataset, recipe, recipeSha256, verification }: DemoReport): Markup {
  return html`<section>
    <h2>Where it comes from</h2>
    <p>
      Everything that went into the adapter: the pictures with their licences and authors, the base model, and the exact
      recipe.
    </p>
    <div class="card">
      <div class="scroll">
        <table>
          <tr>
            <th>Licence</th>
            <th class="number">pictures</th>
            <th>authors</th>
          </tr>
          ${credits.map(
            (credit) =>
              html`<tr>
                <td>${credit.licence ?? 'not known'}</td>
                <td class="number">${credit.pictures}</td>
                <td>${authorsInShort(credit)}</td>
              </tr>`,
          )}
          <tr>
            <td>${model.licence ?? 'not known'}</td>
            <td class="number"></td>
            <td>The base model, ${model.name}</td>
          </tr>
        </table>
      </div>
      ${credits.map((credit) =>
        credit.authors.length > 6
          ? html`<details>
              <summary>
                All ${credit.authors.length} authors under ${credit.licence ?? 'a licence that is not known'}
              </summary>
              <ul class="authors">
                ${credit.authors.map((author) => html`<li>${author}</li>`)}
              </ul>
            </details>`
          : null,
      )}
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
      <details>
        <summary>Fingerprints (SHA-256)</summary>
        <div class="scroll">
          <table>
            <tr>
              <td>Base model</td>
              <td><code>${model.sha256}</code></td>
            </tr>
            <tr>
              <td>Dataset</td>
              <td><code>${dataset.snapshotSha256}</code></td>
            </tr>
            <tr>
              <td>Recipe</td>
              <td><code>${recipeSha256}</code></td>
            </tr>
          </table>
        </div>
      </details>
      <details>
        <summary>The whole recipe</summary>
        <pre>${JSON.stringify(recipe, null, 2)}</pre>
      </details>
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

function fact(name: string, value: string): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function authorsInShort({ authors }: Credit): string {
  if (authors.length === 0) return 'not named';
  return authors.length <= 6 ? authors.join(', ') : `${authors.slice(0, 5).join(', ')} and ${authors.length - 5} more`;
}

function outcomeWord(outcome: 'pass' | 'fail' | 'cannot-tell'): string {
  return { pass: 'holds', fail: 'fails', 'cannot-tell': 'cannot be decided' }[outcome];
}
