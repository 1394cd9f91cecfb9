/** @file `atelier compare`: which of two evaluations is better, if these questions can tell. */
import type {
  EvaluationExplanation,
  EvaluationRequest,
  EvaluationSummary,
  PassAtK,
  PassComparison,
  TradeOff,
} from '../../contract/model/evaluations.ts';
import { type EvaluationId, type Progress, RunId } from '../../contract/model/primitives.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Command, StudioClient } from '../command.ts';
import { PART_MEANINGS, PART_NAMES, partPoints, READINGS, unseenText } from '../../reporting/change-text.ts';
import { percent, points } from '../../reporting/figures.ts';
import { metricChangeText } from '../../reporting/metric-text.ts';
import { bestGuess, guessingSentence, noLookText } from '../../reporting/no-look-text.ts';
import { klPredictsText } from '../../reporting/trade-off-text.ts';
import { typedId, typedRunId } from '../ids.ts';
import { counted, proportion, table } from '../text.ts';

export const compareCommand: Command = {
  usage: 'compare <a> <b>',
  summary: 'Compare two evaluations, or two runs, on the same questions (McNemar)',
  options: [
    ['--items', 'Also list the questions gained and lost'],
    ['--explain', 'Say why answers were gained and lost: form, selection, new'],
    ['--trade-off', 'Set what every checkpoint of two runs gained against what it forgot; exports take --step'],
    ['--sample', 'First sample the answers that the explanation lacks (64 to each question, which takes minutes)'],
  ],
  examples: [
    'atelier compare eval-1a2b3c4d eval-5e6f7a8b',
    'atelier compare base run-1a2b3c4d --explain',
    'atelier compare run-1a2b3c4d run-5e6f7a8b --trade-off',
  ],
  run: async ({ positional, args, output, client }) => {
    const studio = await client();
    if (args.flag('trade-off')) {
      const found = await measuredTradeOff(studio, positional.map(typedRunId), args.flag('sample'), (progress) =>
        output.progress(progress),
      );
      output.result(found, () => tradeOffText(found));
      return;
    }
    const [first, second] = positional.map((word) => typedId(word, 'evaluation or run'));
    const a = await evaluationOf(studio, first ?? '', second ?? '');
    const b = await evaluationOf(studio, second ?? '', first ?? '');
    if (args.flag('explain') || args.flag('sample')) {
      const explanation = await explained(studio, { a, b }, args.flag('sample'), (progress) =>
        output.progress(progress),
      );
      output.result(explanation, () => explanationText(explanation));
      return;
    }
    const result = await studio.evaluations.compare({ a, b });
    const noLook = result.second.noLook ?? result.first.noLook;
    const lines: string[] = [];
    if (args.flag('items')) {
      for (const change of ['gained', 'lost'] as const) {
        const page = await studio.evaluations.page({ evaluationId: b, against: a, change, limit: 500 });
        for (const item of page.items) {
          lines.push(
            `${change}  ${item.question}  (right: ${item.answer})`,
            `  a: ${item.other?.text ?? ''}`,
            `  b: ${item.text}`,
          );
        }
      }
    }
    output.result(result, () =>
      [
        table([
          ['', `accuracy on the ${counted(result.n, 'question')} that both were asked`],
          [`a ${nameOf(result.first)}`, proportion(result.firstAccuracy)],
          [`b ${nameOf(result.second)}`, proportion(result.secondAccuracy)],
          ...(noLook === null ? [] : [['without looking', proportion(bestGuess(noLook))]]),
        ]),
        `both right ${result.both} · only a ${result.lost} · only b ${result.gained} · neither ${result.neither} · McNemar (${result.mcnemar.method}) p = ${result.mcnemar.p.toPrecision(3)}`,
        result.sentence,
        ...(result.metrics ?? []).map(metricChangeText),
        ...(noLook === null ? [] : [noLookText(noLook)]),
        ...[result.first, result.second].flatMap((one) =>
          one.noLook === null ? [] : [guessingSentence(one.noLook, nameOf(one))],
        ),
        ...lines,
      ].join('\n'),
    );
  },
};

/** The explanation, after sampling what it lacks if `samples` is set. */
async function explained(
  studio: StudioClient,
  pair: { a: EvaluationId; b: EvaluationId },
  samples: boolean,
  tell: (progress: Progress) => void,
): Promise<EvaluationExplanation> {
  const explanation = await studio.evaluations.explain(pair);
  if (!samples || explanation.missing.length === 0) return explanation;
  await evaluateAll(studio, explanation.missing, tell);
  return await studio.evaluations.explain(pair);
}

/** The trade-off of two runs, after measuring what it lacks if `samples` is set. */
async function measuredTradeOff(
  studio: StudioClient,
  runIds: readonly RunId[],
  samples: boolean,
  tell: (progress: Progress) => void,
): Promise<TradeOff> {
  const lines = [...new Set(runIds)].map((runId) => ({ name: runId, runIds: [runId] }));
  const found = await studio.evaluations.tradeOff({ lines });
  if (!samples || found.missing.length === 0) return found;
  await evaluateAll(studio, found.missing, tell);
  return await studio.evaluations.tradeOff({ lines });
}

async function evaluateAll(
  studio: StudioClient,
  requests: readonly EvaluationRequest[],
  tell: (progress: Progress) => void,
): Promise<void> {
  for (const request of requests) {
    for await (const event of await studio.evaluations.start(request)) {
      if (event.type === 'progress') tell(event.progress);
    }
  }
}

function tradeOffText(found: TradeOff): string {
  const { base, lines, others, missing } = found;
  const row = (
    name: string,
    step: string,
    { accuracy, retention, forward, reverse }: NonNullable<TradeOff['base']>,
    mark: string,
  ): string[] => [
    name,
    step,
    percent(accuracy),
    retention === null ? '–' : percent(retention),
    forward.toFixed(2),
    reverse.toFixed(2),
    mark,
  ];
  const sentence = klPredictsText(found);
  return [
    ...(base === null
      ? ['Nothing was measured yet.']
      : [
          table([
            ['run', 'step', 'its task', `elsewhere (${others.length})`, 'KL(base ‖ tuned)', 'KL(tuned ‖ base)', ''],
            row('base model', '0', base, ''),
            ...lines.flatMap(({ name, points: of }) =>
              of.map((point) => row(name, String(point.step), point, point.onFrontier ? 'on the frontier' : '')),
            ),
          ]),
          'Right at temperature 1, read leniently. KL in nats per answer. On the frontier, no other checkpoint is better both here and elsewhere.',
        ]),
    ...(sentence === null ? [] : [sentence]),
    ...(missing.length === 0
      ? []
      : [
          missing.length === 1
            ? '1 evaluation is missing; --sample makes it first.'
            : `${missing.length} evaluations are missing; --sample makes them first.`,
        ]),
  ].join('\n');
}

function explanationText({ first, second, change, passAtK, sentences, missing }: EvaluationExplanation): string {
  const { strict, lenient, parts, samples, n } = change;
  const readings = (name: string, side: 'first' | 'second'): string[] => [
    name,
    proportion(strict[side]),
    proportion(lenient[side]),
  ];
  return [
    table([
      ['', 'accuracy, strict', 'accuracy, lenient'],
      readings(`a ${nameOf(first)}`, 'first'),
      readings(`b ${nameOf(second)}`, 'second'),
    ]),
    READINGS,
    '',
    table([
      ['part', 'answers', `of ${counted(n, 'question')}, with 95% interval`, 'meaning'],
      ...parts.map(({ part, share }) => [
        PART_NAMES[part],
        String(share.correct),
        partPoints(part, share),
        PART_MEANINGS[part],
      ]),
      [
        'together',
        '',
        `${points(strict.second.value - strict.first.value)} points`,
        'the difference of the strict accuracies',
      ],
    ]),
    ...sentences,
    ...(samples === null ? [] : [unseenText(samples)]),
    ...(passAtK === null ? [] : ['', passTable(passAtK)]),
    ...(missing.length === 0
      ? []
      : [
          'To sample the answers that are missing, add --sample, or run:',
          ...missing.map((each) => `  ${sampleCommand(each)}`),
        ]),
  ].join('\n');
}

/** pass@k at powers of two. */
function passTable({ first, second, perQuestion, questions }: PassComparison): string {
  const rows = first.flatMap((point, at): string[][] => {
    const after = second[at];
    if (after === undefined || !(Number.isInteger(Math.log2(point.k)) || point.k === perQuestion)) return [];
    return [[`pass@${point.k}`, interval(point), interval(after)]];
  });
  return table([[`lenient, ${counted(questions, 'question')}`, 'a', 'b'], ...rows]);
}

function interval({ value, low, high }: PassAtK): string {
  return `${percent(value)} (${percent(low)} to ${percent(high)})`;
}

function sampleCommand({
  modelId,
  datasetId,
  split,
  runId,
  likeRun,
  limit,
}: EvaluationExplanation['missing'][number]): string {
  return [
    'atelier eval --mode samples',
    ...(runId === undefined ? [`--model ${modelId}`] : [`--run ${runId}`]),
    ...(likeRun === undefined ? [] : [`--like-run ${likeRun}`]),
    `--dataset ${datasetId}`,
    ...(split === 'test' ? [] : [`--split ${split}`]),
    ...(limit === 0 ? [] : [`--limit ${limit}`]),
  ].join(' ');
}

function nameOf({ id, runId, mode }: EvaluationSummary): string {
  return `${runId ?? 'base model'} (${id}${mode === 'reasoning' ? '' : `, ${mode}`})`;
}

/** Finds an evaluation by its id, the newest one of a run, or with `base` the base model's on the other's questions. */
async function evaluationOf(studio: StudioClient, typed: string, other: string): Promise<EvaluationId> {
  const all = await studio.evaluations.list({});
  const known = all.find((evaluation) => String(evaluation.id) === typed);
  if (known !== undefined) return known.id;
  const ofRun = (word: string): EvaluationSummary | undefined =>
    all.find(
      ({ runId, mode, id }) => (runId === RunId.safeParse(word).data && mode === 'reasoning') || String(id) === word,
    );
  const found = ofRun(typed);
  if (found !== undefined) return found.id;
  if (typed === 'base') {
    const beside = ofRun(other);
    const base = all.find(
      (evaluation) =>
        evaluation.runId === null &&
        evaluation.modelId === beside?.modelId &&
        evaluation.datasetId === beside.datasetId &&
        evaluation.split === beside.split &&
        evaluation.mode === beside.mode &&
        evaluation.maxPixels === beside.maxPixels &&
        evaluation.accuracy.n === beside.accuracy.n,
    );
    if (base !== undefined) return base.id;
  }
  throw new AtelierError('NOT_FOUND', `There is no evaluation "${typed}", and no run of that id that was evaluated.`, {
    remedy: '`atelier eval --run <id>` evaluates a run; `atelier runs` lists the runs.',
  });
}
