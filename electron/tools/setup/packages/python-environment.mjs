/**
 * @file A Python environment under .cache/ for the external checks, created and filled when first needed. If Python or
 * its packages are unavailable, the check says so and exits with status 0: skipped is not passed, and the text says
 * which it was.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Runs a program to completion; returns its output, or the error text if it fails. */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: MAX_OUTPUT_BYTES,
    ...options,
  });
  if (result.status === 0) return { ok: true, text: result.stdout };
  const text = [result.stdout, result.stderr, result.error?.message].filter(Boolean).join('\n').trim();
  return { ok: false, text: text === '' ? `${program} ended with status ${result.status}` : text };
}

/** Says that nothing was checked, and why; ends the process with status 0. */
export function skip(what, reason) {
  console.log(`SKIPPED: ${what}\n${reason}`);
  process.exit(0);
}

/** The text of a requirements file, with the files that it names by `-r` in their place. */
function requirementsText(path) {
  const text = readFileSync(path, 'utf8');
  return text.replaceAll(/^-r (.+)$/gm, (_, name) => requirementsText(join(dirname(path), name.trim())));
}

/**
 * The Python of the environment `name`, with the packages of the file `requirements`. `what` names what goes unchecked
 * without it.
 */
export function preparePython(name, requirements, what) {
  const environment = join(root, '.cache', name);
  const python = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const stamp = join(environment, 'installed-requirements.txt');
  const wanted = requirementsText(requirements);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  console.log(`Preparing the Python environment in ${environment} …`);
  mkdirSync(dirname(environment), { recursive: true });
  const made = run(process.platform === 'win32' ? 'py' : 'python3', ['-m', 'venv', '--clear', environment]);
  if (!made.ok) skip(what, `A Python environment could not be made (Debian: apt install python3-venv).\n${made.text}`);
  const installed = run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  if (!installed.ok) skip(what, `pip could not install ${requirements}.\n${installed.text}`);
  writeFileSync(stamp, wanted);
  return python;
}
