/**
 * @file Options exactly as they were typed. The parser turns "007" into 7 and "" into 0, which is wrong for
 * prompts, names and ids, so values are taken from the raw arguments and checked here.
 */
import { resolve } from 'node:path';
import { AtelierError } from '../contract/errors/errors.ts';

export class Arguments {
  readonly #argv: readonly string[];
  readonly #cwd: string;

  /** @param argv the arguments after the command's name */
  constructor(argv: readonly string[], cwd: string) {
    const end = argv.indexOf('--');
    this.#argv = end === -1 ? argv : argv.slice(0, end);
    this.#cwd = cwd;
  }

  flag(name: string): boolean {
    return this.#argv.some((argument) => argument === `--${name}` || argument === `--${name}=true`);
  }

  /** Every value given to `--name`, in order. */
  all(name: string): string[] {
    const values: string[] = [];
    for (const [index, argument] of this.#argv.entries()) {
      if (argument === `--${name}`) {
        const value = this.#argv[index + 1];
        if (value === undefined || value.startsWith('--')) throw wrong(name, 'needs a value');
        values.push(value);
      } else if (argument.startsWith(`--${name}=`)) values.push(argument.slice(name.length + 3));
    }
    return values;
  }

  text(name: string): string | undefined {
    return this.all(name).at(-1);
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

  oneOf<const T extends readonly string[]>(name: string, choices: T): T[number] | undefined {
    const value = this.text(name);
    if (value === undefined || choices.includes(value)) return value;
    throw wrong(name, `must be one of ${choices.join(', ')}, not "${value}"`);
  }

  /** A path relative to where the command was given. */
  path(name: string): string | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : this.resolve(value);
  }

  paths(name: string): string[] {
    return this.all(name).map((value) => this.resolve(value));
  }

  /**
   * A path relative to where the command was given.
   * @throws AtelierError BAD_INPUT for an empty one, which would silently mean the current folder
   */
  resolve(path: string): string {
    if (path.trim() === '') {
      throw new AtelierError('BAD_INPUT', 'A name or path is empty: it names nothing.', {
        remedy: 'Give the name or path; the current folder is called ".".',
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

/** Drops the keys that were not given, as exact optional properties want it. */
export function given<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
