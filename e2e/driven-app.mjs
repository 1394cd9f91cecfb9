/**
 * @file Loads the app that the command line names after this file, held back until the driver listens. The driver does
 * this by itself only where it finds Electron by itself. Without it, the driver and the app's window race each other,
 * and in a few starts of a thousand the driver never hears of the window.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
// Takes its own two words off the command line, too.
require(join(dirname(require.resolve('playwright-core/package.json')), 'lib', 'server', 'electron', 'loader.js'));
// The app is to see the command line as if it had been started by itself.
process.argv.splice(1, 1);
await import(pathToFileURL(process.argv[1]).href);
