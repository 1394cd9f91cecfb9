/**
 * @file The external check of adapters: `npm run validate:peft [-- BASE ADAPTER …]`. Each pair of a base model's folder
 * and an adapter's (an exported bundle is one) is loaded by transformers and PEFT and compared with `atelier score`; the
 * program on an exported bundle's card is run. Without arguments, it uses the tiny reference checkpoint with its adapter,
 * and bundles that it makes: an adapter of each family, and for one of them the same merged, and all weights.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { preparePython, root, run } from './packages/python-environment.mjs';

const here = join(root, 'electron/formats/validate');
const fixtures = join(root, 'electron/engine/fixtures/qwen2vl-tiny');

/** One image, different shapes and modes, two images, none; answers of various lengths. */
const ITEMS = [
  { images: ['rgb_70x70.png'], prompt: 'How many bicycles?', completion: '<answer>3</answer>' },
  { images: ['tall_42x98.png'], prompt: 'What is the angle at B, in degrees?', completion: 'The answer is 60.' },
  { images: ['wide_1000x30.png', 'grey_37x53.png'], prompt: 'Which of the two is wider?', completion: 'first' },
  {
    images: ['big_219x161.png'],
    prompt: 'Zähle die Äpfel — 数一数。',
    completion: '<think>1, 2</think><answer>2</answer>',
  },
  { images: [], prompt: 'What is two and two?', completion: '4' },
];

const paths = process.argv.slice(2).map((path) => resolve(path));
if (paths.length % 2 === 1) {
  console.error('Give pairs of folders: a base model and an adapter for it.');
  process.exit(2);
}
const makesBundles = paths.length === 0;
const python = preparePython(
  'peft-venv',
  join(here, 'requirements.txt'),
  'the adapters were not loaded in transformers and PEFT.',
);

const scratch = mkdtempSync(join(tmpdir(), 'atelier-peft-'));
let failed = false;
try {
  const items = join(scratch, 'items.jsonl');
  const scores = join(scratch, 'scores.jsonl');
  const home = join(scratch, 'home');
  mkdirSync(home);
  const absolute = ITEMS.map((item) => ({
    ...item,
    images: item.images.map((name) => join(fixtures, 'images', name)),
  }));
  writeFileSync(items, absolute.map((item) => `${JSON.stringify(item)}\n`).join(''));
  const bundles = makesBundles ? madeBundles() : [];
  if (makesBundles) {
    paths.push(join(fixtures, 'model'), join(fixtures, 'lora'));
    // Adapters can be compared with PEFT; of whole models, only the card is run.
    for (const { base, bundle } of bundles) if (base.includes('families')) paths.push(base, bundle);
  }
  for (let index = 0; index < paths.length; index += 2) {
    const [base, adapter] = paths.slice(index, index + 2);
    console.log(`${adapter}\n  on ${base}`);
    const options = ['--model', base, '--adapter', adapter, '--input', items, '--home', home, '--json'];
    const scored = run(process.execPath, [join(root, 'electron/tools/setup/atelier.mjs'), 'score', ...options], {
      cwd: root,
    });
    if (!scored.ok) throw new Error(`atelier score failed.\n${scored.text}`);
    writeFileSync(scores, scored.text);
    const checked = run(python, [join(here, 'check_peft.py'), base, adapter, items, scores], {
      env: { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_VERBOSITY: 'error' },
    });
    console.log(checked.text.trimEnd());
    failed ||= !checked.ok;
    if (existsSync(join(adapter, 'README.md')) && existsSync(join(adapter, 'model.sig'))) runCard(adapter, base);
  }
  for (const { base, bundle } of bundles) if (!base.includes('families')) runCard(bundle, base);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Runs the program on a bundle's card. */
function runCard(bundle, base) {
  const picture = join(fixtures, 'images/rgb_70x70.png');
  console.log(bundle);
  const checked = run(python, [join(here, 'check_card.py'), bundle, base, picture], {
    env: { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_VERBOSITY: 'error' },
  });
  console.log(checked.text.trimEnd());
  failed ||= !checked.ok;
}

function madeBundles() {
  const maker = join(root, 'electron/studio/exports/fixtures/make-bundles.ts');
  const made = run(process.execPath, ['--import', 'tsx', maker, join(scratch, 'bundles')], { cwd: root });
  if (!made.ok) throw new Error(`The bundles could not be made.\n${made.text}`);
  return made.text
    .trim()
    .split('\n')
    .map((line) => {
      const [base, bundle] = line.split('\t');
      return { base, bundle };
    });
}

console.log(
  failed
    ? 'FAILED: PEFT does not agree with atelier score, or a card does not run.'
    : 'PASSED: transformers and PEFT agree with atelier score, and the cards run.',
);
process.exitCode = failed ? 1 : 0;
