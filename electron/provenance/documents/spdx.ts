/** @file Parses licence expressions by the SPDX grammar and lists the ways to satisfy them. */
import parse from 'spdx-expression-parse';
import { knownIds } from '../ledger/licence-facts.ts';

/** Ids that hub cards and people use in addition to SPDX's own. */
const ALIASES: Record<string, string> = {
  'apache-2': 'Apache-2.0',
  'apache 2.0': 'Apache-2.0',
  qwen: 'LicenseRef-Qwen',
  'tongyi-qianwen': 'LicenseRef-Tongyi-Qianwen',
  'qwen-research': 'LicenseRef-Qwen-Research',
  'llama3.2': 'LicenseRef-Llama-3.2',
  openrail: 'LicenseRef-OpenRAIL-M',
  'creativeml-openrail-m': 'LicenseRef-CreativeML-OpenRAIL-M',
  'bigscience-openrail-m': 'LicenseRef-BigScience-OpenRAIL-M',
  'public domain': 'CC-PDM-1.0',
  'all rights reserved': 'LicenseRef-all-rights-reserved',
};

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

/** Reads a licence as stated by you, a file or a hub card. Known ids are matched case-insensitively. */
export function readLicence(text: string | null): LicenceStatement {
  const trimmed = text?.trim() ?? '';
  if (NOTHING_STATED.has(trimmed.toLowerCase())) return { kind: 'none' };
  const expression = spell(trimmed);
  try {
    return { kind: 'stated', expression, alternatives: alternativesOf(parse(expression) as ExpressionNode) };
  } catch {
    return { kind: 'unreadable', text: trimmed };
  }
}

/** Every licence id that an expression names, sorted; empty if nothing readable is stated. */
export function licenceIdsOf(text: string | null): string[] {
  const statement = readLicence(text);
  return statement.kind === 'stated' ? [...new Set(statement.alternatives.flat())].sort() : [];
}

function spell(text: string): string {
  const whole = ALIASES[text.toLowerCase()];
  if (whole !== undefined) return whole;
  return text.replace(/[A-Za-z0-9.-]+/g, (word) => {
    const conjunction = /^(and|or|with)$/i.test(word) ? word.toUpperCase() : undefined;
    return conjunction ?? SAME_BUT_CASE.get(word.toLowerCase()) ?? ALIASES[word.toLowerCase()] ?? word;
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
