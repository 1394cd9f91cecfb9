/** @file The options of one command as you typed them. Values stay text until a command asks for a number or a path. */
import { resolve } from 'node:path';
import { AtelierError } from '../contract/errors/errors.ts';

/** Option name without its dashes → every value given to it, in order. A flag has an empty list. */
export type OptionValues = ReadonlyMap<string, readonly string[]>;

export class Arguments {
  readonly #values: OptionValues;
  readonly #cwd: string;

  constructor(values: OptionValues, cwd: string) {
    this.#values = values;
    this.#cwd = cwd;
  }

  /** Whether an option was given, with or without a value. */
  flag(name: string): boolean {
    return this.#values.has(name);
  }

  /** Every value given to `--name`, in order. */
  all(name: string): string[] {
    return [...(this.#values.get(name) ?? [])];
  }

  /** @throws AtelierError BAD_INPUT for a name of blanks, which nobody could see */
  text(name: string): string | undefined {
    const value = this.all(name).at(-1);
    if (name === 'name' && value?.trim() === '')
      throw wrong(name, value === '' ? 'must not be empty' : 'consists of blanks only');
    return value;
  }

  /**
   * @param options as a command declares them, such as `--workers <n>`
   * @throws AtelierError BAD_INPUT if one of them was given, because it would have no effect
   */
  refuse(options: readonly (readonly [usage: string, ...unknown[]])[], why: string, instead: string): void {
    for (const [usage] of options) {
      const name = usage.slice(2).split(' ')[0] ?? '';
      if (!this.flag(name)) continue;
      throw new AtelierError('BAD_INPUT', `The option --${name} has no effect here: ${why}.`, {
        place: { field: `--${name}` },
        remedy: `${instead}, or leave --${name} out.`,
      });
    }
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw wrong(name, 'is needed');
    return value;
  }

  number(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (value.trim() === '' || !Number.isFinite(number)) throw wrong(name, `must be a number, not "${value}"`);
    return number;
  }

  integer(name: string): number | undefined {
    const number = this.number(name);
    if (number !== undefined && !Number.isInteger(number)) throw wrong(name, `must be a whole number, not ${number}`);
    return number;
  }

  /** @param spelling `any-case`: q4_K_M is q4_k_m */
  oneOf<const T extends readonly string[]>(
    name: string,
    choices: T,
    spelling: 'exact' | 'any-case' = 'exact',
  ): T[number] | undefined {
    const value = this.text(name);
    const written = spelling === 'exact' ? value : value?.toLowerCase();
    if (written === undefined || choices.includes(written)) return written;
    throw wrong(name, `must be one of ${choices.join(', ')}, not "${value}"`);
  }

  /** A path relative to the folder in which you ran the command. */
  path(name: string): string | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : this.resolve(value);
  }

  paths(name: string): string[] {
    return this.all(name).map((value) => this.resolve(value));
  }

  /**
   * A path relative to the folder in which you ran the command.
   * @throws AtelierError BAD_INPUT for an empty path, which would silently mean the current folder
   */
  resolve(path: string): string {
    if (path.trim() === '') {
      throw new AtelierError('BAD_INPUT', 'The name or path is empty.', {
        remedy: 'Give a name or a path. Write "." for the current folder.',
      });
    }
    return resolve(this.#cwd, path);
  }
}

function wrong(name: string, what: string): AtelierError {
  return new AtelierError('BAD_INPUT', `The option --${name} ${what}.`, {
    place: { field: `--${name}` },
    remedy: 'Add --help to the command to see its options.',
  });
}

/** Drops the keys that were not given, as exactOptionalPropertyTypes requires. */
export function given<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
