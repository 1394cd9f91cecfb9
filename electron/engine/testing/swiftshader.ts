/**
 * @file For tests only: SwiftShader, the software GPU that comes with Chromium. It computes what a GPU would, slowly. Call
 * `useSwiftShader` before anything asks for a GPU.
 */
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { webGpuPackage } from '../runtime/webgpu/probe.ts';

const ICD = 'vk_swiftshader_icd.json';
/** Keeps a library in memory although it is no addon. */
const RTLD_NODELETE = 0x1000;

/** The environment in which a child process finds SwiftShader; null if it is not here. */
export function swiftShaderEnvironment(): Record<string, string> | null {
  const folder = webGpuPackage() === null || process.platform !== 'linux' ? null : swiftShaderFolder();
  if (folder === null) return null;
  const libraries = [folder, process.env['LD_LIBRARY_PATH']].filter((path) => path !== undefined).join(':');
  return { VK_ICD_FILENAMES: join(folder, ICD), LD_LIBRARY_PATH: libraries, ATELIER_BACKEND: 'webgpu' };
}

/** Makes this process compute on SwiftShader. @returns false if it is not here */
export function useSwiftShader(): boolean {
  const environment = swiftShaderEnvironment();
  if (environment === null) return false;
  Object.assign(process.env, environment);
  try {
    // The system looks at LD_LIBRARY_PATH when a process starts. A library that is loaded already needs no path.
    process.dlopen(
      { exports: {} },
      join(dirname(environment['VK_ICD_FILENAMES'] ?? ''), 'libvulkan.so.1'),
      constants.dlopen.RTLD_NOW | RTLD_NODELETE,
    );
  } catch {
    // Loaded, and then refused because it is no addon of Node.
  }
  return true;
}

/** Where Chromium's libraries are: beside a browser that is named, or where Debian and Google put them. */
function swiftShaderFolder(): string | null {
  const { CHROMIUM, ATELIER_TEST_BROWSER } = process.env;
  const named = [CHROMIUM, ATELIER_TEST_BROWSER].filter((path) => path !== undefined && existsSync(path)) as string[];
  const folders = [...named.map((path) => dirname(realpathSync(path))), '/usr/lib/chromium', '/opt/google/chrome'];
  const has = (folder: string): boolean => [ICD, 'libvulkan.so.1'].every((file) => existsSync(join(folder, file)));
  return folders.find(has) ?? null;
}

/** The same, without compiling programs for it. */
export function useSwiftShaderOpByOp(): boolean {
  process.env['ATELIER_GPU_PROGRAMS'] = 'op-by-op';
  return useSwiftShader();
}
