/** @file The vision tower of each family. */
import type { FamilyName, ModelConfig } from '../../../formats/model-config.ts';
import { QWEN2_5_VL_TOWER } from './qwen2-5-vl/tower.ts';
import { QWEN2_VL_TOWER } from './qwen2-vl/tower.ts';
import { QWEN3_VL_TOWER } from './qwen3-vl/tower.ts';
import { SMOLVLM_TOWER } from './smolvlm/tower.ts';
import type { Tower } from './tower.ts';

const TOWERS: Readonly<Record<FamilyName, Tower>> = {
  qwen2_vl: QWEN2_VL_TOWER,
  qwen2_5_vl: QWEN2_5_VL_TOWER,
  qwen3_vl: QWEN3_VL_TOWER,
  // The same tower, without DeepStack.
  qwen3_5: QWEN3_VL_TOWER,
  idefics3: SMOLVLM_TOWER,
  smolvlm: SMOLVLM_TOWER,
};

export function towerOf({ family }: Pick<ModelConfig, 'family'>): Tower {
  return TOWERS[family];
}
