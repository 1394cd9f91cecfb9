/** @file `atelier models`: the checkpoints that runs can start from. */
import type { Command, CommandContext } from '../command.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import { given } from '../arguments.ts';
import { resolveModel } from '../resolve.ts';
import { table } from '../text.ts';

export const modelsCommand: Command = {
  usage: 'models',
  summary: 'List the models that runs can start from',
  options: [
    ['--add <dir>', 'Now `models add <dir>`', 'hidden'],
    ['--name <name>', 'Now `models add <dir> --name <name>`', 'hidden'],
  ],
  examples: [
    'atelier models',
    'atelier models add ./Qwen2-VL-2B-Instruct --name "Qwen 2B"',
    'atelier models licence "Qwen 2B" "Apache 2.0" --evidence https://huggingface.co/Qwen/Qwen2-VL-2B-Instruct',
  ],
  subcommands: [
    {
      usage: 'add <dir>',
      summary:
        'Add the folder of a Qwen2-VL, Qwen2.5-VL, Qwen3-VL, SmolVLM or SmolVLM2 checkpoint; the folder stays where it is',
      options: [
        ['--name <name>', 'Name for it'],
        ['--licence <licence>', 'Licence of its weights, where its files do not state it or state it wrongly'],
        ['--evidence <text>', 'With --licence: where you read it'],
      ],
      run: (context) => add(context, context.positional[0] ?? ''),
    },
    {
      usage: 'licence <model> [licence]',
      summary: 'Show what a model says about its licence, or set it with what it rests on',
      options: [
        ['--evidence <text>', 'Where you read it: a page, a letter, a contract'],
        ['--withdraw', 'Let the statements in its folder count again'],
      ],
      run: licence,
    },
  ],
  run: async (context) => {
    const { args, output } = context;
    const folder = args.text('add');
    if (folder !== undefined) return add(context, folder);
    const models = await (await context.client()).models.list();
    output.result(models, () =>
      models.length === 0
        ? 'There are no models yet. `atelier models add DIR` adds one.'
        : table([
            ['id', 'name', 'weights', 'licence', 'path'],
            ...models.map((model) => [
              model.id,
              model.name,
              model.parameters.toLocaleString('en'),
              model.licence ?? 'not known',
              model.path,
            ]),
          ]),
    );
    return undefined;
  },
};

async function add({ args, output, client }: CommandContext, folder: string): Promise<undefined> {
  const studio = await client();
  const added = await studio.models.register({ path: args.resolve(folder), ...given({ name: args.text('name') }) });
  const set = args.text('licence');
  const model =
    set === undefined
      ? added
      : await studio.models.setLicence({ modelId: added.id, licence: set, evidence: args.text('evidence') ?? '' });
  output.result(model, () =>
    [
      `Model ${model.id} "${model.name}": ${model.parameters.toLocaleString('en')} weights, sha256 ${model.sha256}.`,
      ...licenceLines(model),
    ].join('\n'),
  );
  return undefined;
}

async function licence(context: CommandContext): Promise<undefined> {
  const { args, positional, output, client } = context;
  const known = await resolveModel(context, positional[0]);
  const wanted = args.flag('withdraw') ? null : positional[1];
  const model =
    wanted === undefined
      ? known
      : await (
          await client()
        ).models.setLicence({
          modelId: known.id,
          licence: wanted,
          evidence: args.text('evidence') ?? '',
        });
  output.result(model, () => [`Model ${model.id} "${model.name}"`, ...licenceLines(model)].join('\n'));
  return undefined;
}

function licenceLines({ licence: counts, licenceEvidence, licenceStated }: ModelSummary): string[] {
  return [
    `Licence: ${counts ?? 'unknown'}`,
    ...(licenceStated === null ? [] : [`  set by hand: ${licenceStated.licence} (${licenceStated.evidence})`]),
    ...licenceEvidence.map(
      ({ place, words, licence: meant }) => `  ${place}: “${words}” → ${meant ?? 'not understood'}`,
    ),
    ...(counts === null
      ? [
          '  Nothing in its folder states a licence that Atelier understands: `atelier models licence MODEL LICENCE --evidence TEXT`.',
        ]
      : []),
  ];
}
