/** @file The texts of the demo: the result of each part, the closing table, and how to resume after a stop. */
import type { DatasetSummary } from '../../contract/model/datasets.ts';
import type { NoLook } from '../../contract/model/evaluations.ts';
import type { ExportSummary, VerifyReport } from '../../contract/model/exports.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import type { RunSummary } from '../../contract/model/runs.ts';
import { comparisonText } from '../../reporting/comparison-text.ts';
import { READINGS } from '../../reporting/change-text.ts';
import { percent } from '../../reporting/figures.ts';
import { bestGuess, guessingSentence, noLookText } from '../../reporting/no-look-text.ts';
import { counted, duration, proportion, table } from '../text.ts';
import type { RunStage } from './follow.ts';
import { resumeHint } from './follow.ts';
import type { DemoReport } from './report.ts';

/** Printed after a stop: how to resume, or that there is nothing to resume. */
export function stoppedText(runId: RunId | null, home: string): string {
  return runId === null
    ? 'Stopped before training began. Nothing is lost: run the same command again to start over.'
    : `Stopped. The run is kept. To resume it:\n\n  ${resumeHint(runId, home)}\n`;
}

export function picturesText({ name, samples, train, test }: DatasetSummary): string {
  return `${name}: ${counted(samples, 'picture')}, ${train} for training, ${test} held out`;
}

export function stageText(stage: RunStage, { base, tuned, step, steps, secondsPerStep }: RunSummary): string {
  if (stage !== 'training') return `${proportion(stage === 'base' ? base : tuned)} correct`;
  return `${step} of ${counted(steps, 'step')}${secondsPerStep === null ? '' : `, ${duration(secondsPerStep)} each`}`;
}

export function exportText(bundle: ExportSummary, { checks }: VerifyReport): string {
  const holding = checks.filter((check) => check.outcome === 'pass').length;
  return `${counted(bundle.files.length, 'file')}, ${holding} of ${counted(checks.length, 'check')} ${holding === 1 ? 'passes' : 'pass'}`;
}

function guessRow(noLook: NoLook): string[] {
  const { correct, n, value, low, high } = bestGuess(noLook);
  return ['without looking', `${correct}/${n}`, percent(value), `${percent(low)} – ${percent(high)}`, '', ''];
}

export function closingText(report: DemoReport): string {
  const { base, tuned, comparison, paths, seconds } = report;
  const row = (name: string, side: DemoReport['base']): string[] => [
    name,
    `${side.correct}/${side.n}`,
    percent(side.value),
    `${percent(side.interval[0])} – ${percent(side.interval[1])}`,
    percent(side.lenient?.value),
    percent(side.formatShare),
  ];
  const guess = report.noLook === null ? [] : [guessRow(report.noLook)];
  return [
    '',
    table([
      ['', 'correct', 'strict', '95% interval', 'lenient', 'in the asked form'],
      row('base', base),
      row('tuned', tuned),
      ...guess,
    ]),
    '',
    report.sentence,
    ...(report.noLook?.comparison.verdict === 'better'
      ? [`${noLookText(report.noLook)} ${guessingSentence(report.noLook, 'The tuned model')}`]
      : []),
    `Difference, paired by question: ${comparisonText(comparison)}, McNemar's test.`,
    ...(report.change === null ? [] : ['', READINGS, ...report.changeSentences]),
    '',
    table([
      ['report', paths.reportHtml],
      ['figures', paths.reportJson],
      ['adapter', paths.adapter],
      ['base model', paths.baseModel],
      ['time', duration(seconds['total'] ?? 0)],
    ]),
  ].join('\n');
}
