/**
 * @file The external check of bundles: `npm run validate:provenance [-- BUNDLE …]`. Checks bundles with third-party
 * tools. Without arguments, it first makes four: an adapter, the same merged into its base, all weights, and one with
 * partly unknown licences.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { preparePython, root, run } from './packages/python-environment.mjs';

const here = join(root, 'electron/provenance/validate');
const python = preparePython(
  'provenance-venv',
  join(here, 'requirements.txt'),
  'the bundles were not checked by outside tools.',
);

/** SPDX's shapes and context as published, which no package includes: a folder you can provide to apply them as well. */
const spdxModel = process.env['ATELIER_SPDX_MODEL'] ?? join(root, '.cache/spdx-3.0.1');

const scratch = mkdtempSync(join(tmpdir(), 'atelier-validate-'));
let failed = false;
try {
  let bundles = process.argv.slice(2).map((path) => resolve(path));
  if (bundles.length === 0) {
    const maker = join(root, 'electron/studio/exports/fixtures/make-bundles.ts');
    const made = run(process.execPath, ['--import', 'tsx', maker, scratch], { cwd: root });
    if (!made.ok) throw new Error(`The bundles could not be made.\n${made.text}`);
    // Each line: the base model's folder, a tab, the bundle.
    bundles = made.text
      .trim()
      .split('\n')
      .map((line) => line.split('\t').at(-1));
  }
  for (const bundle of bundles) {
    console.log(bundle);
    const arguments_ = [join(here, 'check_bundle.py'), bundle, ...(existsSync(spdxModel) ? [spdxModel] : [])];
    const checked = run(python, arguments_);
    console.log(checked.text.trimEnd());
    failed ||= !checked.ok;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(failed ? 'FAILED: an outside tool refused a bundle.' : 'PASSED: every outside tool accepted the bundles.');
process.exitCode = failed ? 1 : 0;
