/** @file Tables: values, line numbers, and errors that name the line. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readTable, type Table } from './tables.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'atelier-table-'));
});

async function read(name: string, content: string | Uint8Array): Promise<Table> {
  await writeFile(join(dir, name), content);
  return readTable(join(dir, name));
}

describe('JSON Lines', () => {
  it('gives each object with its line, over blank lines, CRLF and a byte order mark', async () => {
    const table = await read('t.jsonl', '\ufeff{"a":1,"b":[true]}\r\n\r\n{"c":"ü","a":null}\n  \n');
    expect(table).toEqual({
      columns: ['a', 'b', 'c'],
      rows: [
        { line: 1, values: { a: 1, b: [true] } },
        { line: 3, values: { c: 'ü', a: null } },
      ],
    });
  });

  it.each([
    ['broken JSON', '{"a":1}\n{"a":', 2, /line 2: this is not JSON/],
    ['a list', '{"a":1}\n\n[1]\n', 3, /line 3: this is not a JSON object/],
    ['a null', 'null', 1, /not a JSON object/],
  ])('names the line of %s', async (_, content, row, message) => {
    const reading = read('t.jsonl', content);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toMatchObject({ code: 'BAD_INPUT', place: { file: join(dir, 't.jsonl'), row } });
  });
});

describe('CSV', () => {
  it('gives strings with the line at which each row begins', async () => {
    const table = await read('t.csv', 'image, prompt ,answer\n1.png,"How many, \nof ""them""?",3\n\n2.png,ü,\n');
    expect(table).toEqual({
      columns: ['image', 'prompt', 'answer'],
      rows: [
        { line: 2, values: { image: '1.png', prompt: 'How many, \nof "them"?', answer: '3' } },
        { line: 5, values: { image: '2.png', prompt: 'ü', answer: '' } },
      ],
    });
  });

  it.each(['\n', '\r\n', '\r'])('counts lines that end in %j, quoted ones too', async (end) => {
    const lines = ['\ufeffa,b', `é,"x${end}${end}y"`, '3,4', '5,6'];
    expect((await read('t.csv', lines.join(end))).rows.map((row) => row.line)).toEqual([2, 5, 6]);
  });

  it('reads tabs', async () => {
    expect((await read('t.tsv', 'a\tb\n1,5\t2\n')).rows[0]!.values).toEqual({ a: '1,5', b: '2' });
  });

  it('brings any fields back', async () => {
    const pieces = ['', 'a', ',', '"', '\n', '\r\n', ' ', '""', 'ü🙂', '\t', '0'];
    const rows = pieces.flatMap((x) => pieces.map((y) => [x + y, y + x + y, `${x}${y}${x}`]));
    const quote = (field: string): string => `"${field.replaceAll('"', '""')}"`;
    const text = [['a', 'b', 'c'], ...rows].map((row) => row.map(quote).join(',')).join('\r\n');
    expect((await read('t.csv', text)).rows.map((row) => Object.values(row.values))).toEqual(rows);
  });

  it.each([
    ['too few values', 'a,b\n1,2\n\n3\n', 4, /line 4: this row has 1 values where the header names 2/],
    ['too many values', 'a,b\n1,2,3\n', 2, /has 3 values/],
    ['a quote that never closes', 'a,b\n1,2\n3,"4\n5,6\n', 3, /line 3: a quote is opened in this row/],
    ['a stray quote', 'a,b\n1,"2"x\n', 2, /line 2: something follows a closing quote/],
    ['a quote within a value', 'a,b\n"1\r\n1",2\n3,4"5"\n', 4, /line 4: a quote stands in the middle/],
    ['two columns of one name', 'a,a\n1,2\n', 1, /two columns are named "a"/],
    ['a column without a name', 'a,\n1,2\n', 1, /column 2 has no name/],
  ])('names the line of %s', async (_, content, row, message) => {
    const reading = read('t.csv', content);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toMatchObject({ code: 'BAD_INPUT', place: { file: join(dir, 't.csv'), row } });
  });
});

describe('readTable', () => {
  it.each([
    ['t.csv', '', /is empty/],
    ['t.csv', 'a,b\n', /has no rows/],
    ['t.jsonl', '\n\n', /has no rows/],
    ['t.xlsx', 'x', /not a table that can be read/],
  ])('refuses %s with %j', async (name, content, message) => {
    await expect(read(name, content)).rejects.toThrow(message);
  });

  it('names the line that is not UTF-8', async () => {
    const reading = read('t.csv', Buffer.from('a,b\n1,2\ncaf\u00e9,3\n', 'latin1'));
    await expect(reading).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('line 3') as string,
      place: { row: 3 },
    });
  });

  it('says that a missing table is missing', async () => {
    await expect(readTable(join(dir, 'none.csv'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
