/**
 * @file Reads what a job folder brings back. The folder comes from a stranger's machine: nothing in it is trusted, nothing
 * is followed out of it, and what does not belong there is refused with the reason.
 */
import { createHash } from 'node:crypto';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import { issueWords } from '../../contract/errors/issue-words.ts';
import { elsewhereDevice } from '../../contract/model/handoffs.ts';
import { Sha256, type DatasetId } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { accuracyParamsOf, rewardKey, type RewardSpec } from '../../contract/model/rewards.ts';
import { Completion, StepMetrics } from '../../contract/model/runs.ts';
import { syncFile, syncFolder } from '../../formats/files.ts';
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS, readAdapter } from '../../formats/peft.ts';
import { readRegular, RefusedFile } from '../../formats/regular-file.ts';
import { betaCurve } from '../../method/kl-curve.ts';
import { recordedRewards, wayOf } from '../../method/mixture.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import { isBuiltIn, scoreBuiltIn, type RewardSample } from '../../rewards/registry.ts';
import { hashFileFrom, listFolder, MOST_ENTRIES } from '../exports/build/folder.ts';
import { JOB_MANIFEST } from '../exports/build/unfinished.ts';
import type { KnownHandoff } from '../../store/handoffs/handoffs.ts';
import { CHILDREN } from './job-folder.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const MOST_MANIFEST_BYTES = 64 * MIB;
const MOST_NOTE_BYTES = 256 * KIB;
/** All metrics, and all completions, of a job. */
const MOST_LINES_BYTES = 512 * MIB;
const MOST_ADAPTER_BYTES = 8 * KIB * MIB;
/** Scores are numbers of JavaScript on both sides; sums of them are not compared. */
const SCORE_TOLERANCE = 1e-9;

const Name = z.string().regex(/^[\w.+-]{1,60}$/);
const Environment = z.object({
  device: Name,
  torch: Name,
  trl: Name,
  workers: z.int().min(1).max(100_000),
  /** Of the base model there; absent in jobs of earlier versions. */
  dtype: Name.default('float32'),
  /** The parts in which each update was computed. */
  accumulate: z.int().min(1).max(100_000).default(1),
  /** What `--trl` set there, as KEY=VALUE. */
  trlSettings: z
    .array(z.string().regex(/^\w{1,60}=/))
    .max(50)
    .default([]),
});
const Status = z.object({ recipeSha256: Sha256, status: z.enum(['running', 'stopped', 'completed', 'failed']) });
const MarkedStep = StepMetrics.extend({ recipeSha256: Sha256 });
const MarkedCompletions = z.object({
  recipeSha256: Sha256,
  step: z.int().positive(),
  completions: z.array(Completion.extend({ text: z.string().max(256 * KIB) })).max(512 * 64),
});
const CheckpointNote = z.object({
  recipeSha256: Sha256,
  step: z.int().positive(),
  files: z
    .array(z.object({ name: z.enum([ADAPTER_CONFIG, ADAPTER_WEIGHTS]), sha256: Sha256, sizeBytes: z.int() }))
    .length(2),
});

const CHECKPOINT_NOTE = 'checkpoint.json';
const CHECKPOINT_FILES = [ADAPTER_CONFIG, ADAPTER_WEIGHTS, CHECKPOINT_NOTE];
/** What results may hold. `state/` and `trainer/` are for the other machine, as are logs; folders named `.partial` are not finished. */
const EXPECTED =
  /^results\/(metrics\.jsonl|completions\.jsonl|status\.json|environment\.json|checkpoints\/step-\d{6,}\/[^/]+)$/;
const IGNORED =
  /^(results\/(state|trainer|ray)\/|results\/[^/]+\.partial$|results\/checkpoints\/step-\d+\.partial\/|smoke\/|\.venv\/|\.venv\.lock$|slurm-[\d_]+\.log$)/;
const PICKLE = /\.(bin|pt|pth|pkl|pickle|ckpt|joblib|npy|npz)$/i;

/** A sample that was handed off, and its dataset. */
export type HandedOff = RewardSample & { datasetId: DatasetId };

export interface ReturnedStep {
  metrics: StepMetrics;
  completions: Completion[];
}

export interface ReturnedResults {
  /** From the first step on, without gaps. */
  steps: ReturnedStep[];
  /** Steps whose checkpoint folder is whole, ascending. */
  checkpoints: number[];
  isFinished: boolean;
  /** Device and programs, as the job names them. */
  device: string;
}

/** The refusal of a folder, which changes nothing. */
export function refused(file: string, why: string, row?: number): AtelierError {
  return new AtelierError('VERIFICATION_FAILED', `${file} ${why}. Nothing was taken back.`, {
    place: { file, ...(row === undefined ? {} : { row }) },
    remedy: 'Copy the folder again from the machine that trained it. Do not change its files.',
  });
}

/** SHA-256 of the folder's manifest. @throws AtelierError if there is none */
export async function manifestOf(folder: string): Promise<{ text: string; sha256: string }> {
  const bytes = await read(folder, JOB_MANIFEST, MOST_MANIFEST_BYTES);
  return { text: Buffer.from(bytes).toString('utf8'), sha256: createHash('sha256').update(bytes).digest('hex') };
}

/**
 * Checks every file of the folder: those that were handed off against their hashes, and that no others are there than
 * results. @throws AtelierError VERIFICATION_FAILED naming the file
 */
export async function checkFolder(folder: string, manifest: string): Promise<void> {
  const { files, symlinks, special, tooMany } = await listFolder(folder);
  if (tooMany) throw refused(folder, `holds more than ${MOST_ENTRIES} entries`);
  // The manifest's own hash was checked: its contents are what this data folder wrote.
  const parsed = JSON.parse(manifest) as { files: { name: string; sha256: string; sizeBytes: number }[] };
  const known = new Map(parsed.files.map((file) => [file.name, file]));
  /** A name as it is in the folder of its run. */
  const inRun = (name: string): string => {
    const [first, child, ...rest] = name.split('/');
    const isChild = first === CHILDREN && known.has(`${CHILDREN}/${child ?? ''}/${JOB_MANIFEST}`);
    return isChild ? rest.join('/') : name;
  };
  const [link] = symlinks.filter((name) => !IGNORED.test(inRun(name)));
  if (link !== undefined) throw refused(link, 'is a link, which could lead out of the folder');
  const [odd] = special;
  if (odd !== undefined) throw refused(odd, 'is not an ordinary file');
  for (const { name, sizeBytes } of files) {
    if (name === JOB_MANIFEST || IGNORED.test(inRun(name))) continue;
    const own = known.get(name);
    if (own !== undefined) {
      if (own.sizeBytes !== sizeBytes || (await hashFileFrom(join(folder, ...name.split('/')), 0)) !== own.sha256)
        throw refused(name, 'is not the file that was handed off');
      continue;
    }
    if (/(^|\/)__pycache__\/[^/]+\.pyc$/.test(name)) continue;
    if (PICKLE.test(name)) throw refused(name, 'may be a pickle, which runs code when it is opened');
    if (!EXPECTED.test(inRun(name))) throw refused(name, 'does not belong in a job folder');
  }
}

/** Steps and completions, checked against the recipe and scored again. @throws AtelierError VERIFICATION_FAILED */
export async function readResults(
  folder: string,
  { handoff, recipe }: Pick<KnownHandoff, 'handoff' | 'recipe'>,
  samples: ReadonlyMap<string, HandedOff>,
): Promise<ReturnedResults> {
  const { recipeSha256 } = handoff;
  const metrics = lastOfEachStep(await readLines(folder, 'results/metrics.jsonl', MarkedStep, recipeSha256));
  const completions = lastOfEachStep(
    await readLines(folder, 'results/completions.jsonl', MarkedCompletions, recipeSha256),
  );
  const steps: ReturnedStep[] = [];
  const beta = recipe.method === 'sft' ? null : betaCurve(recipe.klSchedule, recipe.steps);
  for (const { row, value } of metrics.values()) {
    const { recipeSha256: _mark, ...found } = value;
    checkMetrics(found, recipe, beta?.[found.step - 1] ?? null, steps.length + 1, row);
    const answers = completions.get(found.step);
    // A copy made while the job runs may have a step's metrics without its completions.
    if (answers === undefined) break;
    checkCompletions(answers.value, recipe, samples, answers.row);
    steps.push({ metrics: found, completions: answers.value.completions });
  }
  const status = await readNote(folder, 'results/status.json', Status);
  if (status.recipeSha256 !== recipeSha256) throw refused('results/status.json', 'belongs to another recipe');
  const environment = await readNote(folder, 'results/environment.json', Environment);
  const { device, torch, trl, workers, dtype, accumulate, trlSettings } = environment;
  const set = trlSettings.map((setting) => setting.split('=', 1)[0] ?? '');
  const { files } = await listFolder(join(folder, 'results'));
  const found = files.flatMap(({ name }) => /^checkpoints\/step-(\d+)\/checkpoint\.json$/.exec(name)?.[1] ?? []);
  const checkpoints = found.map(Number).sort((a, b) => a - b);
  return {
    steps,
    checkpoints: checkpoints.filter((step) => step <= steps.length),
    isFinished: status.status === 'completed',
    device: elsewhereDevice(
      handoff.id,
      [
        `${device}, torch ${torch}, TRL ${trl}, ${workers === 1 ? '1 worker' : `${workers} workers`}`,
        ...(dtype === 'float32' ? [] : [`base model in ${dtype}`]),
        ...(accumulate === 1 ? [] : [`updates in ${accumulate} parts`]),
        ...(set.length === 0 ? [] : [`with its own ${set.join(', ')}`]),
      ].join(', '),
    ),
  };
}

/**
 * Copies a checkpoint to `target` and checks the copy, so that nothing can change in between.
 * @throws AtelierError VERIFICATION_FAILED if it is not whole, not a plain PEFT adapter, or not of this recipe
 */
export async function copyCheckpoint(
  folder: string,
  step: number,
  { handoff, recipe }: KnownHandoff,
  target: string,
): Promise<void> {
  const place = `results/checkpoints/step-${String(step).padStart(6, '0')}`;
  const { files } = await listFolder(join(folder, ...place.split('/')));
  const stray = files.find(({ name }) => !CHECKPOINT_FILES.includes(name));
  if (stray !== undefined) throw refused(`${place}/${stray.name}`, 'does not belong in a checkpoint');
  const note = await readNote(folder, `${place}/${CHECKPOINT_NOTE}`, CheckpointNote);
  if (note.recipeSha256 !== handoff.recipeSha256 || note.step !== step)
    throw refused(`${place}/${CHECKPOINT_NOTE}`, 'belongs to another recipe or step');
  await mkdir(target, { recursive: true });
  for (const { name, sha256, sizeBytes } of note.files) {
    const file = `${place}/${name}`;
    const found = files.find((each) => each.name === name);
    if (found === undefined) throw refused(file, 'is missing');
    if (found.sizeBytes !== sizeBytes || sizeBytes > MOST_ADAPTER_BYTES)
      throw refused(file, 'does not have the size that its checkpoint states');
    await cp(join(folder, ...file.split('/')), join(target, name), { dereference: false });
    await syncFile(join(target, name));
    if ((await hashFileFrom(join(target, name), 0)) !== sha256)
      throw refused(file, 'does not have the hash that its checkpoint states');
  }
  await syncFolder(target);
  const adapter = await readAdapter(target).catch((cause: unknown) => {
    if (cause instanceof AtelierError)
      throw refused(place, `is not an adapter that can be used (${cause.message.replaceAll(target, place)})`);
    throw cause;
  });
  if (
    recipe.adapter.kind !== 'lora' ||
    adapter.r !== recipe.adapter.r ||
    adapter.loraAlpha !== recipe.adapter.loraAlpha
  )
    throw refused(`${place}/${ADAPTER_CONFIG}`, 'is not the adapter that the recipe asks for');
  for (const [name, { a, b }] of adapter.weights)
    if (!(a.every(Number.isFinite) && b.every(Number.isFinite)))
      throw refused(`${place}/${ADAPTER_WEIGHTS}`, `holds values in ${name} that are not numbers`);
}

interface MarkedRow<T> {
  row: number;
  value: T;
}

/** The last line of a step counts: a resumed job writes its steps again. In the order of the steps. */
function lastOfEachStep<T extends { step: number }>(rows: readonly MarkedRow<T>[]): Map<number, MarkedRow<T>> {
  const newest = new Map(rows.map((each) => [each.value.step, each]));
  return new Map([...newest].sort(([a], [b]) => a - b));
}

async function readLines<T extends { recipeSha256: string }>(
  folder: string,
  file: string,
  schema: z.ZodType<T>,
  recipeSha256: string,
): Promise<MarkedRow<T>[]> {
  const text = Buffer.from(await read(folder, file, MOST_LINES_BYTES)).toString('utf8');
  // A line without its end is still being written or copied.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  const rows: MarkedRow<T>[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const row = index + 1;
    const json = jsonOf(line);
    // A kill can cut a line, and the resumed job ends it; whatever else is damaged would be a gap in the steps.
    if (json === undefined) continue;
    const parsed = schema.safeParse(json);
    if (!parsed.success) {
      const { field, wrong } = issueWords(parsed.error.issues[0] ?? { message: 'it has another form' });
      throw refused(file, `has a line that is not a step: ${field} ${wrong}`, row);
    }
    if (parsed.data.recipeSha256 !== recipeSha256) throw refused(file, 'has steps of another recipe', row);
    rows.push({ row, value: parsed.data });
  }
  return rows;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

const METRICS = 'results/metrics.jsonl';
const COMPLETIONS = 'results/completions.jsonl';
/** Python and JavaScript print the same doubles, but TRL is given almost 0 for 0. */
const BETA_TOLERANCE = 1e-9;

function checkMetrics(metrics: StepMetrics, recipe: Recipe, planned: number | null, next: number, row: number): void {
  const { step, beta, rewards } = metrics;
  if (step > recipe.steps) throw refused(METRICS, `has step ${step}, and the recipe ends at ${recipe.steps}`, row);
  if (step !== next) throw refused(METRICS, `lacks step ${next}`, row);
  if (planned !== null && !(beta !== null && Math.abs(beta - planned) <= BETA_TOLERANCE))
    throw refused(METRICS, `applied the KL weight ${String(beta)} at step ${step}, and the plan says ${planned}`, row);
  const keys = recipe.method === 'sft' ? [] : recordedRewards(recipe).map(rewardKey);
  if (JSON.stringify(rewards.map(({ name }) => name)) !== JSON.stringify(keys))
    throw refused(METRICS, `names other rewards at step ${step} than the recipe`, row);
}

function checkCompletions(
  { step, completions }: z.infer<typeof MarkedCompletions>,
  recipe: Recipe,
  samples: ReadonlyMap<string, HandedOff>,
  row: number,
): void {
  const { promptsPerStep, numGenerations } = recipe.grpo;
  const expected = recipe.method === 'sft' ? 0 : promptsPerStep * numGenerations;
  if (completions.length !== expected)
    throw refused(COMPLETIONS, `has ${completions.length} completions at step ${step}, not ${expected}`, row);
  const keys = recordedRewards(recipe).map(rewardKey);
  completions.forEach((completion, place) => {
    const sample = samples.get(completion.sampleId);
    if (sample === undefined)
      throw refused(
        COMPLETIONS,
        `answers the sample ${completion.sampleId.slice(0, 60)}, which was not handed off`,
        row,
      );
    if (completion.step !== step || completion.index !== place % numGenerations)
      throw refused(COMPLETIONS, `has a completion out of place at step ${step}`, row);
    const { rewards } = wayOf(recipe, sample.datasetId);
    const { answer, task } = sample;
    const { verdict } = gradeAnswer({ ...accuracyParamsOf(rewards), completion: completion.text, answer, task });
    const isOurs =
      completion.rewards.length === keys.length &&
      keys.every((key, index) => {
        const spec = rewards.find((each) => rewardKey(each) === key);
        const given = completion.rewards[index];
        return given?.name === key && isScoreOf(spec, given.value, completion.text, sample);
      });
    if (!isOurs || verdict !== completion.verdict)
      throw refused(COMPLETIONS, `has scores at step ${step} that the recipe's rewards do not give`, row);
  });
}

/** Whether a reward gives this score. One that is not among its dataset's has no opinion; your own are not run again. */
function isScoreOf(
  spec: RewardSpec | undefined,
  given: number | null,
  completion: string,
  sample: RewardSample,
): boolean {
  if (spec === undefined) return given === null;
  if (!isBuiltIn(spec)) return true;
  const own = scoreBuiltIn(spec, completion, sample);
  if (own === null || given === null) return own === given;
  return Math.abs(own - given) <= SCORE_TOLERANCE;
}

async function readNote<T>(folder: string, file: string, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(jsonOf(Buffer.from(await read(folder, file, MOST_NOTE_BYTES)).toString('utf8')));
  if (parsed.success) return parsed.data;
  const { field, wrong } = issueWords(parsed.error.issues[0] ?? { message: 'it has another form' });
  throw refused(file, `cannot be read: ${field} ${wrong}`);
}

async function read(folder: string, file: string, mostBytes: number): Promise<Uint8Array> {
  try {
    return await readRegular(folder, file, mostBytes);
  } catch (cause) {
    if (cause instanceof RefusedFile) throw refused(file, `is ${cause.refusal}`);
    throw cause;
  }
}
