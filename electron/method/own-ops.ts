/** @file What is said where frozen weights in 4 bits cannot be had. */
import { AtelierError } from '../contract/errors/errors.ts';

export function noOwnOps(): AtelierError {
  return new AtelierError(
    'ENGINE_UNAVAILABLE',
    "Frozen weights in 4 bits need Atelier's own operations for TensorFlow on the processor, or a GPU with compiled programs; there is neither here.",
    {
      place: { field: 'frozenWeights' },
      remedy:
        'Ask `atelier doctor` for the reason. On a GPU, set `atelier settings --gpu always`; or a new run can set frozenWeights to as-published.',
    },
  );
}
