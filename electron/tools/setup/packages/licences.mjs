/**
 * @file Collects the licences of everything that ships: `npm run licences` writes resources/licences.json, which the
 * About page shows. Reads package-lock.json and the installed packages only.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const FILE = join(ROOT, 'resources', 'licences.json');
/** Folders whose code ends up in the program; their imports show which development packages are bundled into it. */
const SHIPPED = ['electron', 'renderer/src'];
const NOT_SHIPPED = /(?:^|\/)(?:tools|fixtures|testing)\/|\.(?:test|d)\.ts$/;
const VALUE_IMPORT =
  /^\s*(?:import|export)\s+(?!type\b)(?:[^'"]*?\bfrom\s+)?['"]([^.'"][^'"]*)['"]|@import\s+['"]([^.'"][^'"]*)['"]/gm;
/** Electron's package only fetches the program, so what it depends on does not ship. */
const WITHOUT_DEPENDENCIES = new Set(['electron']);

/** Packages whose package.json leaves something out: most of `webgpu` is Dawn. */
const CORRECTED = new Map([['webgpu', 'MIT AND BSD-3-Clause']]);

/** @typedef {{ name: string, version: string, licence: string, text: number }} PackageLicence */

/**
 * The packages that ship, by name and version, with their licences. The result does not depend on the platform: a
 * package that exists for one platform only gets the standard text of its licence.
 * @returns {{ packages: PackageLicence[], texts: string[] }} `text` is an index into `texts`
 */
export function collectLicences() {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const texts = [];
  const packages = new Map();
  for (const path of shippedPaths(lock)) {
    const { version, license, optional } = lock[path];
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const own = optional === true ? '' : ownText(join(ROOT, path));
    // A second copy that only some platforms have says nothing new.
    if (own === '' && packages.has(`${name}@${version}`)) continue;
    const licence = CORRECTED.get(name) ?? license ?? (/^(?:The )?MIT License/i.test(own) ? 'MIT' : 'unknown');
    const text = own || standardText(licence);
    if (!texts.includes(text)) texts.push(text);
    packages.set(`${name}@${version}`, { name, version, licence, text: texts.indexOf(text) });
  }
  const sorted = [...packages.values()].sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
  return { packages: sorted, texts };
}

/** Keys of package-lock.json for what is installed with the program or bundled into it. */
function shippedPaths(lock) {
  const found = new Set(Object.keys(lock).filter((path) => path !== '' && isInstalledByUsers(lock[path])));
  for (const name of bundledPackages()) addWithDependencies(`node_modules/${name}`);
  return [...found].sort(compare);

  function addWithDependencies(path) {
    if (lock[path] === undefined || found.has(path)) return;
    found.add(path);
    if (WITHOUT_DEPENDENCIES.has(path.replace('node_modules/', ''))) return;
    for (const name of Object.keys(lock[path].dependencies ?? {})) addWithDependencies(resolveFrom(lock, path, name));
  }
}

function isInstalledByUsers({ dev, devOptional }) {
  return dev !== true && devOptional !== true;
}

/** Where Node finds `name` when the package at `path` asks for it. */
function resolveFrom(lock, path, name) {
  for (let folder = path; folder !== ''; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (lock[`${folder}/node_modules/${name}`] !== undefined) return `${folder}/node_modules/${name}`;
  }
  return `node_modules/${name}`;
}

/** Names of the packages that shipped code imports as values. */
function bundledPackages() {
  const names = new Set();
  for (const folder of SHIPPED) {
    for (const file of readdirSync(join(ROOT, folder), { recursive: true })) {
      const path = `${folder}/${file.replaceAll('\\', '/')}`;
      if (!/\.(?:ts|svelte|css)$/.test(path) || NOT_SHIPPED.test(path)) continue;
      for (const [, imported, styled] of readFileSync(join(ROOT, path), 'utf8').matchAll(VALUE_IMPORT)) {
        const name = imported ?? styled ?? '';
        if (!name.startsWith('node:'))
          names.add(
            name
              .split('/')
              .slice(0, name.startsWith('@') ? 2 : 1)
              .join('/'),
          );
      }
    }
  }
  return names;
}

/** What a package says itself: its licence files, then its notices. */
function ownText(folder) {
  if (!existsSync(folder)) return '';
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(?:licen[cs]e|copying|notice)/i.test(entry.name))
    .map(({ name }) => name);
  const order = (name) => (/^notice/i.test(name) ? 1 : 0);
  return names
    .sort((a, b) => order(a) - order(b) || compare(a, b))
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim())
    .join('\n\n');
}

/** The texts in the SPDX list for each licence that an expression names. */
function standardText(expression) {
  const list = createRequire(import.meta.url)('spdx-license-list/full');
  const ids = expression.split(/[\s()]+/).filter((word) => list[word] !== undefined);
  return ids.map((id) => list[id].licenseText.trim()).join('\n\n');
}

/** By code unit, so that every machine sorts alike. */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const licences = collectLicences();
  writeFileSync(FILE, `${JSON.stringify(licences, null, 1)}\n`);
  console.log(`${licences.packages.length} packages, ${licences.texts.length} licence texts: resources/licences.json`);
}
