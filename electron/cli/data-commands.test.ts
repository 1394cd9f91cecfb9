/** @file The data maintenance commands in a terminal: what they print, change and refuse. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { copyTinyModel, fakeEngine, temporaryFolder } from '../studio/fixtures/test-studio.ts';
import { scenery } from '../studio/datasets/testing/scenery.ts';
import { writeFolder, type Row } from '../studio/datasets/testing/pictures.ts';
import { commandRunner, type CommandRunner } from './testing/run-command.ts';

let folder: string;
let run: CommandRunner['run'];
/** Six training scenes and two test scenes, one of which is a small copy of a training scene. */
let gallery: string;
/** Its only test picture is the first one in the gallery. */
let exam: string;
/** A folder to import and one to add, which nothing has taken in yet. */
let newData: string;
let newModel: string;

beforeAll(async () => {
  folder = temporaryFolder();
  ({ run } = commandRunner({ home: join(folder, 'home'), cwd: folder, spawnEngine: fakeEngine }));
  const rows: Row[] = [];
  const images: Record<string, Buffer> = {};
  for (let index = 0; index < 8; index += 1) {
    images[`${index}.png`] =
      index === 7
        ? await sharp(await scenery(2))
            .resize(120)
            .png()
            .toBuffer()
        : await scenery(index);
    rows.push({
      file_name: `${index}.png`,
      question: 'How many hills?',
      answer: index === 5 ? '1' : '3',
      author: index < 7 ? 'Ada' : 'Grace',
      licence: 'CC-BY-4.0',
      split: index < 6 ? 'train' : 'test',
    });
  }
  gallery = await imported('gallery', rows, images);
  exam = await imported(
    'exam',
    [0, 20, 21].map((index) => ({
      file_name: `${index}.png`,
      question: 'How many hills?',
      answer: index === 20 ? '2' : '3',
      split: index === 0 ? 'test' : 'train',
    })),
    { '0.png': await scenery(0), '20.png': await scenery(20), '21.png': await scenery(21) },
  );
  newData = join(folder, 'new');
  const found = ['1', '2'].map((answer) => ({ file_name: `${answer}.png`, question: 'How many?', answer }));
  await writeFolder(newData, found, { '1.png': await scenery(40), '2.png': await scenery(41) });
  newModel = copyTinyModel(join(folder, 'new'));
});

async function imported(name: string, rows: Row[], images: Record<string, Buffer>): Promise<string> {
  await writeFolder(join(folder, name), rows, images);
  const result = await run('import', name, '--name', name, '--json');
  expect(result.err).not.toContain('error: ');
  return (result.json() as { dataset: { id: string } }).dataset.id;
}

describe('datasets and models', () => {
  it('names a dataset by id or by name', async () => {
    for (const argv of [[gallery], ['gallery'], ['show', 'gallery']]) {
      const { status, out } = await run('datasets', ...argv);
      expect([argv, status]).toEqual([argv, 0]);
      expect(out).toContain(`${gallery} "gallery"`);
    }
    const { status, err } = await run('datasets', 'galery');
    expect(status).toBe(3);
    expect(err).toContain('There is no dataset with the id or name "galery".');
  });

  it('asks for the id where two datasets share a name', async () => {
    const rows = [
      { file_name: 'a.png', question: 'How many hills?', answer: '3' },
      { file_name: 'b.png', question: 'How many hills?', answer: '2' },
    ];
    const ids = [
      await imported('twin', rows, { 'a.png': await scenery(30), 'b.png': await scenery(31) }),
      await imported('twin', rows, { 'a.png': await scenery(32), 'b.png': await scenery(33) }),
    ];
    const { status, err } = await run('datasets', 'show', 'twin');
    expect(status).toBe(4);
    for (const id of ids) expect(err).toContain(id);
  });

  it.each([
    [['models', 'add', 'gallery', '--evidence', 'a letter'], '--evidence'],
    [['models', '--name', 'Mine'], '--name'],
    [['models', 'licence', 'nano', '--evidence', 'a letter'], '--evidence'],
    [['models', 'licence', 'nano', '--evidence', 'a letter', '--withdraw'], '--evidence'],
    [['models', 'licence', 'nano', 'MIT', '--withdraw'], '--withdraw'],
  ])('refuses an option that would have no effect: %s', async (argv, option) => {
    const { status, err } = await run(...argv);
    expect(status).toBe(2);
    expect(err).toContain(`The option ${option} has no effect here`);
  });

  it('says that a model is here already, and what has changed', async () => {
    const add = ['models', 'add', copyTinyModel(folder)];
    expect((await run(...add)).out).not.toContain('here already');
    expect((await run(...add)).out).toContain('It was here already. Nothing has changed.');
    const stated = ['--name', 'Mine', '--licence', 'MIT', '--evidence', 'a letter'];
    expect((await run(...add, ...stated)).out).toMatch(
      /It was here already\. Changed: name ".*" → "Mine", licence .* → MIT, what the licence rests on\./,
    );
  });

  it.each([
    ['models', 'add', 'MODEL', '--licence', 'MIT'],
    ['models', 'add', 'MODEL', '--licence', 'no such licence', '--evidence', 'a letter'],
    ['models', 'licence', 'MODEL', 'MIT'],
    ['eval', '--model', 'MODEL', '--dataset', 'DATA', '--mode', 'no such mode'],
    ['eval', '--model', 'MODEL', '--dataset', 'no such data'],
    ['eval', '--model', 'MODEL', '--dataset', 'DATA', '--limit', '-1'],
    ['eval', '--model', 'MODEL', '--dataset', 'DATA', '--samples', '4'],
    ['eval', '--model', 'MODEL', '--dataset', 'DATA', '--mode', 'drift'],
    ['eval', '--model', '.', '--dataset', 'DATA'],
    ['train', '--model', 'MODEL', '--dataset', 'DATA', '--seed', 'x'],
    ['train', '--model', 'MODEL', '--dataset', 'DATA', '--steps', '0'],
    ['train', '--model', 'MODEL', '--dataset', 'DATA', '--method', 'grpo', '--set', 'klSchedule.kind=paper-eq3'],
    ['train', '--model', 'MODEL', '--dataset', 'DATA', '--dataset', 'counting', '--steps', '0'],
    ['plan', '--model', 'MODEL', '--dataset', 'DATA', '--steps', '5', '--set', 'klShareEvery=9'],
    ['train', '--model', 'no such model', '--dataset', 'DATA'],
    ['train', '--model', 'MODEL', '--dataset', 'DATA', '--dataset', 'no such data'],
    ['exam', 'DATA', 'no such data'],
    ['exam', 'DATA', 'counting', '--beta', 'x'],
    ['contest', '--dataset', 'DATA', '--seeds', 'x'],
    ['contest', '--dataset', 'DATA', '--steps', '0'],
    ['contest', '--dataset', 'DATA', '--seeds', '7,8,9,10', '--looks', '3'],
    ['exam', 'DATA', 'counting', '--set', 'optimiser.learningRate=-1'],
    ['sweep', '--dataset', 'DATA', '--pilot', '--set', 'grpo.topP=2'],
    ['sweep', '--dataset', 'DATA', '--reward-weight', '0,1', '--of', 'brevity'],
    ['sweep', '--dataset', 'DATA', '--kl', '0,x'],
    ['sweep', '--dataset', 'DATA', '--kl', '0,1', '--handoff', '.'],
    ['sweep', '--dataset', 'DATA', '--kl', '0,1', '--handoff', 'job', '--launcher', 'pbs'],
    ['study', 'paper', '--tasks', 'DATA,no such data'],
    ['handoff', '--dataset', 'DATA', '--out', 'job', '--launcher', 'pbs'],
    ['handoff', '--dataset', 'DATA', '--out', '.'],
    ['bench-rewards', '--model', 'MODEL', '--dataset', 'DATA', '--reward', 'no such reward'],
    ['bench-rewards', '--model', 'MODEL', '--dataset', 'DATA', '--generations', '1'],
    ['caption', 'DATA', '--model', 'MODEL', '--detail', 'x'],
    ['datasets', 'detail', 'exam', '--model', 'MODEL', '--set', 'x'],
  ])('adds nothing where it refuses: %s %s %s', async (...argv) => {
    const typed = argv.map((word) => word.replace('MODEL', newModel).replace('DATA', newData));
    const { status, err } = await run(...typed);
    expect([status === 0, err]).toEqual([false, expect.stringContaining('error: ')]);
    const lists = await Promise.all([run('datasets', '--json'), run('models', '--json')]);
    const here = lists.flatMap((list) => list.json() as unknown as { name: string; path?: string }[]);
    expect(here.map(({ path, name }) => path ?? name)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^new$|\/new\/|^counting$/)]),
    );
  });

  it('names the option that names no dataset', async () => {
    for (const [option, argv] of [
      ['--tasks', ['study', 'paper', '--tasks', 'gallery,nope']],
      ['--dataset', ['eval', '--dataset', 'nope']],
      ['dataset', ['balance', 'nope']],
    ] as const) {
      const { err } = await run(...argv);
      expect(err).toContain('There is no dataset "nope"');
      expect(err.split('\n')).toContainEqual(expect.stringMatching(new RegExp(`^ *where: "${option}"$`)));
    }
  });

  it('imports a folder once, however often it is named', async () => {
    const twice = join(folder, 'twice');
    const rows = ['1', '2'].map((answer) => ({ file_name: `${answer}.png`, question: 'How many?', answer }));
    await writeFolder(twice, rows, { '1.png': await scenery(50), '2.png': await scenery(51) });
    expect((await run('balance', twice)).err).toContain('Imported as the dataset');
    expect((await run('balance', twice)).err).toMatch(/twice is here already, as the dataset ds-[\w-]+ "twice"\./);
    expect((await run('import', twice)).out).toContain('so nothing was imported again.');
    const named = (): Promise<string[]> =>
      run('datasets', '--json').then((list) =>
        (list.json() as unknown as { name: string }[])
          .map(({ name }) => name)
          .filter((name) => name.startsWith('twice')),
      );
    expect(await named()).toEqual(['twice']);
    writeFileSync(join(twice, 'tdmrep.json'), JSON.stringify([{ location: '/', 'tdm-reservation': 1 }]));
    const changed = await run('import', twice);
    expect(changed.out).toMatch(/ ! Exactly this data is already here as "twice" \(ds-[\w-]+\)\./);
    expect(changed.out).toContain('A dataset is already named "twice", so this one is named "twice (2)".');
    expect(changed.out).toContain('"twice (2)": 2 samples');
    expect(await named()).toEqual(['twice (2)', 'twice']);
    writeFileSync(join(twice, 'tdmrep.json'), '[]');
    const { err } = await run('balance', twice);
    expect(err).toContain('A dataset is already named "twice", so this one is named "twice (3)".');
    expect(err).toContain('Imported as the dataset');
  });

  it('says what stands in for a column that the table lacks', async () => {
    const plain = join(folder, 'unasked');
    const rows = ['1', '2'].map((answer) => ({ file_name: `${answer}.png`, answer }));
    await writeFolder(plain, rows, { '1.png': await scenery(52), '2.png': await scenery(53) });
    const { out } = await run('import', plain, '--question', 'How many?', '--dry-run');
    expect(out).toContain('prompt = "How many?" (--question)');
  });

  it('prints each warning of an import once', async () => {
    const row = { question: 'How many hills?', answer: '3' };
    const rows = [
      { file_name: 'a.png', ...row, answer: '4' },
      { file_name: 'b.png', ...row },
      { file_name: 'c.png', ...row },
    ];
    await writeFolder(join(folder, 'holes'), rows, { 'a.png': await scenery(30), 'b.png': await scenery(31) });
    const { out, err } = await run('import', 'holes', '--skip-problems', '--name', 'holes');
    expect(err).not.toContain('error: ');
    expect(out).toContain('3 rows read, 2 usable, 1 image missing, 0 duplicates.');
    const warnings = out.split('\n').filter((line) => line.startsWith('  ! '));
    expect(warnings).toContain('  ! 1 problem was found; its row was left out.');
    expect(warnings.length).toBeGreaterThan(1);
    expect(new Set(warnings).size).toBe(warnings.length);
  });

  it('uses the data folder that --home names, wherever it stands', async () => {
    const elsewhere = join(folder, 'elsewhere');
    for (const argv of [
      ['--home', elsewhere, 'datasets', '--json'],
      ['datasets', '--home', elsewhere, '--json'],
      [`--home=${elsewhere}`, '--json', 'datasets'],
    ]) {
      expect([argv, (await run(...argv)).json()]).toEqual([argv, []]);
    }
  });

  it('still understands the older spelling of a subcommand', async () => {
    const [older, newer] = [await run('datasets', gallery, '--signals'), await run('datasets', 'signals', gallery)];
    expect(older.status).toBe(0);
    expect(older.out).toBe(newer.out);
  });
});

describe('import --columns', () => {
  it('shows columns, what was recognised, and what is missing, and imports nothing', async () => {
    writeFileSync(join(folder, 'odd.csv'), 'Bilde;Spørsmål;Svar\na.png;Hvor mange?;3\n');
    const { status, out } = await run('import', 'odd.csv', '--columns');
    expect(status).toBe(0);
    expect(out).toContain('csv');
    expect(out).toContain('separated by ";"');
    expect(out).toMatch(/Bilde +.*a\.png/);
    expect(out).toContain('Not recognised yet: ');
    const mapped = await run('import', 'odd.csv', '--columns', '--map', 'image=Bilde,question=Spørsmål,answer=Svar');
    expect(mapped.out).not.toContain('Not recognised yet');
    expect(mapped.out).toMatch(/Spørsmål +prompt/);
    const names = ((await run('datasets', '--json')).json() as unknown as { name: string }[]).map(({ name }) => name);
    expect(names).not.toContain('odd');
  });

  it('names a mapping that is none, and a file that is not there', async () => {
    const wrong = await run('import', 'odd.csv', '--columns', '--map', 'picture=Bild');
    expect(wrong.status).toBe(2);
    expect(wrong.err).toContain('picture=Bild');
    expect((await run('import', 'nowhere.csv', '--columns')).status).toBe(3);
  });
});

describe('datasets duplicates and leakage', () => {
  it('lists what looks alike, in words and as JSON', async () => {
    const { status, out } = await run('datasets', 'duplicates', gallery);
    expect(status).toBe(0);
    expect(out).toMatch(/similar, train and test: 2\.png .*7\.png/);
    const report = (await run('datasets', 'duplicates', gallery, '--json')).json();
    expect(report).toMatchObject({ total: 1, groups: [{ kind: 'near', leaks: true }] });
    expect((await run('datasets', 'duplicates', gallery, '--across', '--json')).json()).toMatchObject({ total: 2 });
  });

  it('says what trains and tests, here and in other datasets', async () => {
    const { status, out } = await run('datasets', 'leakage', gallery);
    expect(status).toBe(0);
    expect(out).toContain('2 pairs of images train and test; 2 test samples are touched.');
    expect(out).toMatch(/the same: train 0\.png \(gallery, train\) – test 0\.png \(exam, test\)/);
    expect(out).toMatch(/similar \(\d bits\): train 2\.png/);
  });

  it('refuses a dataset and a distance that there is not', async () => {
    expect((await run('datasets', 'leakage', 'dataset-none')).status).toBe(3);
    const { status, err } = await run('datasets', 'duplicates', gallery, '--max-distance', '12');
    expect(status).toBe(2);
    expect(err).toContain('--max-distance must be at most 7');
  });
});

describe('balance', () => {
  it('warns of what could be guessed without looking', async () => {
    const { status, out } = await run('balance', gallery);
    expect(status).toBe(0);
    expect(out).toContain('6 training samples:');
    expect(out).toMatch(/! answer \(other\): .*most frequent is “3” with 83%/);
    expect(out).toMatch(
      /! Without looking at an image, the words of the question alone give \d+% of the right answers/,
    );
    expect((await run('balance', 'gallery', '--json')).json()).toMatchObject({ train: 6, test: 2 });
  });

  it('refuses anything but a dataset', async () => {
    expect((await run('balance', 'nothing')).status).toBe(3);
  });
});

describe('datasets edit, edits and undo', () => {
  it('changes by a filter, lists the change, takes it back', async () => {
    const edit = ['datasets', 'edit', gallery, '--where', 'author=Grace', '--set', 'licence=CC0-1.0'];
    const made = await run(...edit, '--add-tag', 'given', '--note', 'She said so in a letter.');
    expect(made.status).toBe(0);
    expect(made.out).toContain('(1 sample)');
    expect((await run('datasets', gallery, '--json')).json()).toMatchObject({
      licences: expect.arrayContaining([{ licence: 'CC0-1.0', samples: 1 }]),
    });
    const listed = await run('datasets', 'edits', gallery);
    expect(listed.out).toMatch(/in effect/);
    const [entry] = (await run('datasets', 'edits', gallery, '--json')).json() as unknown as { id: string }[];
    const undone = await run('datasets', 'undo', gallery, '--edit', entry?.id ?? '');
    expect(undone.status).toBe(0);
    expect((await run('datasets', 'edits', gallery)).out).toMatch(/undone/);
    expect((await run('datasets', gallery, '--json')).json()).toMatchObject({
      licences: [{ licence: 'CC-BY-4.0', samples: 8 }],
    });
    const log = (await run('audit', '--json')).json() as { entries: { action: string }[] };
    expect(log.entries.map(({ action }) => action)).toEqual(expect.arrayContaining(['dataset.edited']));
  });

  it.each([
    [['--set', 'colour=red'], '"colour" is not one of'],
    [['--where', 'author', '--set', 'answer=1'], 'not of the form field=value'],
    [['--set', 'split=middle'], '"middle" is not one of train, test'],
    [['--set', 'licence=free, I think'], 'licence'],
  ])('refuses %j, and changes nothing', async (options, sentence) => {
    const before = (await run('datasets', gallery, '--json')).json();
    const { status, err } = await run('datasets', 'edit', gallery, ...options);
    expect(status).toBe(2);
    expect(err).toContain(sentence);
    expect((await run('datasets', gallery, '--json')).json()).toEqual(before);
  });

  it('has nothing to undo where nothing was changed', async () => {
    const { status, err } = await run('datasets', 'undo', exam);
    expect(status).toBe(4);
    expect(err).toMatch(/^error: /);
    expect((await run('datasets', 'edits', exam)).out).toContain('has not changed since its import');
  });
});

describe('datasets split', () => {
  it('says what would come of it, then does it, similar images on one side', async () => {
    const planned = await run('datasets', 'split', gallery, '--test', '0.3', '--dry-run', '--json');
    expect(planned.json()).toMatchObject({ edit: null });
    const made = await run('datasets', 'split', gallery, '--test', '0.3', '--json');
    expect(made.json()).toMatchObject({ dataset: { leakage: { same: 0, near: 0 } } });
    expect((await run('datasets', 'split', gallery, '--by', 'weather')).status).toBe(2);
  });
});
