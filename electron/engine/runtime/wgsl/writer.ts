/** @file Writes the body of a shader: formulas get names, so that nothing is computed twice, and storages get bindings. */
import { NF4_BLOCK, NF4_NUMBERS } from '../../../formats/nf4.ts';
import { Index } from './index-text.ts';
import { partsOf, valuesInPart, type FormulaWriter, type Scalar, type Storage, type Value } from './values.ts';

const NAME_OR_NUMBER = /^[\w.]+$/;

export class Writer implements FormulaWriter {
  private lines: string[] = [];
  private memo = new Map<string, string>();
  private count = 0;
  private readonly bound = new Map<Storage, string>();
  /** Values that the kernel has itself, such as the sum that it has just computed. */
  private readonly given = new Map<Value, string>();
  /** What the kernel writes, by the name of its variable. */
  private readonly written: Storage[];

  constructor(written: readonly Storage[]) {
    this.written = [...written];
    written.forEach((storage, at) => this.bound.set(storage, `o${at}`));
  }

  readonly named = (type: 'u32' | Scalar | 'bool', text: string): string => {
    if (NAME_OR_NUMBER.test(text)) return text;
    const key = `${type} ${text}`;
    const known = this.memo.get(key);
    if (known !== undefined) return known;
    const name = `v${this.count++}`;
    this.lines.push(`let ${name}: ${type} = ${text};`);
    this.memo.set(key, name);
    return name;
  };

  variable(type: Scalar, text: string): string {
    const key = `number ${type} ${text}`;
    const known = this.memo.get(key);
    if (known !== undefined) return known;
    const name = this.fresh('n');
    this.lines.push(`var ${name}: ${type} = ${text};`);
    this.memo.set(key, name);
    return name;
  }

  fresh(prefix: string): string {
    return `${prefix}${this.count++}`;
  }

  add(...lines: readonly string[]): void {
    this.lines.push(...lines);
  }

  inner(write: () => void): string[] {
    const { lines, memo } = this;
    this.lines = [];
    this.memo = new Map(memo);
    write();
    const own = this.lines;
    this.lines = lines;
    this.memo = memo;
    return own;
  }

  /** Says what a value is, while `use` runs. */
  knowing(value: Value, text: string, use: () => void): void {
    this.knowingAll([[value, text]], use);
  }

  knowingAll(all: readonly (readonly [Value, string])[], use: () => void): void {
    for (const [value, text] of all) this.given.set(value, text);
    use();
    for (const [value] of all) this.given.delete(value);
  }

  at(shape: readonly number[], linear: string): Index {
    return Index.ofLinear(this.named, shape, linear);
  }

  atCoordinates(shape: readonly number[], coordinates: readonly string[]): Index {
    return Index.ofCoordinates(this.named, shape, coordinates);
  }

  /** The variable of a storage. */
  nameOf(storage: Storage): string {
    const known = this.bound.get(storage);
    if (known !== undefined) return known;
    const name = `b${this.bound.size - this.written.length}`;
    this.bound.set(storage, name);
    return name;
  }

  read(value: Value, index: Index): string {
    const given = this.given.get(value);
    if (given !== undefined) return given;
    const { form, type } = value;
    switch (form.kind) {
      case 'filled':
        return literal(type, form.value);
      case 'ramp': {
        const steps =
          form.step === 1 ? `i32(${index.linear()})` : `i32(${index.linear()}) * ${literal('i32', form.step)}`;
        return this.named(type, form.start === 0 ? steps : `${steps} + ${literal('i32', form.start)}`);
      }
      case 'stored':
        return this.load(form.storage, index.linear());
      case 'computed': {
        // Some formulas have lines of their own.
        const key = `value ${value.id} at ${index.id}`;
        const known = this.memo.get(key);
        if (known !== undefined) return known;
        const name = this.named(type, form.at(this, index));
        this.memo.set(key, name);
        return name;
      }
      case 'pending':
        throw new Error('A kernel reads what has not been computed.');
    }
  }

  private load(storage: Storage, place: string): string {
    const name = this.nameOf(storage);
    const text = partsOf(storage) > 1 ? `${loaderOf(name)}(${place})` : valueText(storage, name, place);
    return this.named(storage.type, text);
  }

  /** The storages that the kernel reads, in the order of their bindings. */
  reads(): Storage[] {
    return [...this.bound.keys()].slice(this.written.length);
  }

  declarations(): string[] {
    let binding = 0;
    const numbers = [...this.bound.keys()].some(({ packed }) => packed === 'nf4') ? NF4_LINES : [];
    const declared = [...this.bound].flatMap(([storage, name], at) => {
      const access = at < this.written.length ? 'read_write' : 'read';
      const element = storage.packed === null ? storage.type : 'u32';
      const own = partNames(storage, name).map(
        (part) => `@group(0) @binding(${binding++}) var<storage, ${access}> ${part}: array<${element}>;`,
      );
      const unpack =
        storage.packed === 'nf4'
          ? partNames(storage, name).flatMap((part, which) => nf4Lines(part, valuesInPart(storage, which)))
          : [];
      return [...own, ...unpack, ...loaderLines(storage, name)];
    });
    return [...numbers, ...declared];
  }

  body(): string[] {
    return this.lines;
  }
}

function valueText({ packed }: Storage, name: string, place: string): string {
  if (packed === null) return `${name}[${place}]`;
  if (packed === 'nf4') return `${loaderOf(name)}(${place})`;
  // The first of two is the lower half of a word.
  const word = `${name}[(${place}) >> 1u] >> (((${place}) & 1u) << 4u)`;
  return `bitcast<f32>((${word}) << 16u)`;
}

function partNames(storage: Storage, name: string): string[] {
  const count = partsOf(storage);
  return count === 1 ? [name] : Array.from({ length: count }, (_, part) => `${name}_${part}`);
}

function loaderOf(name: string): string {
  return `load_${name}`;
}

/** Each thread's own, because a driver may not index what is constant. */
const NF4_LINES = [
  `var<private> nf4_numbers: array<f32, ${NF4_NUMBERS.length}> = array<f32, ${NF4_NUMBERS.length}>(${Array.from(NF4_NUMBERS, (value) => literal('f32', value)).join(', ')});`,
];

/** A function that unpacks a value of a matrix in NF4: one of 16 numbers times the scale of its block, the very bits of formats/nf4.ts. */
function nf4Lines(name: string, size: number): string[] {
  return [
    `fn ${loaderOf(name)}(place: u32) -> f32 {`,
    // Of the two values in a byte, the first is the upper half.
    'let shift: u32 = (((place >> 1u) & 3u) << 3u) | (((place & 1u) ^ 1u) << 2u);',
    `let code: u32 = (${name}[place >> 3u] >> shift) & 15u;`,
    `return nf4_numbers[code] * bitcast<f32>(${name}[${size / 8}u + place / ${NF4_BLOCK}u]);`,
    '}',
  ];
}

/** A function that reads a value from the part that it lies in; nothing where there is only one. */
function loaderLines(storage: Storage, name: string): string[] {
  const { part, type } = storage;
  const names = partNames(storage, name);
  if (part === undefined || names.length === 1) return [];
  const cases = names.map((own, at) => {
    const label = at === names.length - 1 ? 'default' : `case ${at}u`;
    return `${label}: { return ${valueText(storage, own, 'place')}; }`;
  });
  return [
    `fn ${loaderOf(name)}(at: u32) -> ${type} {`,
    `let place: u32 = at % ${part}u;`,
    `switch at / ${part}u {`,
    ...cases,
    '}',
    '}',
  ];
}

/** A number as WGSL writes it: the very same number. Must be finite. */
export function literal(type: Scalar, value: number): string {
  if (!Number.isFinite(value)) throw new Error('WGSL has no text for a number that is not finite.');
  if (type === 'i32') return value < 0 ? `i32(${value})` : `${value}i`;
  const rounded = Math.fround(value);
  const digits = String(rounded);
  const text = /[.e]/.test(digits) ? digits : `${digits}.0`;
  // -0 prints as 0.
  return rounded < 0 || Object.is(rounded, -0) ? `f32(${Object.is(rounded, -0) ? '-0.0' : text})` : text;
}
