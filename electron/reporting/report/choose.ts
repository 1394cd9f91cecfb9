/** @file Which samples a report shows, and who is credited for the pictures of a dataset. */
import type { Sample } from '../../contract/model/datasets.ts';
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import type { SampleId } from '../../contract/model/primitives.ts';
import type { Credit, ReportSample } from './facts.ts';

/** How many samples of each kind are shown, so that losses and lasting errors are visible too. */
const SHOWN = { gained: 4, lost: 3, neither: 2, both: 3 } as const;

/** Picks samples by what changed, in the order of the evaluation: never the best-looking ones. */
export function chooseSamples(base: readonly EvaluationItem[], tuned: readonly EvaluationItem[]): SampleId[] {
  const before = new Map(base.map((item) => [item.sampleId, item.verdict === 'correct']));
  const kinds: Record<keyof typeof SHOWN, SampleId[]> = { gained: [], lost: [], neither: [], both: [] };
  for (const { sampleId, verdict } of tuned) {
    const was = before.get(sampleId);
    if (was === undefined) continue;
    const is = verdict === 'correct';
    kinds[is ? (was ? 'both' : 'gained') : was ? 'lost' : 'neither'].push(sampleId);
  }
  return (Object.keys(SHOWN) as (keyof typeof SHOWN)[]).flatMap((kind) => kinds[kind].slice(0, SHOWN[kind]));
}

/** Licences and authors of pictures, the most common licence first. */
export function creditsOf(samples: readonly Sample[]): Credit[] {
  const byLicence = new Map<string | null, { pictures: number; authors: Set<string> }>();
  for (const sample of samples) {
    const entry = byLicence.get(sample.licence) ?? { pictures: 0, authors: new Set<string>() };
    entry.pictures += 1;
    for (const author of authorsOf(sample)) entry.authors.add(author);
    byLicence.set(sample.licence, entry);
  }
  return [...byLicence]
    .map(([licence, { pictures, authors }]) => ({ licence, pictures, authors: [...authors].sort() }))
    .sort((a, b) => b.pictures - a.pictures);
}

export function authorsOf(sample: Sample): string[] {
  const ofSources = sample.sources.map((source) => source.author).filter((author) => author !== null);
  return [...new Set([...sample.authors, ...ofSources])];
}

export function answerOf({ text, verdict, formatOk }: EvaluationItem): ReportSample['base'] {
  return { text, verdict, formatOk };
}
