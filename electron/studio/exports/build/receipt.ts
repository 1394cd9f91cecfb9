/** @file The receipt traces exported weights back to every image and rechecks each link as of now. */
import { join } from 'node:path';
import { z } from 'zod';
import type { CheckResult, ExportId, Receipt, ReceiptImage, ReceiptLink, Sample } from '../../../contract/api/index.ts';
import {
  AtelierError,
  Contribution,
  DatasetId,
  LedgerPurpose,
  LedgerVerdict,
  ReceiptRequest,
  RunId,
  SampleId,
} from '../../../contract/api/index.ts';
import { openAuditHead } from '../../../provenance/signing/audit-chain.ts';
import { DsseEnvelope, keyHint } from '../../../provenance/signing/dsse.ts';
import { EvaluationFile } from '../../../provenance/documents/evaluation-record.ts';
import type { LedgerReason } from '../../../provenance/ledger/ledger-rules.ts';
import { verdictSentence } from '../../../provenance/ledger/ledger-words.ts';
import { ManifestRow, isTrained, licenceWithSources } from '../../../provenance/documents/manifest.ts';
import { RunStatement } from '../../../provenance/documents/slsa.ts';
import type { Store } from '../../../store/connection/open.ts';
import { FILE } from './documents.ts';
import { hashFileFrom, listFolder } from './folder.ts';
import { readDocument, readLines, readText } from '../verify/verify-checks.ts';
import { runIdOf } from '../verify/verify-documents.ts';
import { snapshotsOf } from '../../../method/mixture.ts';
import { offeredLicence } from '../verify/verify-rights.ts';
import { verifyBundle } from '../verify/verify.ts';
import type { VerifyBundleOptions } from '../verify/verify.ts';
import { counted } from '../../../method/counted.ts';

/** The parts of ledger.json needed to read its verdicts. */
const LedgerFile = z.looseObject({
  purposes: z.array(
    z.object({
      purpose: LedgerPurpose,
      verdict: LedgerVerdict,
      reasons: z.array(z.object({ rule: z.string(), text: z.string(), imageIds: z.array(z.string()) })),
    }),
  ),
});

/** @throws AtelierError NOT_FOUND if the export or folder does not exist, BAD_INPUT if it is not a full bundle */
export async function receiptOf(store: Store, asked: ReceiptRequest, options: VerifyBundleOptions): Promise<Receipt> {
  const { of, offset, limit } = ReceiptRequest.parse(asked);
  const recorded = 'exportId' in of ? await store.exports.get(of.exportId) : null;
  const path = recorded?.path ?? ('path' in of ? of.path : '');
  const exportId: ExportId | null =
    recorded?.id ?? (await store.exports.list()).find((each) => each.path === path)?.id ?? null;
  const { checks } = await verifyBundle(path, options);
  const statement = await readDocument(path, FILE.statement, RunStatement);
  const manifest = await readLines(path, FILE.manifest, ManifestRow);
  if (statement.kind !== 'read' || manifest.kind !== 'read') {
    throw new AtelierError('BAD_INPUT', `${path} contains no documents of a run, so there is no chain to show.`, {
      place: { file: path },
      remedy: 'Choose the folder of a full bundle. An adapter exported alone has no manifest.',
    });
  }
  const { buildDefinition } = statement.value.predicate;
  const { recipe } = buildDefinition.externalParameters;
  const rows = manifest.value;
  const contribution = await readDocument(path, FILE.contribution, Contribution);
  const shares = new Map(
    contribution.kind === 'read' ? contribution.value.images.map(({ imageSha256, share }) => [imageSha256, share]) : [],
  );
  const own = await options.samplesOf?.(snapshotsOf(recipe));
  const images = imagesOf(rows, shares, own ?? []);
  const shown = images.slice(offset, offset + limit);
  for (const image of shown) {
    const there = await options.images?.has(image.imageSha256);
    image.atHand = there === true ? ((await options.images?.verify(image.imageSha256)) ?? null) : null;
  }
  const publicKey = await readText(path, FILE.publicKey);
  const evaluation = await readDocument(path, FILE.evaluation, EvaluationFile);
  return {
    exportId,
    runId: RunId.parse(runIdOf(statement.value)),
    runName: recipe.name,
    path,
    step: buildDefinition.internalParameters.step,
    signedAt: await signedAtOf(path, publicKey),
    signer: publicKey === null ? null : keyHint(publicKey),
    licence: (await offeredLicence(path)) ?? null,
    links: await linksOf(path, statement.value, rows.length, checks),
    verdicts: await verdictsOf(path),
    accuracy: {
      base: evaluation.kind === 'read' ? (evaluation.value.base?.summary.accuracy ?? null) : null,
      tuned: evaluation.kind === 'read' ? (evaluation.value.tuned?.summary.accuracy ?? null) : null,
      noLook: evaluation.kind === 'read' ? (evaluation.value.tuned?.summary.noLook ?? null) : null,
    },
    contribution:
      contribution.kind === 'read'
        ? { method: contribution.value.method, methodText: contribution.value.methodText }
        : null,
    counts: {
      images: rows.length,
      used: rows.filter(({ use }) => use !== 'not-used').length,
      leftOut: rows.filter(({ verdict, use }) => verdict === 'opted-out' && use === 'not-used').length,
    },
    images: shown,
    imagesTotal: images.length,
  };
}

/** Images in order: those that taught the model most, then the other trained ones, then the rest. */
function imagesOf(
  rows: readonly ManifestRow[],
  shares: ReadonlyMap<string, number>,
  own: readonly Sample[],
): ReceiptImage[] {
  const samples = new Map(own.map((sample) => [sample.imageSha256, sample]));
  const images = rows.map((row): ReceiptImage => {
    const sample = samples.get(row.imageSha256);
    const seen = row.samples.map(({ timesSeen }) => timesSeen);
    return {
      imageSha256: row.imageSha256,
      // If the dataset is unavailable, use the ids that the manifest names.
      sampleId: sample?.id ?? SampleId.parse(row.samples[0]?.id ?? row.imageSha256),
      datasetId: sample?.datasetId ?? DatasetId.parse('not-here'),
      name: row.names[0] ?? row.imageSha256,
      authors: row.authors,
      licence: licenceWithSources(row),
      use: row.use,
      why: row.why,
      verdict: row.verdict ?? 'unknown',
      timesSeen: seen.includes(null) ? null : seen.reduce<number>((sum, n) => sum + (n ?? 0), 0),
      share: isTrained(row) ? (shares.get(row.imageSha256) ?? null) : null,
      atHand: null,
    };
  });
  const rank = ({ share, use }: ReceiptImage): number => share ?? (use.startsWith('training') ? 0 : -1);
  return images.sort((a, b) => rank(b) - rank(a));
}

async function signedAtOf(path: string, publicKey: string | null): Promise<string | null> {
  const envelope = await readDocument(path, FILE.auditHead, DsseEnvelope);
  if (envelope.kind !== 'read' || publicKey === null) return null;
  return openAuditHead(envelope.value, publicKey)?.signedAt ?? null;
}

async function verdictsOf(path: string): Promise<Receipt['verdicts']> {
  const ledger = await readDocument(path, FILE.ledger, LedgerFile);
  if (ledger.kind !== 'read') return [];
  return ledger.value.purposes.map(({ purpose, verdict, reasons }) => ({
    purpose,
    verdict,
    sentence: verdictSentence({ purpose, verdict, reasons: reasons as LedgerReason[] }),
  }));
}

async function linksOf(
  path: string,
  statement: RunStatement,
  images: number,
  checks: readonly CheckResult[],
): Promise<ReceiptLink[]> {
  const { buildDefinition, runDetails } = statement.predicate;
  const { recipe } = buildDefinition.externalParameters;
  const found = (...names: string[]): { state: ReceiptLink['state']; text: string } => {
    const own = checks.filter(({ check }) => names.includes(check));
    const worst =
      own.find(({ outcome }) => outcome === 'fail') ?? own.find(({ outcome }) => outcome === 'cannot-tell') ?? own[0];
    return worst === undefined
      ? { state: 'cannot-tell', text: 'This was not checked.' }
      : { state: worst.outcome, text: worst.detail };
  };
  const { files } = await listFolder(path);
  const weights = files.filter(({ name }) => name.endsWith('.safetensors'));
  const links: ReceiptLink[] = [];
  for (const { name } of weights) {
    links.push({ kind: 'weights', title: name, sha256: await hashFileFrom(join(path, name), 0), ...found('weights') });
  }
  const manifestSha256 = await hashFileFrom(join(path, FILE.manifest), 0);
  return [
    ...links,
    { kind: 'signature', title: 'Signature', sha256: null, ...found('signature', 'files', 'signer') },
    {
      kind: 'run',
      title: `Run ${recipe.name}, step ${buildDefinition.internalParameters.step} (${runDetails.metadata.finishedOn ?? 'end not recorded'})`,
      sha256: null,
      ...found('run statement'),
    },
    {
      kind: 'recipe',
      title: 'Recipe',
      sha256: buildDefinition.internalParameters.recipeSha256,
      ...found('recipe'),
    },
    { kind: 'base-model', title: 'Base model', sha256: recipe.modelSha256, ...found('run statement') },
    { kind: 'dataset', title: 'Dataset', sha256: recipe.datasetSha256, ...found('dataset') },
    { kind: 'images', title: counted(images, 'image'), sha256: manifestSha256, ...found('images') },
    { kind: 'audit-log', title: 'Audit log', sha256: null, ...found('audit log') },
  ];
}
