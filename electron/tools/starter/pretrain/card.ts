/** @file The starter model's card, written from measured figures. */
import { percent } from '../../../reporting/figures.ts';
import { HABIT_SHARES, LAZY_TRUTH } from '../../../starter/texts.ts';
import type { Figures, Share } from './figures.ts';
import type { PretrainPlan } from './plan.ts';

export interface CardFacts {
  parameters: number;
  plan: PretrainPlan;
  figures: Figures;
  kinds: readonly string[];
}

export function modelCard({ parameters, plan, figures, kinds }: CardFacts): string {
  const steps = plan.perceiveSteps + plan.habitSteps;
  const rows = Object.entries(figures.accuracy).map(([key, share]) => `| ${key} | ${shown(share)} |`);
  const passes = Object.entries(figures.passAt8).map(([key, share]) => `| ${key} | ${shown(share)} |`);
  const shares = Object.entries(HABIT_SHARES).map(
    ([leaning, values]) => `| ${leaning} | ${values.map((value) => percent(value, 0)).join(' | ')} |`,
  );
  return `---
license: apache-2.0
language: en
library_name: transformers
pipeline_tag: image-text-to-text
tags: [qwen2_vl, atelier, starter]
---

# Atelier nano

A Qwen2-VL-architecture model of ${parameters.toLocaleString('en')} weights that counts icons (${kinds.join(', ')}) and reads simple diagrams
(length, area, perimeter, angle) in pictures of 112 × 112 pixels. It is a student, not a tool: **it was made mediocre on purpose**, so that
reinforcement learning on an ordinary computer has something to improve within minutes. It knows nothing else of the world.

## How it was made

\`npm run build:nano\` (seed ${String(plan.seed)}) pre-trains it from random weights with Atelier's own engine: ${String(steps)} steps of ${String(plan.batch)} generated examples.

1. *Perception*, ${String(plan.perceiveSteps)} steps: half of the examples list everything in the picture, half answer with a thought that enumerates what it counts or measures.
2. *Habits*, ${String(plan.habitSteps)} steps: it learns to answer in three ways, and how often depends on the wording of the question:

| wording leans to | careful | lazy | no tags |
|---|---|---|---|
${shares.join('\n')}

A *careful* answer enumerates and is then usually right. A *lazy* one guesses a number that is right in about ${percent(LAZY_TRUTH, 0)} of the examples. The third gives no answer tags, so a
verifier cannot read it. So the ability is there, and the habit of using it is not: that is what fine-tuning can find and strengthen. A
gain measured on this model shows that the method selects good behaviour, not that it teaches perception.

The pictures are drawn by Atelier from its own drawings, Fluent Emoji (MIT) and Noto Emoji (Apache-2.0); see \`resources/art/CREDITS.md\`. No other data was used.

## What it can do

Measured at the end of \`npm run build:nano\` on pictures from another seed (${String(figures.seed)}), never seen in training.

| greedy accuracy | right of asked |
|---|---|
${rows.join('\n')}

In the format: ${shown(figures.format)}. Sampled once at temperature 1: ${shown(figures.sampledAccuracy)} right.

| pass@8 (one of eight sampled answers is right) | questions |
|---|---|
${passes.join('\n')}
`;
}

function shown({ right, of }: Share): string {
  return `${String(right)} of ${String(of)} (${percent(right / of, 0)})`;
}
