/** @file Check 7: opted-out images were left out, or were used because of a decision recorded in the audit log. */
import { ChainEntry } from '../../../provenance/signing/audit-chain.ts';
import { isTrained } from '../../../provenance/documents/manifest.ts';
import type { ManifestRow } from '../../../provenance/documents/manifest.ts';
import { combineSignals } from '../../../provenance/signals/combine.ts';
import { FILE } from '../build/documents.ts';
import { beyondBundle, fail, pass, readLines } from './verify-checks.ts';
import type { Check } from './verify-checks.ts';
import { counted } from '../../../method/counted.ts';

const NAME = 'opt-outs';

/** Recomputes each image's verdict from the signals in the manifest, and checks the image's use against it. */
export async function checkOptOuts(folder: string, rows: readonly ManifestRow[]): Promise<Check> {
  if (rows.every((row) => row.signals === undefined)) {
    return beyondBundle(
      NAME,
      'The manifest does not record its images’ opt-out signals, so the bundle cannot show whether there were any.',
    );
  }
  const misread = rows.find((row) => (row.verdict ?? 'unknown') !== combineSignals(row.signals ?? []));
  if (misread !== undefined) {
    return fail(NAME, `${FILE.manifest}: the verdict on ${nameOf(misread)} does not follow from its signals.`);
  }
  const optedOut = rows.filter((row) => row.verdict === 'opted-out');
  const used = optedOut.filter((row) => row.use !== 'not-used');
  const undecided = used.find((row) => (row.override ?? null) === null);
  if (undecided !== undefined) {
    return fail(NAME, `${nameOf(undecided)} opts out of use, but was used without a recorded decision.`);
  }
  const decidedAbout = rows.filter((row) => row.use !== 'not-used' && (row.override ?? null) !== null);
  const unrecorded = await firstUnrecorded(folder, decidedAbout);
  if (unrecorded !== null) {
    return fail(NAME, `${nameOf(unrecorded)} was used by a decision that ${FILE.audit} does not record.`);
  }
  const trained = used.filter(isTrained).length;
  const left = `${optedOut.length - used.length} left out`;
  const decided =
    used.length === 0
      ? ''
      : `, ${used.length} used (${trained} in training) by a recorded decision, whose reason is in ${FILE.manifest}`;
  return pass(
    NAME,
    `Of ${counted(rows.length, 'image')} ${optedOut.length} opted out of training: ${left}${decided}. ${othersText(rows)}`.trim(),
  );
}

/** What the images that did not opt out say, counted as the training summary does. */
function othersText(rows: readonly ManifestRow[]): string {
  const allowed = rows.filter((row) => row.verdict === 'allowed').length;
  const silent = rows.filter((row) => (row.verdict ?? 'unknown') === 'unknown').length;
  const permits = allowed === 0 ? '' : `${allowed} ${allowed === 1 ? 'allows' : 'allow'} training. `;
  return silent === 0 ? permits.trim() : `${permits}The silence of the other ${silent} is not consent.`;
}

async function firstUnrecorded(folder: string, used: readonly ManifestRow[]): Promise<ManifestRow | null> {
  if (used.length === 0) return null;
  const chain = await readLines(folder, FILE.audit, ChainEntry);
  const recorded = new Set(
    (chain.kind === 'read' ? chain.value : []).flatMap((entry) => {
      if ('withheld' in entry || entry.action !== 'dataset.override') return [];
      const { basis, reason, decidedAt, use } = entry.body;
      return use === true ? [JSON.stringify([basis, reason, decidedAt])] : [];
    }),
  );
  const decisionOf = ({ override }: ManifestRow): string =>
    JSON.stringify([override?.basis, override?.reason, override?.decidedAt]);
  return used.find((row) => !recorded.has(decisionOf(row))) ?? null;
}

function nameOf({ names, imageSha256 }: ManifestRow): string {
  return `The image ${JSON.stringify(names[0] ?? imageSha256)}`;
}
