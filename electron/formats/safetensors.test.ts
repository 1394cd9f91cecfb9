/** @file Safetensors: the reference's files, round trips, and files that must be refused. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from './float-bits.ts';
import { openCheckpointTensors, openSafetensors, writeSafetensors, type TensorEntry } from './safetensors.ts';

const TINY = fileURLToPath(new URL('../engine/fixtures/qwen2vl-tiny/', import.meta.url));
const MANIFEST = JSON.parse(readFileSync(join(TINY, 'golden/state_keys.json'), 'utf8')) as Record<
  string,
  { shape: number[]; dtype: string }
>;

const bytesOf = (values: Float32Array): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'atelier-tensors-'));
});

/** A file with the given header text and data. */
async function fileOf(header: string, data: Uint8Array = new Uint8Array()): Promise<string> {
  const json = new TextEncoder().encode(header);
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(json.length), true);
  const path = join(dir, 'made.safetensors');
  await writeFile(path, Buffer.concat([prefix, json, data]));
  return path;
}

describe('openSafetensors', () => {
  it('lists what the reference wrote', async () => {
    const reader = await openSafetensors(join(TINY, 'model/model.safetensors'));
    const found = Object.fromEntries(
      reader.names().map((name) => [name, { shape: reader.info(name).shape, dtype: reader.info(name).dtype }]),
    );
    expect(found).toEqual(MANIFEST);
    expect(reader.metadata).toEqual({ format: 'pt' });
    await reader.close();
  });

  it('reads the exact bytes of each tensor', async () => {
    const path = join(TINY, 'model/model.safetensors');
    const whole = await readFile(path);
    const headerBytes = Number(whole.readBigUInt64LE(0));
    const header = JSON.parse(whole.subarray(8, 8 + headerBytes).toString('utf8')) as Record<
      string,
      { data_offsets: [number, number] }
    >;
    const reader = await openSafetensors(path);
    for (const name of reader.names()) {
      const [begin, end] = header[name]!.data_offsets;
      const expected = whole.subarray(8 + headerBytes + begin, 8 + headerBytes + end);
      const values = await reader.readFloat32(name);
      expect(bytesOf(values).equals(expected), name).toBe(true);
    }
    await reader.close();
  });

  it('names the tensor that is missing or is not a float', async () => {
    const path = await fileOf(
      '{"ids":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}',
      Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0),
    );
    const reader = await openSafetensors(path);
    expect(() => reader.info('weights')).toThrow(/no tensor "weights"/);
    await expect(reader.readFloat32('ids')).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: path, field: 'ids' },
    });
    expect([...(await reader.readBytes('ids'))]).toEqual([7, 0, 0, 0, 0, 0, 0, 0]);
    await reader.close();
  });

  const one = (entry: string): string => `{"w":${entry}}`;
  it.each([
    ['an array', '[]', 0, /does not start with "\{"/],
    ['no JSON', '{"w":', 0, /not JSON/],
    ['metadata that are not strings', '{"__metadata__":{"a":1}}', 0, /metadata "a"/],
    ['metadata that are not an object', '{"__metadata__":"a"}', 0, /__metadata__/],
    ['an unknown type', one('{"dtype":"F7","shape":[1],"data_offsets":[0,4]}'), 4, /tensor "w" .*"F7"/],
    ['a negative side', one('{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}'), 4, /tensor "w" .*shape/],
    [
      'a size that is not a whole number',
      one('{"dtype":"F32","shape":[0.5],"data_offsets":[0,2]}'),
      2,
      /tensor "w" .*shape/,
    ],
    ['offsets that run backwards', one('{"dtype":"F32","shape":[1],"data_offsets":[4,0]}'), 4, /tensor "w" .*offsets/],
    [
      'offsets that do not fit the shape',
      one('{"dtype":"F32","shape":[2],"data_offsets":[0,4]}'),
      4,
      /tensor "w" takes 4 bytes .*needs 8/,
    ],
    ['data beyond the end', one('{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'), 4, /tensor "w" ends at byte 8/],
    [
      'a hole before a tensor',
      one('{"dtype":"F32","shape":[1],"data_offsets":[4,8]}'),
      8,
      /tensor "w" starts at byte 4/,
    ],
    [
      'data that nobody describes',
      one('{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'),
      6,
      /6 bytes of data but describes 4/,
    ],
    [
      'an overlap',
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}',
      6,
      /tensor "b" starts/,
    ],
  ])('refuses %s', async (_, header, dataBytes, message) => {
    const path = await fileOf(header, new Uint8Array(dataBytes));
    await expect(openSafetensors(path)).rejects.toThrow(message);
    await expect(openSafetensors(path)).rejects.toMatchObject({ code: 'BAD_INPUT', place: { file: path } });
  });

  it('refuses a header that is too long, cut off, or a file too short to have one', async () => {
    const path = join(dir, 'x.safetensors');
    const huge = Buffer.alloc(16);
    huge.writeBigUInt64LE(100_000_001n);
    for (const [bytes, message] of [
      [huge, /header would be 100000001 bytes/],
      [Buffer.from([200, 0, 0, 0, 0, 0, 0, 0, 123]), /ends within its header/],
      [Buffer.from([1, 2, 3]), /only 3 bytes/],
    ] as const) {
      await writeFile(path, bytes);
      await expect(openSafetensors(path)).rejects.toThrow(message);
    }
    await expect(openSafetensors(join(dir, 'none'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('openCheckpointTensors', () => {
  const entry = (name: string, value: number): TensorEntry => ({
    name,
    dtype: 'F32',
    shape: [1],
    data: Float32Array.of(value),
  });

  it('reads shards as one', async () => {
    await writeSafetensors(join(dir, 'm-1.safetensors'), [entry('a', 1)]);
    await writeSafetensors(join(dir, 'm-2.safetensors'), [entry('b', 2)]);
    await writeFile(
      join(dir, 'model.safetensors.index.json'),
      JSON.stringify({ weight_map: { b: 'm-2.safetensors', a: 'm-1.safetensors' } }),
    );
    const reader = await openCheckpointTensors(dir);
    expect(reader.names()).toEqual(['a', 'b']);
    expect([(await reader.readFloat32('a'))[0], (await reader.readFloat32('b'))[0]]).toEqual([1, 2]);
    await reader.close();
  });

  it.each([
    ['a tensor that its shard lacks', { weight_map: { z: 'm-1.safetensors' } }, /no tensor "z"/],
    ['a shard outside the folder', { weight_map: { a: '../m-1.safetensors' } }, /not a file in this folder/],
    ['a shard that is missing', { weight_map: { a: 'm-9.safetensors' } }, /does not exist/],
    ['no map', {}, /weight_map/],
  ])('refuses an index with %s', async (_, index, message) => {
    await writeSafetensors(join(dir, 'm-1.safetensors'), [entry('a', 1)]);
    await writeFile(join(dir, 'model.safetensors.index.json'), JSON.stringify(index));
    await expect(openCheckpointTensors(dir)).rejects.toThrow(message);
  });

  it('says what a folder without weights lacks', async () => {
    await expect(openCheckpointTensors(dir)).rejects.toMatchObject({ code: 'NOT_FOUND', place: { file: dir } });
  });
});

describe('writeSafetensors', () => {
  const values = Float32Array.of(0, -0, 1, -2.5, 1e-3, 65504, 3.4e38, Infinity, -Infinity, 1e-8, NaN, 0.1);

  it('brings back float32 unchanged, and the metadata', async () => {
    const path = join(dir, 'f32.safetensors');
    await writeSafetensors(path, [{ name: 'w', dtype: 'F32', shape: [3, 4], data: values }], { note: 'π', a: 'b' });
    const reader = await openSafetensors(path);
    const back = await reader.readFloat32('w');
    expect(bytesOf(back).equals(bytesOf(values))).toBe(true);
    expect([reader.info('w').shape, reader.metadata]).toEqual([[3, 4], { note: 'π', a: 'b' }]);
    await reader.close();
  });

  it('rounds half types as the conversions do, and keeps what fits', async () => {
    const path = join(dir, 'half.safetensors');
    await writeSafetensors(path, [
      { name: 'b', dtype: 'BF16', shape: [12], data: values },
      { name: 'h', dtype: 'F16', shape: [12], data: () => Promise.resolve(values) },
      { name: 'w', dtype: 'F32', shape: [12], data: values },
    ]);
    const reader = await openSafetensors(path);
    expect([...(await reader.readFloat32('b'))]).toEqual(
      [...values].map((value) => bfloat16ToFloat32(float32ToBfloat16(value))),
    );
    expect([...(await reader.readFloat32('h'))]).toEqual(
      [...values].map((value) => float16ToFloat32(float32ToFloat16(value))),
    );
    await reader.close();
  });

  it('writes the same bytes for the same content in any order, with aligned data', async () => {
    const a: TensorEntry = { name: 'a', dtype: 'BF16', shape: [3], data: Float32Array.of(1, 2, 3) };
    const b: TensorEntry = { name: 'b', dtype: 'F32', shape: [2], data: Float32Array.of(4, 5) };
    await writeSafetensors(join(dir, '1'), [a, b], { x: '1', y: '2' });
    await writeSafetensors(join(dir, '2'), [b, a], { y: '2', x: '1' });
    const [one, two] = await Promise.all([readFile(join(dir, '1')), readFile(join(dir, '2'))]);
    expect(createHash('sha256').update(one).digest('hex')).toBe(createHash('sha256').update(two).digest('hex'));
    expect(Number(one.readBigUInt64LE(0)) % 8).toBe(0);
    const reader = await openSafetensors(join(dir, '1'));
    expect([...(await reader.readFloat32('b'))]).toEqual([4, 5]);
    await reader.close();
  });

  it('leaves the old file and nothing else when it fails', async () => {
    const path = join(dir, 'kept.safetensors');
    await writeSafetensors(path, [{ name: 'w', dtype: 'F32', shape: [1], data: Float32Array.of(1) }]);
    const before = await readFile(path);
    await expect(
      writeSafetensors(path, [{ name: 'w', dtype: 'F32', shape: [2], data: Float32Array.of(1) }]),
    ).rejects.toThrow(/1 values for shape \[2\]/);
    expect((await readFile(path)).equals(before)).toBe(true);
    expect(await readdir(dir)).toEqual(['kept.safetensors']);
  });
});

describe('half floats', () => {
  it('return every binary16 and bfloat16 to its own bits', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const half = float16ToFloat32(bits);
      if (!Number.isNaN(half) && float32ToFloat16(half) !== bits) expect.fail(`binary16 ${bits}`);
      const brain = bfloat16ToFloat32(bits);
      if (!Number.isNaN(brain) && float32ToBfloat16(brain) !== bits) expect.fail(`bfloat16 ${bits}`);
    }
    expect(float16ToFloat32(float32ToFloat16(NaN))).toBeNaN();
    expect(bfloat16ToFloat32(float32ToBfloat16(NaN))).toBeNaN();
  });

  it('round to the nearest, ties to even', () => {
    // Between neighbours: the midpoint rounds to the even one, a value just off it to the nearer one.
    for (const [toBits, fromBits, infinity] of [
      [float32ToFloat16, float16ToFloat32, 0x7c00],
      [float32ToBfloat16, bfloat16ToFloat32, 0x7f80],
    ] as const) {
      for (let bits = 0; bits < infinity - 1; bits += 37) {
        const low = fromBits(bits);
        const high = fromBits(bits + 1);
        const middle = (low + high) / 2;
        if (Math.fround(middle) !== middle) continue;
        expect(toBits(middle)).toBe(bits % 2 === 0 ? bits : bits + 1);
        expect(toBits(-middle)).toBe((bits % 2 === 0 ? bits : bits + 1) | 0x8000);
        const nearHigh = Math.fround(middle + (high - low) / 64);
        if (nearHigh > middle) expect(toBits(nearHigh)).toBe(bits + 1);
      }
      expect(toBits(3.4028234663852886e38)).toBe(infinity);
    }
    expect(float32ToFloat16(65519.996)).toBe(0x7bff);
    expect(float32ToFloat16(65520)).toBe(0x7c00);
  });
});
