/**
 * @file Settles how a table writes the numbers in its answers. What can be read in two ways is asked about, unless the
 * other answers of the table decide; an answer changes only where a person says so, and its own text is kept.
 */
import type { ImportReport, ImportRequest } from '../../../contract/model/datasets.ts';
import type { RowValues } from './row-values.ts';
import type { Staging } from './staging.ts';
import { bothReadings, notationOf, withoutDecimalComma, type Notation } from './written-numbers.ts';

const PAGE = 500;

type Found = { count: number; first: { text: string; line: number } | null };

export type SettledNumbers = { numbers: ImportReport['numbers']; warnings: string[] };

export async function settleNumbers(
  staging: Staging,
  chosen: ImportRequest['numbers'],
  answerColumn: string,
): Promise<SettledNumbers> {
  const found = await notationsIn(staging);
  const isDoubtful = (notation: Notation): boolean =>
    notation === 'either-comma' || (notation === 'either-point' && found.comma.count > 0);
  const doubtful = (['either-comma', 'either-point'] as const).filter(isDoubtful).map((kind) => found[kind]);
  const answers = doubtful.reduce((sum, { count }) => sum + count, 0);
  const example = doubtful.find(({ first }) => first !== null)?.first ?? found.comma.first;
  if (example === null) return { numbers: null, warnings: [] };
  // Decimal points, and no decimal comma anywhere: then a comma groups thousands.
  const decided = found.point.count > 0 && found.comma.count === 0 ? found.point.first : null;
  const asks = chosen === undefined && answers > 0 && decided === null;
  const numbers = { asks, answers, example: example.text, ...bothReadings(example.text) };
  if (asks) {
    await leaveOutDoubtful(staging, isDoubtful, answerColumn);
    return { numbers, warnings: [] };
  }
  if (chosen === 'decimal-comma') return { numbers, warnings: await rewriteCommas(staging, answerColumn) };
  const warnings =
    decided === null || answers === 0
      ? []
      : [
          `"${example.text}" is read as ${numbers.asWritten}, because the table writes decimals with a point ("${decided.text}" in row ${decided.line}).`,
        ];
  return { numbers, warnings: chosen === undefined ? warnings : [] };
}

/** A counted number is whole, so a comma in it groups thousands; a number in the file's own type is never in doubt. */
function notationIn({ answer, task, answerIsNumber }: RowValues): Notation | null {
  const notation = answerIsNumber ? null : notationOf(answer);
  return task === 'counting' && notation === 'either-comma' ? null : notation;
}

async function notationsIn(staging: Staging): Promise<Record<Notation, Found>> {
  const none = (): Found => ({ count: 0, first: null });
  const found = { comma: none(), point: none(), 'either-comma': none(), 'either-point': none() };
  for await (const { line, values } of staging.ready()) {
    const notation = notationIn(values);
    if (notation === null) continue;
    found[notation].count += 1;
    found[notation].first ??= { text: values.answer, line };
  }
  return found;
}

async function leaveOutDoubtful(
  staging: Staging,
  isDoubtful: (notation: Notation) => boolean,
  field: string,
): Promise<void> {
  for (;;) {
    const page: { position: number; row: number; file: string; text: string }[] = [];
    for await (const { position, line, name, values } of staging.ready()) {
      const notation = notationIn(values);
      if (notation === null || !isDoubtful(notation)) continue;
      if (page.push({ position, row: line, file: name, text: values.answer }) >= PAGE) break;
    }
    if (page.length === 0) return;
    await staging.leaveRowsOut(page.map(({ position }) => position));
    await staging.addProblems(
      page.map(({ row, file, text }) => {
        const { asWritten, decimalComma } = bothReadings(text);
        const reason = `"${text}" may be ${asWritten} or ${decimalComma}. Say how the table writes numbers.`;
        return { row, file, field, reason };
      }),
    );
  }
}

async function rewriteCommas(staging: Staging, answerColumn: string): Promise<string[]> {
  const changed: { position: number; answer: string; values: RowValues }[] = [];
  for await (const { position, values } of staging.ready()) {
    const notation = values.answerIsNumber ? null : notationOf(values.answer);
    if (notation === null || notation === 'point') continue;
    const answer = withoutDecimalComma(values.answer);
    const extra = { ...values.extra, [answerColumn]: values.answer };
    changed.push({ position, answer, values: { ...values, answer, extra } });
  }
  for (let start = 0; start < changed.length; start += PAGE)
    await staging.setAnswers(changed.slice(start, start + PAGE));
  const [first] = changed;
  if (first === undefined) return [];
  const count = changed.length === 1 ? '1 answer' : `${changed.length} answers`;
  return [
    `Numbers have a decimal comma, as you said: ${count} now have a point, such as ${first.answer} for "${String(first.values.extra[answerColumn])}". The table's own text is kept with the sample.`,
  ];
}
