/**
 * @file Caches data read from pictures in the last day, by SHA-256, so that an import after its dry run or after an
 * interruption need not decode them again. The cache is never authoritative: you may delete it at any time, and if it
 * cannot be written, only time is lost.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openDatabase, type Database } from '../connection/connection.ts';
import type { Picture } from './staged.ts';

const KEPT_MS = 24 * 60 * 60 * 1000;
/** Raise this when the data read from a picture changes. */
const FORM = 4;

export type PictureCache<Reading> = {
  get(sha256: string): Promise<Picture<Reading> | undefined>;
  put(pictures: readonly Picture<Reading>[]): Promise<void>;
  close(): Promise<void>;
};

const NONE: PictureCache<never> = {
  get: () => Promise.resolve(undefined),
  put: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** Opens the cache in the data folder `home`; without a folder, nothing is cached. */
export async function openPictureCache<Reading>(home: string | undefined): Promise<PictureCache<Reading>> {
  if (home === undefined) return NONE;
  let db: Database;
  try {
    const path = join(home, 'cache', 'pictures.sqlite');
    await mkdir(dirname(path), { recursive: true });
    db = await openDatabase(path);
  } catch {
    return NONE;
  }
  try {
    await db.exec(
      `PRAGMA synchronous = OFF;
       CREATE TABLE IF NOT EXISTS picture (
         sha256 TEXT NOT NULL, form INTEGER NOT NULL, read_at INTEGER NOT NULL, picture_json TEXT NOT NULL, PRIMARY KEY (sha256, form)
       ) STRICT, WITHOUT ROWID;
       CREATE INDEX IF NOT EXISTS picture_by_time ON picture (read_at);`,
    );
    await db.run('DELETE FROM picture WHERE read_at < ? OR form <> ?', [Date.now() - KEPT_MS, FORM]);
  } catch {
    await db.close().catch(() => undefined);
    return NONE;
  }
  return {
    async get(sha256) {
      try {
        const row = await db.get<{ picture_json: string }>(
          'SELECT picture_json FROM picture WHERE sha256 = ? AND form = ? AND read_at >= ?',
          [sha256, FORM, Date.now() - KEPT_MS],
        );
        return row === undefined ? undefined : revived<Reading>(row.picture_json);
      } catch {
        return undefined;
      }
    },
    async put(pictures) {
      if (pictures.length === 0) return;
      const rows = pictures.map((picture) => ({
        sha256: picture.record.sha256,
        json: JSON.stringify({
          ...picture,
          look: { ...picture.look, tones: Buffer.from(picture.look.tones).toString('hex') },
        }),
      }));
      try {
        await db.run(
          `INSERT INTO picture (sha256, form, read_at, picture_json)
           SELECT value ->> 'sha256', ?2, ?3, value ->> 'json' FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
          [JSON.stringify(rows), FORM, Date.now()],
        );
      } catch {
        // The disk is full or another process holds the file; the picture will be read again.
      }
    },
    async close() {
      await db.close().catch(() => undefined);
    },
  };
}

function revived<Reading>(json: string): Picture<Reading> {
  type Kept = Omit<Picture<Reading>, 'look'> & { look: Omit<Picture<Reading>['look'], 'tones'> & { tones: string } };
  const kept = JSON.parse(json) as Kept;
  return { ...kept, look: { ...kept.look, tones: Buffer.from(kept.look.tones, 'hex') } };
}
