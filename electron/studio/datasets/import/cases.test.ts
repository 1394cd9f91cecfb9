/** @file Every kind of table that users bring, imported through the public API: the exact rows, splits and findings. */
import { cp, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importDataset, inspectImport, type ImportInput } from './import.ts';
import { freshDataFolder } from '../testing/data-folder.ts';
import { picture } from '../testing/pictures.ts';
import { localPictures } from '../../../pictures/work.ts';

const CASES = join(import.meta.dirname, '..', 'fixtures', 'cases');
const IMAGES = join(import.meta.dirname, '..', '..', '..', 'formats', 'fixtures', 'images');
const on = freshDataFolder();

/** Question, answer and, if the source states it, the split; in source order. */
type Rows = readonly (readonly [string, string, ('train' | 'test')?])[];

type Case = {
  /** Absent: a folder of this name in `fixtures/cases`. */
  readonly make?: (folder: string) => Promise<void>;
  /** The table or archive in that folder; absent: the folder itself. */
  readonly file?: string;
  readonly request?: Omit<ImportInput, 'path'>;
  readonly rows: Rows;
  /** Line, column and reason of each rejected row. */
  readonly refused?: readonly (readonly [number, string | null, RegExp])[];
  /** What the report must say. */
  readonly says?: readonly RegExp[];
  /** Extra values kept with the first sample. */
  readonly extra?: Record<string, unknown>;
};

const QUESTION = 'How many dots are there?';
const counted = (answers: readonly (string | number)[], question = QUESTION): Rows =>
  answers.map((answer) => [question, String(answer)]);
const divided = (train: number, test: number, question = QUESTION): Rows =>
  Array.from({ length: train + test }, (_, index) => [question, String(index), index < train ? 'train' : 'test']);
const shown = { fixed: { prompt: 'What is shown?' } };
const PLACEHOLDER = /mark <image> was removed/;
const ONLY_TRAINING = /holds only training data; 20 % of it is held out/;
const OTHER_SPELLING = /found under another spelling/;
const GUESSED = /which is a guess/;

const cases: Record<string, Case> = {
  // Rows for GRPO and other trainers
  'swift-grpo': { rows: counted([1, 2, 3]), says: [PLACEHOLDER, ONLY_TRAINING] },
  'swift-query-response': { rows: counted([1, 2, 3]) },
  'trl-prompt-only': { rows: counted([1, 2, 3]), says: [/3 rows the conversation has a system message/] },
  'trl-prompt-parts': { rows: counted([1, 2, 3]) },
  alpaca: {
    request: { mapping: { answer: 'output' } },
    rows: [
      ['Answer with a number.\nHow many dots?', '1'],
      ['Answer with a number.\nHow many red dots?', '2'],
      ['Answer with a number.\nHow many blue dots?', '3'],
    ],
    extra: {},
  },
  'history beside the question': {
    make: async (folder) => {
      for (const index of [0, 1]) await put(folder, `${index}.png`, await picture(index));
      const rows = [0, 1].map((index) => ({
        images: [`${index}.png`],
        query: QUESTION,
        response: String(index),
        history: index === 0 ? [['Hello', 'Hi']] : [],
        system: 'Count.',
      }));
      await put(folder, 'data.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    },
    rows: counted([0, 1]),
    says: [/1 row the conversation has other turns/, /2 rows the conversation has a system message/],
    extra: { history: [['Hello', 'Hi']], system: 'Count.' },
  },
  cauldron: { request: { mapping: { prompt: 'texts', answer: 'texts' } }, rows: counted([1, 2, 3]) },
  conv: {
    rows: counted([1, 2, 3, 4], 'How many?'),
    says: [PLACEHOLDER, /2 rows the conversation has other turns/, /1 row the conversation has a system message/],
    extra: { id: '1' },
  },
  'placeholder-mismatch': {
    rows: counted([2, 3], 'Dots?'),
    refused: [[1, 'messages', /shows <image> 2 times, but a row has one picture/]],
  },
  'special-tokens': {
    rows: [],
    refused: [
      [1, 'question', /holds <\|vision_start\|>/],
      [2, 'question', /holds <\|im_end\|>/],
      [3, 'question', /holds <video>/],
    ],
  },
  'two-images': { rows: counted([2, 3], 'Dots?'), refused: [[1, 'images', /has 2 pictures; Atelier trains on one/]] },
  'label-and-answer': {
    rows: counted([0, 1, 2], 'What?'),
    says: [/"label" was taken for the answer; "caption" could be meant too/],
    extra: { image_id: 1, caption: 'a dog', text: 'x' },
  },
  'dup-label': {
    rows: [
      ['Q?', '1'],
      ['Q?', '3'],
      ['Q?', '4', 'test'],
    ],
    refused: [
      [2, 'file_name', /another answer \("2" instead of "1"\)/],
      [4, 'file_name', /same question as in row 3\./],
      [6, 'file_name', /same question as in row 5\./],
    ],
  },
  'long-prompt': {
    rows: [1, 700, 1].map((times, index) => [
      `How many dots?${' please count them well'.repeat(times)}`,
      String(index),
    ]),
  },

  // Splits that the source states
  'tree-splits': {
    request: shown,
    rows: [
      ...(['cats', 'cats', 'dogs'] as const).map((folder) => ['What is shown?', folder, 'test'] as const),
      ...(['cats', 'cats', 'dogs', 'dogs', 'dogs'] as const).map(
        (folder) => ['What is shown?', folder, 'train'] as const,
      ),
    ],
  },
  'json-splits': { rows: divided(5, 3) },
  'root-meta-splits': { rows: divided(5, 3) },
  'tables-by-split': {
    make: async (folder) => {
      for (const [index, split] of (['train', 'train', 'valid', 'test'] as const).entries()) {
        await put(folder, `${index}.png`, await picture(index));
        const row = `{"image": "${index}.png", "question": "${QUESTION}", "answer": "${index}"}\n`;
        await writeFile(join(folder, `${split}.jsonl`), row, { flag: 'a' });
      }
    },
    // Tables are read in the order of their names.
    rows: [
      [QUESTION, '3', 'test'],
      [QUESTION, '0', 'train'],
      [QUESTION, '1', 'train'],
      [QUESTION, '2', 'test'],
    ],
    says: [/1 row the source says "validation".*never trained on/],
  },

  // Values
  'json-bigint': {
    rows: [
      ['Which code?', '9007199254740993'],
      ['Which code?', '4006381333931123457'],
      ['Price?', '1.50'],
    ],
  },
  'json-numbers': {
    rows: [
      ['Width?', '1e-7'],
      ['n?', '1e21'],
      ['n?', '0'],
      ['n?', 'false'],
    ],
  },
  'pq-bigint': { rows: counted(['9007199254740993', 2, 3, 4]) },
  'pq-decimal': { rows: counted(['1.50', '2.25', '3.00', '12345678901234567.89']) },
  'pq-f32': { rows: counted([0.1, 0.2, 0.3, 1.7]) },
  'pq-float-answers': { rows: counted([1, 2, 4.5]), refused: [[3, 'answer', /The column "answer" is empty/]] },
  'pq-date': { rows: counted(['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04'], 'Which day?') },
  'pq-classlabel': {
    request: shown,
    rows: counted(['cat', 'dog', 'heron', 'dog'], 'What is shown?'),
    says: [/numbers in the column "label".*were replaced by the names.*\(cat, dog, heron\)/, ONLY_TRAINING],
  },
  'pq-bin-text': { rows: counted([0, 1, 2, 3]) },
  'pq-conv': { rows: counted([0, 1, 2, 3]), says: [PLACEHOLDER] },
  'pq-large-dict-zstd': { rows: counted(['one', 'two', 'one', 'two']), extra: { extra: null } },
  'pq-list-struct': { rows: counted([0, 1, 2, 3]), says: [ONLY_TRAINING] },
  'pq-list-struct-two': { rows: counted([1, 2, 3]), refused: [[1, 'images', /has 2 pictures/]] },
  'pq-null-bytes': { rows: counted([0, 1, 2, 3]) },
  'pq-v2-page': {
    rows: ['', ' 1', ' 22', ' 333'].map((end, index) => [`${QUESTION}${end}`, String(index)]),
  },
  'named-classes': {
    make: async (folder) => {
      for (const index of [0, 1, 2]) await put(folder, `${index}.png`, await picture(index));
      await put(folder, 'metadata.csv', 'file_name,label\n0.png,0\n1.png,1\n2.png,7\n');
      const features = `- name: label\n      dtype:\n        class_label:\n          names:\n            '0': cat\n            '1': dog\n`;
      await put(folder, 'README.md', `---\ndataset_info:\n  features:\n    ${features}---\n# Animals\n`);
    },
    request: shown,
    rows: counted(['cat', 'dog'], 'What is shown?'),
    refused: [[4, null, /class "7" in the column "label" has no name; the dataset names 2/]],
  },

  // CSV
  'csv-bom-semicolon-crlf': {
    rows: [
      ['How many, or "none"?\nCount.', '1'],
      ['Wie viele Bücher ähm?', '2'],
      ['How many?', '3'],
    ],
  },
  'csv-gbk': { rows: counted(['一', '二', '三'], '有几个?'), says: [/GB18030/, GUESSED] },
  'csv-inch': {
    rows: [
      ['How long is the 5" nail?', '1'],
      ['Is it 6" long?', '2'],
      ['How many?', '3'],
    ],
    says: [/2 rows a quote inside a value that is not quoted/],
  },
  'csv-list-cell': { rows: counted([1, 2, 3], 'How many?') },
  'csv-missing-tail': { rows: counted([1, 2, 3], 'How many?'), says: [/1 row the last values are missing/] },
  'csv-pandas-index': { rows: counted([1, 2, 3], 'How many?'), extra: { 'Unnamed: 0': '0' } },
  'csv-quoted-name-comma': { rows: counted([1, 2, 3], 'How many?') },
  'csv-sep-line': { rows: counted([1, 2, 3], 'How many?') },
  'csv-trailing-delim': { rows: counted([1, 2, 3], 'How many?'), extra: {} },
  'csv-utf16': {
    rows: [
      ['Wie viele Äpfel?', '1'],
      ['How many?', '2'],
      ['How many?', '3'],
    ],
  },

  // Images in the table, and file names
  'base64-data': { rows: counted([0, 1, 2]) },
  'base64-bytes-json': { rows: counted([0, 1, 2]) },
  'base64-raw': { file: 'data.tsv', rows: counted([0, 1, 2], 'How many?') },
  'a name as long as an image': {
    make: async (folder) => {
      for (const index of [0, 1]) await put(folder, `${index}.png`, await picture(index));
      await put(folder, 't.csv', `image,question,answer\n0.png,q?,0\n1.png,q?,1\n${'x'.repeat(5000)},q?,2\n`);
    },
    rows: counted([0, 1], 'q?'),
    refused: [[4, 'image', /^There is no file "x{80}… \(5000 characters in all\)" in/]],
  },
  names: {
    make: async (folder) => {
      const names = ['käse.png', 'sub dir/ö b.png', 'img/C.JPG'];
      for (const [index, name] of names.entries()) await put(folder, name, await picture(index));
      const rows = ['käse.png', 'sub dir\\ö b.png', './img/C.JPG'].map((file_name, index) => ({
        file_name,
        question: QUESTION,
        answer: index,
      }));
      await put(folder, 'metadata.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    },
    rows: counted([0, 1, 2]),
  },
  'names-mixed-nfd': {
    make: async (folder) => {
      await put(folder, `${'kä'.normalize('NFD')}se/${'ö'.normalize('NFC')}l.png`, await picture(1));
      await put(folder, 'b.png', await picture(2));
      const reference = `${'kä'.normalize('NFC')}se/${'ö'.normalize('NFD')}l.png`;
      await put(folder, 'metadata.csv', `file_name,question,answer\n${reference},${QUESTION},1\nb.png,${QUESTION},2\n`);
    },
    rows: counted([1, 2]),
    says: [OTHER_SPELLING],
  },
  'names-url': {
    make: async (folder) => {
      await put(folder, 'my cat.png', await picture(1));
      await put(folder, 'b.png', await picture(2));
      await put(
        folder,
        'metadata.csv',
        `file_name,question,answer\nmy%20cat.png,${QUESTION},1\n./b.png,${QUESTION},2\n`,
      );
    },
    rows: counted([1, 2]),
    says: [OTHER_SPELLING],
  },
  'names-case': { rows: counted([0, 1, 2]), says: [OTHER_SPELLING] },
  'names-no-ext': { rows: counted([0, 1, 2]), says: [OTHER_SPELLING] },
  'bitmaps and HEIC': {
    make: async (folder) => {
      for (const name of ['colour.bmp', 'grey.bmp']) await cp(join(IMAGES, name), join(folder, name));
      await put(folder, 'photo.HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'));
      const rows = ['colour.bmp', 'grey.bmp', 'photo.HEIC'].map((name, index) => `${name},${QUESTION},${index}`);
      await put(folder, 'metadata.csv', `file_name,question,answer\n${rows.join('\n')}\n`);
    },
    rows: counted([0, 1]),
    refused: [[4, 'file_name', /of the format "heif", which is not supported\. .*export it as JPEG/]],
  },

  // Folders
  'tree-captions': {
    request: shown,
    rows: counted(['one dot', 'two dots,\nred', 'three dots', 'four dots'], 'What is shown?'),
  },
  'tree-stray-csv': {
    request: shown,
    rows: counted(['a', 'a', 'b', 'b'], 'What is shown?'),
    says: [/notes\.csv was not read, because no column of it names an image/],
  },
  'prefixed-metadata': { rows: counted([0, 1, 2]), says: [/run1_metadata\.jsonl was read; stats\.csv was not/] },
  zip: { file: 'set.zip', rows: counted([0, 1, 2, 3], 'How many?') },
};

async function put(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), content);
}

describe('a table or folder as people bring it', () => {
  it.each(Object.entries(cases))('%s', async (name, wanted) => {
    let folder = join(CASES, name);
    if (wanted.make !== undefined) {
      folder = join(on.work, 'made');
      await mkdir(folder);
      await wanted.make(folder);
    }
    const path = wanted.file === undefined ? folder : join(folder, wanted.file);
    const request = { ...wanted.request, path, onProblem: 'skip' as const };
    const report = await inspectImport(on.store, request);
    const refused = report.problems.filter(({ row }) => row !== null);
    expect(refused.map(({ row, field, reason }) => [row, field, reason])).toEqual(
      (wanted.refused ?? []).map(([row, field, reason]) => [row, field, expect.stringMatching(reason) as unknown]),
    );
    for (const sentence of wanted.says ?? []) expect(report.warnings).toContainEqual(expect.stringMatching(sentence));
    if (refused.length > 0)
      await expect(importDataset(on.store, { ...request, onProblem: 'stop' })).rejects.toMatchObject({
        code: 'BAD_INPUT',
      });
    if (wanted.rows.length < 2) {
      await expect(importDataset(on.store, request)).rejects.toMatchObject({ code: 'BAD_INPUT' });
      return;
    }
    const { dataset, report: done } = await importDataset(on.store, request);
    expect(done).toEqual(report);
    const { samples } = await on.store.datasets.samples({ datasetId: dataset.id, offset: 0, limit: 100 });
    expect(
      samples.map(({ prompt, answer, split }, index) =>
        wanted.rows[index]?.[2] === undefined ? [prompt, answer] : [prompt, answer, split],
      ),
    ).toEqual(wanted.rows.map((row) => row.filter((part) => part !== undefined)));
    if (wanted.extra !== undefined) expect(samples[0]?.extra).toEqual(wanted.extra);
    // If a source states no test data, some is still held out.
    expect(dataset.test).toBeGreaterThan(0);
  });

  it.each([
    ['German', 'Bild', 'Frage', 'Antwort'],
    ['French', 'Fichier', 'Question', 'Réponse'],
    ['Spanish', 'imagen', 'pregunta', 'respuesta'],
    ['Spanish, in part', 'image', 'pregunta', 'respuesta'],
    ['Italian', 'immagine', 'domanda', 'risposta'],
    ['Portuguese', 'imagem', 'pergunta', 'resposta'],
    ['Dutch', 'afbeelding', 'vraag', 'antwoord'],
    ['Polish', 'obraz', 'pytanie', 'odpowiedź'.normalize('NFD')],
    ['Russian', 'изображение', 'вопрос', 'ответ'],
    ['Chinese', '图片', '问题', '答案'],
    ['Japanese', '画像', '質問', '答え'],
  ])('columns in %s', async (_, ...columns) => {
    const [image, prompt, answer] = columns;
    for (const index of [0, 1]) await put(on.work, `t/${index}.png`, await picture(index));
    await put(on.work, 't/t.csv', `${columns.join(',')}\n0.png,q?,0\n1.png,q?,1\n`);
    const report = await inspectImport({ pictures: localPictures }, { path: join(on.work, 't') });
    expect(report.mapping).toEqual({ image, prompt, answer });
    expect(report.rowsUsable).toBe(2);
  });

  it('one shard called test stays test, also by itself', async () => {
    const shard = join(on.work, 'test-00000-of-00001.parquet');
    await cp(join(CASES, 'pq-conv', 't.parquet'), shard);
    const { dataset } = await importDataset(on.store, { path: shard });
    expect(dataset).toMatchObject({ train: 0, test: 4 });
    expect(dataset.warnings).toContainEqual(expect.stringContaining('No sample is for training'));
  });

  it('a table called test that was given by itself is split like any other, and this is said', async () => {
    const folder = join(on.work, 'alone');
    await cp(join(CASES, 'swift-query-response'), folder, { recursive: true });
    await rename(join(folder, 'train.jsonl'), join(folder, 'test.jsonl'));
    const { dataset, report } = await importDataset(on.store, { path: join(folder, 'test.jsonl') });
    expect([dataset.train, dataset.test]).toEqual([2, 1]);
    expect(report.warnings).toContainEqual(expect.stringContaining('is named after a split'));
  });
});
