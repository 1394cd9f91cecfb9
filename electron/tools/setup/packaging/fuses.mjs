/**
 * @file The fuses: features of Electron that anyone could enable with a command-line option or an environment variable are
 * disabled in the binary itself. They are read back from the finished file.
 */
import { flipFuses, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';

/** The characters that stand for a fuse's state in the file. */
const STATES = { 1: 'on', 0: 'off' };

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
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  };
}

/**
 * Sets the fuses of a program.
 * @param {string} program Electron's program, or the `.app` folder on macOS
 */
export async function setFuses(program, inspectable = false) {
  await flipFuses(program, {
    ...fuseSettings(inspectable),
    // Changing the binary breaks its signature; on Apple's processors an unsigned one would not start.
    resetAdHocDarwinSignature: program.endsWith('.app'),
  });
}

/**
 * The fuses as they are in a file, by name.
 * @returns {Promise<Record<string, 'on' | 'off' | 'removed'>>} `removed`: this Electron no longer has that feature
 */
export async function readFuses(program) {
  const wire = await getCurrentFuseWire(program);
  const named = Object.entries(FuseV1Options).filter(([, index]) => typeof index === 'number' && index in wire);
  return Object.fromEntries(
    named.map(([name, index]) => [name, STATES[String.fromCharCode(wire[index])] ?? 'removed']),
  );
}

/** The fuses in a file that are not as `fuseSettings` says, each with its state; a removed feature is as good as off. */
export async function wrongFuses(program, inspectable = false) {
  const found = await readFuses(program);
  const wanted = fuseSettings(inspectable);
  return Object.entries(found).filter(([name, state]) => {
    const setting = wanted[FuseV1Options[name]];
    return setting !== undefined && (state === 'on') !== setting;
  });
}
