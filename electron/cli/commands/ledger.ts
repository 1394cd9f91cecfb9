/** @file `atelier ledger`: what the licences permit, for datasets before a run or for what a run used. */
import { licenceInWords } from '../../contract/model/stated-licence.ts';
import type { ImageCause, LedgerReport } from '../../contract/model/ledger.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { type ModelId, RunId } from '../../contract/model/primitives.ts';
import { given } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { knownDataset, resolveModel } from '../resolve.ts';
import { table } from '../text.ts';

const MARKS = { allowed: '✓', 'allowed-with-duties': '✓', 'needs-decision': '?', blocked: '✗' } as const;
const NAMED = 5;

export const ledgerCommand: Command = {
  usage: 'ledger <run-or-dataset>',
  summary: 'What the licences permit: of a run, or of a dataset before a run',
  options: [
    ['--model <model>', 'With a dataset: the base model that would be trained'],
    ['--credits', 'Only the credits, one work a line, ready to copy'],
    ['--rules', 'Also every rule with its source'],
  ],
  run: async (context) => {
    const { positional, args, output } = context;
    const named = args.text('model');
    const modelId = named === undefined ? undefined : (await resolveModel(context, named)).id;
    const report = await reportOf(context, positional[0] ?? '', modelId);
    output.result(report, () => (args.flag('credits') ? report.attributionText : text(report, args.flag('rules'))));
  },
};

async function reportOf(context: CommandContext, named: string, modelId: ModelId | undefined): Promise<LedgerReport> {
  const studio = await context.client();
  const runs = await studio.runs.list();
  const run = runs.find((each) => each.id === RunId.safeParse(named).data);
  if (run !== undefined) return studio.ledger.forRun({ runId: run.id });
  const dataset = await knownDataset(context, named).catch((error: unknown) => {
    if (!(error instanceof AtelierError) || error.code !== 'NOT_FOUND') throw error;
    throw new AtelierError('NOT_FOUND', `There is no run with the id, and no dataset with the id or name "${named}".`, {
      remedy: '`atelier runs` lists the ids of runs, `atelier datasets` the ids and names of datasets.',
    });
  });
  return studio.ledger.forDatasets({ datasetIds: [dataset.id], ...given({ modelId }) });
}

function text(report: LedgerReport, rules: boolean): string {
  const { base, lines, purposes, duties, optedOut, rewardCode, startAdapter } = report;
  return [
    base === null
      ? 'Images alone, without a base model:'
      : [
          `Base model ${base.name}: ${base.licence ?? 'licence not known'}. ${base.reading}`,
          ...(base.origin === null
            ? []
            : [`  downloaded as ${base.origin.name}, version ${base.origin.revision}, from ${base.origin.endpoint}`]),
        ].join('\n'),
    ...(startAdapter === null
      ? []
      : [
          `Adapter ${startAdapter.name}, made elsewhere: ${startAdapter.licence ?? 'licence not known'}. ${startAdapter.reading}`,
        ]),
    ...rewardCode.map(
      ({ name, licence, reading }) => `Reward code ${name}: ${licence ?? 'licence not known'}. ${reading}`,
    ),
    table([
      ['licence', 'images', 'reading'],
      ...lines.map((line) => [
        line.licence === null ? 'not known' : licenceInWords(line.licence),
        String(line.images.count),
        line.reading,
      ]),
    ]),
    ...purposes.flatMap(({ verdict, sentence, reasons }) => [
      `${MARKS[verdict]} ${sentence}`,
      ...reasons
        .filter(({ images }) => images.count > 0)
        .map(({ rule, images }) => `    ${rule}: ${imagesText(images)}`),
    ]),
    ...(duties.length === 0
      ? []
      : ['Duties:', ...duties.map((duty) => `  - ${duty.text} (${duty.because.join(', ')})`)]),
    ...report.datasets.map(({ name, unknownUse }) => `${name}: images that say nothing about training: ${unknownUse}`),
    ...(report.proposedAnswers === null ? [] : [report.proposedAnswers]),
    ...(optedOut.leftOut.count === 0 ? [] : [`Opted out and left out: ${imagesText(optedOut.leftOut)}`]),
    ...(optedOut.usedByDecision.count === 0
      ? []
      : [`Opted out and used by decision: ${imagesText(optedOut.usedByDecision)}`]),
    ...(base === null
      ? []
      : [
          report.outboundLicences.length === 0
            ? 'No licence can be offered for the weights; `atelier licences RUN` says why.'
            : `Licences that may be chosen for the weights: ${report.outboundLicences.join(', ')}.`,
        ]),
    ...(rules ? report.rules.map(({ rule, text: says, source }) => `${rule}: ${says} [${source}]`) : []),
    report.notice,
  ].join('\n');
}

/** The number of images, with the first ones named. */
export function imagesText({ count, shown }: ImageCause): string {
  const names = shown.slice(0, NAMED).map(({ name }) => name);
  const more = count - names.length;
  return `${count} ${count === 1 ? 'image' : 'images'} (${names.join(', ')}${more > 0 ? ` and ${more} more` : ''})`;
}
