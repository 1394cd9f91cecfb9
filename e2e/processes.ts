/** @file Looks at the processes of the studio from outside (Linux). */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessFacts {
  pid: number;
  program: string;
  arguments: string[];
}

/** The children of a process, as the system sees them. */
export function childrenOf(pid: number): ProcessFacts[] {
  const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  return pids.flatMap((child) => {
    try {
      const words = readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0').filter(Boolean);
      return [{ pid: child, program: readlinkSync(`/proc/${child}/exe`), arguments: words.slice(1) }];
    } catch {
      // It ended in the meantime.
      return [];
    }
  });
}

/** The engine's process, while there is one. */
export function engineOf(pid: number): ProcessFacts | undefined {
  return childrenOf(pid).find(({ arguments: words }) => words.some((word) => word.endsWith('engine.js')));
}

/** Native modules that a process has loaded. */
export function nativeModulesOf(pid: number): string[] {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  return [...new Set([...maps.matchAll(/\S+\/([^/\s]+\.node)$/gm)].map(([, name]) => name ?? ''))];
}

/** Sockets and pipes that two processes both hold: connections that one has inherited from the other. */
export function sharedConnections(pid: number, other: number): string[] {
  const held = connectionsOf(other);
  return [...connectionsOf(pid)].filter((each) => held.has(each));
}

function connectionsOf(pid: number): Set<string> {
  const links = readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${descriptor}`)];
    } catch {
      // It was closed in the meantime.
      return [];
    }
  });
  return new Set(links.filter((link) => /^(socket|pipe):/.test(link)));
}
