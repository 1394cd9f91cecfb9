/** @file Finds the processes of a campaign by a mark in their environment, also when their parent is gone (Linux). */
import { readFileSync, readdirSync } from 'node:fs';

/** Every process that a campaign starts inherits this variable; its value is the campaign's folder. */
export const MARK = 'ATELIER_CAMPAIGN';

export interface MarkedProcess {
  pid: number;
  command: string;
}

/** Running processes with the mark of the campaign in `folder`, except this one. */
export function markedProcesses(folder: string): MarkedProcess[] {
  const wanted = `${MARK}=${folder}`;
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(wanted)) return [];
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').join(' ').trim();
      // A process that has ended and was not collected yet has no command line.
      return command === '' ? [] : [{ pid, command }];
    } catch {
      return [];
    }
  });
}

/** The child among them that runs a file of the built program, such as `engine.js`. */
export function markedChild(folder: string, file: string): number | undefined {
  return markedProcesses(folder).find(({ command }) => command.endsWith(`/${file}`))?.pid;
}

/** Waits until no marked process runs; returns those that still do after `timeoutMs`. */
export async function remaining(folder: string, timeoutMs: number): Promise<MarkedProcess[]> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = markedProcesses(folder);
    if (found.length === 0 || Date.now() > deadline) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Ends every marked process. */
export async function endMarked(folder: string): Promise<void> {
  for (const { pid } of markedProcesses(folder)) kill(pid, 'SIGKILL');
  await remaining(folder, 10_000);
}

/** Sends a signal; false if the process is gone. */
export function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
