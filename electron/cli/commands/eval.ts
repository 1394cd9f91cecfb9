/** @file `atelier eval`: greedy answers on held-out samples, with counts and intervals. */
import { EvaluationMode, type EvaluationRequest, type EvaluationSummary } from '../../contract/model/evaluations.ts';
import { Split, StarterData } from '../../contract/model/primitives.ts';
import { othersOf } from '../../method/mixture.ts';
import { percent } from '../../reporting/figures.ts';
import { meanText, METRIC_NAMES, metricGuessText } from '../../reporting/metric-text.ts';
import { guessingSentence } from '../../reporting/no-look-text.ts';
import { given } from '../arguments.ts';
import type { Command } from '../command.ts';
import { DETAIL_OPTION, detailOption } from '../detail-option.ts';
import { typedRunId } from '../ids.ts';
import { lookUpSubject } from '../resolve.ts';
import { checkEvaluationEarly, TO_COME } from '../../studio/early-checks.ts';
import { counted, proportion, table } from '../text.ts';

export const evalCommand: Command = {
  usage: 'eval',
  summary: 'Evaluate a model, or the adapter of a run, on held-out samples',
  options: [
    [
      '--dataset <id>',
      `Dataset by id or name, one of the starter sets (${StarterData.options.join(', ')}), or a path (default: that of the run)`,
    ],
    ['--model <id>', 'Model by id or name, or its folder (default: that of the run, else the starter model)'],
    ['--run <id>', 'Run whose adapter is evaluated; absent = the model alone'],
    ['--split <split>', 'test (default) or train'],
    ['--limit <n>', 'At most so many samples (default 0: all of the split)'],
    [
      '--mode <mode>',
      'reasoning (default: as in training), direct (nothing but the answer), sensitivity (each question in several wordings), hallucination (things that are not in the picture), samples (several answers to each question at temperature 1: pass@k), drift (how far a run moved the model from its base)',
    ],
    DETAIL_OPTION,
    ['--samples <n>', 'Answers to each question in the modes samples (default 64) and drift (default 4)'],
    [
      '--step <n>',
      'The step of the run whose checkpoint is evaluated (default: the newest, or the best of a run that keeps its best)',
    ],
    ['--like-run <id>', 'Ask the model alone as this run asks it: its template, limits and verifier'],
    ['--wording <text>', 'A wording with {question}, for sensitivity (at least four times)', 'repeatable'],
    ['--direct-template <text>', 'Another template with {question} for direct answers'],
    ['--enqueue', 'Put it in the queue and return'],
  ],
  run: async (context) => {
    const { args, output } = context;
    const split = args.oneOf('split', Split.options) ?? 'test';
    const limit = args.integer('limit') ?? 0;
    const client = await context.client();
    const wordings = args.all('wording');
    const like = args.text('like-run');
    const settings = {
      mode: args.oneOf('mode', EvaluationMode.options) ?? ('reasoning' as const),
      ...given({
        likeRun: like === undefined ? undefined : typedRunId(like),
        directTemplate: args.text('direct-template'),
        samples: args.integer('samples'),
        step: args.integer('step'),
        detail: detailOption(args),
      }),
      ...(wordings.length === 0 ? {} : { wordings }),
    };
    const { runId, recipe, add } = await lookUpSubject(context);
    const requestOf = (subject: typeof TO_COME): EvaluationRequest => ({
      ...subject,
      // A run on a mixture is asked about all of it, unless you name a dataset.
      ...(recipe === undefined || args.flag('dataset') ? {} : othersOf(recipe)),
      split,
      limit,
      ...settings,
      ...given({ runId }),
    });
    checkEvaluationEarly(requestOf(TO_COME));
    const request = requestOf(await add());
    if (args.flag('enqueue')) {
      // This process ends at once, so it must not begin what it adds.
      (await context.studio()).leaveQueue();
      const entry = await client.evaluations.enqueue(request);
      output.result(entry, `${entry.title} waits in the queue (${entry.id}).`);
      return;
    }
    const events = await client.evaluations.start(request);
    for await (const event of events) {
      if (event.type === 'progress') output.progress(event.progress);
      else output.result(event.evaluation, () => evaluationText(event.evaluation));
    }
  },
};

/** What accuracy counts: an evaluation that samples asks each question several times. */
function countedIn({ drift, samples }: EvaluationSummary): string {
  return drift === null && samples === null ? 'questions' : 'answers';
}

function evaluationText(evaluation: EvaluationSummary): string {
  return table([
    [evaluation.id, `${evaluation.mode}, ${evaluation.split} (${evaluation.accuracy.n} ${countedIn(evaluation)})`],
    [
      'detail',
      evaluation.maxPixels === null ? 'as the model allows' : `${evaluation.maxPixels.toLocaleString('en')} pixels`,
    ],
    ['accuracy, strict', proportion(evaluation.accuracy)],
    ['accuracy, lenient', proportion(evaluation.lenient)],
    ...passRows(evaluation),
    ...driftRows(evaluation),
    ...metricRows(evaluation),
    ...noLookRows(evaluation),
    ...(evaluation.byDataset ?? []).map(({ name, accuracy }) => [`  ${name}`, proportion(accuracy)]),
    ...evaluation.byTask.map(({ task, accuracy }) => [`  ${task}`, proportion(accuracy)]),
    ['format', proportion(evaluation.format)],
    ['not readable', String(evaluation.unparsed)],
    ['tokens per answer', evaluation.meanTokens.toFixed(1)],
    ['with a thought', percent(evaluation.thinkRate)],
    ...sensitivityRows(evaluation),
    ...hallucinationRows(evaluation),
  ]);
}

function metricRows({ metrics = [] }: EvaluationSummary): string[][] {
  return metrics.flatMap((figure) => {
    const guess = metricGuessText(figure);
    return [[METRIC_NAMES[figure.name], meanText(figure)], ...(guess === null ? [] : [['', guess]])];
  });
}

function noLookRows({ noLook }: EvaluationSummary): string[][] {
  if (noLook === null) return [];
  const { constant, questionOnly } = noLook;
  return [
    ['without looking', guessingSentence(noLook, 'The model')],
    [`  always “${constant.answer}”`, proportion(constant.accuracy)],
    ...(questionOnly === null ? [] : [["  the question's words", proportion(questionOnly)]]),
  ];
}

/** pass@k at powers of two. */
function passRows({ samples }: EvaluationSummary): string[][] {
  if (samples === null) return [];
  const { perQuestion, questions, passAtK } = samples;
  const shown = passAtK.filter(({ k }) => Number.isInteger(Math.log2(k)) || k === perQuestion);
  return [
    [
      'sampled',
      `${counted(perQuestion, 'answer')} to each of ${counted(questions, 'question')} at temperature ${samples.temperature}`,
    ],
    ...shown.map(({ k, value, low, high }) => [
      `  pass@${k}, lenient`,
      `${percent(value)} (${percent(low)} to ${percent(high)})`,
    ]),
  ];
}

function driftRows({ drift }: EvaluationSummary): string[][] {
  if (drift === null) return [];
  const { perQuestion, questions, reverse, forward, base, tuned } = drift;
  const kl = ({ perAnswer: { mean, low, high }, perToken }: typeof reverse): string =>
    `${mean.toFixed(3)} per answer (${low.toFixed(3)} to ${high.toFixed(3)}), ${perToken.toFixed(4)} per token`;
  return [
    [
      'sampled',
      `${counted(perQuestion, 'answer')} of each model to each of ${counted(questions, 'question')} at temperature 1`,
    ],
    ['KL(tuned ‖ base)', kl(reverse)],
    ['KL(base ‖ tuned)', kl(forward)],
    ['  right, base', proportion(base)],
    ['  right, tuned', proportion(tuned)],
  ];
}

function sensitivityRows({ sensitivity }: EvaluationSummary): string[][] {
  if (sensitivity === null) return [];
  const { mean, min, max, sd, variants, always } = sensitivity;
  return [
    ['over wordings', `mean ${percent(mean)}, ${percent(min)} to ${percent(max)}, sd ${percent(sd)}`],
    ['right in every wording', proportion(always)],
    ...variants.map(({ wording, accuracy }) => [`  ${wording}`, proportion(accuracy)]),
  ];
}

function hallucinationRows({ hallucination }: EvaluationSummary): string[][] {
  if (hallucination === null) return [];
  return [
    ['names a number of what is not there', proportion(hallucination.named)],
    ['says 0', proportion(hallucination.denied)],
    ['without a number', String(hallucination.without)],
  ];
}
