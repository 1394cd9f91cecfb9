/** @file For tests: runs CLI commands in this process and returns their output and exit status. */
import { localPictures } from '../../pictures/work.ts';
import type { SpawnChild } from '../../processes/child.ts';
import { runCli } from '../cli.ts';

export interface Result {
  status: number;
  out: string;
  err: string;
  json: () => Record<string, unknown>;
  lines: () => Record<string, unknown>[];
}

export interface Running {
  interrupt: () => void;
  done: Promise<Result>;
}

export interface CommandRunner {
  /** `onText` receives output as it is printed. */
  begin: (argv: string[], onText?: (text: string, running: Running) => void, isTty?: boolean) => Running;
  run: (...argv: string[]) => Promise<Result>;
  /** As in a terminal that can redraw a line. */
  runInTerminal: (...argv: string[]) => Promise<Result>;
}

/** @param home the data folder, unless a command names another */
export function commandRunner(place: {
  home: string;
  cwd: string;
  spawnEngine: SpawnChild;
  env?: NodeJS.ProcessEnv;
}): CommandRunner {
  const { home, cwd, spawnEngine, env = {} } = place;
  const begin: CommandRunner['begin'] = (argv, onText = () => undefined, isTty = false) => {
    const listeners: (() => void)[] = [];
    let out = '';
    let err = '';
    const running: Running = {
      interrupt: () => listeners.at(-1)?.(),
      done: Promise.resolve({ status: -1 } as Result),
    };
    running.done = runCli(
      argv.some((word) => /^--home(=|$)/.test(word)) ? argv : [...argv, '--home', home],
      {
        stdout: (text) => {
          out += text;
          onText(text, running);
        },
        stderr: (text) => {
          err += text;
          onText(text, running);
        },
        env,
        cwd,
        isTty,
        columns: undefined,
        exit: () => undefined,
        onInterrupt: (listener) => {
          listeners.push(listener);
          return () => void listeners.splice(listeners.indexOf(listener), 1);
        },
      },
      { spawnEngine, pictures: localPictures },
    ).then((status) => ({
      status,
      out,
      err,
      json: () => JSON.parse(out) as Record<string, unknown>,
      lines: () =>
        out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, unknown>),
    }));
    return running;
  };
  return {
    begin,
    run: (...argv) => begin(argv).done,
    runInTerminal: (...argv) => begin(argv, undefined, true).done,
  };
}
