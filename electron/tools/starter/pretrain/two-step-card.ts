/** @file The apprentice's card, written from what was measured. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { percent } from '../../../reporting/figures.ts';
import { HELD_OUT_COMPOSITE, HELD_OUT_KINDS, TRAINED_LIMITS } from '../../../starter/apprentice-stream.ts';
import { COMPOSITE_LEVELS, HELD_OUT_SET, PAIR_LEVELS } from '../../../starter/two-step-plan.ts';
import { MANNER_SHARES } from '../../../starter/two-step-texts.ts';
import type { Share } from './figures.ts';
import type { PretrainPlan } from './plan.ts';
import type { TwoStepFigures } from './two-step-figures.ts';

export interface LearningRun {
  data: string;
  seed: number;
  /** What produced it. */
  command: string;
  /** Greedy accuracy on all test questions after so many updates. */
  points: { step: number; right: number; of: number }[];
}

export interface Learning {
  runs: LearningRun[];
}

export interface ApprenticeFacts extends TwoStepFigures {
  parameters: number;
  plan: PretrainPlan;
}

/** What the starter was made for, and whether what was measured is so. */
export interface Aim {
  aim: string;
  measured: string;
  reached: boolean;
}

const LEAST_FORM = 0.98;
const ACCURACY = [0.3, 0.45] as const;
/** "Clearly below 100 %": at least one question in twenty has no right answer among 64. */
const MOST_PASS = 0.95;

/** A run with fewer updates says nothing about what is still learned late. */
const UPDATES = 300;

/** Judges the aims for one dataset. */
export function aimsOf(data: string, figures: TwoStepFigures, learning: Learning): Aim[] {
  const form = share(figures.format[data]);
  const accuracy = share(figures.accuracy[data]);
  const pass = figures.passAtK[data]?.['64'] ?? 0;
  const runs = learning.runs.filter((run) => run.data === data && (run.points.at(-1)?.step ?? 0) >= UPDATES);
  const gains = runs.map(({ points }) => {
    const [before, last] = points.slice(-2);
    return (last?.right ?? 0) - (before?.right ?? 0);
  });
  return [
    { aim: 'At least 98% of answers in form', measured: percent(form, 1), reached: form >= LEAST_FORM },
    {
      aim: 'Greedy accuracy of 30 to 45%',
      measured: percent(accuracy, 1),
      reached: accuracy >= ACCURACY[0] && accuracy <= ACCURACY[1],
    },
    { aim: 'pass@64 of at most 95%', measured: percent(pass, 1), reached: pass <= MOST_PASS },
    {
      aim: 'Accuracy still rises in the last third of 300 updates',
      measured:
        runs.length === 0
          ? 'not measured'
          : gains.map((gain) => `${gain < 0 ? '−' : '+'}${String(Math.abs(gain))} answers`).join(', '),
      reached: runs.length > 0 && gains.every((gain) => gain > 0),
    },
  ];
}

export function apprenticeCard(facts: ApprenticeFacts, learning: Learning): string {
  const { plan, parameters } = facts;
  const data = Object.keys(facts.format);
  const table = data.flatMap((name) =>
    aimsOf(name, facts, learning).map(
      ({ aim, measured, reached }) => `| ${name} | ${aim} | ${measured} | ${reached ? 'yes' : 'no'} |`,
    ),
  );
  const accuracy = Object.entries(facts.accuracy).map(([key, value]) => `| ${key} | ${shown(value)} |`);
  const passes = data.map((name) => {
    const curve = facts.passAtK[name] ?? {};
    return `| ${name} | ${Object.values(curve)
      .map((value) => percent(value, 0))
      .join(' | ')} |`;
  });
  const ks = Object.keys(facts.passAtK[data[0] ?? ''] ?? {});
  const shares = Object.entries(MANNER_SHARES).map(
    ([leaning, values]) => `| ${leaning} | ${values.map((value) => percent(value, 0)).join(' | ')} |`,
  );
  return `---
license: apache-2.0
language: en
library_name: transformers
pipeline_tag: image-text-to-text
base_model: nano
tags: [qwen2_vl, atelier, starter]
---

# Atelier apprentice

A Qwen2-VL-architecture model of ${parameters.toLocaleString('en')} weights that answers two-step questions about pictures of 112 × 112 pixels: how many more of one thing than
of another, how many of two things in all, and the area of a figure that has two parts. Unlike Atelier nano, it always answers in form. So what
training gains is not form: it has to look better, count further and add up right.

## How it was made

\`npm run build:apprentice\` (seed ${String(plan.seed)}) continues from the weights of Atelier nano with Atelier's own engine: ${String(plan.perceiveSteps + plan.habitSteps)} steps of ${String(plan.batch)} generated examples.

1. *Perception*, ${String(plan.perceiveSteps)} steps: a fifth of the examples describe the whole picture, the others answer in steps.
2. *Manners*, ${String(plan.habitSteps)} steps: it learns to answer in two ways, and how often depends on the wording of the question:

| wording leans to | in steps | at a glance |
|---|---|---|
${shares.join('\n')}

*In steps* names every icon or side on the way to the answer. *At a glance* writes only the last sum. Both are in tags, and in both the examples
are right: no example is a guess.

It was taught less than its task asks: at most ${String(TRAINED_LIMITS.most)} of each kind (the task: ${String(Math.max(...PAIR_LEVELS.map(({ count }) => count[1])))}), icons at most ${percent(TRAINED_LIMITS.roam, 0)} of a cell away from their place (the task:
${percent(Math.max(...PAIR_LEVELS.map(({ roam }) => roam)), 0)}), figures at most ${String(TRAINED_LIMITS.side)} units wide (the task: ${String(Math.max(...COMPOSITE_LEVELS))}). No two-step question in its making named a ${HELD_OUT_KINDS.join(', ')}, no figure was a ${HELD_OUT_COMPOSITE}, and no icon came from
OpenMoji or Twemoji. The test questions of the datasets \`two-step-counting\` and \`two-step-geometry\` say in \`held_out\` what the training
questions do not show: these kinds (\`icons\`), the set \`${HELD_OUT_SET}\` (\`style\`), or the tee (\`figure\`).

The pictures are drawn by Atelier from its own drawings, Fluent Emoji (MIT) and Noto Emoji (Apache-2.0); see \`resources/art/CREDITS.md\`. No other
data was used, apart from what nano had learned from.

## What it can do

Measured at the end of \`npm run build:apprentice\` on all test questions; what training adds, by \`npm run measure:apprentice\`.

| data | aim | measured | reached |
|---|---|---|---|
${table.join('\n')}

| greedy accuracy | right of asked |
|---|---|
${accuracy.join('\n')}

| pass@k: right in one of k sampled answers | ${ks.map((k) => `k = ${k}`).join(' | ')} |
|---|${ks.map(() => '---|').join('')}
${passes.join('\n')}
${learningText(learning)}
## What it cannot do

It knows twelve kinds of icons and simple figures on a grid, a few hundred English words, and nothing else of the world. It reads other pictures wrongly
and without a warning. Its answers are numbers up to 180. A gain on these data says how a method works on a very small model; it does not say
how large the gain would be on a large one.
`;
}

function learningText({ runs }: Learning): string {
  if (runs.length === 0) return '';
  const steps = [...new Set(runs.flatMap(({ points }) => points.map(({ step }) => step)))].sort((a, b) => a - b);
  const rows = runs.map(({ data, seed, points }) => {
    const cells = steps.map((step) => {
      const point = points.find((each) => each.step === step);
      return point === undefined ? '' : shown(point);
    });
    return `| ${data}, seed ${String(seed)} | ${cells.join(' | ')} |`;
  });
  return `
| greedy accuracy after GRPO updates | ${steps.map(String).join(' | ')} |
|---|${steps.map(() => '---|').join('')}
${rows.join('\n')}

Each row is one run with the default recipe (\`learning.json\` holds the command). One run is one seed: it shows that there is something to
learn, not how much a method gains.
`;
}

function share(part: Share | undefined): number {
  return part === undefined || part.of === 0 ? 0 : part.right / part.of;
}

function shown({ right, of }: Share): string {
  return `${String(right)} of ${String(of)} (${percent(right / of, 0)})`;
}

/** Writes the card of the model in a folder from its figures.json and, if it is there, its learning.json. */
export async function writeApprenticeCard(folder: string): Promise<void> {
  const facts = JSON.parse(await readFile(join(folder, 'figures.json'), 'utf8')) as ApprenticeFacts;
  const learning = await readFile(join(folder, 'learning.json'), 'utf8').then(
    (text) => JSON.parse(text) as Learning,
    (): Learning => ({ runs: [] }),
  );
  await writeFile(join(folder, 'README.md'), apprenticeCard(facts, learning));
}
