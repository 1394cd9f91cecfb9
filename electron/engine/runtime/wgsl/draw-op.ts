/** @file Drawing tokens (training/logprobs.ts) as a kernel. */
import { sizeOf } from '../program.ts';
import { ROW_COST } from './builder.ts';
import { drawKernel } from './kernels/draw.ts';
import type { OpCall } from './op-call.ts';
import type { Value } from './values.ts';

/** The inputs: description, logits, suppressed, uniform, greedy. */
export function draw({ builder, inputs, outputs, constant }: OpCall): Value[] {
  const description = constant(0);
  if (description === null) throw new Error('Drawing tokens is not described.');
  const [temperature = 1, topP = 1, minP = 0] = description;
  const readable = (at: number): Value => {
    const value = inputs[at];
    if (value === undefined) throw new Error('Drawing tokens lacks an input.');
    return builder.readable(value, { cost: ROW_COST, reads: at === 1 ? 2 : 1 });
  };
  const [logits, suppressed, uniform, greedy] = [1, 2, 3, 4].map(readable) as [Value, Value, Value, Value];
  const [ofTokens, ofLogprobs] = outputs;
  if (ofTokens === undefined || ofLogprobs === undefined) throw new Error('Drawing tokens gives two results.');
  const tokens = builder.storage(sizeOf(ofTokens.shape), 'i32');
  const logprobs = builder.storage(sizeOf(ofLogprobs.shape), 'f32');
  const { together } = builder;
  builder.add(drawKernel({ logits, suppressed, uniform, greedy, temperature, topP, minP, tokens, logprobs, together }));
  return [builder.stored(tokens, ofTokens.shape), builder.stored(logprobs, ofLogprobs.shape)];
}
