/** @file Parses licence expressions by the SPDX grammar and lists the ways to satisfy them. */
import parse from 'spdx-expression-parse';
import { knownIds } from '../ledger/licence-facts.ts';
import { spdxIdOf, spdxOfName } from '../ledger/licence-names.ts';

const SAME_BUT_CASE = new Map(knownIds().map((id) => [id.toLowerCase(), id]));

/** Ways to say "unknown" that some files use instead of leaving the field empty. */
const NOTHING_STATED = new Set(['', 'unknown', 'noassertion', 'none', 'other', 'n/a', 'null']);

interface LicenceNode {
  license: string;
  plus?: boolean;
  exception?: string;
}
interface PairNode {
  left: ExpressionNode;
  conjunction: 'and' | 'or';
  right: ExpressionNode;
}
type ExpressionNode = LicenceNode | PairNode;

/**
 * The meaning of a stated licence: `alternatives` are sets of licence ids, any one of which satisfies it (AND joins ids
 * into a set, OR adds a set). Null means nothing was stated; `unreadable` means the text does not follow the grammar.
 */
export type LicenceStatement =
  | { kind: 'none' }
  | { kind: 'unreadable'; text: string }
  | { kind: 'stated'; expression: string; alternatives: string[][] };

/** An expression with more alternatives than this cannot be what anyone meant. */
const MAX_ALTERNATIVES = 64;

/**
 * Reads a licence as stated by you, a file or a hub card: an SPDX expression in any letter case, or the licence's name
 * or address as people write it.
 */
export function readLicence(text: string | null): LicenceStatement {
  const trimmed = text?.trim() ?? '';
  if (NOTHING_STATED.has(trimmed.toLowerCase())) return { kind: 'none' };
  const spelled = spell(trimmed);
  const alternatives = alternativesIn(spelled);
  if (alternatives !== null) return { kind: 'stated', expression: spelled, alternatives };
  const named = spdxOfName(trimmed);
  const meant = named === null ? null : alternativesIn(named);
  return named === null || meant === null
    ? { kind: 'unreadable', text: trimmed }
    : { kind: 'stated', expression: named, alternatives: meant };
}

function alternativesIn(expression: string): string[][] | null {
  try {
    return alternativesOf(parse(expression) as ExpressionNode);
  } catch {
    return null;
  }
}

/** Every licence id that an expression names, sorted; empty if nothing readable is stated. */
export function licenceIdsOf(text: string | null): string[] {
  const statement = readLicence(text);
  return statement.kind === 'stated' ? [...new Set(statement.alternatives.flat())].sort() : [];
}

function spell(text: string): string {
  return text.replace(/([A-Za-z0-9.-]+)(\+?)/g, (whole: string, word: string, plus: string) => {
    if (/^(and|or|with)$/i.test(word)) return whole.toUpperCase();
    // SPDX withdrew these ids because they did not say whether later versions count.
    const gnu = /^(?:[al]?gpl|gfdl)-\d\.\d$/i.test(word)
      ? spdxIdOf(`${word}-${plus === '' ? 'only' : 'or-later'}`)
      : undefined;
    if (gnu !== undefined) return gnu;
    return (SAME_BUT_CASE.get(word.toLowerCase()) ?? spdxIdOf(word) ?? word) + plus;
  });
}

function alternativesOf(node: ExpressionNode): string[][] {
  if ('license' in node) {
    // `+` and exceptions only add freedom for code; they do not change how the licence applies to a work.
    return [[node.license]];
  }
  const left = alternativesOf(node.left);
  const right = alternativesOf(node.right);
  const count = node.conjunction === 'or' ? left.length + right.length : left.length * right.length;
  if (count > MAX_ALTERNATIVES) throw new RangeError('The expression has too many alternatives.');
  if (node.conjunction === 'or') return [...left, ...right];
  return left.flatMap((a) => right.map((b) => [...new Set([...a, ...b])].sort()));
}
