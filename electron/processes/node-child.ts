/** @file Starts a child under plain Node: the same way from the terminal, the browser host and the desktop app. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Child, ChildExit, SpawnChild } from './child.ts';
import { decodeMessage, encodeMessage } from './messages.ts';

/** A child that does not end when asked is killed after this time. */
const FORCE_AFTER_MS = 3000;

export interface NodeChildOptions {
  /** The entry point: a file of `out/main`, or its TypeScript source if the parent runs with a loader. */
  entry: string;
  /** Arguments for Node itself; by default those of the parent, so that a TypeScript loader carries over. */
  execArgv?: string[];
  /** Node's program; by default the parent's own. Electron's main process must name one. */
  program?: string;
  /** Called when the process ends unexpectedly. */
  onCrash?: (exit: ChildExit) => void;
}

/** Variables that change how Node itself runs, or that speak to a debugger of the parent. */
const NOT_INHERITED = /^(?:NODE_OPTIONS|NODE_REPL_.*|NODE_DEBUG.*|VSCODE_INSPECTOR_OPTIONS|ELECTRON_.*|CHROME_.*)$/;

/** The environment for a child under plain Node: nothing that would change how it runs. */
export function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !NOT_INHERITED.test(name)));
}

/** User and system time of all threads (Linux). The name in parentheses may itself contain spaces and parentheses. */
function cpuTicksOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return null;
  }
}

/** Children that have not ended yet. */
const living = new Set<ChildProcess>();

/**
 * A child ends by itself when its parent does (see parent.ts), unless it hangs or is stopped: then nobody would ever end it.
 */
function endWithParent(child: ChildProcess): void {
  if (living.size === 0) process.on('exit', killLiving);
  living.add(child);
  child.once('exit', () => {
    living.delete(child);
    if (living.size === 0) process.off('exit', killLiving);
  });
}

function killLiving(): void {
  for (const child of living) child.kill('SIGKILL');
}

/** A SpawnChild that starts `entry`. The child has no standard input or output of its own, only a log. */
export function nodeChild(options: NodeChildOptions): SpawnChild {
  const execArgv = options.execArgv ?? process.execArgv.filter((argument) => !argument.startsWith('--inspect'));
  return ({ env }): Child => {
    // Not `fork`: Electron adds a variable of its own to the environment of what is forked.
    const child = spawn(options.program ?? process.execPath, [...execArgv, options.entry], {
      env: cleanEnvironment(env),
      // Of messages.ts; the other kind needs the same V8 at both ends.
      serialization: 'json',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // In its own process group: Ctrl-C goes to the studio only, which then asks the engine to write a checkpoint.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    endWithParent(child);
    let asked = false;
    child.on('exit', (code, signal) => {
      if (!asked && code !== 0) options.onCrash?.({ code, signal });
    });
    return {
      postMessage: (message) => {
        if (child.connected) child.send(encodeMessage(message), () => undefined);
      },
      onMessage: (listener) => void child.on('message', (text) => listener(decodeMessage(text as string))),
      onExit: (listener) => {
        child.on('exit', (code, signal) => {
          // Messages may still be in transit, so the exit is reported only once the channel has been read to its end.
          if (child.connected) child.once('disconnect', () => setImmediate(listener, { code, signal }));
          else setImmediate(listener, { code, signal });
        });
        child.on('error', () => {
          // A process that could not be started emits no exit event.
          if (child.pid === undefined) listener({ code: null, signal: null });
        });
      },
      onOutput: (listener) => {
        for (const stream of [child.stdout, child.stderr]) {
          stream?.setEncoding('utf8').on('data', listener);
        }
      },
      cpuTicks: () => (child.pid === undefined ? null : cpuTicksOf(child.pid)),
      kill: () => {
        asked = true;
        child.kill('SIGTERM');
        setTimeout(() => {
          if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
        }, FORCE_AFTER_MS).unref();
      },
    };
  };
}
