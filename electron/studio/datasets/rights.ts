/** @file What images say about their use, gathered for the rows of an import: verdicts, and columns that a table left empty. */
import type { RightsSource } from '../../contract/signals.ts';
import { reasonOf } from '../../provenance/signals/combine.ts';
import { stateOf, type ImageReading, type ImageStatement } from '../../provenance/signals/read-image.ts';
import type { EvidenceFile, ImageSignals } from '../../store/signal-rows.ts';
import { mapBounded } from './bounded.ts';
import { createEvidenceReader } from './evidence.ts';
import type { UsableRow } from './plan.ts';

const FILES_AT_ONCE = 8;

export type Statements = {
  /** By the image's SHA-256. */
  byImage: Map<string, ImageStatement>;
  evidence: EvidenceFile[];
};

/** Joins each image's own words with the files beside it. Images that lie there twice have the words of both places. */
export async function gatherStatements(rows: readonly UsableRow[], tableFolder: string): Promise<Statements> {
  const evidenceOf = createEvidenceReader(tableFolder);
  const byPath = new Map<string, UsableRow[]>();
  for (const row of rows) byPath.set(row.path, [...(byPath.get(row.path) ?? []), row]);
  const files = new Map<string, EvidenceFile>();
  const beside = new Map<string, ImageReading>();
  await mapBounded([...byPath], FILES_AT_ONCE, async ([path, sameFile]) => {
    const urls = sameFile.flatMap(({ values }) => (values.sources ?? []).flatMap(({ url }) => url ?? []));
    const found = await evidenceOf(path, urls);
    for (const file of found.files) files.set(file.name, file);
    if (found.reading.signals.length > 0 || found.reading.facts.length > 0) beside.set(path, found.reading);
  });
  const byImage = new Map<string, ImageStatement>();
  for (const [sha256, sameImage] of groupByImage(rows)) {
    const [first] = sameImage;
    if (first === undefined) continue;
    const readings = [...new Set(sameImage.map((row) => row.path))].sort().flatMap((path) => beside.get(path) ?? []);
    const joined = {
      signals: readings.flatMap((reading) => reading.signals),
      facts: readings.flatMap((reading) => reading.facts),
    };
    byImage.set(sha256, stateOf(first.image.reading, joined));
  }
  return { byImage, evidence: [...files.values()].sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** As the store takes them; images that say nothing are left away. */
export function toImageSignals(byImage: ReadonlyMap<string, ImageStatement>): ImageSignals[] {
  return [...byImage]
    .filter(([, { signals }]) => signals.length > 0)
    .map(([imageSha256, { signals, verdict }]) => ({ imageSha256, signals, verdict, reason: reasonOf(signals) }));
}

export type FilledRights = {
  licence: string | null;
  licenceSource: RightsSource | null;
  authors: string[];
  authorsSource: RightsSource | null;
};

/** The table's word stands, even where it is no licence expression; metadata only fill what it left empty. */
export function fillRights({ values }: Pick<UsableRow, 'values'>, said: ImageStatement | undefined): FilledRights {
  const { licence, authors, unreadLicences } = values;
  const licenceStated = licence !== null || unreadLicences.length > 0;
  const licenceFrom = licence !== null ? 'table' : licenceStated ? null : (said?.licence?.from ?? null);
  return {
    licence: licenceStated ? licence : (said?.licence?.id ?? null),
    licenceSource: licenceFrom,
    authors: authors.length > 0 ? authors : (said?.creators?.names ?? []),
    authorsSource: authors.length > 0 ? 'table' : (said?.creators?.from ?? null),
  };
}

function groupByImage(rows: readonly UsableRow[]): Map<string, UsableRow[]> {
  const groups = new Map<string, UsableRow[]>();
  for (const row of rows) {
    const { sha256 } = row.image.record;
    const group = groups.get(sha256);
    if (group === undefined) groups.set(sha256, [row]);
    else group.push(row);
  }
  return groups;
}
