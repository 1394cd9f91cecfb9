/** @file The addon between Node and TensorFlow: where it is, whether it loads, and how it is built. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, run } from '../command.mjs';
import { compileAddon } from '../packages/compile-addon.mjs';
import { napiVersion, readPackageJson, TFJS_NODE } from '../places.mjs';

const LOAD_MS = 120_000;

/** The Node-API version that the package's loader looks for under this Node. */
export function tensorflowNapi() {
  return napiVersion(readPackageJson(TFJS_NODE).binary.napi_versions);
}

/** The folder of the built addon, relative to its package. */
export function addonFolder() {
  return join('lib', `napi-v${tensorflowNapi()}`);
}

/** All files of the package that TensorFlow needs to run, relative to it. */
export function nativeFiles() {
  const files = [join(addonFolder(), 'tfjs_binding.node')];
  for (const folder of [join('deps', 'lib'), join('deps', 'nvidia')]) {
    if (!existsSync(join(TFJS_NODE, folder))) continue;
    for (const entry of readdirSync(join(TFJS_NODE, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isDirectory()) files.push(join(entry.parentPath, entry.name).slice(TFJS_NODE.length + 1));
    }
  }
  return files;
}

/**
 * Loads the addon in its own process, because a library that does not suit the CPU crashes it.
 * @returns {Promise<{ version: string } | { reason: string }>}
 */
export async function tryAddon() {
  const file = join(TFJS_NODE, addonFolder(), 'tfjs_binding.node');
  if (!existsSync(file)) return { reason: 'it is not built yet' };
  const check = 'process.stdout.write("TF_Version="+require(process.argv[1]).TF_Version+"\\n")';
  const result = await run(process.execPath, ['-e', check, file], {
    timeoutMs: LOAD_MS,
    env: { TF_CPP_MIN_LOG_LEVEL: '3' },
  });
  const version = /TF_Version=(\S+)/.exec(result.output)?.[1];
  if (result.code === 0 && version) return { version };
  return { reason: result.timedOut ? 'loading took too long' : lastLines(result.output, 3) || `status ${result.code}` };
}

/** Compiles the addon against deps/include and deps/lib. */
export async function buildAddon() {
  const napi = tensorflowNapi();
  await compileAddon('TensorFlow', TFJS_NODE, [
    '--module_name=tfjs_binding',
    `--module_path=${join(TFJS_NODE, addonFolder())}`,
    `--napi_version=${napi}`,
    `--napi_build_version=${napi}`,
  ]);
}
