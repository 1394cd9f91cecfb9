/** @file A run or an experiment as one page to hand on, from what the store has. Computes and measures nothing. */
import type { EvaluationExplanation, EvaluationItem } from '../../contract/model/evaluations.ts';
import type { EvaluationId, ExperimentId, RunId } from '../../contract/model/primitives.ts';
import type { ReportPage, ReportSubject } from '../../contract/model/reports.ts';
import { answerOf, authorsOf, chooseSamples, creditsOf } from '../../reporting/report/choose.ts';
import { experimentPage } from '../../reporting/report/experiment-page.ts';
import { sideOf, type ReportSample, type Side } from '../../reporting/report/facts.ts';
import { runPage } from '../../reporting/report/run-page.ts';
import type { StudioContext, StudioCore } from '../context.ts';
import { recipeDataset, recipeSamples } from '../datasets/recipe-data.ts';
import { explainChange } from '../evaluations/explain.ts';
import { experimentDetail } from '../experiments/detail.ts';
import { recipeSha256 } from '../recipes/resolve.ts';

type Studio = Pick<StudioCore, 'store' | 'pictures' | 'version'>;

/** Enough for a curve; a run of 100,000 steps would make a page of many megabytes. */
const MOST_POINTS = 600;
/** The longer side of a picture on the page, in pixels. */
const PICTURE_SIZE = 480;

/** @throws AtelierError NOT_FOUND for an unknown run or experiment */
export async function reportOf(studio: StudioContext, subject: ReportSubject): Promise<ReportPage> {
  return subject.kind === 'run'
    ? await reportOfRun(studio, subject.runId)
    : await reportOfExperiment(studio, subject.experimentId);
}

async function reportOfRun(studio: Studio, runId: RunId): Promise<ReportPage> {
  const { store, version } = studio;
  const { summary, recipe, device } = await store.runs.get(runId);
  const { base, tuned } = summary.evaluationIds;
  const explained = await explanationOf(studio, base, tuned);
  const html = runPage({
    atelierVersion: version,
    createdAt: new Date().toISOString(),
    run: summary,
    recipe,
    recipeSha256: recipeSha256(recipe),
    device,
    model: await store.models.get(recipe.modelId),
    dataset: { ...(await recipeDataset(store, recipe)), snapshotSha256: recipe.datasetSha256 },
    base: await sideFor(studio, base),
    tuned: await sideFor(studio, tuned),
    change: explained?.change ?? null,
    passAtK: explained?.passAtK ?? null,
    changeSentences: explained?.sentences ?? [],
    steps: await store.runs.steps(runId, MOST_POINTS),
    heldOut: await store.runs.heldOut(runId),
    credits: creditsOf(await recipeSamples(store, recipe)),
    samples: base === null || tuned === null ? [] : await shownSamples(studio, base, tuned),
  });
  return { fileName: fileNameOf(summary.name, summary.id), html };
}

async function reportOfExperiment(studio: StudioContext, experimentId: ExperimentId): Promise<ReportPage> {
  const detail = await experimentDetail(studio, { experimentId });
  const html = experimentPage({ atelierVersion: studio.version, createdAt: new Date().toISOString(), detail });
  return { fileName: fileNameOf(detail.summary.name, experimentId), html };
}

async function sideFor({ store }: Studio, id: EvaluationId | null): Promise<Side | null> {
  return id === null ? null : sideOf(await store.evaluations.get(id));
}

/** Why answers changed; null where the two evaluations share no question. */
async function explanationOf(
  studio: Studio,
  base: EvaluationId | null,
  tuned: EvaluationId | null,
): Promise<EvaluationExplanation | null> {
  if (base === null || tuned === null) return null;
  const [before, after] = [await studio.store.evaluations.items(base), await studio.store.evaluations.items(tuned)];
  const asked = new Set(before.map(({ sampleId }) => sampleId));
  return after.some(({ sampleId }) => asked.has(sampleId)) ? await explainChange(studio, { a: base, b: tuned }) : null;
}

async function shownSamples(studio: Studio, base: EvaluationId, tuned: EvaluationId): Promise<ReportSample[]> {
  const { store } = studio;
  const [before, after] = [await store.evaluations.items(base), await store.evaluations.items(tuned)];
  const byId = (items: readonly EvaluationItem[]): Map<string, EvaluationItem> =>
    new Map(items.map((item) => [item.sampleId, item]));
  const [first, second] = [byId(before), byId(after)];
  const shown: ReportSample[] = [];
  for (const sampleId of chooseSamples(before, after)) {
    const [one, other] = [first.get(sampleId), second.get(sampleId)];
    if (one === undefined || other === undefined) continue;
    const sample = await store.datasets.sample(sampleId);
    const { orientation } = await store.datasets.get(sample.datasetId);
    const picture = { path: await store.blobs.get(sample.imageSha256), upright: orientation === 'upright' };
    shown.push({
      sampleId,
      imageName: sample.imageName,
      // A picture that has become unreadable leaves its question and answers on the page.
      image: await studio.pictures.thumbnail(picture, PICTURE_SIZE).then(dataAddress, () => null),
      question: sample.prompt,
      reference: sample.answer,
      licence: sample.licence,
      authors: authorsOf(sample),
      base: answerOf(one),
      tuned: answerOf(other),
    });
  }
  return shown;
}

function dataAddress(webp: Uint8Array): string {
  return `data:image/webp;base64,${Buffer.from(webp).toString('base64')}`;
}

/** The name in letters that every system takes, or the id if none is left. */
function fileNameOf(name: string, id: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60);
  return `${plain === '' ? id : plain}-report.html`;
}
