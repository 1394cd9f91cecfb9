/**
 * @file A folder that a Debian package is installed into for tests, with a list of installed packages of its own, so that
 * the machine stays as it is.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, lastLines } from '../command.mjs';
import { SetupError } from '../say.mjs';

/** Where dpkg keeps what it knows. */
const DATABASE = join('var', 'lib', 'dpkg');

/**
 * Installs the package as `dpkg --install` does, which is for root only; for others it is unpacked to the same place.
 * The packages that it depends on are those of the machine.
 * @param {string} root an empty folder
 * @param {string} deb
 * @returns {Promise<boolean>} true if it is installed
 */
export async function installInto(root, deb, uid = process.getuid?.()) {
  const isRoot = uid === 0;
  if (isRoot) {
    for (const folder of ['info', 'updates']) await mkdir(join(root, DATABASE, folder), { recursive: true });
    for (const file of ['status', 'available']) await writeFile(join(root, DATABASE, file), '');
  }
  const { code, output } = isRoot
    ? await run('dpkg', [`--root=${root}`, '--force-depends', '--force-unsafe-io', '--install', deb])
    : await run('dpkg-deb', ['--extract', deb, root]);
  if (code !== 0) throw new SetupError(`dpkg could not install ${deb}: ${lastLines(output)}`, 'Make room on the disk.');
  return isRoot;
}
