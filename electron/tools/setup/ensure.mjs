#!/usr/bin/env node
/**
 * @file Set-up, safe to repeat: packages, SQLite, TensorFlow, and the built studio. Each part first checks whether
 * there is anything to do; if everything is in place, this takes well under a second. As a command: `npm run setup [--
 * --retry]`.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './places.mjs';
import { explain, say, SetupError } from './say.mjs';
import { withLock } from './packages/lock.mjs';

const OLDEST_NODE = [20, 19];

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(
    `This is Node ${process.versions.node}; Atelier needs ${OLDEST_NODE.join('.')} or newer.`,
    'Install a current Node (version 22 or 24) and give the command again.',
  );
}

/**
 * Does whatever is missing, one command at a time.
 * @param {{ retry?: boolean, onlyTensorFlow?: boolean }} [options] `onlyTensorFlow`: from inside the running app, whose other
 *   parts are in use
 */
export async function ensureReady(options = {}) {
  checkNode();
  await withLock(join(ROOT, '.cache', 'setup.lock'), async () => {
    // Parts are loaded late, because each may need what the previous one created.
    if (options.onlyTensorFlow) {
      const { ensureTensorFlow } = await import('./tensorflow/tensorflow.mjs');
      await ensureTensorFlow(options);
      const { ensureOwnOps } = await import('./tensorflow/own-ops.mjs');
      return await ensureOwnOps(options);
    }
    const { ensurePackages } = await import('./packages/packages.mjs');
    await ensurePackages();
    const { ensureSqlite } = await import('./packages/sqlite.mjs');
    await ensureSqlite();
    const { ensureTensorFlow } = await import('./tensorflow/tensorflow.mjs');
    await ensureTensorFlow(options);
    const { ensureOwnOps } = await import('./tensorflow/own-ops.mjs');
    await ensureOwnOps(options);
    const { ensureBuild } = await import('./build.mjs');
    await ensureBuild();
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await ensureReady({
      retry: process.argv.includes('--retry'),
      onlyTensorFlow: process.argv.includes('--only-tensorflow'),
    });
    say('Set-up is complete. Next: npm run demo, or npm start.');
  } catch (error) {
    process.exitCode = explain(error);
  }
}
