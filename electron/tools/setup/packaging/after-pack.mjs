/**
 * @file Completes a packaged folder before it is signed: TensorFlow's library and Node's program beside the archive, nothing
 * of Electron's own default app, and the fuses, which are read back. electron-builder calls it (`afterPack`).
 */
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { TFJS_NODE } from '../places.mjs';
import { nativeFiles } from '../tensorflow/tensorflow-addon.mjs';
import { setFuses, wrongFuses } from './fuses.mjs';
import { ensureShippedNode } from './shipped-node.mjs';

/** What only Electron's own default app, or another tool whose Electron it was, would use. */
const NOT_OURS = ['resources/app', 'resources/default_app.asar', 'version', 'browser_v8_context_snapshot.bin'];

/**
 * The path of Electron's program in a packaged folder.
 * @param {{ appOutDir: string, electronPlatformName: string, productFilename: string, executableName: string }} packed
 */
export function packedProgram({ appOutDir, electronPlatformName, productFilename, executableName }) {
  if (electronPlatformName === 'darwin' || electronPlatformName === 'mas') {
    return join(appOutDir, `${productFilename}.app`);
  }
  if (electronPlatformName === 'win32') return join(appOutDir, `${productFilename}.exe`);
  return join(appOutDir, executableName);
}

/** The folder with the archive. */
export function packedResources({ appOutDir, electronPlatformName, productFilename }) {
  const isMac = electronPlatformName === 'darwin' || electronPlatformName === 'mas';
  return isMac ? join(appOutDir, `${productFilename}.app`, 'Contents', 'Resources') : join(appOutDir, 'resources');
}

/** True if Electron's inspector stays open, so that Playwright can drive the app. */
export function isInspectable(env = process.env) {
  return env.ATELIER_PACKAGE_FOR_TESTS === '1';
}

/** electron-builder calls this with the packaged folder. */
export async function afterPack(context) {
  const packed = {
    appOutDir: context.appOutDir,
    electronPlatformName: context.electronPlatformName,
    productFilename: context.packager.appInfo.productFilename,
    executableName: context.packager.executableName ?? 'atelier',
  };
  const program = packedProgram(packed);
  if (!existsSync(program)) throw new Error(`The packaged program is not at ${program}.`);
  for (const path of NOT_OURS) await rm(join(packed.appOutDir, path), { recursive: true, force: true });
  const resources = packedResources(packed);
  await addTensorFlow(join(resources, 'app.asar.unpacked', 'node_modules', '@tensorflow', 'tfjs-node-gpu'));
  await cp(await ensureShippedNode(), join(resources, 'node'), { recursive: true });
  await setFuses(program, isInspectable());
  const wrong = await wrongFuses(program, isInspectable());
  if (wrong.length > 0) {
    throw new Error(`The fuses of ${program} are not as set: ${wrong.map((pair) => pair.join(' is ')).join(', ')}.`);
  }
}

/** Copies the addon and the library with their bytes: in a clone, the library may be a link into the cache. */
async function addTensorFlow(target) {
  for (const file of nativeFiles()) {
    const from = join(TFJS_NODE, file);
    const to = join(target, file);
    await mkdir(dirname(to), { recursive: true });
    if (lstatSync(from).isSymbolicLink() && !isAbsolute(readlinkSync(from))) await symlink(readlinkSync(from), to);
    else {
      await copyFile(from, to);
      await chmod(to, 0o644);
    }
  }
}
