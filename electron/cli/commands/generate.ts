/** @file `atelier generate`: one answer from a model. */
import { DetailLevel } from '../../contract/model/detail.ts';
import { resultOf } from '../../contract/model/result-events.ts';
import type { Command } from '../command.ts';
import { detailOption } from '../detail-option.ts';
import { given, type Arguments } from '../arguments.ts';
import { resolveModelFolder } from '../resolve.ts';
import { checkWhy, whyText, writeOverlays } from '../why.ts';

/** As for a dataset, except that there is none: the adapter's own folder decides. */
export const GENERATE_DETAIL = [
  '--detail <level>',
  `How much of each picture the model sees: ${DetailLevel.options.join(', ')}, or the largest number of pixels (default: as the adapter's folder says, else high)`,
] as const;

export const generateCommand: Command = {
  usage: 'generate',
  summary: 'Answer one question about an image',
  options: [
    ['--model <dir>', 'Folder, id or name of the model'],
    ['--adapter <dir>', 'Folder of a PEFT adapter'],
    ['--partial-adapter', 'Use an adapter that is not whole: what it lacks stays as in the model'],
    ['--image <file>', 'Image (repeatable; none = text only)', 'repeatable'],
    GENERATE_DETAIL,
    ['--prompt <text>', 'The question; it goes through the chat template of the model'],
    ['--system <text>', 'System prompt (default: as the adapter’s folder, else the model’s, says; "" = none)'],
    ['--greedy', 'Always the likeliest token (default unless --temperature is given)'],
    ['--temperature <t>', 'Sample at this temperature'],
    ['--seed <n>', 'Seed of the sampling'],
    ['--max-new-tokens <n>', 'Longest answer (default 64)'],
    ['--why <file>', 'Also write where it looked, over the picture, as PNG, and say how likely each token was'],
    ['--repetition-penalty <p>', 'Make repeated tokens less likely (default: as the model publishes it; 1 = off)'],
  ],
  examples: [
    'atelier generate --model nano --image shop.png --prompt "How many bicycles?" --json',
    'atelier generate --model nano --image shop.png --prompt "How many bicycles?" --why looked.png',
  ],
  run: async (context) => {
    const { args, output } = context;
    const prompt = args.required('prompt');
    refuseIdle(args);
    const model = await resolveModelFolder(context, args.required('model'));
    const temperature = args.number('temperature');
    const images = args.paths('image');
    const why = args.path('why');
    if (why !== undefined) await checkWhy(why, images);
    const client = await context.client();
    const asked = {
      model,
      images,
      prompt,
      ...given({
        adapter: args.path('adapter'),
        partialAdapter: args.flag('partial-adapter') ? true : undefined,
        systemPrompt: args.text('system'),
        detail: detailOption(args),
      }),
    };
    const events = client.models.generate({
      ...asked,
      greedy: args.flag('greedy') || temperature === undefined,
      ...given({
        temperature,
        seed: args.integer('seed'),
        maxNewTokens: args.integer('max-new-tokens'),
        repetitionPenalty: args.number('repetition-penalty'),
      }),
    });
    const result = await resultOf(events, (progress) => output.loading(progress));
    const { repetitionPenalty } = result;
    if (repetitionPenalty !== 1)
      output.note(`Repetition penalty ${repetitionPenalty} (--repetition-penalty 1 turns it off).`);
    if (why === undefined || result.tokenIds.length === 0) {
      if (why !== undefined) output.note('The answer is empty, so there is nothing to look into.');
      output.result(result, result.text);
      return;
    }
    const { tokenIds } = result;
    const look = client.models.look({ ...asked, answer: { tokenIds } });
    const attention = await resultOf(look, (progress) => output.loading(progress));
    const overlays = await writeOverlays(context.pictures, { images, attention, path: why });
    output.result(
      { ...result, why: { overlays, attention } },
      () => `${result.text}\n\n${whyText(attention, overlays)}`,
    );
  },
};

/** What goes with another option that was not given. */
function refuseIdle(args: Arguments): void {
  if (!args.flag('adapter')) args.refuse([['--partial-adapter']], 'no adapter is named', 'Add --adapter');
  if (!args.flag('image')) args.refuse([['--detail']], 'no picture is shown', 'Add --image');
  if (args.flag('greedy'))
    args.refuse([['--temperature'], ['--seed']], '--greedy takes the likeliest token', 'Leave --greedy out');
  else if (!args.flag('temperature'))
    args.refuse([['--seed']], 'without --temperature, the likeliest token is taken', 'Add --temperature');
}
