/** @file The part of docs/performance.md about one answer by itself. */
import { markdownTable } from 'markdown-table';
import type { OneRowTiming } from './one-row-turns.ts';
import { partOf, type Results } from './results.ts';
import { ONE_ROW_MODEL } from './works.ts';

/** Empty until it was measured. */
export function oneRowSection(results: Results): string[] {
  const measured = partOf(results, 'decode:one-row', 'one-row');
  if (measured === null) return [];
  const best = (turns: readonly OneRowTiming[], of: (turn: OneRowTiming) => number): number =>
    Math.min(...turns.map(of));
  const row = (name: string, of: (turn: OneRowTiming) => number): string[] => {
    const [ours, peer] = [best(measured.ours, of), best(measured.peer, of)];
    const known = measured.peer.length > 0;
    return [name, ours.toFixed(1), known ? peer.toFixed(1) : '–', known ? `${(ours / peer).toFixed(2)} ×` : '–'];
  };
  const { text } = ONE_ROW_MODEL;
  return [
    '## One answer by itself',
    '',
    `Milliseconds for each token of a single answer, as in the playground: ${String(text.numLayers)} layers of ${String(text.hiddenSize)}, vocabulary ${text.vocabSize.toLocaleString('en')} (the shapes of SmolLM2-135M),`,
    'float32 on both sides. The best turn of each counts. Processor time is that of all cores: on a busy machine it says more than the clock.',
    '',
    markdownTable([
      ['', 'Atelier', 'transformers', 'Atelier / transformers'],
      row('Clock', ({ millisecondsPerToken }) => millisecondsPerToken),
      row('Processor', ({ processorMilliseconds }) => processorMilliseconds),
    ]),
    '',
  ];
}
