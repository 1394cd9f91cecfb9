/** @file `--reward`: a built-in reward by name, a custom one by its file, or JSON in the contract's format. */
import { AtelierError } from '../contract/errors/errors.ts';
import { issueWords } from '../contract/errors/issue-words.ts';
import { RewardSpec } from '../contract/model/rewards.ts';
import type { CommandContext } from './command.ts';

export const REWARD_OPTION = [
  '--reward <what>',
  'A reward as name, name:weight, the .js or .ts file of your own reward (file:weight), or JSON with params (repeatable)',
  'repeatable',
] as const;

/** The rewards that `--reward` names; undefined if none. @throws AtelierError BAD_INPUT */
export async function rewardOptions(context: CommandContext): Promise<RewardSpec[] | undefined> {
  const named = context.args.all('reward');
  if (named.length === 0) return undefined;
  const rewards: RewardSpec[] = [];
  for (const what of named) rewards.push(await rewardNamed(context, what));
  return rewards;
}

async function rewardNamed(context: CommandContext, what: string): Promise<RewardSpec> {
  if (what.trimStart().startsWith('{')) return parsed(tryJson(what), what);
  const [, name = '', weightText] = /^(.*?)(?::(-?\d+(?:\.\d+)?|NaN))?$/s.exec(what) ?? [];
  const weight = weightText === undefined ? 1 : Number(weightText);
  if (!/\.m?[jt]s$/.test(name)) return parsed({ name, weight }, what);
  const client = await context.client();
  return client.rewards.load({ path: context.args.resolve(name), weight });
}

function parsed(value: unknown, what: string): RewardSpec {
  const spec = RewardSpec.safeParse(value);
  if (spec.success) return spec.data;
  const [issue] = spec.error.issues;
  if (issue !== undefined && issue.path.length > 0 && issue.path[0] !== 'name') {
    const { field, wrong, remedy } = issueWords(issue);
    throw new AtelierError('BAD_INPUT', `--reward ${what}: "${field}" ${wrong}.`, {
      place: { field: '--reward' },
      remedy,
    });
  }
  const names = RewardSpec.options.map((option) => option.shape.name.value).filter((name) => name !== 'custom');
  throw new AtelierError('BAD_INPUT', `--reward ${what} names no reward.`, {
    place: { field: '--reward' },
    remedy: `Use ${names.join(', ')}, the file of a reward of your own, or JSON such as {"name":"accuracy","weight":1,"params":{"kind":"count"}}.`,
  });
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
