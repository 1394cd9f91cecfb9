/** @file `atelier models`: the checkpoints that runs can start from. */
import { existsSync } from 'node:fs';
import type { Command, CommandContext } from '../command.ts';
import type { HubOffer } from '../../contract/model/hub.ts';
import { SUGGESTION_PICTURE, type SuggestedModel } from '../../contract/model/suggestions.ts';
import { resultOf } from '../../contract/model/result-events.ts';
import { bytes } from '../../reporting/figures.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import { given } from '../arguments.ts';
import { findModel, knownModel, resolveModel } from '../resolve.ts';
import { counted, duration, table } from '../text.ts';

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
    'atelier models get Qwen/Qwen2-VL-2B-Instruct',
    'atelier models licence "Qwen 2B" "Apache 2.0" --evidence https://huggingface.co/Qwen/Qwen2-VL-2B-Instruct',
  ],
  subcommands: [
    {
      usage: 'add <dir>',
      summary:
        'Add the folder of a Qwen2-VL, Qwen2.5-VL, Qwen3-VL, Qwen3.5, SmolVLM or SmolVLM2 checkpoint; the folder stays where it is',
      options: [
        ['--name <name>', 'Name for it'],
        ['--licence <licence>', 'Licence of its weights, where its files do not state it or state it wrongly'],
        ['--evidence <text>', 'With --licence: where you read it'],
      ],
      run: (context) => add(context, context.positional[0] ?? ''),
    },
    {
      usage: 'get <name>',
      summary:
        'Show what a model on the hub is and needs; with --yes, download and add it. Continues a stopped download',
      options: [
        ['--revision <revision>', 'Branch, tag or commit; absent = the newest version'],
        ['--yes', 'Download it'],
      ],
      run: download,
    },
    {
      usage: 'offers',
      summary: 'Models to start with: what training them takes on this machine, and what the hub cache holds already',
      run: offers,
    },
    {
      usage: 'remove <model>',
      summary: 'Take a model off the list; its folder stays, and `models add` brings it back',
      run: remove,
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
    args.refuse([['--name']], 'no model is added', 'Use `models add`');
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
  const set = args.text('licence');
  if (set === undefined) args.refuse([['--evidence']], 'no licence is given that rests on it', 'Add --licence');
  const studio = await client();
  const before = await studio.models.list();
  const model = await studio.models.register({
    path: args.resolve(folder),
    ...given({ name: args.text('name') }),
    ...(set === undefined ? {} : { stated: { licence: set, evidence: args.text('evidence') ?? '' } }),
  });
  output.result(model, () =>
    [
      `Model ${model.id} "${model.name}": ${model.parameters.toLocaleString('en')} weights, sha256 ${model.sha256}.`,
      ...knownLines(before, model),
      ...licenceLines(model),
    ].join('\n'),
  );
  return undefined;
}

/** Where the folder was added earlier: what is different now. */
function knownLines(before: readonly ModelSummary[], model: ModelSummary): string[] {
  const same = before.find(({ id }) => id === model.id);
  if (same === undefined) {
    const replaced = before.find(({ path }) => path === model.path);
    return replaced === undefined
      ? []
      : [`  The files in this folder have changed since it was added as ${replaced.id} "${replaced.name}".`];
  }
  const changes = [
    ...(same.name === model.name ? [] : [`name "${same.name}" → "${model.name}"`]),
    ...(same.licence === model.licence ? [] : [`licence ${same.licence ?? 'unknown'} → ${model.licence ?? 'unknown'}`]),
    ...(same.licenceStated?.evidence === model.licenceStated?.evidence ? [] : ['what the licence rests on']),
  ];
  return [
    `  It was here already. ${changes.length === 0 ? 'Nothing has changed.' : `Changed: ${changes.join(', ')}.`}`,
  ];
}

async function download({ args, positional, output, client }: CommandContext): Promise<undefined> {
  const { models } = await client();
  const request = { name: positional[0] ?? '', ...given({ revision: args.text('revision') }) };
  const offer = await models.offer(request);
  if (offer.modelId === null && !args.flag('yes')) {
    output.result(offer, () => [...offerLines(offer), 'Nothing was downloaded. Add --yes to download it.'].join('\n'));
    return undefined;
  }
  for (const line of offerLines(offer)) output.note(line);
  const { name, revision } = offer;
  const model = await resultOf(models.download({ name, revision }), (progress) => output.progress(progress));
  output.result(model, () => [`Model ${model.id} "${model.name}" in ${model.path}`, ...licenceLines(model)].join('\n'));
  return undefined;
}

async function offers({ output, client }: CommandContext): Promise<undefined> {
  const { models } = await client();
  const cached = await models.cached();
  const suggested: SuggestedModel[] = [];
  for await (const model of await models.suggest()) {
    suggested.push(model);
    if (!output.json) output.note(`Estimated ${model.name}.`);
  }
  output.result({ suggested, cached }, () =>
    [
      table([
        ['model', 'licence', 'download', 'memory', 'fits', 'per step', 'added'],
        ...suggested.map(({ name, licence, downloadBytes, plan, modelId }) => [
          name,
          licence,
          bytes(downloadBytes),
          plan === null ? '–' : bytes(plan.predictedBytes),
          plan === null ? '–' : plan.fits ? 'yes' : 'no',
          plan?.secondsPerStep === undefined ? '–' : duration(plan.secondsPerStep),
          modelId ?? '',
        ]),
      ]),
      `Memory and time are estimates for the first recipe of the Train page and pictures of ${SUGGESTION_PICTURE.width} × ${SUGGESTION_PICTURE.height}.`,
      ...(cached.length === 0 ? [] : ['In the hub cache of this machine:']),
      ...cached.map(({ name, path, modelId }) => `  ${name}: ${modelId ?? `atelier models add ${path}`}`),
    ].join('\n'),
  );
  return undefined;
}

function originLines(origin: ModelSummary['origin']): string[] {
  if (origin === null) return [];
  return [`  downloaded as ${origin.name}, version ${origin.revision}, from ${origin.endpoint}`];
}

function offerLines(offer: HubOffer): string[] {
  const { name, revision, endpoint, family, licence: counts, sizeBytes, hereBytes, freeBytes, folder } = offer;
  const weights = offer.files.filter((file) => file.name.endsWith('.safetensors')).length;
  return [
    `${name} (${family}), version ${revision.slice(0, 12)} from ${endpoint}`,
    `  Size: ${bytes(sizeBytes)} in ${counted(offer.files.length, 'file')}, ${weights} of them weights`,
    ...(hereBytes > 0 ? [`  Here already: ${bytes(hereBytes)}`] : []),
    `  Disk: ${bytes(sizeBytes - hereBytes)} needed, ${bytes(freeBytes)} free`,
    `  Licence: ${counts ?? 'unknown'}`,
    ...offer.licenceEvidence.map((each) => `    ${each.place}: “${each.words}”`),
    ...(offer.gated ? ['  Its owner asks people to accept terms first.'] : []),
    `  Folder: ${folder}`,
    ...(offer.modelId === null ? [] : [`  Added already: ${offer.modelId}`]),
  ];
}

async function remove(context: CommandContext): Promise<undefined> {
  const known = await knownModel(context, context.positional[0] ?? '');
  const model = await (await context.client()).models.remove({ modelId: known.id });
  context.output.result(
    model,
    () =>
      `Model ${model.id} "${model.name}" is off the list. Its folder stays: ${model.path}\n\`atelier models add ${model.path}\` brings it back.`,
  );
  return undefined;
}

async function licence(context: CommandContext): Promise<undefined> {
  const { args, positional, output } = context;
  const withdraws = args.flag('withdraw');
  if (positional[1] !== undefined)
    args.refuse([['--withdraw']], 'a licence is given, which it would take back', 'Name no licence');
  else if (withdraws) args.refuse([['--evidence']], 'no licence is given that rests on it', 'Name the licence');
  else args.refuse([['--evidence']], 'this only shows the licence', 'Name the licence');
  const [named = '', wanted] = positional;
  const model =
    wanted === undefined && !withdraws
      ? await resolveModel(context, named)
      : await stateLicence(context, named, wanted ?? null);
  output.result(model, () => [`Model ${model.id} "${model.name}"`, ...licenceLines(model)].join('\n'));
  return undefined;
}

/** Sets the licence of a model, or of the one in a folder, which is added with it. @param licence null = withdraw it */
async function stateLicence(context: CommandContext, named: string, licence: string | null): Promise<ModelSummary> {
  const { models } = await context.client();
  const evidence = context.args.text('evidence') ?? '';
  const path = context.args.resolve(named);
  if (licence !== null && (await findModel(context, named)) === undefined && existsSync(path))
    return await models.register({ path, stated: { licence, evidence } });
  const { id } = await knownModel(context, named);
  return await models.setLicence({ modelId: id, licence, evidence });
}

function licenceLines({ licence: counts, licenceEvidence, licenceStated, origin }: ModelSummary): string[] {
  return [
    `Licence: ${counts ?? 'unknown'}`,
    ...(licenceStated === null ? [] : [`  set by hand: ${licenceStated.licence} (${licenceStated.evidence})`]),
    ...originLines(origin),
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
