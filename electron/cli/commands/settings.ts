/** @file `atelier settings`: shows which connections this data folder allows, and changes that. */
import type { Preferences } from '../../contract/model/system.ts';
import { given } from '../arguments.ts';
import type { Command } from '../command.ts';
import { table } from '../text.ts';

const SWITCH = ['on', 'off'] as const;

export const settingsCommand: Command = {
  usage: 'settings',
  summary: 'Show which connections this data folder allows, or change that',
  options: [
    ['--cluster-jobs <on|off>', 'Whether jobs may be sent to a Ray cluster (off unless you switch it on)'],
    ['--model-downloads <on|off>', 'Whether models may be downloaded from a hub (on unless you switch it off)'],
  ],
  examples: ['atelier settings --cluster-jobs on'],
  run: async ({ args, output, client }) => {
    const wanted = (name: string): boolean | undefined => {
      const word = args.oneOf(name, SWITCH);
      return word === undefined ? undefined : word === 'on';
    };
    const change = given({ clusterJobs: wanted('cluster-jobs'), modelDownloads: wanted('model-downloads') });
    const { system } = await client();
    const now = Object.keys(change).length === 0 ? await system.preferences() : await system.setPreferences(change);
    output.result(now, () => text(now));
    return 0;
  },
};

function text({ clusterJobs, modelDownloads }: Preferences): string {
  const word = (allowed: boolean): string => (allowed ? 'on' : 'off');
  return table([
    ['Send jobs to a Ray cluster', word(clusterJobs)],
    ['Download models from a hub', word(modelDownloads)],
  ]);
}
