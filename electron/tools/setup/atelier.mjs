#!/usr/bin/env node
/**
 * @file The `atelier` command of this clone: sets up what is missing, then runs the built command line in this same
 * process, so that signals, exit status and the terminal are the command's own.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureReady } from './ensure.mjs';
import { ROOT } from './places.mjs';
import { explain } from './say.mjs';

try {
  await ensureReady();
} catch (error) {
  process.exit(explain(error));
}
const cli = join(ROOT, 'out', 'main', 'cli.js');
process.argv[1] = cli;
await import(pathToFileURL(cli).href);
