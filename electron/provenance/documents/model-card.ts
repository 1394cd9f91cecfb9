/**
 * @file The model card (README.md): front matter for the Hugging Face hub, and a body in plain words.
 * User-supplied names are escaped so that none of them can become markup or front matter.
 */
import { stringify } from 'yaml';
import type {
  Contribution,
  ImageOrientation,
  Proportion,
  Recipe,
  StartAdapter,
  Task,
} from '../../contract/api/index.ts';
import { isElsewhere } from '../../contract/model/handoffs.ts';
import { rewardKey } from '../../contract/model/rewards.ts';
import type { PairedVerdict } from '../../contract/model/paired-comparison.ts';
import { comparePaired, pairItems } from '../../method/paired-comparison.ts';
import { adaptedLayersText } from '../../method/adapter-parts.ts';
import { sharesText } from '../../method/mixture.ts';
import { wilson } from '../../method/statistics.ts';
import { areRead } from '../../method/what-changed.ts';
import { partsSentence, READINGS } from '../../reporting/change-text.ts';
import { comparisonText } from '../../reporting/comparison-text.ts';
import { percent } from '../../reporting/figures.ts';
import { compareMetrics } from '../../method/metric-comparison.ts';
import { metricChangeText } from '../../reporting/metric-text.ts';
import { bestGuess, guessingSentence, noLookText } from '../../reporting/no-look-text.ts';
import { roundedNote } from '../../reporting/rounded-text.ts';
import { NOBODY_TAUGHT, agreementText } from './contribution.ts';
import { creditLine, oneLine } from '../ledger/credits.ts';
import type { Credit } from '../ledger/credits.ts';
import { ORIENTATION_TEXT, licenceWords } from './bundle-description.ts';
import type { HubLocation } from './bundle-description.ts';
import { changeOf, type EvaluationFile, type EvaluationRecord } from './evaluation-record.ts';
import { RULE_TEXT } from '../ledger/ledger-rules.ts';
import { usageText, type UseKind } from './use-programs.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { counted } from '../../method/counted.ts';

/** Hub ids of the SPDX licences that the hub knows; any other licence is `other` with a name. */
const HUB_LICENCE: Record<string, string> = {
  'Apache-2.0': 'apache-2.0',
  MIT: 'mit',
  'CC0-1.0': 'cc0-1.0',
  'CC-BY-4.0': 'cc-by-4.0',
  'CC-BY-SA-4.0': 'cc-by-sa-4.0',
  'CC-BY-NC-4.0': 'cc-by-nc-4.0',
  'CC-BY-NC-SA-4.0': 'cc-by-nc-sa-4.0',
};

/** `license_name` of a bundle whose maker has not chosen a licence: all rights remain reserved. */
export const NOT_CHOSEN = 'not-chosen';

export interface ModelCardInput {
  recipe: Recipe;
  runId: string;
  step: number;
  kind: UseKind;
  base: {
    name: string;
    licence: string | null;
    sha256: string;
    /** The family as a tag on the hub, such as `qwen2-vl`. */
    tag: string;
    /** Its class in transformers. */
    architecture: string;
    /** Where the model is published; null if that is not known. */
    hub: HubLocation | null;
  };
  dataset: {
    name: string;
    images: number;
    trainingImages: number;
    /** How photographs with an EXIF orientation were shown to the model. */
    orientation: ImageOrientation;
    licences: readonly (string | null)[];
    /** Tasks of the questions that training used. */
    tasks: readonly Task[];
  };
  /** Backend and device as the engine named them; null if that was not recorded. */
  device: string | null;
  /** Measured time of all steps. */
  trainingSeconds: number;
  evaluation: EvaluationFile;
  ledger: Ledger;
  /** The SPDX id that the maker chose; null if none was chosen. */
  licence: string | null;
  credits: readonly Credit[];
  /** Who proposed answers of the dataset, in a sentence; null if no model did, or nothing was recorded. */
  proposedAnswers: string | null;
  /** How much each image taught the model; null or absent if nothing was recorded. */
  contribution?: Contribution | null;
  /** False if the weights leave without the documents, to which the card must not point then. */
  withDocuments: boolean;
  /** Sentences stating what a reader should know before trusting the weights. */
  warnings: readonly string[];
  atelierVersion: string;
}

/** The number of credits listed on the card itself; the rest are in NOTICE. */
const CREDITS_SHOWN = 30;
/** The number of top contributing authors listed on the card; the rest are in contribution.json. */
const CONTRIBUTORS_SHOWN = 12;

const NOT_COMPARED = 'The base model was not evaluated on the same questions.';

/** The whole README.md. */
export function modelCard(input: ModelCardInput): string {
  return `---\n${stringify(frontMatter(input), { lineWidth: 0, aliasDuplicateObjects: false })}---\n\n${body(input)}`;
}

/** The hub id of a licence, with a name and link if the hub has no id for it. */
export function hubLicence(licence: string | null): Record<string, string> {
  const known = licence === null ? undefined : HUB_LICENCE[licence];
  if (known !== undefined) return { license: known };
  return { license: 'other', license_name: (licence ?? NOT_CHOSEN).toLowerCase(), license_link: 'LICENSE' };
}

const LIBRARY: Readonly<Record<ModelCardInput['kind'], string>> = {
  adapter: 'peft',
  checkpoint: 'transformers',
  gguf: 'llama.cpp',
  mlx: 'mlx',
};

function frontMatter(input: ModelCardInput): Record<string, unknown> {
  const { recipe, base, kind } = input;
  const method = recipe.method;
  return {
    ...hubLicence(input.licence),
    // An id that is not on the hub would lead to nothing, or to somebody else's model. The dataset is never there.
    ...(base.hub === null
      ? {}
      : { base_model: base.hub.id, base_model_relation: kind === 'adapter' ? 'adapter' : 'finetune' }),
    library_name: LIBRARY[kind],
    pipeline_tag: 'image-text-to-text',
    tags: [
      ...(kind === 'adapter' ? ['lora'] : []),
      ...(kind === 'gguf' || kind === 'mlx' ? [kind] : []),
      input.base.tag,
      method,
      ...(method === 'sft' ? [] : ['reinforcement-learning']),
      'provenance',
    ],
    ...modelIndex(input),
  };
}

function modelIndex(input: ModelCardInput): Record<string, unknown> {
  const { tuned, base } = input.evaluation;
  if (tuned === null) return {};
  const metric = (name: string, proportion: Proportion): Record<string, unknown> => ({
    type: 'accuracy',
    name,
    value: proportion.value,
    args: {
      correct: proportion.correct,
      n: proportion.n,
      wilson_95_low: proportion.low,
      wilson_95_high: proportion.high,
    },
  });
  const metrics = [
    metric('Accuracy, tuned', tuned.summary.accuracy),
    ...(base === null ? [] : [metric('Accuracy, base model', base.summary.accuracy)]),
    ...[
      { name: 'Accuracy read leniently, tuned', record: tuned },
      { name: 'Accuracy read leniently, base model', record: base },
    ].flatMap(({ name, record }) => {
      const share = record === null ? null : lenientShare(record.items);
      return share === null ? [] : [metric(name, share)];
    }),
  ];
  return {
    'model-index': [
      {
        name: oneLine(input.recipe.name),
        results: [
          {
            task: { type: 'image-text-to-text' },
            dataset: { type: 'private', name: oneLine(input.dataset.name), split: tuned.summary.split },
            metrics,
          },
        ],
      },
    ],
  };
}

function body(input: ModelCardInput): string {
  const { recipe, base, dataset, kind } = input;
  const what = kind === 'adapter' ? 'a LoRA adapter for' : 'a fine-tuned version of';
  const sections = [
    `# ${inline(recipe.name)}`,
    `This is ${what} **${inline(base.name)}**, trained with Atelier ${input.atelierVersion}.`,
    ...input.warnings.map((warning) => `> **Note:** ${inline(warning)}`),
    '## Intended use',
    intendedUse(input),
    '## How to use it',
    usageText({ ...input, orientation: dataset.orientation }, input.withDocuments),
    '## What it was trained on',
    `${counted(dataset.trainingImages, 'image')} of the dataset **${inline(dataset.name)}** (${counted(dataset.images, 'image')} in total), under: ` +
      `${dataset.licences.map((licence) => inline(licenceWords(licence))).join(', ') || 'none'}.` +
      `${pointer(input, '`manifest.jsonl` has one line per image with its hash, sources, authors, licence and use.')} The images are not included.`,
    ...(input.proposedAnswers === null ? [] : [inline(input.proposedAnswers)]),
    '## How',
    howText(input),
    '## Hardware, time and energy',
    computeText(input),
    '## Results',
    resultsText(input),
    '## Licence and its basis',
    licenceText(input),
    ...contributionText(input),
    '## Limits',
    'It answers the kinds of questions it was trained on. Elsewhere it may be better or worse than its base model, or the same, and it can be ' +
      'confidently wrong. The evaluation shows only how it performed on held-out samples of one dataset.',
    '## Credits',
    creditsText(input.credits),
    '## Check it',
    `Run \`atelier verify FOLDER\` or use OpenSSF Model Signing: \`model_signing verify key FOLDER --signature FOLDER/model.sig --public_key KEY\`. ` +
      'The public key is in `atelier.pub.pem`. Compare it with one that you received from the maker through another channel: a key inside the ' +
      'folder proves only that nothing has changed since signing, not who signed. ' +
      `Run \`${inline(input.runId)}\`, step ${input.step}; base model files sha256 \`${base.sha256}\`.`,
  ];
  return `${sections.join('\n\n')}\n`;
}

const TASK_TEXT: Record<Exclude<Task, 'other'>, string> = {
  counting: 'how many there are of something',
  geometry: 'angles, lengths and other quantities in a figure',
};

/** What the model may be used for, by the tasks of its questions. */
export function intendedUse({ dataset }: { dataset: Pick<ModelCardInput['dataset'], 'tasks'> }): string {
  // `other` is also the task of a table that names none, so it says nothing about the questions.
  const named = dataset.tasks.filter((task) => task !== 'other').map((task) => TASK_TEXT[task]);
  const others = dataset.tasks.length > named.length;
  const about =
    named.length === 0
      ? 'What its questions were about was not recorded.'
      : `It was trained on questions about: ${named.join('; ')}${others ? '; and on others, whose kind was not recorded' : ''}.`;
  return (
    `It answers a question about one image in a short text. ${about} ` +
    'Use it for images and questions of that kind. It was not made for, and not tested on, other questions, decisions about people, or anything where a ' +
    'wrong answer does harm: somebody must check its answers.'
  );
}

/** What was measured, and what was not: nothing is estimated. */
export function computeText({
  device,
  trainingSeconds,
  step,
}: Pick<ModelCardInput, 'device' | 'trainingSeconds' | 'step'>): string {
  const on =
    device === null
      ? 'The device was not recorded.'
      : isElsewhere(device)
        ? `Trained ${inline(device)}. The steps, the answers and their times were not computed by the Atelier that made this bundle: the files of that job alone attest them. Atelier checked their order, the KL weights and the scores, and computed the evaluation itself.`
        : `Device, as the engine named it: ${inline(device)}.`;
  const time =
    trainingSeconds > 0
      ? `The ${counted(step, 'step')} took ${duration(trainingSeconds)} together, by the clock of that machine, without evaluations and pauses.`
      : 'The time of the steps was not recorded.';
  return `${on} ${time} Neither the energy nor the emissions were measured.`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The seconds in a card's sentence on time, as exactly as the sentence states them; 0 if it states none. */
export function statedSeconds(card: string): number {
  const match = / took (?:(\d+\.\d) s|(?:(\d+) h )?(\d+) min) together, /.exec(card);
  if (match === null) return 0;
  const [, seconds, hours = '0', minutes = '0'] = match;
  if (seconds === undefined) return Number(hours) * 3600 + Number(minutes) * 60;
  // Rounded times: 59.96 s is written as 60.0 s, and 0.01 s as 0.0 s.
  return Math.min(Math.max(Number(seconds), 0.01), 59.99);
}

function howText(input: ModelCardInput): string {
  const { recipe, step } = input;
  const adapter =
    recipe.adapter.kind === 'lora'
      ? `LoRA of rank ${recipe.adapter.r} (alpha ${recipe.adapter.loraAlpha}) on ${adaptedLayersText(recipe.adapter)}`
      : 'all weights';
  const method = { sft: 'supervised fine-tuning', grpo: 'GRPO', 'grpo-d': 'GRPO-D (GRPO with a dynamic KL weight)' }[
    recipe.method
  ];
  const listed = recipe.rewards
    .map((reward) => `${reward.name === 'custom' ? code(rewardKey(reward)) : reward.name} × ${reward.weight}`)
    .join(', ');
  const own = (recipe.mixture ?? []).filter((part) => part.rewards !== undefined).length;
  const rewards =
    own === 0
      ? `rewards: ${listed}`
      : own === recipe.mixture?.length
        ? 'rewards: each dataset’s own'
        : `rewards where a dataset has none of its own: ${listed}`;
  const group =
    recipe.method === 'sft'
      ? ''
      : ` Each step drew ${recipe.grpo.numGenerations} answers to each of ${recipe.grpo.promptsPerStep} questions; ${rewards}; KL schedule: ${recipe.klSchedule.kind}.`;
  const { maxPixels } = recipe;
  const pictures =
    maxPixels === undefined
      ? ''
      : ` Pictures with more than ${maxPixels.toLocaleString('en')} pixels were shrunk to that, as \`max_pixels\` in \`preprocessor_config.json\` says; use the same limit.`;
  const { startFrom, startAdapter } = recipe;
  const start =
    startFrom === undefined
      ? ''
      : ` It began with the adapter of the run ${code(startFrom.runId)} at step ${startFrom.step} (folder sha256 ${code(startFrom.sha256)}), trained on the same dataset; images that taught that run count as trained on here. The time is that of this run alone.`;
  const elsewhere = startAdapter === undefined ? '' : ` ${startAdapterText(startAdapter)}`;
  const frozen =
    recipe.frozenWeights === 'nf4'
      ? ` ${frozenText(input.kind)}`
      : recipe.frozenWeights === 'as-published'
        ? ' The adapter that it began with was trained while the frozen matrices were kept in 4 bits (NF4); this training took them as they are published.'
        : '';
  const mixture = recipe.mixture === undefined ? '' : ` ${mixtureText(recipe.mixture)}`;
  const system =
    recipe.systemPrompt === undefined
      ? ''
      : ` It was trained with this system prompt: ${code(oneLine(recipe.systemPrompt))}.`;
  return (
    `${step} of ${recipe.steps} ${recipe.steps === 1 ? 'step' : 'steps'} of ${method}, training ${adapter}, learning rate ${recipe.optimiser.learningRate}, seed ${recipe.seed}.${group}${frozen}${mixture}${pictures}${system}${start}${elsewhere} ${ORIENTATION_TEXT[input.dataset.orientation]}` +
    pointer(input, '`recipe.json` has the complete recipe.')
  );
}

/** What stands below the adapter, if it was rounded. */
export function frozenText(kind: ModelCardInput['kind']): string {
  const here =
    kind === 'adapter'
      ? 'On the base model as it is published, the adapter answers slightly differently.'
      : 'The weights here are those rounded ones with the adapter worked in; an adapter by itself answers slightly differently on the base model as it is published.';
  return (
    'Meanwhile the frozen matrices of the base model were kept in 4 bits (NF4 in blocks of 64, as in QLoRA), and the results of the trained model are those with ' +
    `the rounded weights. ${here}`
  );
}

/** How a mixture was drawn from, and which of its datasets had rewards and words of their own. */
function mixtureText(mixture: NonNullable<Recipe['mixture']>): string {
  const named = mixture.map(({ name, weight }) => ({ name: inline(name), weight }));
  const own = mixture.flatMap(({ name, rewards }) =>
    rewards === undefined
      ? []
      : [`${inline(name)}: ${rewards.map((reward) => `${reward.name} × ${reward.weight}`).join(', ')}`],
  );
  const rewards = own.length === 0 ? '' : ` Rewards of their own: ${own.join('; ')}.`;
  const asked = mixture.flatMap(({ name, promptTemplate }) =>
    promptTemplate === undefined ? [] : [`${inline(name)}: ${code(oneLine(promptTemplate))}`],
  );
  const words = asked.length === 0 ? '' : ` Asked in words of their own: ${asked.join('; ')}.`;
  return `Its questions came from ${sharesText(named)}, drawn by weight.${rewards}${words}`;
}

/** Each dataset of a mixture by itself, as a table. */
function byDatasetText({ base, tuned }: EvaluationFile): string {
  const before = new Map((base?.summary.byDataset ?? []).map((each) => [each.datasetId, each.accuracy]));
  const cell = (share: Proportion | undefined): string =>
    share === undefined ? '–' : `${share.correct} of ${share.n} (${percent(share.value)})`;
  const rows = (tuned?.summary.byDataset ?? []).map(
    ({ datasetId, name, accuracy }) => `| ${inline(name)} | ${cell(before.get(datasetId))} | ${cell(accuracy)} |`,
  );
  return rows.length === 0 ? '' : ['| dataset | base | tuned |', '|---|---|---|', ...rows].join('\n');
}

function startAdapterText({ name, sha256, licence, author, baseModel }: StartAdapter): string {
  const by = author === null ? 'Its folder names no author' : `Its folder names as author: ${code(oneLine(author))}`;
  const under = licence === null ? 'states no licence that is understood' : `states the licence ${code(licence)}`;
  const base = baseModel === null ? '' : ` Its configuration names the base model ${code(oneLine(baseModel))}.`;
  return `The weights rest on the adapter ${code(oneLine(name))}, made elsewhere (files sha256 ${code(sha256)}). ${by}, and it ${under}.${base} What it was trained on is not known here: images, shares and credits are those of the training with Atelier alone.`;
}

function resultsText(input: ModelCardInput): string {
  const { base, tuned } = input.evaluation;
  if (tuned === null) return 'These weights were not evaluated.';
  const { noLook } = tuned.summary;
  const row = (
    name: string,
    { correct, n, value, low, high }: Proportion,
    lenient: number | undefined,
    unparsed: number,
  ): string =>
    `| ${name} | ${correct} of ${n} | ${percent(value)} | ${percent(low)} to ${percent(high)} | ${percent(lenient)} | ${unparsed} |`;
  const ofModel = (name: string, { summary, items }: EvaluationRecord): string =>
    row(name, summary.accuracy, lenientShare(items)?.value, summary.unparsed);
  const lines = [
    '| model | correct | accuracy, strict | 95% interval (Wilson) | accuracy, lenient | unreadable answers |',
    '|---|---|---|---|---|---|',
    ...(base === null ? [] : [ofModel('base', base)]),
    ofModel('tuned', tuned),
    ...(noLook === null ? [] : [row('no model: guessing without looking', bestGuess(noLook), undefined, 0)]),
  ];
  const change = changeOf(input.evaluation);
  const reasons = change === null ? '' : ` ${partsSentence(change)}`;
  const asked = `These are greedy answers on the ${tuned.summary.split} split, which training did not see.${pointer(input, '`evaluation.json` lists every item.')}`;
  const comparison = base === null ? NOT_COMPARED : compared(base, tuned);
  const guessing =
    noLook === null ? '' : ` ${inline(noLookText(noLook))} ${guessingSentence(noLook, 'The tuned model')}`;
  const metrics = compareMetrics(base?.items ?? [], tuned.items).map((metric) => `- ${metricChangeText(metric)}`);
  const parts = metrics.length === 0 ? '' : `How much of an answer is right, on average:\n\n${metrics.join('\n')}\n\n`;
  const each = byDatasetText(input.evaluation);
  const rounded = roundedNote(input.recipe);
  return `${lines.join('\n')}\n\n${rounded === null ? '' : `${rounded}\n\n`}${each === '' ? '' : `${each}\n\n`}${parts}${comparison}${reasons} ${READINGS}${guessing} ${tuned.summary.split === 'test' ? asked : 'These are answers on the training split, which show nothing about new images.'}`;
}

/** The share that is right when answers without tags are read, too; null where that is not known. */
function lenientShare(items: EvaluationRecord['items']): Proportion | null {
  return areRead(items) ? wilson(items.filter(({ lenient }) => lenient).length, items.length) : null;
}

const VERDICTS: Record<PairedVerdict, string> = {
  better: 'The tuned model is better than its base',
  worse: 'The tuned model is worse than its base',
  undecided: 'This evaluation does not show a difference between the tuned model and its base',
};

/** Compares base and tuned answers question by question, by the same rule as everywhere in the studio. */
function compared(base: EvaluationRecord, tuned: EvaluationRecord): string {
  const comparison = comparePaired(pairItems(base.items, tuned.items).counts);
  if (comparison === null) return NOT_COMPARED;
  return `${VERDICTS[comparison.verdict]}: ${comparisonText(comparison)}; McNemar's test, paired by question.`;
}

function licenceText(input: ModelCardInput): string {
  const { licence, ledger } = input;
  const chosen =
    licence === null
      ? 'No licence has been chosen for these weights, so all rights are reserved (see `LICENSE`).'
      : `The maker publishes these weights under **${inline(licence)}** (see \`LICENSE\`).`;
  const verdicts = ledger.purposes.map(({ purpose, verdict, reasons }) => {
    const rules = [...new Set(reasons.map((reason) => reason.rule))]
      .map((rule) => `${rule}: ${RULE_TEXT[rule]}`)
      .join(' ');
    return `- ${purpose.replaceAll('-', ' ')}: **${verdict.replaceAll('-', ' ')}**. ${inline(rules)}`.trimEnd();
  });
  const duties = ledger.duties.map((duty) => `- ${inline(duty.text)} (because of ${inline(duty.because.join(', '))})`);
  return [
    chosen,
    'What the licences of the base model and of the images permit:',
    verdicts.join('\n'),
    ...(duties.length === 0 ? [] : ['Duties:', duties.join('\n')]),
    `${ledger.notice}${pointer(input, '`ledger.json` gives the reasons, image by image.')}`,
  ].join('\n\n');
}

/** Whose images taught the model, with a description of the method; the images are in contribution.json. */
function contributionText(input: ModelCardInput): string[] {
  const contribution = input.contribution ?? null;
  if (contribution === null) return [];
  if (contribution.stepsCovered === 0) return ['## Who taught it', NOBODY_TAUGHT];
  const line = ({ key, share, images }: Contribution['byAuthor'][number]): string =>
    `| ${inline(key ?? 'not known')} | ${percent(share)} | ${images} |`;
  const { byAuthor, methodText } = contribution;
  const more = byAuthor.length - CONTRIBUTORS_SHOWN;
  return [
    '## Who taught it',
    [
      '| author | share of the update | images |',
      '|---|---|---|',
      ...byAuthor.slice(0, CONTRIBUTORS_SHOWN).map(line),
    ].join('\n'),
    `${more > 0 ? `And ${more} more. ` : ''}${inline(methodText)} ${inline(agreementText(contribution))}${pointer(input, '`contribution.json` lists every image, licence and source.')}`,
  ];
}

function creditsText(credits: readonly Credit[]): string {
  if (credits.length === 0) return 'No works were used.';
  const shown = credits.slice(0, CREDITS_SHOWN).map((credit) => `- ${inline(creditLine(credit))}`);
  const more = credits.length - shown.length;
  return [...shown, ...(more > 0 ? [`- and ${more} more in \`NOTICE\` and \`ATTRIBUTION.csv\``] : [])].join('\n');
}

/** A sentence about a document, where the documents are in the folder. */
function pointer({ withDocuments }: ModelCardInput, sentence: string): string {
  return withDocuments ? ` ${sentence}` : '';
}

/** Makes foreign text safe inside a Markdown line by neutralising markup characters. */
function inline(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>#|~!]/g, (character) => `\\${character}`);
}

/** A name without backticks, shown as it is. */
function code(name: string): string {
  return `\`${name}\``;
}
