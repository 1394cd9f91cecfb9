/** @file Ops that work element by element, as text of a shader. Truth values are 0 and 1. */
import type { Scalar } from './values.ts';
import { literal } from './writer.ts';

export interface Elementwise {
  /** Arithmetic operations; a function counts as several. */
  cost: number;
  /** @param type of the first operand */
  text: (operands: readonly string[], type: Scalar) => string;
  /** `bool`: gives truth values. Absent = what it is given. */
  gives?: 'bool';
}

type Binary = (a: string, b: string, type: Scalar) => string;

const FUNCTION_COST = 4;

function two(text: Binary, cost = 1): Elementwise {
  return { cost, text: ([a = '', b = ''], type) => text(a, b, type) };
}

function one(text: (a: string, type: Scalar) => string, cost = 1): Elementwise {
  return { cost, text: ([a = ''], type) => text(a, type) };
}

function test(text: Binary): Elementwise {
  return { ...two((a, b, type) => `select(0i, 1i, ${text(a, b, type)})`), gives: 'bool' };
}

function testOne(text: (a: string, type: Scalar) => string): Elementwise {
  return { ...one((a, type) => `select(0i, 1i, ${text(a, type)})`), gives: 'bool' };
}

const EXPONENT = '0x7f800000u';

/** Of integers, towards minus infinity as TensorFlow does. */
const floorDiv: Binary = (a, b, type) =>
  type === 'f32'
    ? `floor(${a} / ${b})`
    : `(${a} / ${b} - select(0i, 1i, ${a} % ${b} != 0i && ((${a} < 0i) != (${b} < 0i))))`;
const floorMod: Binary = (a, b, type) =>
  type === 'f32' ? `(${a} - floor(${a} / ${b}) * ${b})` : `((${a} % ${b} + ${b}) % ${b})`;

/** Abramowitz and Stegun 7.1.26: within 1.5e-7. */
function erf(x: string): string {
  const t = `(1.0 / (1.0 + 0.3275911 * abs(${x})))`;
  const series = `((((1.061405429 * ${t} - 1.453152027) * ${t} + 1.421413741) * ${t} - 0.284496736) * ${t} + 0.254829592) * ${t}`;
  return `sign(${x}) * (1.0 - ${series} * exp(-(${x} * ${x})))`;
}

export const ELEMENTWISE: Readonly<Record<string, Elementwise>> = {
  Add: two((a, b) => `${a} + ${b}`),
  AddV2: two((a, b) => `${a} + ${b}`),
  Sub: two((a, b) => `${a} - ${b}`),
  Mul: two((a, b) => `${a} * ${b}`),
  Div: two((a, b) => `${a} / ${b}`),
  RealDiv: two((a, b) => `${a} / ${b}`),
  FloorDiv: two(floorDiv, 2),
  FloorMod: two(floorMod, 3),
  Mod: two(floorMod, 3),
  Maximum: two((a, b) => `max(${a}, ${b})`),
  Minimum: two((a, b) => `min(${a}, ${b})`),
  SquaredDifference: two((a, b) => `(${a} - ${b}) * (${a} - ${b})`, 2),
  Pow: two((a, b) => `pow(${a}, ${b})`, FUNCTION_COST),
  Equal: test((a, b) => `${a} == ${b}`),
  NotEqual: test((a, b) => `${a} != ${b}`),
  Greater: test((a, b) => `${a} > ${b}`),
  GreaterEqual: test((a, b) => `${a} >= ${b}`),
  Less: test((a, b) => `${a} < ${b}`),
  LessEqual: test((a, b) => `${a} <= ${b}`),
  LogicalAnd: { ...two((a, b) => `${a} & ${b}`), gives: 'bool' },
  LogicalOr: { ...two((a, b) => `${a} | ${b}`), gives: 'bool' },
  LogicalNot: { ...one((a) => `1i - ${a}`), gives: 'bool' },
  // A driver may assume that infinity and NaN never occur, so the bits are looked at.
  IsFinite: testOne((a) => `(bitcast<u32>(${a}) & ${EXPONENT}) != ${EXPONENT}`),
  IsInf: testOne((a) => `(bitcast<u32>(${a}) & 0x7fffffffu) == ${EXPONENT}`),
  IsNan: testOne((a) => `(bitcast<u32>(${a}) & 0x7fffffffu) > ${EXPONENT}`),
  Abs: one((a) => `abs(${a})`),
  Neg: one((a) => `-${a}`),
  Sign: one((a) => `sign(${a})`),
  Floor: one((a) => `floor(${a})`),
  // Halves to the even neighbour, as in TensorFlow.
  Round: one((a) => `round(${a})`),
  Relu: one((a, type) => `max(${a}, ${literal(type, 0)})`),
  Reciprocal: one((a) => `1.0 / ${a}`),
  Square: one((a) => `${a} * ${a}`),
  Sqrt: one((a) => `sqrt(${a})`),
  Rsqrt: one((a) => `inverseSqrt(${a})`),
  Exp: one((a) => `exp(${a})`, FUNCTION_COST),
  Expm1: one((a) => `exp(${a}) - 1.0`, FUNCTION_COST),
  Log: one((a) => `log(${a})`, FUNCTION_COST),
  Log1p: one((a) => `log(1.0 + ${a})`, FUNCTION_COST),
  Sigmoid: one((a) => `1.0 / (1.0 + exp(-${a}))`, FUNCTION_COST),
  // Some drivers give NaN far out, where it is ±1 anyway.
  Tanh: one((a) => `tanh(clamp(${a}, -15.0, 15.0))`, FUNCTION_COST),
  Erf: one(erf, 4 * FUNCTION_COST),
  Softplus: one((a) => `max(${a}, 0.0) + log(1.0 + exp(-abs(${a})))`, 2 * FUNCTION_COST),
  Elu: one((a) => `select(exp(min(${a}, 0.0)) - 1.0, ${a}, ${a} >= 0.0)`, FUNCTION_COST),
};
