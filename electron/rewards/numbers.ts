/**
 * @file Reads one exact value with an optional unit from the text of an answer: `12`, `1,234`, `-3/5`, `2½`,
 * `\frac{\sqrt{3}}{2}`, `2√{3}`, `10√5`, `3π cm²`, `60^\circ`, `twelve`. An answer must be a value, not a
 * calculation: `180-120`, `2*3`, `3 4 5`, `3 or 4` are not read.
 */
import type { Exact } from './exact.ts';
import {
  add,
  divide,
  equals,
  isRational,
  multiply,
  negate,
  PI,
  power,
  rational,
  squareRoot,
  toNumber,
} from './exact.ts';
import { readUnit } from './units.ts';

export type Quantity = { value: Exact; unit: string | null };

const MAX_LENGTH = 120;
const WORDS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  );
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Null when the text is not exactly one value with at most one known unit. */
export function parseQuantity(text: string): Quantity | null {
  if (text.length > MAX_LENGTH) return null;
  const plain = normalise(text);
  if (plain === '') return null;
  const reader = new Reader(plain);
  const value = reader.sum();
  if (value === null) return null;
  const rest = reader.rest();
  if (rest === '') return { value, unit: null };
  const unit = readUnit(rest);
  return unit === null ? null : { value, unit };
}

/** A count: one whole number in digits or as a word, nothing else. `7.0` counts as 7; a calculation does not. */
export function parseCount(text: string): Exact | null {
  const plain = normalise(text);
  if (!/^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?$/.test(plain) && !WORDS.includes(plain.toLowerCase())) return null;
  return parseQuantity(plain)?.value ?? null;
}

/**
 * Equal values with units that do not contradict: a missing unit is accepted, a different one is not.
 *
 * @param tolerance largest accepted absolute difference; 0 = exact equality of the normal forms.
 */
export function sameQuantity(a: Quantity, b: Quantity, tolerance = 0): boolean {
  if (a.unit !== null && b.unit !== null && a.unit !== b.unit) return false;
  if (equals(a.value, b.value)) return true;
  return tolerance > 0 && Math.abs(toNumber(a.value) - toNumber(b.value)) <= tolerance;
}

/** Brings the many spellings of the same thing together; keeps everything that decides what is meant. */
function normalise(text: string): string {
  return text
    .replace(/[⁰¹²³⁴-⁹]/g, (digit) => `^${SUPERSCRIPTS.indexOf(digit)}`)
    .replace(/[¼-¾⅐-⅞]/g, (fraction) => ` ${fraction}`)
    .replace(/[º˚]|\^\s*\{?\s*\\circ\s*\}?|\\degree/g, '°')
    .replace(/(?<=\d)(?:[\u00a0\u2009\u202f'’]|\{,\}|\\,)(?=\d{3}(?!\d))/g, ',')
    .normalize('NFKC')
    .replace(/[−‒–—﹣]/g, '-')
    .replace(/[×·⋅∙]|\\times|\\cdot/g, '*')
    .replace(/÷|⁄|∕|\\div/g, '/')
    .replace(/\\pi(?![a-z])|(?<![a-z])pi(?![a-z])/gi, 'π')
    .replace(/\\[dt]frac/g, '\\frac')
    .replace(/\\left|\\right|\\displaystyle|\\!/g, '')
    .replace(/\\[,;: ]|~/g, ' ')
    .replace(/\\boxed\s*\{(.*)\}/g, '$1')
    .replace(/^\s*(?:\*\*|\$+|\\\(|\\\[)\s*|\s*(?:\*\*|\$+|\\\)|\\\])\s*$/g, '')
    .replace(/[.。!]+\s*$/, '')
    .replace(/^\s*(?:(?:∠|\\angle|△)?\s*[A-Za-z]{1,4}\s*)?[=≈]\s*/, '')
    .trim();
}

/** Recursive descent over sum → product → power → atom. Every method gives null as soon as it cannot read on. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  rest(): string {
    return this.#text.slice(this.#at).trim();
  }

  sum(): Exact | null {
    let total = this.product();
    for (;;) {
      const sign = this.take(/[+-]/y);
      if (total === null || sign === null) return total;
      const next = this.product();
      const signed = next === null ? null : sign === '-' ? negate(next) : next;
      const sum = signed === null ? null : add(total, signed);
      // Like terms that merge mean that the sum was left to the grader: a calculation, not a value.
      if (sum === null || signed === null || sum.size !== total.size + signed.size) return null;
      total = sum;
    }
  }

  product(): Exact | null {
    const sign = this.take(/[+-]/y);
    let value = this.power();
    let numeral = true;
    for (;;) {
      if (value === null) return null;
      if (this.take(/\*/y) !== null) {
        const scale = this.take(/10\s*\^\s*\{?\s*-?\d{1,2}\s*\}?/y);
        const next: Exact | null = scale === null ? this.power() : tenTo(Number(/-?\d+(?=\D*$)/.exec(scale)?.[0]));
        if (next === null || (scale === null && isRational(value) && isRational(next))) return null;
        value = multiply(value, next);
      } else if (this.take(/\//y) !== null) {
        const divisor = this.power();
        value = divisor === null ? null : divide(value, divisor);
        numeral = false;
      } else if (this.peek(/√|π|\\sqrt|sqrt\(|\\frac|\(/y)) {
        const next = this.power();
        if (next === null) return null;
        // `2\frac{1}{2}` is a mixed number; `2\frac{\sqrt{3}}{2}` a product; `2(3)` a calculation.
        if (isRational(value) && isRational(next)) value = numeral ? mixed(value, next) : null;
        else value = multiply(value, next);
      } else {
        return sign === '-' ? negate(value) : value;
      }
    }
  }

  power(): Exact | null {
    const base = this.atom();
    if (base === null || this.take(/\^/y) === null) return base;
    const exponent = this.take(/\{\s*\d{1,2}\s*\}|\d{1,2}/y);
    // A power of a plain number is a calculation; π² and (√2)² are how values are written.
    if (exponent === null || isRational(base)) return null;
    return power(base, Number(exponent.replace(/[{}]/g, '')));
  }

  atom(): Exact | null {
    if (this.take(/π/y) !== null) return PI;
    if (this.take(/\(/y) !== null) return this.closed(')');
    if (this.take(/\{/y) !== null) return this.closed('}');
    if (this.take(/\\frac/y) !== null) {
      const [above, below] = [this.braced(), this.braced()];
      return above === null || below === null ? null : divide(above, below);
    }
    if (this.take(/√|\\sqrt|sqrt/y) !== null) {
      const under = this.peek(/[{(]/y) ? this.atom() : this.number();
      return under === null ? null : squareRoot(under);
    }
    return this.mixedFraction() ?? this.number() ?? this.word();
  }

  private braced(): Exact | null {
    return this.take(/\{/y) !== null ? this.closed('}') : digit(this.take(/\d/y));
  }

  private closed(bracket: ')' | '}'): Exact | null {
    const inner = this.sum();
    return this.take(bracket === ')' ? /\)/y : /\}/y) === null ? null : inner;
  }

  /** `2 1/2`: a whole number, a space and a proper fraction. */
  private mixedFraction(): Exact | null {
    const text = this.take(/\d+ +\d+ *\/ *\d+(?![\d.,])/y);
    if (text === null) return null;
    const [whole, above, below] = text.match(/\d+/g)?.map(BigInt) ?? [];
    const [a, b] = [rational(whole ?? 0n), rational(above ?? 0n, below ?? 0n)];
    return a === null || b === null ? null : mixed(a, b);
  }

  private number(): Exact | null {
    const text = this.take(/(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+/y);
    // `3,4`, `1.2.3` and `3 4` are several numbers or a foreign notation: not one value.
    if (text === null || this.peek(/[.,]?\d/y)) return null;
    const [whole = '', decimals = ''] = text.replaceAll(',', '').split('.');
    return rational(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
  }

  private word(): Exact | null {
    const text = this.take(/[a-z]+/iy);
    const index = text === null ? -1 : WORDS.indexOf(text.toLowerCase());
    return index < 0 ? null : rational(BigInt(index));
  }

  private peek(pattern: RegExp): boolean {
    const at = this.#at;
    const found = this.take(pattern) !== null;
    this.#at = at;
    return found;
  }

  /** Takes a sticky pattern after optional spaces; null (and no move) when it is not there. */
  private take(pattern: RegExp): string | null {
    const spaces = /\s*/y;
    spaces.lastIndex = this.#at;
    pattern.lastIndex = this.#at + (spaces.exec(this.#text)?.[0].length ?? 0);
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }
}

function digit(text: string | null): Exact | null {
  return text === null ? null : rational(BigInt(text));
}

function tenTo(exponent: number): Exact | null {
  const size = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? rational(1n, size) : rational(size);
}

/** Whole part plus proper fraction; null when the two cannot be a mixed number. */
function mixed(whole: Exact, fraction: Exact): Exact | null {
  const [a, b] = [toNumber(whole), toNumber(fraction)];
  return Number.isInteger(a) && a > 0 && b > 0 && b < 1 ? add(whole, fraction) : null;
}
