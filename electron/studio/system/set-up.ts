/**
 * @file Set-up from inside the app: looks whether TensorFlow's native part is here, and fetches it when a person asks for that.
 * It runs the same step as `npm run setup`, under plain Node. A packaged app has TensorFlow inside and no set-up.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { SetUpEvent } from '../../contract/model/system.ts';
import { cleanEnvironment } from '../../processes/node-child.ts';

export interface SetUpOptions {
  /** The folder with `node_modules` and, in a checkout, set-up. */
  root: string;
  /** Node's program. */
  program: string;
}

export interface SetUp {
  /** `missing`: the engine runs on WebAssembly. Looks at files only; it starts nothing. */
  tensorflow(): 'here' | 'missing';
  /** False in a packaged app. */
  readonly canRun: boolean;
  /**
   * Fetches and builds TensorFlow's native part, with a line for each thing that it does. Ends with `done`.
   * @throws AtelierError CONFLICT while another call works, NOT_FOUND if there is no set-up here
   */
  run(signal?: AbortSignal): AsyncGenerator<SetUpEvent, void, undefined>;
}

const SCRIPT = join('electron', 'tools', 'setup', 'ensure.mjs');
const PACKAGE = join('node_modules', '@tensorflow', 'tfjs-node-gpu', 'lib');
const ADDON = 'tfjs_binding.node';

/** @param onDone called when TensorFlow is there, so that the next engine uses it */
export function openSetUp({ root, program }: SetUpOptions, onDone: () => Promise<void>): SetUp {
  const script = join(root, SCRIPT);
  let isRunning = false;

  function tensorflow(): 'here' | 'missing' {
    const folder = join(root, PACKAGE);
    const versions = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('napi-v')) : [];
    return versions.some((name) => existsSync(join(folder, name, ADDON))) ? 'here' : 'missing';
  }

  return {
    tensorflow,
    canRun: existsSync(script),
    async *run(signal) {
      if (!existsSync(script)) {
        throw new AtelierError('NOT_FOUND', 'This Atelier has no set-up.', { remedy: 'Install Atelier again.' });
      }
      if (isRunning) {
        throw new AtelierError('CONFLICT', 'TensorFlow is being set up already.', { remedy: 'Wait until it is done.' });
      }
      isRunning = true;
      const child = spawn(program, [script, '--only-tensorflow', '--retry'], {
        cwd: root,
        env: cleanEnvironment(process.env),
        stdio: ['ignore', 'ignore', 'pipe'],
        windowsHide: true,
      });
      const stop = (): void => void child.kill();
      signal?.addEventListener('abort', stop, { once: true });
      const ended = new Promise<boolean>((resolve) => {
        child.once('error', () => resolve(false));
        child.once('close', (code) => resolve(code === 0));
      });
      try {
        for await (const line of createInterface({ input: child.stderr })) {
          if (line.trim() !== '') yield { type: 'progress', line: line.trim() };
        }
        const ok = (await ended) && tensorflow() === 'here';
        if (ok) await onDone();
        yield { type: 'done', ok };
      } finally {
        signal?.removeEventListener('abort', stop);
        child.kill();
        isRunning = false;
      }
    },
  };
}
