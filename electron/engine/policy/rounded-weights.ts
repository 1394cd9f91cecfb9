/**
 * @file Which frozen weights are rounded to NF4 (formats/nf4.ts) if a recipe asks for it: the matrices of all linear layers, as
 * QLoRA has it. Embeddings, the output projection, norms, biases and convolutions stay as they are published, and so does a matrix
 * whose rows are not whole blocks.
 */
import { familyOf, type ModelConfig } from '../../formats/model-config.ts';
import { NF4_BLOCK } from '../../formats/nf4.ts';

const TEXT_LAYER = /^model\.layers\.\d+\.(?:self_attn|linear_attn|mlp)\.\w+\.weight$/;

/** Names of the rounded weights. */
export function roundedNames(
  shapes: Readonly<Record<string, readonly number[]>>,
  config: Pick<ModelConfig, 'family'>,
): Set<string> {
  const { vision } = familyOf(config);
  const places = [vision.layers, ...vision.merged];
  const isLinear = (name: string): boolean =>
    TEXT_LAYER.test(name) || (name.endsWith('.weight') && places.some((place) => name.startsWith(place)));
  return new Set(
    Object.entries(shapes).flatMap(([name, shape]) =>
      shape.length === 2 && (shape[1] ?? 0) % NF4_BLOCK === 0 && isLinear(name) ? [name] : [],
    ),
  );
}
