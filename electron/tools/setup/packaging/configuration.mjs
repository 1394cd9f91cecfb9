/** @file How the desktop app is packaged (`npm run package`); docs/packaging.md explains the choices. */
import { afterPack } from './after-pack.mjs';

/** Native modules by package: their files go beside the archive, because the system loads them. */
export const NATIVE = ['@tensorflow/tfjs-node-gpu', 'sqlite3', 'sharp', '@img', 'webgpu'];

/** What plain Node reads: the engine, the pictures, and every package they may need. It cannot look into an archive. */
const READ_BY_NODE = ['out/main/**', 'out/native/**', 'node_modules/**', 'resources/**', 'package.json'];

/** The package `webgpu` holds the binaries of every system, 20 MB each. A package is made on the system that it is for. */
const DAWN = ['darwin-universal', 'linux-arm64', 'linux-x64', 'win32-arm64', 'win32-x64'];

/** The folders of other systems. */
export function dawnOfOthers(platform = process.platform, arch = process.arch) {
  const own = platform === 'darwin' ? 'darwin-universal' : `${platform}-${arch}`;
  return DAWN.filter((folder) => folder !== own).map((folder) => `node_modules/webgpu/dist/${folder}/**`);
}

/** Parts of packages that no program of ours loads: other builds of the same code, sources, tests, types. */
const LEFT_OUT = [
  '**/*.map',
  '**/*.{d.ts,d.mts,d.cts,ts,md,markdown,flow}',
  '**/{test,tests,__tests__,fixtures}/**',
  // tfjs: Node loads tf.node.js; the others are for browsers.
  'node_modules/@tensorflow/*/src/**',
  'node_modules/@tensorflow/*/dist/miniprogram/**',
  'node_modules/@tensorflow/*/dist/*.{es2017,fesm}*.js',
  'node_modules/@tensorflow/*/dist/*.min.js*',
  'node_modules/@tensorflow/*/dist/**/*_test.js',
  // after-pack.mjs puts TensorFlow's library there.
  'node_modules/@tensorflow/tfjs-node-gpu/{binding,build,build-tmp-napi-v*,deps,lib,scripts}/**',
  'node_modules/sqlite3/{deps,src}/**',
  'node_modules/sqlite3/build/{deps,node_gyp_bins}/**',
  'node_modules/sqlite3/build/Release/{.deps,obj,obj.target}/**',
  'node_modules/sqlite3/build/**/*.a',
  'node_modules/webgpu/build/**',
  ...dawnOfOthers(),
];

/** @type {import('electron-builder').Configuration} */
export const configuration = {
  appId: 'org.atelier.studio',
  productName: 'Atelier',
  copyright: 'The Atelier authors, Apache-2.0',
  directories: { output: 'dist', buildResources: 'resources/icons' },
  files: [
    'out/main/**',
    // Our own ops, if set-up could compile them.
    'out/native/*.node',
    'out/preload/**',
    'out/renderer/**',
    'resources/**',
    'LICENSE',
    'NOTICE',
    'package.json',
    ...LEFT_OUT.map((pattern) => `!${pattern}`),
  ],
  asar: true,
  asarUnpack: READ_BY_NODE,
  // Packages the same native parts that set-up built or fetched: Node-API is the same in Electron.
  npmRebuild: false,
  nodeGypRebuild: false,
  buildDependenciesFromSource: false,
  electronLanguages: ['en-US', 'de'],
  afterPack,
  // No update address: the program opens no connections. A new version comes as a new installer.
  publish: null,
  linux: {
    target: ['dir'],
    executableName: 'atelier',
    category: 'Graphics',
    synopsis: 'Teach a vision-language model to read your pictures',
    icon: 'resources/icons/icon.png',
  },
  win: { target: ['nsis'], icon: 'resources/icons/icon.png' },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true, differentialPackage: false },
  mac: {
    target: ['dmg'],
    category: 'public.app-category.graphics-design',
    icon: 'resources/icons/icon.png',
    hardenedRuntime: true,
    // libtensorflow and Node are signed by someone else.
    entitlements: 'resources/icons/entitlements.mac.plist',
    entitlementsInherit: 'resources/icons/entitlements.mac.plist',
    extendInfo: {
      NSCameraUsageDescription: 'Atelier asks a model about a picture that you take. It stays on this machine.',
    },
    // macOS and Windows know endings only, and `.sig` belongs to other programs too: macOS offers Atelier under Open With,
    // Windows is told nothing. The Debian package claims `model.sig` by its whole name.
    fileAssociations: [
      {
        ext: 'sig',
        name: 'Atelier bundle',
        description: 'Signature of an exported bundle',
        role: 'Viewer',
        rank: 'Alternate',
      },
    ],
  },
  dmg: { writeUpdateInfo: false },
};

export default configuration;
