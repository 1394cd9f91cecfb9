/** @file `atelier contribution`: which images taught the model. */
import { licenceInWords } from '../../contract/model/stated-licence.ts';
import type { ContributionReport, ContributionSum } from '../../contract/model/contribution.ts';
import { ContributionMethod } from '../../contract/model/contribution.ts';
import { percent } from '../../reporting/figures.ts';
import { given } from '../arguments.ts';
import type { Command } from '../command.ts';
import { typedRunId } from '../ids.ts';
import { behind, counted, number, table, timeLeft } from '../text.ts';

const SUMS_SHOWN = 12;

export const contributionCommand: Command = {
  usage: 'contribution <run>',
  summary: 'Which image taught the model: shares of the update per image, author, licence and source',
  options: [
    ['--exact', 'Run the run again from its recipe for exact shares; they are kept'],
    ['--method <method>', 'exact, measured, advantages or draws (default: the best that is there)'],
    ['--limit <n>', 'Images to list (default: 20)'],
  ],
  run: async ({ positional, args, output, client }) => {
    const runId = typedRunId(positional[0]);
    const studio = await client();
    if (args.flag('exact')) {
      for await (const event of await studio.contribution.replay({ runId })) {
        if (event.type === 'progress') {
          output.note(`replay ${event.step}/${event.steps}${behind(timeLeft(event.secondsLeft))}`);
        } else if (event.firstDifference !== null) {
          const { step, logged, replayed } = event.firstDifference;
          output.note(`The replay differs from the log: step ${step} had the loss ${logged}, again it is ${replayed}.`);
        } else output.note(`The replay gave all ${event.steps} losses of the log again, bit for bit.`);
      }
    }
    const method = args.oneOf('method', ContributionMethod.options);
    const limit = args.integer('limit') ?? 20;
    const report = await studio.contribution.ofRun({ runId, limit, ...given({ method }) });
    output.result(report, () => text(report));
  },
};

function text(report: ContributionReport): string {
  const { images, imagesTotal, methodText, stepsCovered, step } = report;
  return [
    methodText,
    `${stepsCovered} of ${counted(step, 'step')} ${stepsCovered === 1 ? 'carries' : 'carry'} a share; a step that moved no weight carries none.`,
    ...report.agreement.map(
      ({ method, spearman }) => `Rank agreement of ${method} with the exact replay (Spearman ρ): ${number(spearman)}`,
    ),
    table([
      ['image', 'share', 'seen', 'tokens', 'reward first', 'last', 'licence', 'authors'],
      ...images.map((image) => [
        image.name,
        percent(image.share, 2),
        String(image.timesSeen),
        String(image.tokens),
        number(image.rewardFirst),
        number(image.rewardLast),
        image.licence === null ? 'not known' : licenceInWords(image.licence),
        image.authors.join(', '),
      ]),
    ]),
    ...(imagesTotal > images.length ? [`and ${imagesTotal - images.length} more images`] : []),
    ...sums('author', report.byAuthor),
    ...sums('licence', report.byLicence),
    ...sums('source', report.bySource),
  ].join('\n');
}

function sums(heading: string, list: readonly ContributionSum[]): string[] {
  return [
    '',
    table([
      [heading, 'share', 'images'],
      ...list
        .slice(0, SUMS_SHOWN)
        .map(({ key, share, images }) => [key ?? 'not known', percent(share, 2), String(images)]),
    ]),
    ...(list.length > SUMS_SHOWN ? [`and ${list.length - SUMS_SHOWN} more`] : []),
  ];
}
