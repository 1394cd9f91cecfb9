/** @file The npm packages of the clone: checks them against package-lock.json and runs `npm ci` if they differ. */
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, npmCommand, run } from '../command.mjs';
import { MODULES, ROOT } from '../places.mjs';
import { part, SetupError } from '../say.mjs';

const INSTALL_MS = 30 * 60_000;

/**
 * Compares the lock file with the record that npm leaves in node_modules when an install is complete.
 * @param {{ packages: Record<string, any> }} lock package-lock.json
 * @param {{ packages: Record<string, any> } | null} installed node_modules/.package-lock.json
 * @returns {string | null} the first difference, or null if everything matches
 */
export function firstDifference(lock, installed) {
  if (installed === null) return 'no packages are installed yet';
  for (const [path, wanted] of Object.entries(lock.packages)) {
    if (path === '' || wanted.link) continue;
    const found = installed.packages[path];
    // Parts for other platforms are listed in the lock file and left out by npm.
    if (found === undefined && (wanted.optional || wanted.devOptional || wanted.peer)) continue;
    if (found === undefined) return `${path} is missing`;
    if (found.version !== wanted.version) return `${path} is ${found.version}, not ${wanted.version}`;
  }
  return null;
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function whatIsMissing() {
  const lock = readJson(join(ROOT, 'package-lock.json'));
  if (lock === null) {
    throw new SetupError(
      'package-lock.json is missing or cannot be read.',
      'Get it back with: git checkout -- package-lock.json',
    );
  }
  const difference = firstDifference(lock, readJson(join(MODULES, '.package-lock.json')));
  if (difference !== null) return difference;
  const own = readJson(join(ROOT, 'package.json'));
  const lost = Object.keys({ ...own.dependencies, ...own.devDependencies }).find(
    (name) => !existsSync(join(MODULES, name, 'package.json')),
  );
  return lost === undefined ? null : `node_modules/${lost} is missing`;
}

/** Makes `npx atelier` find this clone's command. */
function linkOwnCommand() {
  if (process.platform === 'win32') return;
  const link = join(MODULES, '.bin', 'atelier');
  const target = join('..', '..', 'electron', 'tools', 'setup', 'atelier.mjs');
  chmodSync(join(ROOT, 'electron', 'tools', 'setup', 'atelier.mjs'), 0o755);
  if (existsSync(link)) return;
  mkdirSync(join(MODULES, '.bin'), { recursive: true });
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link);
  symlinkSync(target, link);
}

/** Installs the packages if they are missing or differ from the lock file. Their own scripts do not run. */
export async function ensurePackages() {
  const missing = whatIsMissing();
  if (missing !== null) {
    await part(`Packages (${missing}): npm ci`, async () => {
      const [command, first] = npmCommand();
      const result = await run(command, [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
        cwd: ROOT,
        timeoutMs: INSTALL_MS,
        // Under `npm run`, these would make the inner npm think it is the outer one.
        env: { npm_config_loglevel: 'warn', npm_command: undefined, npm_lifecycle_event: undefined },
      });
      if (result.code !== 0) {
        throw new SetupError(
          `npm could not install the packages:\n${lastLines(result.output)}`,
          result.missing
            ? 'Install npm (it comes with Node).'
            : 'Check that the package registry can be reached and that there is 1 GB free on the disk, then give the command again.',
        );
      }
    });
  }
  linkOwnCommand();
}
