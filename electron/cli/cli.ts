/** @file The `atelier` command line: the studio's commands in a terminal, in process and through the contract. */
import { pathToFileURL } from 'node:url';
import { decodeError } from '../contract/errors/error-codec.ts';
import { AtelierError, EXIT_STATUS } from '../contract/errors/errors.ts';
import type { SpawnChild } from '../processes/child.ts';
import type { Pictures } from '../pictures/pictures.ts';
import { Arguments, type OptionValues } from './arguments.ts';
import type { CommandContext } from './command.ts';
import { defaultEngine, defaultPictures, lazyStudio } from './command.ts';
import { commands } from './commands/all.ts';
import type { Terminal } from './io.ts';
import { Output } from './io.ts';
import { parseCommandLine, type Parsed } from './parse.ts';
import { namedByOption } from './typed-option.ts';
import { diskFailure } from '../studio/contract-errors.ts';
import { surviveUnhandledRejections } from '../studio/last-resort.ts';
import type { Places } from '../studio/places.ts';
import { findPlaces, homeFolder } from '../studio/places.ts';

export interface CliOptions {
  places?: Places;
  /** An engine other than the program's own. */
  spawnEngine?: SpawnChild;
  /** What reads pictures, other than the program's own process. */
  pictures?: Pictures;
}

/**
 * Runs one command line.
 * @param argv the arguments after the program's name
 * @returns the exit status, as in docs/cli.md
 */
export async function runCli(argv: readonly string[], terminal: Terminal, options: CliOptions = {}): Promise<number> {
  const output = new Output(terminal, argv.includes('--json'));
  let typed: OptionValues = new Map();
  try {
    const places = options.places ?? findPlaces(import.meta.url);
    const parsed = parseCommandLine({ argv, version: places.version, commands, print: terminal.stdout });
    if (parsed === null) return 0;
    typed = parsed.options;
    return await runCommand(parsed, {
      terminal,
      output,
      places,
      spawnEngine: options.spawnEngine ?? defaultEngine(places),
      pictures: options.pictures ?? defaultPictures(places),
    });
  } catch (error) {
    const known = decodeError(error) ?? diskFailure(error);
    return output.failure(known === null ? unforeseen(error) : namedByOption(known, typed));
  }
}

interface Surroundings {
  terminal: Terminal;
  output: Output;
  places: Places;
  spawnEngine: SpawnChild;
  pictures: Pictures;
}

async function runCommand({ command, positional, options }: Parsed, around: Surroundings): Promise<number> {
  const { terminal, output, places, spawnEngine, pictures } = around;
  const args = new Arguments(options, terminal.cwd);
  const fallback = command.defaultHome?.(args);
  const home = homeFolder({ home: args.text('home'), env: terminal.env, cwd: terminal.cwd, fallback });
  const note = (sentence: string): void => output.note(sentence);
  const lazy = lazyStudio({ home, places, spawnEngine, pictures, note, env: terminal.env });
  const context: CommandContext = {
    positional,
    args,
    output,
    terminal,
    places,
    home,
    spawnEngine,
    pictures,
    studio: lazy.studio,
    client: lazy.client,
  };
  let interrupted = false;
  const restore = terminal.onInterrupt(() => {
    interrupted = true;
    // Closing ends the engine, which makes anything the command is waiting for fail.
    void lazy.close();
  });
  try {
    return (await command.run(context)) ?? 0;
  } catch (error) {
    if (interrupted) return EXIT_STATUS.CANCELLED;
    throw error;
  } finally {
    restore();
    await lazy.close();
    await pictures.close();
  }
}

function unforeseen(error: unknown): AtelierError {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new AtelierError('INTERNAL', `Something went wrong inside Atelier: ${text}`, {
    remedy: 'Please report it with these lines.',
  });
}

/** The real terminal of this process. */
function processTerminal(): Terminal {
  const listeners: (() => void)[] = [];
  const interrupt = (): void => listeners.at(-1)?.();
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // A reader that stops early (`| head`) is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
  });
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    env: process.env,
    cwd: process.cwd(),
    isTty: process.stderr.isTTY,
    columns: process.stderr.isTTY ? process.stderr.columns : undefined,
    exit: (status) => process.exit(status),
    onInterrupt: (listener) => {
      listeners.push(listener);
      return () => void listeners.splice(listeners.indexOf(listener), 1);
    },
  };
}

/** Runs the command line of this process and sets its exit status. */
export async function main(): Promise<void> {
  const terminal = processTerminal();
  surviveUnhandledRejections((sentence) => terminal.stderr(`${sentence}\n`));
  process.exitCode = await runCli(process.argv.slice(2), terminal);
}

const started = process.argv[1];
if (started !== undefined && import.meta.url === pathToFileURL(started).href) await main();
