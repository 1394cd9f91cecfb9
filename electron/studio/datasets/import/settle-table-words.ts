/** @file What a table's own words on rights say about training, as statements about the images of their rows. */
import { combineSignals } from '../../../provenance/signals/combine.ts';
import { stateOf } from '../../../provenance/signals/read-image.ts';
import { signalsOfWords } from '../../../provenance/signals/words-signal.ts';
import type { Signal } from '../../../contract/model/signals.ts';
import { setStatement } from './settle.ts';
import type { RowValues } from './row-values.ts';
import type { Staging } from './staging.ts';
import { signalsOfTrainingColumn, trainingSense } from './training-columns.ts';

/**
 * “CC BY 4.0, no AI training” in a licence column opts the row's image out, as it would in the image. A text that is
 * wholly understood as a licence has no such words.
 */
export async function settleTableWords(staging: Staging): Promise<void> {
  const found = new Map<string, Signal[]>();
  for await (const { sha256, values } of staging.ready()) {
    const signals = signalsOfRow(values);
    if (signals.length > 0) found.set(sha256, [...(found.get(sha256) ?? []), ...signals]);
  }
  if (found.size === 0) return;
  for await (const { sha256, statement } of staging.pictures()) {
    const stated = found.get(sha256);
    if (stated === undefined) continue;
    const before = statement ?? stateOf({ signals: [], facts: [] }, { signals: [], facts: [] });
    const known = new Set(before.signals.map((signal) => signal.statement));
    const signals = [...before.signals];
    for (const signal of stated) {
      if (known.has(signal.statement)) continue;
      known.add(signal.statement);
      signals.push(signal);
    }
    await setStatement(staging, sha256, { ...before, signals, verdict: combineSignals(signals) });
  }
}

function signalsOfRow({ unreadLicences, rightsTexts, sources }: RowValues): Signal[] {
  const inWords = (text: string, name: string): Signal[] =>
    signalsOfWords({ text, place: 'rights', name, locator: 'table', kind: 'licence' });
  return [
    ...rightsTexts.flatMap(({ column, text }) => {
      const sense = trainingSense(column);
      return sense === null
        ? inWords(text, `The column “${column}” of the table`)
        : signalsOfTrainingColumn(column, text, sense);
    }),
    ...unreadLicences.flatMap((text) => inWords(text, 'The licence in the table')),
    ...(sources ?? []).flatMap(({ notice }) => (notice === undefined ? [] : inWords(notice, 'A notice in the table'))),
  ];
}
