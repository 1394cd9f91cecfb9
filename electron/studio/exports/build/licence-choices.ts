/** @file The licences you may choose for a run's weights, and why the others are refused. */
import type { LicenceChoice, LicenceChoices, RunId } from '../../../contract/api/index.ts';
import {
  LEDGER_NOTICE,
  assessLicences,
  explainOutbound,
  statedAdapterOf,
  verdictOf,
} from '../../../provenance/ledger/ledger.ts';
import type { LedgerInput } from '../../../provenance/ledger/ledger.ts';
import { factsOf, urlOf } from '../../../provenance/ledger/licence-facts.ts';
import { buildManifest, trainedImageLicences } from '../../../provenance/documents/manifest.ts';
import { licenceText } from '../../../provenance/documents/licence-texts.ts';
import type { OutboundChoice } from '../../../provenance/ledger/outbound.ts';
import { rewardCodeOf } from '../../../provenance/documents/reward-code.ts';
import type { Store } from '../../../store/connection/open.ts';
import { recipeSamples } from '../../datasets/recipe-data.ts';
import { indexImages } from '../../ledger/image-refs.ts';
import type { ImageIndex } from '../../ledger/image-refs.ts';
import { explainReason, explainVerdict } from '../../ledger/report.ts';
import { timesLearned } from '../../runs/start-from.ts';

/** Names and meanings for whoever licenses weights; the ledger's table addresses whoever trains on licensed work. */
const FOR_MAKERS: Record<string, { name: string; reading: string }> = {
  'Apache-2.0': {
    name: 'Apache License 2.0',
    reading: 'Everyone may use, change and sell it. They must keep notices and state changes; patents are granted.',
  },
  MIT: { name: 'MIT License', reading: 'Everyone may use, change and sell it. They must keep the notice.' },
  'CC-BY-4.0': {
    name: 'Creative Commons Attribution 4.0',
    reading: 'Everyone may use, change and sell it. They must credit you.',
  },
  'CC-BY-SA-4.0': {
    name: 'Creative Commons Attribution-ShareAlike 4.0',
    reading:
      'Everyone may use, change and sell it. They must credit you and publish what they make under the same licence.',
  },
  'CC-BY-NC-4.0': {
    name: 'Creative Commons Attribution-NonCommercial 4.0',
    reading: 'Everyone may use and change it non-commercially. They must credit you.',
  },
  'CC-BY-NC-SA-4.0': {
    name: 'Creative Commons Attribution-NonCommercial-ShareAlike 4.0',
    reading:
      'Everyone may use and change it non-commercially. They must credit you and publish what they make under the same licence.',
  },
  'CC0-1.0': {
    name: 'Creative Commons Zero 1.0',
    reading: 'You waive all rights. Nobody has to credit you.',
  },
};

/** @throws AtelierError NOT_FOUND if the run does not exist */
export async function licenceChoices(store: Store, runId: RunId): Promise<LicenceChoices> {
  const { summary: run, recipe } = await store.runs.get(runId);
  const model = await store.models.get(recipe.modelId);
  const samples = await recipeSamples(store, recipe, undefined, run.createdAt);
  // The weights are those of the last checkpoint: samples drawn later did not affect them.
  const step = run.lastCheckpointStep ?? run.step;
  const timesSeen = await timesLearned(store, runId, step);
  const manifest = buildManifest({ samples, timesSeen, evaluatedSampleIds: new Set() });
  const input: LedgerInput = {
    baseLicence: model.licence,
    imageLicences: trainedImageLicences(manifest),
    rewardCode: rewardCodeOf(recipe.rewards),
    startAdapter: statedAdapterOf(recipe),
  };
  const index = indexImages(samples);
  const choices = explainOutbound(input).map((choice) => describe(choice, index));
  return {
    runId,
    publish: explainVerdict(verdictOf(assessLicences(input), 'publish-non-commercially'), index),
    allowed: choices.filter(({ allowed }) => allowed),
    refused: choices.filter(({ allowed }) => !allowed),
    withoutChoice:
      'If you choose none, all rights stay reserved. LICENSE and the model card say so. You can choose later and export again.',
    notice: LEDGER_NOTICE,
  };
}

function describe(choice: OutboundChoice, index: ImageIndex): LicenceChoice {
  const { id, against } = choice;
  const facts = factsOf(id);
  return {
    id,
    name: FOR_MAKERS[id]?.name ?? facts?.name ?? id,
    reading: FOR_MAKERS[id]?.reading ?? facts?.reading ?? 'Its terms are those of the base model.',
    url: urlOf(id),
    textShipped: licenceText(id) !== null,
    allowed: against.length === 0,
    reasons: against.map((reason) => explainReason(reason, index)),
  };
}
