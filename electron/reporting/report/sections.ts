/** @file Sections of a report's page: figures before and after, what changed, answers with their pictures, credits. */
import type { MetricComparison } from '../../contract/model/metrics.ts';
import type { PairedComparison, PairedVerdict } from '../../contract/model/paired-comparison.ts';
import type { NoLook, PassComparison, WhatChanged } from '../../contract/model/evaluations.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { PART_MEANINGS, PART_NAMES, partPoints, READINGS, strictAndLenient, unseenText } from '../change-text.ts';
import { percent, points, pValue } from '../figures.ts';
import { html, Markup } from '../html.ts';
import { meanText, metricDifferenceText, METRIC_NAMES } from '../metric-text.ts';
import { bestGuess, guessingSentence, noLookText } from '../no-look-text.ts';
import { passChart } from './charts.ts';
import type { Credit, ReportSample, Side } from './facts.ts';
import { REPORT_CSS } from './style.ts';

export interface Fingerprinted {
  model: { sha256: string };
  dataset: { snapshotSha256: string };
  recipe: Recipe;
  recipeSha256: string;
}

/** The two evaluations of a run, and what they say together. */
export interface BeforeAndAfter {
  base: Side;
  tuned: Side;
  comparison: PairedComparison;
  noLook: NoLook | null;
  metrics?: readonly MetricComparison[] | undefined;
}

/** Why answers were gained and lost. */
export interface Explained {
  change: WhatChanged | null;
  passAtK: PassComparison | null;
  changeSentences: readonly string[];
}

const HEADLINES: Record<PairedVerdict, string> = {
  better: 'The tuned model answers more questions correctly.',
  worse: 'The tuned model answers fewer questions correctly.',
  undecided: 'No clear difference between base and tuned.',
};

const TESTS: Record<PairedComparison['mcnemar']['method'], string> = {
  exact: 'exact',
  'chi-squared': 'χ² with correction',
};

/** A whole page that needs nothing but itself: no script, no address of another file. */
export function reportDocument(
  title: string,
  header: Markup,
  sections: readonly (Markup | null)[],
  footer: string,
): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        />
        <title>${title} · Atelier</title>
        <style>
          ${new Markup(REPORT_CSS)}
        </style>
      </head>
      <body>
        ${header}
        <main>${sections.filter((section) => section !== null)}</main>
        <footer>${footer}</footer>
      </body>
    </html> `.text;
}

export function headlineOf({ comparison, noLook }: BeforeAndAfter): string {
  if (noLook === null || noLook.comparison.verdict === 'better') return HEADLINES[comparison.verdict];
  return comparison.verdict === 'better'
    ? 'The tuned model answers more questions correctly, but not more than guessing would.'
    : `${HEADLINES[comparison.verdict].replace(/\.$/, '')}, and it is not better than guessing.`;
}

/** `40% → 61.7% strict, 45% → 66.7% lenient` */
export function headlineFigures({ base, tuned }: Pick<BeforeAndAfter, 'base' | 'tuned'>): string {
  return strictAndLenient({ accuracy: base, lenient: base.lenient }, { accuracy: tuned, lenient: tuned.lenient });
}

/** @param note what the two figures rest on, if not the same weights */
export function baseAndTuned(
  { base, tuned, comparison, noLook, metrics = [] }: BeforeAndAfter,
  note: string | null = null,
): Markup {
  const { difference, mcnemar } = comparison;
  return html`<section>
    <h2>Base and tuned, on the same ${comparison.n} held-out questions</h2>
    <p>
      The bar is the 95% interval: with this many questions, the true share probably lies within
      it.${note === null ? null : ` ${note}`}
    </p>
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
      ${metrics.length === 0 ? null : metricTable(metrics)}
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

export function whatChangedSection({ change, passAtK, changeSentences }: Explained): Markup | null {
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
  return shareRow(name, { value, low, high }, `${correct} of ${n}`);
}

/** A share as a mark on a bar from 0% to 100%, with its interval. */
export function shareRow(
  name: string,
  { value, low, high }: { value: number; low: number; high: number },
  note: string,
): Markup {
  const at = (share: number): string => `${(100 * share).toFixed(2)}%`;
  return html`<div class="side ${name === 'Tuned' ? 'tuned' : ''}">
    <strong>${name}</strong>
    <div class="range" role="img" aria-label="${percent(value)}, between ${percent(low)} and ${percent(high)}">
      <i style="left:${at(low)};width:${at(high - low)}"></i><b style="left:${at(value)}"></b>
    </div>
    <div class="share">${percent(value)}<small>${note}</small></div>
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

function metricTable(metrics: readonly MetricComparison[]): Markup {
  return html`<div class="scroll">
    <table>
      <tr>
        <th>How much of an answer is right, on average</th>
        <th class="number">base</th>
        <th class="number">tuned</th>
        <th>difference</th>
      </tr>
      ${metrics.map(
        ({ name, first, second, difference }) =>
          html`<tr>
            <td>${METRIC_NAMES[name]}</td>
            <td class="number">${meanText(first)}</td>
            <td class="number">${meanText(second)}</td>
            <td>${metricDifferenceText(difference)}</td>
          </tr>`,
      )}
    </table>
  </div>`;
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

export function samples(shown: readonly ReportSample[]): Markup {
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

/** Who made the pictures, and under which licences; the base model last. */
export function creditsTable(credits: readonly Credit[], model: { name: string; licence: string | null }): Markup {
  return html`<div class="scroll">
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
    )}`;
}

/** What identifies model, dataset and recipe, and the recipe itself. */
export function fingerprints({ model, dataset, recipe, recipeSha256 }: Fingerprinted): Markup {
  return html`<details>
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
    </details>`;
}

export function fact(name: string, value: string): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function authorsInShort({ authors }: Credit): string {
  if (authors.length === 0) return 'not named';
  return authors.length <= 6 ? authors.join(', ') : `${authors.slice(0, 5).join(', ')} and ${authors.length - 5} more`;
}
