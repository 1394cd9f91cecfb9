/**
 * @file The outside check: `npm run validate:provenance [-- BUNDLE …]`. Bundles are checked by the tools of others in a
 * Python environment under .cache/. Without arguments it makes an adapter and a full-weights bundle first. Where Python
 * or its packages cannot be had, it says so and ends well: skipped is not passed, and the text says which it was.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../../..');
const environment = join(root, '.cache', 'provenance-venv');
const requirements = join(here, 'requirements.txt');

/** Runs a program, its output shown; the error text where it fails. */
function run(program, args, options = {}) {
  const result = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });
  if (result.status === 0) return { ok: true, text: result.stdout };
  const text = [result.stdout, result.stderr, result.error?.message].filter(Boolean).join('\n').trim();
  return { ok: false, text: text === '' ? `${program} ended with status ${result.status}` : text };
}

function skip(reason) {
  console.log(`SKIPPED: the bundles were not checked by outside tools.\n${reason}`);
  process.exit(0);
}

/** The Python of the environment, made and filled where needed. */
function preparePython() {
  const python = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const stamp = join(environment, 'installed-requirements.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  console.log(`Preparing the Python environment in ${environment} …`);
  mkdirSync(dirname(environment), { recursive: true });
  const made = run(process.platform === 'win32' ? 'py' : 'python3', ['-m', 'venv', '--clear', environment]);
  if (!made.ok) skip(`A Python environment could not be made (Debian: apt install python3-venv).\n${made.text}`);
  const installed = run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  if (!installed.ok) skip(`pip could not install ${requirements}.\n${installed.text}`);
  writeFileSync(stamp, wanted);
  return python;
}

const python = preparePython();
const scratch = mkdtempSync(join(tmpdir(), 'atelier-validate-'));
let failed = false;
try {
  let bundles = process.argv.slice(2).map((path) => resolve(path));
  if (bundles.length === 0) {
    const maker = join(root, 'electron/studio/exports/fixtures/make-bundles.ts');
    const made = run(process.execPath, ['--import', 'tsx', maker, scratch], { cwd: root });
    if (!made.ok) throw new Error(`The bundles could not be made.\n${made.text}`);
    bundles = made.text.trim().split('\n');
  }
  for (const bundle of bundles) {
    console.log(bundle);
    const checked = run(python, [join(here, 'check_bundle.py'), bundle]);
    console.log(checked.text.trimEnd());
    failed ||= !checked.ok;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(failed ? 'FAILED: an outside tool refused a bundle.' : 'PASSED: every outside tool accepted the bundles.');
process.exitCode = failed ? 1 : 0;
