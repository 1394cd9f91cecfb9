import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FuseV1Options } from '@electron/fuses';
import { describe, expect, it } from 'vitest';
import { configuration } from './electron-builder.config.mjs';
import { fuseSettings, packedProgram } from './fuses.mjs';
import { packageCommand } from './package.mjs';
import { ROOT } from './places.mjs';

describe('the packaged program', () => {
  it('keeps every native part outside the archive', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const unpacked = configuration.asarUnpack.join(' ');
    for (const name of ['@tensorflow/tfjs-node-gpu', 'sqlite3', 'sharp']) {
      expect(dependencies).toHaveProperty([name]);
      expect(unpacked).toContain(`**/node_modules/${name}/**`);
    }
    // sharp's own native part comes as packages of this scope.
    expect(unpacked).toContain('@img');
    expect(configuration.npmRebuild).toBe(false);
  });

  it('leaves no native file of a package that is needed inside the archive', () => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
    const unpacked = configuration.asarUnpack.map((pattern) => pattern.replace('**/', '').replace('**', ''));
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
    expect(native.filter((file) => !unpacked.some((place) => file.startsWith(place)))).toEqual([]);
  });

  it('knows itself by one name, and a bundle by the ending of its signature', () => {
    const source = (name) => readFileSync(join(ROOT, 'electron', 'main', name), 'utf8');
    expect(source('index.ts')).toContain(`APP_ID = '${configuration.appId}'`);
    const [, ending] = /BUNDLE_SIGNATURE = '[^']*\.([^.']+)'/.exec(source('open-bundle.ts')) ?? [];
    expect(configuration.fileAssociations.map(({ ext }) => ext)).toEqual([ending]);
  });

  it('contains what the main process opens, and files that exist', () => {
    const { main } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(configuration.files.some((pattern) => main.startsWith(pattern.replace('**', '')))).toBe(true);
    for (const file of [
      configuration.linux.icon,
      configuration.win.icon,
      configuration.mac.icon,
      configuration.mac.entitlements,
    ]) {
      expect(existsSync(join(ROOT, file)), file).toBe(true);
    }
  });

  it('asks nobody for updates', () => {
    expect(configuration.publish).toBeNull();
    expect(packageCommand(['--linux']).join(' ')).toContain('--publish never --linux');
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect({ ...dependencies, ...devDependencies }).not.toHaveProperty('electron-updater');
  });

  it('is built for Linux, Windows and macOS', () => {
    const { linux, win, mac } = configuration;
    expect([linux.target, win.target, mac.target]).toEqual([['AppImage', 'deb'], ['nsis'], ['dmg']]);
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
    const packed = (electronPlatformName) =>
      packedProgram({ appOutDir: 'dist', electronPlatformName, productFilename: 'Atelier', executableName: 'atelier' });
    expect([packed('linux'), packed('win32'), packed('darwin')]).toEqual([
      join('dist', 'atelier'),
      join('dist', 'Atelier.exe'),
      join('dist', 'Atelier.app'),
    ]);
  });
});
