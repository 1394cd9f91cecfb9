/**
 * @file The Debian package: the packaged folder under /opt, a command, a menu entry with its icon, and the type of a bundle's
 * signature. Made by `dpkg-deb` alone; it has no scripts that run at installation (docs/decisions/0011).
 */
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { lastLines, run } from '../command.mjs';
import { aptSentence, which } from '../packages/debian.mjs';
import { ROOT } from '../places.mjs';
import { part, SetupError } from '../say.mjs';

const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };
const MIME_TYPE = 'application/vnd.atelier.bundle-signature';
const BUILD_MS = 20 * 60_000;

/** What Electron and TensorFlow need from the system; the second name of each pair is the one since Ubuntu 24.04. */
export const DEPENDS = [
  'libc6',
  'libstdc++6',
  'libgtk-3-0 | libgtk-3-0t64',
  'libnss3',
  'libasound2 | libasound2t64',
  'libgbm1',
  'libxss1',
  'libxtst6',
  'xdg-utils',
];

/** True if this machine can make the package. */
export function canMakeDebianPackage() {
  return process.platform === 'linux' && which('dpkg-deb') !== null;
}

/** @param {{ version: string, arch: string, installedKib: number, isPinned: boolean }} about */
export function controlFile({ version, arch, installedKib, isPinned }) {
  const test = isPinned
    ? ''
    : '\n .\n FOR TESTS ONLY: this package contains an Electron that is not the published one.';
  return `Package: atelier
Version: ${version}
Section: graphics
Priority: optional
Architecture: ${ARCHITECTURES[arch] ?? arch}
Maintainer: The Atelier authors <atelier@localhost>
Installed-Size: ${installedKib}
Depends: ${DEPENDS.join(', ')}
Recommends: libsecret-1-0
Description: Teach a vision-language model to read your pictures
 An offline studio for fine-tuning a vision-language model on your own images,
 with a record of origin that anyone can check. Node, TensorFlow, SQLite and
 the image decoder are inside: it needs no compiler, no Python and no network.${test}
`;
}

/** @param {{ linux: { category: string, synopsis: string } }} configuration */
export function desktopEntry({ linux }) {
  return `[Desktop Entry]
Type=Application
Name=Atelier
Comment=${linux.synopsis}
Exec=/opt/Atelier/atelier %U
Icon=atelier
Terminal=false
Categories=${linux.category};
MimeType=${MIME_TYPE};
StartupWMClass=Atelier
`;
}

/** The signature in a bundle, by its whole name: other files that end in `.sig` belong to other programs. */
export function mimeTypes() {
  return `<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="${MIME_TYPE}">
    <comment>Signature of an exported bundle</comment>
    <glob pattern="model.sig" weight="80"/>
  </mime-type>
</mime-info>
`;
}

const LAUNCHER = join('usr', 'bin', 'atelier');

/** The command `atelier`. Chromium ends for root before any code of ours runs, with a line that helps nobody. */
export function launcher() {
  return `#!/bin/sh
if [ "$(id -u)" = 0 ]; then
  case " $* " in
    *" --no-sandbox "*) ;;
    *)
      echo "You are root, and Chromium's sandbox does not work for root." >&2
      echo "Start Atelier as an ordinary user. In a container that you throw away: atelier --no-sandbox" >&2
      exit 1
      ;;
  esac
fi
exec /opt/Atelier/atelier "$@"
`;
}

/** Files that may be run; everything else of the folder may only be read. */
const PROGRAMS = /^(atelier|chrome_crashpad_handler|resources\/node\/node)$/;

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The same rights for everyone, whatever the mask of the person who packages. */
async function setRights(root, app) {
  await chmod(root, 0o755);
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, PROGRAMS.test(relative(app, path)) ? 0o755 : 0o644);
  }
  // Chromium's sandbox for systems whose kernel gives ordinary users no namespaces. It belongs to root in the package.
  await chmod(join(app, 'chrome-sandbox'), 0o4755);
}

/**
 * Makes the Debian package of a packaged folder.
 * @param {{ folder: string, output: string, version: string, arch: string, isPinned: boolean, configuration: object,
 *   copyright: string, icon: string, date: string }} options `date` in seconds since 1970, for equal bytes from equal files
 * @returns {Promise<string>} the package's path
 */
export async function makeDebianPackage(options) {
  const { folder, output, version, arch, isPinned, configuration, date } = options;
  if (!canMakeDebianPackage()) throw new SetupError('dpkg-deb is not here.', aptSentence(['dpkg']));
  const name = `atelier_${version}_${ARCHITECTURES[arch] ?? arch}${isPinned ? '' : '_test-electron'}.deb`;
  await mkdir(join(ROOT, '.cache'), { recursive: true });
  const root = await mkdtemp(join(ROOT, '.cache', 'deb-'));
  try {
    const app = join(root, 'opt', 'Atelier');
    await mkdir(dirname(app), { recursive: true });
    // Hard links instead of a gigabyte of copies: both lie in this clone.
    const linked = await run('cp', ['-al', folder, app], { timeoutMs: BUILD_MS });
    if (linked.code !== 0)
      throw new SetupError(`cp could not link ${folder}: ${lastLines(linked.output)}`, 'Make room.');
    const write = async (path, text) => {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    };
    await write('usr/share/applications/atelier.desktop', desktopEntry(configuration));
    await write('usr/share/mime/packages/atelier.xml', mimeTypes());
    await write('usr/share/doc/atelier/copyright', options.copyright);
    const icons = join(root, 'usr', 'share', 'icons', 'hicolor', '1024x1024', 'apps');
    await mkdir(icons, { recursive: true });
    await copyFile(options.icon, join(icons, 'atelier.png'));
    await mkdir(join(root, 'usr', 'bin'), { recursive: true });
    await writeFile(join(root, LAUNCHER), launcher());
    const sizeBytes = filesOf(root).reduce((sum, file) => sum + lstatSync(file).size, 0);
    await setRights(root, app);
    await chmod(join(root, LAUNCHER), 0o755);
    await write('DEBIAN/control', controlFile({ version, arch, isPinned, installedKib: Math.ceil(sizeBytes / 1024) }));
    const deb = join(output, name);
    await rm(deb, { force: true });
    await part(
      'Debian package',
      async () => {
        const { code, output: said } = await run(
          'dpkg-deb',
          ['--root-owner-group', '-Zzstd', '-z3', '--build', root, deb],
          { timeoutMs: BUILD_MS, env: { SOURCE_DATE_EPOCH: date } },
        );
        if (code !== 0)
          throw new SetupError(`dpkg-deb could not build ${deb}: ${lastLines(said)}`, 'See the lines above.');
      },
      () => `${(statSync(deb).size / 1024 ** 2).toFixed(0)} MiB`,
    );
    return deb;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
