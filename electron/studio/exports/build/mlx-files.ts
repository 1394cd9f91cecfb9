/** @file The files of an export for MLX: weights written and read back by the engine, and a configuration that mlx-vlm reads. */
import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MlxCheck } from '../../../contract/model/exports.ts';
import type { Progress } from '../../../contract/model/primitives.ts';
import { MODEL_FILES } from '../../../formats/checkpoint.ts';
import { readJsonObject } from '../../../formats/files.ts';
import { mlxConfig } from '../../../formats/mlx/mlx-layout.ts';
import { parseModelConfig } from '../../../formats/model-config.ts';
import { stableJson } from '../../../provenance/signing/canonical-json.ts';
import type { EngineClient } from '../../engine-client/engine-client.ts';
import type { ExportFacts } from './facts.ts';
import type { Digests } from './folder.ts';

export const MLX_CHECK = 'mlx-check.json';
const CONFIG = 'config.json';

interface MlxInput {
  folder: string;
  facts: ExportFacts;
  context: {
    openEngine?: (name: string) => EngineClient;
    signal?: AbortSignal;
    onProgress?: (progress: Progress) => void;
  };
  digests: Digests;
}

export async function writeMlxFiles(
  { folder, facts, context, digests }: MlxInput,
  metadata: Record<string, string>,
): Promise<void> {
  if (context.openEngine === undefined) throw new Error('Writing files for MLX needs an engine.');
  const { recipe, model, checkpoint } = facts;
  const isAdapter = recipe.adapter.kind === 'lora';
  // A checkpoint of all weights is a whole model, with the files of its base beside the weights.
  const modelPath = isAdapter ? model.path : checkpoint.path;
  const engine = context.openEngine('export');
  let check: MlxCheck | null = null;
  try {
    const job = {
      ...{ modelPath, adapterPath: isAdapter ? checkpoint.path : null, folder, metadata },
      layout: 'mlx' as const,
    };
    for await (const event of engine.merge(job, context.signal)) {
      if (event.type === 'progress') context.onProgress?.(event.progress);
      else {
        check = event.check;
        for (const { name, ...digest } of event.files) digests.set(name, digest);
      }
    }
    // A stream that was left ends without a word.
    context.signal?.throwIfAborted();
  } finally {
    await engine.close();
  }
  for (const name of await readdir(model.path))
    if (MODEL_FILES.test(name) && name !== CONFIG)
      await cp(join(model.path, name), join(folder, name), { dereference: true });
  const file = join(modelPath, CONFIG);
  const json = await readJsonObject(file);
  await writeFile(join(folder, CONFIG), stableJson(mlxConfig(json, parseModelConfig(json, { file }))));
  await writeFile(join(folder, MLX_CHECK), stableJson(check));
}
