import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { collectLicences } from './licences.mjs';

const kept = JSON.parse(readFileSync(new URL('../../../../resources/licences.json', import.meta.url), 'utf8'));
const { dependencies } = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'));

it('names what package-lock.json installs today (else run npm run licences)', () => {
  const { packages } = collectLicences();
  const names = (list) => list.map(({ name, version, licence }) => `${name}@${version} ${licence}`);
  expect(names(kept.packages)).toEqual(names(packages));
});

it('has a licence and its text for every package, bundled ones and Electron included', () => {
  for (const { name, licence, text } of kept.packages) {
    expect(licence, name).not.toBe('unknown');
    expect(kept.texts[text]?.length ?? 0, name).toBeGreaterThan(100);
  }
  const names = new Set(kept.packages.map(({ name }) => name));
  const missing = [...Object.keys(dependencies), 'svelte', 'bits-ui', 'uplot', 'electron'].filter(
    (name) => !names.has(name),
  );
  expect(missing).toEqual([]);
});
