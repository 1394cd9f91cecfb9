/**
 * @file `npm run parity -- --mlx`: writes models as MLX has them, and runs them with PyPI's mlx-vlm on the processor. Prompts and greedy
 * tokens are compared with Atelier's own, which other parts of the page compare with transformers.
 */
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GenerateRequest } from '../../../contract/model/models.ts';
import { resultOf } from '../../../contract/model/result-events.ts';
import { merge } from '../../../engine/jobs/merge.ts';
import { createProcessor } from '../../../engine/policy/processor.ts';
import { createEngineService } from '../../../engine/service/service.ts';
import { MODEL_FILES } from '../../../formats/checkpoint.ts';
import { readJsonObject } from '../../../formats/files.ts';
import { mlxConfig } from '../../../formats/mlx/mlx-layout.ts';
import { parseModelConfig } from '../../../formats/model-config.ts';
import { ROOT } from '../places.ts';

const TOKENS = 12;
const FIXTURES = join(ROOT, 'electron/engine/fixtures');
const GEOMETRY = join(ROOT, 'resources/datasets/geometry/images');
const SUBJECTS = [
  { name: 'the starter model', path: join(ROOT, 'resources/models/nano'), pictures: GEOMETRY },
  { name: 'Qwen2-VL', path: join(FIXTURES, 'qwen2vl-tiny/model'), pictures: null },
  { name: 'Qwen2.5-VL', path: join(FIXTURES, 'families/qwen2-5-vl/model'), pictures: null },
  { name: 'Qwen3-VL', path: join(FIXTURES, 'families/qwen3-vl/model'), pictures: null },
  { name: 'SmolVLM', path: join(FIXTURES, 'families/idefics3/model'), pictures: null },
  { name: 'SmolVLM2', path: join(FIXTURES, 'families/smolvlm/model'), pictures: null },
] as const;
const TEXTS = ['How many icons are there?', 'What is the angle at B?'];

type Share = [equal: number, all: number];

export interface MlxRow {
  model: string;
  tensors: number;
  prompts: Share;
  texts: Share;
  pictures: Share;
}

interface Item {
  text: string;
  images: string[];
  promptIds: number[];
  tokenIds: number[];
}

/** The rows, what differs, and a package that is missing. */
export async function measureMlx(
  python: string,
): Promise<{ rows: MlxRow[]; broken: string[]; missing: string | null }> {
  const rows: MlxRow[] = [];
  for (const { name, path, pictures } of SUBJECTS) {
    const folder = await mkdtemp(join(tmpdir(), 'atelier-mlx-'));
    try {
      const tensors = await written(path, folder);
      const items = await itemsOf(path, pictures);
      const found = askMlx(python, {
        folder,
        tokens: TOKENS,
        items: items.map(({ text, images }) => ({ text, images })),
      });
      if (typeof found === 'string') return { rows: [], broken: [], missing: found };
      const share = (chosen: readonly number[], equal: (at: number) => boolean): Share => [
        chosen.filter(equal).length,
        chosen.length,
      ];
      const places = [...items.keys()];
      const tokensEqual = (at: number): boolean =>
        // An end token closes our answer, and not always theirs.
        items[at]!.tokenIds.every((id, place) => found[at]!.tokens[place] === id);
      rows.push({
        model: name,
        tensors,
        prompts: share(places, (at) => found[at]!.prompt.join() === items[at]!.promptIds.join()),
        texts: share(
          places.filter((at) => items[at]!.images.length === 0),
          tokensEqual,
        ),
        pictures: share(
          places.filter((at) => items[at]!.images.length > 0),
          tokensEqual,
        ),
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const broken = rows
    .filter(({ prompts, texts, pictures }) => [prompts, texts, pictures].some(([equal, all]) => equal < all))
    .map(({ model }) => `MLX of ${model}`);
  return { rows, broken, missing: null };
}

/** As an export writes it. Returns how many tensors it has. */
async function written(path: string, folder: string): Promise<number> {
  const job = { modelPath: path, adapterPath: null, folder, metadata: { format: 'mlx' }, layout: 'mlx' as const };
  let tensors = 0;
  for await (const event of merge(job)) if (event.type === 'done') tensors = event.check.tensors;
  for (const name of await readdir(path)) if (MODEL_FILES.test(name)) await cp(join(path, name), join(folder, name));
  const json = await readJsonObject(join(path, 'config.json'));
  await writeFile(join(folder, 'config.json'), JSON.stringify(mlxConfig(json, parseModelConfig(json, {}))));
  return tensors;
}

async function itemsOf(model: string, pictures: string | null): Promise<Item[]> {
  const service = createEngineService();
  const processor = await createProcessor(model);
  const items: Item[] = [];
  const paths =
    pictures === null
      ? ['rgb_70x70.png', 'big_219x161.png'].map((name) => join(FIXTURES, 'qwen2vl-tiny/images', name))
      : ['test-001.png', 'train-016.png'].map((name) => join(pictures, name));
  for (const [prompt, images] of [
    ...TEXTS.map((text) => [text, []] as const),
    ...paths.map((path) => ['How many?', [path]] as const),
  ]) {
    const request = { model, prompt, images: [...images], maxNewTokens: TOKENS, repetitionPenalty: 1 };
    const { promptIds, tokenIds } = await resultOf(service.generate(GenerateRequest.parse(request)));
    const { text } = await processor.prepare({ prompt, imagePaths: [...images] });
    items.push({ text, images: [...images], promptIds: [...promptIds], tokenIds: [...tokenIds] });
  }
  return items;
}

/** The name of a package that is not there, or the answers. */
function askMlx(python: string, job: object): { prompt: number[]; tokens: number[] }[] | string {
  const script = join(import.meta.dirname, 'mlx_vlm_check.py');
  const env = { ...process.env, HF_HUB_OFFLINE: '1' };
  const found = spawnSync(python, [script], { input: JSON.stringify(job), encoding: 'utf8', maxBuffer: 1 << 28, env });
  if (found.status !== 0) throw new Error(`${script} failed: ${found.stderr.trim().split('\n').slice(-3).join(' ')}`);
  const { items, missing } = JSON.parse(found.stdout) as {
    items: { prompt: number[]; tokens: number[] }[] | null;
    missing: string | null;
  };
  return items ?? missing ?? 'mlx-vlm';
}
