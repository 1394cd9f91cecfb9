/** @file What base and tuned stand for where the frozen weights were kept in 4 bits. */
import type { Recipe } from '../contract/model/recipe.ts';

/** A sentence to go with the figures of both; null where both rest on the same weights. */
export function roundedNote({ frozenWeights }: Pick<Recipe, 'frozenWeights'>): string | null {
  if (frozenWeights !== 'nf4') return null;
  return 'The base is the model as published; the tuned model rests on weights in 4 bits (NF4).';
}
