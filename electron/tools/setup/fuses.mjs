/**
 * @file Hardens the Electron binary after packaging: features that anyone could enable with a command-line option or
 * environment variable are disabled in the binary itself. Called by electron-builder (`afterPack`).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses';

/**
 * The state of every fuse.
 * @param {boolean} inspectable keeps the inspector enabled, because Playwright drives the program through it
 */
export function fuseSettings(inspectable = false) {
  return {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: false,
    [FuseV1Options.RunAsNode]: false,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: inspectable,
    [FuseV1Options.EnableCookieEncryption]: true,
    // Checked by Electron on macOS and Windows; Linux has no such check yet.
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
    [FuseV1Options.OnlyLoadAppFromAsar]: true,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  };
}

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

/** electron-builder calls this with the packaged folder, before signing. */
export async function afterPack(context) {
  const program = packedProgram({
    appOutDir: context.appOutDir,
    electronPlatformName: context.electronPlatformName,
    productFilename: context.packager.appInfo.productFilename,
    executableName: context.packager.executableName ?? 'atelier',
  });
  if (!existsSync(program)) throw new Error(`The packaged program is not at ${program}.`);
  await flipFuses(program, {
    ...fuseSettings(process.env.ATELIER_PACKAGE_FOR_TESTS === '1'),
    // Changing the binary breaks its signature; on Apple's processors an unsigned one would not start.
    resetAdHocDarwinSignature: context.electronPlatformName === 'darwin',
  });
}
