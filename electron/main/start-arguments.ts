/** @file What the command line and the environment of a start say, besides a path to open. */

/** Options of Atelier's whose value may be the next word, as on the command line. */
const WITH_VALUE = new Set(['--home']);

/** Chromium's switches that take the sandbox away, or a part of it. */
const WEAKER_SANDBOX = [
  'no-sandbox',
  'no-zygote-sandbox',
  'disable-gpu-sandbox',
  'disable-namespace-sandbox',
  'disable-seccomp-filter-sandbox',
  'disable-setuid-sandbox',
];

/** The words that are neither an option nor the value of one; the program is left out. */
export function freeWords(argv: readonly string[]): string[] {
  return argv.slice(1).filter((word, index) => !word.startsWith('-') && !WITH_VALUE.has(argv[index] ?? ''));
}

/** The data folder as named by `--home FOLDER`; Chromium itself reads only `--home=FOLDER`. */
export function homeAfterSpace(argv: readonly string[]): string | undefined {
  const value = argv[argv.indexOf('--home') + 1];
  return argv.includes('--home') && value !== undefined && !value.startsWith('-') ? value : undefined;
}

const RESTORE = '--restore=';

/** The backup to restore before the store is opened, as named by `--restore=FILE`; null if there is none. */
export function backupToRestore(argv: readonly string[]): string | null {
  return (
    argv
      .find((word) => word.startsWith(RESTORE))
      ?.slice(RESTORE.length)
      .trim() || null
  );
}

/** The arguments of this start, for another one that first restores a backup. */
export function argumentsToRestore(argv: readonly string[], file: string): string[] {
  return [...argv.slice(1).filter((word) => !word.startsWith(RESTORE)), `${RESTORE}${file}`];
}

/**
 * What would weaken the sandbox other than `--no-sandbox`, which a person must type for root in a container; null if nothing
 * would. Chromium takes other spellings of its switches, and Electron an environment variable, before any code of ours runs.
 */
export function sandboxWeakening(argv: readonly string[], env: NodeJS.ProcessEnv): string | null {
  if (argv.includes('--no-sandbox')) return null;
  if (env['ELECTRON_DISABLE_SANDBOX'] !== undefined) return 'The environment variable ELECTRON_DISABLE_SANDBOX';
  const word = argv.slice(1).find((each) => WEAKER_SANDBOX.includes(/^(?:--?|\/)([\w-]+)/.exec(each)?.[1] ?? ''));
  return word === undefined ? null : `The option ${word}`;
}
