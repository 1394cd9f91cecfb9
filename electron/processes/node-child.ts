/** @file Starts the engine as a child of plain Node. Electron's main process passes its own SpawnEngine instead. */
import { fork } from 'node:child_process';
import type { EngineProcess, SpawnEngine } from './engine-process.ts';

/** A child that does not end when asked is killed after this time. */
const FORCE_AFTER_MS = 3000;

export interface NodeEngineOptions {
  /** The engine's entry point: `out/main/engine.js`, or its TypeScript source if the parent runs with a loader. */
  entry: string;
  /** Arguments for Node itself; by default those of the parent, so that a TypeScript loader carries over. */
  execArgv?: string[];
}

/** A SpawnEngine that forks `entry`. The child has no standard input or output of its own, only a log. */
export function nodeEngine(options: NodeEngineOptions): SpawnEngine {
  return ({ env }): EngineProcess => {
    const child = fork(options.entry, [], {
      env,
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // In its own process group: Ctrl-C goes to the studio only, which then asks the engine to write a checkpoint.
      detached: process.platform !== 'win32',
      ...(options.execArgv === undefined ? {} : { execArgv: options.execArgv }),
    });
    return {
      postMessage: (message) => {
        if (child.connected) child.send(message as object, () => undefined);
      },
      onMessage: (listener) => void child.on('message', listener),
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
      kill: () => {
        child.kill('SIGTERM');
        setTimeout(() => {
          if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
        }, FORCE_AFTER_MS).unref();
      },
    };
  };
}
