/** @file The files of an export for MLX: weights written and read back by the engine, and a configuration that mlx-vlm reads. */
import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MODEL_FILES } from '../../../formats/checkpoint.ts';
import { readJsonObject } from '../../../formats/files.ts';
import { mlxConfig } from '../../../formats/mlx/mlx-layout.ts';
import { parseModelConfig } from '../../../formats/model-config.ts';
import { stableJson } from '../../../provenance/signing/canonical-json.ts';
import { filesFromEngine, type EngineContext } from './engine-files.ts';
import type { ExportFacts } from './facts.ts';
import type { Digests } from './folder.ts';

export const MLX_CHECK = 'mlx-check.json';
const CONFIG = 'config.json';

interface MlxInput {
  folder: string;
  facts: ExportFacts;
  context: EngineContext;
  digests: Digests;
}

export async function writeMlxFiles(
  { folder, facts, context, digests }: MlxInput,
  metadata: Record<string, string>,
): Promise<void> {
  const { recipe, model, checkpoint } = facts;
  const isAdapter = recipe.adapter.kind === 'lora';
  // A checkpoint of all weights is a whole model, with the files of its base beside the weights.
  const modelPath = isAdapter ? model.path : checkpoint.path;
  const job = {
    ...{ modelPath, adapterPath: isAdapter ? checkpoint.path : null, folder, metadata },
    layout: 'mlx' as const,
  };
  const { check } = await filesFromEngine(context, digests, (engine) => engine.merge(job, context.signal));
  for (const name of await readdir(model.path))
    if (MODEL_FILES.test(name) && name !== CONFIG)
      await cp(join(model.path, name), join(folder, name), { dereference: true });
  const file = join(modelPath, CONFIG);
  const json = await readJsonObject(file);
  await writeFile(join(folder, CONFIG), stableJson(mlxConfig(json, parseModelConfig(json, { file }))));
  await writeFile(join(folder, MLX_CHECK), stableJson(check));
}
