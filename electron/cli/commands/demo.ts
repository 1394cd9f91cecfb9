/** @file `atelier demo`: the complete workflow, from images to a verified adapter, with a report. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT_STATUS } from '../../contract/errors/errors.ts';
import type { Arguments } from '../arguments.ts';
import { given } from '../arguments.ts';
import type { Command } from '../command.ts';
import { runDemo } from '../demo/demo.ts';
import { createDisplay } from '../demo/display.ts';
import { stoppedText } from '../demo/texts.ts';

export const demoCommand: Command = {
  usage: 'demo',
  summary: 'The whole job in minutes: import, evaluate, GRPO-D, evaluate again, export, verify, report',
  options: [
    ['--images <dir>', 'Images of your own with a CSV or JSONL of questions and answers'],
    ['--out <dir>', 'Folder for the report (default: atelier-demo)'],
    ['--task <task>', 'Starter data: counting (default) or geometry'],
    ['--seed <n>', 'Seed (default 7)'],
    ['--steps <n>', 'Number of optimisation steps'],
    ['--quick', 'Few steps and few questions: shows the way, proves nothing'],
  ],
  defaultHome: (args) => join(outFolder(args), 'home'),
  run: async ({ args, output, terminal, home, client, studio }) => {
    const opened = await studio();
    const { stdout, stderr, isTty, columns } = terminal;
    const outcome = await runDemo(
      await client(),
      {
        out: outFolder(args),
        task: args.oneOf('task', ['counting', 'geometry']) ?? 'counting',
        seed: args.integer('seed') ?? 7,
        quick: args.flag('quick'),
        readImage: async (sampleId) => readFile(await opened.imagePath(sampleId)),
        onInterrupt: (listener) => terminal.onInterrupt(listener),
        endNow: () => void opened.close({ waitMs: 0 }).finally(() => terminal.exit(EXIT_STATUS.CANCELLED)),
        ...given({ images: args.path('images'), steps: args.integer('steps') }),
      },
      createDisplay({ stdout, stderr, json: output.json, isTty, ...given({ columns }) }),
    );
    if (outcome.status === 'done') return 0;
    if (output.json) output.line({ type: 'stopped', runId: outcome.runId });
    output.note(stoppedText(outcome.runId, home));
    return EXIT_STATUS.CANCELLED;
  },
};

function outFolder(args: Arguments): string {
  return args.path('out') ?? args.resolve('atelier-demo');
}
