/**
 * @file System packages: installed with apt if we are root on Debian or Ubuntu, else named in a message to the user.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { lastLines, run } from '../command.mjs';
import { part, SetupError } from '../say.mjs';

const LIST_MS = 5 * 60_000;
const INSTALL_MS = 20 * 60_000;

/** The full path of a program on the PATH, or null. */
export function which(program, env = process.env) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, program + ending);
      if (folder && existsSync(path)) return path;
    }
  }
  return null;
}

/** True if `apt-get install` can run without asking anyone. */
export function canApt() {
  return process.platform === 'linux' && process.getuid?.() === 0 && which('apt-get') !== null;
}

/** The sentence that tells the user how to install packages. */
export function aptSentence(packages) {
  return `Install ${packages.join(', ')} (on Debian or Ubuntu: sudo apt-get install ${packages.join(' ')}).`;
}

/**
 * Installs Debian packages as root. Waits if another apt is running.
 * @param {string} purpose what they are for, in a few words
 * @param {string[]} packages
 */
export async function aptInstall(purpose, packages) {
  const options = ['-o', 'DPkg::Lock::Timeout=600', '-o', 'Acquire::Retries=2', '-y', '-q'];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await part(`${purpose}: installing ${packages.join(', ')} by apt`, async () => {
    const install = () =>
      run('apt-get', [...options, 'install', '--no-install-recommends', ...packages], { env, timeoutMs: INSTALL_MS });
    let result = await install();
    if (result.code !== 0) {
      // A fresh machine has no package lists yet.
      await run('apt-get', [...options, 'update'], { env, timeoutMs: LIST_MS });
      result = await install();
    }
    if (result.code !== 0) {
      throw new SetupError(
        `apt-get could not install ${packages.join(', ')}:\n${lastLines(result.output)}`,
        `Look at the lines above; then: apt-get update && apt-get install ${packages.join(' ')}`,
      );
    }
  });
}
