/** @file Checks 2, 3, 5 and 9: the documents agree with each other, with the weights, and with the calendar. */
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { Recipe, type Proportion } from '../../../contract/api/index.ts';
import { checkpointHashOf } from '../../../formats/checkpoint.ts';
import { openGguf } from '../../../formats/gguf/gguf-file.ts';
import { openSafetensors } from '../../../formats/safetensors.ts';
import type { AuditHead } from '../../../provenance/signing/audit-chain.ts';
import { oneLine } from '../../../provenance/ledger/credits.ts';
import { EvaluationFile, faultOfCounts, faultOfSamples } from '../../../provenance/documents/evaluation-record.ts';
import type { EvaluationRecord } from '../../../provenance/documents/evaluation-record.ts';
import type { FileDigest } from '../../../provenance/signing/model-signing.ts';
import type { ManifestRow } from '../../../provenance/documents/manifest.ts';
import { recordsRootSha256 } from '../../../provenance/signing/records-root.ts';
import { faultOfStatementEnvelope } from '../../../provenance/signing/statement-envelope.ts';
import { dependencyOf } from '../../../provenance/documents/slsa.ts';
import type { RunStatement } from '../../../provenance/documents/slsa.ts';
import { wilson } from '../../../method/statistics.ts';
import { FILE, RECORD_FILES, recipeSha256 } from '../build/documents.ts';
import { beyondBundle, cannotTell, fail, pass, readDocument, readText, unusable } from './verify-checks.ts';
import type { Check, Document } from './verify-checks.ts';
import { tensorSha256 } from '../build/weights.ts';
import { counted } from '../../../method/counted.ts';

/** Input of `verifyDocuments`: the actual files, and the documents as read. */
export interface BundleDocuments {
  folder: string;
  files: readonly FileDigest[];
  statement: Document<RunStatement>;
  manifest: Document<ManifestRow[]>;
  /** True if nothing shows that the folder was ever signed as a whole, so that files may have been left out. */
  isUnsigned: boolean;
}

/** Runs the checks in sequence: a missing document gives "cannot tell", a contradiction gives a failure. */
export async function verifyDocuments(bundle: BundleDocuments): Promise<Check[]> {
  return [
    ...(await checkWeights(bundle)),
    checkStatement(bundle),
    await checkRecipe(bundle),
    await checkEvaluation(bundle),
    await checkCard(bundle),
  ];
}

/** The files that hold tensors. */
export function weightsOf(files: readonly FileDigest[]): FileDigest[] {
  return files.filter((file) => /\.(safetensors|gguf)$/.test(file.name));
}

/** The entries of a weights file's header, and how many tensors it has. @throws AtelierError if it is not valid */
export async function weightsHeader(
  path: string,
): Promise<{ metadata: Readonly<Record<string, string>>; count: number }> {
  if (!path.endsWith('.gguf')) {
    const reader = await openSafetensors(path);
    await reader.close();
    return { metadata: reader.metadata, count: reader.names().length };
  }
  const reader = await openGguf(path);
  await reader.close();
  const texts = [...reader.metadata].filter(([, [type]]) => type === 'string');
  return {
    metadata: Object.fromEntries(texts.map(([key, [, text]]) => [key, text as string])),
    count: reader.tensors.size,
  };
}

/** 3: every weights file is valid, and its metadata names the same run as the statement. */
export async function checkWeights(bundle: Omit<BundleDocuments, 'manifest'>): Promise<Check[]> {
  const { files } = bundle;
  const weights = weightsOf(files);
  if (weights.length === 0) return [cannotTell('weights', 'The bundle contains no safetensors or GGUF file.')];
  const checks: Check[] = [];
  for (const { name } of weights) checks.push(...(await checkWeightsFile(name, bundle)));
  return checks;
}

async function checkWeightsFile(name: string, bundle: Omit<BundleDocuments, 'manifest'>): Promise<Check[]> {
  const { folder, statement } = bundle;
  const path = join(folder, name);
  let metadata: Readonly<Record<string, string>>;
  let count: number;
  try {
    ({ metadata, count } = await weightsHeader(path));
  } catch (cause) {
    return [fail('weights', cause instanceof AtelierError ? cause.message : `${name} cannot be read.`)];
  }
  const isOurs = Object.keys(metadata).some((key) => key.startsWith('atelier.'));
  const records = isOurs || statement.kind === 'read' ? [checkRecords(metadata, name, bundle)] : [];
  const stated = metadata['modelspec.hash_sha256'];
  if (stated !== undefined && stated !== `0x${await tensorSha256(path)}`) {
    return [fail('weights', `${name} states the hash ${stated} for its tensors, but they have a different one.`)];
  }
  if (statement.kind !== 'read') return [pass('weights', `${name} is valid: ${count} tensors.`), ...records];
  const { buildDefinition } = statement.value.predicate;
  const { recipe } = buildDefinition.externalParameters;
  const expected: Record<string, string> = {
    'atelier.run_id': runIdOf(statement.value),
    'atelier.step': String(buildDefinition.internalParameters.step),
    'atelier.recipe_sha256': buildDefinition.internalParameters.recipeSha256,
    'atelier.dataset_sha256': recipe.datasetSha256,
    'atelier.base_sha256': recipe.modelSha256,
  };
  const wrong = Object.entries(expected)
    .filter(([key, value]) => metadata[key] !== value)
    .map(([key]) => key);
  if (wrong.length > 0)
    return [fail('weights', `${name} and ${FILE.statement} disagree about ${wrong.join(', ')}.`), ...records];
  return [
    pass(
      'weights',
      `${name} is valid: ${count} tensors. Its header names the same run, step, recipe, dataset and base as ${FILE.statement}.`,
    ),
    ...records,
  ];
}

/** The run statement's own envelope, which bundles of earlier versions do not have. */
export async function checkEnvelope(folder: string, signedBy: string | null): Promise<Check[]> {
  const name = 'signed run statement';
  const [text, statement] = [await readText(folder, FILE.envelope), await readText(folder, FILE.statement)];
  if (text === null || statement === null) return [];
  if (signedBy === null)
    return [cannotTell(name, `${FILE.envelope} cannot be checked without a key with a valid signature.`)];
  const fault = faultOfStatementEnvelope(text, statement, signedBy);
  return [
    fault === null
      ? pass(name, `${FILE.envelope} is ${FILE.statement}, signed with the bundle's key.`)
      : fail(name, `${FILE.envelope} ${fault}.`),
  ];
}

/** True if the header of any of these weights was written by an export of Atelier. */
export async function areWeightsOurs(folder: string, files: readonly FileDigest[]): Promise<boolean> {
  for (const { name } of weightsOf(files)) {
    const header = await weightsHeader(join(folder, name)).catch(() => null);
    if (Object.keys(header?.metadata ?? {}).some((key) => key.startsWith('atelier.'))) return true;
  }
  return false;
}

/** The run that a statement is about. */
export function runIdOf(statement: RunStatement): string {
  const name = statement.predicate.runDetails.metadata.invocationId.replace('atelier:run/', '');
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** The weights' header names all records by one hash, so the weights alone lead to their documents. */
function checkRecords(
  metadata: Readonly<Record<string, string>>,
  name: string,
  { files, isUnsigned }: Pick<BundleDocuments, 'files' | 'isUnsigned'>,
): Check {
  const stated = metadata['atelier.records_sha256'];
  if (stated === undefined)
    return cannotTell(
      'records',
      `The header of ${name} does not name the records of its bundle. An older version made it.`,
    );
  const records = files.filter((file) => (RECORD_FILES as readonly string[]).includes(file.name));
  const absent = RECORD_FILES.filter((file) => !records.some((record) => record.name === file));
  if (recordsRootSha256(records) !== stated && isUnsigned && absent.length > 0)
    return cannotTell(
      'records',
      `The header of ${name} names the records of its bundle, and not all of them are here (${absent.join(', ')}).`,
    );
  if (recordsRootSha256(records) !== stated)
    return fail(
      'records',
      `The header of ${name} names records that differ from the ones here (${RECORD_FILES.join(', ')}).`,
    );
  return pass(
    'records',
    `The header of ${name} names the ${records.length} records of this bundle by their common hash.`,
  );
}

/** 2: the results and byproducts in the statement are the files in this folder. */
function checkStatement({ files, statement, manifest }: BundleDocuments): Check {
  if (statement.kind !== 'read') return unusable('run statement', FILE.statement, statement);
  const found = new Map(files.map((file) => [file.name, file.sha256]));
  const { subject, predicate } = statement.value;
  const manifestDigest = dependencyOf(statement.value, 'dataset-manifest')?.digest.sha256;
  const stated = [
    ...subject.map((entry) => ({ name: entry.name, sha256: entry.digest.sha256 })),
    ...predicate.runDetails.byproducts.map((entry) => ({ name: entry.name, sha256: entry.digest.sha256 })),
    ...(manifestDigest === undefined ? [] : [{ name: FILE.manifest as string, sha256: manifestDigest }]),
  ];
  const wrong = stated.filter(({ name, sha256 }) => found.get(name) !== sha256).map(({ name }) => name);
  if (wrong.length > 0)
    return fail(
      'run statement',
      `${FILE.statement} names contents that differ from the files here: ${wrong.join(', ')}.`,
    );
  const unnamed = weightsOf(files).filter((file) => !subject.some((entry) => entry.name === file.name));
  if (unnamed.length > 0)
    return fail('run statement', `${FILE.statement} does not name ${unnamed.map((file) => file.name).join(', ')}.`);
  const { recipe } = predicate.buildDefinition.externalParameters;
  const faults = [
    ...(dependencyOf(statement.value, 'base-model')?.digest.sha256 === recipe.modelSha256
      ? []
      : ['the base model is not the recipe’s']),
    ...(dependencyOf(statement.value, 'dataset')?.digest.sha256 === recipe.datasetSha256
      ? []
      : ['the dataset is not the recipe’s']),
    ...(baseFilesHash(statement.value) === recipe.modelSha256
      ? []
      : ['the base model’s hash does not follow from its files']),
    ...(manifest.kind === 'read' && manifestDigest === undefined ? ['the manifest is not named'] : []),
  ];
  if (faults.length > 0) return fail('run statement', `${FILE.statement} contradicts itself: ${faults.join('; ')}.`);
  return pass(
    'run statement',
    `${FILE.statement} names these weights, this manifest, and ${subject.length + 1} more hashes that match. It is the maker's own statement (SLSA Build L1).`,
  );
}

function baseFilesHash(statement: RunStatement): string {
  const prefix = 'base-model/';
  const files = statement.predicate.buildDefinition.resolvedDependencies
    .filter((dependency) => dependency.name.startsWith(prefix))
    .map((dependency) => ({ name: dependency.name.slice(prefix.length), sha256: dependency.digest.sha256 }));
  return checkpointHashOf(files.sort((a, b) => (a.name < b.name ? -1 : 1)));
}

async function checkRecipe({ folder, statement }: BundleDocuments): Promise<Check> {
  const recipe = await readDocument(folder, FILE.recipe, Recipe);
  if (recipe.kind !== 'read') return unusable('recipe', FILE.recipe, recipe);
  if (statement.kind !== 'read')
    return cannotTell('recipe', `${FILE.recipe} is valid, but there is no statement to compare it with.`);
  const { externalParameters, internalParameters } = statement.value.predicate.buildDefinition;
  const sha256 = recipeSha256(recipe.value);
  if (sha256 !== recipeSha256(externalParameters.recipe) || sha256 !== internalParameters.recipeSha256) {
    return fail('recipe', `${FILE.recipe} is not the recipe that ${FILE.statement} names.`);
  }
  return pass('recipe', `${FILE.recipe} is the recipe that ${FILE.statement} and the weights name (sha256 ${sha256}).`);
}

async function checkEvaluation({ folder, statement, manifest }: BundleDocuments): Promise<Check> {
  const file = await readDocument(folder, FILE.evaluation, EvaluationFile);
  if (file.kind !== 'read') return unusable('evaluation', FILE.evaluation, file);
  const { base, tuned, others } = file.value;
  const samplesFault = faultOfSamples(file.value);
  if (samplesFault !== null) return fail('evaluation', `${FILE.evaluation}: ${samplesFault}.`);
  const records = [base, tuned, ...others].flatMap((record) => record ?? []);
  for (const record of records) {
    const fault = faultOfCounts(record) ?? faultOfIntervals(record);
    if (fault !== null)
      return fail(
        'evaluation',
        `${FILE.evaluation}: the counts of evaluation ${record.summary.id} are wrong: ${fault}.`,
      );
  }
  if (tuned === null) return beyondBundle('evaluation', 'These weights were not evaluated on their own test split.');
  if (
    statement.kind === 'read' &&
    tuned.summary.step !== statement.value.predicate.buildDefinition.internalParameters.step
  ) {
    return fail(
      'evaluation',
      `${FILE.evaluation} is about step ${tuned.summary.step}, but the weights are from another step.`,
    );
  }
  if (manifest.kind === 'read') {
    const heldOut = new Set(
      manifest.value.flatMap((row) => row.samples.filter((s) => s.split === tuned.summary.split).map((s) => s.id)),
    );
    const stray = tuned.items.filter((item) => !heldOut.has(item.sampleId)).length;
    if (stray > 0)
      return fail(
        'evaluation',
        `${FILE.evaluation}: ${counted(stray, 'answer is about a sample that is', 'answers are about samples that are')} not in the manifest's ${tuned.summary.split} split.`,
      );
  }
  const { correct, n } = tuned.summary.accuracy;
  return pass(
    'evaluation',
    `The counts follow from the answers listed (tuned: ${correct} of ${n}). Only asking the model again can show whether it gave those answers.`,
  );
}

/** Null if the share and interval follow from the counts; otherwise what does not. */
function faultOfIntervals({ summary }: EvaluationRecord): string | null {
  // Summaries of earlier versions say nothing about the lenient reading.
  const lenient = (summary.lenient as Proportion | null | undefined) ?? null;
  for (const { correct, n, value, low, high } of [
    summary.accuracy,
    summary.format,
    ...(lenient === null ? [] : [lenient]),
  ]) {
    const again = wilson(correct, n);
    const apart = Math.max(Math.abs(again.value - value), Math.abs(again.low - low), Math.abs(again.high - high));
    if (!(apart < 1e-9))
      return `the interval of ${correct} of ${n} is ${low} to ${high}, but should be ${again.low} to ${again.high}`;
  }
  return null;
}

/** The card's front matter and figures agree with the other documents. */
async function checkCard({ folder, statement }: BundleDocuments): Promise<Check> {
  const text = await readText(folder, FILE.card);
  if (text === null) return cannotTell('model card', `${FILE.card} is not in the bundle.`);
  const front = frontMatterOf(text);
  if (front === null) return cannotTell('model card', `${FILE.card} has no readable front matter.`);
  if (statement.kind !== 'read')
    return cannotTell('model card', `There is no ${FILE.statement} to compare ${FILE.card} with.`);
  const faults: string[] = [];
  if (!namesBase(text, front['base_model'], statement.value)) faults.push('the base model');
  const evaluation = await readDocument(folder, FILE.evaluation, EvaluationFile);
  if (evaluation.kind === 'read' && evaluation.value.tuned !== null) {
    const stated = JSON.stringify(front['model-index'] ?? null);
    const { correct, n } = evaluation.value.tuned.summary.accuracy;
    if (!stated.includes(`"correct":${correct},"n":${n},`)) faults.push('the evaluation');
    if (!text.includes(`| tuned | ${correct} of ${n} |`)) faults.push('the table of results');
  }
  if (faults.length > 0)
    return fail('model card', `${FILE.card} and the other documents disagree about ${faults.join(', ')}.`);
  return pass('model card', `${FILE.card} names the same base model and results as the other documents.`);
}

/**
 * The card's base model is the statement's: by the hash of its files, and by its hub id where there is one. Earlier
 * versions put the model's name in place of a hub id.
 */
function namesBase(text: string, stated: unknown, statement: RunStatement): boolean {
  const base = dependencyOf(statement, 'base-model');
  const { modelSha256 } = statement.predicate.buildDefinition.externalParameters.recipe;
  const hubId = base?.annotations?.['hubId'];
  const name = oneLine(decodeURIComponent(base?.uri.replace('atelier:model/', '') ?? ''));
  const isRight = stated === undefined ? hubId === undefined : stated === (hubId ?? name);
  return isRight && text.includes(modelSha256);
}

/** The YAML between the first two `---` lines, or null. */
export function frontMatterOf(card: string): Record<string, unknown> | null {
  const match = /^---\n([\s\S]*?)\n---\n/.exec(card);
  if (match === null) return null;
  try {
    const value: unknown = parseYaml(match[1] ?? '', { maxAliasCount: 0 });
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/**
 * 9: the import precedes the run, the run's start its end, and the end the signing. All four are the maker's own words,
 * covered by the signature, so another order shows a clock that was set back rather than a change since signing.
 */
export function checkTimes(statement: Document<RunStatement>, head: AuditHead | null): Check {
  if (statement.kind !== 'read') return unusable('times', FILE.statement, statement);
  const { metadata } = statement.value.predicate.runDetails;
  const imported = dependencyOf(statement.value, 'dataset')?.annotations?.['importedAt'];
  const times = [
    { name: 'the import of the dataset', at: imported },
    { name: 'the start of the run', at: metadata.startedOn },
    { name: 'the end of the run', at: metadata.finishedOn },
    { name: 'the signing', at: head?.signedAt },
  ].filter((time): time is { name: string; at: string } => time.at !== undefined);
  for (const [index, time] of times.entries()) {
    const before = times[index - 1];
    if (before !== undefined && Date.parse(before.at) > Date.parse(time.at)) {
      const said = `By the maker's clock, ${before.name} (${before.at}) came after ${time.name} (${time.at}). Either the clock was set back in between, or the maker stated another time.`;
      // Nothing depends on the time of the signing; the others say which data and which run this is.
      return time.at === head?.signedAt ? beyondBundle('times', said) : cannotTell('times', said);
    }
  }
  if (times.length < 4)
    return cannotTell('times', 'The bundle does not contain every time. Those it has are in order.');
  return pass('times', `Import, run and signing are in order, by the maker's clock (signed at ${head?.signedAt}).`);
}
