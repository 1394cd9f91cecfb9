/**
 * @file TensorFlow from its Python package: a wheel is a zip archive, and its C library and headers are all the addon
 * needs. Linux only: elsewhere the library has other names, and this has not been tried.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, statfs, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastLines, run } from '../command.mjs';
import { aptInstall, aptSentence, canApt, which } from '../packages/debian.mjs';
import { ROOT, TFJS_NODE } from '../places.mjs';
import { formatBytes, SetupError } from '../say.mjs';
import { buildAddon } from './tensorflow-addon.mjs';
import { extractEntry, listEntries } from '../packages/zip.mjs';

/** The version that the engine is tested with. */
/**
 * The wheels of a flavour, each with the SHA-256 of its files, as pip reads them. To change a version, take the hashes from
 * `pip install --dry-run --report - --ignore-installed --only-binary=:all: 'tensorflow[and-cuda]==VERSION'`.
 * @param {'cpu' | 'cuda'} flavour
 */
export const pinnedWheels = (flavour) => fileURLToPath(new URL(`wheels-${flavour}.txt`, import.meta.url));

const DOWNLOAD_MS = 40 * 60_000;
const HEADERS = /^tensorflow\/include\/((?:tensorflow\/c|tensorflow\/core\/platform|tsl\/platform|xla\/tsl)\/.*\.h)$/;
const LIBRARIES = /^tensorflow\/(libtensorflow_(?:cc|framework)\.so\.2)$/;
/** With what XLA assembles and links kernels with. */
const NVIDIA_PARTS = /^(nvidia\/[^/]+\/(?:lib\/[^/]+\.so[^/]*|bin\/ptxas|nvvm\/libdevice\/[^/]+\.bc))$/;
const PTXAS = join('nvidia', 'cuda_nvcc', 'bin', 'ptxas');
/** Names that the addon's build file asks for → what the wheel calls them. */
const LINKS = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow.so.2': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
};
/** Disk space for the archive and the extracted files. */
const ROOM_BYTES = { cpu: 1_400_000_000, cuda: 9_000_000_000 };

/** Null if a folder went while it was looked at, as those of pip do. */
function folderBytes(folder) {
  let sum = 0;
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      sum += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
  return sum;
}

/** A Python that has pip. */
async function findPip() {
  for (const python of ['python3', 'python', 'py']) {
    if (which(python) === null) continue;
    if ((await run(python, ['-m', 'pip', '--version'], { timeoutMs: 60_000 })).code === 0) return python;
  }
  return null;
}

async function ensurePip() {
  const found = await findPip();
  if (found !== null) return found;
  if (canApt()) {
    await aptInstall('TensorFlow', ['python3', 'python3-pip']);
    const python = await findPip();
    if (python !== null) return python;
  }
  throw new SetupError(
    'Python with pip was not found; TensorFlow comes as a Python package.',
    aptSentence(['python3-pip']),
  );
}

/** @throws SetupError if there is too little room on the disk of `where` */
export async function ensureRoom(flavour, where = ROOT) {
  const { bavail, bsize } = await statfs(where);
  if (bavail * bsize < ROOM_BYTES[flavour]) {
    throw new SetupError(
      `TensorFlow needs about ${formatBytes(ROOM_BYTES[flavour])} on the disk of ${where}; ${formatBytes(bavail * bsize)} are free.`,
      'Make room on that disk and give the same command again.',
    );
  }
}

/**
 * Downloads the wheels of a requirements file, without their dependencies, into `folder`. pip keeps none whose hash is not
 * in the file. Reports how many bytes have arrived.
 * @returns {Promise<string[]>} paths of the wheels
 */
export async function downloadWheels(python, requirements, folder, progress = () => undefined) {
  const scratch = join(folder, 'pip');
  await mkdir(scratch, { recursive: true });
  const timer = setInterval(() => {
    const bytes = folderBytes(folder);
    if (bytes !== null) progress(`${formatBytes(bytes)} downloaded`);
  }, 1000);
  try {
    const fixed = ['--no-deps', '--no-cache-dir', '--progress-bar=off', '--only-binary=:all:', '--require-hashes'];
    const download = (more) =>
      run(
        python,
        ['-m', 'pip', 'download', ...fixed, '--dest', folder, ...more, '-r', requirements],
        // pip downloads a file into its scratch folder before moving it, so we can watch it grow there.
        { timeoutMs: DOWNLOAD_MS, env: { TMPDIR: scratch, PIP_DISABLE_PIP_VERSION_CHECK: '1' } },
      );
    let result = await download([]);
    refuseOtherHash(result.output);
    if (result.code !== 0 && !result.timedOut) {
      // The library inside is the same for every Python, so a Python without its own wheel uses another's.
      result = await download(['--python-version=3.12', '--implementation=cp', '--abi=cp312']);
      refuseOtherHash(result.output);
    }
    if (result.code !== 0) {
      throw new SetupError(
        `pip could not download the wheels of ${basename(requirements)}:\n${lastLines(result.output)}`,
        'Check that the Python package index can be reached, then run: npm run setup -- --retry',
      );
    }
  } finally {
    clearInterval(timer);
  }
  await rm(scratch, { recursive: true, force: true });
  return readdirSync(folder)
    .filter((name) => name.endsWith('.whl'))
    .map((name) => join(folder, name));
}

function refuseOtherHash(output) {
  if (!/DO NOT MATCH THE HASHES/.test(output)) return;
  throw new SetupError(
    `A wheel is not the one that Atelier was tested with, so it was not unpacked:\n${lastLines(output, 5)}`,
    'Check which package index pip uses, then run: npm run setup -- --retry',
  );
}

/** Extracts the matching entries from a wheel. The pattern's first group is the path under `target`. */
async function takeOut(wheel, pattern, target, progress) {
  const entries = (await listEntries(wheel)).filter((entry) => pattern.test(entry.name));
  const total = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  let before = 0;
  for (const entry of entries) {
    const [, path] = pattern.exec(entry.name);
    await extractEntry(wheel, entry, join(target, path), (written) =>
      progress(`${formatBytes(before + written)} of ${formatBytes(total)} unpacked`),
    );
    before += entry.sizeBytes;
  }
  return entries.length;
}

/**
 * Downloads the wheel, puts its library where the addon looks for it, and builds the addon.
 * @param {'cpu' | 'cuda'} flavour
 * @param {(text: string) => void} progress
 */
export async function installWheel(flavour, progress) {
  if (process.platform !== 'linux') {
    throw new SetupError(
      `The Python package is used on Linux only, and this is ${process.platform}.`,
      'See docs/first-run.md.',
    );
  }
  await ensureRoom(flavour);
  await mkdir(join(ROOT, '.cache'), { recursive: true });
  const folder = await mkdtemp(join(ROOT, '.cache', 'wheel-'));
  const interrupted = () => void rm(folder, { recursive: true, force: true });
  process.once('exit', interrupted);
  try {
    await unpackWheels(flavour, join(TFJS_NODE, 'deps'), folder, progress);
    progress('compiling the addon');
    await buildAddon();
  } finally {
    process.removeListener('exit', interrupted);
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Downloads the wheels into `folder` and puts what the addon needs of them into `deps`.
 * @param {'cpu' | 'cuda'} flavour
 * @param {(text: string) => void} progress
 */
export async function unpackWheels(flavour, deps, folder, progress) {
  const python = await ensurePip();
  const wheels = await downloadWheels(python, pinnedWheels(flavour), folder, progress);
  const wheel = wheels.find((path) => basename(path).startsWith('tensorflow'));
  await rm(deps, { recursive: true, force: true });
  const libraries = await takeOut(wheel, LIBRARIES, join(deps, 'lib'), progress);
  const headers = await takeOut(wheel, HEADERS, join(deps, 'include'), progress);
  if (libraries !== 2 || headers === 0) {
    throw new SetupError(
      `The wheel ${wheel} does not hold the TensorFlow library.`,
      'Please report this with the line above.',
    );
  }
  for (const [link, to] of Object.entries(LINKS)) {
    if (!existsSync(join(deps, 'lib', link))) await symlink(to, join(deps, 'lib', link));
  }
  for (const part of wheels.filter((path) => path !== wheel)) {
    await takeOut(part, NVIDIA_PARTS, deps, progress);
  }
  if (existsSync(join(deps, PTXAS))) await chmod(join(deps, PTXAS), 0o755);
}
