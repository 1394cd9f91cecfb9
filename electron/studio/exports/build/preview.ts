/** @file Previews an export before anything is written: model card, licence, records and list of files. */
import type { ExportPreview, ExportPreviewRequest, PreviewDocument } from '../../../contract/api/index.ts';
import { licencePath, licenceText } from '../../../provenance/documents/licence-texts.ts';
import { USE_FILE } from '../../../reporting/use-commands.ts';
import { keyHint } from '../../../provenance/signing/dsse.ts';
import { SIGNATURE_FILE } from '../../../provenance/signing/model-signing.ts';
import { refuseLayout } from '../../../formats/families/layouts.ts';
import { ggufFileNames } from '../../../formats/gguf/gguf-model.ts';
import { GGUF_CHECK, MODELFILE, conversation } from './gguf-files.ts';
import { MLX_CHECK } from './mlx-files.ts';
import { processorFiles } from './processor-files.ts';
import type { Store } from '../../../store/connection/open.ts';
import { MERGED_CHECK, isMerged, layoutOf, licenceOptions, recordsFor, warningsOf } from './create-export.ts';
import type { ExportContext } from './create-export.ts';
import { FILE, aboutFile, buildDocuments, buildRecords, judge, textsToPassOn, trainedTextBytes } from './documents.ts';
import { gatherFacts } from './facts.ts';
import { checkChosenLicence, licenceFileText } from './licence-file.ts';
import { fileKeyVault, ownPublicKey } from './signing-key.ts';

/** The maximum length of a document's text sent to the page; the rest can be read in the bundle. */
const MAX_TEXT = 200_000;
/** Documents that name the weights by their hash, which is known only once the weights are written. */
const NAME_THE_WEIGHTS: readonly string[] = [FILE.bom, FILE.spdx, FILE.croissant, FILE.statement];

/** @throws AtelierError in the same cases as the export: nothing to export, base model changed, licence not allowed */
export async function previewExport(
  store: Store,
  request: ExportPreviewRequest,
  context: ExportContext,
): Promise<ExportPreview> {
  const form = request.form ?? 'bundle';
  const facts = await gatherFacts(store, request.runId, request.step);
  const judged = judge(facts);
  const licence = checkChosenLicence(request.licence, judged.ledger);
  const merged = isMerged(facts, form);
  const layout = layoutOf(form);
  if (layout !== undefined) refuseLayout(facts.family, layout);
  const warnings = await warningsOf(facts.checkpoint.path, facts, judged, form);
  const publicKey = await ownPublicKey(context.keys ?? fileKeyVault(store.home));
  const records = recordsFor(form, buildRecords(facts, judged, licence, form !== 'adapter'));
  const whole = merged || facts.recipe.adapter.kind === 'full' ? 'model.safetensors' : 'adapter_model.safetensors';
  const names = ggufFileNames(request.ggufWeights ?? 'f16');
  const weights =
    form === 'gguf'
      ? [names.model, names.mmproj, GGUF_CHECK, MODELFILE]
      : form === 'mlx'
        ? ['model.safetensors', 'config.json', MLX_CHECK]
        : merged
          ? [whole, MERGED_CHECK]
          : [whole];
  const built = buildDocuments({
    facts,
    textBytes: trainedTextBytes(facts, judged),
    judged,
    licence,
    records,
    weights: [],
    warnings,
    withDocuments: form !== 'adapter',
    merged,
    ...(layout === undefined ? {} : { layout }),
    atelierVersion: context.version,
    makerKey: publicKey === null ? 'that the first export creates' : keyHint(publicKey),
  });
  const card = built.get(FILE.card) ?? '';
  const licenceFile = licenceFileText(licence, judged.ledger, licenceOptions(facts, form));
  const papers = form === 'adapter' ? [] : [...built].filter(([name]) => name !== FILE.card);
  return {
    runId: facts.run.id,
    step: facts.checkpoint.step,
    card,
    documents: [
      ...weights.map(unread),
      ...(form === 'gguf' ? [shown(USE_FILE.conversation, await conversation(facts))] : []),
      ...[...(form === 'gguf' ? [] : await processorFiles(facts))].map(([name, text]) => shown(name, text)),
      shown(FILE.card, card),
      shown(FILE.licence, licenceFile),
      ...textsToPassOn(facts, judged).ids.map((id) => shown(licencePath(id), licenceText(id) ?? '')),
      ...[...records].map(([name, text]) => shown(name, text)),
      ...papers.map(([name, text]) => (NAME_THE_WEIGHTS.includes(name) ? unread(name) : shown(name, text))),
      ...(form === 'adapter' ? [] : [unread(FILE.envelope), unread(FILE.auditHead)]),
      unread(FILE.publicKey),
      unread(SIGNATURE_FILE),
    ],
    warnings,
  };
}

function shown(name: string, text: string): PreviewDocument {
  const cut = text.length > MAX_TEXT;
  return {
    name,
    about: aboutFile(name),
    sizeBytes: Buffer.byteLength(text),
    text: cut ? text.slice(0, MAX_TEXT) : text,
    cut,
  };
}

/** Weights, keys, signatures, and documents that name them by hash: none exist before the export. */
function unread(name: string): PreviewDocument {
  return { name, about: aboutFile(name), sizeBytes: 0, text: null, cut: false };
}
