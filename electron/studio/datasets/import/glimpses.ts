/**
 * @file Small pictures of what an import would take in, drawn for its preview while the source is still open. They are sent
 * with the report and kept nowhere.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GLIMPSE_PX, type ImportGlimpse } from '../../../contract/model/datasets.ts';
import { makeTemporary, removeTemporary } from '../../../formats/temporary-folder.ts';
import type { Pictures } from '../../../pictures/pictures.ts';
import { mapBounded } from './bounded.ts';
import type { Staging } from './staging.ts';

const AT_ONCE = 2;

/** A picture to draw. */
export type Glimpsed = { group: ImportGlimpse['group']; name: string; sha256: string };

/** Draws the glimpses of one dry run. */
export class Glimpses {
  readonly #most: number;
  readonly #pictures: Partial<Pick<Pictures, 'thumbnail'>>;
  /** Where embedded pictures were put, by hash: only the first of a table, because nobody looks through thousands. */
  readonly #embedded = new Map<string, string>();
  #folder: string | undefined;

  /** @param most of each group; 0 = none at all */
  constructor(most: number, pictures: Partial<Pick<Pictures, 'thumbnail'>>) {
    this.#most = pictures.thumbnail === undefined ? 0 : most;
    this.#pictures = pictures;
  }

  /** Keeps an embedded picture aside while its bytes are in memory. */
  async keep(sha256: string, bytes: Uint8Array): Promise<void> {
    if (this.#embedded.size >= this.#most || this.#embedded.has(sha256)) return;
    this.#folder ??= await makeTemporary('import');
    const path = join(this.#folder, sha256);
    this.#embedded.set(sha256, path);
    await writeFile(path, bytes);
  }

  /** Draws the first of each group; a picture that cannot be drawn is left out. */
  async draw(staging: Staging, wanted: readonly Glimpsed[], upright: boolean): Promise<ImportGlimpse[]> {
    const { thumbnail } = this.#pictures;
    if (this.#most === 0 || thumbnail === undefined) return [];
    const chosen = (['first', 'opted-out', 'alike'] as const).flatMap((group) =>
      wanted.filter((each) => each.group === group).slice(0, this.#most),
    );
    const files = await staging.filesOf(chosen.map(({ sha256 }) => sha256));
    const drawn = await mapBounded(chosen, AT_ONCE, async ({ group, name, sha256 }) => {
      const path = this.#embedded.get(sha256) ?? files.get(sha256);
      const webp = path === undefined ? null : await thumbnail({ path, upright }, GLIMPSE_PX).catch(() => null);
      return webp === null ? [] : [{ group, name, webp: Buffer.from(webp).toString('base64') }];
    });
    return drawn.flat();
  }

  async close(): Promise<void> {
    if (this.#folder !== undefined) await removeTemporary(this.#folder);
  }
}
