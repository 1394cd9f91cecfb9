/** @file `atelier licences`: which licences you may choose for a run's weights, and why not the others. */
import type { LicenceChoices } from '../../contract/model/exports.ts';
import type { Command } from '../command.ts';
import { typedRunId } from '../ids.ts';
import { imagesText } from './ledger.ts';

export const licencesCommand: Command = {
  usage: 'licences <run>',
  summary: 'Licences that you may choose for the weights of a run, and why not the others',
  options: [],
  examples: ['atelier export <run> --licence CC-BY-4.0'],
  run: async ({ positional, output, client }) => {
    const studio = await client();
    const choices = await studio.exports.licences({ runId: typedRunId(positional[0]) });
    output.result(choices, () => text(choices));
  },
};

function text({ allowed, refused, withoutChoice, notice }: LicenceChoices): string {
  return [
    allowed.length === 0 ? 'None can be chosen.' : 'You may choose:',
    ...allowed.map(
      ({ id, reading, textShipped }) => `  ${id}: ${reading}${textShipped ? '' : ' (its text is named by address)'}`,
    ),
    ...(refused.length === 0 ? [] : ['You must not choose:']),
    ...refused.flatMap(({ id, reasons }) => [
      `  ${id}`,
      ...reasons.map(
        ({ rule, text: says, images }) =>
          `    ${rule}: ${says}${images.count === 0 ? '' : ` Because of ${imagesText(images)}.`}`,
      ),
    ]),
    withoutChoice,
    notice,
  ].join('\n');
}
