/** @file `atelier settings`: shows which connections this data folder allows, and changes that. */
import { GpuUse, type Preferences } from '../../contract/model/system.ts';
import { given } from '../arguments.ts';
import type { Command } from '../command.ts';
import { table } from '../text.ts';

const SWITCH = ['on', 'off'] as const;
const GPU_USES = GpuUse.options;

export const settingsCommand: Command = {
  usage: 'settings',
  summary: 'Show when the GPU is used and which connections this data folder allows, or change that',
  options: [
    [
      '--gpu <automatic|always|never>',
      [
        'When to compute on a GPU.',
        'automatic (the default): where a trial of less than a minute finds it right and clearly faster.',
        'always: on the GPU only, without a trial. Without a GPU, every job is refused.',
        'never: on the processor only.',
      ].join('\n'),
    ],
    ['--cluster-jobs <on|off>', 'Whether jobs may be sent to a Ray cluster (off unless you switch it on)'],
    ['--model-downloads <on|off>', 'Whether models may be downloaded from a hub (on unless you switch it off)'],
  ],
  examples: ['atelier settings --cluster-jobs on'],
  run: async ({ args, output, client }) => {
    const wanted = (name: string): boolean | undefined => {
      const word = args.oneOf(name, SWITCH);
      return word === undefined ? undefined : word === 'on';
    };
    const change = given({
      gpu: args.oneOf('gpu', GPU_USES),
      clusterJobs: wanted('cluster-jobs'),
      modelDownloads: wanted('model-downloads'),
    });
    const { system } = await client();
    const now = Object.keys(change).length === 0 ? await system.preferences() : await system.setPreferences(change);
    output.result(now, () => text(now));
    if (change.gpu !== undefined) {
      const trouble = await system.gpuTrouble();
      if (trouble !== null)
        output.note([trouble.message, ...(trouble.remedy === undefined ? [] : [trouble.remedy])].join(' '));
    }
    return 0;
  },
};

function text({ clusterJobs, modelDownloads, gpu }: Preferences): string {
  const word = (allowed: boolean): string => (allowed ? 'on' : 'off');
  return table([
    ['Compute on a GPU', gpu],
    ['Send jobs to a Ray cluster', word(clusterJobs)],
    ['Download models from a hub', word(modelDownloads)],
  ]);
}
