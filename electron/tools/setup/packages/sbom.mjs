/**
 * @file `npm run sbom`: what Atelier itself consists of, as CycloneDX: `dist/atelier-VERSION.cdx.json`, beside the
 * packages that `npm run package` makes. npm writes it, from package-lock.json: every package that ships, with its hash.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, readPackageJson } from '../places.mjs';
import { explain } from '../say.mjs';
import { collectLicences } from './licences.mjs';

const ARGUMENTS = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];

/** The bill of materials as an object. Needs no network. */
export function billOfMaterials() {
  const windows = process.platform === 'win32';
  const text = execFileSync(windows ? 'npm.cmd' : 'npm', ARGUMENTS, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
    shell: windows,
  });
  const bill = JSON.parse(text);
  // npm takes the name from the folder of the clone.
  bill.metadata.component.name = readPackageJson(ROOT).name;
  return withoutTools(bill);
}

/** npm's own `--omit dev` also leaves out packages that ship and that a tool needs too, so our own list decides. */
function withoutTools(bill) {
  const shipped = new Set(collectLicences().packages.map(({ name, version }) => `${name}@${version}`));
  const components = bill.components.filter(({ group, name, version }) =>
    shipped.has(`${group ? `${group}/` : ''}${name}@${version}`),
  );
  const kept = new Set([bill.metadata.component['bom-ref'], ...components.map((component) => component['bom-ref'])]);
  const dependencies = bill.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) }));
  return { ...bill, components, dependencies };
}

/** Writes the bill of materials into `folder`, and returns its path. */
export function writeBill(folder = join(ROOT, 'dist')) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `atelier-${readPackageJson(ROOT).version}.cdx.json`);
  writeFileSync(path, `${JSON.stringify(billOfMaterials(), null, 2)}\n`);
  return path;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(writeBill());
  } catch (error) {
    process.exitCode = explain(error);
  }
}
