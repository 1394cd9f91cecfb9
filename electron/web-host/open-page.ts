/**
 * @file A page in the data folder that leads to the one-time address. A browser is started with the page's path: its
 * command line can be read by every user of the machine, the page only by you.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = /^open-(\d+)\.html$/;

/** Writes the page and removes those of studios that have ended. @returns its path */
export async function writeOpenPage(home: string, url: string): Promise<string> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  for (const name of await readdir(home)) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(home, name), { force: true });
  }
  const path = join(home, `open-${process.pid}.html`);
  await rm(path, { force: true });
  const page = `<!doctype html><meta charset="utf-8"><title>Atelier</title><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${url}"><p><a href="${url}">Open Atelier</a></p>\n`;
  // "wx" never follows a link that someone left there.
  await writeFile(path, page, { flag: 'wx', mode: 0o600 });
  return path;
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
