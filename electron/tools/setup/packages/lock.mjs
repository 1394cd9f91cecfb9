/** @file One set-up at a time in a clone: two commands started together must not overwrite each other's build. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say, SetupError } from '../say.mjs';

const POLL_MS = 500;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function holder(file) {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10);
  } catch {
    return Number.NaN;
  }
}

function take(file) {
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw new SetupError(
      `The folder ${dirname(file)} cannot be written (${error.code}).`,
      'Give yourself the right to write in this folder, or clone into a folder of your own.',
      error,
    );
  }
}

/**
 * Runs `work` while holding the lock file. Waits for a live holder; takes over from a dead one.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {{ waitMs?: number }} [options]
 */
export async function withLock(file, work, { waitMs = 45 * 60_000 } = {}) {
  mkdirSync(dirname(file), { recursive: true });
  const deadline = Date.now() + waitMs;
  let told = false;
  let unreadable = 0;
  while (!take(file)) {
    const pid = holder(file);
    // A holder that has created its file but not yet written its number gets a moment.
    unreadable = Number.isNaN(pid) ? unreadable + 1 : 0;
    if (unreadable > 4 || (!Number.isNaN(pid) && !isAlive(pid))) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) say(`  Another command (process ${pid}) is setting up this clone; waiting for it.`);
    told = true;
    if (Date.now() > deadline) {
      throw new SetupError(
        `Process ${pid} has held the set-up lock ${file} for too long.`,
        `End that process, or delete the file if no set-up is running, and try again.`,
      );
    }
    await sleep(POLL_MS);
  }
  const release = () => {
    if (holder(file) === process.pid) rmSync(file, { force: true });
  };
  process.once('exit', release);
  try {
    return await work();
  } finally {
    release();
    process.removeListener('exit', release);
  }
}
