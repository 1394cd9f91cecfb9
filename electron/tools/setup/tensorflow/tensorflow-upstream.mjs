/**
 * @file The package's own method: its install script fetches libtensorflow and a prebuilt addon from its authors'
 * server. Only tried if that server answers within a few seconds.
 */
import { delimiter, join } from 'node:path';
import { lastLines, run } from '../command.mjs';
import { addonFolder, napiVersion } from './tensorflow-addon.mjs';
import { MODULES, readPackageJson, TFJS_NODE } from '../places.mjs';
import { SetupError } from '../say.mjs';

const ANSWER_MS = 4000;
const INSTALL_MS = 15 * 60_000;
const PLATFORM = { linux: 'linux', darwin: 'darwin', win32: 'windows' };

/** Where the package publishes the addon for this machine, according to its own package.json. */
export function publishedAddon(own = readPackageJson(TFJS_NODE), platform = process.platform) {
  const remote = own.binary.remote_path
    .replace('{napi_build_version}', String(napiVersion(own.binary.napi_versions)))
    .replace('{version}', own.version);
  const ending = platform === 'win32' ? 'zip' : 'tar.gz';
  const base = own.binary.host.endsWith('/') ? own.binary.host : `${own.binary.host}/`;
  return new URL(`${remote.replace(/^\.\//, '')}GPU-${PLATFORM[platform]}-${own.version}.${ending}`, base);
}

/** True if the package's server can be reached quickly. A closed network fails at once. */
export async function upstreamAnswers(address = publishedAddon(), timeoutMs = ANSWER_MS) {
  try {
    const response = await fetch(address, { method: 'HEAD', signal: AbortSignal.timeout(timeoutMs) });
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Runs the package's install script.
 * @param {'cpu' | 'cuda'} flavour
 */
export async function installUpstream(flavour) {
  const result = await run(process.execPath, ['scripts/install.js', flavour === 'cuda' ? 'gpu' : 'cpu', 'download'], {
    cwd: TFJS_NODE,
    timeoutMs: INSTALL_MS,
    // The script calls node-pre-gyp by its bare name.
    env: { PATH: `${join(MODULES, '.bin')}${delimiter}${process.env.PATH ?? ''}` },
  });
  if (result.code !== 0) {
    throw new SetupError(
      `The install script of @tensorflow/tfjs-node-gpu ended with status ${result.code}, without ${addonFolder()}:\n${lastLines(result.output)}`,
      'Set-up goes on with the next way by itself.',
    );
  }
}
