/** @file The report of a campaign: its figures as JSON, and as Markdown for docs/reliability.md. Pure. */
import { table } from '../../reporting/markdown.ts';
import { lastOfEach, type Entry } from './journal.ts';
import { PART_NAMES, type PartName } from './part.ts';

export interface PartSummary {
  part: PartName;
  unit: string;
  trials: number;
  units: number;
  failed: number;
  skipped: number;
  /** By name of the trial. */
  byName: { name: string; trials: number; units: number; failed: number }[];
  failures: { index: number; seed: number; name: string; detail: string }[];
  skips: { name: string; detail: string }[];
  facts: Record<string, number | string>[];
}

export interface Summary {
  from: string | null;
  to: string | null;
  seeds: number[];
  /** The programs that were attacked. */
  commits: string[];
  minutes: number;
  parts: PartSummary[];
}

/** @param journal entries of one or several campaigns */
export function summarise(journal: readonly Entry[], units: Readonly<Record<PartName, string>>): Summary {
  const entries = lastOfEach(journal);
  const times = entries.map(({ at }) => at).sort();
  return {
    from: times[0] ?? null,
    to: times.at(-1) ?? null,
    seeds: [...new Set(entries.map(({ seed }) => seed))],
    commits: [...new Set(entries.flatMap(({ commit }) => commit ?? []))],
    minutes: Math.round(entries.reduce((sum, { seconds }) => sum + seconds, 0) / 6) / 10,
    parts: PART_NAMES.flatMap((part) => {
      const own = entries.filter((entry) => entry.part === part);
      return own.length === 0 ? [] : [partSummary(part, units[part], own)];
    }),
  };
}

function partSummary(part: PartName, unit: string, entries: readonly Entry[]): PartSummary {
  const tried = entries.filter(({ outcome }) => outcome !== 'skipped');
  const failed = tried.filter(({ outcome }) => outcome === 'failed');
  const names = [...new Set(tried.map(({ name }) => name))].sort();
  const skips = new Map(entries.filter(({ outcome }) => outcome === 'skipped').map((entry) => [entry.name, entry]));
  return {
    part,
    unit,
    trials: tried.length,
    units: total(tried),
    failed: failed.length,
    skipped: skips.size,
    byName: names.map((name) => {
      const own = tried.filter((entry) => entry.name === name);
      return {
        name,
        trials: own.length,
        units: total(own),
        failed: own.filter(({ outcome }) => outcome === 'failed').length,
      };
    }),
    failures: failed.map(({ index, seed, name, detail }) => ({ index, seed, name, detail: detail ?? '' })),
    skips: [...skips.values()].map(({ name, detail }) => ({ name, detail: detail ?? '' })),
    facts: tried.flatMap(({ name, facts }) => (facts === undefined ? [] : [{ name, ...facts }])),
  };
}

function total(entries: readonly Entry[]): number {
  return entries.reduce((sum, { units }) => sum + units, 0);
}

/** The figures as a person reads them. */
export function summaryMarkdown(summary: Summary): string {
  const { parts, from, to, seeds, commits, minutes } = summary;
  const day = (at: string | null): string => at?.slice(0, 10) ?? '–';
  const days = day(from) === day(to) ? day(from) : `${day(from)} to ${day(to)}`;
  const lines = [
    `The last campaign: ${days}, seed ${seeds.join(', ')}, ${minutes} minutes of trials${commits.length === 0 ? '' : `, commits ${commits.join(', ')}`}.`,
    '',
    table(
      ['part', 'what was tried', 'trials', 'units', 'failed'],
      parts.flatMap(({ part, unit, byName }) =>
        byName.map(({ name, trials, units, failed }) => [
          part,
          name,
          String(trials),
          `${units} ${unit}`,
          String(failed),
        ]),
      ),
    ),
  ];
  const failures = parts.flatMap(({ part, failures: found }) => found.map((failure) => ({ part, ...failure })));
  if (failures.length > 0) lines.push('', 'What did not hold:', '');
  for (const { part, name, seed, index, detail } of failures)
    lines.push(
      `- ${part}, ${name} (\`npm run campaign -- --only ${part} --seed ${seed} --trial ${index}\`): ${detail}`,
    );
  const skips = parts.flatMap(({ part, skips: found }) =>
    found.map((skip) => `- ${part}, ${skip.name}: ${skip.detail}`),
  );
  if (skips.length > 0) lines.push('', 'Skipped on that machine:', '', ...skips);
  return `${lines.join('\n')}\n`;
}
