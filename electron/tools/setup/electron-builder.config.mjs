/** @file How the desktop program is packaged (`npm run package`); docs/packaging.md explains the choices. */
import { afterPack } from './fuses.mjs';

const NATIVE = ['@tensorflow/tfjs-node-gpu', 'sqlite3', 'sharp', '@img'];

/** @type {import('electron-builder').Configuration} */
export const configuration = {
  appId: 'org.atelier.studio',
  productName: 'Atelier',
  copyright: 'The Atelier authors, Apache-2.0',
  directories: { output: 'dist', buildResources: 'resources/icons' },
  files: [
    'out/main/**',
    'out/preload/**',
    'out/renderer/**',
    'resources/**',
    'LICENSE',
    'NOTICE',
    'package.json',
    '!**/*.map',
    '!**/{test,tests,__tests__,fixtures}/**',
    '!node_modules/@tensorflow/tfjs-node-gpu/{binding,build-tmp-napi-v*,scripts}/**',
  ],
  asar: true,
  // Native parts are loaded by the system, which cannot look into an archive; the starter's files are read by them.
  asarUnpack: [...NATIVE.map((name) => `**/node_modules/${name}/**`), 'resources/**'],
  // Packages the same native parts that set-up built or fetched: Node-API is the same in Electron.
  npmRebuild: false,
  nodeGypRebuild: false,
  buildDependenciesFromSource: false,
  afterPack,
  // No update address: the program opens no connections. A new version comes as a new installer.
  publish: null,
  fileAssociations: [
    { ext: 'sig', name: 'Atelier bundle', description: 'Signature of an exported bundle', role: 'Viewer' },
  ],
  linux: {
    target: ['AppImage', 'deb'],
    executableName: 'atelier',
    category: 'Graphics',
    synopsis: 'Teach a vision-language model to read your pictures',
    icon: 'resources/icons/icon.png',
  },
  deb: { depends: ['libgtk-3-0 | libgtk-3-0t64', 'libnss3', 'libasound2 | libasound2t64', 'libgbm1'] },
  win: { target: ['nsis'], icon: 'resources/icons/icon.png' },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true, differentialPackage: false },
  mac: {
    target: ['dmg'],
    category: 'public.app-category.graphics-design',
    icon: 'resources/icons/icon.png',
    hardenedRuntime: true,
    // libtensorflow is signed by someone else.
    entitlements: 'resources/icons/entitlements.mac.plist',
    entitlementsInherit: 'resources/icons/entitlements.mac.plist',
  },
  dmg: { writeUpdateInfo: false },
};

export default configuration;
