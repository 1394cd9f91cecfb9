/** @file `atelier compare`: which of two evaluations is better, if these questions can tell. */
import type { EvaluationSummary } from '../../contract/model/evaluations.ts';
import { type EvaluationId, RunId } from '../../contract/model/primitives.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Command, StudioClient } from '../command.ts';
import { bestGuess, guessingSentence, noLookText } from '../../reporting/no-look-text.ts';
import { typedId } from '../ids.ts';
import { proportion, table } from '../text.ts';

export const compareCommand: Command = {
  usage: 'compare <a> <b>',
  summary: 'Compare two evaluations, or two runs, on the same questions (McNemar)',
  options: [['--items', 'Also list the questions gained and lost']],
  examples: ['atelier compare eval-1a2b3c4d eval-5e6f7a8b', 'atelier compare base run-1a2b3c4d'],
  run: async ({ positional, args, output, client }) => {
    const studio = await client();
    const [first, second] = positional.map((word) => typedId(word, 'evaluation or run'));
    const a = await evaluationOf(studio, first ?? '', second ?? '');
    const b = await evaluationOf(studio, second ?? '', first ?? '');
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
          ['', `accuracy on the ${result.n} questions that both were asked`],
          [`a ${nameOf(result.first)}`, proportion(result.firstAccuracy)],
          [`b ${nameOf(result.second)}`, proportion(result.secondAccuracy)],
          ...(noLook === null ? [] : [['without looking', proportion(bestGuess(noLook))]]),
        ]),
        `both right ${result.both} · only a ${result.lost} · only b ${result.gained} · neither ${result.neither} · McNemar (${result.mcnemar.method}) p = ${result.mcnemar.p.toPrecision(3)}`,
        result.sentence,
        ...(noLook === null ? [] : [noLookText(noLook)]),
        ...[result.first, result.second].flatMap((one) =>
          one.noLook === null ? [] : [guessingSentence(one.noLook, nameOf(one))],
        ),
        ...lines,
      ].join('\n'),
    );
  },
};

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
