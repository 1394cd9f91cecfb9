/** @file Checks 6, 7 and 8: the licence verdict recomputed, credits complete, opt-outs respected, log unbroken. */
import { UnknownUse } from '../../../contract/model/signals.ts';
import { z } from 'zod';
import type { AuditHead } from '../../../provenance/signing/audit-chain.ts';
import { ChainEntry, checkChain, openAuditHead } from '../../../provenance/signing/audit-chain.ts';
import { creditsOf, earlierCreditsOf, isAttributionOf } from '../../../provenance/ledger/credits.ts';
import type { FileDigest } from '../../../provenance/signing/model-signing.ts';
import { DsseEnvelope } from '../../../provenance/signing/dsse.ts';
import { compareLedger } from '../../../provenance/ledger/compare-ledger.ts';
import { PURPOSES, VERDICTS, assessLicences, statedAdapterOf } from '../../../provenance/ledger/ledger.ts';
import type { StatedAdapter } from '../../../provenance/ledger/ledger.ts';
import { counted } from '../../../method/counted.ts';
import { trainedImageLicences } from '../../../provenance/documents/manifest.ts';
import type { ManifestRow } from '../../../provenance/documents/manifest.ts';
import { NOT_CHOSEN, hubLicence } from '../../../provenance/documents/model-card.ts';
import { isTextOf, licencePath, requiredTexts, withAddress } from '../../../provenance/documents/licence-texts.ts';
import type { RequiredTexts } from '../../../provenance/documents/licence-texts.ts';
import { rewardCodeOf } from '../../../provenance/documents/reward-code.ts';
import type { RewardCode } from '../../../provenance/documents/reward-code.ts';
import { licenceIdsOf } from '../../../provenance/documents/spdx.ts';
import { dependencyOf } from '../../../provenance/documents/slsa.ts';
import type { RunStatement } from '../../../provenance/documents/slsa.ts';
import { FILE } from '../build/documents.ts';
import { faultOfLicenceFile } from '../build/licence-file.ts';
import { beyondBundle, cannotTell, fail, pass, readDocument, readLines, readText, unusable } from './verify-checks.ts';
import type { Check, Document } from './verify-checks.ts';
import { frontMatterOf } from './verify-documents.ts';
import type { BundleDocuments } from './verify-documents.ts';
import { checkLicenceFiles } from './verify-licence-files.ts';
import { checkOptOuts } from './verify-optouts.ts';

/** The parts of a ledger's form needed to compare it. Its content is recomputed, not trusted. */
const LedgerHead = z.looseObject({
  version: z.literal(1),
  factsSha256: z.string(),
  baseLicence: z.string().nullable(),
  unknownUse: UnknownUse.optional(),
  purposes: z.array(z.looseObject({ purpose: z.enum(PURPOSES), verdict: z.enum(VERDICTS) })),
  duties: z.array(z.looseObject({ duty: z.string() })),
  outboundLicences: z.array(z.string()),
  notice: z.string().default(''),
});

/** 6 and 7. */
export async function verifyRights({ folder, files, manifest, statement }: BundleDocuments): Promise<Check[]> {
  if (manifest.kind !== 'read')
    return [unusable('licences', FILE.manifest, manifest), unusable('credits', FILE.manifest, manifest)];
  return [
    await checkLedger(folder, manifest.value, statement),
    ...(await checkTexts(folder, files, manifest.value, statement)),
    await checkCredits(folder, manifest.value),
    await checkOptOuts(folder, manifest.value),
  ];
}

function isUsedInSilence({ use, verdict, override }: ManifestRow): boolean {
  return use !== 'not-used' && (verdict ?? 'unknown') === 'unknown' && (override ?? null) === null;
}

async function checkLedger(folder: string, manifest: ManifestRow[], statement: Document<RunStatement>): Promise<Check> {
  const ledger = await readDocument(folder, FILE.ledger, LedgerHead);
  if (ledger.kind !== 'read') return unusable('licences', FILE.ledger, ledger);
  const { baseLicence, unknownUse } = ledger.value;
  const again = assessLicences({
    baseLicence,
    unknownUse,
    imageLicences: trainedImageLicences(manifest),
    rewardCode: rewardCodeIn(statement),
    startAdapter: startAdapterIn(statement),
  });
  const compared = compareLedger(ledger.value, again);
  const silent = unknownUse === 'ask' || unknownUse === 'leave-out' ? manifest.find(isUsedInSilence) : undefined;
  if (silent !== undefined) {
    return fail(
      'licences',
      `${FILE.ledger} says that images without a statement about training were left out, but ${JSON.stringify(silent.names[0] ?? '')} was used without a recorded decision.`,
    );
  }
  if (compared.kind === 'other-answer') {
    return cannotTell(
      'licences',
      `${FILE.ledger} was made with another version's facts and rules, and today's decide otherwise (${compared.difference}), so it cannot be told whether it followed from those of its time.`,
    );
  }
  if (compared.kind === 'different') {
    return fail('licences', `${FILE.ledger} does not follow from the licences in ${FILE.manifest}.`);
  }
  if (statement.kind === 'read') {
    const stated = dependencyOf(statement.value, 'base-model')?.annotations?.['licence'];
    if (stated !== (baseLicence ?? 'unknown')) {
      return fail(
        'licences',
        `${FILE.ledger} gives the base model's licence as ${baseLicence ?? 'unknown'}, but ${FILE.statement} says ${stated ?? 'nothing'}.`,
      );
    }
  }
  const chosen = await chosenLicence(folder, again.outboundLicences);
  if (chosen.kind === 'not-allowed') {
    return fail(
      'licences',
      `${FILE.card} offers the weights under ${chosen.licence}, which the licences of the base model and the images do not allow.`,
    );
  }
  const verdicts = again.purposes
    .map(({ purpose, verdict }) => `${purpose.replaceAll('-', ' ')}: ${verdict.replaceAll('-', ' ')}`)
    .join('; ');
  const offer =
    chosen.kind === 'allowed' ? ` Offered under ${chosen.licence}, which they allow.` : ' No licence was chosen.';
  const since =
    compared.kind === 'same-answer'
      ? ` ${FILE.ledger} was made with another version's facts and rules; today's give the same verdicts, duties and choice of licences.`
      : '';
  return pass(
    'licences',
    `The verdict follows from the licences stated (${verdicts}).${since}${offer} The bundle cannot show whether they were stated correctly.`,
  );
}

function startAdapterIn(statement: Document<RunStatement>): StatedAdapter | undefined {
  return statement.kind === 'read'
    ? statedAdapterOf(statement.value.predicate.buildDefinition.externalParameters.recipe)
    : undefined;
}

function rewardCodeIn(statement: Document<RunStatement>): RewardCode[] {
  return statement.kind === 'read'
    ? rewardCodeOf(statement.value.predicate.buildDefinition.externalParameters.recipe.rewards)
    : [];
}

/** LICENSE has the text of the licence that card and ledger agree on, and LICENSES/ the texts that must be passed on. */
async function checkTexts(
  folder: string,
  files: readonly FileDigest[],
  manifest: ManifestRow[],
  statement: Document<RunStatement>,
): Promise<Check[]> {
  const ledger = await readDocument(folder, FILE.ledger, LedgerHead);
  const offered = await offeredLicence(folder);
  // Without a ledger, or with a card that contradicts it, there is nothing to compare with; other checks say so.
  if (ledger.kind !== 'read' || offered === undefined) return [];
  const { baseLicence, notice } = ledger.value;
  const rewardCode = rewardCodeIn(statement);
  const startAdapter = startAdapterIn(statement);
  const imageLicences = trainedImageLicences(manifest);
  const again = assessLicences({ baseLicence, imageLicences, rewardCode, startAdapter });
  const required = requiredTexts(manifest, baseLicence, rewardCode, startAdapter?.licence);
  const text = await readText(folder, FILE.licence);
  const fault =
    text === null
      ? 'is missing'
      : faultOfLicenceFile(text, offered, { ...again, outboundLicences: ledger.value.outboundLicences, notice });
  const named = offered === null ? 'no licence was chosen' : `the licence is ${offered}`;
  return [
    fault === null
      ? pass('licence text', `${FILE.licence} agrees with ${FILE.card} and ${FILE.ledger}: ${named}.`)
      : fail('licence text', `According to ${FILE.card} and ${FILE.ledger}, ${named}, but ${FILE.licence} ${fault}.`),
    await checkTextsToPassOn(folder, required, await idsInBaseModel(folder, baseLicence)),
    await checkLicenceFiles({ folder, files, baseLicence, offered, unknownTexts: required.unknown }),
  ];
}

/** Names under which a base model's own licence lies in `base-model/`. */
const BASE_LICENCES = ['LICENSE', 'LICENSE.txt', 'LICENSE.md', 'LICENCE', 'LICENCE.txt', 'LICENCE.md'];

/** The base model's licence ids if its own text lies in `base-model/`. */
async function idsInBaseModel(folder: string, base: string | null): Promise<string[]> {
  const texts = await Promise.all(BASE_LICENCES.map((name) => readText(folder, `base-model/${name}`)));
  return texts.some((text) => text !== null && text.trim() !== '') ? licenceIdsOf(base) : [];
}

/** @param inBase licences whose text the base model's own files are trusted to be */
async function checkTextsToPassOn(
  folder: string,
  { ids, unknown }: RequiredTexts,
  inBase: readonly string[],
): Promise<Check> {
  const name = 'licences to pass on';
  const read = await Promise.all(ids.map(async (id) => ({ id, text: await readText(folder, licencePath(id)) })));
  const wrong = read.filter(({ id, text }) => text !== null && !isTextOf(text, id));
  if (wrong.length > 0)
    return fail(name, `${wrong.map(({ id }) => licencePath(id)).join(', ')}: this is not the text of that licence.`);
  const absent = read.filter(({ text }) => text === null).map(({ id }) => id);
  if (absent.length > 0)
    return beyondBundle(
      name,
      `The texts of ${absent.join(', ')} must be passed on with the weights, but LICENSES/ does not have them. An older version made the bundle, or they were removed.`,
    );
  // Atelier does not know these texts, so it can only see whether there is a file in their place.
  const foreign = unknown.filter((id) => !inBase.includes(id));
  const added = await Promise.all(foreign.map((id) => readText(folder, licencePath(id))));
  const lacking = foreign.filter((_id, index) => (added[index] ?? '').trim() === '');
  if (lacking.length > 0)
    return beyondBundle(
      name,
      `${lacking.map(withAddress).join(', ')}: the text must be passed on with the weights, but LICENSES/ does not have it, because Atelier does not have it either. Add it when you share the weights.`,
    );
  const open =
    unknown.length === 0
      ? ''
      : ` Nobody checked the ${unknown.length === 1 ? 'text' : 'texts'} of ${unknown.join(', ')}.`;
  const has =
    ids.length === 0
      ? 'The images and the base model require no licence text in LICENSES/.'
      : `LICENSES/ has the ${ids.length === 1 ? 'licence text' : `${ids.length} licence texts`} that the images and the base model require.`;
  return pass(name, `${has}${open}`);
}

/** The licence on the card as an SPDX id; null if none was chosen, undefined if the ledger does not know it. */
export async function offeredLicence(folder: string): Promise<string | null | undefined> {
  const ledger = await readDocument(folder, FILE.ledger, LedgerHead);
  if (ledger.kind !== 'read') return undefined;
  const chosen = await chosenLicence(folder, ledger.value.outboundLicences);
  if (chosen.kind === 'none') return null;
  return chosen.kind === 'allowed' ? chosen.licence : undefined;
}

type Chosen = { kind: 'none' } | { kind: 'allowed' | 'not-allowed'; licence: string };

/** The licence on the card, converted back from the hub's spelling. */
async function chosenLicence(folder: string, outbound: readonly string[]): Promise<Chosen> {
  const front = frontMatterOf((await readText(folder, FILE.card)) ?? '');
  if (front === null) return { kind: 'none' };
  const spelling = ({ license, license_name: name }: Record<string, unknown>): string =>
    String(license === 'other' ? name : license);
  const stated = spelling(front);
  if (stated === NOT_CHOSEN) return { kind: 'none' };
  const allowed = outbound.find((licence) => spelling(hubLicence(licence)) === stated);
  return allowed === undefined ? { kind: 'not-allowed', licence: stated } : { kind: 'allowed', licence: allowed };
}

async function checkCredits(folder: string, manifest: ManifestRow[]): Promise<Check> {
  const text = await readText(folder, FILE.attribution);
  if (text === null) return fail('credits', `${FILE.attribution} is missing, but attribution licences require it.`);
  const credits = creditsOf(manifest);
  if (!isAttributionOf(text, credits)) {
    const earlier = earlierCreditsOf(manifest);
    if (isAttributionOf(text, earlier))
      return beyondBundle(
        'credits',
        `${FILE.attribution} credits the works in the images, but not every author of the images themselves, whom ${FILE.manifest} names. An older version made the bundle: add them when you share the weights.`,
      );
    return fail('credits', `${FILE.attribution} is not the list of works that follows from ${FILE.manifest}.`);
  }
  return pass(
    'credits',
    credits.length === 1
      ? `${FILE.attribution} credits the only work in the images used.`
      : `${FILE.attribution} credits all ${credits.length} works in the images used.`,
  );
}

/** 8: the log is unbroken from its first entry to the head, and the head is signed with the bundle's key. */
export async function verifyAudit(
  folder: string,
  signedBy: string | null,
): Promise<{ check: Check; head: AuditHead | null }> {
  const chain = await readLines(folder, FILE.audit, ChainEntry);
  if (chain.kind !== 'read') return { check: unusable('audit log', FILE.audit, chain), head: null };
  const envelope = await readDocument(folder, FILE.auditHead, DsseEnvelope);
  if (envelope.kind !== 'read') return { check: unusable('audit log', FILE.auditHead, envelope), head: null };
  if (signedBy === null)
    return {
      check: cannotTell('audit log', 'Its head cannot be checked without a key with a valid signature.'),
      head: null,
    };
  const head = openAuditHead(envelope.value, signedBy);
  if (head === null)
    return { check: fail('audit log', `${FILE.auditHead} is not signed with the bundle's key.`), head };
  const { fault, disclosed, withheld } = checkChain(chain.value, head);
  if (fault !== null) {
    const place = { file: FILE.audit, row: fault.row };
    return { check: fail('audit log', fault.reason, place), head };
  }
  const others =
    withheld === 0
      ? ''
      : withheld === 1
        ? ' 1 entry about other work keeps its place, but its content is withheld.'
        : ` ${withheld} entries about other work keep their places, but their content is withheld.`;
  return {
    check: pass(
      'audit log',
      `The log is unbroken from its first entry to the signed head; ${counted(disclosed, 'entry', 'entries')} can be read.${others}`,
    ),
    head,
  };
}
