/**
 * @file Reads one exact value with an optional unit from the text of an answer: `12`, `1,234`, `-3/5`, `2½`, `1.5e3`,
 * `\frac{\sqrt{3}}{2}`, `2√{3}`, `10√5`, `3π cm²`, `60^\circ`, `€5`, `twenty-one`. An answer must be a value, not a
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
import { fold } from './folding.ts';
import { dropCommands, unwrapMarkup } from './markup.ts';
import { readDigits, readNumberWords, type Numeral } from './numerals.ts';
import { isShare, readCurrencyBefore, readUnit, type Unit } from './units.ts';

export type Quantity = {
  value: Exact;
  unit: Unit | null;
  /** The two whole numbers, as text, where the value was written as one over the other with a slash. */
  slash: readonly [above: string, below: string] | null;
  /** Written as a fraction: with a slash in lowest terms, as a mixed number, or with `\frac`. */
  fraction: boolean;
};

export type QuantityOptions = {
  /** Whether `3,5` is three and a half; otherwise it is not read. Default true. */
  decimalComma?: boolean;
};

const MAX_LENGTH = 120;
/** A number alone in brackets may be a negative amount or a set, and `(3,500)` a point: which, nobody can tell. */
const BRACKETED = /^[+-]?\s*[({]\s*[+-]?[\d.,' ]+\s*[)}]\s*(?![\d√π\\*/^({]|sqrt)/;
const DECADE = /^[12]\d\d0 ?'?s$/i;

/** Null when the text is not exactly one value with at most one unit. The unit may be one that is not known. */
export function parseQuantity(text: string, { decimalComma = true }: QuantityOptions = {}): Quantity | null {
  if (text.length > MAX_LENGTH) return null;
  const plain = normalise(text);
  if (plain === '' || BRACKETED.test(plain) || DECADE.test(plain)) return null;
  const currency = readCurrencyBefore(plain);
  const reader = new Reader(currency?.rest ?? plain, decimalComma);
  const value = reader.sum();
  if (value === null) return null;
  const { slash, fraction } = reader;
  const rest = reader.rest();
  if (rest === '') return { value, unit: currency?.unit ?? null, slash, fraction };
  const unit = currency === null ? readUnit(rest) : null;
  return unit === null ? null : { value, unit, slash, fraction };
}

/**
 * A count: one whole number in digits or in words, nothing else. `7.0`, `007` and `1e3` are whole; a calculation is not a
 * count, and neither is `7,0`, which may be two numbers.
 */
export function parseCount(text: string): Exact | null {
  if (text.length > MAX_LENGTH) return null;
  const plain = normalise(text);
  const sign = /^[+-] ?/.exec(plain)?.[0] ?? '';
  const found = readDigits(plain, sign.length, { decimalComma: false }) ?? readNumberWords(plain, sign.length);
  if (found === null || sign.length + found.length !== plain.length) return null;
  const [term] = found.value.values();
  if (term !== undefined && term.den !== 1n) return null;
  return sign.startsWith('-') ? negate(found.value) : found.value;
}

/** Whether the number is written with a zero in front, as codes are: `007`. */
export function isCode(text: string): boolean {
  return /^[+-]?0\d/.test(normalise(text));
}

/**
 * Equal values with units that do not contradict: a missing unit is accepted where it is a known one (`%` never is), a
 * different one is not.
 *
 * @param tolerance largest accepted absolute difference; 0 = exact equality of the normal forms.
 */
export function sameQuantity(a: Quantity, b: Quantity, tolerance = 0): boolean {
  if (!unitsAgree(a.unit, b.unit)) return false;
  if (equals(a.value, b.value)) return true;
  return tolerance > 0 && Math.abs(toNumber(a.value) - toNumber(b.value)) <= tolerance;
}

/** Whether `above/below` cannot be reduced and is not a whole number: `3/2`, but not `120/80` or `4/1`. */
export function isLowestTerms([above, below]: readonly [string, string]): boolean {
  let [a, b] = [BigInt(above), BigInt(below)];
  const denominator = b;
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 1n && denominator > 1n;
}

/** Whether the value is an angle, or may be one because it has no unit. */
export function isAngle({ unit }: Quantity): boolean {
  return unit === null || unit.name === '°';
}

function unitsAgree(a: Unit | null, b: Unit | null): boolean {
  if (a !== null && b !== null) return a.name === b.name;
  const only = a ?? b;
  return only === null || (only.known && !isShare(only));
}

/** Brings the many spellings of the same thing together; keeps everything that decides what is meant. */
function normalise(text: string): string {
  const folded = unwrapMarkup(fold(text.replace(/\{,\}/g, ',').replace(/(?<=\d)\\,(?=\d{3}(?!\d))/g, ' ')))
    .replace(/\\[dt]frac/g, '\\frac')
    .replace(/\\left|\\right|\\displaystyle|\\!/g, '')
    .replace(/\\[,;: ]|(?<!~)~(?!~)/g, ' ');
  return dropCommands(folded)
    .replace(/\\(?:mathrm|text|rm|operatorname)(?![a-z])/g, ' ')
    .replace(/\\\$/g, '$')
    .replace(/\^\s*\{?\s*\\circ\s*\}?|\\degree|\\circ/g, '°')
    .replace(/[×·⋅∙]|\\times|\\cdot/g, '*')
    .replace(/÷|\\div/g, '/')
    .replace(/\\pi(?![a-z])|(?<![a-z])pi(?![a-z])/gi, 'π')
    .trim()
    .replace(/^(?:(?:∠|\\angle|△)?\s*[A-Za-z]{1,4}\s*)?[=≈]\s*/, '')
    .replace(/^(?:minus|negative)\s+/i, '-')
    .replace(/[.。]+$/, '')
    .trim();
}

/** Recursive descent over sum → product → power → atom. Every method gives null as soon as it cannot read on. */
class Reader {
  readonly #text: string;
  readonly #decimalComma: boolean;
  #at = 0;
  #depth = 0;
  /** What the atom that was read last was written as; null for anything but a plain number. */
  #numeral: (Numeral & { text: string }) | null = null;
  slash: [above: string, below: string] | null = null;
  fraction = false;

  constructor(text: string, decimalComma: boolean) {
    this.#text = text;
    this.#decimalComma = decimalComma;
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
    let divided = false;
    for (;;) {
      if (value === null) return null;
      if (this.take(/\*/y) !== null) {
        const scale = this.tenToThe();
        const next = scale ?? this.power();
        if (next === null || (scale === null && isRational(value) && isRational(next))) return null;
        value = multiply(value, next);
      } else if (this.take(/\//y) !== null) {
        // `1/2/2024` is a date and no product.
        if (divided) return null;
        divided = true;
        value = this.quotient(value);
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
    const scale = this.tenToThe();
    if (scale !== null) return scale;
    const base = this.atom();
    if (base === null || this.take(/\^/y) === null) return base;
    this.#numeral = null;
    const exponent = this.take(/\{\s*\d{1,2}\s*\}|\d{1,2}/y);
    // A power of a plain number is a calculation; π² and (√2)² are how values are written.
    if (exponent === null || isRational(base)) return null;
    return power(base, Number(exponent.replace(/[{}]/g, '')));
  }

  atom(): Exact | null {
    this.#numeral = null;
    if (this.take(/π/y) !== null) return PI;
    if (this.take(/\(/y) !== null) return this.closed(')');
    if (this.take(/\{/y) !== null) return this.closed('}');
    if (this.take(/\\frac/y) !== null) {
      this.fraction = true;
      const [above, below] = [this.braced(), this.braced()];
      this.#numeral = null;
      return above === null || below === null ? null : divide(above, below);
    }
    if (this.take(/√|\\sqrt|sqrt/y) !== null) {
      const under = this.peek(/[{(]/y) ? this.atom() : this.number();
      this.#numeral = null;
      return under === null ? null : squareRoot(under);
    }
    return this.mixedFraction() ?? this.number();
  }

  /** What stands after a slash, and the quotient. Of two plain numbers both must be whole: `1.5/2` is a calculation. */
  private quotient(above: Exact): Exact | null {
    const before = this.#numeral;
    const below = this.power();
    const after = this.#numeral;
    if (below === null) return null;
    if (before !== null && after !== null) {
      if (!before.whole || !after.whole) return null;
      const ends: [string, string] = [before.text, after.text].map((digits) => digits.replace(/\D/g, '')) as [
        string,
        string,
      ];
      if (ends[0] !== '' && ends[1] !== '') this.slash = ends;
      if (this.slash !== null && isLowestTerms(this.slash)) this.fraction = true;
    }
    this.#numeral = null;
    return divide(above, below);
  }

  /** `10^3`, `10^{-3}`: a power of ten. */
  private tenToThe(): Exact | null {
    const written = this.take(/10\s*\^\s*(?:\{\s*[+-]?\d{1,2}\s*\}|[+-]?\d{1,2})(?!\d)/y);
    if (written === null) return null;
    this.#numeral = null;
    const exponent = Number(/[+-]?\d+(?=\D*$)/.exec(written)?.[0]);
    const size = 10n ** BigInt(Math.abs(exponent));
    return exponent < 0 ? rational(1n, size) : rational(size);
  }

  private braced(): Exact | null {
    return this.take(/\{/y) !== null ? this.closed('}', false) : digit(this.take(/\d/y));
  }

  /** @param separates whether a comma inside separates numbers, as in `(3,500)`, instead of grouping digits. */
  private closed(bracket: ')' | '}', separates = true): Exact | null {
    this.#depth += separates ? 1 : 0;
    const inner = this.sum();
    this.#depth -= separates ? 1 : 0;
    this.#numeral = null;
    return this.take(bracket === ')' ? /\)/y : /\}/y) === null ? null : inner;
  }

  /** `2 1/2`: a whole number, a space and a proper fraction. */
  private mixedFraction(): Exact | null {
    const text = this.take(/\d+ +\d+ *\/ *\d+(?![\d.,/])/y);
    if (text === null) return null;
    const [whole, above, below] = text.match(/\d+/g)?.map(BigInt) ?? [];
    const [a, b] = [rational(whole ?? 0n), rational(above ?? 0n, below ?? 0n)];
    this.fraction = true;
    return a === null || b === null ? null : mixed(a, b);
  }

  private number(): Exact | null {
    this.take(/(?=\S)/y);
    const options = { decimalComma: this.#decimalComma, groups: this.#depth === 0 };
    const found = readDigits(this.#text, this.#at, options) ?? readNumberWords(this.#text, this.#at);
    if (found === null) return null;
    const start = this.#at;
    this.#at += found.length;
    this.#numeral = { ...found, text: this.#text.slice(start, this.#at) };
    return found.value;
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

/** Whole part plus proper fraction; null when the two cannot be a mixed number. */
function mixed(whole: Exact, fraction: Exact): Exact | null {
  const [a, b] = [toNumber(whole), toNumber(fraction)];
  return Number.isInteger(a) && a > 0 && b > 0 && b < 1 ? add(whole, fraction) : null;
}
