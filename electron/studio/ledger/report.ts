/** @file The ledger for screens and terminals: of datasets before a run, or of the images a run actually used. */
import type {
  DatasetSummary,
  LedgerReason,
  LedgerReport,
  LedgerRequest,
  ModelSummary,
  RewardSpec,
  RunId,
  Sample,
} from '../../contract/api/index.ts';
import { compareCodePoints } from '../../provenance/signing/canonical-json.ts';
import { creditLine, creditsOf } from '../../provenance/ledger/credits.ts';
import {
  RULE_SOURCE,
  RULE_TEXT,
  type LedgerReason as Reason,
  type RuleId,
} from '../../provenance/ledger/ledger-rules.ts';
import { LEDGER_NOTICE, assessLicences, statedAdapterOf } from '../../provenance/ledger/ledger.ts';
import type { Ledger, LedgerInput, PurposeVerdict, StatedAdapter } from '../../provenance/ledger/ledger.ts';
import { verdictSentence } from '../../provenance/ledger/ledger-words.ts';
import { DUTY_TEXT, factsOf, urlOf } from '../../provenance/ledger/licence-facts.ts';
import {
  buildManifest,
  isTrained,
  proposedAnswersText,
  trainedImageLicences,
} from '../../provenance/documents/manifest.ts';
import type { ManifestRow } from '../../provenance/documents/manifest.ts';
import { rewardCodeOf } from '../../provenance/documents/reward-code.ts';
import { licenceIdsOf } from '../../provenance/documents/spdx.ts';
import type { Store } from '../../store/connection/open.ts';
import { recipeDatasets, recipeSamples } from '../datasets/recipe-data.ts';
import type { ImageIndex } from './image-refs.ts';
import { causeOf, indexImages } from './image-refs.ts';
import { timesLearned } from '../runs/start-from.ts';

/** Without a base model, the images are judged as if the model imposed no terms. */
const NO_BASE = 'CC0-1.0';

/** The ledger of a hypothetical run on these datasets, without opted-out images. */
export async function ledgerForDatasets(store: Store, request: LedgerRequest): Promise<LedgerReport> {
  const datasets: DatasetSummary[] = [];
  const samples: Sample[] = [];
  for (const datasetId of new Set(request.datasetIds)) {
    datasets.push(await store.datasets.get(datasetId));
    samples.push(...(await store.datasets.allSamples(datasetId)));
  }
  const model = request.modelId === undefined ? null : await store.models.get(request.modelId);
  return report({ datasets, samples, timesSeen: null, model, rewards: [], runId: null });
}

/** What the licences permit for a run's weights, based on the images it has drawn so far. */
export async function ledgerForRun(store: Store, runId: RunId): Promise<LedgerReport> {
  const { summary: run, recipe } = await store.runs.get(runId);
  return report({
    datasets: await recipeDatasets(store, recipe),
    samples: await recipeSamples(store, recipe, undefined, run.createdAt),
    timesSeen: await timesLearned(store, runId, run.step),
    model: await store.models.get(recipe.modelId),
    rewards: recipe.rewards,
    startAdapter: statedAdapterOf(recipe),
    runId,
  });
}

interface ReportInput {
  datasets: readonly DatasetSummary[];
  samples: readonly Sample[];
  timesSeen: ReadonlyMap<string, number> | null;
  model: ModelSummary | null;
  rewards: readonly RewardSpec[];
  startAdapter?: StatedAdapter | undefined;
  runId: RunId | null;
}

function report({ datasets, samples, timesSeen, model, rewards, runId, startAdapter }: ReportInput): LedgerReport {
  const manifest = buildManifest({ samples, timesSeen, evaluatedSampleIds: new Set() });
  const index = indexImages(samples);
  const rewardCode = rewardCodeOf(rewards);
  const input: LedgerInput = {
    baseLicence: model === null ? NO_BASE : model.licence,
    imageLicences: trainedImageLicences(manifest),
    rewardCode,
    startAdapter,
  };
  const ledger = assessLicences(input);
  const trained = manifest.filter(isTrained);
  const credits = creditsOf(manifest);
  const lines = credits.map((credit) => creditLine(credit));
  return {
    datasets: datasets.map(({ id, name, unknownUse }) => ({ id, name, unknownUse })),
    runId,
    base: model === null ? null : baseLine(model),
    startAdapter: ledger.startAdapter ?? null,
    rewardCode: ledger.rewardCode ?? [],
    images: trained.length,
    lines: linesOf(ledger, input, trained.length, index),
    purposes: ledger.purposes.map((verdict) =>
      trained.length === 0 ? withoutImages(verdict, samples, runId !== null, index) : explainVerdict(verdict, index),
    ),
    duties: ledger.duties.map(({ duty, text, because }) => ({ duty, text, because })),
    optedOut: optedOutOf(manifest, index),
    proposedAnswers: proposedAnswersText(manifest),
    credits: credits.map((credit, at) => ({
      title: credit.title,
      author: credit.author,
      source: credit.url ?? credit.place ?? credit.creditUrl ?? null,
      licence: credit.licence,
      licenceUrl: licenceIdsOf(credit.licence).flatMap((id) => urlOf(id) ?? [])[0] ?? null,
      images: credit.images,
      line: lines[at] ?? '',
    })),
    attributionText: lines.map((line) => `${line}\n`).join(''),
    outboundLicences: model === null || trained.length === 0 ? [] : ledger.outboundLicences,
    rules: (Object.keys(RULE_TEXT) as RuleId[]).map((rule) => ({
      rule,
      text: RULE_TEXT[rule],
      source: RULE_SOURCE[rule],
    })),
    notice: LEDGER_NOTICE,
  };
}

/** The verdict on a purpose, with its sentence and the images behind it. */
export function explainVerdict(verdict: PurposeVerdict, index: ImageIndex): LedgerReport['purposes'][number] {
  return {
    purpose: verdict.purpose,
    verdict: verdict.verdict,
    sentence: verdictSentence(verdict),
    reasons: verdict.reasons.map((reason) => explainReason(reason, index)),
  };
}

/** Without an image that trains there is nothing to permit; what the base model prevents still holds. */
function withoutImages(
  verdict: PurposeVerdict,
  samples: readonly Sample[],
  isRun: boolean,
  index: ImageIndex,
): LedgerReport['purposes'][number] {
  const explained = explainVerdict(verdict, index);
  if (verdict.verdict === 'blocked') return explained;
  const sentence = isRun ? 'No image has been trained on so far, so nothing is permitted yet.' : noneTrains(samples);
  return { ...explained, verdict: 'needs-decision', sentence };
}

function noneTrains(samples: readonly Sample[]): string {
  const silent = new Set(
    samples.flatMap(({ split, excluded, imageSha256 }) =>
      split === 'train' && excluded?.cause === 'unknown' ? imageSha256 : [],
    ),
  );
  const remedy =
    silent.size === 0
      ? ''
      : ` ${silent.size === 1 ? '1 image says nothing about training and is' : `${silent.size} images say nothing about training and are`} left out until you decide about ${silent.size === 1 ? 'it' : 'them'}.`;
  return `No image here trains, so there is nothing to permit.${remedy}`;
}

export function explainReason({ rule, text, imageIds }: Reason, index: ImageIndex): LedgerReason {
  return { rule, ruleText: RULE_TEXT[rule], text, images: causeOf(imageIds, index) };
}

function baseLine(model: ModelSummary): NonNullable<LedgerReport['base']> {
  const readings = licenceIdsOf(model.licence).flatMap((id) => factsOf(id)?.reading ?? []);
  const reading =
    readings.length > 0
      ? [...new Set(readings)].join(' ')
      : model.licence === null
        ? 'No licence was found with it, so you must decide: read its terms, and set its licence.'
        : 'Atelier has not read this licence, so read its terms and decide.';
  return { modelId: model.id, name: model.name, licence: model.licence, reading, origin: model.origin };
}

/** One line per stated licence and opt-out, in the ledger's order, with the images behind it. */
function linesOf(ledger: Ledger, input: LedgerInput, total: number, index: ImageIndex): LedgerReport['lines'] {
  const groups = new Map<string, string[]>();
  for (const { expression, imageIds, optedOut } of input.imageLicences) {
    const key = JSON.stringify([expression, optedOut ?? false]);
    groups.set(key, [...(groups.get(key) ?? []), ...imageIds]);
  }
  // The ledger sorts its table by the same keys.
  const ordered = [...groups].sort(([a], [b]) => compareCodePoints(a, b));
  return ledger.table
    .map((line, at) => {
      const imageIds = ordered[at]?.[1] ?? [];
      const facts = line.readAs.flatMap((id) => factsOf(id) ?? []);
      const [first] = line.readAs;
      return {
        licence: line.expression,
        readAs: line.readAs,
        images: causeOf([...imageIds].sort(), index),
        share: total === 0 ? 0 : line.images / total,
        reading: line.reading,
        duties: [...new Set(facts.flatMap(({ duties }) => duties.map((duty) => DUTY_TEXT[duty])))],
        url: first === undefined ? null : urlOf(first),
        sources: [...new Set(line.readAs.flatMap((id) => urlOf(id) ?? []))],
      };
    })
    .sort((a, b) => b.images.count - a.images.count);
}

function optedOutOf(manifest: readonly ManifestRow[], index: ImageIndex): LedgerReport['optedOut'] {
  const optedOut = manifest.filter((row) => row.verdict === 'opted-out');
  const ids = (rows: readonly ManifestRow[]): string[] => rows.map(({ imageSha256 }) => imageSha256);
  return {
    leftOut: causeOf(ids(optedOut.filter((row) => !isTrained(row))), index),
    usedByDecision: causeOf(ids(optedOut.filter((row) => isTrained(row))), index),
  };
}
