/**
 * @file Prepares TensorFlow, trying in this order: an existing build that loads, the cache, the Python package, and finally
 * WebAssembly, which needs nothing. The package's own install script is not among them: what it fetches has no pinned
 * hash.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { restore, store } from '../packages/cache.mjs';
import { fingerprint, readNote, writeNote } from '../packages/notes.mjs';
import { cacheFolder, readPackageJson, TFJS_NODE } from '../places.mjs';
import { part, say, SetupError } from '../say.mjs';
import { addonFolder, nativeFiles, tensorflowNapi, tryAddon } from './tensorflow-addon.mjs';
import { tensorFlowFlavours } from './cuda.mjs';
import { installWheel } from './tensorflow-wheel.mjs';

const RETRY_AFTER_MS = 24 * 3600_000;
const CHOICES = ['auto', 'cpu', 'cuda', 'wasm'];

const WASM_COST =
  'Atelier runs on WebAssembly instead. Everything works, but learning is many times slower and only the\n' +
  '  starter model is practical.';

/** What `ATELIER_TENSORFLOW` asks for. */
export function chosenTensorFlow(env = process.env) {
  const choice = env.ATELIER_TENSORFLOW || 'auto';
  if (!CHOICES.includes(choice)) {
    throw new SetupError(
      `ATELIER_TENSORFLOW is "${choice}".`,
      `Set it to one of ${CHOICES.join(', ')}, or leave it out.`,
    );
  }
  return choice;
}

function cacheKey(flavour) {
  const { version } = readPackageJson(TFJS_NODE);
  return `tfjs-node-gpu-${version}-${flavour}-${process.platform}-${process.arch}-napi${tensorflowNapi()}`;
}

function remember(version, source) {
  const files = nativeFiles();
  writeNote('tensorflow', { backend: 'tensorflow', version, source, files, fingerprint: mark(files) });
}

function mark(files) {
  return fingerprint(files.map((file) => join(TFJS_NODE, file)));
}

async function clearHalfMade() {
  for (const folder of ['deps', addonFolder()]) await rm(join(TFJS_NODE, folder), { recursive: true, force: true });
}

/** Installs the first flavour that loads. */
async function install(flavours, progress, failures) {
  for (const flavour of flavours) {
    const way = `the Python package (${flavour})`;
    progress(way);
    try {
      await installWheel(flavour, progress);
      const tried = await tryAddon();
      if (tried.version) return { version: tried.version, source: way, flavour };
      failures.push({ way, reason: `it does not load: ${tried.reason}`, remedy: '' });
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      failures.push({ way, reason: error.message, remedy: error.remedy });
    }
    await clearHalfMade();
  }
  return null;
}

async function fromCache(flavours) {
  for (const flavour of flavours) {
    const note = await restore({ folder: cacheFolder(), key: cacheKey(flavour), target: TFJS_NODE });
    if (note === null) continue;
    const tried = await tryAddon();
    if (tried.version) return { version: tried.version, source: `the cache (${note.source})` };
    await clearHalfMade();
  }
  return null;
}

function fallBack(failures) {
  for (const { way, reason } of failures) say(`    ${way}: ${reason.replaceAll('\n', '\n    ')}`);
  say(`  TensorFlow's native part could not be had. ${WASM_COST}`);
  say('  On a machine with a GPU, Atelier computes there instead, through WebGPU (docs/gpu.md).');
  const remedy = failures
    .map((failure) => failure.remedy)
    .filter(Boolean)
    .at(-1);
  say(`  To have it after all: ${remedy ?? 'see docs/first-run.md, "TensorFlow".'} (again: npm run setup -- --retry)`);
  writeNote('tensorflow', { backend: 'wasm', failures, at: new Date().toISOString() });
}

/**
 * Ensures that the engine has the best TensorFlow that this machine can get. Never throws if the native part is
 * missing: the engine then runs on WebAssembly.
 * @param {{ retry?: boolean }} [options] `retry` tries again at once after an earlier failure
 */
export async function ensureTensorFlow({ retry = false } = {}) {
  const choice = chosenTensorFlow();
  if (choice === 'wasm') {
    say(`  TensorFlow: ATELIER_TENSORFLOW=wasm. ${WASM_COST}`);
    return;
  }
  const note = readNote('tensorflow');
  if (note?.backend === 'tensorflow' && note.fingerprint === mark(note.files)) return;
  if (note?.backend === 'wasm' && !retry && Date.now() - Date.parse(note.at) < RETRY_AFTER_MS) {
    say('  TensorFlow runs on WebAssembly (slow); to try for the native part again: npm run setup -- --retry');
    return;
  }
  const present = await tryAddon();
  if (present.version) return remember(present.version, 'already there');

  const flavours = choice === 'auto' ? await tensorFlowFlavours() : [choice];
  const failures = [];
  const made = await part(
    'TensorFlow (a download of 200 to 300 MB the first time)',
    async (progress) => (await fromCache(flavours)) ?? (await install(flavours, progress, failures)),
    (result) => (result === null ? 'no native part' : `version ${result.version}, from ${result.source}`),
  );
  if (made === null) return fallBack(failures);
  if (made.flavour) {
    const { version, source, flavour } = made;
    await store({
      folder: cacheFolder(),
      key: cacheKey(flavour),
      source: TFJS_NODE,
      files: nativeFiles(),
      note: { version, source },
    });
  }
  remember(made.version, made.source);
}
