/**
 * @file `npm run check:cuda`, by hand: what of the CUDA flavour of TensorFlow can be checked without a card. It downloads the pinned wheels
 * (3 GB) into a scratch folder, loads every library from where set-up would put it, looks for what XLA needs, and runs golden tests with it. Without
 * a driver, TensorFlow must say so and compute on the processor. With one, the same tests compute on the card, with TF32 off.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { lastLines, run } from './command.mjs';
import { MODULES, ROOT } from './places.mjs';
import { explain, say, SetupError } from './say.mjs';
import { addonFolder } from './tensorflow/tensorflow-addon.mjs';
import { ensureRoom, unpackWheels } from './tensorflow/tensorflow-wheel.mjs';

const LOAD_MS = 180_000;
const TESTS_MS = 30 * 60_000;
/** Golden tests of the model, its gradients and its losses. */
const TESTS = [
  'electron/engine/training/policy-program.golden.test.ts',
  'electron/engine/training/families.golden.test.ts',
];
/** Of the driver: no wheel holds it. */
const OF_DRIVER = /lib(?:cuda|nvidia-ml)\.so/;
/** What TensorFlow opens by name when it finds a card. */
const OPENED = ['cudart', 'cublas', 'cublasLt', 'cufft', 'cusolver', 'cusparse', 'cudnn', 'nccl', 'cupti'];

/** In a process of its own: a library that is no addon is loaded all the same, and only then refused. */
const LOADER = `
const { constants } = require('node:os');
// 0x1000 keeps it in memory: some cannot be unloaded again.
try {
  process.dlopen({ exports: {} }, process.argv[1], constants.dlopen.RTLD_NOW | 0x1000);
} catch (error) {
  console.log(/did not self-register/.test(error.message) ? 'LOADED' : 'REFUSED ' + error.message);
}
`;

let failures = 0;

function told(holds, sentence) {
  if (!holds) failures += 1;
  say(`${holds ? '✓' : '✗'} ${sentence}`);
}

/** Paths of all shared libraries in a folder. */
function librariesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ name }) => /\.so(\.|$)/.test(name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

async function checkLibraries(deps) {
  const paths = librariesIn(deps);
  const needDriver = [];
  const wrong = [];
  for (const path of paths) {
    const { output } = await run(process.execPath, ['-e', LOADER, path], { timeoutMs: LOAD_MS });
    if (/^LOADED$/m.test(output)) continue;
    if (OF_DRIVER.test(output)) needDriver.push(basename(path));
    else wrong.push(`${basename(path)}: ${/^REFUSED (.*)$/m.exec(output)?.[1] ?? lastLines(output, 1)}`);
  }
  told(wrong.length === 0, `${paths.length - wrong.length - needDriver.length} of ${paths.length} libraries load.`);
  for (const each of wrong) say(`    ${each}`);
  if (needDriver.length > 0) say(`    These need the driver, which is not here: ${needDriver.join(', ')}.`);
}

/** Where a library looks for others. */
function runPathOf(path) {
  const library = readFileSync(path);
  const inside = library.indexOf('$ORIGIN/../nvidia/');
  const text = library.subarray(library.lastIndexOf(0, inside) + 1, library.indexOf(0, inside)).toString();
  return text.split(':').map((each) => resolve(each.replace('$ORIGIN', dirname(path))));
}

/** TensorFlow opens CUDA's libraries where the run path of its own two leads: most from its framework, cuSOLVER from the other. */
function checkRunPath(deps) {
  const own = ['libtensorflow_framework.so.2', 'libtensorflow_cc.so.2'].map((name) => join(deps, 'lib', name));
  const folders = [...new Set(own.flatMap((path) => runPathOf(path)))];
  const missing = OPENED.filter(
    (name) =>
      !folders.some(
        (folder) => existsSync(folder) && readdirSync(folder).some((file) => file.startsWith(`lib${name}.so`)),
      ),
  );
  told(
    missing.length === 0,
    missing.length === 0
      ? `TensorFlow's run path leads to ${OPENED.join(', ')}.`
      : `TensorFlow's run path does not lead to ${missing.join(', ')}.`,
  );
}

async function checkTools(deps) {
  const ptxas = join(deps, 'nvidia', 'cuda_nvcc', 'bin', 'ptxas');
  const { code, output } = await run(ptxas, ['--version'], { timeoutMs: LOAD_MS });
  told(code === 0, code === 0 ? `ptxas runs: ${lastLines(output, 1)}.` : 'ptxas does not run.');
  const folder = join(deps, 'nvidia', 'cuda_nvcc', 'nvvm', 'libdevice');
  told(existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.bc')), 'libdevice is there.');
}

/** The addon is the same for both flavours, and looks at this path before its own. */
function environmentOf(deps) {
  return {
    LD_LIBRARY_PATH: join(deps, 'lib'),
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    NVIDIA_TF32_OVERRIDE: '0',
  };
}

async function checkDevice(deps) {
  const addon = join(MODULES, '@tensorflow', 'tfjs-node-gpu', addonFolder(), 'tfjs_binding.node');
  const ask = `const tf = require('@tensorflow/tfjs-node-gpu'); tf.ready().then(() => {
    const maps = require('node:fs').readFileSync('/proc/self/maps', 'utf8');
    const gpu = tf.backend().binding.isUsingGpuDevice();
    process.stdout.write('SEEN=' + JSON.stringify({ gpu, sum: tf.sum(tf.ones([3])).dataSync()[0], maps: maps.includes(process.argv[1]) }));
  });`;
  if (!existsSync(addon)) throw new SetupError('The addon is not built.', 'Run npm run setup first.');
  const { code, output } = await run(process.execPath, ['-e', ask, join(deps, 'lib')], {
    timeoutMs: LOAD_MS,
    cwd: ROOT,
    env: environmentOf(deps),
  });
  const seen = /SEEN=(\{.*\})/.exec(output)?.[1];
  const { gpu, sum, maps } = seen === undefined ? {} : JSON.parse(seen);
  told(code === 0 && sum === 3 && maps, 'The addon computes with the CUDA flavour.');
  if (code !== 0) return say(lastLines(output, 5));
  const driver = existsSync('/proc/driver/nvidia/version');
  told(gpu === driver, gpu ? 'It computes on the card.' : 'It found no driver and computes on the processor.');
  if (!driver) told(/cuInit|CUDA|libcuda/i.test(output), 'TensorFlow itself says that there is no driver.');
}

async function checkGolden(deps) {
  const { code, output } = await run(
    process.execPath,
    [join(MODULES, 'vitest', 'vitest.mjs'), 'run', '--project', 'unit', ...TESTS],
    { timeoutMs: TESTS_MS, cwd: ROOT, env: environmentOf(deps) },
  );
  told(code === 0, `Golden tests ${code === 0 ? 'pass' : 'fail'} with it, TF32 off and memory growing.`);
  if (code !== 0) say(lastLines(output, 30));
}

async function main() {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string', default: join(ROOT, '.cache', 'check-cuda') },
      keep: { type: 'boolean', default: false },
    },
  });
  if (process.platform !== 'linux') return say('SKIPPED: CUDA comes from Python packages on Linux only.');
  const folder = resolve(values.folder);
  const deps = join(folder, 'deps');
  await mkdir(folder, { recursive: true });
  try {
    if (!existsSync(join(deps, 'nvidia'))) {
      try {
        await ensureRoom('cuda', folder);
      } catch (error) {
        return say(`SKIPPED: CUDA. ${error.message}`);
      }
      say('Downloading the CUDA flavour of TensorFlow (3 GB) …');
      await unpackWheels('cuda', deps, join(folder, 'wheels'), () => undefined);
      await rm(join(folder, 'wheels'), { recursive: true, force: true });
    }
    await checkLibraries(deps);
    checkRunPath(deps);
    await checkTools(deps);
    await checkDevice(deps);
    await checkGolden(deps);
  } finally {
    if (!values.keep) await rm(folder, { recursive: true, force: true });
  }
  if (failures > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  process.exitCode = explain(error);
}
