/** @file The normal form: equal values meet, different values never do. */
import { describe, expect, it } from 'vitest';
import { add, divide, equals, multiply, PI, power, rational, squareRoot, toNumber } from './exact.ts';

const q = (num: number, den = 1) => rational(BigInt(num), BigInt(den))!;
const root = (num: number, den = 1) => squareRoot(q(num, den))!;

describe('exact numbers', () => {
  it('agrees with floating point on every small √(a/b) product and quotient', () => {
    for (let a = 1; a <= 12; a += 1) {
      for (let b = 1; b <= 12; b += 1) {
        const value = divide(multiply(root(a), PI)!, root(b))!;
        expect(toNumber(value)).toBeCloseTo((Math.sqrt(a) * Math.PI) / Math.sqrt(b), 12);
        expect(equals(value, multiply(root(a, b), PI)!)).toBe(true);
        expect(equals(root(a), root(b))).toBe(a === b);
      }
    }
  });

  it('cancels to nothing and multiplies out', () => {
    expect(add(root(8), multiply(q(-2), root(2))!)!.size).toBe(0);
    expect(equals(power(add(q(1), root(2))!, 2)!, add(q(3), multiply(q(2), root(2))!)!)).toBe(true);
    expect(equals(squareRoot(q(0))!, q(0))).toBe(true);
  });

  it('gives null instead of a wrong value', () => {
    expect(rational(1n, 0n)).toBeNull();
    expect(divide(q(1), q(0))).toBeNull();
    expect(divide(q(1), add(q(1), root(2))!)).toBeNull();
    expect(squareRoot(q(-4))).toBeNull();
    expect(squareRoot(PI)).toBeNull();
    expect(rational(10n ** 50n)).toBeNull();
    expect(power(q(2), 99)).toBeNull();
  });
});
