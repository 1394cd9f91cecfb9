/** @file The programs that use exported weights, and the card's words about them. */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DatasetId } from '../../contract/model/primitives.ts';
import { DEFAULT_GRPO, DEFAULT_REWARDS } from '../../method/defaults.ts';
import { LEARNING_TASKS } from '../../method/learning-tasks.ts';
import { USE_FILE, useCommands } from '../../reporting/use-commands.ts';
import { usageText, usePrograms, type UseFacts, type UseKind } from './use-programs.ts';

const QUOTES = 'Say "three" or \'3\'.\n```\n{question} \\n """ {question}';

function facts(kind: UseKind, more: Partial<UseFacts> = {}): UseFacts {
  return {
    recipe: {
      name: 'Zähle: "Räder" <b>',
      promptTemplate: QUOTES,
      systemPrompt: 'You count.\n"""\nimport os',
      maxPixels: 12_544,
      datasetId: DatasetId.parse('0197a000-0000-8000-8000-000000000001'),
      rewards: DEFAULT_REWARDS,
      grpo: { ...DEFAULT_GRPO, maxCompletionLength: 33 },
    },
    kind,
    step: 20,
    base: { name: 'tiny', tag: 'qwen2-vl', architecture: 'Qwen2VLForConditionalGeneration', hub: null },
    orientation: 'as-stored',
    ...more,
  };
}

/** Tags with half of the weight of boxes, each asked in its own words. */
function mixed(kind: UseKind): UseFacts {
  const { recipe } = facts(kind);
  const part = (name: string, task: 'tags' | 'find-box', weight: number, at: number) => ({
    name,
    datasetId: DatasetId.parse(`0197a000-0000-8000-8000-00000000000${at}`),
    datasetSha256: '0'.repeat(64),
    weight,
    rewards: [...LEARNING_TASKS[task].rewards],
    promptTemplate: LEARNING_TASKS[task].promptTemplate ?? '',
  });
  const mixture = [part('Tags "a"', 'tags', 1, 1), part('Boxes', 'find-box', 2, 2)];
  return facts(kind, { recipe: { ...recipe, promptTemplate: '{question}', mixture } });
}

const KINDS: UseKind[] = ['adapter', 'checkpoint', 'gguf', 'mlx'];
const smolvlm = { name: 'smol', tag: 'smolvlm', architecture: 'SmolVLMForConditionalGeneration', hub: null };
const hasPython = spawnSync('python3', ['-c', '']).status === 0;

describe('the programs in use/', () => {
  it('are those that the weights can serve', () => {
    expect(KINDS.map((kind) => [...usePrograms(facts(kind)).keys()])).toEqual([
      [USE_FILE.transformers],
      [USE_FILE.transformers],
      [USE_FILE.llamaCpp, USE_FILE.ollama],
      [USE_FILE.mlx],
    ]);
  });

  it.skipIf(!hasPython)('are Python, whatever the prompt says', () => {
    const all = [
      ...KINDS.flatMap((kind) => [facts(kind), mixed(kind)]),
      facts('adapter', { base: smolvlm, orientation: 'upright' }),
    ];
    for (const text of all.flatMap((each) => [...usePrograms(each).values()])) {
      const parsed = spawnSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.buffer.read())'], {
        input: text,
      });
      expect(parsed.stderr.toString(), text).toBe('');
    }
  });

  it.skipIf(!hasPython)('hold prompt and system prompt to the character', () => {
    const text = usePrograms(facts('checkpoint')).get(USE_FILE.transformers) ?? '';
    const lines = text.split('\n').filter((line) => /^(PROMPT|SYSTEM) = /.test(line));
    const program = `import json\nQUESTION = "How many?"\n${lines.join('\n')}\nprint(json.dumps([PROMPT, SYSTEM]))`;
    const { stdout } = spawnSync('python3', ['-c', program]);
    const { promptTemplate, systemPrompt } = facts('checkpoint').recipe;
    expect(JSON.parse(stdout.toString())).toEqual([promptTemplate.replaceAll('{question}', 'How many?'), systemPrompt]);
  });

  it('take the limit of pixels, the longest answer and the orientation from the run', () => {
    const program = (of: UseFacts): string => usePrograms(of).get(USE_FILE.transformers) ?? '';
    expect(program(facts('adapter'))).toContain('images = AutoImageProcessor.from_pretrained(FOLDER)');
    const { maxPixels: _, ...recipe } = facts('adapter').recipe;
    expect(program(facts('adapter', { recipe }))).toContain('images = AutoImageProcessor.from_pretrained(BASE');
    expect(program(facts('adapter'))).toContain('max_new_tokens=33, do_sample=False');
    expect(program(facts('adapter'))).not.toContain('exif_transpose');
    expect(program(facts('adapter', { orientation: 'upright' }))).toContain('exif_transpose');
  });

  it('give llama.cpp the picture before the words, whole, greedy and unchanged', () => {
    const text = usePrograms(facts('gguf')).get(USE_FILE.llamaCpp) ?? '';
    for (const flag of ['"--jinja", "--chat-template"', '"--no-escape"', '"-n", "33"', '"--temp", "0"'])
      expect(text).toContain(flag);
  });

  it('name the model as Ollama allows', () => {
    const text = usePrograms(facts('gguf')).get(USE_FILE.ollama) ?? '';
    expect(text).toContain('NAME = "za-hle-ra-der-b-step-20"');
    const odd = facts('gguf', { recipe: { ...facts('gguf').recipe, name: '数' } });
    expect(usePrograms(odd).get(USE_FILE.ollama)).toContain('NAME = "model-step-20"');
  });
});

describe('a mixture whose datasets are asked in different words', () => {
  it.skipIf(!hasPython)('is asked as the heaviest, and as another by its name', () => {
    const text = usePrograms(mixed('checkpoint')).get(USE_FILE.transformers) ?? '';
    const [reads = ''] = /# How the run asked[^]*?(?=FOLDER = )/.exec(text) ?? [];
    const asks = (...words: string[]) =>
      spawnSync('python3', [
        '-c',
        `import sys\n${reads}${/^PROMPT = .*$/m.exec(text)?.[0] ?? ''}\nprint(PROMPT)`,
        ...words,
      ]);
    const prompt = (task: 'tags' | 'find-box') => LEARNING_TASKS[task].promptTemplate?.replace('{question}', 'Where?');
    expect(asks('a.png', 'Where?').stdout.toString().trim()).toBe(prompt('find-box'));
    expect(asks('a.png', 'Where?', '--ask-as', 'Tags "a"').stdout.toString().trim()).toBe(prompt('tags'));
    const wrong = asks('a.png', 'Where?', '--ask-as', 'Tags');
    expect([wrong.status, wrong.stderr.toString().trim()]).toEqual([1, '--ask-as takes one of: Boxes, Tags "a".']);
    const none = asks('a.png', 'Where?', '--ask-as');
    expect([none.status, none.stderr.toString().trim()]).toEqual([
      1,
      '--ask-as lacks the name of a dataset, one of: Boxes, Tags "a".',
    ]);
  });

  it('says on the card and in every program whose words it has, and asks a question of its kind', () => {
    for (const kind of KINDS) {
      const card = usageText(mixed(kind), true);
      expect(card).toContain('ask as the run asked `"Boxes"`, its heaviest dataset');
      expect(card).toContain('`--ask-as NAME`');
      expect(card).toContain('picture.png "Where is the crack?"');
      for (const text of usePrograms(mixed(kind)).values()) expect(text).toMatch(/heaviest(?: dataset)?,\s"Boxes"\./);
    }
    expect(usageText(mixed('adapter'), true)).toContain('left, top, right, bottom in brackets');
    expect(usageText(facts('adapter'), true)).not.toContain('--ask-as');
  });
});

it.skipIf(!hasPython)('a program ends with one sentence where a file or a program is missing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'atelier-use-'));
  try {
    await mkdir(join(folder, 'use'));
    for (const [name, text] of usePrograms(facts('gguf'))) await writeFile(join(folder, name), text);
    await writeFile(join(folder, USE_FILE.conversation), '{"text": "ATELIER-QUESTION"}');
    await writeFile(join(folder, 'notes.png'), 'no picture');
    await writeFile(join(folder, 'picture.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47]));
    const python = spawnSync('python3', ['-c', 'import sys; print(sys.executable)']).stdout.toString().trim();
    const run = (name: string, picture: string): [number | null, string] => {
      const env = { PATH: folder };
      const { status, stderr } = spawnSync(python, [join(folder, name), join(folder, picture), 'Why?'], { env });
      return [status, stderr.toString().trim().replaceAll(folder, '')];
    };
    for (const [name, needed] of [
      [USE_FILE.llamaCpp, 'llama-mtmd-cli'],
      [USE_FILE.ollama, 'ollama'],
    ] as const) {
      expect(run(name, 'none.png')).toEqual([
        1,
        expect.stringMatching(/^.*none\.png cannot be read as a picture: .*$/),
      ]);
      expect(run(name, 'notes.png')).toEqual([1, expect.stringMatching(/^.*notes\.png is not a picture that .*$/)]);
      expect(run(name, 'picture.png')).toEqual([1, expect.stringMatching(`^There is no ${needed} on the PATH: .*$`)]);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('the card says how to run them only where they leave with the weights', () => {
  for (const kind of KINDS) {
    for (const { command } of useCommands([...usePrograms(facts(kind)).keys()].map((name) => ({ name })))) {
      expect(usageText(facts(kind), true)).toContain(command);
      expect(usageText(facts(kind), false)).not.toContain('use/');
    }
  }
});
