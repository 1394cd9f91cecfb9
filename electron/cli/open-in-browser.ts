/** @file Opens a local page in the person's browser. */
import { spawn } from 'node:child_process';

/** Opens a file. If that fails, nothing happens: the address is printed as well. */
export function openInBrowser(path: string): void {
  const opener = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open';
  const child = spawn(opener, [path], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
