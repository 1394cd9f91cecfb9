/** @file `--task`: what the model should learn; it chooses rewards and prompt template. */
import { AtelierError } from '../contract/errors/errors.ts';
import type { RewardSpec } from '../contract/model/rewards.ts';
import { LEARNING_TASK_IDS, LEARNING_TASKS } from '../method/learning-tasks.ts';
import type { CommandContext } from './command.ts';

export const TASK_OPTION = [
  '--task <task>',
  `What it should learn: ${LEARNING_TASK_IDS.join(', ')}. Chooses the rewards and the prompt template; --reward and --set win over it`,
] as const;

/** The rewards and the template of the task that `--task` names; nothing without it. @throws AtelierError BAD_INPUT */
export function taskSettings({ args }: Pick<CommandContext, 'args'>): {
  rewards?: RewardSpec[];
  promptTemplate?: string;
} {
  const id = args.oneOf('task', LEARNING_TASK_IDS);
  if (id === undefined) return {};
  const { rewards, promptTemplate } = LEARNING_TASKS[id];
  return { rewards: [...rewards], ...(promptTemplate === undefined ? {} : { promptTemplate }) };
}

/**
 * The settings of two tasks from `--task tags,find-box`, first and second; nothing where `--task` names one or none.
 * @throws AtelierError BAD_INPUT
 */
export function taskPair({ args }: Pick<CommandContext, 'args'>): ReturnType<typeof taskSettings>[] | null {
  const words = args.text('task')?.split(',');
  if (words === undefined || words.length < 2) return null;
  if (words.length > 2) throw notATask(words.join(','), 'Name one task for both datasets, or two.');
  return words.map((word) => {
    const id = LEARNING_TASK_IDS.find((known) => known === word.trim());
    if (id === undefined) throw notATask(word.trim(), `Choose from ${LEARNING_TASK_IDS.join(', ')}.`);
    const { rewards, promptTemplate } = LEARNING_TASKS[id];
    return { rewards: [...rewards], ...(promptTemplate === undefined ? {} : { promptTemplate }) };
  });
}

function notATask(word: string, remedy: string): AtelierError {
  return new AtelierError('BAD_INPUT', `--task does not take "${word}".`, { place: { field: '--task' }, remedy });
}
