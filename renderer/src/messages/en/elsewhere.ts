/** @file Text for training elsewhere: job folders, and jobs on a Ray cluster. */
import type { ClusterEvent, Launcher } from '../../../../electron/contract/api/index.ts';
import { plural } from './words.ts';

const launchers: Record<Launcher, string> = {
  shell: 'From a terminal',
  ray: 'Ray cluster',
  slurm: 'Slurm cluster',
  skypilot: 'SkyPilot, in a cloud',
};

const ended: Record<Extract<ClusterEvent, { type: 'done' }>['status'], string> = {
  succeeded: 'The job is done, and its results are here.',
  failed: 'The job failed on the cluster. Send it again: it continues from its last whole checkpoint.',
  stopped: 'The job was stopped on the cluster. Send it again: it continues from its last whole checkpoint.',
};

export const elsewhere = {
  open: 'Train elsewhere…',
  title: 'Train elsewhere',
  lead: 'Writes a job folder that another machine can train without Atelier. It holds your training images, so give it only to people who may have them.',
  destination: 'Folder to create',
  placeholder: '/home/me/job',
  destinationHint: 'The folder must not exist yet. Copy it to the other machine when it is written.',
  launcher: 'How the other machine starts jobs',
  launchers,
  withModel: 'Include the files of the base model',
  write: 'Write the folder',
  writing: 'Writing…',
  done: (steps: string, samples: string, images: string, size: string) =>
    `The folder is written: ${steps} steps, ${samples} samples with ${images} images, ${size}.`,
  doneExperiment: (runs: number, steps: string, samples: string, images: string, size: string) =>
    `The folder is written: ${plural(runs, 'run', 'runs')} with ${steps} steps in all, ${samples} samples with ${images} images, ${size}.`,
  terms: 'What the licences permit, and what is different elsewhere',
  next: 'Start ./run.sh --smoke on the other machine; README.md in the folder explains the rest. Take the folder back on the page of runs, also while the job still runs.',
  openExperiment: 'Show the experiment',
  cluster: {
    open: 'Jobs on a cluster…',
    title: 'Job on a Ray cluster',
    lead: 'Sends a job folder to your Ray cluster, follows the job and takes its results back. A job that is already there is only followed.',
    sendTitle: 'Send it to the cluster from here',
    job: 'Job',
    none: 'No job folder has been written for Ray yet. Choose “Ray cluster” when you train elsewhere.',
    off: 'Atelier connects to no cluster until you allow it. The job folder goes only to the address you give, with your images in it.',
    allow: 'Allow sending jobs to a Ray cluster',
    address: 'Address of the cluster’s dashboard',
    addressPlaceholder: 'http://127.0.0.1:8265',
    addressHint: 'A token is read from RAY_AUTH_TOKEN and never kept.',
    storage: 'Storage',
    storagePlaceholder: '/mnt/shared/jobs',
    storageHint: 'A folder on the cluster that every node can write.',
    workers: 'Workers for each run',
    notWorkers: 'Enter a whole number of 1 or more.',
    gpus: 'Give each worker a GPU',
    send: 'Send and follow',
    sending: 'Sending…',
    leave: 'Stop following',
    left: 'The job continues on the cluster. Send and follow again to see how far it is.',
    submitted: (id: string) => `Sent as ${id}.`,
    found: (id: string) => `${id} is already on the cluster.`,
    following: 'Results are fetched every two minutes and at the end. If you close this window, the job continues.',
    log: 'What the job prints',
    returnedRun: (step: string, steps: string) => `Taken back: step ${step} of ${steps}.`,
    returnedExperiment: (runs: string, of: string) => `Taken back: ${runs} of ${of} runs have started.`,
    ended,
  },
} as const;
