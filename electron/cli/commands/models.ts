/** @file `atelier models`: the checkpoints that runs can start from. */
import type { Command, CommandContext } from '../command.ts';
import { given } from '../arguments.ts';
import { table } from '../text.ts';

export const modelsCommand: Command = {
  usage: 'models',
  summary: 'List the models that runs can start from',
  options: [
    ['--add <dir>', 'Now `models add <dir>`', 'hidden'],
    ['--name <name>', 'Now `models add <dir> --name <name>`', 'hidden'],
  ],
  examples: ['atelier models', 'atelier models add ./Qwen2-VL-2B-Instruct --name "Qwen 2B"'],
  subcommands: [
    {
      usage: 'add <dir>',
      summary: 'Add the folder of a Qwen2-VL checkpoint; the folder stays where it is',
      options: [['--name <name>', 'Name for it']],
      run: (context) => add(context, context.positional[0] ?? ''),
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
  const model = await studio.models.register({ path: args.resolve(folder), ...given({ name: args.text('name') }) });
  output.result(
    model,
    `Model ${model.id} "${model.name}": ${model.parameters.toLocaleString('en')} weights, sha256 ${model.sha256}.`,
  );
  return undefined;
}
