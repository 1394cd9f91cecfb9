/** @file The bill of materials names every package that ships, with the hash that is pinned, and nothing else. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as CDX from '@cyclonedx/cyclonedx-library';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../places.mjs';
import { writeBill } from './sbom.mjs';

describe('the bill of materials', () => {
  let path;
  let bill;
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;

  beforeAll(() => {
    path = writeBill(mkdtempSync(join(tmpdir(), 'atelier-sbom-')));
    bill = JSON.parse(readFileSync(path, 'utf8'));
  });

  it('is valid CycloneDX 1.5, and lies beside the packages under the name of this version', async () => {
    const validator = new CDX.Validation.JsonStrictValidator(CDX.Spec.Version.v1dot5);
    expect(await validator.validate(readFileSync(path, 'utf8'))).toBeNull();
    expect(basename(path)).toBe(`atelier-${lock[''].version}.cdx.json`);
    expect(bill.metadata.component).toMatchObject({ name: 'atelier', type: 'application' });
  });

  it('names each direct dependency with its version, and no tool of the tests', () => {
    const listed = bill.components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`);
    for (const [name, version] of Object.entries(lock[''].dependencies)) expect(listed).toContain(`${name}@${version}`);
    expect(listed.filter((one) => /^(?:vitest|eslint|fast-check)@/.test(one))).toEqual([]);
  });

  it('has the hash of package-lock.json for each package', () => {
    const pinned = new Set(Object.values(lock).flatMap(({ integrity }) => (integrity ? [integrity] : [])));
    for (const { name, hashes = [] } of bill.components) {
      for (const { alg, content } of hashes)
        expect(
          pinned.has(`${alg.toLowerCase().replace('-', '')}-${Buffer.from(content, 'hex').toString('base64')}`),
          name,
        ).toBe(true);
      expect(hashes.length, name).toBeGreaterThan(0);
    }
  });
});
