/** @file SQLite's native part: taken from the cache, or built by the package's own install script. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { restore, store } from './cache.mjs';
import { lastLines, npmCommand, run } from '../command.mjs';
import { aptInstall, aptSentence, canApt, which } from './debian.mjs';
import { fingerprint, readNote, writeNote } from './notes.mjs';
import { cacheFolder, nodeHeaders, readPackageJson, ROOT, SQLITE } from '../places.mjs';
import { part, SetupError } from '../say.mjs';

const FILE = join('build', 'Release', 'node_sqlite3.node');
const BUILD_MS = 20 * 60_000;
const CHECK = `const s=require(process.argv[1]);const d=new s.Database(':memory:');
d.get('select sqlite_version() v',(e,r)=>{if(e)throw e;console.log(r.v)})`;

async function loads() {
  const result = await run(process.execPath, ['-e', CHECK, SQLITE], { timeoutMs: 60_000 });
  return result.code === 0 ? result.output.trim() : null;
}

/** Compiler and make, which every addon needs. Installed with apt if permitted; otherwise the user is told. */
export async function ensureCompiler(purpose) {
  if (process.platform !== 'linux') return;
  if (['g++', 'make', 'python3'].every((program) => which(program) !== null)) return;
  const packages = ['g++', 'make', 'python3'];
  if (!canApt()) throw new SetupError(`${purpose} needs a C++ compiler, make and Python 3.`, aptSentence(packages));
  await aptInstall(purpose, packages);
}

async function build() {
  await ensureCompiler('SQLite');
  const [command, first] = npmCommand();
  const headers = nodeHeaders();
  const result = await run(command, [...first, 'rebuild', 'sqlite3', '--foreground-scripts'], {
    cwd: ROOT,
    timeoutMs: BUILD_MS,
    env: headers === null ? {} : { npm_config_nodedir: headers },
  });
  const version = result.code === 0 ? await loads() : null;
  if (version === null) {
    throw new SetupError(
      `The native part of SQLite could not be built:\n${lastLines(result.output, 12)}`,
      `${aptSentence(['g++', 'make', 'python3', 'libnode-dev'])} Then give the same command again.`,
    );
  }
  return version;
}

/** Ensures that `require('sqlite3')` works in this clone. */
export async function ensureSqlite() {
  const file = join(SQLITE, FILE);
  if (readNote('sqlite')?.fingerprint === fingerprint([file])) return;
  let version = await loads();
  if (version === null) {
    const { version: packageVersion } = readPackageJson(SQLITE);
    const key = `sqlite3-${packageVersion}-${process.platform}-${process.arch}-napi${process.versions.napi}`;
    const folder = cacheFolder();
    if (await restore({ folder, key, target: SQLITE })) version = await loads();
    if (version === null) {
      rmSync(join(SQLITE, 'build'), { recursive: true, force: true });
      version = await part('SQLite (builds from source, one to three minutes)', build, (v) => `version ${v}`);
      await store({ folder, key, source: SQLITE, files: [FILE], note: { version } });
    } else {
      await part(
        'SQLite',
        async () => version,
        (v) => `version ${v}, from the cache`,
      );
    }
  }
  writeNote('sqlite', { version, fingerprint: fingerprint([file]) });
}
