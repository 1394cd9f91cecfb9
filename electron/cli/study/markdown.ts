/** @file The study as study.md: tables, plots and a paragraph for each claim of the paper, written from study.json alone. */
import type { ArmComparison, Claim, ResultCell } from '../../contract/model/experiments.ts';
import { percent } from '../../reporting/figures.ts';
import type { Probe, StudyDocument } from './document.ts';

/** @param plots names of the plots that lie beside the page */
export function studyPage(study: StudyDocument, plots: ReadonlySet<string>): string {
  const { experiment, ran } = study;
  const { request, datasets } = experiment;
  const tasks = datasets.map(({ name }) => name).join(' and ');
  const picture = (name: string, words: string): string => (plots.has(name) ? `\n![${words}](${name})\n` : '');
  return [
    `# The paper's three experiments on the starter model`,
    `This page is written by \`npx atelier study paper\` from \`study.json\` beside it; no figure and no verdict in it is set by hand.`,
    study.complete
      ? ''
      : `**Not finished:** ${experiment.summary.completed} of ${experiment.summary.children} parts are done. What follows holds for these; give the command again to go on.`,
    `## Verdicts`,
    table(
      ['claim', 'verdict'],
      experiment.claims.map((claim) => [claim.claim, `**${claim.verdict}**`]),
    ),
    `## What was run`,
    whatWasRun(study),
    `## The same task`,
    `Every method with the same number of updates on the same samples, tested on the held-out questions of the task it was trained on.`,
    picture('study-contest.svg', 'Accuracy on the same task, by method'),
    ...datasets.map(({ id, name }) => `### ${name}\n\n${cellTable(contestCells(study, id))}`),
    comparisonTable(
      experiment.comparisons.filter(({ part }) => part === 'contest'),
      study,
    ),
    `## Across tasks`,
    `Trained on one task, tested on both: ${tasks}.`,
    picture('study-exam.svg', 'Accuracy by task trained on and task tested on'),
    examTable(study),
    comparisonTable(
      experiment.comparisons.filter(({ part, trainedOn, testedOn }) => part === 'exam' && trainedOn !== testedOn),
      study,
    ),
    `## Weight of the format reward`,
    picture('study-reward-weight.svg', 'Accuracy by weight of the format reward'),
    cellTable(sweepCells(study, 'reward-weight'), 'rewardWeight'),
    `## Constant KL weight`,
    picture('study-kl-weight.svg', 'Accuracy by constant KL weight'),
    cellTable(sweepCells(study, 'kl-weight'), 'klWeight'),
    `## Before and after: wording, things that are not there, direct answers`,
    probesText(study.probes),
    `## Claim by claim`,
    ...experiment.claims.map(claimText),
    `## How to read this`,
    howToRead(request.seeds.length),
    `## Do it again`,
    `\`npx atelier study paper --seeds ${request.seeds.join(',')}${stepsOption(study)}\` ${ran.commit === null ? '' : `at commit \`${ran.commit}\` `}runs it from the start, or goes on where it was interrupted. Runs, steps, completions and answers lie in its data folder (\`atelier-study/home\`); \`npm start -- --home=atelier-study/home\` opens them in the studio.`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .concat('\n');
}

function stepsOption({ experiment: { request } }: StudyDocument): string {
  const { steps, evalSamples } = request.recipe ?? {};
  return `${steps === undefined ? '' : ` --steps ${steps}`}${evalSamples === undefined ? '' : ` --samples ${evalSamples}`}`;
}

function whatWasRun({ experiment, ran, children }: StudyDocument): string {
  const { request, datasets } = experiment;
  if (request.kind !== 'study') return '';
  const { tasks } = request;
  const recipe = request.recipe ?? {};
  const seeds = request.seeds ?? [];
  const memory = (ran.machine.memoryBytes / 2 ** 30).toFixed(0);
  const setups = tasks.map((task, index) => {
    const shots =
      task.trainSamples === undefined
        ? 'all training samples'
        : `the first ${task.trainSamples} training samples (few-shot)`;
    return `- **${datasets[index]?.name ?? ''}**: ${shots}. GRPO β = ${task.beta ?? ''}; GRPO-D \`paper-eq3\` from ${task.betaMin ?? ''} to ${task.betaMax ?? ''}, exploring for ${percent(task.explorationRatio ?? 0, 0)} of the steps; control: constant β equal to the mean of that schedule.`;
  });
  return [
    `- **Model**: ${ran.model.name} (\`${ran.model.sha256.slice(0, 16)}…\`), LoRA, default recipe (docs/cli.md), ${recipe.steps ?? ''} updates in every run, whatever the method. Seeds ${seeds.join(', ')}.`,
    ...setups,
    `- **SFT** imitates the reference answer in its tags, \`<answer> 5 </answer>\`, with the prompt masked: the data has no thoughts to imitate, as in the paper's data. Same template, same samples, same number of updates and questions per update, same learning rate as the other methods.`,
    `- **Sweeps** are made with GRPO and a constant KL weight on ${datasets[request.sweepTask ?? 1]?.name ?? ''}; a run that several tables share was made once (the run with β = ${tasks[request.sweepTask ?? 1].beta ?? ''} and format weight 1 is in the exam and in both sweeps).`,
    `- **Tests** are greedy, in the template of training, on every held-out question${recipe.evalSamples === undefined ? '' : ` (here only the first ${recipe.evalSamples})`}.`,
    `- **Size**: ${ran.runs} runs in ${children.length} parts, ${(ran.trainingSeconds / 60).toFixed(0)} minutes of training alone. ${ran.startedAt ?? ''} to ${ran.endedAt ?? 'now'}.`,
    `- **Machine**: ${ran.machine.processor}, ${ran.machine.cores} cores, ${memory} GiB, ${ran.machine.system}, Node ${ran.machine.node}, ${ran.device ?? 'no device'}. Atelier ${ran.atelier}${ran.commit === null ? '' : `, commit \`${ran.commit.slice(0, 12)}\``}.`,
    `- **Not the paper's**: a model of 4 million weights that was made mediocre on purpose (resources/models/nano/README.md), drawn pictures, and LoRA instead of all weights. A verdict here is about the method on this model; it says nothing about a 2B model.`,
  ].join('\n');
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
  if (cells.length === 0) return 'Nothing of this is done yet.';
  return table(
    [
      swept === undefined ? 'method' : 'value',
      'accuracy, mean over seeds',
      '95% over seeds',
      'each seed (right/asked, Wilson 95%)',
      'updates',
      'tokens generated',
      'tokens learned from',
    ],
    cells.map((cell) => [
      swept === undefined ? cell.label : String(cell[swept] ?? ''),
      percent(cell.mean),
      interval(cell.low, cell.high),
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
      'points, mean over seeds',
      '95% over seeds',
      'questions gained / lost',
      'McNemar p',
      'ranked',
    ],
    comparisons.map((one) => [
      `${nameOf(one.trainedOn)} → ${nameOf(one.testedOn)}`,
      `${one.second} − ${one.first}`,
      signed(one.mean),
      one.low === null || one.high === null ? '–' : `${signed(one.low)} to ${signed(one.high)}`,
      `${one.gained} / ${one.lost}`,
      one.p < 0.001 ? '< 0.001' : one.p.toFixed(3),
      one.verdict === 'undecided' ? 'not told from chance' : one.verdict === 'second' ? one.second : one.first,
    ]),
  );
}

function probesText(probes: readonly Probe[]): string {
  const of = (mode: string): Probe[] => probes.filter(({ evaluation }) => evaluation.mode === mode);
  if (probes.length === 0) return 'This is not done yet.';
  return [
    `Made on the first task with the first seed. **Wording**: each question in nine wordings; the spread is over the wordings' accuracies. **Things that are not there**: how many there are of something that the picture does not show; the right answer is always 0, and the starter model has never seen one. **Direct answers**: the same questions as \`Quick: {question}\`, answers without tags are read as their last number.`,
    table(
      ['model', 'mean over wordings', 'lowest', 'highest', 'sd', 'right in every wording'],
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
      ['model', 'names a number of what is not there', 'says 0', 'no number'],
      of('hallucination').flatMap(({ arm, evaluation: { hallucination } }) =>
        hallucination === null
          ? []
          : [[arm, counted(hallucination.named), counted(hallucination.denied), String(hallucination.without)]],
      ),
    ),
    table(
      ['model', 'direct answers: accuracy', 'tokens per answer', 'thoughts'],
      of('direct').map(({ arm, evaluation }) => [
        arm,
        counted(evaluation.accuracy),
        evaluation.meanTokens.toFixed(1),
        percent(evaluation.thinkRate),
      ]),
    ),
  ].join('\n\n');
}

function claimText(claim: Claim): string {
  return [
    `### ${claim.claim}`,
    `**${claim.verdict[0]?.toUpperCase() ?? ''}${claim.verdict.slice(1)}.** ${claim.explanation} The paper: ${claim.paper} The rule: ${claim.rule}`,
    ...(claim.estimates.length < 2
      ? []
      : [
          claim.estimates
            .map(
              ({ label, value, low, high }) =>
                `- ${label}: ${figure(value)}${low === null || high === null ? '' : ` (95% over seeds: ${figure(low)} to ${figure(high)})`}`,
            )
            .join('\n'),
        ]),
  ].join('\n\n');
}

function howToRead(seeds: number): string {
  return [
    `A run with another seed comes out differently, and so does a test with other questions; both are shown. The interval *over seeds* is Student's for ${seeds} seed${seeds === 1 ? '' : 's'} (wide, as it must be for so few); Wilson's interval beside each run is about its questions alone. Differences are paired: the same questions, seed by seed; McNemar's test takes the questions of all seeds together, which counts a question once per seed, so it is asked for beside the interval over seeds and never instead of it.`,
    `The rule for verdicts: the whole interval over at least three seeds above the claimed size is *reproduced*; the whole interval at or below it is *not reproduced* (differences of accuracies need p < 0.05 as well, for either); anything else is *undecided*. A claim about several effects is reproduced when all are, and not reproduced when one is not. The rule is \`electron/studio/experiments/claims.ts\`. No correction is made for asking six claims.`,
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
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

function signed(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)}`;
}

function figure(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
}
