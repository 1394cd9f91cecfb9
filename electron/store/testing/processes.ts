/** @file For tests: runs a TypeScript file in its own process and listens for the lines it prints. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Child = {
  process: ChildProcess;
  /** Resolves at the first line that satisfies `wanted`; rejects if the process ends first. */
  line(wanted: (line: string) => boolean): Promise<string>;
  /** Exit code, or the signal's name. */
  ended: Promise<number | string>;
};

export function startChild(file: string, args: string[]): Child {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  return {
    process: child,
    ended,
    line(wanted) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find(wanted);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then((code) => reject(new Error(`The process ended (${code}) before it said so. ${errors}`)));
      });
    },
  };
}
