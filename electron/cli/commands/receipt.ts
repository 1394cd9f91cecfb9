/** @file `atelier receipt`: the chain from exported weights back to every image. */
import { existsSync } from 'node:fs';
import { ExportId } from '../../contract/model/primitives.ts';
import type { Receipt } from '../../contract/model/receipt.ts';
import { percent } from '../../reporting/figures.ts';
import type { Command } from '../command.ts';
import { counted, table } from '../text.ts';

const MARKS = { pass: '✓', fail: '✗', 'cannot-tell': '?' } as const;

export const receiptCommand: Command = {
  usage: 'receipt <export>',
  summary: 'The chain from exported weights back to every image: an id of an export, or a folder with a bundle',
  options: [['--limit <n>', 'Images to list (default: 20)']],
  run: async ({ positional, args, output, client }) => {
    const named = positional[0] ?? '';
    const studio = await client();
    const path = args.resolve(named);
    const of = existsSync(path) ? { path } : { exportId: ExportId.parse(named === '' ? '-' : named) };
    const receipt = await studio.exports.receipt({ of, limit: args.integer('limit') ?? 20 });
    output.result(receipt, () => text(receipt));
  },
};

function text(receipt: Receipt): string {
  const { links, verdicts, contribution, counts, images, imagesTotal } = receipt;
  return [
    `${receipt.runName}, step ${receipt.step} (${receipt.runId})`,
    ...links.map(
      ({ state, title, text: says, sha256 }) =>
        `${MARKS[state]} ${title}: ${says}${sha256 === null ? '' : ` [${sha256.slice(0, 12)}]`}`,
    ),
    ...verdicts.map(({ sentence }) => sentence),
    `${counted(counts.images, 'image')}, ${counts.used} used, ${counts.leftOut} left out for ${counts.leftOut === 1 ? 'its' : 'their'} opt-out.`,
    table([
      ['image', 'share', 'used for', 'licence', 'authors'],
      ...images.map(({ name, share, use, licence, authors }) => [
        name,
        share === null ? '–' : percent(share, 2),
        use.replaceAll('-', ' '),
        licence ?? 'not known',
        authors.join(', '),
      ]),
    ]),
    ...(imagesTotal > images.length ? [`and ${imagesTotal - images.length} more images`] : []),
    ...(contribution === null ? [] : [contribution.methodText]),
  ].join('\n');
}
