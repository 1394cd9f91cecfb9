/** @file Rows preserve digits, dates, quotes and letters exactly as written, whatever a table contains. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseJsonExactly } from './exact-json.ts';
import { openRows } from './open-rows.ts';
import { decimalText, shortestFloat } from './parquet-values.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-rows-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, content: string | Uint8Array) {
  const path = join(folder, name);
  await writeFile(path, content);
  const source = await openRows(path);
  const rows: unknown[] = [];
  for await (const item of source.rows()) rows.push('values' in item ? item.values : item.broken);
  return { source, rows };
}

describe('numbers', () => {
  const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?$/);

  it('of JSON keep their digits, as a number where it prints the same and as text elsewhere', () => {
    fc.assert(
      fc.property(digits, (number) => {
        const { value, list } = parseJsonExactly(`{"value": ${number}, "list": [${number}]}`) as Record<
          string,
          unknown
        >;
        expect(String(value)).toBe(number);
        expect(list).toEqual([value]);
        expect(parseJsonExactly(number)).toBe(value);
      }),
    );
  });

  it('change nothing else about JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        // The number forces the rest through the exact parser.
        expect(parseJsonExactly(`[${text}, 1.50]`)).toEqual([parseJsonExactly(text), '1.50']);
      }),
    );
  });

  it('of decimals have their digits, those of float32 their shortest spelling', () => {
    expect([decimalText(150n, 2), decimalText(-5n, 3), decimalText(7n, 0), decimalText(7n, -2)]).toEqual([
      '1.50',
      '-0.005',
      '7',
      '700',
    ]);
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(shortestFloat(value, Math.fround))).toBe(value);
      }),
    );
    expect(shortestFloat(Math.fround(0.1), Math.fround)).toBe(0.1);
  });

  it('of a line that is nested too deeply make that line a broken one', async () => {
    const { rows } = await read('deep.jsonl', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}\n{"a": 1}\n`);
    expect(rows).toEqual([expect.stringContaining('nested more than 64 levels deep'), { a: 1 }]);
  });
});

describe('CSV', () => {
  it('gives back every value that was quoted by the book', async () => {
    const value = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\0]/g, ''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(',', ';', '\t', '|'),
        async (table, delimiter) => {
          const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
          const lines = table.map((row) => row.map(quoted).join(delimiter));
          const { rows } = await read('t.csv', `sep=${delimiter}\na${delimiter}b\n${lines.join('\n')}\n`);
          expect(rows).toEqual(table.map(([a, b]) => ({ a, b })));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses only the row whose quote is never closed, and takes a lone quote as it is', async () => {
    const { rows } = await read('q.csv', 'a,b\n1,5" nail\n"2,open\n3,"x ""y"""\n4,6" and "7"\n');
    expect(rows).toEqual([
      { a: '1', b: '5" nail' },
      expect.stringContaining('quote'),
      { a: '3', b: 'x "y"' },
      { a: '4', b: '6" and "7"' },
    ]);
  });
});

describe('encodings', () => {
  it('that are stated win over the guess, and text that is not UTF-8 is refused where that is stated', async () => {
    const path = join(folder, 'stated.csv');
    await writeFile(path, iconv.encode('file_name,question,answer\na.png,žluť?,3\n', 'windows-1250'));
    const asStated = await openRows(path, 'windows-1252');
    expect(asStated).toMatchObject({ encoding: 'windows-1252', warnings: [] });
    const rows: unknown[] = [];
    for await (const row of asStated.rows()) rows.push(row);
    expect(rows[0]).toMatchObject({
      values: { question: iconv.decode(iconv.encode('žluť?', 'windows-1250'), 'windows-1252') },
    });
    await expect(openRows(path, 'utf-8')).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('not UTF-8, which was stated') as string,
    });
  });

  it.each([
    ['windows-1252', ['Wie viele Bücher stehen hier?', 'Welche Farbe hat die Tür?'], 'größer'],
    ['windows-1252', ['Combien de côtés ont été dessinés ?', 'Où est le château ?'], 'très'],
    ['windows-1252', ['¿Cuántos niños están jugando aquí?', '¿De qué color es el camión?'], 'ningún'],
    ['windows-1252', ['Quante città è possibile contare?', 'Perché è più grande?'], 'però'],
    ['windows-1250', ['Jaki jest kolor na łące?', 'Ile jest kotów przed domem?'], 'żółty'],
    ['windows-1251', ['Сколько точек на картинке?', 'Какого цвета кошка?'], 'одна'],
    ['koi8-r', ['Сколько точек на картинке?', 'Какого цвета кошка?'], 'одна'],
    ['gb18030', ['图片里有多少个点?', '这只猫是什么颜色的?'], '红色'],
    ['big5', ['圖片裡有幾隻貓?', '這隻貓是什麼顏色的?'], '紅色'],
    ['shift_jis', ['何匹の猫がいますか?', 'この猫は何色ですか?'], '赤い'],
    ['euc-kr', ['고양이가 몇 마리 있습니까?', '이 고양이는 무슨 색입니까?'], '빨간색'],
  ] as const)('%s is recognised in a table that asks %s', async (encoding, questions, answer) => {
    const text = questions.map((question, index) => `${index}.png,${question},${answer}\n`).join('');
    const { source, rows } = await read('e.csv', iconv.encode(`file_name,question,answer\n${text}`, encoding));
    expect(source.encoding).toBe(encoding);
    expect(rows).toEqual(questions.map((question, index) => ({ file_name: `${index}.png`, question, answer })));
    expect(source.warnings.join()).toContain('which is a guess');
  });
});
