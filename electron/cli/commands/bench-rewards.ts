/** @file `atelier bench-rewards`: what a run would learn from, before you start it. */
import { DEFAULT_REWARDS } from '../../method/defaults.ts';
import { wayOf } from '../../method/mixture.ts';
import { Split } from '../../contract/model/primitives.ts';
import type { RewardBenchReport, RewardBenchRequest } from '../../contract/model/rewards.ts';
import { percent } from '../../reporting/figures.ts';
import { given } from '../arguments.ts';
import type { Command } from '../command.ts';
import { DETAIL_OPTION, detailOption } from '../detail-option.ts';
import { checkBenchEarly, TO_COME } from '../../studio/early-checks.ts';
import { lookUpSubject } from '../resolve.ts';
import { REWARD_OPTION, rewardOptions } from '../reward-options.ts';
import { TASK_OPTION, taskSettings } from '../task-option.ts';
import { counted, number, progressLine, table } from '../text.ts';

export const benchRewardsCommand: Command = {
  usage: 'bench-rewards',
  summary: 'Try rewards on a few answers of the model before a run: spread, dead prompts, tricks, suggested weights',
  options: [
    ['--dataset <id>', 'Dataset by id or name, counting or geometry, or a path (default: that of the run)'],
    ['--model <id>', 'Model by id or name, or its folder (default: that of the run, else the starter model)'],
    ['--run <id>', 'Run whose newest checkpoint answers; absent = the model alone'],
    TASK_OPTION,
    REWARD_OPTION,
    DETAIL_OPTION,
    ['--samples <n>', 'How many samples are asked (default 16)'],
    ['--generations <n>', 'How many answers to each (default 8)'],
    ['--temperature <t>', 'Sampling temperature (default 1)'],
    ['--max-length <n>', 'Most tokens of an answer (default 48)'],
    ['--split <split>', 'train (default) or test'],
    ['--seed <n>', 'Seed of the answers'],
  ],
  examples: ['atelier bench-rewards --dataset counting --reward accuracy --reward format:0.5 --reward ./brief.ts:0.2'],
  run: async (context) => {
    const { args, output } = context;
    const split = args.oneOf('split', Split.options);
    const settings = given({
      samples: args.integer('samples'),
      numGenerations: args.integer('generations'),
      temperature: args.number('temperature'),
      maxCompletionLength: args.integer('max-length'),
      seed: args.integer('seed'),
      split,
      detail: detailOption(args),
    });
    const client = await context.client();
    const task = taskSettings(context);
    const typed = await rewardOptions(context);
    const { runId, recipe, add } = await lookUpSubject(context);
    const requestOf = (subject: typeof TO_COME): RewardBenchRequest => {
      const asRun = recipe === undefined ? undefined : wayOf(recipe, subject.datasetId).rewards;
      const rewards = typed ?? task.rewards ?? asRun ?? DEFAULT_REWARDS;
      return { ...subject, ...task, rewards, ...settings, ...given({ runId }) };
    };
    checkBenchEarly(requestOf(TO_COME));
    const events = await client.rewards.bench(requestOf(await add()));
    for await (const event of events) {
      if (event.type === 'done') output.result(event.report, () => reportText(event.report));
      else if (!output.json) output.note(progressLine(event.progress));
    }
    return undefined;
  },
};

function reportText(report: RewardBenchReport): string {
  const { correct, wrong, unparsed } = report.verdicts;
  const parts = [
    `${counted(report.samples, 'prompt')} × ${counted(report.numGenerations, 'answer')}: ${correct} right, ${wrong} wrong, ${unparsed} not readable`,
    table([
      ['reward', 'mean', 'spread', 'dead prompts', 'tricks', 'weight', 'suggested'],
      ...report.rewards.map((reward) => [
        reward.key,
        number(reward.mean),
        number(reward.groupStd),
        percent(reward.deadShare, 0),
        `${reward.probes.filter(({ fooled }) => fooled).length} of ${reward.probes.length}`,
        String(reward.weight),
        String(reward.suggestedWeight),
      ]),
      ['total', number(report.total.mean), number(report.total.groupStd), percent(report.total.deadShare, 0)],
    ]),
    report.rewards.map(({ key, reason }) => `${key}: ${reason}`).join('\n'),
    `pass@k: ${report.passAt.map(({ k, value }) => `${k}: ${percent(value, 0)}`).join(' · ')}`,
    report.agreement
      .flatMap(({ a, b, correlation }) =>
        correlation === null ? [] : [`${a} and ${b}: correlation ${correlation.toFixed(2)}`],
      )
      .join('\n'),
    report.findings.map((finding) => `• ${finding}`).join('\n'),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}
