/** @file What goes into a package, for every system; e2e/package.e2e.ts starts the one for Linux. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, matchesGlob, relative } from 'node:path';
import { FuseV1Options } from '@electron/fuses';
import { describe, expect, it } from 'vitest';
import { MODULES, ROOT } from '../places.mjs';
import { packedProgram, packedResources } from './after-pack.mjs';
import { configuration, dawnOfOthers, NATIVE } from './configuration.mjs';
import { controlFile, desktopEntry, launcher, mimeTypes } from './debian-package.mjs';
import { fuseSettings } from './fuses.mjs';
import { nativeParts, SYSTEMS } from './native-parts.mjs';
import { packageRequest } from './package.mjs';
import { SHIPPED_NODE } from './shipped-node.mjs';
import { sizesByPart, sizeTable, writeSizes } from './sizes.mjs';

const readJson = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const { packages } = readJson('package-lock.json');

describe('the packaged program', () => {
  it('keeps everything that plain Node or the system reads outside the archive', () => {
    expect(configuration.asarUnpack).toEqual([
      'out/main/**',
      'out/native/**',
      'node_modules/**',
      'resources/**',
      'package.json',
    ]);
    expect(configuration.npmRebuild).toBe(false);
  });

  it('contains every native file of the packages that it needs, and of no package that nobody named', () => {
    const native = Object.entries(packages)
      .filter(
        ([folder, { dev, devOptional }]) => folder !== '' && !dev && !devOptional && existsSync(join(ROOT, folder)),
      )
      .flatMap(([folder]) =>
        readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && /\.(node|dll|dylib|so(\.\d+)*)$/.test(entry.name))
          .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/')),
      );
    expect(native.length).toBeGreaterThan(0);
    const unnamed = native.filter((file) => !NATIVE.some((name) => file.startsWith(`node_modules/${name}/`)));
    expect(unnamed).toEqual([]);
    const leftOut = configuration.files.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
    const lost = native.filter((file) => leftOut.some((pattern) => matchesGlob(file, pattern)));
    // after-pack.mjs copies TensorFlow's library and addon, following links into the cache.
    const others = dawnOfOthers();
    expect(
      lost.filter(
        (file) =>
          !/tfjs-node-gpu\/(deps|lib|build)/.test(file) && !others.some((pattern) => matchesGlob(file, pattern)),
      ),
    ).toEqual([]);
  });

  it.each([
    ['darwin', 'arm64', 'darwin-universal'],
    ['linux', 'x64', 'linux-x64'],
    ['win32', 'x64', 'win32-x64'],
  ])('contains WebGPU for %s %s and for no other system', (platform, arch, own) => {
    const others = dawnOfOthers(platform, arch);
    expect(others).toHaveLength(4);
    expect(others.join()).not.toContain(own);
    const webgpu = join(MODULES, 'webgpu', 'dist');
    if (existsSync(webgpu)) expect(readdirSync(webgpu)).toContain(own);
  });

  it('knows itself by one name, and a bundle by its signature', () => {
    const source = (name) => readFileSync(join(ROOT, 'electron', 'main', name), 'utf8');
    expect(source('index.ts')).toContain(`APP_ID = '${configuration.appId}'`);
    const [, name, ending] = /BUNDLE_SIGNATURE = '([^']*\.([^.']+))'/.exec(source('opened-path.ts')) ?? [];
    expect(mimeTypes()).toContain(`<glob pattern="${name}"`);
    expect(configuration.mac.fileAssociations.map(({ ext }) => ext)).toEqual([ending]);
  });

  it('contains what the main process opens, and files that exist', () => {
    const { main } = readJson('package.json');
    expect(configuration.files.some((pattern) => main.startsWith(pattern.replace('**', '')))).toBe(true);
    const { linux, win, mac } = configuration;
    for (const file of [linux.icon, win.icon, mac.icon, mac.entitlements]) {
      expect(existsSync(join(ROOT, file)), file).toBe(true);
    }
  });

  it('holds one exact Electron, which is the one that the lock file names', () => {
    const { version } = packages['node_modules/electron'];
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    const { dependencies, devDependencies } = readJson('package.json');
    expect({ ...dependencies, ...devDependencies }.electron).toBe(version);
  });

  it('asks nobody for updates', () => {
    expect(configuration.publish).toBeNull();
    const { dependencies, devDependencies } = readJson('package.json');
    expect({ ...dependencies, ...devDependencies }).not.toHaveProperty('electron-updater');
  });

  it('is built for Linux, Windows and macOS', () => {
    const { linux, win, mac } = configuration;
    expect([linux.target, win.target, mac.target]).toEqual([['dir'], ['nsis'], ['dmg']]);
  });
});

describe('every native part', () => {
  it.each(SYSTEMS)('has a binary or a way to build it on %s', (system) => {
    const parts = nativeParts(system);
    expect(new Set(parts.map(({ part }) => part))).toEqual(
      new Set([
        ...['Electron', 'Node', 'SQLite', 'TensorFlow', 'GPU', 'Image decoding'],
        ...(system === 'linux-x64' ? ['Own ops'] : []),
      ]),
    );
    for (const { part, from } of parts) {
      if (part === 'Electron') {
        const sums = readJson('node_modules/electron/checksums.json');
        expect(sums).toHaveProperty([`electron-v${packages['node_modules/electron'].version}-${system}.zip`]);
      } else if (part === 'Node') {
        expect(SHIPPED_NODE.packages[system].sha256).toMatch(/^[0-9a-f]{64}$/);
      } else if (from.npm !== undefined) {
        expect(packages[`node_modules/${from.npm}`]?.integrity).toMatch(/^sha512-/);
      }
      if (from.source !== undefined) expect(existsSync(join(ROOT, from.source)), from.source).toBe(true);
      if (from.build !== undefined) expect(existsSync(join(MODULES, from.build)), from.build).toBe(true);
    }
  });

  it('includes every package with a native file', () => {
    const named = new Set(nativeParts('linux-x64').flatMap(({ from }) => [from.npm ?? '', from.build ?? '']));
    for (const name of ['sqlite3', '@tensorflow/tfjs-node-gpu'])
      expect([...named].some((each) => each.startsWith(`${name}/`))).toBe(true);
    expect(named).toContain('@img/sharp-linux-x64');
    expect(named).toContain('webgpu');
  });
});

describe('the command', () => {
  it('packages for this system, whose native modules are here, and for no other', () => {
    expect(packageRequest([], 'linux')).toEqual({ onlyFolder: false, writeSizes: false, targets: [] });
    expect(packageRequest(['--linux', '--dir', 'AppImage'], 'linux')).toMatchObject({
      onlyFolder: true,
      targets: ['AppImage'],
    });
    expect(() => packageRequest(['--win'], 'linux')).toThrow('native modules');
    expect(() => packageRequest(['--windows'], 'linux')).toThrow('--windows');
  });

  it('installs electron-builder in a pinned version, each package with its hash and none with an address', () => {
    const folder = 'electron/tools/setup/packaging/builder';
    const lock = readJson(`${folder}/package-lock.json`);
    expect(readJson(`${folder}/package.json`).dependencies['electron-builder']).toMatch(/^\d+\.\d+\.\d+$/);
    const others = Object.entries(lock.packages).filter(([name]) => name !== '');
    expect(others.filter(([, each]) => !each.integrity?.startsWith('sha512-') || each.resolved)).toEqual([]);
  });
});

describe('the Debian package', () => {
  it('names its version, its system and its size', () => {
    const control = controlFile({ version: '1.2.3', arch: 'x64', installedKib: 1000, isPinned: true });
    expect(control).toContain('Version: 1.2.3\n');
    expect(control).toContain('Architecture: amd64\n');
    expect(control).toContain('Installed-Size: 1000\n');
    expect(control).not.toContain('FOR TESTS ONLY');
    expect(control.endsWith('\n')).toBe(true);
  });

  it('says so if its Electron is not the pinned one', () => {
    const control = controlFile({ version: '1.2.3', arch: 'arm64', installedKib: 1, isPinned: false });
    expect(control).toContain('FOR TESTS ONLY');
    // A line of the description starts with a space, or the next field would start there.
    const description = control.slice(control.indexOf('Description:')).trimEnd().split('\n').slice(1);
    expect(description.every((line) => line.startsWith(' '))).toBe(true);
  });

  it('opens a bundle’s signature by the type that it registers', () => {
    const [, type] = /mime-type type="([^"]+)"/.exec(mimeTypes()) ?? [];
    expect(desktopEntry(configuration)).toContain(`MimeType=${type};`);
    expect(mimeTypes()).toContain('<glob pattern="model.sig"');
  });

  it('takes `.sig` from no other program', () => {
    expect(mimeTypes()).not.toContain('*');
    for (const part of [configuration, configuration.linux, configuration.win])
      expect(part).not.toHaveProperty('fileAssociations');
    expect(configuration.mac.fileAssociations).toMatchObject([{ ext: 'sig', rank: 'Alternate' }]);
  });
});

describe('the sizes', () => {
  it('count each file once, by part, and replace the table in the documentation', () => {
    const folder = mkdtempSync(join(tmpdir(), 'atelier-sizes-'));
    const put = (path, size) => {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), Buffer.alloc(size));
    };
    const modules = 'resources/app.asar.unpacked/node_modules';
    put('atelier', 10);
    put('resources/app.asar', 20);
    put('resources/node/node', 30);
    put(`${modules}/@tensorflow/tfjs-node-gpu/deps/lib/libtensorflow.so`, 40);
    put(`${modules}/@tensorflow/tfjs/index.js`, 50);
    put(`${modules}/zod/index.js`, 60);
    put('resources/app.asar.unpacked/resources/models/nano/config.json', 70);
    put('resources/app.asar.unpacked/out/main/engine.js', 80);
    const parts = sizesByPart(folder);
    expect(parts.map(({ sizeBytes }) => sizeBytes)).toEqual([40, 30, 0, 0, 0, 50, 60, 70, 100, 10]);
    const page = join(folder, 'page.md');
    writeFileSync(page, readFileSync(join(ROOT, 'docs', 'packaging.md')));
    writeSizes(sizeTable(parts, { name: 'a.deb', sizeBytes: 1024 ** 2 }), 'Here:', page);
    const once = readFileSync(page, 'utf8');
    expect(once).toContain('| The installer (a.deb)');
    writeSizes(sizeTable(parts, { name: 'a.deb', sizeBytes: 1024 ** 2 }), 'Here:', page);
    expect(readFileSync(page, 'utf8')).toBe(once);
  });
});

describe('the fuses', () => {
  it('shut the ways into the program from outside', () => {
    const fuses = fuseSettings();
    const off = [
      'RunAsNode',
      'EnableNodeOptionsEnvironmentVariable',
      'EnableNodeCliInspectArguments',
      'GrantFileProtocolExtraPrivileges',
    ];
    const on = ['EnableCookieEncryption', 'EnableEmbeddedAsarIntegrityValidation', 'OnlyLoadAppFromAsar'];
    expect(off.map((name) => fuses[FuseV1Options[name]])).toEqual(off.map(() => false));
    expect(on.map((name) => fuses[FuseV1Options[name]])).toEqual(on.map(() => true));
  });

  it('leave the inspector to tests only where that was asked for', () => {
    expect(fuseSettings(true)[FuseV1Options.EnableNodeCliInspectArguments]).toBe(true);
    expect(fuseSettings(true)[FuseV1Options.RunAsNode]).toBe(false);
  });

  it('are set in the program of each system', () => {
    const packed = (electronPlatformName) => ({
      appOutDir: 'dist',
      electronPlatformName,
      productFilename: 'Atelier',
      executableName: 'atelier',
    });
    expect(['linux', 'win32', 'darwin'].map((system) => packedProgram(packed(system)))).toEqual([
      join('dist', 'atelier'),
      join('dist', 'Atelier.exe'),
      join('dist', 'Atelier.app'),
    ]);
    expect(packedResources(packed('darwin'))).toBe(join('dist', 'Atelier.app', 'Contents', 'Resources'));
    expect(packedResources(packed('win32'))).toBe(join('dist', 'resources'));
  });
});

describe.skipIf(process.platform === 'win32')('the command of the Debian package (needs sh)', () => {
  /** Runs it as root or not, in a folder of commands of our own, where `exec` finds a program that repeats its words. */
  function start(uid, ...words) {
    const folder = mkdtempSync(join(tmpdir(), 'atelier-launcher-'));
    const program = join(folder, 'program');
    writeFileSync(join(folder, 'id'), `#!/bin/sh\necho ${uid}\n`, { mode: 0o755 });
    writeFileSync(program, '#!/bin/sh\nprintf "%s|" "$@"\n', { mode: 0o755 });
    const script = launcher().replace('/opt/Atelier/atelier', program);
    return spawnSync('/bin/sh', ['-c', script, 'atelier', ...words], { encoding: 'utf8', env: { PATH: folder } });
  }

  it('says to root why it does not start', () => {
    const { status, stderr, stdout } = start(0, '/tmp/bundle');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('You are root');
  });

  it('starts the program with the words that it was given', () => {
    expect(start(1000, '/tmp/my bundle').stdout).toBe('/tmp/my bundle|');
    expect(start(0, '--no-sandbox', '/tmp/bundle').stdout).toBe('--no-sandbox|/tmp/bundle|');
  });
});
