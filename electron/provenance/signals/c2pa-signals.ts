/**
 * @file Content Credentials: what the assertions of a manifest store say about training. Trust is asymmetric: a
 * prohibition counts in whatever state it is found, a permission only from a signer on the trust list.
 */
import { z } from 'zod';
import type { Signal, SignalScope, SignalTrust, SignalValue } from '../../contract/model/signals.ts';
import { scanForProhibition } from './c2pa-scan.ts';
import { makeSignal } from './make-signal.ts';
import type { TextPlace } from './rights-words.ts';
import { signalsOfWords } from './words-signal.ts';
import { meaningOfDataMining, originOf } from './xmp-signals.ts';

const Failures = z.array(z.looseObject({ code: z.string() })).default([]);

/** The part of the reader's report that we use; everything else is ignored. */
const Report = z.looseObject({
  active_manifest: z.string().optional(),
  validation_state: z.string().optional(),
  validation_results: z
    .looseObject({
      activeManifest: z.looseObject({ failure: Failures }).optional(),
      ingredientDeltas: z
        .array(
          z.looseObject({
            ingredientAssertionURI: z.string().optional(),
            validationDeltas: z.looseObject({ failure: Failures }).optional(),
          }),
        )
        .default([]),
    })
    .optional(),
  manifests: z.record(
    z.string(),
    z.looseObject({
      signature_info: z
        .looseObject({ issuer: z.string().nullish(), common_name: z.string().nullish(), time: z.string().nullish() })
        .optional(),
      ingredients: z
        .array(
          z.looseObject({
            title: z.string().nullish(),
            active_manifest: z.string().nullish(),
            // What the signer found out about the ingredient: of newer writers the first, of older ones the second.
            validation_results: z
              .looseObject({ activeManifest: z.looseObject({ failure: Failures }).optional() })
              .nullish(),
            validation_status: z.array(z.looseObject({ code: z.string(), success: z.boolean().nullish() })).nullish(),
          }),
        )
        .default([]),
      assertions: z.array(z.looseObject({ label: z.string(), data: z.unknown() })).default([]),
    }),
  ),
});
type Report = z.infer<typeof Report>;

const TRAINING_LABEL = /^(c2pa|cawg)\.training-mining(?:\.v\d+)?(?:__\d+)?$/;
const METADATA_LABEL =
  /^(?:c2pa\.metadata|cawg\.metadata|stds\.iptc(?:\.photo-metadata)?|stds\.schema-org\.CreativeWork)(?:\.v\d+)?(?:__\d+)?$/;
const MAX_ASSERTIONS = 1000;

const TRUST_WORDS: Record<SignalTrust, string> = {
  trusted: 'intact, by a signer on the C2PA trust list',
  valid: 'intact, signer not verified',
  invalid: 'signature not valid',
  unsigned: 'not signed',
};

/** Failures that leave the content intact: nobody we trust vouches for the signer, or only the network could tell. */
const UNVERIFIED =
  /^(?:signingCredential\.(?:untrusted|ocsp\.\w+)|timeStamp\.(?:untrusted|missing)|cawg\.(?:ica|identity|x509)[\w.]*(?:untrusted\w*|unavailable|skipped|not_checked|unsupported\w*))$/i;
/** Failures of the certificate's dates: the content is intact, the signature does not count. */
const OUT_OF_DATE = /^(?:signingCredential\.expired|timeStamp\.outsideValidity|cawg\.\w+\.expired)$/i;
const REVOKED = /revoked$/i;

/** Whether a failure means that the content or its signature was changed. */
function isBroken(code: string): boolean {
  return !UNVERIFIED.test(code) && !OUT_OF_DATE.test(code) && !REVOKED.test(code);
}

/** The state of a signature in words that claim no more than the failures show. */
function stateInWords(trust: SignalTrust, failures: readonly string[]): string {
  const broken = failures.filter(isBroken);
  if (broken.length > 0) return `changed after it was signed, or damaged: ${broken.slice(0, 3).join(', ')}`;
  if (failures.some((code) => REVOKED.test(code))) return 'intact, but the signing certificate was revoked';
  if (failures.some((code) => OUT_OF_DATE.test(code)))
    return 'intact, but the signing certificate had expired and no time stamp shows when it was used';
  if (trust === 'invalid') return 'it does not pass validation; the reader gives no reason';
  const online = failures.filter((code) => /unavailable|ocsp|skipped|not_checked/i.test(code));
  return `${TRUST_WORDS[trust]}${online.length > 0 ? `; ${online.join(', ')} can only be checked online` : ''}`;
}

/** Signals of a report as the C2PA reader gives it (JSON text). */
export function readC2paReport(json: string, image: Uint8Array): Signal[] {
  let report: Report;
  try {
    report = Report.parse(JSON.parse(json));
  } catch {
    return brokenManifest('its report has a form that is not known', image);
  }
  const failures = report.validation_results?.activeManifest?.failure.map(({ code }) => code) ?? [];
  const badIngredients = failedIngredients(report);
  const trust = trustOf(report.validation_state, failures, badIngredients.size > 0);
  const active = report.active_manifest;
  const signals: Signal[] = [integrity(report, trust, failures), ...ingredientNotes(badIngredients)];
  for (const [id, manifest] of Object.entries(report.manifests)) {
    const whose = id === active ? `manifest ${id}` : `ingredient ${id}`;
    for (const { label, data } of manifest.assertions.slice(0, MAX_ASSERTIONS)) {
      const locator = `C2PA ${whose}, ${label}`;
      // The state that was established is that of the active manifest's signer.
      const state = id === active ? trust : trust === 'invalid' || badIngredients.has(id) ? 'invalid' : 'valid';
      const prefix = TRAINING_LABEL.exec(label)?.[1];
      if (prefix === 'c2pa' || prefix === 'cawg') signals.push(...readTraining(prefix, data, locator, state));
      else if (METADATA_LABEL.test(label)) signals.push(...readMetadata(data, locator, state));
      else if (/^c2pa\.actions(\.v\d+)?(__\d+)?$/.test(label)) signals.push(...readOrigins(data, locator, state));
    }
  }
  return signals;
}

/** A manifest that cannot be read is an error, never "none"; a prohibition in its bytes still counts. */
export function brokenManifest(why: string, image: Uint8Array): Signal[] {
  const locator = 'C2PA manifest store';
  const statement = `There is a Content Credential, but it cannot be read: ${why}.`;
  const signals = [
    makeSignal({
      kind: 'c2pa-integrity',
      value: 'error',
      scope: 'any',
      trust: 'invalid',
      locator,
      raw: why,
      statement,
    }),
  ];
  const prohibition = scanForProhibition(image);
  if (prohibition !== null) {
    const words = 'The Content Credential cannot be read as a whole, but its bytes hold a prohibition of training.';
    signals.push(
      makeSignal({
        kind: 'c2pa',
        value: 'disallow',
        scope: 'train',
        trust: 'invalid',
        locator,
        raw: prohibition,
        statement: words,
      }),
    );
  }
  return signals;
}

function integrity(report: Report, trust: SignalTrust, failures: readonly string[]): Signal {
  const manifest = report.active_manifest === undefined ? undefined : report.manifests[report.active_manifest];
  const issuer = manifest?.signature_info?.issuer ?? 'an unnamed signer';
  const raw = JSON.stringify({
    state: report.validation_state ?? null,
    issuer: manifest?.signature_info?.issuer ?? null,
    time: manifest?.signature_info?.time ?? null,
    failures,
  });
  return makeSignal({
    kind: 'c2pa-integrity',
    value: 'unknown',
    scope: 'any',
    trust,
    locator: `C2PA manifest ${report.active_manifest ?? ''}`,
    raw,
    statement: `Content Credential signed as “${issuer.slice(0, 100)}” (${stateInWords(trust, failures)}).`,
  });
}

type FailedIngredient = { title: string; failures: string[] };

/**
 * Ingredients that do not pass validation, by the id of their manifest: as the signer recorded it when the image was
 * made, and as the reader finds now.
 */
function failedIngredients(report: Report): Map<string, FailedIngredient> {
  const failed = new Map<string, FailedIngredient>();
  const add = (id: string, title: string, codes: readonly string[]): void => {
    const failures = [...(failed.get(id)?.failures ?? []), ...codes.filter((code) => !UNVERIFIED.test(code))];
    if (failures.length > 0) failed.set(id, { title, failures: [...new Set(failures)] });
  };
  for (const manifest of Object.values(report.manifests))
    for (const [at, ingredient] of manifest.ingredients.entries()) {
      const { title, active_manifest: id, validation_results: results, validation_status: status } = ingredient;
      const codes = [
        ...(results?.activeManifest?.failure ?? []).map(({ code }) => code),
        ...(status ?? []).filter(({ success }) => success !== true).map(({ code }) => code),
      ];
      add(
        id ?? `without a manifest, ${at + 1}`,
        title ?? 'an ingredient',
        codes.filter((code) => !PASSES.test(code)),
      );
    }
  for (const { ingredientAssertionURI: uri, validationDeltas } of report.validation_results?.ingredientDeltas ?? []) {
    const active = report.manifests[report.active_manifest ?? ''];
    const ingredient = active?.ingredients.at(ingredientIndex(uri));
    const id = ingredient?.active_manifest ?? uri ?? 'unnamed';
    add(
      id,
      ingredient?.title ?? 'an ingredient',
      (validationDeltas?.failure ?? []).map(({ code }) => code),
    );
  }
  return failed;
}

/** Old writers list what passed as well. */
const PASSES = /(?:\.match|\.validated|\.trusted|\.accessible|insideValidity)$/;

/** `…/c2pa.ingredient.v2__1` is the second ingredient of its manifest. */
function ingredientIndex(uri: string | undefined): number {
  return Number(/__(\d+)$/.exec(uri ?? '')?.[1] ?? 0);
}

function ingredientNotes(failed: ReadonlyMap<string, FailedIngredient>): Signal[] {
  return [...failed].map(([id, { title, failures }]) =>
    makeSignal({
      kind: 'c2pa-integrity',
      value: 'unknown',
      scope: 'any',
      trust: failures.some(isBroken) ? 'invalid' : 'valid',
      locator: `C2PA ingredient ${id}`,
      raw: JSON.stringify({ title, failures }),
      statement: `The image was made from “${title.slice(0, 100)}”, whose own Content Credential does not pass validation (${stateInWords('valid', failures)}).`,
    }),
  );
}

/** Trust of the active manifest: its own failures count, those of its ingredients do not. */
function trustOf(state: string | undefined, failures: readonly string[], hasBadIngredient: boolean): SignalTrust {
  if (state === 'Trusted') return 'trusted';
  if (state === 'Valid') return 'valid';
  const isExplained = failures.length > 0 || hasBadIngredient;
  return isExplained && !failures.some(isBroken) ? 'valid' : 'invalid';
}

const SCOPES: Record<string, SignalScope> = {
  data_mining: 'mine',
  ai_inference: 'infer',
  ai_training: 'train',
  ai_generative_training: 'train-generative',
};

/**
 * The entries of a training assertion: those under `entries`, and the same keys at the top, where old writers put them.
 * Both count, since one may prohibit what the other leaves open. A value that is not known means "not allowed".
 */
function readTraining(kind: 'c2pa' | 'cawg', data: unknown, locator: string, trust: SignalTrust): Signal[] {
  const signals = trainingEntries(data)
    .slice(0, 200)
    .flatMap(([key, entry]): Signal[] => {
      const fields = isRecord(entry) ? entry : { use: entry };
      const use = fields['use'];
      if (use === undefined) return [];
      const value: SignalValue = use === 'allowed' ? 'allow' : use === 'constrained' ? 'constrained' : 'disallow';
      const scope = SCOPES[key.split('.').at(-1) ?? ''] ?? 'any';
      const info = fields['constraint_info'] ?? fields['constraints_info'];
      const terms = typeof info === 'string' ? `: “${info.slice(0, 200)}”` : '';
      const says =
        value === 'allow' ? 'allows' : value === 'constrained' ? 'allows only under terms' : 'does not allow';
      const statement = `The maker ${says} ${activityOf(scope, key)}${terms} (${TRUST_WORDS[trust]}).`;
      return [
        makeSignal({ kind, value, scope, trust, locator: `${locator}, ${key}`, raw: JSON.stringify(entry), statement }),
      ];
    });
  if (signals.length > 0) return signals;
  const statement = 'The Content Credential holds an assertion on training that cannot be read.';
  return [
    makeSignal({ kind, value: 'error', scope: 'any', trust, locator, raw: JSON.stringify(data) ?? '', statement }),
  ];
}

function trainingEntries(data: unknown): [key: string, entry: unknown][] {
  if (!isRecord(data)) return [];
  const { entries, ...top } = data;
  if (entries === undefined)
    return Object.entries(top).filter(([, entry]) => isRecord(entry) || typeof entry === 'string');
  const inner = Array.isArray(entries) ? entries.filter(isRecord) : isRecord(entries) ? [entries] : [];
  return [
    ...inner.flatMap((group) => Object.entries(group)),
    // Other keys at the top are no entries, unless they look like one.
    ...Object.entries(top).filter(
      ([key, entry]) => isRecord(entry) || (SCOPES[key.split('.').at(-1) ?? ''] ?? null) !== null,
    ),
  ];
}

function activityOf(scope: SignalScope, key: string): string {
  if (scope === 'mine') return 'data mining';
  if (scope === 'infer') return 'use as input of a model';
  if (scope === 'train') return 'training of AI';
  if (scope === 'train-generative') return 'training of generative AI';
  return `the use “${key.slice(0, 80)}”`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names in JSON-LD metadata under which people state rights in words, and whether the text is about rights. */
const TEXT_NAMES: Record<string, TextPlace> = {
  rights: 'rights',
  UsageTerms: 'rights',
  Instructions: 'rights',
  OtherConstraints: 'rights',
  OtherConditions: 'rights',
  OtherLicenseInfo: 'rights',
  OtherLicenseRequirements: 'rights',
  TermsAndConditionsText: 'rights',
  MediaConstraints: 'rights',
  RegionConstraints: 'rights',
  ProductOrServiceConstraints: 'rights',
  LicensorNotes: 'rights',
  OtherImageInfo: 'rights',
  restrictions: 'rights',
  permissions: 'rights',
  useGuidelines: 'rights',
  Copyright: 'rights',
  copyrightNotice: 'rights',
  usageInfo: 'rights',
  conditionsOfAccess: 'rights',
  license: 'rights',
  description: 'description',
  UserComment: 'description',
  ImageDescription: 'description',
};
const MAX_NODES = 10_000;

/** Metadata as JSON-LD, in whichever form its writer chose: strings, `{"@id": …}`, `{"@value": …}`, lists, nested. */
function readMetadata(data: unknown, locator: string, trust: SignalTrust): Signal[] {
  const signals: Signal[] = [];
  let nodes = 0;
  const visit = (value: unknown): void => {
    nodes += 1;
    if (nodes > MAX_NODES) return;
    if (Array.isArray(value)) value.forEach(visit);
    if (!isRecord(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      const name = key.split(/[:/#]/).at(-1) ?? key;
      if (/^DataMining$/i.test(name)) signals.push(...textsIn(inner).map((raw) => mining(raw, key)));
      else if (key.startsWith('tdm:') && name === 'reservation')
        signals.push(...textsIn(inner).map((raw) => reservation(raw, key)));
      const place = Object.hasOwn(TEXT_NAMES, name) ? TEXT_NAMES[name] : undefined;
      if (place !== undefined)
        for (const text of textsIn(inner))
          signals.push(
            ...signalsOfWords({
              text,
              place,
              name: `${key} in the Content Credential`,
              locator: `${locator}, ${key}`,
              kind: 'iptc',
              trust,
            }),
          );
      visit(inner);
    }
  };
  const mining = (raw: string, key: string): Signal => {
    const { value, scope, says } = meaningOfDataMining(raw.replace(/^plus:/, ''));
    const statement = `The Content Credential's metadata ${says} (${TRUST_WORDS[trust]}).`;
    return makeSignal({ kind: 'plus', value, scope, trust, locator: `${locator}, ${key}`, raw, statement });
  };
  const reservation = (raw: string, key: string): Signal => {
    const says = raw === '1' ? 'reserves' : 'does not reserve';
    const statement = `The Content Credential's metadata ${says} text and data mining (TDMRep).`;
    const value = raw === '1' ? 'disallow' : 'unknown';
    return makeSignal({ kind: 'tdmrep', value, scope: 'mine', trust, locator: `${locator}, ${key}`, raw, statement });
  };
  visit(data);
  return signals;
}

/** The texts of a JSON-LD value: itself, its id or value, or those of its members (a list, or one per language). */
function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value.trim()];
  if (typeof value === 'number') return [String(value)];
  if (depth > 4) return [];
  if (Array.isArray(value)) return value.slice(0, 100).flatMap((member: unknown) => textsIn(member, depth + 1));
  if (isRecord(value))
    return Object.entries(value)
      .filter(([key]) => key !== '@type' && key !== '@language')
      .slice(0, 100)
      .flatMap(([, member]) => textsIn(member, depth + 1));
  return [];
}

/** How the image came to be; one made by a model is shown as one. */
function readOrigins(data: unknown, locator: string, trust: SignalTrust): Signal[] {
  const actions = (data as { actions?: unknown } | null)?.actions;
  if (!Array.isArray(actions)) return [];
  const uris = new Set(
    actions.slice(0, MAX_ASSERTIONS).flatMap((action: unknown) => {
      const uri = (action as { digitalSourceType?: unknown } | null)?.digitalSourceType;
      return typeof uri === 'string' ? [uri] : [];
    }),
  );
  return [...uris].map((raw) =>
    makeSignal({
      kind: 'iptc',
      value: 'unknown',
      scope: 'any',
      trust,
      locator: `${locator}, digitalSourceType`,
      raw,
      statement: originOf(raw),
    }),
  );
}
