/** @file `atelier report`: a run or an experiment as one HTML file to hand on. */
import { lstat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import { ExperimentId } from '../../contract/model/primitives.ts';
import type { ReportSubject } from '../../contract/model/reports.ts';
import { bytes } from '../../reporting/figures.ts';
import { shownOnOneLine } from '../../reporting/shown-text.ts';
import { makeOutputFolder } from '../../studio/output-folder.ts';
import type { Command } from '../command.ts';
import { writeAtomically } from '../demo/report-files.ts';
import { typedId, typedRunId } from '../ids.ts';

export const reportCommand: Command = {
  usage: 'report <id>',
  summary: 'Write a run or an experiment as one HTML file that needs nothing else',
  options: [['--out <file>', 'Where to write it (default: a file named after the run, in this folder)']],
  examples: ['atelier report run-1a2b3c4d --out apples.html'],
  run: async ({ positional, args, output, client }) => {
    const page = await (await client()).reports.page(subjectOf(positional[0]));
    const path = args.path('out') ?? resolve(page.fileName);
    await refuseExisting(path);
    await makeOutputFolder(dirname(path));
    await writeAtomically(path, page.html);
    const written = { path, sizeBytes: Buffer.byteLength(page.html) };
    output.result(written, () => `✓ ${bytes(written.sizeBytes)}: ${shownOnOneLine(path)}`);
  },
};

function subjectOf(id: string | undefined): ReportSubject {
  const runId = typedRunId(id);
  return runId.startsWith('run-')
    ? { kind: 'run', runId }
    : { kind: 'experiment', experimentId: ExperimentId.parse(typedId(id, 'experiment')) };
}

async function refuseExisting(path: string): Promise<void> {
  if ((await lstat(path).catch(() => null)) === null) return;
  throw new AtelierError('CONFLICT', `${path} exists already. Nothing was written.`, {
    place: { file: path },
    remedy: 'Choose another name, or move the file away.',
  });
}
