/** @file `--task`: what the model should learn; it chooses rewards and prompt template. */
import type { RewardSpec } from '../contract/model/rewards.ts';
import { LEARNING_TASK_IDS, LEARNING_TASKS } from '../method/learning-tasks.ts';
import type { CommandContext } from './command.ts';

export const TASK_OPTION = [
  '--task <task>',
  `What it should learn: ${LEARNING_TASK_IDS.join(', ')}. Chooses the rewards and the prompt template; --reward and --set win over it`,
] as const;

/** The rewards and the template of the task that `--task` names; nothing without it. @throws AtelierError BAD_INPUT */
export function taskSettings({ args }: CommandContext): { rewards?: RewardSpec[]; promptTemplate?: string } {
  const id = args.oneOf('task', LEARNING_TASK_IDS);
  if (id === undefined) return {};
  const { rewards, promptTemplate } = LEARNING_TASKS[id];
  return { rewards: [...rewards], ...(promptTemplate === undefined ? {} : { promptTemplate }) };
}
