/** @file Whatever set-up fetches is compared with a hash that this repository holds. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { digestOf, TEST_ELECTRON, testElectronFolder } from './electron/test-electron.mjs';
import { run } from './command.mjs';
import { headersOption } from './packages/compile-addon.mjs';
import { which } from './packages/debian.mjs';
import { ROOT } from './places.mjs';
import { downloadWheels, pinnedWheels } from './tensorflow/tensorflow-wheel.mjs';

const SETUP = join(ROOT, 'electron', 'tools', 'setup');
const folder = () => mkdtempSync(join(tmpdir(), 'atelier-pins-'));

/** The commands that prepare a clone or package it: `npm run setup|test|start|demo` and `npx atelier` begin with one of these. */
const COMMANDS = ['ensure.mjs', 'test.mjs', 'start.mjs', 'atelier.mjs', 'packaging/package.mjs'];

/** Every file that these commands can run. */
function filesOfSetUp() {
  const found = new Set();
  const look = (path) => {
    if (found.has(path)) return;
    found.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, name] of text.matchAll(/(?:from|import\()\s*'(\.[^']+\.mjs)'/g)) look(join(dirname(path), name));
  };
  for (const name of COMMANDS) look(join(SETUP, name));
  return [...found].sort();
}

/** What brings something from elsewhere, however it is spelled. */
const FETCHES =
  /\bfetch\(|\bhttps?:|\bhttps?\.(?:get|request)\(|'-m',\s*'pip'|\bnpmCommand\(\)|'node-gyp'|\baptInstall\(|prebuild|'(?:curl|wget|git)'|'scripts'|install\.js/g;

/**
 * The places that may fetch, and what each compares: a new one belongs here only with a hash in this repository. Packages
 * of the system are the exception; apt compares them with the keys of the distribution.
 */
const PLACES = {
  'electron/test-electron.mjs': ['aptInstall(', 'npmCommand()'], // TEST_ELECTRON.sha256
  'packages/browser.mjs': ['aptInstall('],
  'packages/compile-addon.mjs': ['aptInstall(', 'aptInstall(', "'node-gyp'"], // the headers of this machine
  'packages/debian.mjs': ['aptInstall('], // defines it
  'packages/packages.mjs': ['npmCommand()'], // package-lock.json
  'packaging/builder.mjs': ['npmCommand()'], // packaging/builder/package-lock.json
  'packaging/debian-package.mjs': ['http:'], // the name of a schema; fetches nothing
  'packaging/electron-inside.mjs': ['install.js'], // checksums.json in Electron's own package
  'packaging/package.mjs': ["'git'"], // asks for the time of the newest commit
  'packaging/shipped-node.mjs': ['npmCommand()'], // SHIPPED_NODE
  'tensorflow/tensorflow-wheel.mjs': ["'-m', 'pip'", 'aptInstall(', "'-m', 'pip'"], // asks its version; wheels-*.txt
};

describe('set-up', () => {
  it('fetches only in the places that compare a hash', () => {
    const found = {};
    for (const path of filesOfSetUp()) {
      const code = readFileSync(path, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|^import .*$/gm, '');
      const hits = [...code.matchAll(FETCHES)].map(([text]) => text.replaceAll(/\s+/g, ' '));
      if (hits.length > 0) found[relative(SETUP, path).replaceAll('\\', '/')] = hits.sort();
    }
    const sorted = Object.fromEntries(Object.entries(PLACES).map(([path, hits]) => [path, [...hits].sort()]));
    expect(found).toEqual(sorted);
  });

  it('installs packages that the lock file pins, and runs none of their scripts', () => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
    const unpinned = Object.entries(packages)
      .filter(([path, { link }]) => path !== '' && !link)
      .filter(([, { integrity }]) => !/^sha(?:256|384|512)-/.test(integrity ?? ''))
      .map(([path]) => path);
    expect(unpinned).toEqual([]);
    const code = readFileSync(join(SETUP, 'packages', 'packages.mjs'), 'utf8');
    expect(code).toContain("'ci', '--ignore-scripts'");
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    for (const hook of ['preinstall', 'install', 'postinstall', 'prepare']) expect(scripts).not.toHaveProperty(hook);
  });

  it('compares the Electron of the tests', () => {
    expect(TEST_ELECTRON.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(join(SETUP, 'electron', 'test-electron.mjs'), 'utf8')).toContain('!== TEST_ELECTRON.sha256');
  });

  it('compares the folder of that Electron each time, and keeps none that differs', async () => {
    const target = join(folder(), 'electron-for-tests');
    const put = async () => {
      mkdirSync(join(target, 'locales'), { recursive: true });
      writeFileSync(join(target, 'electron'), 'a program');
      writeFileSync(join(target, 'locales', 'en.pak'), 'words');
    };
    await put();
    const before = await digestOf(target);
    expect(await digestOf(target)).toBe(before);
    writeFileSync(join(target, 'locales', 'en.pak'), 'other words');
    expect(await digestOf(target)).not.toBe(before);
    const make = vi.fn(put);
    await expect(testElectronFolder({ ATELIER_CACHE: 'off' }, target, make)).rejects.toThrow(
      /does not have the digest/,
    );
    expect(make).toHaveBeenCalledOnce();
    expect(existsSync(target)).toBe(false);
  });

  it('compiles against the headers of this machine, and fetches none', async () => {
    const found = { find: () => '/opt/node', apt: () => false };
    expect(await headersOption('SQLite', { ...found, platform: 'linux' })).toEqual(['--nodedir=/opt/node']);
    for (const platform of ['linux', 'darwin'])
      await expect(headersOption('SQLite', { ...found, find: () => null, platform })).rejects.toThrow(/without them/);
  });
});

describe("TensorFlow's wheels", () => {
  afterEach(() => vi.unstubAllEnvs());

  /** Package, version and hashes of each requirement. */
  const read = (flavour) =>
    readFileSync(pinnedWheels(flavour), 'utf8')
      .replaceAll(/^#.*$/gm, '')
      .replaceAll('\\\n', ' ')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const [requirement, ...hashes] = line.trim().split(/\s+/);
        return { requirement, hashes };
      });

  it('are named with version and hash, for processors and for CUDA', () => {
    for (const { requirement, hashes } of [...read('cpu'), ...read('cuda')]) {
      expect(requirement).toMatch(/^[a-z0-9-]+==[0-9.]+$/);
      expect(hashes.length, requirement).toBeGreaterThan(0);
      for (const hash of hashes) expect(hash).toMatch(/^--hash=sha256:[0-9a-f]{64}$/);
    }
    const version = (flavour) => read(flavour)[0].requirement.split('==')[1];
    expect(version('cpu')).toBe(version('cuda'));
    expect(read('cpu').map(({ requirement }) => requirement.split('==')[0])).toEqual(['tensorflow-cpu']);
    expect(read('cuda').map(({ requirement }) => requirement.split('==')[0])).toEqual([
      'tensorflow',
      ...['cublas', 'cuda-cupti', 'cuda-nvcc', 'cuda-nvrtc', 'cuda-runtime', 'cudnn'].map((n) => `nvidia-${n}-cu12`),
      ...['cufft', 'curand', 'cusolver', 'cusparse', 'nccl', 'nvjitlink'].map((n) => `nvidia-${n}-cu12`),
    ]);
  });

  it.skipIf(which('python3') === null)(
    'are refused by pip when they differ (needs python3 with pip)',
    { timeout: 120_000 },
    async (test) => {
      if ((await run('python3', ['-m', 'pip', '--version'])).code !== 0) test.skip();
      const index = folder();
      const wheel = join(index, 'atelier_probe-1.0-py3-none-any.whl');
      const make = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    wheel.writestr('atelier_probe-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: atelier-probe\\nVersion: 1.0\\n')
    wheel.writestr('atelier_probe-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nTag: py3-none-any\\n')
    wheel.writestr('atelier_probe-1.0.dist-info/RECORD', '')`;
      expect((await run('python3', ['-c', make, wheel])).code).toBe(0);
      const sha256 = createHash('sha256').update(readFileSync(wheel)).digest('hex');
      for (const [name, value] of Object.entries({ PIP_NO_INDEX: '1', PIP_FIND_LINKS: index, PIP_EXTRA_INDEX_URL: '' }))
        vi.stubEnv(name, value);
      const download = async (hashes) => {
        const target = join(folder(), 'wheels');
        mkdirSync(target);
        const requirements = join(dirname(target), 'requirements.txt');
        writeFileSync(requirements, `atelier-probe==1.0 ${hashes}\n`);
        return { target, wheels: downloadWheels('python3', requirements, target) };
      };
      const good = await download(`--hash=sha256:${sha256}`);
      expect((await good.wheels).map((path) => relative(good.target, path))).toEqual([relative(index, wheel)]);
      const other = await download(`--hash=sha256:${'0'.repeat(64)}`);
      await expect(other.wheels).rejects.toThrow(/not the one that Atelier was tested with/);
      expect(readdirSync(other.target).filter((name) => name.endsWith('.whl'))).toEqual([]);
      const unpinned = await download('');
      await expect(unpinned.wheels).rejects.toThrow(/could not download/);
    },
  );
});
