/** @file The shape of a command, and the context it runs in. */
import { createRouterClient } from '@orpc/server';
import type { ContractRouterClient } from '@orpc/contract';
import type { contract } from '../contract/api/index.ts';
import type { SpawnChild } from '../processes/child.ts';
import { nodeChild } from '../processes/node-child.ts';
import { openPictureProcess } from '../pictures/picture-process.ts';
import type { Pictures } from '../pictures/pictures.ts';
import type { Studio } from '../studio/studio.ts';
import { openStudio } from '../studio/studio.ts';
import type { Arguments } from './arguments.ts';
import type { Output, Terminal } from './io.ts';
import { unpacked, type Places } from '../studio/places.ts';

export type StudioClient = ContractRouterClient<typeof contract>;

/**
 * `hidden` marks an older spelling: it still works, but the help omits it. `repeatable` marks an option of which every
 * value counts; any other may be given once.
 */
export type CommandOption = readonly [flags: string, description: string, kind?: 'hidden' | 'repeatable'];

export interface Command {
  /** As commander reads it: name and positional arguments, `<needed>` or `[optional]`. */
  usage: string;
  summary: string;
  options?: readonly CommandOption[];
  examples?: readonly string[];
  /** Subcommands of this command, such as `datasets split`. */
  subcommands?: readonly Command[];
  /** The data folder if neither `--home` nor `ATELIER_HOME` names one; absent = the system default. */
  defaultHome?(args: Arguments): string;
  /** Returns the exit status; nothing = 0. Throws expected failures as AtelierError. */
  run(context: CommandContext): Promise<number | undefined>;
}

export interface CommandContext {
  positional: readonly (string | undefined)[];
  args: Arguments;
  output: Output;
  terminal: Terminal;
  places: Places;
  home: string;
  spawnEngine: SpawnChild;
  pictures: Pictures;
  /** The studio, opened on first use and closed after the command. */
  studio: () => Promise<Studio>;
  /** The same studio through the contract, with the same validation and errors as every other door. */
  client: () => Promise<StudioClient>;
}

/** Options that every command accepts. */
export const COMMON_OPTIONS: readonly CommandOption[] = [
  ['--home <dir>', 'Data folder (default: ATELIER_HOME, else the data folder of the system)'],
  ['--json', 'JSON on standard output, and nothing else there'],
];

/** A lazily opened studio for one command. */
export function lazyStudio(options: {
  home: string;
  places: Places;
  spawnEngine: SpawnChild;
  pictures: Pictures;
  /** Where the hub of a download is configured; absent = this process's own environment. */
  env?: NodeJS.ProcessEnv;
  /** Receives what the user should know about the data folder. */
  note?: (sentence: string) => void;
}): {
  studio: () => Promise<Studio>;
  client: () => Promise<StudioClient>;
  close: () => Promise<void>;
} {
  let opening: Promise<Studio> | undefined;
  function studio(): Promise<Studio> {
    opening ??= openStudio({
      home: options.home,
      resourcesDir: options.places.resourcesDir,
      version: options.places.version,
      spawnEngine: options.spawnEngine,
      pictures: options.pictures,
      setUp: { root: unpacked(options.places.root), program: process.execPath },
      hub: { env: options.env ?? process.env },
    }).then((opened) => {
      if (opened.notice !== null) options.note?.(opened.notice);
      return opened;
    });
    return opening;
  }
  return {
    studio,
    client: async () => createRouterClient((await studio()).router),
    close: async () => {
      const opened = await opening?.catch(() => undefined);
      await opened?.close();
    },
  };
}

/** The engine as a child process, started from the running program's own entry point. */
export function defaultEngine(places: Places): SpawnChild {
  return nodeChild({ entry: places.engineEntry });
}

/** Pictures read by a child process, which starts at the first picture. */
export function defaultPictures(places: Places): Pictures {
  return openPictureProcess({ spawn: nodeChild({ entry: places.picturesEntry }) });
}
