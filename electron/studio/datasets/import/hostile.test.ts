/** @file Malicious or broken files are rejected or made harmless, with the reason, and nothing is half-imported. */
import { createWriteStream } from 'node:fs';
import { appendFile, chmod, cp, mkdir, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32, deflateRawSync, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { ZipFile } from 'yazl';
import { unzip } from '../../../formats/unzip.ts';
import { importDataset, inspectImport } from './import.ts';
import { freshDataFolder, openTestStore } from '../testing/data-folder.ts';
import { goodRows, picture, writeFolder, type Row } from '../testing/pictures.ts';
import { localPictures } from '../../../pictures/work.ts';

/** Runs after each of these tests. */
const on = freshDataFolder(async (store) => {
  expect(await store.datasets.list()).toEqual([]);
  expect(await store.blobs.list()).toEqual([]);
});

async function zipped(fill: (zip: ZipFile) => void | Promise<void>): Promise<string> {
  const zip = new ZipFile();
  await fill(zip);
  zip.end();
  const path = join(on.work, 'archive.zip');
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}

/** A zip with one stored entry of exactly this name, which a careful zip writer would refuse. */
function rawZip(name: string, content: Buffer, attributes = 0): Buffer {
  const body = deflateRawSync(content);
  const fields = (size: number, fill: (buffer: Buffer) => void): Buffer => {
    const buffer = Buffer.alloc(size);
    fill(buffer);
    return buffer;
  };
  const common = (buffer: Buffer, at: number): void => {
    buffer.writeUInt16LE(20, at);
    buffer.writeUInt16LE(8, at + 4);
    buffer.writeUInt32LE(crc32(content), at + 10);
    buffer.writeUInt32LE(body.length, at + 14);
    buffer.writeUInt32LE(content.length, at + 18);
    buffer.writeUInt16LE(Buffer.byteLength(name), at + 22);
  };
  const local = fields(30, (buffer) => {
    buffer.writeUInt32LE(0x04034b50, 0);
    common(buffer, 4);
  });
  const central = fields(46, (buffer) => {
    buffer.writeUInt32LE(0x02014b50, 0);
    buffer.writeUInt16LE(0x0314, 4);
    common(buffer, 6);
    buffer.writeUInt32LE(attributes, 38);
  });
  const start = local.length + Buffer.byteLength(name) + body.length;
  const end = fields(22, (buffer) => {
    buffer.writeUInt32LE(0x06054b50, 0);
    buffer.writeUInt16LE(1, 8);
    buffer.writeUInt16LE(1, 10);
    buffer.writeUInt32LE(central.length + Buffer.byteLength(name), 12);
    buffer.writeUInt32LE(start, 16);
  });
  return Buffer.concat([local, Buffer.from(name), body, central, Buffer.from(name), end]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, check]);
}

/** A PNG of one-bit pixels with this size in its header and these bytes as its image data. */
function png(width: number, height: number, picturePart: Buffer, more: Buffer[] = []): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...more,
    chunk('IDAT', picturePart),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

async function refused(path: string, reason: RegExp): Promise<void> {
  const temporary = join(on.home, 'tmp');
  await mkdir(temporary, { recursive: true });
  vi.stubEnv('TMPDIR', temporary);
  await expect(importDataset(on.store, { path, onProblem: 'skip' })).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringMatching(reason) as string,
  });
  vi.unstubAllEnvs();
  expect(await readdir(temporary)).toEqual([]);
}

describe('archives', () => {
  it('a bomb, by its ratio and by what it would grow to', async () => {
    await refused(
      await zipped((zip) => zip.addBuffer(Buffer.alloc(20_000_000), 'a.png')),
      /would grow to 20000000 bytes/,
    );
    const path = await zipped((zip) => zip.addBuffer(Buffer.alloc(900_000, 'x'), 'a.png'));
    const limits = { entries: 10, totalBytes: 100_000, ratio: 1e9 };
    await expect(unzip(path, join(on.work, 'out'), { limits })).rejects.toThrow('more than 100000 bytes');
    await expect(unzip(path, join(on.work, 'out'), { limits: { ...limits, entries: 0 } })).rejects.toThrow(
      'holds 1 files',
    );
    expect(await readdir(on.work)).toEqual(['archive.zip']);
  });

  it.each(['../evil.png', '/etc/evil.png', 'a/../../evil.png', 'C:\\evil.png', '..\\evil.png'])(
    'a name that leads elsewhere: %s',
    async (name) => {
      const path = join(on.work, 'evil.zip');
      await writeFile(path, rawZip(name, await picture(1)));
      await refused(path, /cannot be read as a zip archive/);
      expect(await readdir(dirname(on.work))).not.toContain('evil.png');
    },
  );

  it('a link, an archive in the archive, and text that is not an archive', async () => {
    const link = join(on.work, 'link.zip');
    await writeFile(link, rawZip('link.png', Buffer.from('/etc/passwd'), (0o120777 << 16) >>> 0));
    await refused(link, /no table and no image/);
    await refused(
      await zipped((zip) => zip.addBuffer(rawZip('a.png', Buffer.from('x')), 'inner.zip')),
      /no table and no image/,
    );
    const text = join(on.work, 'text.zip');
    await writeFile(text, 'PK, but not really');
    await refused(text, /cannot be read as a zip archive/);
  });
});

describe('images', () => {
  /** Six valid rows and one with these bytes. */
  async function withImage(name: string, bytes: Buffer): Promise<string> {
    const { rows, images } = await goodRows(3);
    images[name] = bytes;
    rows.push({ file_name: name, question: 'q?', answer: '9' });
    return await writeFolder(join(on.work, 'pictures'), rows, images);
  }

  it.each<[string, string, () => Buffer | Promise<Buffer>, RegExp]>([
    [
      '60,000 × 60,000 in its header',
      'huge.png',
      () => png(60_000, 60_000, Buffer.alloc(9)),
      /60000 × 60000 pixels, above/,
    ],
    [
      'a real bomb',
      'bomb.png',
      () => png(60_000, 60_000, deflateSync(Buffer.alloc(60_000 * 750))),
      /60000 × 60000 pixels, above/,
    ],
    [
      'an SVG with a script',
      'x.png',
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'),
      /of the format "svg", which is not supported/,
    ],
    [
      'a truncated JPEG',
      'cut.jpg',
      async () =>
        (
          await sharp(await picture(3, 200))
            .jpeg()
            .toBuffer()
        ).subarray(0, 400),
      /not a complete/,
    ],
    ['an empty file', 'empty.png', () => Buffer.alloc(0), /not a complete/],
    ['a PDF', 'doc.png', () => Buffer.from('%PDF-1.7 …'), /of the format "pdf", which is not supported/],
  ])('%s is refused with its reason, the others could be used', async (_, name, bytes, reason) => {
    const report = await inspectImport(
      { pictures: localPictures },
      { path: await withImage(name, await bytes()), onProblem: 'skip' },
    );
    expect(report.problems).toMatchObject([{ row: 4, file: name, reason: expect.stringMatching(reason) as string }]);
    expect(report.rowsUsable).toBe(3);
  });

  it('text that unpacks to a gigabyte inside a PNG is not unpacked to it', { timeout: 120_000 }, async () => {
    const keyword = Buffer.from('XML:com.adobe.xmp\0\x01\0\0\0', 'latin1');
    const bomb = chunk('iTXt', Buffer.concat([keyword, deflateSync(Buffer.alloc(300_000_000, 'x'), { level: 9 })]));
    const before = process.memoryUsage().rss;
    const report = await inspectImport(
      { pictures: localPictures },
      {
        path: await withImage('text.png', png(8, 8, deflateSync(Buffer.alloc(16)), [bomb])),
        onProblem: 'skip',
      },
    );
    expect(report.rowsRead).toBe(4);
    expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000);
  });

  it('malformed XMP is a signal that cannot be read, not a failure', async () => {
    const packet =
      '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description plus:DataMining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"';
    const keyword = Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1');
    const bytes = png(8, 8, deflateSync(Buffer.alloc(16)), [
      chunk('iTXt', Buffer.concat([keyword, Buffer.from(packet)])),
    ]);
    const report = await inspectImport({ pictures: localPictures }, { path: await withImage('xmp.png', bytes) });
    expect(report.rowsUsable).toBe(4);
    expect(report.warnings.join()).toContain('cannot be read, so it is not taken for a permission');
  });

  it.skipIf(process.platform === 'win32').each([
    ['of a folder without a table', false],
    ['that a table names', true],
  ])('a subfolder %s that may not be read is named', async (_, hasTable) => {
    const { images } = await goodRows(2);
    const [one = '', other = ''] = Object.keys(images);
    const folder = join(on.work, 'partly');
    await mkdir(join(folder, 'closed'), { recursive: true });
    await writeFile(join(folder, one), images[one] ?? '');
    await writeFile(join(folder, `${one}.txt`), 'A caption.');
    await writeFile(join(folder, 'closed', other), images[other] ?? '');
    const table = `file_name,question,answer\n${one},q?,1\nclosed/${other},q?,2\n`;
    if (hasTable) await writeFile(join(folder, 'metadata.csv'), table);
    await chmod(join(folder, 'closed'), 0o000);
    const isRoot = process.getuid?.() === 0;
    // Nothing is closed to root.
    if (isRoot) for (const above of [dirname(on.work), on.work, folder]) await chmod(above, 0o755);
    if (isRoot) process.seteuid?.(65_534);
    try {
      await expect(inspectImport({ pictures: localPictures }, { path: folder })).rejects.toMatchObject({
        code: 'BAD_INPUT',
        message: expect.stringMatching(/closed cannot be read: you do not have permission/) as string,
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
      await chmod(join(folder, 'closed'), 0o755);
    }
  });

  it('neither another machine is asked for a picture, nor a link followed to a statement', async () => {
    const { rows, images } = await goodRows(3);
    const folder = join(on.work, 'elsewhere');
    for (const name of ['\\\\server\\share\\a.png', '%5C%5Cserver%5Cshare%5Ca.png', '\\\\?\\C:\\a.png'])
      rows.push({ file_name: name, question: 'q?', answer: '9' });
    await writeFolder(folder, rows, images);
    const secret = join(on.work, 'secret.txt');
    await writeFile(secret, 'User-agent: *\nDisallow: /');
    await symlink(secret, join(folder, 'ai.txt')).catch(() => undefined);
    const report = await inspectImport({ pictures: localPictures }, { path: folder, onProblem: 'skip' });
    expect(report.problems).toHaveLength(3);
    for (const { reason } of report.problems) expect(reason).toContain('is on another machine');
    expect(JSON.stringify(report)).not.toContain('ai.txt');
  });

  it('a file that grows while it is read', async () => {
    const { rows, images } = await goodRows(3);
    images['big.png'] = Buffer.concat([await picture(9), Buffer.alloc(1_000_000)]);
    rows.push({ file_name: 'big.png', question: 'q?', answer: '9' });
    const folder = await writeFolder(join(on.work, 'growing'), rows, images);
    // The store writes the first piece of the big file; then the file changes.
    const changing = await openTestStore(join(on.home, 'other'), {
      blobWriter: {
        async write(handle, bytes) {
          await handle.write(bytes);
          if (bytes.byteLength > 10_000) await appendFile(join(folder, 'big.png'), 'more');
        },
      },
    });
    await expect(importDataset(changing, { path: folder })).rejects.toThrow('changed while it was read');
    expect(await changing.blobs.list()).toEqual([]);
    await changing.close();
  });
});

describe('tables', () => {
  async function withRows(change: (rows: Row[]) => void): Promise<string> {
    const { rows, images } = await goodRows(4);
    change(rows);
    return await writeFolder(join(on.work, 'rows'), rows, images);
  }

  it('paths and links that lead out of the folder', async () => {
    await mkdir(join(on.work, 'elsewhere'));
    await writeFile(join(on.work, 'elsewhere', 'private.png'), await picture(9));
    const folder = await withRows((rows) => {
      rows[0] = { ...rows[0], file_name: '../elsewhere/private.png' };
      rows[1] = { ...rows[1], file_name: join(on.work, 'elsewhere', 'private.png') };
      rows[2] = { ...rows[2], file_name: 'link.png' };
    });
    await symlink(join(on.work, 'elsewhere', 'private.png'), join(folder, 'link.png'));
    const { problems } = await inspectImport({ pictures: localPictures }, { path: folder, onProblem: 'skip' });
    const reasons = problems
      .filter(({ row }) => row !== null)
      .map(({ row, reason }) => [row, reason.includes('leads out')]);
    expect(reasons).toEqual([
      [1, true],
      [2, true],
      [3, true],
    ]);
  });

  it('a line of ten million characters is passed over, the rest is read', async () => {
    const folder = await withRows((rows) => void (rows[1] = { ...rows[1], note: 'x'.repeat(10_000_000) }));
    const report = await inspectImport({ pictures: localPictures }, { path: folder, onProblem: 'skip' });
    expect(report.problems).toMatchObject([
      { row: 2, reason: expect.stringContaining('longer than 4 million') as string },
    ]);
    expect(report.rowsUsable).toBe(3);
  });

  it('a Parquet file whose reader rejects promises that nobody hears, alone and in a folder', async () => {
    const crash = join(import.meta.dirname, '..', 'fixtures', 'cases', 'crash-0.parquet');
    const unheard: unknown[] = [];
    const hear = (error: unknown): void => void unheard.push(error);
    process.on('unhandledRejection', hear);
    await refused(crash, /crash-0\.parquet cannot be read as Parquet/);
    await mkdir(join(on.work, 'folder'));
    await cp(crash, join(on.work, 'folder', 'train-00000-of-00001.parquet'));
    await refused(join(on.work, 'folder'), /train-00000-of-00001\.parquet cannot be read as Parquet/);
    await expect(inspectImport({ pictures: localPictures }, { path: crash })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: crash },
    });
    process.off('unhandledRejection', hear);
    expect(unheard).toEqual([]);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'a column named %s is a column like any other',
    async (column) => {
      const { rows, images } = await goodRows(4);
      const folder = await writeFolder(join(on.work, 'named'), rows, images);
      const lines = rows.map((row) => `${JSON.stringify(row).slice(0, -1)},${JSON.stringify(column)}:"x"}`);
      await writeFile(join(folder, 'metadata.jsonl'), lines.join('\n'));
      const fromJson = await inspectImport({ pictures: localPictures }, { path: folder });
      expect([fromJson.rowsUsable, fromJson.problems]).toEqual([4, []]);
      const csv = rows.map(({ file_name, question, answer }) => [file_name, question, answer, 'x'].join(','));
      await writeFile(join(folder, 'metadata.jsonl'), '');
      const table = join(folder, 'rows.csv');
      await writeFile(table, [`image,question,answer,${column}`, ...csv].join('\n'));
      const fromCsv = await inspectImport({ pictures: localPictures }, { path: table });
      expect([fromCsv.rowsUsable, fromCsv.problems]).toEqual([4, []]);
    },
  );

  it('two columns of one name, an empty table, an array that breaks off, Parquet that is none', async () => {
    const file = async (name: string, content: string): Promise<string> => {
      await writeFile(join(on.work, name), content);
      return join(on.work, name);
    };
    await refused(await file('a.csv', 'image,question,answer,answer\n'), /two columns are named "answer"/);
    await refused(await file('b.csv', ''), /is empty/);
    await refused(await file('b.jsonl', '\n\n'), /has no rows/);
    await refused(await file('c.json', '[{"image": "a.png", "question": "q"}, {"ima'), /is not JSON after row 1/);
    await refused(await file('d.parquet', 'PAR1 nothing more'), /is not a Parquet file/);
    const cut = await file('e.parquet', '');
    await truncate(cut, 400);
    await refused(cut, /is not a Parquet file/);
  });
});
