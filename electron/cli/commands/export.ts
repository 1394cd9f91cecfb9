/** @file `atelier export`: exports the adapter of a run with its provenance. */
import { ExportForm, ExportRequest, GgufWeights } from '../../contract/model/exports.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import type { Command } from '../command.ts';
import { typedRunId } from '../ids.ts';
import { exampleQuestion } from '../../method/learning-tasks.ts';
import { askedAs, heaviestOf, wayOf } from '../../method/mixture.ts';
import { USE_FILE, useCommands } from '../../reporting/use-commands.ts';
import { given } from '../arguments.ts';

export const exportCommand: Command = {
  usage: 'export <run> [destination]',
  summary:
    'Write the adapter of a run with its provenance: as PEFT files, worked into its base, or for llama.cpp or mlx-vlm',
  options: [
    ['--out <dir>', 'Folder to create (default: <run>-export here); it must not exist yet'],
    ['--step <n>', 'The checkpoint to export (default: the newest, or the best if the recipe says so)'],
    ['--licence <spdx>', 'Licence that you choose for the weights; `licences <run>` lists them'],
    [
      '--form <form>',
      'bundle (default), merged (adapter worked into the base), gguf (for llama.cpp), mlx (for mlx-vlm) or adapter',
    ],
    ['--gguf-weights <type>', 'With --form gguf: f16 (default), bf16, q8_0 or q4_K_M'],
  ],
  run: async ({ positional, args, output, client }) => {
    const runId = typedRunId(positional[0]);
    if (positional[1] !== undefined) args.refuse([['--out']], 'the folder is named already', 'Name one folder');
    const destination = args.path('out') ?? args.resolve(positional[1] ?? `${runId}-export`);
    const studio = await client();
    // The contract rejects unknown values.
    const request = ExportRequest.parse({
      runId,
      destination,
      ...given({
        step: args.integer('step'),
        licence: args.text('licence'),
        form: args.oneOf('form', ExportForm.options),
        ggufWeights: args.oneOf('gguf-weights', GgufWeights.options, 'any-case'),
      }),
    });
    for await (const event of await studio.exports.create(request)) {
      if (event.type === 'progress') {
        output.progress(event.progress);
        continue;
      }
      const summary = event.export;
      const { recipe } = await studio.runs.get({ runId });
      const question = exampleQuestion(wayOf(recipe, heaviestOf(recipe)).rewards);
      output.result(summary, () =>
        [
          `Exported step ${summary.step} of ${runId} to ${summary.path}:`,
          ...summary.files.map((file) => `  ${file.sha256.slice(0, 12)}  ${file.name}`),
          ...useLines(summary.files, question),
          ...askAsLines(recipe, summary.files),
        ].join('\n'),
      );
    }
  },
};

/** How to ask the exported model. */
function useLines(files: readonly { name: string }[], question: string): string[] {
  const commands = useCommands(files, question);
  if (commands.length === 0) return [];
  return ['Use it, in that folder:', ...commands.map(({ command }) => `  ${command}`)];
}

/** Where the run asked its datasets in different words: how to choose others than the heaviest one's. */
export function askAsLines(
  recipe: Pick<Recipe, 'promptTemplate' | 'mixture'>,
  files: readonly { name: string }[],
): string[] {
  const { each } = askedAs(recipe);
  const [first] = each;
  if (first === undefined || useCommands(files).length === 0) return [];
  const names = each.map(({ name }) => `"${name}"`).join(', ');
  return [
    `This asks as for "${first.name}", the heaviest dataset. Add --ask-as NAME to ask as for another one of ${names}${
      files.some(({ name }) => name === USE_FILE.ollama) ? ' (not with Ollama)' : ''
    }.`,
  ];
}
