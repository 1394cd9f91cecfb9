/** @file Where each native part of the app comes from, for every system that Atelier is packaged for. */
import { SHIPPED_NODE } from './shipped-node.mjs';

/** The systems that Atelier is packaged for. */
export const SYSTEMS = Object.keys(SHIPPED_NODE.packages);

/**
 * The native parts on one system: `npm` names a package with the finished binary, `build` a package's file with build
 * instructions for a compiler on the packager's machine, `source` one of this repository, `download` what set-up, or the packager before it, fetches.
 * @param {string} system such as `win32-x64`
 * @returns {{ part: string, from: { npm: string } | { build: string } | { source: string } | { download: string, build: string } }[]}
 */
export function nativeParts(system) {
  const tensorflow = system.startsWith('linux-')
    ? 'the Python package tensorflow-cpu (electron/tools/setup/tensorflow/tensorflow-wheel.mjs)'
    : "the package's own install script, which the packager runs (docs/first-run.md)";
  const ownOps = { part: 'Own ops', from: { source: 'electron/engine/native/binding.gyp' } };
  // On Windows, libvips is inside sharp's own package.
  const libvips = system.startsWith('win32-') ? [] : [`@img/sharp-libvips-${system}`];
  return [
    { part: 'Electron', from: { npm: 'electron' } },
    { part: 'Node', from: { npm: SHIPPED_NODE.packages[system].name } },
    { part: 'SQLite', from: { build: 'sqlite3/binding.gyp' } },
    { part: 'TensorFlow', from: { download: tensorflow, build: '@tensorflow/tfjs-node-gpu/binding.gyp' } },
    ...(system === 'linux-x64' ? [ownOps] : []),
    { part: 'GPU', from: { npm: 'webgpu' } },
    ...[`@img/sharp-${system}`, ...libvips].map((npm) => ({ part: 'Image decoding', from: { npm } })),
  ];
}
