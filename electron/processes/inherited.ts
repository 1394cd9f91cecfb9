/**
 * @file Closes what a child has inherited by accident. Chromium does not mark its descriptors as close-on-exec, so on Linux
 * every child that Node starts from Electron's main process gets a copy of them: connections of the display, of the page and
 * of the debugging port, and files of the profile. Such a connection stays open until the child ends, and the child, which
 * reads foreign files, could use it. macOS and Windows pass on only what they are told to.
 */
import { closeSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Standard input, output, error, and the channel to the parent. */
const OWN = 4;
const CLOSE_ON_EXEC = 0o2000000;

/** What each descriptor of a process refers to; empty where the system does not say. */
function descriptorsOf(process: number | 'self'): Map<number, string> {
  const folder = `/proc/${process}/fd`;
  const found = new Map<number, string>();
  for (const name of attempt(() => readdirSync(folder)) ?? []) {
    const target = attempt(() => readlinkSync(`${folder}/${name}`));
    if (target !== null) found.set(Number(name), target);
  }
  return found;
}

/** Closes every descriptor that this process did not open itself. Call it before anything else opens some. */
export function closeInherited(): void {
  if (process.platform !== 'linux') return;
  const ofParent = new Set(descriptorsOf(process.ppid).values());
  for (const [descriptor, target] of descriptorsOf('self')) {
    if (descriptor < OWN) continue;
    // As it starts, Node marks the lowest inherited ones as its own. A socket or a pipe is still known by its number.
    const isShared = /^(?:socket|pipe):/.test(target) && ofParent.has(target);
    if (isShared || !closesOnExec(descriptor)) attempt(() => closeSync(descriptor));
  }
}

/** True for whatever Node and its libraries open, and where the system does not say. */
function closesOnExec(descriptor: number): boolean {
  const [, flags] =
    /^flags:\s*([0-7]+)$/m.exec(attempt(() => readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')) ?? '') ?? [];
  return flags === undefined || (parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0;
}

/** Descriptors come and go while they are looked at. */
function attempt<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}
