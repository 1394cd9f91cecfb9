/**
 * @file Checkpoints of a run: a folder written aside and renamed into place. It holds PEFT files (or a whole model), the
 * optimiser's state and the step, which is everything a run needs to resume bit for bit.
 */
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import { initialKlState, type KlState } from '../../method/kl-curve.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { MODEL_FILES } from '../../formats/checkpoint.ts';
import { existsFile, readJsonObject, syncFolder, writeAside } from '../../formats/files.ts';
import { folderSha256 } from '../../formats/folder-digest.ts';
import { FROZEN_WEIGHTS } from '../../formats/nf4.ts';
import { writeAdapter } from '../../formats/peft.ts';
import { openSafetensors, writeSafetensors } from '../../formats/safetensors.ts';
import { moduleName, publishedName } from '../../formats/tensor-names.ts';
import { withWeights, type LoadedAdapter, type LoadedModel, type Shapes, type Values } from '../policy/loaded-model.ts';
import { withCounterparts } from '../../formats/families/counterparts.ts';
import { isSeen, loraNames } from '../model/lora.ts';
import type { TrainedState } from '../trainer/trainer.ts';
import { adamState } from '../training/update/adamw.ts';

export interface CheckpointState extends TrainedState {
  step: number;
  /** What the KL schedule remembers. */
  kl: KlState;
}

const STATE = 'state.json';
const OPTIMISER = 'optimizer.safetensors';
const TRAINED = 'trained.safetensors';
const State = z.object({
  step: z.int().positive(),
  seed: z.int(),
  engineVersion: z.string(),
  /** Absent in checkpoints from before there were schedules with feedback. */
  kl: z.object({ beta: z.number(), accuracy: z.number().nullable() }).optional(),
});

/** Raised when a change could make a resumed run differ from an uninterrupted one. */
export const ENGINE_VERSION = '0.5.0';

export function checkpointName(step: number): string {
  return `step-${String(step).padStart(6, '0')}`;
}

/** @returns the folder and the hash over its files (`name sha256` lines, sorted) */
export async function writeCheckpoint(
  root: string,
  recipe: Recipe,
  model: LoadedModel,
  adapter: LoadedAdapter | null,
  state: CheckpointState,
): Promise<{ path: string; sha256: string }> {
  const path = join(root, checkpointName(state.step));
  const aside = join(root, `.writing-${checkpointName(state.step)}`);
  try {
    await rm(aside, { recursive: true, force: true });
    await mkdir(aside, { recursive: true });
    if (recipe.adapter.kind === 'lora' && adapter !== null) {
      await writeAdapter(aside, {
        r: recipe.adapter.r,
        loraAlpha: recipe.adapter.loraAlpha,
        targetModules: targetsOf(
          withCounterparts(recipe.adapter.targetModules, model.processor.config),
          adapter.modules,
          model,
        ),
        baseModelNameOrPath: recipe.modelId,
        naming: model.processor.config,
        weights: factorsByModule(adapter.modules, state.trained),
        ...(adapter.frozenWeights === undefined ? {} : { metadata: { [FROZEN_WEIGHTS]: adapter.frozenWeights } }),
      });
    } else {
      await writeWholeModel(aside, model, state.trained);
    }
    const shapes = { ...model.shapes, ...adapter?.shapes };
    await writeValues(join(aside, TRAINED), state.trained, shapes);
    await writeValues(join(aside, OPTIMISER), state.optimiser, momentShapes(state.trained, shapes));
    const described = { step: state.step, seed: recipe.seed, engineVersion: ENGINE_VERSION, kl: state.kl };
    await writeAside(join(aside, STATE), (write) => write(Buffer.from(JSON.stringify(described))));
    await syncFolder(aside);
    const sha256 = await folderSha256(aside);
    await rm(path, { recursive: true, force: true });
    await rename(aside, path);
    await syncFolder(root);
    return { path, sha256 };
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
    if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) {
      throw new AtelierError(
        'DISK_FULL',
        `The checkpoint of step ${String(state.step)} could not be written: the disk with ${root} is full.`,
        {
          place: { file: root },
          remedy: 'Free some space, then resume the run.',
          cause: error,
        },
      );
    }
    throw error;
  }
}

/**
 * What `target_modules` must say so that PEFT adapts exactly these modules. Names are enough unless the vision tower has
 * layers with the same names (Qwen2.5-VL's MLPs, SmolVLM's attention): then a regular expression keeps to the language model.
 */
function targetsOf(
  names: readonly string[],
  modules: readonly string[],
  { shapes, processor }: Pick<LoadedModel, 'shapes' | 'processor'>,
): readonly string[] | string {
  // Of the vision tower, each module by its own name: every name is one ending of PEFT's names, and of no other module.
  if (modules.some(isSeen))
    return modules.map((module) => moduleName(module, processor.config).replace(/^model\./, ''));
  const reached = Object.keys(shapes).flatMap((name) => {
    const module = name.slice(0, -'.weight'.length);
    return name.endsWith('.weight') && names.some((each) => module.endsWith(`.${each}`)) ? [module] : [];
  });
  const own = new Set(modules);
  if (reached.every((module) => own.has(module))) return names;
  const text = moduleName('model.', processor.config).slice('model.'.length, -1);
  return `.*\\.${text}\\..*\\.(${names.join('|')})`;
}

/** @throws AtelierError if the folder is not a complete checkpoint of this run */
export async function readCheckpointState(path: string, recipe: Recipe): Promise<CheckpointState> {
  if (!(await existsFile(join(path, STATE)))) {
    throw new AtelierError('NOT_FOUND', `${path} is not a checkpoint: ${STATE} is missing.`, {
      place: { file: path },
      remedy: 'Start the run again, or choose another checkpoint.',
    });
  }
  const state = State.safeParse(await readJsonObject(join(path, STATE)));
  if (!state.success || state.data.seed !== recipe.seed) {
    throw new AtelierError('BAD_INPUT', `The checkpoint ${path} does not belong to this run.`, {
      place: { file: join(path, STATE) },
      remedy: 'Choose a checkpoint of this run.',
    });
  }
  return {
    step: state.data.step,
    trained: await readAll(join(path, TRAINED)),
    optimiser: await readAll(join(path, OPTIMISER)),
    kl: state.data.kl ?? initialKlState(recipe.klSchedule),
  };
}

function factorsByModule(
  modules: readonly string[],
  trained: Values,
): Map<string, { a: Float32Array; b: Float32Array }> {
  return new Map(
    modules.map((module) => {
      const names = loraNames(module);
      const [a, b] = [trained[names.a], trained[names.b]];
      if (a === undefined || b === undefined) throw new Error(`A LoRA factor of ${module} is missing.`);
      return [module, { a, b }];
    }),
  );
}

/** Shapes of the optimiser's running means: those of the tensors they belong to. */
function momentShapes(trained: Values, shapes: Shapes): Shapes {
  const moments: Record<string, readonly number[]> = {};
  for (const name of Object.keys(trained)) {
    for (const moment of Object.values(adamState(name))) moments[moment] = shapes[name] ?? [];
  }
  return moments;
}

async function writeWholeModel(folder: string, model: LoadedModel, trained: Values): Promise<void> {
  for (const name of await readdir(model.path)) {
    if (MODEL_FILES.test(name) || name === 'atelier.json') await copyFile(join(model.path, name), join(folder, name));
  }
  await withWeights(model, async (weights) => {
    const entries = Object.entries(model.shapes).map(([name, shape]) => ({
      name: publishedName(name, model.processor.config),
      dtype: 'F32' as const,
      shape,
      data: trained[name] ?? (() => weights.float32(name)),
    }));
    await writeSafetensors(join(folder, 'model.safetensors'), entries, { format: 'pt' });
  });
}

async function writeValues(path: string, values: Values, shapes: Shapes): Promise<void> {
  const entries = Object.entries(values).map(([name, data]) => ({
    name,
    dtype: 'F32' as const,
    shape: shapes[name] ?? [data.length],
    data,
  }));
  await writeSafetensors(path, entries, { format: 'pt' });
}

async function readAll(path: string): Promise<Values> {
  const reader = await openSafetensors(path);
  try {
    const values: Values = {};
    for (const name of reader.names()) values[name] = await reader.readFloat32(name);
    return values;
  } finally {
    await reader.close();
  }
}
