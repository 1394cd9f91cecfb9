/**
 * @file Exact numbers: sums of rational × √n × π^k, in one normal form (n square-free), so that two values are
 * equal exactly when their forms are. Nothing is ever rounded.
 */

type Term = { num: bigint; den: bigint; radicand: bigint; piPower: number };

/** A sum of terms, keyed by radicand and power of π; no term is zero. The empty map is 0. */
export type Exact = ReadonlyMap<string, Term>;

/** Beyond these a value is not an answer to a picture, and factoring it would only burn time. */
const MAX_DIGITS = 40;
const MAX_RADICAND = 1_000_000_000_000n;

/** num / den. Null when the denominator is 0 or the numbers are absurdly long. */
export function rational(num: bigint, den = 1n): Exact | null {
  return fromTerms([{ num, den, radicand: 1n, piPower: 0 }]);
}

export const PI: Exact = new Map([['1:1', { num: 1n, den: 1n, radicand: 1n, piPower: 1 }]]);

export function negate(a: Exact): Exact {
  return new Map([...a].map(([key, term]) => [key, { ...term, num: -term.num }]));
}

export function add(a: Exact, b: Exact): Exact | null {
  return fromTerms([...a.values(), ...b.values()]);
}

export function multiply(a: Exact, b: Exact): Exact | null {
  const products = [...a.values()].flatMap((x) =>
    [...b.values()].map((y) => {
      const [outside, radicand] = squareFree(x.radicand * y.radicand) ?? [0n, 0n];
      return { num: x.num * y.num * outside, den: x.den * y.den, radicand, piPower: x.piPower + y.piPower };
    }),
  );
  return fromTerms(products);
}

/** a / b for a `b` of a single term (the only divisors that answers use); null otherwise and for 0. */
export function divide(a: Exact, b: Exact): Exact | null {
  const [divisor, ...more] = b.values();
  if (divisor === undefined || more.length > 0) return null;
  // 1 / (p √n) = √n / (p n)
  const inverse = fromTerms([
    { num: divisor.den, den: divisor.num * divisor.radicand, radicand: divisor.radicand, piPower: -divisor.piPower },
  ]);
  return inverse === null ? null : multiply(a, inverse);
}

/** √a for a non-negative rational `a`; null for anything else. */
export function squareRoot(a: Exact): Exact | null {
  const terms = [...a.values()];
  if (terms.length === 0) return a;
  const [only] = terms;
  if (terms.length > 1 || only === undefined || !isRationalTerm(only) || only.num < 0n) return null;
  const split = squareFree(only.num * only.den);
  if (split === null) return null;
  return fromTerms([{ num: split[0], den: only.den, radicand: split[1], piPower: 0 }]);
}

/** a^exponent for small whole exponents (0 to 12). */
export function power(a: Exact, exponent: number): Exact | null {
  if (!Number.isInteger(exponent) || exponent < 0 || exponent > 12) return null;
  let result = rational(1n);
  for (let i = 0; i < exponent && result !== null; i += 1) result = multiply(result, a);
  return result;
}

export function equals(a: Exact, b: Exact): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([key, term]) => {
    const other = b.get(key);
    return other !== undefined && other.num === term.num && other.den === term.den;
  });
}

export function isRational(a: Exact): boolean {
  return [...a.values()].every(isRationalTerm);
}

/** A sum of rationals times square roots, without π (a plain rational is one too). */
export function isRootOfRational(a: Exact): boolean {
  return [...a.values()].every((term) => term.piPower === 0);
}

/** Every term holds a power of π; 0 does too. */
export function isMultipleOfPi(a: Exact): boolean {
  return [...a.values()].every((term) => term.piPower > 0);
}

/** Nearest double; only for tolerances and for showing, never for equality. */
export function toNumber(a: Exact): number {
  let sum = 0;
  for (const term of a.values()) {
    sum += (Number(term.num) / Number(term.den)) * Math.sqrt(Number(term.radicand)) * Math.PI ** term.piPower;
  }
  return sum;
}

function isRationalTerm(term: Term): boolean {
  return term.radicand === 1n && term.piPower === 0;
}

/** Adds up like terms in lowest form and drops zeros. Null for a zero denominator or a monstrous number. */
function fromTerms(terms: readonly Term[]): Exact | null {
  const sums = new Map<string, Term>();
  for (const term of terms) {
    if (term.den === 0n || term.radicand === 0n) return null;
    const key = `${term.radicand}:${term.piPower}`;
    const before = sums.get(key) ?? { ...term, num: 0n, den: 1n };
    const reduced = lowest(before.num * term.den + term.num * before.den, before.den * term.den);
    if (`${reduced[0]}`.length > MAX_DIGITS || `${reduced[1]}`.length > MAX_DIGITS) return null;
    sums.set(key, { ...term, num: reduced[0], den: reduced[1] });
  }
  return new Map([...sums].filter(([, term]) => term.num !== 0n));
}

function lowest(num: bigint, den: bigint): [bigint, bigint] {
  let [a, b] = [num < 0n ? -num : num, den < 0n ? -den : den];
  while (b !== 0n) [a, b] = [b, a % b];
  const divisor = (a === 0n ? 1n : a) * (den < 0n ? -1n : 1n);
  return [num / divisor, den / divisor];
}

/** n = outside² × radicand with a square-free radicand; null when n is too large to factor at once. */
function squareFree(n: bigint): [outside: bigint, radicand: bigint] | null {
  if (n === 0n) return [0n, 1n];
  if (n > MAX_RADICAND) return null;
  let [rest, outside, radicand] = [Number(n), 1, 1];
  for (let p = 2; p * p <= rest; p += 1) {
    while (rest % (p * p) === 0) [rest, outside] = [rest / (p * p), outside * p];
    if (rest % p === 0) [rest, radicand] = [rest / p, radicand * p];
  }
  return [BigInt(outside), BigInt(radicand * rest)];
}
