#!/usr/bin/env node
/**
 * @file `npm run test:package`: builds the package, installs it into a temporary folder, and runs e2e/package.e2e.ts on it, without a network where the system allows that. `--keep` uses the package that is there.
 */
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../command.mjs';
import { openDisplay } from '../electron/display.mjs';
import { which } from '../packages/debian.mjs';
import { ensureReady } from '../ensure.mjs';
import { MODULES, ROOT } from '../places.mjs';
import { explain, say, SetupError } from '../say.mjs';
import { builderSchema } from './builder.mjs';
import { installInto } from './debian-root.mjs';
import { makePackages } from './package.mjs';

/** A shell command that runs its arguments without a network; the loopback device stays, for the test's own use. */
const WITHOUT_NETWORK = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

/** How to run a command without a network, or null where the system does not allow it. */
async function withoutNetwork() {
  if (which('unshare') === null) return null;
  const { code } = await run(WITHOUT_NETWORK[0], [...WITHOUT_NETWORK.slice(1), 'true']);
  return code === 0 ? WITHOUT_NETWORK : null;
}

function newestDeb() {
  const output = join(ROOT, 'dist');
  const name = existsSync(output) ? readdirSync(output).find((each) => each.endsWith('.deb')) : undefined;
  return name === undefined ? null : join(output, name);
}

async function main(args) {
  if (process.platform !== 'linux') {
    say('The test of the package is skipped: it starts the package for Linux.');
    return 0;
  }
  await ensureReady();
  const kept = args.includes('--keep') ? newestDeb() : null;
  // The test reads electron-builder's schema, and it cannot fetch it once the network is gone.
  await builderSchema();
  const deb = kept ?? (await makePackages({ onlyFolder: false, targets: [] })).installer;
  const display = await openDisplay();
  if (display === null) throw new SetupError('There is no display and no Xvfb.', 'Install xvfb, or run npm test once.');
  const place = await mkdtemp(join(tmpdir(), 'atelier-deb-'));
  const offline = await withoutNetwork();
  if (offline === null) say('  The network stays: unshare is not allowed here.');
  const command = [
    process.execPath,
    join(MODULES, 'vitest', 'vitest.mjs'),
    'run',
    '--project',
    'e2e',
    'e2e/package.e2e.ts',
  ];
  const [program, ...rest] = [...(offline ?? []), ...command, '--reporter=verbose'];
  try {
    const isInstalled = await installInto(place, deb);
    const { code } = await run(program, rest, {
      cwd: ROOT,
      inherit: true,
      env: {
        DISPLAY: display.display,
        ATELIER_TEST_PACKAGE: join(place, 'opt', 'Atelier'),
        ATELIER_TEST_DEB: deb,
        ATELIER_TEST_ROOT: isInstalled ? place : '',
        ATELIER_TEST_OFFLINE: offline === null ? '' : '1',
      },
    });
    return code;
  } finally {
    display.close();
    await rm(place, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = explain(error);
}
