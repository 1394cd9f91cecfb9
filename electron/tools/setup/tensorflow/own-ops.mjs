/**
 * @file Our own ops for TensorFlow (electron/engine/native): compiled where a compiler is, and otherwise left out. The engine
 * works without them, so nothing that goes wrong here stops set-up.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lastLines, run } from '../command.mjs';
import { restore, store } from '../packages/cache.mjs';
import { canCompile, compileAddon } from '../packages/compile-addon.mjs';
import { fingerprint, readNote, writeNote } from '../packages/notes.mjs';
import { cacheFolder, ROOT } from '../places.mjs';
import { part, say, SetupError } from '../say.mjs';

const SOURCES = join(ROOT, 'electron', 'engine', 'native');
const NAME = 'atelier_ops.node';
/** Where runtime/own-ops.ts and the packager look. */
export const OWN_OPS = join(ROOT, 'out', 'native', NAME);
const LOAD_MS = 60_000;

const WITHOUT = "The engine uses TensorFlow's ops instead: with the same results, but large models take longer.";

/** The SHA-256 of the sources: what was built from others is of no use. */
export function sourcesHash(folder = SOURCES) {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  return hash.digest('hex');
}

/** Why the addon does not load, in a process of its own; null if it does. */
async function failure(file) {
  const check =
    'const m={exports:{}};process.dlopen(m,process.argv[1]);process.stdout.write(typeof m.exports.register)';
  const { code, output } = await run(process.execPath, ['-e', check, file], { timeoutMs: LOAD_MS });
  return code === 0 && output === 'function' ? null : lastLines(output, 3) || `status ${code}`;
}

/**
 * Compiles the sources in a folder of its own, and puts the addon at `target` in one step: an engine may be using the old one.
 * @throws {SetupError} if it cannot be compiled or does not load; then `target` is as it was
 */
export async function buildOwnOps(target = OWN_OPS, sources = SOURCES) {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const folder = await mkdtemp(join(ROOT, '.cache', 'own-ops-'));
  try {
    await cp(sources, folder, { recursive: true });
    await compileAddon("Atelier's ops", folder, []);
    const built = join(folder, 'build', 'Release', NAME);
    const reason = await failure(built);
    if (reason !== null) throw new SetupError(`The addon does not load: ${reason}`, '');
    mkdirSync(dirname(target), { recursive: true });
    const aside = `${target}.${process.pid}`;
    await copyFile(built, aside);
    await rename(aside, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function restoreOrBuild(key) {
  const cached = { folder: cacheFolder(), key };
  // Restored beside it first: an engine may be using the old one.
  const aside = join(dirname(OWN_OPS), `restored-${process.pid}`);
  try {
    if ((await restore({ ...cached, target: aside })) !== null && (await failure(join(aside, NAME))) === null) {
      await rename(join(aside, NAME), OWN_OPS);
      return 'from the cache';
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  if (!canCompile()) throw new SetupError('there is no C++ compiler with make, or this Node has no headers', '');
  await buildOwnOps();
  await store({ ...cached, source: dirname(OWN_OPS), files: [NAME], note: {} });
  return 'compiled';
}

/**
 * Ensures that the addon is built from these sources, if it can be. Never throws for want of it.
 * @param {{ retry?: boolean }} [options] `retry` tries again after a failure with the same sources and compiler
 */
export async function ensureOwnOps({ retry = false } = {}) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return;
  if (readNote('tensorflow')?.backend !== 'tensorflow') return;
  const hash = sourcesHash();
  const note = readNote('own-ops');
  const compiler = canCompile();
  const isDone = note?.hash === hash && note.fingerprint === fingerprint([OWN_OPS]);
  if (isDone && (note.built || (!retry && note.compiler === compiler))) return;
  let built = false;
  try {
    const key = `own-ops-${hash.slice(0, 16)}-${process.platform}-${process.arch}-napi${process.versions.napi}`;
    await part(
      "Atelier's own ops",
      () => restoreOrBuild(key),
      (way) => way,
    );
    built = true;
  } catch (error) {
    // The one that may be there is from other sources.
    if (existsSync(OWN_OPS)) await rm(OWN_OPS, { force: true }).catch(() => undefined);
    say(`    ${(error instanceof Error ? error.message : String(error)).replaceAll('\n', '\n    ')}\n  ${WITHOUT}`);
  }
  writeNote('own-ops', { hash, built, compiler, fingerprint: fingerprint([OWN_OPS]) });
}
