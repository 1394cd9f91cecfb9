/**
 * @file One temporary folder for everything tests write; anything that they, or processes they kill, leave behind is
 * deleted with it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const NAME = 'atelier-tests-';

/**
 * Vitest calls it before each project's first test. The second project shares the first one's folder: paths stay short
 * enough for the sockets that a browser puts there.
 * @returns {(() => void) | undefined} called when all projects are done
 */
export default function setup() {
  if (basename(tmpdir()).startsWith(NAME)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), NAME));
  // Test processes inherit these; `os.tmpdir()` reads one or the other, depending on the system.
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder;
  return () => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
}
