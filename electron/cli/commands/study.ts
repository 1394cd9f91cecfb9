/** @file `atelier study paper`: the paper's three experiments on the starter model, with tables, plots and verdicts. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import { ExperimentRequest, type ExperimentSummary } from '../../contract/model/experiments.ts';
import type { DatasetSummary } from '../../contract/model/datasets.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import type { DatasetId, ModelId } from '../../contract/model/primitives.ts';
import { checkExperimentEarly, dataToCome, TO_COME } from '../../studio/early-checks.ts';
import { given, type Arguments } from '../arguments.ts';
import { makeOutputFolder } from '../../studio/output-folder.ts';
import { writeAtomically } from '../demo/report-files.ts';
import type { Command, CommandContext, StudioClient } from '../command.ts';
import { experimentStatus, followExperiment } from '../follow-experiment.ts';
import { lookUpDataset, lookUpModel, type LookedUp } from '../resolve.ts';
import { seedList } from '../seeds.ts';
import { PILOT_FILE, pilotClaims, studyDocument, type StudyDocument } from '../study/document.ts';
import { studyPage } from '../study/markdown.ts';
import { faultOfPlan, PLAN_FILE, planOf, readPlan, statisticsOf, withoutPlan, withoutVerdicts } from '../study/plan.ts';
import { studyPlots } from '../study/plots.ts';
import { studyRequest, type StudyOptions } from '../study/request.ts';
import { counted } from '../text.ts';

export const studyCommand: Command = {
  usage: 'study <what>',
  summary: 'Repeat the experiments of the paper ("paper") on the starter model, and write what comes out',
  options: [
    [
      '--quick',
      'One seed and three values of each sweep: about 15 minutes on 2 idle cores; nothing can be decided with it',
    ],
    ['--model <model>', 'The model that is trained (default: the starter model)'],
    ['--tasks <two>', 'Its two tasks, the sweeps on the first (default: counting,geometry)'],
    ['--seeds <list>', 'Seeds, such as 7,8,9 (default: 7 to 16)'],
    ['--steps <n>', 'Updates of each run (default 60)'],
    ['--samples <n>', 'Test questions of each task, 1 or more (default: all)'],
    ['--train-samples <n>', 'Training samples of the first task, or all (default: 100)'],
    [
      '--contest',
      'Only the contest of base model, SFT, GRPO and GRPO-D, and the exam: no controls and no sweeps, in about half the time',
    ],
    [
      '--ask-again <two>',
      'Two datasets whose test questions are asked of the runs of the same study, which is done; nothing is trained',
    ],
    ['--out <dir>', 'Folder for study.md, study.json and the plots (default: docs)'],
    ['--pilot <file>', 'A study.json of an earlier study, whose spread goes into the plan'],
    ['--report', 'Run nothing: write what is done so far'],
  ],
  examples: [
    'atelier study paper',
    'atelier study paper --quick --out /tmp/study',
    'atelier study paper --contest --train-samples all --out ./contest',
  ],
  defaultHome: (args) => join(args.resolve('atelier-study'), 'home'),
  run: async (context) => {
    const { args, output, positional } = context;
    if (positional[0] !== 'paper') {
      throw new AtelierError('BAD_INPUT', `There is no study "${positional[0] ?? ''}".`, {
        remedy: 'Run `atelier study paper`.',
      });
    }
    const out = args.path('out') ?? join(context.places.root, 'docs');
    const client = await context.client();
    const named = await lookUpStudy(context);
    // What cannot begin, or has nothing to report, is refused before a model or data are added.
    const early = await requestOf(client, named, idsHere(named));
    checkExperimentEarly(early);
    const found = await findSame(client, early);
    await refuseFolderOfAnother(early, found, out);
    if (args.flag('report')) {
      if (found === null) {
        throw new AtelierError(
          'NOT_FOUND',
          'This study was not begun in this data folder, so there is nothing to write.',
          {
            remedy: 'Give the same options and --home as when it was begun.',
          },
        );
      }
      await writeStudy(context, found, out);
      return 0;
    }
    const request = await requestOf(client, named, await addAll(named));
    const known = await findSame(client, request);
    const started = await beginOrGoOn(context, request, known, out);
    if (!output.json) {
      output.note(
        known === null
          ? `Study ${started.id}: ${counted(started.children, 'part')}. It can be interrupted; the same command goes on.`
          : `Study ${started.id}: ${started.completed} of ${counted(started.children, 'part is', 'parts are')} done already.`,
      );
    }
    const { summary, byPerson } = await followExperiment(context, started);
    if (byPerson && summary.status !== 'completed') {
      output.note('Interrupted. The same command goes on; with --report it writes what is done so far.');
      return experimentStatus(summary, true);
    }
    if (summary.reason !== null) output.note(summary.reason);
    await writeStudy(context, summary, out);
    return experimentStatus(summary, byPerson);
  },
};

/** What the options say; models and data are found, and none is added. */
interface NamedStudy {
  options: Omit<StudyOptions, 'counting' | 'geometry' | 'modelId' | 'askAgain'>;
  model: LookedUp<ModelSummary>;
  tasks: LookedUpTwo;
  /** The datasets of `--ask-again`. */
  questions: LookedUpTwo | null;
}

interface StudyIds {
  modelId: ModelId;
  tasks: [DatasetId, DatasetId];
  questions: [DatasetId, DatasetId] | null;
}

async function lookUpStudy(context: CommandContext): Promise<NamedStudy> {
  const { args } = context;
  const options = {
    quick: args.flag('quick'),
    contestOnly: args.flag('contest'),
    ...given({
      seeds: seedsOf(args),
      steps: countOf(args, 'steps'),
      samples: countOf(args, 'samples'),
      trainSamples: samplesOf(args),
    }),
  };
  const names = args.text('ask-again');
  return {
    options,
    model: await lookUpModel(context, args.text('model')),
    tasks: await lookUpTwo(context, args.text('tasks') ?? 'counting,geometry', 'tasks'),
    questions: names === undefined ? null : await lookUpTwo(context, names, 'ask-again'),
  };
}

/** Ids of what is there, and stand-ins for what is not. */
function idsHere({ model, tasks, questions }: NamedStudy): StudyIds {
  return {
    modelId: model.here?.id ?? TO_COME.modelId,
    tasks: [tasks[0].here?.id ?? dataToCome(0), tasks[1].here?.id ?? dataToCome(1)],
    questions:
      questions === null ? null : [questions[0].here?.id ?? dataToCome(2), questions[1].here?.id ?? dataToCome(3)],
  };
}

/** The model first: one that cannot be used leaves no data behind. */
async function addAll({ model, tasks, questions }: NamedStudy): Promise<StudyIds> {
  const { id: modelId } = await model();
  const both = async ([one, other]: LookedUpTwo): Promise<[DatasetId, DatasetId]> => [
    (await one()).id,
    (await other()).id,
  ];
  return { modelId, tasks: await both(tasks), questions: questions === null ? null : await both(questions) };
}

/** @throws AtelierError NOT_FOUND if the study that is to be asked again is not done */
async function requestOf(
  client: StudioClient,
  { options }: NamedStudy,
  { modelId, tasks, questions }: StudyIds,
): Promise<ExperimentRequest> {
  const first: StudyOptions = { ...options, modelId, counting: tasks[0], geometry: tasks[1] };
  if (questions === null) return studyRequest(first);
  const done = await findSame(client, studyRequest(first));
  if (done?.status === 'completed') return studyRequest({ ...first, askAgain: { study: done.id, questions } });
  throw new AtelierError('NOT_FOUND', 'The study that is to be asked again is not done in this data folder.', {
    place: { field: '--ask-again' },
    remedy: 'Run it first, with the same options and --home but without --ask-again.',
  });
}

type LookedUpTwo = [LookedUp<DatasetSummary>, LookedUp<DatasetSummary>];

/** Looks up two datasets, given as `one,other`. */
async function lookUpTwo(context: CommandContext, text: string, option: string): Promise<LookedUpTwo> {
  const [one, other, ...more] = text.split(',').map((name) => name.trim());
  if (one === undefined || other === undefined || more.length > 0) {
    throw new AtelierError('BAD_INPUT', 'A study has two tasks.', {
      place: { field: `--${option}` },
      remedy: `Name two datasets, such as \`--${option} counting,geometry\`.`,
    });
  }
  return [await lookUpDataset(context, one, `--${option}`), await lookUpDataset(context, other, `--${option}`)];
}

/** A whole number of at least 1. */
function countOf(args: Arguments, name: string): number | undefined {
  const count = args.integer(name);
  if (count === undefined || count >= 1) return count;
  throw new AtelierError('BAD_INPUT', `--${name} must be at least 1, not ${count}.`, { place: { field: `--${name}` } });
}

function samplesOf(args: Arguments): number | 'all' | undefined {
  return args.text('train-samples') === 'all' ? 'all' : countOf(args, 'train-samples');
}

function seedsOf(args: Arguments): number[] | undefined {
  const text = args.text('seeds');
  return text === undefined ? undefined : seedList(text);
}

/** A study that asks again leaves the page of the one that it asks. */
async function refuseFolderOfAnother(
  request: ExperimentRequest,
  known: ExperimentSummary | null,
  out: string,
): Promise<void> {
  if (request.kind !== 'study' || request.askAgain === undefined) return;
  const there = await planIn(out);
  if (there === null) return;
  const planned = readPlan(there)?.request;
  const asked = planned?.kind === 'study' ? planned.askAgain : undefined;
  // The rest of a plan may have been changed since: it is still the folder of this study, which then says so.
  if (known !== null && JSON.stringify(asked) === JSON.stringify(request.askAgain)) return;
  throw new AtelierError('CONFLICT', `${out} holds the plan of another study, which this one would replace.`, {
    place: { field: '--out' },
    remedy: 'Name another folder with --out.',
  });
}

/** The newest experiment with exactly this request. */
async function findSame(client: StudioClient, request: ExperimentRequest): Promise<ExperimentSummary | null> {
  const wanted = JSON.stringify(withoutPlan(ExperimentRequest.parse(request)));
  for (const summary of await client.experiments.list()) {
    if (summary.kind !== 'study') continue;
    const detail = await client.experiments.get({ experimentId: summary.id });
    if (JSON.stringify(withoutPlan(ExperimentRequest.parse(detail.request))) === wanted) return detail.summary;
  }
  return null;
}

async function beginOrGoOn(
  context: CommandContext,
  request: ExperimentRequest,
  known: ExperimentSummary | null,
  out: string,
): Promise<ExperimentSummary> {
  const client = await context.client();
  if (known === null) {
    const datasets = await client.datasets.list();
    const tasks = 'tasks' in request ? request.tasks : [];
    const names = tasks.map(({ datasetId }) => datasets.find(({ id }) => id === datasetId)?.name ?? datasetId);
    const pilot = await pilotOf(context);
    const plan = planOf(request, names, pilot);
    await makeOutputFolder(out);
    if (pilot !== null) await writeAtomically(join(out, PILOT_FILE), `${JSON.stringify(pilot, null, 2)}\n`);
    const before = await planIn(out);
    await writeAtomically(join(out, PLAN_FILE), `${JSON.stringify(plan, null, 2)}\n`);
    try {
      return await client.experiments.start({ ...request, planSha256: plan.sha256 });
    } catch (error) {
      // A study that was refused leaves no plan, and the one that was there stays.
      if (before === null) await rm(join(out, PLAN_FILE), { force: true });
      else await writeAtomically(join(out, PLAN_FILE), before);
      throw error;
    }
  }
  return known.status === 'completed' ? known : client.experiments.resume({ experimentId: known.id });
}

/** The study that the plan's number of seeds rests on; null if none is named. */
async function pilotOf({ args }: CommandContext): Promise<StudyDocument | null> {
  const file = args.path('pilot');
  if (file === undefined) return null;
  const found = await studyIn(file);
  if (found !== null) return found;
  throw new AtelierError('BAD_INPUT', `${file} is not the study.json of a study.`, { place: { file, field: 'pilot' } });
}

/** The study in a file; null if there is none. */
async function studyIn(file: string): Promise<StudyDocument | null> {
  const found = await readFile(file, 'utf8')
    .then((text) => JSON.parse(text) as Partial<StudyDocument>)
    .catch(() => null);
  return found?.format === 'atelier-study/1' ? (found as StudyDocument) : null;
}

async function writeStudy(context: CommandContext, { id }: ExperimentSummary, out: string): Promise<void> {
  const { output, places } = context;
  const client = await context.client();
  const detail = await client.experiments.get({ experimentId: id });
  const { planSha256 } = detail.request;
  const planned = await planIn(out);
  const fault = faultOfPlan(planned, ExperimentRequest.parse(detail.request), detail.claims);
  const judged = fault === null ? detail : withoutVerdicts(detail, fault);
  const pilot = await studyIn(join(out, PILOT_FILE));
  const written = await studyDocument(client, judged, places);
  const study: StudyDocument = {
    ...written,
    ran: { ...written.ran, options: typedOptions(context.args) },
    ...(pilot === null ? {} : { pilot: pilotClaims(pilot) }),
    ...(planSha256 === undefined ? {} : { plan: { sha256: planSha256, fault, ...statisticsOf(planned) } }),
  };
  if (fault !== null) output.note(`${fault} No verdict is given.`);
  const plots = studyPlots(study);
  await makeOutputFolder(out);
  for (const [name, svg] of plots) await writeAtomically(join(out, name), svg);
  await writeAtomically(join(out, 'study.json'), `${JSON.stringify(study, null, 2)}\n`);
  await writeAtomically(join(out, 'study.md'), studyPage(study, new Set(plots.keys())));
  output.result({ type: 'result', out, complete: study.complete, claims: study.experiment.claims }, () =>
    verdictsText(study, out),
  );
}

/** The options that say which study it is, as you type them. */
function typedOptions(args: Arguments): string {
  const names = ['model', 'tasks', 'seeds', 'steps', 'samples', 'train-samples', 'ask-again'];
  const typed = names.flatMap((name) => {
    const value = args.text(name);
    if (value === undefined) return [];
    return [`--${name} ${/^[\w.,-]+$/.test(value) ? value : JSON.stringify(value)}`];
  });
  const flags = ['quick', 'contest'].filter((name) => args.flag(name)).map((name) => `--${name}`);
  return [...typed, ...flags].join(' ');
}

/** The text of the plan in a folder; null if there is none. */
async function planIn(out: string): Promise<string | null> {
  return await readFile(join(out, PLAN_FILE), 'utf8').catch(() => null);
}

function verdictsText(study: StudyDocument, out: string): string {
  return [
    ...study.experiment.claims.map(({ verdict, claim }) => `${verdict.padEnd(15)} ${claim}`),
    `Written to ${join(out, 'study.md')}, study.json and the plots beside them.`,
  ].join('\n');
}
