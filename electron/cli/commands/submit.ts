/** @file `atelier submit`: sends a job folder to a Ray cluster, follows it and takes it back. */
import type { Command } from '../command.ts';
import { CLUSTER_OPTIONS, submitJob } from '../submit-job.ts';

export const submitCommand: Command = {
  usage: 'submit <dir> <address>',
  summary: 'Send a job folder to a Ray cluster, follow it and take it back; again to follow or resume it',
  options: CLUSTER_OPTIONS,
  examples: ['atelier submit ./job http://127.0.0.1:8265 --storage /mnt/shared/jobs --workers 4 --gpus'],
  run: (context) => {
    const [folder = '', address = ''] = context.positional;
    return submitJob(context, context.args.resolve(folder), address);
  },
};
