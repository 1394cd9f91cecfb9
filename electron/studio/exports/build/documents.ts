/** @file Builds a bundle's documents from its run's facts. Pure except for licence texts: same facts, same bytes. */
import type { AuditEntry } from '../../../contract/api/index.ts';
import { FROZEN_WEIGHTS } from '../../../formats/nf4.ts';
import { datasetIdsOf } from '../../../method/mixture.ts';
import { relevantChain } from '../../../provenance/signing/audit-chain.ts';
import type { ChainEntry } from '../../../provenance/signing/audit-chain.ts';
import type { BundleDescription } from '../../../provenance/documents/bundle-description.ts';
import { canonicalJson, sha256Hex, stableJson, stableJsonLines } from '../../../provenance/signing/canonical-json.ts';
import { attributionCsv, creditsOf, noticeText } from '../../../provenance/ledger/credits.ts';
import type { Credit } from '../../../provenance/ledger/credits.ts';
import { buildCroissant } from '../../../provenance/documents/croissant.ts';
import { buildCycloneDx } from '../../../provenance/documents/cyclonedx.ts';
import { assessLicences, statedAdapterOf } from '../../../provenance/ledger/ledger.ts';
import type { Ledger } from '../../../provenance/ledger/ledger.ts';
import {
  buildManifest,
  isTrained,
  licenceWithSources,
  manifestText,
  trainedImageLicences,
  proposedAnswersText,
} from '../../../provenance/documents/manifest.ts';
import type { ManifestRow } from '../../../provenance/documents/manifest.ts';
import { modelCard } from '../../../provenance/documents/model-card.ts';
import type { FileDigest } from '../../../provenance/signing/model-signing.ts';
import { recordsRootSha256 } from '../../../provenance/signing/records-root.ts';
import { rewardCodeOf } from '../../../provenance/documents/reward-code.ts';
import { requiredTexts } from '../../../provenance/documents/licence-texts.ts';
import type { RequiredTexts } from '../../../provenance/documents/licence-texts.ts';
import { buildRunStatement } from '../../../provenance/documents/slsa.ts';
import { buildSpdx3 } from '../../../provenance/documents/spdx3.ts';
import { usePrograms, type UseKind } from '../../../provenance/documents/use-programs.ts';
import { USE_FILE } from '../../../reporting/use-commands.ts';
import { trainingSummary } from '../../../provenance/documents/training-summary.ts';
import type { ExportFacts } from './facts.ts';

/** Names of a bundle's files; the names of `model.sig` and the weights come from their formats. */
export const FILE = {
  card: 'README.md',
  licence: 'LICENSE',
  notice: 'NOTICE',
  attribution: 'ATTRIBUTION.csv',
  manifest: 'manifest.jsonl',
  recipe: 'recipe.json',
  evaluation: 'evaluation.json',
  ledger: 'ledger.json',
  contribution: 'contribution.json',
  statement: 'provenance.slsa.json',
  envelope: 'provenance.intoto.jsonl',
  bom: 'bom.cdx.json',
  spdx: 'sbom.spdx3.json',
  croissant: 'croissant.json',
  summary: 'training-summary.md',
  audit: 'audit.jsonl',
  auditHead: 'audit.head.json',
  publicKey: 'atelier.pub.pem',
} as const;

/** What each file contains, in one sentence, for screens. */
const ABOUT_FILE: Readonly<Record<string, string>> = {
  'adapter_model.safetensors': 'The adapter, in PEFT’s format; its header names run, recipe, data and records.',
  Modelfile: 'How Ollama starts the model: `ollama create NAME`.',
  'gguf-check.json': 'What was found when the GGUF files were read back: tensors by type, and the largest error.',
  'merged-check.json': 'What was found when the merged weights were read back.',
  'mlx-check.json': 'What was found when the files for MLX were read back.',
  'config.json': 'The model’s configuration, with every field that mlx-vlm asks for.',
  'model.safetensors': 'All weights; the header names run, recipe, data and records.',
  'preprocessor_config.json': 'How pictures are resized, with the limit of pixels that training used.',
  'processor_config.json':
    'How pictures and text become the model’s input, with the limit of pixels that training used.',
  'README.md': 'The model card: what it was trained on, how, results, limits, credits.',
  LICENSE: 'The licence that you chose for the weights, or that none was chosen.',
  NOTICE: 'Licence, duties and credits, for people to read.',
  'ATTRIBUTION.csv': 'Every work in the images that were used: title, author, source, licence.',
  'manifest.jsonl': 'One line per image: hash, author, licence, signals, what it was used for and why.',
  'recipe.json': 'Everything that defines the run.',
  'evaluation.json': 'The answers of base and tuned model, item by item.',
  'ledger.json': 'What the licences permit, by which rule, because of which images.',
  'contribution.json': 'Which image taught the model: shares of the update, summed per author and licence.',
  'provenance.slsa.json': 'In-toto statement of the run with SLSA provenance.',
  'provenance.intoto.jsonl': 'The same statement in a signed envelope (DSSE), for verifiers of SLSA.',
  'bom.cdx.json': 'CycloneDX bill of materials.',
  'sbom.spdx3.json': 'SPDX 3 document with the AI and Dataset profiles.',
  'croissant.json': 'The dataset in Croissant with responsible-AI fields.',
  [USE_FILE.transformers]: 'Asks about one picture with transformers, as the run did.',
  [USE_FILE.mlx]: 'Asks about one picture with mlx-vlm, as the run did.',
  [USE_FILE.llamaCpp]: 'Asks about one picture with llama.cpp, as the run did.',
  [USE_FILE.ollama]: 'Makes the model in Ollama and asks about one picture.',
  [USE_FILE.conversation]: 'The conversation that llama.cpp is given, as the run rendered it.',
  'training-summary.md': 'The summary of training content in the form of the EU template.',
  'audit.jsonl': 'The part of the audit log that concerns this run.',
  'audit.head.json': 'The signed end of the audit log.',
  'atelier.pub.pem': 'The public key that signed the bundle.',
  'model.sig': 'The OpenSSF Model Signing signature over every other file.',
};

/** The same for a file of any name. */
export function aboutFile(name: string): string {
  if (name.startsWith('LICENSES/')) return 'The text of a licence of the images or the base model, which asks for it.';
  if (name.endsWith('.gguf'))
    return name.startsWith('mmproj') ? 'The vision tower, for llama.cpp.' : 'The language model, for llama.cpp.';
  return ABOUT_FILE[name] ?? '';
}

/** Files that say nothing about the finished weights, so the weights' header can name them all by a single hash. */
export const RECORD_FILES = [
  FILE.manifest,
  FILE.recipe,
  FILE.evaluation,
  FILE.ledger,
  FILE.contribution,
  FILE.attribution,
  FILE.notice,
  FILE.audit,
] as const;

export interface Judged {
  manifest: ManifestRow[];
  ledger: Ledger;
  credits: Credit[];
}

/** Lists the run's images and judges what their licences permit, before anything is written. */
export function judge(facts: ExportFacts): Judged {
  const asked = [facts.evaluation.base, facts.evaluation.tuned, ...facts.evaluation.others].flatMap(
    (record) => record?.items ?? [],
  );
  const evaluatedSampleIds = new Set<string>(asked.map((item) => item.sampleId));
  const manifest = buildManifest({ samples: facts.samples, timesSeen: facts.timesSeen, evaluatedSampleIds });
  const ledger = assessLicences({
    baseLicence: facts.model.licence,
    imageLicences: trainedImageLicences(manifest),
    rewardCode: rewardCodeOf(facts.recipe.rewards),
    unknownUse: facts.dataset.unknownUse,
    startAdapter: statedAdapterOf(facts.recipe),
  });
  return { manifest, ledger, credits: creditsOf(manifest) };
}

/** The licences of images, works in them, base model and reward code whose text must travel with the weights. */
export function textsToPassOn(
  facts: Pick<DocumentFacts, 'model' | 'recipe'>,
  { manifest }: Pick<Judged, 'manifest'>,
): RequiredTexts {
  const adapter = facts.recipe.startAdapter?.licence ?? null;
  return requiredTexts(manifest, facts.model.licence, rewardCodeOf(facts.recipe.rewards), adapter);
}

/** A family as the hub and ModelSpec write it. */
function tagOf({ family }: Pick<ExportFacts['family'], 'family'>): string {
  return family.replaceAll('_', '-');
}

/** String → string metadata for the header of the weights: ModelSpec's keys, plus the weights' origin. */
export function weightsMetadata(
  facts: ExportFacts,
  tensorSha256: string | null,
  licence: string | null,
  recordsSha256: string,
  merged = false,
  layout?: DocumentInput['layout'],
): Record<string, string> {
  const { recipe, run, model, checkpoint } = facts;
  const kind = merged ? 'full' : recipe.adapter.kind;
  return {
    format: layout === 'mlx' ? 'mlx' : 'pt',
    'modelspec.sai_model_spec': '1.0.1',
    'modelspec.architecture': kind === 'lora' ? `${tagOf(facts.family)}/lora` : tagOf(facts.family),
    'modelspec.implementation': implementationOf(kind, layout),
    'modelspec.title': recipe.name,
    'modelspec.description': `${recipe.method} on ${facts.dataset.name}, from ${model.name}`,
    ...(run.endedAt === null ? {} : { 'modelspec.date': run.endedAt }),
    ...(licence === null ? {} : { 'modelspec.license': licence }),
    // The header precedes the tensors, so their hash would have to be known before a merged model is computed.
    ...(tensorSha256 === null ? {} : { 'modelspec.hash_sha256': `0x${tensorSha256}` }),
    'atelier.run_id': run.id,
    'atelier.step': String(checkpoint.step),
    'atelier.recipe_sha256': facts.recipeSha256,
    'atelier.dataset_sha256': recipe.datasetSha256,
    'atelier.base_sha256': recipe.modelSha256,
    // What computes with an adapter must know it; in a merged model it is done.
    ...(kind === 'lora' && recipe.frozenWeights === 'nf4' ? { [FROZEN_WEIGHTS]: 'nf4' } : {}),
    'atelier.records_sha256': recordsSha256,
  };
}

function implementationOf(kind: 'lora' | 'full', layout: DocumentInput['layout']): string {
  if (layout !== undefined) return layout === 'gguf' ? 'llama.cpp' : 'mlx';
  return kind === 'lora' ? 'peft' : 'transformers';
}

/** The records, by name: every document that can be built before the weights are written. */
export function buildRecords(
  facts: ExportFacts,
  judged: Judged,
  licence: string | null,
  withDocuments: boolean,
): Map<string, string> {
  const { recipe, evaluation, contribution } = facts;
  const { manifest, ledger, credits } = judged;
  return new Map<string, string>([
    [FILE.manifest, manifestText(manifest)],
    [FILE.recipe, stableJson(recipe)],
    [FILE.evaluation, stableJson(evaluation)],
    [FILE.ledger, stableJson(ledger)],
    [FILE.attribution, attributionCsv(credits)],
    [FILE.notice, noticeOf(facts, judged, licence, withDocuments)],
    [FILE.audit, stableJsonLines(auditChainOf(facts))],
    ...(contribution === null ? [] : [[FILE.contribution, stableJson(contribution)] as const]),
  ]);
}

/** The text of NOTICE. */
export function noticeOf(
  { recipe, model }: Pick<DocumentFacts, 'recipe' | 'model'>,
  { ledger, credits }: Judged,
  licence: string | null,
  withManifest: boolean,
): string {
  const base = { name: model.name, licence: model.licence };
  const duties = ledger.duties.map(({ text }) => text);
  const { startAdapter } = recipe;
  return noticeText({ title: recipe.name, licence, base, startAdapter, duties, credits, withManifest });
}

/** The one hash by which the weights name all records. */
export function recordsSha256Of(records: ReadonlyMap<string, string>): string {
  return recordsRootSha256([...records].map(([name, text]) => ({ name, sha256: sha256Hex(text) })));
}

/**
 * The version of the documents' words and forms, named in the run statement. Raise it with every change to them:
 * `verify` builds the documents of this version again, and compares.
 */
export const DOCUMENTS_VERSION = '6';

/** The facts that records and documents state. A bundle holds all of them. */
export interface DocumentFacts extends Pick<
  ExportFacts,
  'recipe' | 'recipeSha256' | 'device' | 'baseFiles' | 'hub' | 'trainingSeconds' | 'evaluation' | 'contribution'
> {
  run: Pick<ExportFacts['run'], 'id' | 'startedAt' | 'endedAt' | 'createdAt'>;
  checkpoint: Pick<ExportFacts['checkpoint'], 'step'>;
  model: Pick<ExportFacts['model'], 'name' | 'licence' | 'sha256'>;
  family: Pick<ExportFacts['family'], 'family' | 'architecture'>;
  dataset: Pick<ExportFacts['dataset'], 'name' | 'createdAt' | 'orientation'>;
}

export interface DocumentInput {
  facts: DocumentFacts;
  /** UTF-8 bytes of the questions and answers that training used, by `trainedTextBytes`. */
  textBytes: number;
  judged: Judged;
  licence: string | null;
  records: ReadonlyMap<string, string>;
  /** The SHA-256 of each record, in place of the records themselves. */
  recordDigests?: ReadonlyMap<string, string>;
  /** Digests of the weights and their configuration, already written. */
  weights: readonly FileDigest[];
  warnings: readonly string[];
  /** False if only the card leaves with the weights. */
  withDocuments: boolean;
  /** True if an adapter was merged into the base model's weights. */
  merged: boolean;
  /** The programs that the weights are arranged for, other than transformers. */
  layout?: 'gguf' | 'mlx' | undefined;
  atelierVersion: string;
  /** Fingerprint of the key that will sign. */
  makerKey: string;
}

/** Every document that names the weights, by file name, except LICENSE, key, audit head and signature. */
export function buildDocuments(input: DocumentInput): Map<string, string> {
  const { facts, judged, licence, records, weights, warnings, atelierVersion } = input;
  const { recipe, run, model, dataset, checkpoint, evaluation } = facts;
  const { manifest, ledger, credits } = judged;
  const trained = manifest.filter(isTrained);
  const licences = distinctLicences(trained);
  const kind = useKindOf(input);
  const base = {
    name: model.name,
    licence: model.licence,
    sha256: model.sha256,
    tag: tagOf(facts.family),
    architecture: facts.family.architecture,
    hub: facts.hub,
  };
  const { orientation } = dataset;
  const programs = usePrograms({ recipe, kind, step: checkpoint.step, base, orientation });
  const documents = new Map<string, string>(programs);
  documents.set(
    FILE.card,
    modelCard({
      recipe,
      runId: run.id,
      step: checkpoint.step,
      kind,
      base,
      dataset: {
        name: dataset.name,
        images: manifest.length,
        trainingImages: trained.length,
        orientation,
        licences,
        tasks: [...new Set(trained.flatMap((row) => row.samples.map(({ task }) => task)))].sort(),
      },
      device: facts.device,
      trainingSeconds: facts.trainingSeconds,
      evaluation,
      ledger,
      licence,
      credits,
      proposedAnswers: proposedAnswersText(manifest),
      contribution: facts.contribution,
      withDocuments: input.withDocuments,
      warnings,
      atelierVersion,
    }),
  );
  const description = describe(input, [
    ...weights,
    ...[...programs].map(([name, text]) => ({ name, sha256: sha256Hex(text) })),
  ]);
  documents.set(FILE.croissant, stableJson(buildCroissant(description)));
  documents.set(FILE.bom, stableJson(buildCycloneDx(description)));
  documents.set(FILE.spdx, stableJson(buildSpdx3(description)));
  documents.set(FILE.summary, trainingSummary(description));
  const digestOf = (name: string): FileDigest => ({
    name,
    sha256: sha256Hex(documents.get(name) ?? records.get(name) ?? ''),
  });
  const statement = buildRunStatement({
    recipe,
    recipeSha256: facts.recipeSha256,
    runId: run.id,
    step: checkpoint.step,
    device: facts.device,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    atelierVersion,
    documentsVersion: DOCUMENTS_VERSION,
    subject: weights,
    base: {
      name: model.name,
      sha256: recipe.modelSha256,
      licence: model.licence,
      files: facts.baseFiles,
      hub: facts.hub,
    },
    dataset: {
      name: dataset.name,
      importedAt: dataset.createdAt,
      manifestSha256: digestOf(FILE.manifest).sha256,
      licences,
    },
    byproducts: [
      FILE.evaluation,
      FILE.ledger,
      ...(records.has(FILE.contribution) ? [FILE.contribution] : []),
      FILE.croissant,
      FILE.bom,
      FILE.spdx,
      FILE.summary,
      ...programs.keys(),
    ].map(digestOf),
  });
  documents.set(FILE.statement, stableJson(statement));
  return documents;
}

function useKindOf({ layout, merged, facts }: DocumentInput): UseKind {
  if (layout !== undefined) return layout;
  return merged || facts.recipe.adapter.kind === 'full' ? 'checkpoint' : 'adapter';
}

/** @param results the weights, what they need, and the programs that use them */
function describe(
  { facts, judged, licence, records, atelierVersion, makerKey, textBytes, recordDigests }: DocumentInput,
  results: readonly FileDigest[],
): BundleDescription {
  const { recipe, run, model, dataset, checkpoint, evaluation } = facts;
  const recordFile = (name: string): FileDigest => ({
    name,
    sha256: recordDigests?.get(name) ?? sha256Hex(records.get(name) ?? ''),
  });
  return {
    atelierVersion,
    runId: run.id,
    step: checkpoint.step,
    recipe,
    recipeSha256: facts.recipeSha256,
    device: facts.device,
    at: run.endedAt ?? run.startedAt ?? run.createdAt,
    base: {
      name: model.name,
      licence: model.licence,
      sha256: recipe.modelSha256,
      files: facts.baseFiles,
      architecture: facts.family.architecture,
      hub: facts.hub,
    },
    dataset: {
      name: dataset.name,
      importedAt: dataset.createdAt,
      orientation: dataset.orientation,
      textBytes,
    },
    manifest: judged.manifest,
    manifestFile: recordFile(FILE.manifest),
    attributionFile: recordFile(FILE.attribution),
    evaluation,
    ledger: judged.ledger,
    licence,
    results,
    makerKey,
  };
}

/** UTF-8 bytes of the questions and answers of the samples that training used. */
export function trainedTextBytes({ samples }: Pick<ExportFacts, 'samples'>, { manifest }: Judged): number {
  const trained = new Set(
    manifest
      .filter(isTrained)
      .flatMap((row) => row.samples.filter(({ split, timesSeen }) => split === 'train' && timesSeen !== 0))
      .map(({ id }) => id),
  );
  return samples
    .filter(({ id }) => trained.has(id))
    .reduce((sum, { prompt, answer }) => sum + Buffer.byteLength(prompt) + Buffer.byteLength(answer), 0);
}

/** The audit entries that belong to this run, its data, its base model and the evaluations in the bundle. */
export function auditChainOf(facts: ExportFacts): ChainEntry[] {
  const { evaluation, recipe, run } = facts;
  const evaluations = new Set<unknown>(
    [evaluation.base, evaluation.tuned, ...evaluation.others].flatMap((record) =>
      record === null ? [] : [record.summary.id],
    ),
  );
  const concerns = ({ action, body }: AuditEntry): boolean => {
    if (action.startsWith('export.')) return false;
    if (action.startsWith('evaluation.')) return evaluations.has(body['evaluationId']);
    if (action.startsWith('dataset.')) return datasetIdsOf(recipe).some((id) => body['datasetId'] === id);
    if (action.startsWith('model.')) return body['modelId'] === recipe.modelId;
    return body['runId'] === run.id;
  };
  return relevantChain(facts.audit, concerns);
}

/** The hash of a recipe, as used in the store and in every document. */
export function recipeSha256(recipe: unknown): string {
  return sha256Hex(canonicalJson(recipe));
}

function distinctLicences(rows: readonly ManifestRow[]): (string | null)[] {
  const distinct = [...new Set(rows.map(licenceWithSources))];
  return distinct.sort((a, b) => (a === null ? 1 : b === null ? -1 : a < b ? -1 : 1));
}
