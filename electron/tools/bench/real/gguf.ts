/**
 * @file `npm run parity -- --gguf`: exports models as GGUF, reads the files with PyPI's gguf, and runs them with a real llama.cpp
 * (PyPI's xllamacpp). Greedy tokens are compared with Atelier's own, which other parts of the page compare with transformers.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GgufCheck, GgufWeights } from '../../../contract/model/exports.ts';
import { GenerateRequest } from '../../../contract/model/models.ts';
import { resultOf } from '../../../contract/model/result-events.ts';
import { writeGguf } from '../../../engine/jobs/gguf.ts';
import { createProcessor } from '../../../engine/policy/processor.ts';
import { createEngineService } from '../../../engine/service/service.ts';
import { ggufFileNames } from '../../../formats/gguf/gguf-model.ts';
import { ROOT } from '../places.ts';
import { REAL_QUESTIONS, realModelIfThere } from './real-model.ts';

const TOKENS = 24;
const PICTURES = ['test-001.png', 'test-002.png', 'test-003.png', 'train-016.png'];

interface Subject {
  name: string;
  folder: string;
  texts: readonly string[];
  pictures: readonly { path: string; question: string }[];
  weights: readonly GgufWeights[];
}

export interface GgufRow {
  model: string;
  weights: string;
  tensors: number;
  /** As a share of the largest value in the same tensor. */
  largestError: number;
  /** Whether PyPI's gguf found the same tensors; null = it was not there. */
  readByOthers: boolean | null;
  /** Greedy texts that are equal to the last token, of all; null = no llama.cpp was there. */
  texts: [equal: number, all: number] | null;
  pictures: [equal: number, all: number] | null;
  /** Where a text first differs: by how much Atelier prefers its own token, at most, in log-prob; null = none differs. */
  apart: number | null;
}

interface Answer {
  read: { tensors: number; architecture: string } | null;
  texts: number[][] | null;
  pictures: number[][] | null;
  missing: string[];
}

/** Log-prob by which two tokens may be apart where an f16 text differs. */
const NEAR = 0.05;

/** The rows, and which bounds they break: in f16, texts and pictures must be equal except between tokens that nearly tie. */
export async function measureGguf(python: string): Promise<{ rows: GgufRow[]; broken: string[]; missing: string[] }> {
  const rows: GgufRow[] = [];
  const missing = new Set<string>();
  for (const subject of await subjects()) {
    const own = await answersOf(subject);
    for (const weights of subject.weights) {
      const { row, missing: absent } = await measured(subject, weights, own, python);
      rows.push(row);
      for (const name of absent) missing.add(name);
    }
  }
  const broken = rows
    .filter(({ weights, readByOthers, pictures, apart }) => {
      const differs = (pictures !== null && pictures[0] < pictures[1]) || (apart ?? 0) > NEAR;
      return readByOthers === false || (weights === 'F16' && differs);
    })
    .map(({ model, weights }) => `GGUF of ${model} in ${weights}`);
  return { rows, broken, missing: [...missing] };
}

async function subjects(): Promise<Subject[]> {
  const nano: Subject = {
    name: 'the starter model',
    folder: join(ROOT, 'resources/models/nano'),
    texts: ['How many icons are there?', 'What is the angle at B?'],
    pictures: PICTURES.map((name) => ({
      path: join(ROOT, 'resources/datasets/geometry/images', name),
      question: 'What is the length of the side?',
    })),
    weights: ['f16', 'bf16', 'q8_0', 'q4_k_m'],
  };
  const real = await realModelIfThere();
  if (real === null) return [nano];
  // Rounded to f16, the float32 checkpoint is the nearest that llama.cpp computes.
  return [
    nano,
    {
      name: 'SmolLM2-135M',
      folder: real,
      texts: REAL_QUESTIONS,
      pictures: [],
      weights: ['f16', 'bf16', 'q8_0', 'q4_k_m'],
    },
  ];
}

interface Own {
  texts: { prompt: string; promptIds: number[]; tokenIds: number[] }[];
  pictures: { text: string; path: string; tokenIds: number[] }[];
  imageTokens: [number, number];
}

async function answersOf({ folder, texts, pictures }: Subject): Promise<Own> {
  const service = createEngineService();
  const processor = await createProcessor(folder);
  const ask = async (prompt: string, images: string[]) =>
    await resultOf(
      service.generate(
        GenerateRequest.parse({ model: folder, prompt, images, maxNewTokens: TOKENS, repetitionPenalty: 1 }),
      ),
    );
  const own: Own = { texts: [], pictures: [], imageTokens: [1, 64] };
  for (const prompt of texts) own.texts.push({ prompt, ...(await ask(prompt, [])) });
  for (const { path, question } of pictures) {
    const { tokenIds } = await ask(question, [path]);
    const { text, images } = await processor.prepare({ prompt: question, imagePaths: [path] });
    const { patchSize, mergeSize } = processor.imageOptions;
    const [image] = images;
    if (image === undefined || patchSize * mergeSize !== 28)
      throw new Error(`${path} is not a picture in tokens of 28.`);
    own.pictures.push({ text: text.replace('<|vision_start|><|image_pad|><|vision_end|>', '<image>'), path, tokenIds });
  }
  return own;
}

async function measured(
  { name, folder }: Subject,
  weights: GgufWeights,
  own: Own,
  python: string,
): Promise<{ row: GgufRow; missing: string[] }> {
  const out = await mkdtemp(join(tmpdir(), 'atelier-gguf-'));
  try {
    const check = await written(folder, out, weights);
    const names = ggufFileNames(weights);
    const answer = askLlama(python, {
      model: join(out, names.model),
      mmproj: join(out, names.mmproj),
      tokens: TOKENS,
      imageTokens: own.imageTokens,
      texts: own.texts.map(({ promptIds }) => promptIds),
      pictures: own.pictures.map(({ text, path }) => ({ text, path })),
    });
    const tensors = Object.values(check.files[0]?.tensors ?? {}).reduce((sum, count) => sum + count, 0);
    const share = (found: number[][] | null, wanted: readonly { tokenIds: number[] }[]): [number, number] | null =>
      found === null || wanted.length === 0
        ? null
        : [wanted.filter(({ tokenIds }, at) => isEqual(found[at] ?? [], tokenIds)).length, wanted.length];
    return {
      row: {
        model: name,
        weights: weights.toUpperCase(),
        tensors,
        largestError: Math.max(...check.files.map(({ largestError }) => largestError)),
        readByOthers: answer.read === null ? null : answer.read.tensors === tensors,
        texts: share(answer.texts, own.texts),
        pictures: share(answer.pictures, own.pictures),
        apart: answer.texts === null ? null : await apartOf(folder, own.texts, answer.texts),
      },
      missing: answer.missing,
    };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** Null if no text differs. */
async function apartOf(
  folder: string,
  wanted: Own['texts'],
  found: readonly (readonly number[])[],
): Promise<number | null> {
  let most: number | null = null;
  for (const [index, { prompt, tokenIds }] of wanted.entries()) {
    const theirs = found[index] ?? [];
    if (isEqual(theirs, tokenIds)) continue;
    const at = tokenIds.findIndex((id, position) => theirs[position] !== id);
    const request = GenerateRequest.parse({ model: folder, prompt, maxNewTokens: at + 1, alternatives: 5 });
    const { choices } = await resultOf(createEngineService().generate(request));
    const likeliest = choices?.[at]?.top ?? [];
    const [first, other] = [likeliest[0], likeliest.find(({ id }) => id === theirs[at])];
    // Beyond the five likeliest it is no near tie.
    most = Math.max(most ?? 0, first === undefined || other === undefined ? Infinity : first.logprob - other.logprob);
  }
  return most;
}

async function written(modelPath: string, folder: string, weights: GgufWeights): Promise<GgufCheck> {
  const job = { modelPath, adapterPath: null, folder, weights, name: 'parity', licence: null, metadata: {} };
  for await (const event of writeGguf(job)) if (event.type === 'done') return event.check;
  throw new Error('The export ended without a check.');
}

/** Whether llama.cpp's tokens are ours: it may leave out the end token that closes an answer. */
function isEqual(found: readonly number[], wanted: readonly number[]): boolean {
  const shorter = Math.min(found.length, wanted.length);
  return shorter >= wanted.length - 1 && wanted.slice(0, shorter).every((id, at) => id === found[at]);
}

function askLlama(python: string, job: object): Answer {
  const script = join(import.meta.dirname, 'llama_cpp.py');
  const found = spawnSync(python, [script], { input: JSON.stringify(job), encoding: 'utf8', maxBuffer: 1 << 28 });
  if (found.status !== 0) throw new Error(`${script} failed: ${found.stderr.trim().split('\n').slice(-3).join(' ')}`);
  return JSON.parse(found.stdout) as Answer;
}
