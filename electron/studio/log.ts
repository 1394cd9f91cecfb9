/** @file The studio's own log: JSON lines in `<home>/logs/studio.log`, limited in size, never on standard output. */
import { join } from 'node:path';
import { pino } from 'pino';
import type { BugLog } from './contract-errors.ts';
import { BoundedLog } from './engine-client/bounded-log.ts';

/** Opens the log in a home folder. */
export function openLog(home: string): BugLog {
  const path = join(home, 'logs', 'studio.log');
  const file = new BoundedLog(path);
  return { path, logger: pino({ base: { pid: process.pid } }, { write: (line: string) => file.write(line) }) };
}
