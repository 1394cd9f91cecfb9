/** @file The programs that use exported weights, and the card's words about them. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { DEFAULT_GRPO } from '../../method/defaults.ts';
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
      grpo: { ...DEFAULT_GRPO, maxCompletionLength: 33 },
    },
    kind,
    step: 20,
    base: { name: 'tiny', tag: 'qwen2-vl', architecture: 'Qwen2VLForConditionalGeneration', hub: null },
    orientation: 'as-stored',
    ...more,
  };
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
    const all = [...KINDS.map((kind) => facts(kind)), facts('adapter', { base: smolvlm, orientation: 'upright' })];
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

it('the card says how to run them only where they leave with the weights', () => {
  for (const kind of KINDS) {
    for (const { command } of useCommands([...usePrograms(facts(kind)).keys()].map((name) => ({ name })))) {
      expect(usageText(facts(kind), true)).toContain(command);
      expect(usageText(facts(kind), false)).not.toContain('use/');
    }
  }
});
