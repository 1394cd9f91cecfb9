/** @file Starts the built studio as a user would: `atelier serve` on its own data folder. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(ROOT, 'out', 'main', 'cli.js');

export interface StudioHost {
  /** The address with its one-time token. */
  url: string;
  origin: string;
  home: string;
  /** Ends the host as Ctrl-C does and returns its exit status. */
  stop: () => Promise<number | null>;
  /** Removes the data folder. */
  clean: () => void;
}

/** An empty data folder that disappears with the test. */
export function temporaryHome(): string {
  return mkdtempSync(join(tmpdir(), 'atelier-e2e-'));
}

/** Runs one command of the built command line to completion and returns its output. */
export function runAtelier(home: string, ...args: string[]): string {
  const result = spawnSync(process.execPath, [CLI, ...args, '--home', home, '--json'], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`atelier ${args.join(' ')} ended with ${result.status}:\n${result.stderr}`);
  return result.stdout;
}

/** Runs one command that prints one JSON value (not one event per line, as `train` does) and returns that value. */
export function atelier(home: string, ...args: string[]): unknown {
  return JSON.parse(runAtelier(home, ...args));
}

/** Starts one command of the built command line, with JSON on its standard output. */
export function startAtelier(home: string, ...args: string[]) {
  const child = spawn(process.execPath, [CLI, ...args, '--home', home, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  return {
    child,
    lines: createInterface({ input: child.stdout }),
    /** Its exit status, once all its output has been read. */
    ended: new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code))),
    complaints: () => complaints,
  };
}

/** Starts `atelier serve` and waits until it listens. */
export async function startHost(home = temporaryHome()): Promise<StudioHost> {
  const { child, lines, ended, complaints } = startAtelier(home, 'serve');
  const listening = new Promise<{ url: string; origin: string }>((resolve, reject) => {
    lines.on('line', (line) => {
      const event = JSON.parse(line) as { type?: string; url: string; origin: string };
      if (event.type === 'listening') resolve(event);
    });
    void ended.then((code) => reject(new Error(`atelier serve ended with ${code}:\n${complaints()}`)));
  });
  const { url, origin } = await listening;
  return {
    url,
    origin,
    home,
    stop: async () => {
      child.kill('SIGINT');
      return ended;
    },
    clean: () => rmSync(home, { recursive: true, force: true }),
  };
}
