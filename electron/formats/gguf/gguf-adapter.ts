/** @file A LoRA adapter as llama.cpp loads it beside its base model. Pure. */
import type { ModelConfig } from '../model-config.ts';
import type { Adapter, LoraWeights } from '../peft.ts';
import type { GgufTensorInfo, GgufValue, WrittenType } from './gguf-header.ts';
import { ggufArchitecture, ggufHeadDim, ggufTextName } from './gguf-model.ts';
import { pairedRows } from './paired-rows.ts';

export interface GgufAdapter {
  readonly metadata: readonly (readonly [string, GgufValue])[];
  readonly tensors: readonly (GgufTensorInfo & {
    readonly name: string;
    readonly type: WrittenType;
    readonly values: Float32Array;
  })[];
  /** Layers of the vision tower: llama.cpp adapts the language model only. */
  readonly leftOut: readonly string[];
}

/** llama.cpp scales B A by `adapter.lora.alpha` / rank, with one alpha for all layers; other scalings go into B. */
export function ggufAdapter(
  adapter: Pick<Adapter, 'weights'>,
  config: ModelConfig,
  general: readonly (readonly [string, GgufValue])[],
): GgufAdapter {
  const layers = [...adapter.weights].map(([module, lora]) => ({
    module,
    lora,
    name: ggufTextName(`${module}.weight`),
  }));
  const alpha = alphaOf(layers.find(({ name }) => name !== null)?.lora);
  const tensors = layers.flatMap(({ module, lora, name }) => {
    if (name === null) return [];
    const headDim = ggufHeadDim(`${module}.weight`, config);
    const ordered = headDim === undefined ? lora.b : pairedRows(lora.b, lora.r, headDim);
    const factor = alphaOf(lora) / alpha;
    const b = factor === 1 ? ordered : ordered.map((value) => value * factor);
    return [
      { name: `${name}.lora_a`, type: 'F32' as const, shape: [lora.r, lora.inFeatures], values: lora.a },
      { name: `${name}.lora_b`, type: 'F32' as const, shape: [lora.outFeatures, lora.r], values: b },
    ];
  });
  return {
    metadata: [
      ['general.architecture', ['string', ggufArchitecture(config)]],
      ['general.type', ['string', 'adapter']],
      ...general,
      ['adapter.type', ['string', 'lora']],
      ['adapter.lora.alpha', ['f32', alpha]],
    ],
    tensors,
    leftOut: layers.filter(({ name }) => name === null).map(({ module }) => module),
  };
}

function alphaOf(lora: LoraWeights | undefined): number {
  return lora === undefined ? 1 : lora.scaling * lora.r;
}
