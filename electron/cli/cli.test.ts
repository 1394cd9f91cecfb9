import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { CompletionGroup, RunDetail } from '../contract/model/runs.ts';
import { copyTinyModel, fakeEngine, temporaryFolder, writeDataset } from '../studio/fixtures/test-studio.ts';
import { commandRunner, type CommandRunner, type Running } from './testing/run-command.ts';

let folder: string;
let home: string;
let model: string;
let begin: CommandRunner['begin'];
let run: CommandRunner['run'];
let runInTerminal: CommandRunner['runInTerminal'];

beforeAll(async () => {
  folder = temporaryFolder();
  home = join(folder, 'home');
  await writeDataset(folder);
  model = copyTinyModel(folder);
  ({ begin, run, runInTerminal } = commandRunner({ home, cwd: folder, spawnEngine: fakeEngine }));
});

/** Builds a train command with the given run name, which tells the fake engine what to do. */
function train(name: string, ...more: string[]): string[] {
  const steps = more.includes('--steps') ? [] : ['--steps', '4'];
  return ['train', '--dataset', 'images', '--model', model, '--name', name, ...steps, ...more];
}

const ASKED = ['generate', '--model', 'nano', '--prompt', 'x'];

describe('help and usage', () => {
  it('lists every command', async () => {
    const { status, out } = await run('--help');
    expect(status).toBe(0);
    for (const name of [
      'demo',
      'import',
      'train',
      'runs',
      'resume',
      'stop',
      'eval',
      'generate',
      'score',
      'export',
      'verify',
      'serve',
      'doctor',
    ]) {
      expect(out).toContain(`  ${name} `);
    }
    expect((await run('train', '--help')).out).toContain('--set <key=value>');
    expect(existsSync(home)).toBe(false);
  });

  it.each([
    [['nonsense'], 'There is no command "nonsense".'],
    [['train', '--dataste', 'x'], 'dataste'],
    [['resume'], 'run'],
    [['generate', '--model', 'nano'], 'The option --prompt is needed.'],
    [['eval', '--dataset', 'x', '--split', 'middle'], 'must be one of train, test'],
    [['train', '--dataset', 'images', '--steps', 'many'], 'must be a number'],
    [['runs', '--csv', 'run.csv'], 'The option --csv has no effect here: no run is named.'],
    [['runs', '--trackio', 'logs'], 'The option --trackio has no effect here: no run is named.'],
    [['runs', 'run-1', '--tag', 'keep'], 'The option --tag has no effect here'],
    [
      ['runs', 'run-1', '--steps', '--csv', 'run.csv'],
      'The option --csv has no effect here: --steps shows something else.',
    ],
    [['label', '--task', 'count'], 'The option --task has no effect here: no folder is named.'],
    [['import', '--starter', 'counting', '--name', 'Mine'], 'The option --name has no effect here'],
    [['import', 'images', '--starter', 'counting'], '"images" is named too'],
    [['export', 'run-1', 'here', '--out', 'there'], 'The option --out has no effect here'],
    [[...ASKED, '--greedy', '--temperature', '1'], 'The option --temperature has no effect here'],
    [[...ASKED, '--greedy', '--seed', '5'], 'The option --seed has no effect here'],
    [[...ASKED, '--seed', '5'], 'The option --seed has no effect here: without --temperature,'],
    [[...ASKED, '--partial-adapter'], 'The option --partial-adapter has no effect here: no adapter is named.'],
    [[...ASKED, '--detail', 'low'], 'The option --detail has no effect here: no picture is shown.'],
    [['score', '--model', 'nano', '--input', 'x.jsonl', '--partial-adapter'], 'The option --partial-adapter has no'],
    [['label', 'finish', 'birds', '--removed'], '`label finish` has no option --removed.'],
  ])('refuses %j with status 2', async (argv, sentence) => {
    const { status, out, err } = await run(...argv);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^error: .*\n(.*\n)*? {2}what to do: /);
    expect(err).toContain(sentence);
  });

  it('gives errors as JSON too, and nothing else on standard output', async () => {
    const { status, err, json } = await run('runs', 'nobody', '--json');
    expect(status).toBe(3);
    expect(json()).toEqual({
      error: {
        code: 'NOT_FOUND',
        message: 'There is no run with the id "nobody".',
        place: { field: 'run' },
        remedy: 'The list of runs shows the ids that exist.',
      },
    });
    expect(err).toContain('where: "run"');
  });
});

describe('from images to a run', () => {
  it('inspects, imports and lists', async () => {
    const dry = await run('import', 'images', '--dry-run', '--json');
    expect(dry.json()).toMatchObject({ rowsRead: 8, rowsUsable: 8 });
    expect((await run('datasets', '--json')).json()).toEqual([]);
    expect((await run('import', 'images', '--json')).json()).toMatchObject({
      dataset: { name: 'images', samples: 8, test: 3 },
    });
    const [dataset] = (await run('datasets', '--json')).json() as unknown as { id: string }[];
    expect((await run('datasets', dataset!.id)).out).toContain('CC0-1.0');
    const added = await run('models', '--add', 'tiny', '--name', 'Tiny', '--json');
    expect(added.json()).toMatchObject({ name: 'Tiny', path: model });
    expect((await run('models')).out).toContain('Tiny');
  });

  it('trains to the end, with JSON lines for programs', async () => {
    const { status, lines } = await begin([
      ...train('plain'),
      '--json',
      '--set',
      'learningRate=0.002',
      '--set',
      'betaMax=0.2',
    ]).done;
    expect(status).toBe(0);
    const events = lines();
    expect(events.at(-1)).toMatchObject({
      type: 'result',
      run: { status: 'completed', step: 4, base: { n: 3 }, tuned: { correct: 3 } },
    });
    expect(events.filter((event) => event['type'] === 'steps').length).toBeGreaterThan(0);
    const { id } = (events.at(-1) as { run: { id: string } }).run;
    expect((await run('runs', id, '--json')).json()).toMatchObject({
      recipe: { optimiser: { learningRate: 0.002 }, klSchedule: { kind: 'paper-eq3', betaMax: 0.2, betaMin: 0.04 } },
    });
    expect((await run('runs', id, '--steps')).lines().map((step) => step['step'])).toEqual([1, 2, 3, 4]);
    expect((await run('runs', id, '--completions', '2')).out).toContain('correct');
    const evaluation = await run('eval', '--run', id, '--json');
    expect(evaluation.json()).toMatchObject({ step: 4, accuracy: { correct: 3, n: 3 } });
    await trainAgainFromItsRecipe(id);
  });

  async function trainAgainFromItsRecipe(id: string): Promise<void> {
    const { out } = await run('runs', id, '--recipe');
    expect(out).toMatch(/^model: tiny$/im);
    // Another data folder has other ids; there, the names count.
    writeFileSync(join(folder, 'again.yaml'), out.replace(/^modelId: .*$/m, 'modelId: model-elsewhere'));
    const again = await begin(['train', 'again.yaml', '--json']).done;
    const { id: second } = (again.lines().at(-1) as { run: { id: string } }).run;
    const recipes = [id, second].map(async (each) => ((await run('runs', each, '--json')).json() as RunDetail).recipe);
    const [first, repeated] = await Promise.all(recipes);
    expect(repeated).toEqual(first);
    writeFileSync(join(folder, 'typo.yaml'), out.replace(/^( +)learningRate:/m, '$1learningrate: 1\n$1learningRate:'));
    const refused = await run('plan', 'typo.yaml');
    const line = out.split('\n').findIndex((each) => each.includes('learningRate:')) + 1;
    expect([refused.status, refused.err]).toEqual([2, expect.stringContaining(`line ${line}, optimiser.learningrate`)]);
    expect((await run('train', 'again.yaml', '--recipe', 'again.yaml')).err).toContain('Name one file');
  }

  it('shows a reward without an opinion as a dash and keeps it null in JSON', async () => {
    const { lines } = await begin([...train('no-opinion'), '--json']).done;
    const { id } = (lines().at(-1) as { run: { id: string } }).run;
    const shown = (await run('runs', id, '--completions', '2')).out;
    expect(shown).toMatch(/^advantage +reward +accuracy +verdict +answer$/m);
    expect(shown).toMatch(/^0\.00 +– +– +wrong/m);
    expect(shown).toContain('– means that the reward has no opinion');
    const [group] = (await run('runs', id, '--completions', '2', '--json')).json() as unknown as CompletionGroup[];
    expect(group?.completions.map(({ reward }) => reward)).toEqual([1, null]);

    // Its report is one file, which is never written over.
    const report = await run('report', id, '--out', 'out/run.html', '--json');
    expect(report.json()).toMatchObject({ path: join(folder, 'out', 'run.html') });
    expect(readFileSync(join(folder, 'out', 'run.html'), 'utf8')).toContain('<svg role="img"');
    const again = await run('report', id, '--out', 'out/run.html');
    expect([again.status, again.err]).toEqual([4, expect.stringContaining('exists already')]);
    expect((await run('report', 'nobody')).status).toBe(3);
  });

  it('refuses a recipe that contradicts itself, by the field', async () => {
    const { status, err } = await begin(train('plain', '--method', 'grpo', '--set', 'klSchedule.kind=paper-eq3')).done;
    expect(status).toBe(2);
    expect(err).toContain('klSchedule');
    expect((await begin(train('plain', '--set', 'nonsense=1')).done).err).toContain('names no field of a recipe');
  });

  it('Ctrl-C stops with a checkpoint, says how to go on, and resume does', async () => {
    let interrupted = false;
    const stopped = await begin(train('slow', '--steps', '300'), (text, running) => {
      if (interrupted || !/step \d/.test(text)) return;
      interrupted = true;
      running.interrupt();
    }).done;
    expect(stopped.status).toBe(130);
    expect(stopped.err).toContain('Stopping after the current step, with a checkpoint.');
    const id = /go on with: atelier resume (\S+)/.exec(stopped.err)?.[1] ?? '';
    expect((await run('runs', id, '--json')).json()).toMatchObject({ summary: { status: 'interrupted' } });

    interrupted = false;
    const again = await begin(['resume', id], (text, running) => {
      if (interrupted || !/step \d\d\//.test(text)) return;
      interrupted = true;
      running.interrupt();
    }).done;
    expect(again.status).toBe(130);
    expect(again.err).toMatch(/goes on after step \d+ of 300/);
  });

  it('a second Ctrl-C ends at once; the run is interrupted all the same', async () => {
    let presses = 0;
    const { status, err } = await begin(
      train('slow', '--steps', '300', '--set', 'checkpointEvery=2'),
      (text, running) => {
        if (presses >= 2 || !(presses === 0 ? /step \d/.test(text) : text.startsWith('Stopping'))) return;
        presses += 1;
        running.interrupt();
      },
    ).done;
    expect(status).toBe(130);
    const id = /atelier resume (\S+)/.exec(err)?.[1] ?? '';
    expect((await run('runs', id, '--json')).json()).toMatchObject({ summary: { status: 'interrupted' } });
  });

  it('a lost engine ends the command with status 5 and says how to go on', async () => {
    const { status, err } = await begin(train('crash-at-3', '--set', 'checkpointEvery=2')).done;
    expect(status).toBe(5);
    expect(err).toContain('SIGKILL');
    expect(err).toMatch(/go on with: atelier resume \S+/);
  });

  it('a disk that fills up ends the command with status 7 and says how to go on', async () => {
    const { status, err } = await begin(train('disk-full', '--set', 'checkpointEvery=2')).done;
    expect(status).toBe(7);
    expect(err).toContain('Free some space on that disk. It can be resumed from step 2.');
    expect(err).toMatch(/go on with: atelier resume \S+/);
  });
});

describe('asking a model', () => {
  it('generates', async () => {
    const image = join('images', 'image-1.png');
    const { status, json } = await run(
      'generate',
      '--model',
      'tiny',
      '--image',
      image,
      '--prompt',
      '007',
      '--greedy',
      '--max-new-tokens',
      '8',
      '--json',
    );
    expect(status).toBe(0);
    expect(json()).toEqual({
      text: 'tiny: 007',
      tokenIds: [1, 2, 3],
      promptIds: [4, 5],
      finish: 'stop',
      seconds: 0.01,
      repetitionPenalty: 1,
    });
  });

  it('refuses a start that is not a run and a step, before anything is asked', async () => {
    const { status, err } = await run('train', '--start-from', 'run-1@x');
    expect(status).toBe(2);
    expect(err).toContain('--start-from run-1@x is not of the form RUN or RUN@STEP.');
  });

  it('takes the system prompt from --system, else from the folder of an exported adapter', async () => {
    const adapter = join(folder, 'exported');
    mkdirSync(adapter, { recursive: true });
    for (const name of ['adapter_config.json', 'adapter_model.safetensors']) writeFileSync(join(adapter, name), '{}');
    writeFileSync(join(adapter, 'recipe.json'), JSON.stringify({ systemPrompt: 'You count.' }));
    const asked = ['generate', '--model', 'tiny', '--adapter', adapter, '--prompt', 'x'];
    expect((await run(...asked)).out).toBe('tiny+exported: [You count.] x\n');
    expect((await run(...asked, '--system', 'Be brief.')).out).toBe('tiny+exported: [Be brief.] x\n');
    expect((await run(...asked, '--system', '')).out).toBe('tiny+exported: x\n');
  });

  it('shows in a terminal how much of the model is loaded, and nothing of it in a pipe or as JSON', async () => {
    const question = ['generate', '--model', 'tiny', '--prompt', '007'];
    const [whole, end] = ['Loading the model: 2.0 of 2.0 GiB', '\n'];
    const shown = await runInTerminal(...question);
    expect(shown.err).toBe(`\r\x1b[2KLoading the model: 0 B of 2.0 GiB\r\x1b[2K${whole}${end}`);
    expect(shown.out).toBe('tiny: 007\n');
    expect((await run(...question)).err).toBe('');
    const asJson = await runInTerminal(...question, '--json');
    expect([asJson.err, asJson.json()['text']]).toEqual(['', 'tiny: 007']);
  });

  it('shows it for an evaluation that asks the model, and not for one that is already known', async () => {
    const evaluation = ['eval', '--dataset', 'images', '--model', 'tiny', '--split', 'train', '--limit', '2'];
    expect((await runInTerminal(...evaluation)).err).toContain('Loading the model: 2.0 of 2.0 GiB\n');
    const known = await runInTerminal(...evaluation);
    expect(known.status).toBe(0);
    expect(known.err).not.toContain('Loading');
  });

  it('names what is missing', async () => {
    const missing = await run('generate', '--model', 'tiny', '--image', 'nothing.png', '--prompt', 'x');
    expect(missing.status).toBe(3);
    expect(missing.err).toContain(join(folder, 'nothing.png'));
    expect((await run('generate', '--model', 'images', '--prompt', 'x')).err).toContain('it has no config.json');
    const adapter = await run('generate', '--model', 'tiny', '--adapter', 'images', '--prompt', 'x');
    expect(adapter.err).toContain('it has no adapter_config.json');
  });

  it('scores one line per line, with images relative to the file', async () => {
    mkdirSync(join(folder, 'lists'), { recursive: true });
    const rows = Array.from({ length: 10 }, (_, index) => ({
      images: ['../images/image-0.png'],
      prompt: 'p'.repeat(index + 1),
      completion: 'c',
    }));
    writeFileSync(join(folder, 'lists', 'items.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join('\n'));
    const { status, lines } = await run('score', '--model', 'tiny', '--input', 'lists/items.jsonl', '--json');
    expect(status).toBe(0);
    expect(lines().map((line) => line['promptIds'])).toEqual(rows.map((row) => [row.prompt.length]));
    expect(lines()[0]).toHaveProperty('topLogits');
  });

  it('scores a row that has no images as text alone, as generate does', async () => {
    writeFileSync(join(folder, 'text.jsonl'), '{"prompt":"abc","completion":"d"}\n');
    const { status, lines } = await run('score', '--model', 'tiny', '--input', 'text.jsonl', '--json');
    expect(status).toBe(0);
    expect(lines()).toMatchObject([{ promptIds: [3], logprobs: [-0.5] }]);
  });

  it('refuses a file that would not fit into one text, by its size', async () => {
    const input = join(folder, 'long.jsonl');
    writeFileSync(input, '');
    truncateSync(input, 2 ** 29);
    const { status, err } = await run('score', '--model', 'tiny', '--input', input);
    expect(status).toBe(2);
    expect(err).toContain('has 512 MiB; at most 256 MiB are read.');
  });

  it('names the row that cannot be scored, and scores nothing', async () => {
    writeFileSync(
      join(folder, 'bad.jsonl'),
      '{"images":[],"prompt":"a","completion":"b"}\n{"images":[],"prompt":5,"completion":"b"}\n',
    );
    const { status, out, err } = await run('score', '--model', 'tiny', '--input', 'bad.jsonl');
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toContain('row 2, "prompt"');
  });
});

describe('other commands', () => {
  it('the doctor speaks without a store', async () => {
    const { status, json } = await run('doctor', '--json');
    expect(status).toBe(0);
    const names = (json() as unknown as { name: string; status: string }[]).map((finding) => finding.name);
    expect(names).toEqual(
      expect.arrayContaining(['Node', 'TensorFlow', 'Memory', 'SQLite', 'Electron', 'Data folder']),
    );
  });

  it('an empty id or path, an unknown run and an impossible port are slips of the person, not bugs', async () => {
    const slips: [string[], number, string][] = [
      [['runs', ''], 2, 'The id of the run is empty.'],
      [['resume', ''], 2, 'The id of the run is empty.'],
      [['stop', ' '], 2, 'The id of the run is empty.'],
      [['export', ''], 2, 'The id of the run is empty.'],
      [['eval', '--run', ''], 2, 'The id of the run is empty.'],
      [['datasets', ''], 2, 'The id of the dataset is empty.'],
      [['datasets', 'override', ''], 2, 'The id of the dataset is empty.'],
      [['import', ''], 2, 'The name or path is empty'],
      [['train', '--dataset', ''], 2, 'The name or path is empty'],
      [['verify', ''], 2, 'The name or path is empty'],
      [['runs', 'run-unknown', '--steps'], 3, 'There is no run with the id "run-unknown".'],
      [['runs', 'run-unknown', '--completions', '1'], 3, 'There is no run with the id "run-unknown".'],
      [['serve', '--port', '70000'], 2, 'There is no port 70000'],
    ];
    for (const [argv, status, sentence] of slips) {
      const result = await run(...argv);
      expect([argv, result.status, result.out]).toEqual([argv, status, '']);
      expect(result.err).toContain(sentence);
    }
  });

  it('a data folder that is a file is named, and the file stays', async () => {
    const file = join(folder, 'no-folder');
    writeFileSync(file, 'kept');
    for (const place of [file, join(file, 'below')]) {
      const { status, err } = await run('runs', '--home', place);
      expect(status).toBe(2);
      expect(err).toContain(`${place} cannot be a folder`);
    }
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });

  it('verify of something that is not a bundle is not a pass', async () => {
    expect((await run('verify', 'images')).status).toBe(9);
    expect((await run('verify', 'nothing')).status).toBe(3);
  });

  it.skipIf(process.platform === 'win32' || process.platform === 'darwin')(
    'serve --open starts the browser with a page that only its user can read, never with the token',
    async () => {
      const home = temporaryFolder();
      const bin = temporaryFolder();
      const seen = join(bin, 'seen');
      writeFileSync(
        join(bin, 'xdg-open'),
        `#!/bin/sh\nprintf '%s\\n' "$@" > ${seen}.part\nstat -c %a "$1" >> ${seen}.part\ncat "$1" >> ${seen}.part\nmv ${seen}.part ${seen}\n`,
        { mode: 0o755 },
      );
      vi.stubEnv('PATH', `${bin}:${process.env['PATH'] ?? ''}`);
      let told = (_running: Running): void => undefined;
      const running = new Promise<Running>((resolve) => (told = resolve));
      const served = begin(['serve', '--open', '--json', '--home', home], (_text, now) => told(now));
      await expect.poll(() => existsSync(seen), { timeout: 10_000 }).toBe(true);
      const [path = '', mode, ...page] = readFileSync(seen, 'utf8').split('\n');
      expect(mode).toBe('600');
      const url = /url=(http:\S+token=[\w-]{43})"/.exec(page.join('\n'))?.[1] ?? '';
      expect(path).not.toContain(new URL(url).searchParams.get('token'));
      expect((await fetch(url)).status).toBe(200);
      // Once the address has been used, the page leads nowhere.
      await expect.poll(() => existsSync(path)).toBe(false);
      (await running).interrupt();
      expect((await served.done).status).toBe(0);
      vi.unstubAllEnvs();
    },
  );

  it('shows the controls of foreign names, and sends none to the terminal', async () => {
    const name = 'a\x1b]0;owned\x07\r\x9b2J\u202e\nb';
    const strange = join(folder, 'strange');
    mkdirSync(strange, { recursive: true });
    writeFileSync(join(strange, 'metadata.csv'), `file_name,question,answer\n"${name}.png",How many?,1\n`);
    for (const argv of [
      ['verify', name],
      ['import', 'strange'],
      ['import', 'strange', '--json'],
      ['audit', '--limit', name],
    ]) {
      const { out, err, status } = await run(...argv);
      expect(status).not.toBe(0);
      expect(`${out}${err}`.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\u202e/u);
      if (argv.includes('--json')) expect(out).toContain(JSON.stringify(name).slice(1, 8));
    }
  });

  it('serve prints its address and ends on Ctrl-C', async () => {
    // The command prints this line just before it starts waiting.
    const served = begin(['serve', '--json'], (_text, running) => setImmediate(running.interrupt));
    const { status, json } = await served.done;
    expect(status).toBe(0);
    expect(json()).toMatchObject({ type: 'listening', home });
    expect(String(json()['url'])).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/open\?token=/);
  });
});

describe('as a process', () => {
  it('answers, keeps standard output clean and ends', async () => {
    const entry = fileURLToPath(new URL('./cli.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', entry, 'runs', '--json', '--home', home]);
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    const status = await new Promise((resolve) => child.on('exit', resolve));
    expect(status).toBe(0);
    expect(Array.isArray(JSON.parse(out))).toBe(true);
  });
});
