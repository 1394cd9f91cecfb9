/**
 * @file `npm run build:nano` and `npm run build:apprentice`: pre-train a starter model with Atelier's own engine.
 * Seeded; can be stopped at any time and resumes from its last checkpoint. Write the weights (bfloat16), what was
 * measured, and the card to resources/models/NAME.
 */
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openSafetensors, writeSafetensors } from '../../../formats/safetensors.ts';
import { expectedTensors } from '../../../formats/tensor-names.ts';
import { sizeOf } from '../../../engine/runtime/program.ts';
import { loadModel } from '../../../engine/policy/loaded-model.ts';
import { createProcessor, type Processor } from '../../../engine/policy/processor.ts';
import { shapeFor } from '../../../engine/training/batch.ts';
import type { PolicyShape } from '../../../engine/training/policy-program.ts';
import { gradeAnswer } from '../../../rewards/accuracy.ts';
import { hasFormat } from '../../../rewards/format.ts';
import type { PretrainStream, Stage } from '../../../starter/pretrain-stream.ts';
import { createExaminer, type Examiner } from './examiner.ts';
import { stageAt } from './plan.ts';
import { createPromptMaker, type PromptMaker } from './prepare.ts';
import { createPretrainer } from './pretrainer.ts';
import { starterNamed } from './starters.ts';

const root = resolve(import.meta.dirname, '../../../..');
const starter = starterNamed(process.argv[2] ?? '');
const { plan } = starter;
const models = join(root, 'resources/models');
const modelFolder = join(models, starter.id);
const work = resolve(process.env['ATELIER_PRETRAIN_DIR'] ?? join(root, `.cache/pretrain-${starter.id}`));
/** Longest answer of the streams, end token included (the starter tests enforce this limit). */
const COMPLETION_TOKENS = 40;
const EXAM_SEED = 99;
const EXAM_EVERY = 200;

async function main(): Promise<void> {
  await starter.writeFiles(modelFolder);
  const processor = await createProcessor(modelFolder);
  const stream = await starter.stream();
  const maker = createPromptMaker(processor);
  const probe = Array.from({ length: 200 }, (_, i) => stream.example(EXAM_SEED, i, 'habits'));
  const shape: PolicyShape = {
    ...shapeFor(await Promise.all(probe.map(({ question, rgb }) => maker.prepare(question, rgb))), plan.batch),
    groupSize: 1,
    completionLength: COMPLETION_TOKENS,
  };
  await mkdir(work, { recursive: true });
  const begins = starter.begins === null ? undefined : await weightsOf(join(models, starter.begins), processor);
  const trainer = await createPretrainer(processor, plan, shape, begins);
  const examiner = await createExaminer(
    {
      path: modelFolder,
      processor,
      shapes: Object.fromEntries(expectedTensors(processor.config)),
      storedAsBfloat16: false,
    },
    shape,
    await trainer.weights(),
  );
  const total = plan.perceiveSteps + plan.habitSteps;
  let stopped = false;
  process.once('SIGINT', () => (stopped = true));
  const first = await trainer.restore(join(work, 'checkpoint'));
  console.log(
    `${String(total)} steps of ${String(plan.batch)} examples, from step ${String(first)}; prompts of ${String(shape.promptLength)} tokens.`,
  );
  const started = performance.now();
  let losses: number[] = [];
  for (let step = first + 1; step <= total; step++) {
    const { stage, difficulty } = stageAt(plan, step);
    const result = await trainer.step(step, await rowsOf(stream, maker, step, stage, difficulty));
    losses.push(result.loss);
    if (step % 20 === 0) {
      const perStep = (performance.now() - started) / 1000 / (step - first);
      const mean = losses.reduce((a, b) => a + b, 0) / losses.length;
      await report({
        step,
        stage,
        loss: mean,
        gradNorm: result.gradNorm,
        secondsPerStep: perStep,
        minutesLeft: ((total - step) * perStep) / 60,
      });
      losses = [];
    }
    if (step % EXAM_EVERY === 0 || step === plan.perceiveSteps) {
      examiner.setWeights(await trainer.weights());
      await report({ step, exam: await exam(examiner, stream, maker, stage, 128) });
    }
    if (step % plan.checkpointEvery === 0 || step === total || stopped)
      await trainer.save(join(work, 'checkpoint'), step);
    if (step === plan.perceiveSteps) await trainer.save(join(work, 'after-perception'), step);
    if (stopped) {
      console.log(`Stopped after step ${String(step)}; the same command goes on from here.`);
      return;
    }
    // Lets signals be handled, because everything above runs synchronously.
    await new Promise((next) => setImmediate(next));
  }
  await finish(processor, stream, maker, shape, await trainer.weights());
}

/** Writes the weights, measures the written file (bfloat16, as others will load it), and writes the card from that. */
async function finish(
  processor: Processor,
  stream: PretrainStream,
  maker: PromptMaker,
  shape: PolicyShape,
  weights: Record<string, Float32Array>,
): Promise<void> {
  const shapes = expectedTensors(processor.config);
  const entries = [...shapes].map(([name, tensorShape]) => ({
    name,
    dtype: 'BF16' as const,
    shape: tensorShape,
    data: weights[name] ?? new Float32Array(),
  }));
  await writeSafetensors(join(modelFolder, 'model.safetensors'), entries, { format: 'pt' });
  const model = await loadModel(modelFolder);
  const parameters = Object.values(model.shapes).reduce((sum, weight) => sum + sizeOf(weight), 0);
  // What was measured on other weights is not true of these.
  await rm(join(modelFolder, 'learning.json'), { force: true });
  const { figures, card } = await starter.measure({ model, stream, maker, shape, parameters });
  await writeFile(join(modelFolder, 'figures.json'), `${JSON.stringify({ plan, parameters, ...figures }, null, 2)}\n`);
  await writeFile(join(modelFolder, 'README.md'), card);
  await report({ figures });
}

/** The weights of another starter model with the same shape. */
async function weightsOf(folder: string, { config }: Processor): Promise<Record<string, Float32Array>> {
  const reader = await openSafetensors(join(folder, 'model.safetensors'));
  const weights: Record<string, Float32Array> = {};
  for (const name of expectedTensors(config).keys()) weights[name] = await reader.readFloat32(name);
  await reader.close();
  return weights;
}

async function rowsOf(stream: PretrainStream, maker: PromptMaker, step: number, stage: Stage, difficulty: number) {
  const rows = Array.from({ length: plan.batch }, async (_, row) => {
    const example = stream.example(plan.seed, step * plan.batch + row, stage, difficulty);
    const prompt = await maker.prepare(example.question, example.rgb);
    return { prompt, completion: await maker.completion(example.completion) };
  });
  return Promise.all(rows);
}

/** Greedy accuracy on held-out examples: overall, by task, and for dense answers that are correct word for word. */
async function exam(
  examiner: Examiner,
  stream: PretrainStream,
  maker: PromptMaker,
  stage: Stage,
  n: number,
): Promise<Record<string, string>> {
  const examples = Array.from({ length: n }, (_, i) => stream.example(EXAM_SEED, i, stage));
  const texts = await examiner.answer(
    await Promise.all(examples.map(({ question, rgb }) => maker.prepare(question, rgb))),
    true,
  );
  const counts = new Map<string, { right: number; n: number }>();
  const count = (key: string, right: boolean): void => {
    const entry = counts.get(key) ?? { right: 0, n: 0 };
    counts.set(key, { right: entry.right + Number(right), n: entry.n + 1 });
  };
  examples.forEach((example, i) => {
    const text = texts[i]?.[0] ?? '';
    if (example.habit === 'dense') {
      count(`${example.task} dense`, text.trim() === example.completion.trim());
      return;
    }
    const right = gradeAnswer({ completion: text, answer: example.answer, task: example.task }).verdict === 'correct';
    count('all', right);
    count(example.task, right);
    count('format', hasFormat(text));
  });
  return Object.fromEntries(
    [...counts].sort().map(([key, { right, n: of }]) => [key, `${String(right)}/${String(of)}`]),
  );
}

async function report(line: Record<string, unknown>): Promise<void> {
  const text = JSON.stringify(line);
  console.log(text);
  await appendFile(join(work, 'log.jsonl'), `${text}\n`);
}

await main();
