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
      'When to compute on a GPU: if a short trial finds it right and faster (automatic)',
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
