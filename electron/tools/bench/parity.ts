/**
 * @file `npm run parity`: measures every family against what transformers and PEFT computed (engine/fixtures), tries every
 * layout in which models are published, and writes docs/compatibility.md. `-- --real` compares published weights too,
 * `-- --gguf` runs exports in llama.cpp, `-- --mlx` in mlx-vlm. Ends with status 1 if a bound is broken.
 */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  mkdirSync,
  readdirSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as prettier from 'prettier';
import { THREADS_VARIABLE } from '../../contract/engine/threads.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { scoreEntry, encodeEntry, type PolicyState } from '../../engine/training/policy-program.ts';
import { completionFeeds } from '../../engine/training/batch.ts';
import { loraNames } from '../../engine/model/lora.ts';
import { MASKED } from '../../engine/model/attention.ts';
import { createProcessor, type PreparedPrompt } from '../../engine/policy/processor.ts';
import { loadRuntime } from '../../engine/runtime/backend.ts';
import { createProgram } from '../../engine/runtime/create-program.ts';
import { floats, variables } from '../../engine/runtime/program.ts';
import {
  farthest,
  feedsOf,
  fixture,
  largest,
  loadTiny,
  shapeOf,
  splitFeeds,
  stateOf,
  tinyProgram,
  type Tiny,
} from '../../engine/testing/tiny.ts';
import { rolloutEntries, rolloutVariables } from '../../engine/training/rollout/rollout-program.ts';
import { rollOut } from '../../engine/training/rollout/rollout.ts';
import { readCheckpoint } from '../../formats/checkpoint.ts';
import { fitAdapter, loraScaling, readAdapter } from '../../formats/peft.ts';
import { openSafetensors } from '../../formats/safetensors.ts';
import { markdownTable } from 'markdown-table';
import { preparePeers } from './python-peers.ts';
import { measureGguf, type GgufRow } from './real/gguf.ts';
import { measureMlx, type MlxRow } from './real/mlx.ts';
import { ggufSection, mlxSection, realSection } from './real/real-page.ts';
import { measureReal, type RealFigures } from './real/real.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const FAMILIES = fileURLToPath(new URL('../../engine/fixtures/families/', import.meta.url));
/** Relative to the largest value; pixels absolute. */
const BOUND = { pixels: 1e-6, logits: 1e-4, logprobs: 1e-4 };

interface Case {
  name: string;
  prompt: PreparedPrompt;
  /** Token ids of the reference's prompt. */
  ids: number[];
  logits: Float32Array;
  greedy: number[];
  penalised: { penalty: number; ids: number[] }[];
  pixels?: Float32Array;
}

interface Measured {
  family: string;
  cases: number;
  tokens: boolean;
  pixels: number | null;
  logits: number;
  greedy: string;
  penalised: string;
  logprobs: number | null;
  adapter: number | null;
  merged: number | null;
}

async function valuesIn(path: string): Promise<Record<string, Float32Array>> {
  const reader = await openSafetensors(path);
  const values: Record<string, Float32Array> = {};
  for (const name of reader.names())
    if (reader.info(name).dtype === 'F32') values[name] = await reader.readFloat32(name);
  await reader.close();
  return values;
}

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

async function prepared(tiny: Tiny, messages: unknown, prefix: string, base: string): Promise<PreparedPrompt> {
  const text = JSON.stringify(messages).replaceAll(`"image":"${prefix}`, `"image":"${base}`);
  return tiny.processor.prepare({ messages: JSON.parse(text) as never });
}

async function qwen2(): Promise<Measured> {
  const tiny = await loadTiny();
  const golden = join(fixture, 'golden');
  const chat = json(join(golden, 'chat.json')) as Record<string, { messages: unknown }>;
  const forward = json(join(golden, 'forward.json')) as Record<string, { input_ids: number[][] }>;
  const generated = json(join(golden, 'generate.json')) as Record<string, { ids: number[][] }>;
  const values = await valuesIn(join(golden, 'forward.safetensors'));
  const cases: Case[] = [];
  for (const name of ['A', 'B', 'C', 'D']) {
    const prompt = await prepared(tiny, chat[name]?.messages, 'images/', `${fixture}images/`);
    const penalised = generated[`${name}_repetition_penalty_1.3`]?.ids[0];
    cases.push({
      name,
      prompt,
      ids: forward[name]!.input_ids[0]!,
      logits: values[`${name}.logits`]!.slice(-tiny.processor.config.vocabSize),
      greedy: generated[name]!.ids[0]!,
      penalised: penalised === undefined ? [] : [{ penalty: 1.3, ids: penalised }],
    });
  }
  const suppressed = (generated as unknown as { suppress_tokens?: number[] }).suppress_tokens ?? [
    315, 316, 317, 318, 319,
  ];
  return { ...(await answers('Qwen2-VL', tiny, cases, suppressed)), logprobs: null, adapter: null, merged: null };
}

interface FamilyGolden {
  cases: Record<string, { messages: unknown; input_ids: number[]; greedy: number[] }>;
  completions: { ids: number[] }[];
  suppressed?: number[];
}

async function family(title: string, name: string): Promise<Measured> {
  const folder = join(FAMILIES, name);
  const tiny = await loadTiny(join(folder, 'model'));
  const golden = json(join(folder, 'golden.json')) as FamilyGolden;
  const values = await valuesIn(join(folder, 'golden.safetensors'));
  const penalties = json(join(FAMILIES, 'repetition-penalty.json')) as Record<
    string,
    Record<string, Record<string, number[]>>
  >;
  const cases: Case[] = [];
  for (const key of ['A', 'B']) {
    const { messages, input_ids: ids, greedy } = golden.cases[key]!;
    cases.push({
      name: key,
      prompt: await prepared(tiny, messages, '', `${fixture}images/`),
      ids,
      greedy,
      logits: values[`${key}.logits`]!,
      penalised: Object.entries(penalties[name]?.[key] ?? {}).map(([penalty, each]) => ({
        penalty: Number(penalty),
        ids: each,
      })),
      pixels: values[`${key}.pixels`]!,
    });
  }
  const measured = await answers(title, tiny, cases, golden.suppressed ?? [315, 316, 317, 318, 319]);
  return {
    ...measured,
    ...(await scores(
      tiny,
      folder,
      golden,
      cases.map(({ prompt }) => prompt),
      values,
    )),
  };
}

/** Tokens, pixels, logits and greedy text, with and without a repetition penalty. */
async function answers(
  title: string,
  tiny: Tiny,
  cases: readonly Case[],
  suppressedIds: readonly number[],
): Promise<Omit<Measured, 'logprobs' | 'adapter' | 'merged'>> {
  const { config } = tiny.processor;
  const suppressed = new Float32Array(config.vocabSize);
  for (const id of suppressedIds) suppressed[id] = MASKED;
  const penalties = [1, ...new Set(cases.flatMap(({ penalised }) => penalised.map(({ penalty }) => penalty)))];
  let logits = 0;
  const right = { plain: [0, 0], penalised: [0, 0] };
  for (const penalty of penalties) {
    const found = await rolledOut(tiny, cases, suppressed, penalty);
    for (const [row, each] of cases.entries()) {
      const wanted = penalty === 1 ? each.greedy : each.penalised.find((other) => other.penalty === penalty)?.ids;
      if (wanted === undefined) continue;
      const tally = penalty === 1 ? right.plain : right.penalised;
      tally[1]! += 1;
      if (wanted.every((id, at) => found.tokens[row]?.[at] === id)) tally[0]! += 1;
      if (penalty !== 1) continue;
      const own = found.promptLogits.subarray(row * config.vocabSize, (row + 1) * config.vocabSize);
      logits = Math.max(logits, farthest(own, each.logits) / largest(each.logits));
    }
  }
  const pixels = cases.flatMap(({ prompt, pixels: wanted }) =>
    wanted === undefined
      ? []
      : [
          farthest(
            prompt.images.flatMap(({ pixelValues }) => [...pixelValues]).filter((_, i) => i % 7 === 0),
            wanted,
          ),
        ],
  );
  return {
    family: title,
    cases: cases.length,
    tokens: cases.every(
      ({ prompt, ids }) => prompt.inputIds.length === ids.length && prompt.inputIds.every((id, at) => id === ids[at]),
    ),
    pixels: pixels.length === 0 ? null : Math.max(...pixels),
    logits,
    greedy: right.plain.join(' of '),
    penalised: right.penalised.join(' of '),
  };
}

async function rolledOut(tiny: Tiny, cases: readonly Case[], suppressed: Float32Array, repetitionPenalty: number) {
  const { config, padId } = tiny.processor;
  const prompts = cases.map(({ prompt }) => prompt);
  const shape = shapeOf(prompts, 1, Math.max(...cases.map(({ greedy }) => greedy.length)));
  const state: PolicyState = { ...stateOf(tiny), lanes: 1 };
  const encode = encodeEntry(state, shape);
  const entries = rolloutEntries(state, shape, { temperature: 1, topP: 1, suppressed, repetitionPenalty });
  const program = await createProgram(await loadRuntime(), {
    variables: { ...variables('weight', tiny.shapes), ...rolloutVariables(state, shape) },
    entries: { encode, ...entries },
  });
  program.set(tiny.weights);
  const feeds = feedsOf(tiny, prompts, shape);
  const features = floats(await program.call(encode, feeds), 'features');
  const result = await rollOut(
    program,
    entries,
    {
      prompts,
      feeds: { ...feeds, features },
      shape,
      greedy: true,
      uniform: () => 0,
      eosIds: [],
      padId,
      maxNewTokens: shape.completionLength,
      lanes: 1,
    },
    config,
  );
  program.dispose();
  return result;
}

/** Log-probs of given completions: without an adapter, with one beside the weights, and merged. */
async function scores(
  tiny: Tiny,
  folder: string,
  golden: FamilyGolden,
  prompts: readonly PreparedPrompt[],
  values: Record<string, Float32Array>,
): Promise<Pick<Measured, 'logprobs' | 'adapter' | 'merged'>> {
  const adapter = fitAdapter(await readAdapter(join(folder, 'lora')), new Map(Object.entries(tiny.shapes)), folder);
  const shapes: Record<string, number[]> = {};
  const factors: Record<string, Float32Array> = {};
  for (const [module, { a, b, r, inFeatures, outFeatures }] of adapter.weights) {
    const names = loraNames(module);
    shapes[names.a] = [r, inFeatures];
    shapes[names.b] = [outFeatures, r];
    factors[names.a] = a;
    factors[names.b] = b;
  }
  const length = Math.max(...golden.completions.map(({ ids }) => ids.length));
  const shape = shapeOf(prompts, 2, length);
  const state = stateOf(tiny, Object.keys(shapes), loraScaling(adapter));
  const encode = encodeEntry(state, shape);
  const entries = {
    logprobs: scoreEntry(state, shape, 1, 'reference'),
    adapter: scoreEntry(state, shape, 1, 'policy'),
    merged: scoreEntry({ ...state, mergedAdapter: true }, shape, 1, 'policy'),
  };
  const program = await tinyProgram(tiny, { encode, ...entries }, [], { shapes, values: factors });
  const { vision, prompted } = splitFeeds(feedsOf(tiny, prompts, shape));
  const features = floats(await program.call(encode, vision), 'features');
  const { config, padId } = tiny.processor;
  const { mask, ...completions } = completionFeeds(
    golden.completions.map(({ ids }) => ids),
    prompts,
    2,
    length,
    config,
    padId,
  );
  const errorOf = async (which: keyof typeof entries, key: string): Promise<number> => {
    const result = await program.call(entries[which], { ...prompted, features, ...completions });
    const found = floats(result, 'logprobs').filter((_, i) => mask[i] === 1);
    return farthest(found, values[key]!) / largest(values[key]!);
  };
  const errors = {
    logprobs: await errorOf('logprobs', 'logps'),
    adapter: await errorOf('adapter', 'lora.logps'),
    merged: await errorOf('merged', 'merged.logps'),
  };
  program.dispose();
  return errors;
}

type Edit = (folder: string) => void;
const change =
  (name: string, edit: (value: Record<string, unknown>) => Record<string, unknown>): Edit =>
  (folder) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(edit(json(path) as Record<string, unknown>)));
  };

/** Layouts in which models are published; each changes a copy of the tiny model. */
const LAYOUTS: readonly [string, Edit][] = [
  [
    'flat config.json, as Qwen2-VL is published',
    (folder) => {
      renameSync(join(folder, 'config.flat.json'), join(folder, 'config.json'));
    },
  ],
  ['nested config.json, as transformers 5 saves it', () => undefined],
  [
    'image settings under `image_processor` in processor_config.json',
    (folder) => {
      const settings = json(join(folder, 'preprocessor_config.json')) as object;
      writeFileSync(join(folder, 'processor_config.json'), JSON.stringify({ image_processor: settings }));
      rmSync(join(folder, 'preprocessor_config.json'));
    },
  ],
  [
    'limits as `size.shortest_edge` and `size.longest_edge`',
    change('preprocessor_config.json', ({ min_pixels: min, max_pixels: max, ...rest }) => ({
      ...rest,
      size: { shortest_edge: min ?? 3136, longest_edge: max ?? 31_360 },
    })),
  ],
  [
    'limits as `size.min_pixels` and `size.max_pixels`',
    change('preprocessor_config.json', ({ min_pixels: min, max_pixels: max, ...rest }) => ({
      ...rest,
      size: { min_pixels: min ?? 3136, max_pixels: max ?? 31_360 },
    })),
  ],
  [
    "the hub's cache: `snapshots/REVISION` of links to `blobs/`",
    (folder) => {
      const blobs = `${folder}-blobs`;
      renameSync(folder, blobs);
      mkdirSync(folder);
      for (const name of readdirSync(blobs)) symlinkSync(join(blobs, name), join(folder, name));
    },
  ],
  [
    'no file that says how pictures are resized',
    (folder) => {
      rmSync(join(folder, 'preprocessor_config.json'));
    },
  ],
  [
    'weights as a Python pickle only',
    (folder) => {
      renameSync(join(folder, 'model.safetensors'), join(folder, 'pytorch_model.bin'));
    },
  ],
  [
    'weights quantised with GPTQ',
    change('config.json', (config) => ({ ...config, quantization_config: { quant_method: 'gptq', bits: 4 } })),
  ],
  [
    'weights quantised with bitsandbytes',
    change('config.json', (config) => ({
      ...config,
      quantization_config: { quant_method: 'bitsandbytes', load_in_4bit: true },
    })),
  ],
  ['another resampling filter', change('preprocessor_config.json', (settings) => ({ ...settings, resample: 2 }))],
  [
    'pictures that are not resized',
    change('preprocessor_config.json', (settings) => ({ ...settings, do_resize: false })),
  ],
  ['a family that is not supported', change('config.json', (config) => ({ ...config, model_type: 'llava' }))],
  [
    'no tokenizer',
    (folder) => {
      rmSync(join(folder, 'tokenizer.json'));
    },
  ],
];

/** `read`, or the sentence with which the layout is refused. */
async function tried(edit: Edit): Promise<string> {
  const parent = mkdtempSync(join(tmpdir(), 'atelier-parity-'));
  const folder = join(parent, 'MODEL');
  try {
    cpSync(join(fixture, 'model'), folder, { recursive: true });
    edit(folder);
    const checkpoint = await readCheckpoint(folder);
    await checkpoint.tensors.close();
    await createProcessor(folder);
    return 'read';
  } catch (error) {
    if (!(error instanceof AtelierError)) throw error;
    return `refused: ${error.message.replaceAll(`${parent}/`, '').replaceAll('|', '\\|')}`;
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

const error = (value: number | null): string => (value === null ? '–' : value === 0 ? '0' : value.toExponential(1));

/** Every layout with what becomes of it. */
export async function tryLayouts(): Promise<[string, string][]> {
  const layouts: [string, string][] = [];
  for (const [name, edit] of LAYOUTS) layouts.push([name, await tried(edit)]);
  return layouts;
}

export async function measureParity(): Promise<{
  families: Measured[];
  layouts: [string, string][];
  broken: string[];
}> {
  await loadRuntime();
  const families = [
    await qwen2(),
    await family('Qwen2.5-VL', 'qwen2-5-vl'),
    await family('Qwen3-VL', 'qwen3-vl'),
    await family('Qwen3.5', 'qwen3-5'),
    await family('SmolVLM', 'idefics3'),
    await family('SmolVLM2', 'smolvlm'),
  ];
  const layouts = await tryLayouts();
  const broken = families.flatMap((each) => [
    ...(each.tokens ? [] : [`${each.family}: token ids`]),
    ...(isWithin(each.pixels, BOUND.pixels) ? [] : [`${each.family}: pixels`]),
    ...(isWithin(each.logits, BOUND.logits) ? [] : [`${each.family}: logits`]),
    ...([each.logprobs, each.adapter, each.merged].every((value) => isWithin(value, BOUND.logprobs))
      ? []
      : [`${each.family}: log-probs`]),
    ...([each.greedy, each.penalised].every((share) => share.split(' of ')[0] === share.split(' of ')[1])
      ? []
      : [`${each.family}: greedy text`]),
  ]);
  return { families, layouts, broken };
}

function isWithin(value: number | null, bound: number): boolean {
  return value === null || value <= bound;
}

/** What takes long is measured on request only, and kept. */
interface Kept {
  real: RealFigures | null;
  gguf: GgufRow[] | null;
  mlx: MlxRow[] | null;
}

export function parityPage(
  { families, layouts }: Awaited<ReturnType<typeof measureParity>>,
  { real, gguf, mlx }: Kept,
): string {
  return `<!-- made by \`npm run parity\` -->

# Compatibility

What Atelier computes, beside what transformers 5.18 and PEFT 0.21 compute with the same weights, and what becomes of the layouts in which
models are published. \`npm run parity\` measures both anew and writes this page; it fails if a bound is broken.

## Families

Small random checkpoints of each family (\`electron/engine/fixtures\`), in float32. Errors are the largest difference, relative to the largest
value; those of pixels are absolute. Bounds: pixels ${BOUND.pixels.toExponential(0)}, logits ${BOUND.logits.toExponential(0)}, log-probs ${BOUND.logprobs.toExponential(0)}; tokens and texts exactly. The tests
beside the engine hold more: image features, positions, and the gradients of all weights to 1e-3.

${markdownTable([
  [
    'family',
    'prompts',
    'token ids',
    'pixels',
    'logits',
    'greedy texts equal',
    'with a repetition penalty',
    'log-probs',
    'with an adapter',
    'merged',
  ],
  ...families.map((each) => [
    each.family,
    String(each.cases),
    each.tokens ? 'equal' : 'differ',
    error(each.pixels),
    error(each.logits),
    each.greedy,
    each.penalised,
    error(each.logprobs),
    error(each.adapter),
    error(each.merged),
  ]),
])}

A dash: held by a test of its own (\`policy-program.golden.test.ts\`, \`image-processor.test.ts\`), not measured here.

## Layouts

${markdownTable([['layout', 'what happens'], ...layouts])}

${realSection(real)}
${ggufSection(gguf)}
${mlxSection(mlx)}`;
}

/** The figures that an option asks for are measured anew; the others are as before. */
async function measureKept(
  path: string,
  wanted: Record<keyof Kept, boolean>,
): Promise<{ kept: Kept; broken: string[] }> {
  const kept: Kept = { real: null, gguf: null, mlx: null, ...(existsSync(path) ? (json(path) as Partial<Kept>) : {}) };
  if (!wanted.real && !wanted.gguf && !wanted.mlx) return { kept, broken: [] };
  const named = process.env['ATELIER_VENV'];
  const python = named === undefined ? preparePeers()?.python : join(named, 'bin/python');
  const skip = (what: string, why: string): void => console.log(`SKIPPED: ${what}: ${why}`);
  if (python === undefined) {
    skip('published weights, llama.cpp and MLX were not compared', 'there is no Python environment');
    return { kept, broken: [] };
  }
  const broken: string[] = [];
  if (wanted.real) {
    const found = await measureReal(python);
    if (typeof found === 'string') skip('published weights were not compared', found);
    else {
      kept.real = found.figures;
      broken.push(...found.broken);
    }
  }
  if (wanted.gguf) {
    const found = await measureGguf(python);
    if (found.missing.length > 0)
      skip('GGUF files were not read or run', `there is no ${found.missing.join(' and no ')}`);
    // Without the published weights, their rows stay as they were measured.
    else
      kept.gguf = [
        ...found.rows,
        ...(kept.gguf ?? []).filter(({ model }) => !found.rows.some((row) => row.model === model)),
      ];
    broken.push(...found.broken);
  }
  if (wanted.mlx) {
    const own = process.env['ATELIER_MLX_VENV'];
    const found = await measureMlx(own === undefined ? python : join(own, 'bin/python'));
    if (found.missing !== null) skip('exports for MLX were not run', `there is no ${found.missing}`);
    else kept.mlx = found.rows;
    broken.push(...found.broken);
  }
  const options = (await prettier.resolveConfig(path)) ?? {};
  await writeFile(path, await prettier.format(JSON.stringify(kept), { ...options, parser: 'json' }));
  return { kept, broken };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values: wanted } = parseArgs({
    options: {
      real: { type: 'boolean', default: false },
      gguf: { type: 'boolean', default: false },
      mlx: { type: 'boolean', default: false },
    },
  });
  // As the engine runs a model of that size (method/model-size.ts).
  if (wanted.real) process.env[THREADS_VARIABLE] ??= 'products';
  const { kept, broken } = await measureKept(join(ROOT, 'docs', 'compatibility.json'), wanted);
  const found = await measureParity();
  const path = join(ROOT, 'docs', 'compatibility.md');
  const options = (await prettier.resolveConfig(path)) ?? {};
  await writeFile(path, await prettier.format(parityPage(found, kept), { ...options, parser: 'markdown' }));
  console.log(`docs/compatibility.md: ${found.families.length} families, ${found.layouts.length} layouts.`);
  const all = [...found.broken, ...broken];
  for (const each of all) console.error(`A bound is broken: ${each}.`);
  process.exitCode = all.length === 0 ? 0 : 1;
}
