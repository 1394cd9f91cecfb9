#!/usr/bin/env node
/**
 * @file `npm test`: sets up everything, runs the unit and end-to-end tests, and ends with one line that
 * counts them all. Arguments go to vitest: `npm test -- electron/rewards`.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDisplay } from './electron/display.mjs';
import { ensureTestElectron } from './electron/test-electron.mjs';
import { ensureBrowser } from './packages/browser.mjs';
import { run } from './command.mjs';
import { ensureReady } from './ensure.mjs';
import { MODULES, ROOT } from './places.mjs';
import { explain } from './say.mjs';
import { secondTries, tally, unfinished } from './tally.mjs';

async function main() {
  await ensureReady();
  const browser = await ensureBrowser();
  const electron = await ensureTestElectron();
  const display = electron === null ? null : await openDisplay();
  const report = join(ROOT, 'out', 'test-report.json');
  mkdirSync(join(ROOT, 'out'), { recursive: true });
  rmSync(report, { force: true });
  const { code } = await run(
    process.execPath,
    [
      join(MODULES, 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...process.argv.slice(2),
    ],
    {
      cwd: ROOT,
      inherit: true,
      env: {
        ATELIER_TEST_BROWSER: browser ?? '',
        TF_CPP_MIN_LOG_LEVEL: process.env.TF_CPP_MIN_LOG_LEVEL ?? '2',
        ...(electron === null || display === null
          ? {}
          : { ELECTRON_OVERRIDE_DIST_PATH: electron, DISPLAY: display.display }),
      },
    },
  );
  display?.close();
  let json = null;
  try {
    json = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    // vitest ended before it could write its report: tally() counts that as a failure.
  }
  for (const sentence of [...unfinished(json), ...secondTries(json)]) console.log(sentence);
  const { line, failed } = tally(json, code);
  console.log(line);
  return failed > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = explain(error);
}
