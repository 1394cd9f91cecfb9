/** @file Every learning task holds together: example, rewards, template and its description in the documentation. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Recipe } from '../../contract/model/recipe.ts';
import { RewardSpec } from '../../contract/model/rewards.ts';
import { LEARNING_TASK_IDS, LEARNING_TASKS } from '../../method/learning-tasks.ts';
import { honestCompletion } from '../../rewards/hack-probes.ts';
import { scoreCompletion } from '../../rewards/registry.ts';
import { checkRewardSpecs } from './check-rewards.ts';

const page = readFileSync(new URL('../../../docs/tasks.md', import.meta.url), 'utf8');

describe.each(LEARNING_TASK_IDS)('%s', (id) => {
  const { example, rewards, promptTemplate } = LEARNING_TASKS[id];
  const sample = { answer: example.answer, task: 'other' } as const;

  it('has rewards that fit its example', () => {
    for (const spec of rewards) expect(RewardSpec.parse(spec)).toEqual(spec);
    checkRewardSpecs(rewards, { datasetName: id, answers: [sample] });
  });

  it('pays for the answer of its example, and less for none', () => {
    const [right = 0] = scoreCompletion(rewards, honestCompletion(example.given), sample);
    expect(right).toBeGreaterThan(0.9);
    expect(scoreCompletion(rewards, honestCompletion('something else'), sample)[0]).toBeLessThan(0.5);
  });

  it('has a template that a recipe takes', () => {
    expect(Recipe.shape.promptTemplate.optional().parse(promptTemplate)).toBe(promptTemplate);
  });

  it('is described in docs/tasks.md', () => {
    expect(page).toContain(`| \`${id}\``);
    expect(page).toContain(example.question.replace(/\|/g, '\\|'));
    expect(page).toContain(`\`${example.answer.replace(/\|/g, '\\|')}\``);
  });
});
