/** @file A job folder's samples as Parquet, each with its image's original bytes, in the layout of Hugging Face datasets. */
import { readFile } from 'node:fs/promises';
import { ByteWriter, parquetWriteRows } from 'hyparquet-writer';
import type { Sample } from '../../contract/model/datasets.ts';
import type { DatasetId } from '../../contract/model/primitives.ts';
import type { Store } from '../../store/connection/open.ts';

/** Images are held in memory a row group at a time. */
const ROWS_PER_GROUP = 32;

const text = (name: string) =>
  ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' }) as const;
const optional = (name: string) => ({ ...text(name), repetition_type: 'OPTIONAL' }) as const;

/** `image` is what datasets' `Image` feature reads: the bytes, and a path that is not used. */
const SCHEMA = [
  text('id'),
  { name: 'image', num_children: 2, repetition_type: 'REQUIRED' },
  { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'REQUIRED' },
  optional('path'),
  text('image_sha256'),
  { name: 'upright', type: 'BOOLEAN', repetition_type: 'REQUIRED' },
  text('prompt'),
  text('answer'),
  text('task'),
  optional('licence'),
  text('authors'),
] as const;

/** Of a mixture: the place of the sample's dataset in it. */
const PART = { name: 'part', type: 'INT32', repetition_type: 'REQUIRED' } as const;

const COLUMNS = ['id', 'image', 'image_sha256', 'upright', 'prompt', 'answer', 'task', 'licence', 'authors'];

/**
 * Writes the samples in order, with whole row groups going to `put` as they are finished.
 * @param mixture the datasets, if there are several
 * @param upright whether the pictures are turned as their EXIF orientation says
 * @param onRow called after each sample; throws to give up
 * @throws AtelierError NOT_FOUND or VERIFICATION_FAILED for an image that is missing or damaged
 */
export async function writeSamples(
  blobs: Pick<Store['blobs'], 'getWhole'>,
  { samples, mixture }: { samples: readonly Sample[]; mixture?: readonly { datasetId: DatasetId }[] | undefined },
  upright: boolean,
  put: (bytes: Uint8Array) => Promise<void>,
  onRow: () => void,
): Promise<void> {
  const parts = new Map(mixture?.map(({ datasetId }, part) => [datasetId, part]));
  const isMixed = mixture !== undefined;
  async function* rows(): AsyncGenerator<Record<string, unknown>> {
    for (const { id, imageSha256, prompt, answer, task, licence, authors, datasetId } of samples) {
      const bytes = new Uint8Array(await readFile(await blobs.getWhole(imageSha256)));
      yield {
        id,
        image: { bytes, path: null },
        image_sha256: imageSha256,
        upright,
        prompt,
        answer,
        task,
        licence,
        authors: authors.join('; '),
        ...(isMixed ? { part: parts.get(datasetId) } : {}),
      };
      onRow();
    }
  }
  const writer = new PieceWriter(put);
  await parquetWriteRows({
    writer,
    rows: rows(),
    // Nothing here repeats, so a dictionary would only take time.
    columns: [...COLUMNS, ...(isMixed ? [PART.name] : [])].map((name) => ({ name, encoding: 'PLAIN' as const })),
    schema: [{ name: 'root', num_children: COLUMNS.length + (isMixed ? 1 : 0) }, ...SCHEMA, ...(isMixed ? [PART] : [])],
    rowGroupSize: ROWS_PER_GROUP,
    // Images are compressed already, and bounds of bytes say nothing.
    codec: 'UNCOMPRESSED',
    statistics: false,
  });
  // The directory of the file, which comes after the last row group.
  await writer.flush();
}

/** Hands on what is written whenever a row group is finished. */
class PieceWriter extends ByteWriter {
  readonly #put: (bytes: Uint8Array) => Promise<void>;

  constructor(put: (bytes: Uint8Array) => Promise<void>) {
    super();
    this.#put = put;
  }

  async flush(): Promise<void> {
    const piece = new Uint8Array(this.buffer.slice(0, this.index));
    this.index = 0;
    await this.#put(piece);
  }
}
