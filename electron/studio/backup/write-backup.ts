/**
 * @file Writes a backup: one zip archive with a copy of the database, the images and checkpoints that it names, and the
 * preferences. It can be made while Atelier works. The database is copied first; images are stored before the database
 * names them and checkpoints before it records them, so everything that the copy names exists.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { BackupProblem, BackupReport, BackupRequest } from '../../contract/model/backup.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { checkpointHashOf } from '../../formats/checkpoint.ts';
import { syncFolder, writeError } from '../../formats/files.ts';
import { partsBelow, readCopy } from '../../store/backup/store-copy.ts';
import { DATABASE_FILE } from '../../store/connection/database-file.ts';
import type { Store } from '../../store/connection/open.ts';
import { makeTemporary, removeTemporary } from '../../formats/temporary-folder.ts';
import { noteUnfinished, partialFolder } from '../exports/build/unfinished.ts';
import { MANIFEST_FILE, type Manifest } from './manifest.ts';

type FileEntry = Manifest['files'][number];

export interface BackupSource {
  home: string;
  store: Pick<Store, 'copyTo' | 'blobs'>;
  resourcesDir: string;
  version: string;
}

/**
 * Writes the backup under another name and renames it when it is complete.
 * @throws AtelierError CONFLICT if the file exists, DISK_FULL, CANCELLED; nothing is left behind then
 */
export async function writeBackup(
  source: BackupSource,
  { path, signingKey }: BackupRequest,
  signal?: AbortSignal,
): Promise<BackupReport> {
  if ((await stat(path).catch(() => null)) !== null) {
    throw new AtelierError('CONFLICT', `${path} exists already. No backup was made.`, {
      place: { file: path },
      remedy: 'Choose another name, or move the file away.',
    });
  }
  const scratch = await makeTemporary('backup');
  const aside = partialFolder(path);
  // If this process is killed, the next start removes the half-written file.
  const note = await noteUnfinished(source.home, aside);
  try {
    const copy = join(scratch, DATABASE_FILE);
    await source.store.copyTo(copy);
    const manifest = await writeArchive(source, { copy, aside, signingKey }, signal);
    await rename(aside, path);
    await syncFolder(dirname(path));
    const { createdAt, files, problems, modelsElsewhere } = manifest;
    const { size: sizeBytes } = await stat(path);
    return {
      path,
      createdAt,
      files: files.length,
      sizeBytes,
      signingKey: manifest.signingKey,
      problems,
      modelsElsewhere,
    };
  } catch (cause) {
    if (signal?.aborted === true) throw new AtelierError('CANCELLED', 'The backup was cancelled. No file was written.');
    throw writeError(path, cause);
  } finally {
    await rm(aside, { force: true });
    await note.forget();
    await removeTemporary(scratch);
  }
}

async function writeArchive(
  { home, store, resourcesDir, version }: BackupSource,
  { copy, aside, signingKey }: { copy: string; aside: string; signingKey: boolean },
  signal?: AbortSignal,
): Promise<Manifest> {
  const contents = await readCopy(copy);
  const archive = new Archive(aside, signal);
  const problems: BackupProblem[] = [];
  try {
    await archive.add(copy, DATABASE_FILE);
    await archive.addIfThere(join(home, 'preferences.json'), 'preferences.json');
    for (const sha256 of contents.images) {
      const path = store.blobs.pathOf(sha256);
      const added = await archive.addIfThere(path, `blobs/${sha256.slice(0, 2)}/${sha256.slice(2)}`);
      if (added === null) problems.push({ path, reason: 'The image is missing.' });
      else if (added.sha256 !== sha256) {
        archive.forget(added);
        problems.push({ path, reason: 'The image is damaged: its bytes are not the ones that were imported.' });
      }
    }
    for (const checkpoint of contents.checkpoints) {
      const parts = partsBelow(home, checkpoint.path);
      const added = parts === null ? [] : await archive.addFolder(checkpoint.path, parts.join('/'));
      if (folderHash(added) !== checkpoint.sha256)
        problems.push({
          path: checkpoint.path,
          reason: 'The checkpoint is missing, or not the one that the run wrote.',
        });
    }
    const keys = signingKey ? await archive.addFolder(join(home, 'keys'), 'keys') : [];
    const manifest: Manifest = {
      format: 'atelier-backup',
      version: 1,
      createdAt: new Date().toISOString(),
      atelier: version,
      storeVersion: contents.storeVersion,
      home,
      resources: resourcesDir,
      signingKey: keys.length > 0,
      files: archive.files,
      problems,
      modelsElsewhere: contents.models.filter(({ starter }) => !starter).map(({ name, path }) => ({ name, path })),
    };
    await archive.finish(manifest);
    return manifest;
  } catch (error) {
    await archive.abandon();
    throw error;
  }
}

/** The hash that the store records of a checkpoint's folder; see `folderSha256`. */
function folderHash(files: readonly FileEntry[]): string {
  const direct = files.map(({ path, sha256 }) => ({ name: basename(path), sha256 }));
  return checkpointHashOf(direct.sort((one, other) => (one.name < other.name ? -1 : 1)));
}

/** A zip archive that is written entry by entry, hashing each file on its way. */
class Archive {
  readonly #zip = new ZipFile();
  readonly #written: Promise<void>;
  readonly #signal: AbortSignal | undefined;
  #failure: Error | undefined;
  #files: FileEntry[] = [];
  readonly #aside: string;

  constructor(aside: string, signal: AbortSignal | undefined) {
    this.#aside = aside;
    this.#signal = signal;
    const options = { flags: 'wx', mode: 0o600 };
    this.#written = pipeline(this.#zip.outputStream, createWriteStream(aside, options), { signal });
    this.#written.catch((error: unknown) => {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    });
  }

  get files(): FileEntry[] {
    return this.#files;
  }

  /** Leaves a file out of the manifest; its bytes stay in the archive and are never restored. */
  forget(entry: FileEntry): void {
    this.#files = this.#files.filter((file) => file !== entry);
  }

  async addIfThere(file: string, path: string): Promise<FileEntry | null> {
    const found = await stat(file).catch(() => null);
    return found?.isFile() === true ? await this.add(file, path) : null;
  }

  async addFolder(folder: string, path: string): Promise<FileEntry[]> {
    const added: FileEntry[] = [];
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isFile() || entry.name.startsWith('.')) continue;
      added.push(await this.add(join(folder, entry.name), `${path}/${entry.name}`));
    }
    return added;
  }

  async add(file: string, path: string): Promise<FileEntry> {
    this.#signal?.throwIfAborted();
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const hashed = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        done(null, chunk);
      },
    });
    // Images and weights do not shrink; a database does.
    this.#zip.addReadStream(hashed, path, { compress: path === DATABASE_FILE, mode: 0o100600 });
    const output = new Promise<never>((_resolve, reject) => void this.#written.catch(reject));
    output.catch(() => undefined);
    await Promise.race([pipeline(createReadStream(file), hashed), output]);
    const entry = { path, sizeBytes, sha256: hash.digest('hex') };
    this.#files.push(entry);
    return entry;
  }

  async finish(manifest: Manifest): Promise<void> {
    this.#zip.addBuffer(Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`), MANIFEST_FILE);
    this.#zip.end();
    await this.#written;
    const handle = await open(this.#aside, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async abandon(): Promise<void> {
    if (this.#failure === undefined) (this.#zip.outputStream as unknown as { destroy(): void }).destroy();
    await this.#written.catch(() => undefined);
  }
}
