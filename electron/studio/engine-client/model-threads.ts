/** @file Chooses how to use the cores for a model, based on the size of its weight files. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { threadUseFor, type ThreadUse } from '../../method/model-size.ts';

/** Null if the folder cannot be read; the engine will report what is wrong with it. */
export function threadUseOfModel(modelPath: string): ThreadUse | null {
  const bytes = weightBytesOf(modelPath);
  return bytes === null ? null : threadUseFor(bytes);
}

/** Of the model's weight files; null if the folder cannot be read. */
export function weightBytesOf(modelPath: string): number | null {
  try {
    const weights = readdirSync(modelPath).filter((name) => name.endsWith('.safetensors'));
    return weights.reduce((sum, name) => sum + statSync(join(modelPath, name)).size, 0);
  } catch {
    return null;
  }
}
