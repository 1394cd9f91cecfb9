/** @file Starts the engine as an Electron utility process, with the same interface as a plain Node child process. */
import type { UtilityProcess, utilityProcess } from 'electron';
import type { EngineExit, EngineProcess, SpawnEngine } from '../studio/engine-client/engine-process.ts';

/** A process that does not end when asked is killed after this time. */
const FORCE_AFTER_MS = 3000;

export interface UtilityEngineOptions {
  fork: (typeof utilityProcess)['fork'];
  /** The engine's entry, `out/main/engine.js`. */
  entry: string;
  /** Kills a process; a parameter so that tests need no real process. */
  forceKill?: (pid: number) => void;
  /** Called when the process ends unexpectedly. */
  onCrash?: (exit: EngineExit) => void;
}

/** A SpawnEngine over `utilityProcess.fork`. */
export function utilityEngine(options: UtilityEngineOptions): SpawnEngine {
  const forceKill = options.forceKill ?? ((pid) => process.kill(pid, 'SIGKILL'));
  return ({ env }): EngineProcess => {
    const child: UtilityProcess = options.fork(options.entry, [], {
      serviceName: 'Atelier engine',
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
      // macOS: libtensorflow is signed by someone else.
      allowLoadingUnsignedLibraries: process.platform === 'darwin',
    });
    let ended: EngineExit | null = null;
    let asked = false;
    const outputListeners: ((text: string) => void)[] = [];
    const exitListeners: ((exit: EngineExit) => void)[] = [];
    child.once('exit', (code) => {
      ended = { code, signal: null };
      for (const listener of exitListeners) listener(ended);
      if (!asked && code !== 0) options.onCrash?.(ended);
    });
    // Without a listener, an emitter's `error` would end the whole program; the studio acts on the exit that follows.
    child.on('error', (type, location) => {
      for (const listener of outputListeners)
        listener(`${type} at ${location}: mostly the engine ran out of memory.\n`);
    });
    return {
      postMessage: (message) => {
        if (ended === null) child.postMessage(message);
      },
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => {
        if (ended === null) exitListeners.push(listener);
        else listener(ended);
      },
      onOutput: (listener) => {
        outputListeners.push(listener);
        for (const stream of [child.stdout, child.stderr]) {
          stream?.on('data', (chunk: Buffer) => listener(chunk.toString('utf8')));
        }
      },
      kill: () => {
        asked = true;
        child.kill();
        setTimeout(() => {
          if (ended === null && child.pid !== undefined) forceKill(child.pid);
        }, FORCE_AFTER_MS).unref();
      },
    };
  };
}
