/** @file SQLite's native part: taken from the cache, or compiled from the source in the package. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { restore, store } from './cache.mjs';
import { run } from '../command.mjs';
import { compileAddon } from './compile-addon.mjs';
import { fingerprint, readNote, writeNote } from './notes.mjs';
import { cacheFolder, napiVersion, readPackageJson, SQLITE } from '../places.mjs';
import { part, SetupError } from '../say.mjs';

const FILE = join('build', 'Release', 'node_sqlite3.node');
const CHECK = `const s=require(process.argv[1]);const d=new s.Database(':memory:');
d.get('select sqlite_version() v',(e,r)=>{if(e)throw e;console.log(r.v)})`;

async function loads() {
  const result = await run(process.execPath, ['-e', CHECK, SQLITE], { timeoutMs: 60_000 });
  return result.code === 0 ? result.output.trim() : null;
}

async function build() {
  // Not the package's own install script: it would first fetch a binary that nothing here could check.
  const napi = napiVersion(readPackageJson(SQLITE).binary.napi_versions);
  await compileAddon('SQLite', SQLITE, [`--napi_build_version=${napi}`]);
  const version = await loads();
  if (version === null) {
    throw new SetupError(
      'The native part of SQLite was compiled but does not load.',
      'Delete node_modules and give the same command again.',
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
