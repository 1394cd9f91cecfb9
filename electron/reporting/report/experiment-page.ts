/** @file An experiment (exam, contest, sweep or study) as one page: every arm with its interval, and what can be concluded. */
import type { ArmComparison, ExperimentDetail, ExperimentKind, ResultCell } from '../../contract/model/experiments.ts';
import { comparisonsOnce } from '../comparisons-once.ts';
import { percent } from '../figures.ts';
import { html, type Markup } from '../html.ts';
import { klRangeText } from '../kl-range-text.ts';
import { meanText, METRIC_NAMES } from '../metric-text.ts';
import { rankingNote } from '../ranking-note.ts';
import { fact, reportDocument, shareRow } from './sections.ts';
import { counted } from '../../method/counted.ts';

const KINDS: Record<ExperimentKind, string> = {
  sweep: 'Sweep',
  contest: 'Contest',
  exam: 'Generalisation exam',
  study: 'Study',
};

export interface ExperimentReport {
  atelierVersion: string;
  createdAt: string;
  detail: ExperimentDetail;
}

/** @returns an HTML page with no script and no address of another file */
export function experimentPage({ atelierVersion, createdAt, detail }: ExperimentReport): string {
  return reportDocument(
    detail.summary.name,
    header(detail),
    [...results(detail), conclusions(detail), claims(detail), runs(detail)],
    `Made by Atelier ${atelierVersion} at ${createdAt}.`,
  );
}

function header({ summary, datasets }: ExperimentDetail): Markup {
  const done = `${summary.completed} of ${summary.children} ${summary.children === 1 ? 'part' : 'parts'} done`;
  return html`<header>
    <p class="eyebrow">Atelier · report of an experiment</p>
    <h1>${summary.name}</h1>
    <p class="lead">${KINDS[summary.kind]}: ${done}${summary.failed > 0 ? `, ${summary.failed} failed` : ''}.</p>
    <dl class="facts">
      ${fact('Model', summary.modelName)} ${fact('Pictures', datasets.map(({ name }) => name).join(', '))}
      ${fact('Seeds', summary.seeds.join(', '))}
    </dl>
  </header>`;
}

/** A section for each dataset that was tested on; the arms in their own order. */
function results(detail: ExperimentDetail): Markup[] {
  const nameOf = namesOf(detail);
  return detail.datasets
    .map(({ id, name }) => ({ name, cells: detail.cells.filter(({ testedOn }) => testedOn === id) }))
    .filter(({ cells }) => cells.length > 0)
    .map(
      ({ name, cells }) =>
        html`<section>
          <h2>Tested on ${name}</h2>
          <p>Share of right answers. The bar is the 95% interval over seeds; with one seed, over questions.</p>
          <div class="card compare arms">
            ${cells.map((cell) => shareRow(labelOf(cell, nameOf), intervalOf(cell), seedsText(cell)))}
            <div class="scale" aria-hidden="true"><span>0%</span><span>50%</span><span>100%</span></div>
          </div>
          ${cells.some(({ metrics }) => metrics !== undefined) ? metricTable(cells, nameOf) : null}
        </section>`,
    );
}

/** Means over seeds of how much of an answer is right. */
function metricTable(cells: readonly ResultCell[], nameOf: (id: string) => string): Markup {
  return html`<table>
    <tr>
      <th></th>
      <th>How much of an answer is right</th>
      <th class="number">mean (95% over seeds)</th>
    </tr>
    ${cells.flatMap((cell) =>
      (cell.metrics ?? []).map(
        (metric) =>
          html`<tr>
            <td>${labelOf(cell, nameOf)}</td>
            <td>${METRIC_NAMES[metric.name]}</td>
            <td class="number">${meanText(metric)}</td>
          </tr>`,
      ),
    )}
  </table>`;
}

function labelOf({ label, mode, trainedOn, testedOn }: ResultCell, nameOf: (id: string) => string): string {
  const how = mode === 'reasoning' ? label : `${label} (${mode})`;
  return trainedOn === null || trainedOn === testedOn ? how : `${how}, trained on ${nameOf(trainedOn)}`;
}

function intervalOf({ mean, low, high, seeds }: ResultCell): { value: number; low: number; high: number } {
  if (low !== null && high !== null) return { value: mean, low: Math.max(0, low), high: Math.min(1, high) };
  const only = seeds[0]?.accuracy;
  return { value: mean, low: only?.low ?? mean, high: only?.high ?? mean };
}

function seedsText({ seeds }: ResultCell): string {
  const [first] = seeds;
  if (seeds.length === 1 && first !== undefined) return `${first.accuracy.correct} of ${first.accuracy.n}`;
  return counted(seeds.length, 'seed');
}

function conclusions(detail: ExperimentDetail): Markup | null {
  const nameOf = namesOf(detail);
  const comparisons = comparisonsOnce(detail.comparisons);
  const note = rankingNote(comparisons);
  const range = detail.klRange === null ? [] : klRangeText(detail.klRange);
  if (comparisons.length === 0 && range.length === 0) return null;
  return html`<section>
    <h2>What can be concluded</h2>
    <p>${note ?? 'Each pair of arms on the same questions, corrected for the number of comparisons.'}</p>
    <div class="card">
      ${range.map((sentence) => html`<p>${sentence}</p>`)}
      <div class="scroll">
        <table>
          ${comparisons.map(
            (one) =>
              html`<tr>
                <td>${whereOf(one, nameOf)}</td>
                <td>${one.sentence}</td>
              </tr>`,
          )}
        </table>
      </div>
    </div>
  </section>`;
}

function whereOf({ trainedOn, testedOn }: ArmComparison, nameOf: (id: string) => string): string {
  return trainedOn === testedOn ? nameOf(testedOn) : `${nameOf(trainedOn)} → ${nameOf(testedOn)}`;
}

function claims({ claims: all }: ExperimentDetail): Markup | null {
  if (all.length === 0) return null;
  return html`<section>
    <h2>Claims of the paper</h2>
    <p>Each is decided by a rule that was fixed before the first run.</p>
    <div class="card">
      <div class="scroll">
        <table>
          ${all.map(
            ({ claim, verdict, explanation }) =>
              html`<tr>
                <td><strong>${verdict}</strong></td>
                <td>${claim}<br /><small>${explanation}</small></td>
              </tr>`,
          )}
        </table>
      </div>
    </div>
  </section>`;
}

function runs({ children }: ExperimentDetail): Markup {
  return html`<section>
    <h2>Its runs</h2>
    <p>Every part with its seed, its state and what was measured.</p>
    <div class="card">
      <div class="scroll">
        <table>
          <tr>
            <th>Part</th>
            <th>Trained on</th>
            <th class="number">seed</th>
            <th class="number">steps</th>
            <th>state</th>
            <th>right answers</th>
          </tr>
          ${children.map(
            (child) =>
              html`<tr>
                <td>${child.label}</td>
                <td>${child.trainedOnName ?? '–'}</td>
                <td class="number">${child.seed ?? '–'}</td>
                <td class="number">${child.steps === 0 ? '–' : `${child.step} of ${child.steps}`}</td>
                <td>${child.reason === null ? child.status : `${child.status}: ${child.reason}`}</td>
                <td>
                  ${child.tests
                    .flatMap(({ datasetName, accuracy }) =>
                      accuracy === null ? [] : [`${datasetName}: ${percent(accuracy.value)}`],
                    )
                    .join(', ')}
                </td>
              </tr>`,
          )}
        </table>
      </div>
    </div>
  </section>`;
}

function namesOf({ datasets }: ExperimentDetail): (id: string) => string {
  return (id) => datasets.find((dataset) => dataset.id === id)?.name ?? id;
}
