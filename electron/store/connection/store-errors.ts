/** @file Turns errors from SQLite and the file system into messages that the user can read. */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';

/** SQLite's shared memory grows in steps of 32 KiB. */
const LEAST_SPACE_BYTES = 64 * 1024;

/** The code of a Node or sqlite3 error ('SQLITE_BUSY', 'ENOSPC', …), if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** True if a store could not be opened because its file is damaged; a backup helps then. */
export function isDamagedStore(error: unknown): boolean {
  return error instanceof AtelierError && ['SQLITE_NOTADB', 'SQLITE_CORRUPT'].includes(errorCode(error.cause) ?? '');
}

/** True if a disk or quota has no space left. */
export function isDiskFull(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT';
}

/** True if the disk that holds `file` has no room for another database page; false if that cannot be determined. */
function hasNoSpace(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize < LEAST_SPACE_BYTES;
  } catch {
    return false;
  }
}

/** The error for a disk that filled up while `file` was being written; nothing of the command is kept. */
export function diskFull(file: string, cause: unknown): AtelierError {
  return new AtelierError('DISK_FULL', `The disk is full: ${file} could not be written. Nothing was changed.`, {
    place: { file },
    remedy: 'Free some space on that disk, or choose another data folder with --home, and try again.',
    cause,
  });
}

/** Maps a file system error that occurred at `file`; returns unexpected errors unchanged. */
export function fileError(error: unknown, file: string): unknown {
  if (error instanceof AtelierError) return error;
  if (isDiskFull(error)) return diskFull(file, error);
  const code = errorCode(error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new AtelierError('BAD_INPUT', `Atelier is not allowed to use ${file}.`, {
      place: { file },
      remedy: 'Check the permissions of that file or folder.',
      cause: error,
    });
  }
  // EIO: the medium failed. ESTALE: a network drive has forgotten the file.
  if (code === 'EIO' || code === 'ESTALE' || code === 'ENXIO') {
    return new AtelierError('INTERNAL', `The disk did not read or write ${file} (${code}).`, {
      place: { file },
      remedy: 'Check the disk and its connection, and try again. The store keeps its last complete state.',
      cause: error,
    });
  }
  return error;
}

/** Like `fileError`, for a folder that could not be created. */
export function folderError(error: unknown, folder: string): unknown {
  const why = {
    ENOTDIR: 'it, or a part of its path, is a file',
    EEXIST: 'it, or a part of its path, is a file',
    ENAMETOOLONG: 'its path, or a part of it, is too long',
    ELOOP: 'its path goes in a circle of links',
    // Where folders exist but none can be created, such as /proc.
    ENOENT: 'no folder can be created there',
    EINVAL: 'no folder can be created there',
    ERR_INVALID_ARG_VALUE: 'its path contains characters that no path can have',
  }[errorCode(error) ?? ''];
  if (why === undefined) return fileError(error, folder);
  return new AtelierError('BAD_INPUT', `${folder.slice(0, 300)} cannot be a folder: ${why}.`, {
    place: { file: folder },
    remedy: 'Name another folder, or move the file aside.',
    cause: error,
  });
}

/**
 * Maps an SQLite error. `storePath` names the store in the message, `sql` the statement that caused a bug, `timeoutMs`
 * how long the statement waited for another process.
 */
export function databaseError(error: unknown, storePath: string, timeoutMs: number, sql: string): Error {
  if (error instanceof AtelierError) return error;
  const place = { file: storePath };
  if (isDiskFull(error)) return diskFull(storePath, error);
  const message = error instanceof Error ? error.message : String(error);
  switch (errorCode(error)) {
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return new AtelierError(
        'CONFLICT',
        `Another Atelier holds the store ${storePath} and did not let go within ${timeoutMs / 1000} seconds. Nothing was changed.`,
        {
          place,
          remedy: 'Wait until the other Atelier has finished what it is writing, or close it, and try again.',
          cause: error,
        },
      );
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return new AtelierError(
        'BAD_INPUT',
        `The file ${storePath} is not an Atelier store, or it is damaged (${message}).`,
        {
          place,
          remedy:
            'Restore a backup (atelier restore FILE --replace), put back a copy from the folder "backups" beside it, or choose another --home.',
          cause: error,
        },
      );
    case 'SQLITE_READONLY':
      return new AtelierError('BAD_INPUT', `The store ${storePath} can only be read, so nothing was changed.`, {
        place,
        remedy: 'Check the permissions of the data folder and its disk, or choose another one with --home.',
        cause: error,
      });
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_PERM':
      return new AtelierError('BAD_INPUT', `The store ${storePath} could not be opened for writing (${message}).`, {
        place,
        remedy: 'Check the permissions of the data folder, or choose another one with --home.',
        cause: error,
      });
    case 'SQLITE_IOERR':
      // SQLite reports a full disk this way if it cannot extend its shared memory.
      if (hasNoSpace(storePath)) return diskFull(storePath, error);
      return new AtelierError('INTERNAL', `The disk did not read or write the store ${storePath} (${message}).`, {
        place,
        remedy: 'Check the disk and its free space; the store keeps its last complete state.',
        cause: error,
      });
    default:
      return new Error(`${message} (in: ${sql.trim().slice(0, 200)})`, { cause: error });
  }
}
