/** @file Statements that contradict each other about one image: the stricter licence counts. */
import { factsOf } from './licence-facts.ts';
import type { LicenceFacts } from './licence-facts.ts';

/**
 * One licence for several stated ones. A licence that asks for everything another one asks for, and more, replaces it;
 * otherwise all of them must be met (`AND`).
 * @param licences SPDX expressions; at least one
 */
export function strictestOf(licences: readonly string[]): string {
  const distinct = [...new Set(licences)].sort();
  const kept = distinct.filter((licence) => !distinct.some((other) => isStricter(other, licence)));
  return kept.map((licence) => (kept.length > 1 && licence.includes(' ') ? `(${licence})` : licence)).join(' AND ');
}

const OPENNESS: readonly LicenceFacts['open'][] = ['none', 'publish', 'all'];

/** True if `licence` asks for all that `other` asks for, and for more. Unknown licences cannot be compared. */
function isStricter(licence: string, other: string): boolean {
  const [a, b] = [factsOf(licence), factsOf(other)];
  if (a === undefined || b === undefined || a === b) return false;
  return (
    b.duties.every((duty) => a.duties.includes(duty)) &&
    (b.copyleft === null || a.copyleft === b.copyleft) &&
    (a.nonCommercial || !b.nonCommercial) &&
    (a.noDerivatives || !b.noDerivatives) &&
    // Each set of terms of its own must be passed on.
    !b.extraTerms &&
    OPENNESS.indexOf(a.open) >= OPENNESS.indexOf(b.open) &&
    OPENNESS.indexOf(a.refuses) >= OPENNESS.indexOf(b.refuses)
  );
}
