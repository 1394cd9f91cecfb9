/** @file What names of projections in a recipe mean in layers with linear attention. Pure. */
import type { ModelConfig } from './config.ts';

/** Linear attention has projections of its own, which go with those of attention that do the same. */
const COUNTERPARTS: Readonly<Record<string, readonly string[]>> = {
  q_proj: ['in_proj_qkv', 'in_proj_z'],
  k_proj: ['in_proj_qkv', 'in_proj_b', 'in_proj_a'],
  v_proj: ['in_proj_qkv'],
  o_proj: ['out_proj'],
};

/** `target_modules` with the projections of linear attention that go with them, if the model has any. */
export function withCounterparts(
  targetModules: readonly string[],
  { linear }: Pick<ModelConfig, 'linear'>,
): readonly string[] {
  if (linear === undefined) return targetModules;
  return [...new Set([...targetModules, ...targetModules.flatMap((name) => COUNTERPARTS[name] ?? [])])];
}
