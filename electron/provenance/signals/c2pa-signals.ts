/**
 * @file Content Credentials: what the assertions of a manifest store say about training. Trust is asymmetric: a word
 * against training counts in whatever state it is found, a permission only from a signer on the list of trusted ones.
 */
import { z } from 'zod';
import type { Signal, SignalScope, SignalTrust, SignalValue } from '../../contract/model/signals.ts';
import { scanForProhibition } from './c2pa-scan.ts';
import { makeSignal } from './make-signal.ts';
import { meaningOfDataMining, originOf } from './xmp-signals.ts';

/** What of the reader's report is used; everything else may be as it likes. */
const Report = z.looseObject({
  active_manifest: z.string().optional(),
  validation_state: z.string().optional(),
  validation_results: z
    .looseObject({
      activeManifest: z.looseObject({ failure: z.array(z.looseObject({ code: z.string() })).default([]) }).optional(),
    })
    .optional(),
  manifests: z.record(
    z.string(),
    z.looseObject({
      signature_info: z
        .looseObject({ issuer: z.string().nullish(), common_name: z.string().nullish(), time: z.string().nullish() })
        .optional(),
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
  trusted: 'claim present, signer on the C2PA trust list',
  valid: 'claim present, signer not verified',
  invalid: 'claim present, but altered or expired: the signature does not hold',
  unsigned: 'claim present, not signed',
};

/** Signals of a report as the C2PA reader gives it (JSON text). */
export function readC2paReport(json: string, image: Uint8Array): Signal[] {
  let report: Report;
  try {
    report = Report.parse(JSON.parse(json));
  } catch {
    return brokenManifest('its report has a form that is not known', image);
  }
  const trust = trustOf(report.validation_state);
  const active = report.active_manifest;
  const signals: Signal[] = [integrity(report, trust)];
  for (const [id, manifest] of Object.entries(report.manifests)) {
    const whose = id === active ? `manifest ${id}` : `ingredient ${id}`;
    for (const { label, data } of manifest.assertions.slice(0, MAX_ASSERTIONS)) {
      const locator = `C2PA ${whose}, ${label}`;
      // An ingredient's signer is not the one whose state was established.
      const state = id === active ? trust : trust === 'invalid' ? 'invalid' : 'valid';
      const prefix = TRAINING_LABEL.exec(label)?.[1];
      if (prefix === 'c2pa' || prefix === 'cawg') signals.push(...readTraining(prefix, data, locator, state));
      else if (METADATA_LABEL.test(label)) signals.push(...readMetadata(data, locator, state));
      else if (/^c2pa\.actions(\.v\d+)?(__\d+)?$/.test(label)) signals.push(...readOrigins(data, locator, state));
    }
  }
  return signals;
}

/** A manifest that is there but cannot be read is an error, never "none"; words against training in it still count. */
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
    const words = 'The Content Credential cannot be read as a whole, but its bytes hold a word against training.';
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

function integrity(report: Report, trust: SignalTrust): Signal {
  const manifest = report.active_manifest === undefined ? undefined : report.manifests[report.active_manifest];
  const failures = report.validation_results?.activeManifest?.failure.map(({ code }) => code) ?? [];
  const issuer = manifest?.signature_info?.issuer ?? 'not named';
  const raw = JSON.stringify({
    state: report.validation_state ?? null,
    issuer,
    time: manifest?.signature_info?.time ?? null,
    failures,
  });
  const statement = `Content Credential signed as “${issuer.slice(0, 100)}” (${TRUST_WORDS[trust]}).`;
  return makeSignal({
    kind: 'c2pa-integrity',
    value: 'unknown',
    scope: 'any',
    trust,
    locator: `C2PA manifest ${report.active_manifest ?? ''}`,
    raw,
    statement,
  });
}

function trustOf(state: string | undefined): SignalTrust {
  if (state === 'Trusted') return 'trusted';
  return state === 'Valid' ? 'valid' : 'invalid';
}

const SCOPES: Record<string, SignalScope> = {
  data_mining: 'mine',
  ai_inference: 'infer',
  ai_training: 'train',
  ai_generative_training: 'train-generative',
};

/** `entries`, or in files of old writers the same keys at the top. Words that are not known mean "not allowed". */
function readTraining(kind: 'c2pa' | 'cawg', data: unknown, locator: string, trust: SignalTrust): Signal[] {
  const top = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  const inner = top['entries'];
  const entries = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : top;
  const signals = Object.entries(entries)
    .slice(0, 100)
    .flatMap(([key, entry]): Signal[] => {
      const fields = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : { use: entry };
      if (fields['use'] === undefined) return [];
      const use = fields['use'];
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
  const statement = 'An assertion on training is there, but says nothing that can be read.';
  return [
    makeSignal({ kind, value: 'error', scope: 'any', trust, locator, raw: JSON.stringify(data) ?? '', statement }),
  ];
}

function activityOf(scope: SignalScope, key: string): string {
  if (scope === 'mine') return 'data mining';
  if (scope === 'infer') return 'use as input of a model';
  if (scope === 'train') return 'training of AI';
  if (scope === 'train-generative') return 'training of generative AI';
  return `the use “${key.slice(0, 80)}”`;
}

/** Metadata assertions are JSON-LD with the names of IPTC and PLUS. */
function readMetadata(data: unknown, locator: string, trust: SignalTrust): Signal[] {
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([key, raw]) => {
    if (!/(^|[:/#])DataMining$/i.test(key) || typeof raw !== 'string') return [];
    const { value, scope, says } = meaningOfDataMining(raw.replace(/^plus:/, ''));
    const statement = `The Content Credential's metadata ${says} (${TRUST_WORDS[trust]}).`;
    return [makeSignal({ kind: 'plus', value, scope, trust, locator: `${locator}, ${key}`, raw, statement })];
  });
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
