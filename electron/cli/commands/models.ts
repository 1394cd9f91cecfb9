/** @file `atelier models`: the checkpoints that runs can start from. */
import type { Command } from '../command.ts';
import { given } from '../arguments.ts';
import { table } from '../text.ts';

export const modelsCommand: Command = {
  usage: 'models',
  summary: 'List the models, or register the folder of one',
  options: [
    ['--add <dir>', 'Folder of a Qwen2-VL checkpoint to register; it stays where it is'],
    ['--name <name>', 'Name for it'],
  ],
  run: async ({ args, output, client }) => {
    const studio = await client();
    const path = args.path('add');
    if (path !== undefined) {
      const model = await studio.models.register({ path, ...given({ name: args.text('name') }) });
      output.result(
        model,
        `Model ${model.id} "${model.name}": ${model.parameters.toLocaleString('en')} weights, sha256 ${model.sha256}.`,
      );
      return;
    }
    const models = await studio.models.list();
    output.result(models, () =>
      models.length === 0
        ? 'There are no models yet. `atelier models --add DIR` registers one.'
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
  },
};
