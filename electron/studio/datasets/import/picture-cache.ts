/**
 * @file What was read from pictures lately, by their SHA-256: an import that follows its dry run, or one that was cut
 * off, need not decode them again. It is a convenience and never the truth: it may be deleted at any time, is not used
 * after a day, and where it cannot be written nothing is lost but time.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openDatabase, type Database } from '../../../store/connection/connection.ts';
import type { Picture } from './staging.ts';

const KEPT_MS = 24 * 60 * 60 * 1000;
/** Raised when what is read from a picture changes. */
const FORM = 1;

export type PictureCache = {
  get(sha256s: string): Promise<Picture | undefined>;
  put(pictures: readonly Picture[]): Promise<void>;
  close(): Promise<void>;
};

const NONE: PictureCache = {
  get: () => Promise.resolve(undefined),
  put: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** @param home the data folder; absent = nothing is remembered */
export async function openPictureCache(home: string | undefined): Promise<PictureCache> {
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
        return row === undefined ? undefined : revived(row.picture_json);
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
        // Full disk, another process: the picture will be read again.
      }
    },
    async close() {
      await db.close().catch(() => undefined);
    },
  };
}

function revived(json: string): Picture {
  const kept = JSON.parse(json) as Omit<Picture, 'look'> & { look: Omit<Picture['look'], 'tones'> & { tones: string } };
  return { ...kept, look: { ...kept.look, tones: Buffer.from(kept.look.tones, 'hex') } };
}
