/** @file Writes study.md from study.json: tables, plots and a paragraph for each claim of the paper. */
import type { ArmComparison, ResultCell } from '../../contract/model/experiments.ts';
import { SMALLEST_DIFFERENCE } from '../../method/decide.ts';
import { CONTEST_ARMS } from '../../studio/experiments/plan.ts';
import { bytes, percent, points, pValue } from '../../reporting/figures.ts';
import { table } from '../../reporting/markdown.ts';
import type { Probe, StudyDocument } from './document.ts';
import { claimText } from './claim-text.ts';
import { allLooksTaken, inShort } from './in-short.ts';

/** @param plots names of the plots that are saved next to the page */
export function studyPage(study: StudyDocument, plots: ReadonlySet<string>): string {
  const { experiment, ran } = study;
  const { request, datasets } = experiment;
  const tasks = datasets.map(({ name }) => name).join(' and ');
  const picture = (name: string, words: string): string => (plots.has(name) ? `\n![${words}](${name})\n` : '');
  return [
    title(study),
    inShort(study),
    `\`npx atelier study paper\` writes this page from \`study.json\`, which lies beside it. No figure and no verdict is set by hand.`,
    `## Verdicts`,
    table(
      ['claim', 'verdict'],
      experiment.claims.map((claim) => [claim.claim, `**${claim.verdict}**`]),
    ),
    `## What was run`,
    whatWasRun(study),
    ...looksTable(study),
    `## The same task`,
    `Every method made the same number of updates on the same samples and was tested on held-out questions of the task it was trained on.`,
    picture('study-contest.svg', 'Accuracy on the same task, by method'),
    ...datasets.map(({ id, name }) => `### ${name}\n\n${cellTable(contestCells(study, id))}`),
    formTable(study),
    picture('study-profile.svg', 'Share of runs above each accuracy, by method'),
    comparisonTable(
      experiment.comparisons.filter(({ part }) => part === 'contest'),
      study,
    ),
    `## Across tasks`,
    `Each model was trained on one task and tested on both: ${tasks}.`,
    picture('study-exam.svg', 'Accuracy by task trained on and task tested on'),
    examTable(study),
    comparisonTable(
      experiment.comparisons.filter(({ part, trainedOn, testedOn }) => part === 'exam' && trainedOn !== testedOn),
      study,
    ),
    ...(hasSweeps(study)
      ? [
          `## Weight of the format reward`,
          picture('study-reward-weight.svg', 'Accuracy by weight of the format reward'),
          cellTable(sweepCells(study, 'reward-weight'), 'rewardWeight'),
          `## Constant KL weight`,
          picture('study-kl-weight.svg', 'Accuracy by constant KL weight'),
          cellTable(sweepCells(study, 'kl-weight'), 'klWeight'),
          comparisonTable(
            experiment.comparisons.filter(({ part }) => part === 'kl-weight'),
            study,
          ),
        ]
      : []),
    ...(request.kind === 'study' && !(request.probes ?? true)
      ? []
      : [`## Other questions: wordings, absent things, direct answers`, probesText(study.probes)]),
    `## Claim by claim`,
    ...experiment.claims.map((claim) => claimText(study, claim)),
    ...pilotText(study),
    `## How to read this`,
    howToRead(request, experiment.comparisons),
    `## Repeat it`,
    `\`npx atelier study paper ${optionsOf(study)}\` ${ran.commit === null ? '' : `at commit \`${ran.commit}\` `}runs the study, or continues one that was interrupted.${againOf(request) ? ' `npm run build:questions -- FOLDER` draws such datasets; import these two first.' : ''} All runs, steps, completions and answers are in its data folder, \`atelier-study/home\`. To open them in the studio, run \`npm start -- --home=atelier-study/home\`.`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .concat('\n');
}

function title(study: StudyDocument): string {
  const { model } = study.ran;
  if (!hasSweeps(study)) return `# The paper's contest and exam on ${model.name}`;
  return `# The paper's three experiments on ${model.name === 'Atelier nano' ? 'the starter model' : model.name}`;
}

/** Whether the study sweeps the weight of the format reward or of the KL term. */
function hasSweeps({ experiment: { request } }: StudyDocument): boolean {
  if (request.kind !== 'study') return false;
  // Absent = the default weights.
  return request.rewardWeights?.length !== 0 || request.klWeights?.length !== 0;
}

/** The options that repeat the study. */
function optionsOf(study: StudyDocument): string {
  const { experiment, ran } = study;
  const seeds = `--seeds ${experiment.request.seeds.join(',')}`;
  if (ran.options !== undefined)
    return ran.options.includes('--seeds') ? ran.options : `${seeds} ${ran.options}`.trim();
  return `${seeds}${stepsOption(study)}${againOf(experiment.request) ? ' --ask-again counting-more,geometry-more' : ''}`;
}

function againOf(request: StudyDocument['experiment']['request']): boolean {
  return request.kind === 'study' && request.askAgain !== undefined;
}

/** The earlier study, whose verdicts stand until this one has its own. */
function pilotText({ pilot, experiment: { request } }: StudyDocument): string[] {
  if (pilot === undefined) return [];
  return [
    `## The study before this one`,
    `A study with ${pilot.seeds} seeds (${pilot.runs} runs, ${pilot.writtenAt.slice(0, 10)}) came first${againOf(request) ? ', with fewer questions' : ', with the KL weights of the paper'}. Its data are in \`study-pilot.json\`. This is what it found${againOf(request) ? '' : ', by the rule of its time and without any correction for the number of claims'}:`,
    table(
      ['claim', 'verdict'],
      pilot.claims.map(({ claim, verdict }) => [claim, verdict]),
    ),
  ];
}

/** When each comparison was judged, and at which level; nothing if no looks were planned. */
function looksTable(study: StudyDocument): string[] {
  const { request, comparisons } = study.experiment;
  const { looks } = request;
  if (looks === undefined) return [];
  const levels = comparisons.flatMap(({ looks: seen }) => seen?.taken ?? []);
  const levelAt = (seeds: number): string => {
    const found = levels.find((one) => one.seeds === seeds);
    return found === undefined ? '–' : found.level.toFixed(4);
  };
  return [
    `**Looks.** The plan fixed when the study is judged: after ${looks.seeds.join(', ')} seeds, with ${looks.spending === 'pocock' ? "Pocock's" : "O'Brien and Fleming's"} spending function (Lan and DeMets). ${allLooksTaken(study) ? 'All looks have been taken: seeds beyond the last one do not count in this plan, and whatever is still open needs a new one.' : 'Seeds beyond the last look taken do not count yet.'}`,
    table(
      ['look', 'seeds', 'level of p, for a single comparison', 'comparisons with so many seeds'],
      looks.seeds.map((seeds, at) => [
        String(at + 1),
        String(seeds),
        levelAt(seeds),
        String(comparisons.filter(({ looks: seen }) => (seen?.taken.length ?? 0) > at).length),
      ]),
    ),
  ];
}

/** How much of a gain is form: strict and lenient accuracy side by side. */
function formTable({ readings = [], experiment: { datasets } }: StudyDocument): string {
  if (readings.length === 0) return '';
  const nameOf = (id: string): string => datasets.find((dataset) => dataset.id === id)?.name ?? id;
  return [
    `Part of every gain is form. *Strict* counts only answers in their tags, *lenient* also reads answers without them ("There are 2." is 2). The rest of this page is strict, as the paper is.`,
    table(
      ['task', 'method', 'strict', 'lenient', 'reasoning and answer in their tags'],
      readings.map(({ testedOn, label, strict, lenient, form }) => [
        nameOf(testedOn),
        label,
        percent(strict),
        percent(lenient),
        percent(form),
      ]),
    ),
  ].join('\n\n');
}

function stepsOption({ experiment: { request } }: StudyDocument): string {
  const { steps, evalSamples } = request.recipe ?? {};
  return `${steps === undefined ? '' : ` --steps ${steps}`}${evalSamples === undefined ? '' : ` --samples ${evalSamples}`}`;
}

/** That the runs are those of an earlier study, and what that means for the verdicts. */
function askedAgainText({ experiment: { request }, children }: StudyDocument): string[] {
  if (request.kind !== 'study' || request.askAgain === undefined) return [];
  const names = [...new Set(children.flatMap(({ tests }) => tests.map(({ datasetName }) => datasetName)))];
  return [
    `- **Asked again.** Nothing was trained for this page. It asks the runs of the study before this one other questions: those of ${names.join(' and ')}. The plan has the same claims, seeds, looks and levels, and was written before the first of these questions was asked, but after the verdicts of that study were known. The seeds are the same, so the two studies are not independent of each other.`,
  ];
}

function whatWasRun(study: StudyDocument): string {
  const { experiment, ran, children, plan } = study;
  const { request, datasets } = experiment;
  if (request.kind !== 'study') return '';
  const { tasks, contestArms: arms = CONTEST_ARMS } = request;
  const hasControl = arms.includes('grpo-matched');
  const recipe = request.recipe ?? {};
  const seeds = request.seeds ?? [];
  const setups = tasks.map((task, index) => {
    const shots =
      task.trainSamples === undefined
        ? 'all training samples'
        : `the first ${task.trainSamples} training samples (few-shot)`;
    const other = task.otherBeta === undefined || !arms.includes('grpo-other') ? '' : ` or ${task.otherBeta}`;
    return `- **${datasets[index]?.name ?? ''}**: ${shots}. GRPO has β = ${task.beta ?? ''}${other}. GRPO-D follows \`paper-eq3\` from ${task.betaMin ?? ''} to ${task.betaMax ?? ''} and explores for ${percent(task.explorationRatio ?? 0, 0)} of the steps.${hasControl ? ' The control has a constant β equal to the mean of that schedule.' : ''}`;
  });
  return [
    `- **Model**: ${ran.model.name} (\`${ran.model.sha256.slice(0, 16)}…\`), LoRA, the default recipe (docs/cli.md), ${recipe.steps ?? ''} updates in every run. Seeds ${seeds.join(', ')}.`,
    ...setups,
    `- **SFT** learns the reference answer in its tags, \`<answer> 5 </answer>\`, with the prompt masked. Like the paper's data, ours contains no reasoning to imitate. Template, samples, number of updates, questions per update and learning rate are those of the other methods.`,
    ...(hasSweeps(study) ? [sweepsText(study)] : []),
    `- **Tests** decode greedily, with the training template, on every ${request.askAgain === undefined ? 'held-out' : 'further'} question${recipe.evalSamples === undefined ? '' : ` (here only the first ${recipe.evalSamples})`}.`,
    ...askedAgainText(study),
    `- **Size**: ${ran.runs} runs in ${children.length} parts, ${(ran.trainingSeconds / 60).toFixed(0)} minutes of training. From ${ran.startedAt ?? ''} to ${ran.endedAt ?? 'now'}.`,
    ...planLine(plan),
    `- **Machine**: ${ran.machine.processor}, ${ran.machine.cores} cores, ${bytes(ran.machine.memoryBytes)}, ${ran.machine.system}, Node ${ran.machine.node}, ${ran.device ?? 'no device'}. Atelier ${ran.atelier}${ran.commit === null ? '' : `, commit \`${ran.commit.slice(0, 12)}\``}.`,
  ].join('\n');
}

function sweepsText({ experiment: { request, datasets } }: StudyDocument): string {
  if (request.kind !== 'study') return '';
  const { tasks } = request;
  return `- **Sweeps** use GRPO with a constant KL weight on ${datasets[request.sweepTask ?? 1]?.name ?? ''}. A run that appears in several tables was made once (the run with β = ${tasks[request.sweepTask ?? 1].beta ?? ''} and format weight 1 is in the exam and in both sweeps).`;
}

function contestCells(study: StudyDocument, id: string): ResultCell[] {
  return reasoning(study).filter(
    (cell) =>
      cell.parts.includes('contest') && cell.testedOn === id && (cell.trainedOn === null || cell.trainedOn === id),
  );
}

function sweepCells(study: StudyDocument, part: 'reward-weight' | 'kl-weight'): ResultCell[] {
  const value = (cell: ResultCell): number => (part === 'kl-weight' ? cell.klWeight : cell.rewardWeight) ?? 0;
  return reasoning(study)
    .filter((cell) => cell.parts.includes(part) && cell.testedOn === cell.trainedOn)
    .sort((a, b) => value(a) - value(b));
}

function reasoning(study: StudyDocument): ResultCell[] {
  return study.experiment.cells.filter((cell) => cell.mode === 'reasoning' && cell.seeds.length > 0);
}

function cellTable(cells: readonly ResultCell[], swept?: 'rewardWeight' | 'klWeight'): string {
  if (cells.length === 0) return 'None of these runs is done yet.';
  return table(
    [
      swept === undefined ? 'method' : 'value',
      'accuracy, mean over seeds',
      '95% over seeds',
      'interquartile mean',
      'each seed (correct/asked, Wilson 95%)',
      'updates',
      'tokens generated',
      'tokens learned from',
    ],
    cells.map((cell) => [
      swept === undefined ? cell.label : String(cell[swept] ?? ''),
      percent(cell.mean),
      interval(cell.low, cell.high),
      cell.interquartile === undefined
        ? '–'
        : `${percent(cell.interquartile.mean)} (${interval(cell.interquartile.low, cell.interquartile.high)})`,
      cell.seeds
        .map(
          ({ seed, accuracy: { correct, n, low, high } }) =>
            `${seed === null ? '' : `${seed}: `}${correct}/${n} (${percent(low)} to ${percent(high)})`,
        )
        .join('<br>'),
      whole(cell.updates),
      whole(cell.tokensGenerated),
      whole(cell.tokensLearned),
    ]),
  );
}

function examTable(study: StudyDocument): string {
  const { datasets } = study.experiment;
  const cells = reasoning(study).filter((cell) => cell.parts.includes('exam'));
  const rows = [...new Map(cells.map((cell) => [`${cell.arm} ${cell.trainedOn ?? ''}`, cell])).values()];
  const nameOf = (id: string | null): string => datasets.find((dataset) => dataset.id === id)?.name ?? '–';
  return table(
    [
      'method',
      'trained on',
      ...datasets.map(({ name }) => `tested on ${name}`),
      'updates',
      'tokens generated',
      'tokens learned from',
    ],
    rows.map((row) => [
      row.label,
      nameOf(row.trainedOn),
      ...datasets.map(({ id }) => {
        const cell = cells.find((c) => c.arm === row.arm && c.trainedOn === row.trainedOn && c.testedOn === id);
        return cell === undefined
          ? '–'
          : cell.low === null
            ? percent(cell.mean)
            : `${percent(cell.mean)} (${interval(cell.low, cell.high)})`;
      }),
      whole(row.updates),
      whole(row.tokensGenerated),
      whole(row.tokensLearned),
    ]),
  );
}

function comparisonTable(comparisons: readonly ArmComparison[], { experiment: { datasets } }: StudyDocument): string {
  if (comparisons.length === 0) return '';
  const nameOf = (id: string): string => datasets.find((dataset) => dataset.id === id)?.name ?? id;
  return table(
    [
      'trained on → tested on',
      'difference',
      'points, mean',
      'over seeds and questions',
      'seeds',
      'p, corrected',
      'p of equivalence, corrected',
      'chance that a run is better',
      'ranked',
    ],
    comparisons.map((one) => [
      `${nameOf(one.trainedOn)} → ${nameOf(one.testedOn)}`,
      `${one.second} − ${one.first}`,
      points(one.mean),
      one.crossed ? `${points(one.crossed.low)} to ${points(one.crossed.high)}` : '–',
      String(one.perSeed.length),
      shownP(one.adjustedP),
      shownP(one.adjustedEquivalenceP),
      percent(one.probabilityOfImprovement, 0),
      ranked(one),
    ]),
  );
}

function ranked({ verdict, first, second, looks }: ArmComparison): string {
  if (looks?.taken.length === 0) return 'no look yet';
  return { first, second, equivalent: 'equivalent', undecided: 'may be chance' }[verdict];
}

function probesText(probes: readonly Probe[]): string {
  const of = (mode: string): Probe[] => probes.filter(({ evaluation }) => evaluation.mode === mode);
  if (probes.length === 0) return 'These evaluations are not done yet.';
  return [
    `On the first task, with the first seed. **Wordings**: each question in nine wordings; the spread is that of their accuracies. **Absent things**: how many there are of something that the picture does not show. The correct answer is always 0, and the starter model has never seen such a question. **Direct answers**: the same questions as \`Quick: {question}\`; from an answer without tags the last number counts.`,
    table(
      ['model', 'mean over wordings', 'lowest', 'highest', 'sd', 'correct in every wording'],
      of('sensitivity').flatMap(({ arm, evaluation: { sensitivity } }) =>
        sensitivity === null
          ? []
          : [
              [
                arm,
                percent(sensitivity.mean),
                percent(sensitivity.min),
                percent(sensitivity.max),
                percent(sensitivity.sd),
                `${sensitivity.always.correct}/${sensitivity.always.n}`,
              ],
            ],
      ),
    ),
    table(
      ['model', 'gives a number above 0', 'says 0', 'gives no number'],
      of('hallucination').flatMap(({ arm, evaluation: { hallucination } }) =>
        hallucination === null
          ? []
          : [[arm, counted(hallucination.named), counted(hallucination.denied), String(hallucination.without)]],
      ),
    ),
    table(
      ['model', 'accuracy of direct answers', 'tokens per answer', 'answers with reasoning'],
      of('direct').map(({ arm, evaluation }) => [
        arm,
        counted(evaluation.accuracy),
        evaluation.meanTokens.toFixed(1),
        percent(evaluation.thinkRate),
      ]),
    ),
  ].join('\n\n');
}

function howToRead(
  { looks, seeds }: StudyDocument['experiment']['request'],
  comparisons: readonly ArmComparison[],
): string {
  const smallest = comparisons.find(({ smallestDifference }) => smallestDifference !== undefined)?.smallestDifference;
  if (comparisons.length > 0 && smallest === undefined) return oldRule(seeds.length).join('\n\n');
  const margin = points(smallest ?? SMALLEST_DIFFERENCE).replace('+', '');
  const planned = comparisons.some(({ adjustedP = null }) => adjustedP !== null) ? ' (Holm)' : '';
  return [
    `Another seed gives another result, and so do other test questions. Verdicts rest on the mean difference with seeds and questions as crossed random effects: neither a spread over seeds alone nor a test over all answers alone shows how far another study could differ. Its p is corrected for the number of comparisons that the claims rest on${planned}${looks === undefined ? '' : ', and for the number of looks: the interval holds for all looks together'}. The interval *over seeds* in the first tables is Student's, the interquartile mean leaves out the best and the worst quarter of the runs (its interval by the bootstrap), and the *chance that a run is better* is the share of pairs of runs in which the second method wins.`,
    `The rule for verdicts, with at least three seeds: if p < 0.05 and the whole interval lies above the claimed size, the claim is *reproduced*; if p < 0.05 and it lies at or below that size, it is *not reproduced*. This p is the corrected one, over seeds and questions (for the relative gain across tasks: over seeds), so for a difference, the narrower interval over seeds alone never decides. A difference that two one-sided tests show to be smaller than ${margin} points either way is *equivalent*; anything else is *undecided*. A claim about several effects is reproduced or equivalent if all of them are, and not reproduced if one of them is not. The rule is implemented in \`electron/studio/experiments/claims.ts\`, its statistics in \`electron/method/decide.ts\` and \`electron/method/sequential.ts\`.`,
  ].join('\n\n');
}

/** Of studies whose comparisons treat questions as given. */
function oldRule(seeds: number): string[] {
  return [
    `Another seed gives another result, and so do other test questions. The tables show both kinds of uncertainty. The interval *over seeds* is Student's for ${seeds} seed${seeds === 1 ? '' : 's'}; with so few it is wide. The Wilson interval beside each run is about its questions alone. Differences are paired: the same questions, seed by seed. McNemar's test pools the questions of all seeds, which counts each question once per seed. A verdict therefore needs the test and the interval over seeds, never the test alone.`,
    `The rule for verdicts, with at least three seeds: if the whole interval lies above the claimed size, the claim is *reproduced*; if it lies at or below it, the claim is *not reproduced*; otherwise it is *undecided*. A difference of accuracies also needs p < 0.05, either way. A claim about several effects is reproduced if all of them are, and not reproduced if one of them is not. The rule is implemented in \`electron/studio/experiments/claims.ts\`. There is no correction for testing six claims.`,
  ];
}

/** What the verdicts may rest on: the plan, if the study began with one. */
function planLine(plan: StudyDocument['plan']): string[] {
  if (plan === undefined) return [];
  const words = `- **Plan**: \`study-plan.json\`, written before the first run (\`${plan.sha256.slice(0, 16)}…\`).`;
  return [plan.fault === null ? `${words}${powerText(plan)}` : `${words} **No verdict is given.** ${plan.fault}`];
}

/** Why so many seeds. */
function powerText({ statistics }: NonNullable<StudyDocument['plan']>): string {
  const power = statistics?.power;
  if (!power) return '';
  const seeds = power.seeds === null ? 'no number of seeds' : `${power.seeds} seeds`;
  return ` The differences in an earlier study (${power.pilot.seeds} seeds, ${power.pilot.writtenAt.slice(0, 10)}) spread by ${percent(power.sd).replace('%', ' points')} from seed to seed. With that, ${seeds} decide a single comparison at ${percent(power.smallestDifference).replace('%', ' points')} in four of five studies; the looks and the correction for ${statistics?.comparisons ?? 0} comparisons need a few more.`;
}

function shownP(p: number | null | undefined): string {
  return typeof p === 'number' ? pValue(p) : '–';
}

function counted({ correct, n, low, high }: { correct: number; n: number; low: number; high: number }): string {
  return `${percent(n === 0 ? 0 : correct / n)} (${correct}/${n}, ${percent(low)} to ${percent(high)})`;
}

function interval(low: number | null, high: number | null): string {
  return low === null || high === null ? '–' : `${percent(Math.max(0, low))} to ${percent(Math.min(1, high))}`;
}

function whole(value: number | null): string {
  return value === null ? '–' : Math.round(value).toLocaleString('en');
}
