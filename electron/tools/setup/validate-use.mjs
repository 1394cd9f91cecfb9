/**
 * @file The external check of `use/`: `npm run validate:use`. Makes bundles with a prompt, a system prompt and a limit of pixels,
 * runs the programs in them, and compares the answers with `atelier generate`. llama.cpp's own `llama-mtmd-cli` is used if it is
 * on the PATH.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { preparePython, root, run } from './packages/python-environment.mjs';

const here = join(root, 'electron/formats/validate');
const QUESTION = 'How "many" bicycles\\are there, $HOME?';
/** llama.cpp resizes pictures in its own way, and this one needs no resizing. */
const DRAWN = join(root, 'resources/datasets/geometry/images/test-001.png');
const LARGE = join(root, 'electron/engine/fixtures/qwen2vl-tiny/images/big_219x161.png');

const python = preparePython(
  'peft-venv',
  join(here, 'requirements.txt'),
  'the programs in use/ were not run in transformers and PEFT.',
);
const scratch = mkdtempSync(join(tmpdir(), 'atelier-use-'));
let failed = false;
try {
  const home = join(scratch, 'home');
  mkdirSync(home);
  const maker = join(root, 'electron/studio/exports/fixtures/make-bundles.ts');
  const made = mustRun(process.execPath, ['--import', 'tsx', maker, join(scratch, 'bundles'), 'use']);
  for (const line of made.trim().split('\n')) {
    const [base, bundle, form, asking] = line.split('\t');
    console.log(bundle);
    const { promptTemplate, systemPrompt, tokens } = JSON.parse(asking);
    const picture = form === 'gguf' ? DRAWN : LARGE;
    const asked = promptTemplate.replaceAll('{question}', () => QUESTION);
    const generate = [
      'generate',
      '--image',
      picture,
      '--prompt',
      asked,
      '--system',
      systemPrompt ?? '',
      '--home',
      home,
    ];
    const model = existsSync(join(bundle, 'adapter_config.json'))
      ? ['--model', base, '--adapter', bundle]
      : ['--model', form === 'gguf' ? base : bundle];
    const options = [...model, '--max-new-tokens', String(tokens), '--json'];
    const { text } = JSON.parse(
      mustRun(process.execPath, [join(root, 'electron/tools/setup/atelier.mjs'), ...generate, ...options]),
    );
    const input = JSON.stringify({
      picture,
      question: QUESTION,
      asked,
      system: systemPrompt ?? null,
      tokens,
      expected: text,
    });
    const checked = spawnSync(python, [join(here, 'check_use.py'), bundle, base], {
      encoding: 'utf8',
      input,
      env: { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_VERBOSITY: 'error' },
    });
    console.log(`${checked.stdout}${checked.status === 0 ? '' : checked.stderr}`.trimEnd());
    failed ||= checked.status !== 0;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function mustRun(program, options) {
  const done = run(program, options, { cwd: root });
  if (!done.ok) throw new Error(`${program} ${options[0]} failed.\n${done.text}`);
  return done.text;
}

console.log(
  failed
    ? 'FAILED: a program in use/ does not answer as Atelier does.'
    : 'PASSED: the programs in use/ answer as Atelier does.',
);
process.exitCode = failed ? 1 : 0;
