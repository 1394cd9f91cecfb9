/**
 * @file Exports a checkpoint of a run as a folder with its provenance. The folder is built under a temporary name and
 * renamed at the end, so it is either complete or absent. Two exports of one run are byte-identical, except
 * for the signing time in `audit.head.json` and the randomness of the three ECDSA signatures.
 */
import { cp, lstat, mkdir, readFile, readdir, stat, statfs, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { mustNotExist } from '../../output-folder.ts';
import { typedPath } from '../../typed-path.ts';
import type { ExportForm, ExportRequest, ExportSummary, GgufWeights } from '../../../contract/model/exports.ts';
import type { Progress } from '../../../contract/model/primitives.ts';
import { askedAs } from '../../../method/mixture.ts';
import { systemOf } from '../../../method/prompt-template.ts';
import { refuseLayout } from '../../../formats/families/layouts.ts';
import { MODEL_FILES, baseModelLocation } from '../../../formats/checkpoint.ts';
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS } from '../../../formats/peft.ts';
import { bytes } from '../../../reporting/figures.ts';
import { signAuditHead } from '../../../provenance/signing/audit-chain.ts';
import { stableJson } from '../../../provenance/signing/canonical-json.ts';
import { keyHint } from '../../../provenance/signing/dsse.ts';
import type { Signer } from '../../../provenance/signing/dsse.ts';
import { signStatement } from '../../../provenance/signing/statement-envelope.ts';
import { SIGNATURE_FILE, signModel } from '../../../provenance/signing/model-signing.ts';
import { licencePath, licenceText, withAddress } from '../../../provenance/documents/licence-texts.ts';
import { licenceIdsOf } from '../../../provenance/documents/spdx.ts';
import type { Store } from '../../../store/connection/open.ts';
import type { EngineClient } from '../../engine-client/engine-client.ts';
import {
  FILE,
  auditChainOf,
  buildDocuments,
  buildRecords,
  judge,
  recordsSha256Of,
  textsToPassOn,
  trainedTextBytes,
  weightsMetadata,
} from './documents.ts';
import type { DocumentFacts, DocumentInput, Judged } from './documents.ts';
import { gatherFacts } from './facts.ts';
import type { ExportFacts } from './facts.ts';
import { filesFromEngine } from './engine-files.ts';
import { digestFolder } from './folder.ts';
import type { Digests } from './folder.ts';
import { checkChosenLicence, licenceFileText } from './licence-file.ts';
import type { LicenceFileOptions } from './licence-file.ts';
import { ggufBytes, writeGgufFiles } from './gguf-files.ts';
import { writeMlxFiles } from './mlx-files.ts';
import { processorFiles } from './processor-files.ts';
import { fileKeyVault, loadSigner } from './signing-key.ts';
import type { KeyVault } from './signing-key.ts';
import { placeFolder } from './place-folder.ts';
import { copyWithMetadata, inspectAdapter, tensorSha256 } from './weights.ts';

export interface ExportContext {
  /** Atelier's version, from package.json. */
  version: string;
  /** Where the signing key is kept; by default a file in the data folder. */
  keys?: KeyVault;
  /** The signing time; the only clock an export reads. */
  now?: () => Date;
  signal?: AbortSignal;
  /** Opens an engine of its own for merging; the export closes it. */
  openEngine?: (name: string) => EngineClient;
  onProgress?: (progress: Progress) => void;
}

const CHECKPOINT_WEIGHTS = /^model(-\d{5}-of-\d{5})?\.safetensors$/;
const CHECKPOINT_INDEX = 'model.safetensors.index.json';
/** The base model's own licence and notices are exported with the result. */
const BASE_NOTICES = /^(licen[cs]e|notice|copying)([._-].*)?$/i;
const BASE_LICENCE = /^(licen[cs]e|copying)([._-].*)?$/i;

/**
 * Writes the bundle of a run and records it. The destination must not exist. A failure or an abort leaves nothing behind.
 * @throws AtelierError CONFLICT (destination exists, run still active, base model changed), BAD_INPUT, DISK_FULL
 */
export async function createExport(
  store: Store,
  request: ExportRequest,
  context: ExportContext,
): Promise<ExportSummary> {
  const destination = await typedPath(request.destination);
  await mustNotExist(destination, 'An export');
  const facts = await gatherFacts(store, request.runId, request.step);
  const judged = judge(facts);
  const licence = checkChosenLicence(request.licence, judged.ledger);
  const signer = await loadSigner(context.keys ?? fileKeyVault(store.home));
  const form = request.form ?? 'bundle';
  if (request.ggufWeights !== undefined && form !== 'gguf') {
    throw new AtelierError(
      'BAD_INPUT',
      `The weights ${request.ggufWeights} belong to the form gguf, and the form is ${form}.`,
      {
        place: { field: 'ggufWeights' },
        remedy: 'Choose the form gguf, or leave them out.',
      },
    );
  }
  const ggufWeights = request.ggufWeights ?? 'f16';
  const room = form === 'gguf' ? await ggufBytes(facts, ggufWeights) : await weightBytes(facts, form);
  await mustHaveRoom(destination, room);
  return placeFolder({
    home: store.home,
    destination,
    what: 'export',
    signal: context.signal,
    async fill(folder) {
      const digests: Digests = new Map();
      const name = basename(destination);
      const rootSha256 = await fillBundle({
        ...{ folder, name, facts, judged, licence, signer, form, ggufWeights, context, digests },
      });
      const files = await digestFolder(folder, [], context.signal, digests);
      const names = files.map(({ name: file }) => file);
      return {
        names,
        placed: { runId: request.runId, step: facts.checkpoint.step, path: destination, rootSha256, files },
      };
    },
    record: (bundle) => store.exports.insert(bundle),
  });
}

interface BundleInput {
  folder: string;
  name: string;
  facts: ExportFacts;
  judged: Judged;
  licence: string | null;
  signer: Signer;
  form: ExportForm;
  ggufWeights: GgufWeights;
  context: ExportContext;
  /** Hashes of files that are finished, so that a model is not read again for each document that names it. */
  digests: Digests;
}

/** Writes in order: records, weights naming them, licence, documents naming the weights, audit head, signature. */
async function fillBundle(input: BundleInput): Promise<string> {
  const { folder, name, facts, judged, licence, signer, form, context, digests } = input;
  const { signal } = context;
  const merged = isMerged(facts, form);
  const isAdapter = facts.recipe.adapter.kind === 'lora' && !merged;
  const records = recordsFor(form, buildRecords(facts, judged, licence, form !== 'adapter'));
  const header = (tensors: string): Record<string, string> =>
    weightsMetadata(facts, tensors, licence, recordsSha256Of(records), merged);
  const layout = layoutOf(form);
  if (layout !== undefined) refuseLayout(facts.family, layout);
  if (form === 'gguf' || form === 'mlx') {
    const write = form === 'gguf' ? writeGgufFiles : writeMlxFiles;
    await write(input, weightsMetadata(facts, null, licence, recordsSha256Of(records), true, layout));
  } else if (merged)
    await writeMergedFiles(input, weightsMetadata(facts, null, licence, recordsSha256Of(records), true));
  else if (isAdapter) await writeAdapterFiles(folder, facts, header);
  else await writeCheckpointFiles(folder, facts, header);
  if (form !== 'gguf')
    for (const [file, text] of await processorFiles(facts)) await writeFile(join(folder, file), text);
  if (!isAdapter && layout === undefined) await writeModelCard(folder, facts, licence);
  signal?.throwIfAborted();
  const warnings = await warningsOf(folder, facts, judged, form);
  const weights = (await digestFolder(folder, [], signal, digests)).map(({ name: file, sha256 }) => ({
    name: file,
    sha256,
  }));

  await writeFile(join(folder, FILE.licence), licenceFileText(licence, judged.ledger, licenceOptions(facts, form)));
  await writeBaseNotices(folder, facts);
  await writeLicenceTexts(folder, facts, judged);
  const makerKey = keyHint(signer.publicKeyPem);
  const atelierVersion = context.version;
  const documents = buildDocuments({
    facts,
    textBytes: trainedTextBytes(facts, judged),
    judged,
    licence,
    records,
    weights,
    warnings,
    withDocuments: form !== 'adapter',
    merged,
    ...(layout === undefined ? {} : { layout }),
    atelierVersion,
    makerKey,
  });
  const written = form === 'adapter' ? [...documents].filter(([file]) => file === FILE.card) : [...documents];
  for (const [file, text] of [...records, ...written]) {
    signal?.throwIfAborted();
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  const statement = documents.get(FILE.statement);
  if (form !== 'adapter' && statement !== undefined)
    await writeFile(join(folder, FILE.envelope), signStatement(statement, signer));
  const signedAt = (context.now ?? (() => new Date()))().toISOString();
  if (form !== 'adapter') {
    await writeFile(
      join(folder, FILE.auditHead),
      stableJson(signAuditHead(auditChainOf(facts), facts.run.id, signedAt, signer)),
    );
  }
  await writeFile(join(folder, FILE.publicKey), signer.publicKeyPem);
  const { text, rootSha256 } = signModel(name, await digestFolder(folder, [], signal, digests), signer);
  await writeFile(join(folder, SIGNATURE_FILE), text);
  return rootSha256;
}

/** Whether an adapter is worked into the weights that leave. */
export function isMerged({ recipe }: Pick<ExportFacts, 'recipe'>, form: ExportForm): boolean {
  return recipe.adapter.kind === 'lora' && (form === 'merged' || layoutOf(form) !== undefined);
}

/** The programs that an export's weights are arranged for, other than transformers. */
export function layoutOf(form: ExportForm): DocumentInput['layout'] {
  return form === 'gguf' || form === 'mlx' ? form : undefined;
}

/** Note on the card of an adapter exported alone. */
const WITHOUT_DOCUMENTS =
  'This folder contains only the weights, licence and credits. The full bundle of the same run also has the list of images, the recipe, the evaluation, the licence ledger and the audit log.';

/** Note on the card of an adapter whose base model has no hub id. */
const LOCAL_BASE = `The base model has no known hub id, so ${ADAPTER_CONFIG} names its folder on the machine where the adapter was trained. On another machine, change "base_model_name_or_path" there.`;

/** Warnings for the card: what a reader should know before trusting the weights in a folder. */
export async function warningsOf(
  folder: string,
  facts: Pick<DocumentFacts, 'recipe' | 'model' | 'hub'>,
  judged: Judged,
  form: ExportForm,
): Promise<string[]> {
  const isAdapter = facts.recipe.adapter.kind === 'lora' && !isMerged(facts, form);
  const { unknown } = textsToPassOn(facts, judged);
  return [
    ...(isAdapter ? await inspectAdapter(folder) : []),
    ...(isAdapter && facts.hub === null ? [LOCAL_BASE] : []),
    ...(unknown.length === 0 ? [] : [withoutText(unknown)]),
    ...(form === 'adapter' ? [WITHOUT_DOCUMENTS] : []),
  ];
}

function withoutText(ids: readonly string[]): string {
  return `The licence text of ${ids.map(withAddress).join(', ')} must be passed on with the weights, but LICENSES/ does not have it, because Atelier does not have it either. Unless base-model/ contains it, add it when you share the weights.`;
}

/** The records written next to the weights and named in their header: all of them, or only those licences require. */
export function recordsFor(form: ExportForm, records: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  if (form !== 'adapter') return records;
  return new Map([...records].filter(([name]) => name === FILE.notice || name === FILE.attribution));
}

/** What was found when the engine read the weights back. */
export const MERGED_CHECK = 'merged-check.json';

/** The adapter merged into the base model's weights, with everything transformers needs from the base's folder. */
async function writeMergedFiles(
  { folder, facts, context, digests }: BundleInput,
  metadata: Record<string, string>,
): Promise<void> {
  const job = { modelPath: facts.model.path, adapterPath: facts.checkpoint.path, folder, metadata };
  const { check } = await filesFromEngine(context, digests, (engine) => engine.merge(job, context.signal));
  for (const name of await readdir(facts.model.path)) {
    if (MODEL_FILES.test(name)) await cp(join(facts.model.path, name), join(folder, name), { dereference: true });
  }
  await writeFile(join(folder, MERGED_CHECK), stableJson(check));
}

/**
 * `atelier.json`: what a person needs to know to use the whole model as a base again, with the prompt it was trained on.
 * Without a chosen licence, the base model's own still binds whoever uses the weights.
 */
async function writeModelCard(folder: string, facts: ExportFacts, licence: string | null): Promise<void> {
  const { recipe, model } = facts;
  const card = {
    name: recipe.name,
    description: `${recipe.method} on ${facts.dataset.name}, from ${model.name}`,
    licence: licence ?? model.licence,
    promptTemplate: askedAs(recipe).promptTemplate,
    ...systemOf(recipe.systemPrompt),
  };
  await writeFile(join(folder, 'atelier.json'), stableJson(card));
}

/** Bytes of the weights that an export will write. */
async function weightBytes(facts: ExportFacts, form: ExportForm): Promise<number> {
  const folder = isMerged(facts, form) ? facts.model.path : facts.checkpoint.path;
  const weights = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'));
  const sizes = await Promise.all(weights.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Room for the documents, which name every image. */
const DOCUMENT_BYTES = 64 * 1024 * 1024;

async function mustHaveRoom(destination: string, weights: number): Promise<void> {
  const needed = weights + DOCUMENT_BYTES;
  let folder = dirname(destination);
  // The nearest folder that exists is on the disk that will be written to.
  while (dirname(folder) !== folder && !(await lstat(folder).catch(() => undefined))) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  throw new AtelierError(
    'DISK_FULL',
    `The export needs ${bytes(needed)}, and the disk with ${folder} has ${bytes(bavail * bsize)} left.`,
    { place: { file: destination }, remedy: 'Free some space, or choose a folder on another disk.' },
  );
}

/** The header metadata of a weights file, from the hash of its tensors. */
type HeaderFor = (tensorSha256: string) => Record<string, string>;

/** `AutoPeftModel` takes the class from here, and only if there is no task type. */
function autoClass({ family: { architecture, module } }: ExportFacts): Record<string, unknown> {
  return { auto_mapping: { base_model_class: architecture, parent_library: module }, task_type: null };
}

/** A LoRA run's checkpoint is a PEFT folder. Its config names the base model so that other tools find it. */
async function writeAdapterFiles(folder: string, facts: ExportFacts, header: HeaderFor): Promise<void> {
  const from = join(facts.checkpoint.path, ADAPTER_WEIGHTS);
  const hash = await tensorSha256(from);
  await copyWithMetadata(from, join(folder, ADAPTER_WEIGHTS), header(hash));
  const config = JSON.parse(await readFile(join(facts.checkpoint.path, ADAPTER_CONFIG), 'utf8')) as Record<
    string,
    unknown
  >;
  const { nameOrPath, revision } = await baseModelLocation(facts.model.path);
  await writeFile(
    join(folder, ADAPTER_CONFIG),
    stableJson({ ...config, ...autoClass(facts), base_model_name_or_path: nameOrPath, revision }),
  );
}

/** All the checkpoint's weights, plus whatever else transformers needs, from the checkpoint or else its base. */
async function writeCheckpointFiles(folder: string, facts: ExportFacts, header: HeaderFor): Promise<void> {
  const { path } = facts.checkpoint;
  const own = await readdir(path);
  const weights = own.filter((name) => CHECKPOINT_WEIGHTS.test(name)).sort();
  if (weights.length === 0) {
    throw new AtelierError('NOT_FOUND', `The checkpoint ${path} contains no weights (model.safetensors).`, {
      place: { file: path },
    });
  }
  for (const name of weights) {
    const from = join(path, name);
    await copyWithMetadata(from, join(folder, name), header(await tensorSha256(from)));
  }
  if (own.includes(CHECKPOINT_INDEX)) await cp(join(path, CHECKPOINT_INDEX), join(folder, CHECKPOINT_INDEX));
  const fromBase = (await readdir(facts.model.path)).filter((name) => !own.includes(name));
  for (const [from, names] of [
    [path, own],
    [facts.model.path, fromBase],
  ] as const) {
    for (const name of names)
      if (MODEL_FILES.test(name)) await cp(join(from, name), join(folder, name), { dereference: true });
  }
}

/** `base-model/`: the base model's own LICENSE and NOTICE, or the text of its licence if it has none. */
async function writeBaseNotices(folder: string, facts: ExportFacts): Promise<void> {
  const target = join(folder, 'base-model');
  const names = (await readdir(facts.model.path, { withFileTypes: true }))
    .filter((entry) => !entry.isDirectory() && BASE_NOTICES.test(entry.name))
    .map((entry) => entry.name);
  const [licence] = licenceIdsOf(facts.model.licence);
  const hasText = names.some((name) => BASE_LICENCE.test(name));
  const text = licence === undefined || hasText ? null : licenceText(licence);
  if (names.length === 0 && text === null) return;
  await mkdir(target);
  for (const name of names) await cp(join(facts.model.path, name), join(target, name), { dereference: true });
  if (text !== null) await writeFile(join(target, 'LICENSE'), text);
}

/** `LICENSES/`: the texts of the licences of everything used that ask for it. They go with every form of an export. */
async function writeLicenceTexts(folder: string, facts: ExportFacts, judged: Judged): Promise<void> {
  const { ids } = textsToPassOn(facts, judged);
  if (ids.length > 0) await mkdir(join(folder, 'LICENSES'));
  for (const id of ids) await writeFile(join(folder, licencePath(id)), licenceText(id) ?? '');
}

/** What LICENSE needs to know beside the licence. */
export function licenceOptions(facts: ExportFacts, form: ExportForm): LicenceFileOptions {
  const year = new Date(facts.run.endedAt ?? facts.run.createdAt).getUTCFullYear();
  return {
    year,
    holder: `the maker of ${facts.recipe.name} (signing key in ${FILE.publicKey})`,
    withLedger: form !== 'adapter',
  };
}
