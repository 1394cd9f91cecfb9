/** @file What an XMP packet says about data mining, rights and origin, by the names of IPTC, PLUS, CC and TDMRep. */
import type { Signal, SignalScope, SignalValue } from '../../contract/model/signals.ts';
import { spdxOfName } from '../ledger/licence-names.ts';
import { licenceStated, licencesInWords } from './licence-words.ts';
import { makeSignal } from './make-signal.ts';
import { NO_FACTS, namesOf, type RightsFacts } from './rights-facts.ts';
import type { TextPlace } from './rights-words.ts';
import { signalsOfWords } from './words-signal.ts';
import { UnreadableXmp, decodeXmp, parseXmp, type XmpDocument } from './xmp-document.ts';

export const NS = {
  dc: 'http://purl.org/dc/elements/1.1/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  xmpRights: 'http://ns.adobe.com/xap/1.0/rights/',
  plus: 'http://ns.useplus.org/ldf/xmp/1.0/',
  iptcExt: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
  cc: 'http://creativecommons.org/ns#',
  dcterms: 'http://purl.org/dc/terms/',
  tiff: 'http://ns.adobe.com/tiff/1.0/',
  exif: 'http://ns.adobe.com/exif/1.0/',
  xmpDM: 'http://ns.adobe.com/xmp/1.0/DynamicMedia/',
  pur: 'http://prismstandard.org/namespaces/prismusagerights/2.1/',
} as const;
/** Other versions of PRISM's usage rights. */
const PUR_NAMESPACES = [NS.pur, 'http://prismstandard.org/namespaces/prismusagerights/3.0/'];
const TDM_NAMESPACES = ['http://www.w3.org/ns/tdmrep/', 'http://www.w3.org/ns/tdmrep#'];

const VOCABULARY = 'http://ns.useplus.org/ldf/vocab/';

/** Terms of the PLUS data-mining vocabulary. Every prohibition counts, whatever exception it names. */
const DATA_MINING: Record<string, { value: SignalValue; scope: SignalScope; says: string }> = {
  'DMI-UNSPECIFIED': { value: 'unknown', scope: 'mine', says: 'leaves data mining unspecified' },
  'DMI-ALLOWED': { value: 'allow', scope: 'mine', says: 'allows data mining' },
  'DMI-PROHIBITED-AIMLTRAINING': {
    value: 'disallow',
    scope: 'train',
    says: 'prohibits training of AI and machine learning',
  },
  'DMI-PROHIBITED-GENAIMLTRAINING': {
    value: 'disallow',
    scope: 'train-generative',
    says: 'prohibits training of generative AI',
  },
  'DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING': {
    value: 'disallow',
    scope: 'mine',
    says: 'prohibits data mining except for search engines',
  },
  'DMI-PROHIBITED': { value: 'disallow', scope: 'mine', says: 'prohibits data mining' },
  'DMI-PROHIBITED-SEECONSTRAINT': {
    value: 'constrained',
    scope: 'mine',
    says: 'prohibits data mining except under stated constraints',
  },
  'DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR': {
    value: 'constrained',
    scope: 'mine',
    says: 'prohibits data mining except under an embedded rights expression',
  },
  'DMI-PROHIBITED-SEELINKEDRIGHTSEXPR': {
    value: 'constrained',
    scope: 'mine',
    says: 'prohibits data mining except under a linked rights expression',
  },
};

export interface XmpReading {
  signals: Signal[];
  facts: RightsFacts;
}

/**
 * Reads a packet. What cannot be parsed is an `error`, and still a disallow where its text holds a prohibition.
 * @param hasCredential whether the file that holds the packet holds a Content Credential; absent = not known
 */
export function readXmp(bytes: Uint8Array, where: string, hasCredential?: boolean): XmpReading {
  let text = '';
  try {
    text = decodeXmp(bytes);
    return read(parseXmp(text), where, hasCredential);
  } catch (error) {
    if (!(error instanceof UnreadableXmp)) throw error;
    return { signals: unreadable(text, where, error.message), facts: NO_FACTS };
  }
}

function read(xmp: XmpDocument, where: string, hasCredential: boolean | undefined): XmpReading {
  return {
    signals: [
      ...dataMining(xmp, where),
      ...reservations(xmp, where),
      ...words(xmp, where),
      ...rights(xmp, where, hasCredential),
    ],
    facts: {
      creators: namesOf(xmp.get(NS.dc, 'creator')),
      title: namesOf(xmp.get(NS.dc, 'title').slice(0, 1)),
      copyright: namesOf([...xmp.get(NS.dc, 'rights').slice(0, 1), ...xmp.get(NS.tiff, 'Copyright')].slice(0, 1)),
      credit: namesOf([...xmp.get(NS.cc, 'attributionName'), ...xmp.get(NS.photoshop, 'Credit')]),
      creditUrl: namesOf(xmp.get(NS.cc, 'attributionURL')),
      licences: licencesOf(xmp, where),
    },
  };
}

function unreadable(text: string, where: string, why: string): Signal[] {
  const common = { kind: 'plus', trust: 'unsigned', locator: where } as const;
  const signals = [
    makeSignal({
      ...common,
      value: 'error',
      scope: 'any',
      raw: text,
      statement: `There is an XMP packet, but it cannot be read: ${why}.`,
    }),
  ];
  const prohibition = /DMI-PROHIBITED[A-Z-]*/.exec(text);
  if (prohibition !== null) {
    const statement = 'The packet cannot be parsed, but its text prohibits data mining.';
    signals.push(makeSignal({ ...common, value: 'disallow', scope: 'mine', raw: prohibition[0], statement }));
    return signals;
  }
  const name = `a text in ${where}, which cannot be parsed,`;
  return [...signals, ...signalsOfWords({ text, place: 'description', name, locator: where, kind: 'iptc' })];
}

/** `plus:DataMining`, also where it is said about a part of the image. */
function dataMining(xmp: XmpDocument, where: string): Signal[] {
  const constraints = xmp.anywhere(NS.plus, 'OtherConstraints').join(' | ');
  return xmp.anywhere(NS.plus, 'DataMining').map((raw) => {
    const { value, scope, says } = meaningOfDataMining(raw);
    const terms = value === 'constrained' && constraints !== '' ? `: “${constraints.slice(0, 200)}”` : '';
    return makeSignal({
      kind: 'plus',
      value,
      scope,
      trust: 'unsigned',
      locator: `${where}, plus:DataMining`,
      raw: constraints === '' ? raw : JSON.stringify({ DataMining: raw, OtherConstraints: constraints }),
      statement: `The image's metadata ${says}${terms} (not signed).`,
    });
  });
}

/** A term of the vocabulary by its address, its bare key, or its older label. */
export function meaningOfDataMining(raw: string): { value: SignalValue; scope: SignalScope; says: string } {
  const key = (raw.startsWith(VOCABULARY) ? raw.slice(VOCABULARY.length) : raw).trim();
  const known = DATA_MINING[key.toUpperCase()];
  if (known !== undefined) return known;
  if (/prohibit|not.?allowed|forbid/i.test(key))
    return { value: 'disallow', scope: 'mine', says: `prohibits data mining (“${key.slice(0, 80)}”)` };
  if (/^(DMI-)?allowed$/i.test(key)) return { value: 'allow', scope: 'mine', says: 'allows data mining' };
  return {
    value: 'unknown',
    scope: 'mine',
    says: `holds a term on data mining that is not known (“${key.slice(0, 80)}”)`,
  };
}

function reservations(xmp: XmpDocument, where: string): Signal[] {
  return TDM_NAMESPACES.flatMap((namespace) => {
    const policy = xmp.get(namespace, 'policy')[0];
    return xmp.anywhere(namespace, 'reservation').flatMap((raw) => {
      // Anybody can write this into a file, so only a reservation counts; "not reserved" proves nothing.
      const reserves = /^(?:1|true)$/i.test(raw);
      const value = reserves ? 'disallow' : 'unknown';
      const says = reserves ? 'reserves' : raw === '0' ? 'does not reserve' : 'is unclear about';
      return makeSignal({
        kind: 'tdmrep',
        value,
        scope: 'mine',
        trust: 'unsigned',
        locator: `${where}, tdm:reservation`,
        raw: policy === undefined ? raw : JSON.stringify({ reservation: raw, policy }),
        statement: `The image's metadata ${says} text and data mining (TDMRep).`,
      });
    });
  });
}

/** Every property in which people state rights in words, whatever it was meant for. */
export const TEXTS: readonly { name: string; namespace: string; local: string; place: TextPlace }[] = [
  { name: 'dc:rights', namespace: NS.dc, local: 'rights', place: 'rights' },
  { name: 'xmpRights:UsageTerms', namespace: NS.xmpRights, local: 'UsageTerms', place: 'rights' },
  { name: 'xmpRights:Owner', namespace: NS.xmpRights, local: 'Owner', place: 'rights' },
  { name: 'plus:OtherConstraints', namespace: NS.plus, local: 'OtherConstraints', place: 'rights' },
  { name: 'plus:TermsAndConditionsText', namespace: NS.plus, local: 'TermsAndConditionsText', place: 'rights' },
  { name: 'plus:OtherLicenseInfo', namespace: NS.plus, local: 'OtherLicenseInfo', place: 'rights' },
  { name: 'plus:OtherConditions', namespace: NS.plus, local: 'OtherConditions', place: 'rights' },
  ...(
    [
      'OtherLicenseRequirements',
      'MediaConstraints',
      'RegionConstraints',
      'ProductOrServiceConstraints',
      'LicensorNotes',
      'OtherImageInfo',
    ] as const
  ).map((local) => ({ name: `plus:${local}`, namespace: NS.plus, local, place: 'rights' as const })),
  ...PUR_NAMESPACES.flatMap((namespace) =>
    // Writers differ in the case of the first letter.
    ['restrictions', 'permissions', 'agreement', 'copyright', 'creditLine', 'rightsOwner'].flatMap((name) =>
      [name, name.charAt(0).toUpperCase() + name.slice(1)].map((local) => ({
        name: `pur:${name}`,
        namespace,
        local,
        place: 'rights' as const,
      })),
    ),
  ),
  { name: 'cc:useGuidelines', namespace: NS.cc, local: 'useGuidelines', place: 'rights' },
  { name: 'xmpRights:Certificate', namespace: NS.xmpRights, local: 'Certificate', place: 'rights' },
  { name: 'photoshop:Instructions', namespace: NS.photoshop, local: 'Instructions', place: 'rights' },
  { name: 'photoshop:Credit', namespace: NS.photoshop, local: 'Credit', place: 'rights' },
  { name: 'Iptc4xmpExt:EmbdEncRightsExpr', namespace: NS.iptcExt, local: 'EncRightsExpr', place: 'rights' },
  { name: 'dcterms:rights', namespace: NS.dcterms, local: 'rights', place: 'rights' },
  { name: 'dcterms:accessRights', namespace: NS.dcterms, local: 'accessRights', place: 'rights' },
  { name: 'cc:morePermissions', namespace: NS.cc, local: 'morePermissions', place: 'rights' },
  { name: 'tiff:Copyright', namespace: NS.tiff, local: 'Copyright', place: 'rights' },
  { name: 'xmpDM:copyright', namespace: NS.xmpDM, local: 'copyright', place: 'rights' },
  { name: 'dc:creator', namespace: NS.dc, local: 'creator', place: 'rights' },
  { name: 'dc:description', namespace: NS.dc, local: 'description', place: 'description' },
  { name: 'dc:title', namespace: NS.dc, local: 'title', place: 'description' },
  { name: 'dc:subject', namespace: NS.dc, local: 'subject', place: 'description' },
  { name: 'photoshop:Headline', namespace: NS.photoshop, local: 'Headline', place: 'description' },
  { name: 'exif:UserComment', namespace: NS.exif, local: 'UserComment', place: 'description' },
  { name: 'tiff:ImageDescription', namespace: NS.tiff, local: 'ImageDescription', place: 'description' },
];
const MAX_TEXTS = 100;

/** Texts that forbid training in plain words, also where they are about a part of the image. */
function words(xmp: XmpDocument, where: string): Signal[] {
  return TEXTS.flatMap(({ name, namespace, local, place }) =>
    [...new Set(xmp.anywhere(namespace, local))]
      .slice(0, MAX_TEXTS)
      .flatMap((text) => signalsOfWords({ text, place, name, locator: `${where}, ${name}`, kind: 'iptc' })),
  );
}

/** Creator, notice, credit, licence, licensor and origin: they say nothing about training, but whose the image is. */
function rights(xmp: XmpDocument, where: string, hasCredential: boolean | undefined): Signal[] {
  const licences = [...xmp.get(NS.cc, 'license'), ...xmp.get(NS.cc, 'licence')];
  const found: [kind: Signal['kind'], name: string, values: string[], statement: (text: string) => string][] = [
    ['iptc', 'dc:creator', xmp.get(NS.dc, 'creator'), (text) => `Creator: ${text}.`],
    ['iptc', 'dc:rights', xmp.get(NS.dc, 'rights'), (text) => `Copyright notice: ${text}.`],
    ['iptc', 'photoshop:Credit', xmp.get(NS.photoshop, 'Credit'), (text) => `Credit line: ${text}.`],
    ['iptc', 'xmpRights:UsageTerms', xmp.get(NS.xmpRights, 'UsageTerms'), (text) => `Terms of use: ${text}.`],
    [
      'iptc',
      'xmpRights:WebStatement',
      xmp.get(NS.xmpRights, 'WebStatement'),
      (text) => `Page about its rights: ${text}.`,
    ],
    ['iptc', 'plus:LicensorName', xmp.anywhere(NS.plus, 'LicensorName'), (text) => `Licensor: ${text}.`],
    ['iptc', 'plus:LicensorURL', xmp.anywhere(NS.plus, 'LicensorURL'), (text) => `Licensor's page: ${text}.`],
    [
      'iptc',
      'plus:CopyrightOwnerName',
      xmp.anywhere(NS.plus, 'CopyrightOwnerName'),
      (text) => `Copyright owner: ${text}.`,
    ],
    ['cc-xmp', 'cc:license', licences, (text) => `Licence stated by address: ${text}.`],
    ['cc-xmp', 'cc:attributionName', xmp.get(NS.cc, 'attributionName'), (text) => `To be credited as: ${text}.`],
    ['cc-xmp', 'cc:attributionURL', xmp.get(NS.cc, 'attributionURL'), (text) => `Its credit should lead to: ${text}.`],
    ['iptc', 'dc:title', xmp.get(NS.dc, 'title'), (text) => `Title: ${text}.`],
    ['iptc', 'Iptc4xmpExt:DigitalSourceType', xmp.get(NS.iptcExt, 'DigitalSourceType'), originOf],
    ['iptc', 'xmpRights:Marked', xmp.get(NS.xmpRights, 'Marked'), marked],
    [
      'iptc',
      'Iptc4xmpExt:EmbdEncRightsExpr',
      xmp.anywhere(NS.iptcExt, 'EncRightsExpr'),
      (text) =>
        `The image holds a rights expression for machines. Atelier does not interpret it; read it yourself: ${text}.`,
    ],
    [
      'iptc',
      'Iptc4xmpExt:LinkedEncRightsExpr',
      xmp.anywhere(NS.iptcExt, 'LinkedRightsExpr'),
      (text) => `The image names a rights expression on the network. Atelier is offline and did not read it: ${text}.`,
    ],
    [
      'c2pa-integrity',
      'dcterms:provenance',
      xmp.get(NS.dcterms, 'provenance'),
      (text) => credentialNamed(text, hasCredential),
    ],
  ];
  return found.flatMap(([kind, name, values, statement]) => {
    const text = [...new Set(values)].join('; ');
    if (text === '') return [];
    return [
      makeSignal({
        kind,
        value: 'unknown',
        scope: 'any',
        trust: 'unsigned',
        locator: `${where}, ${name}`,
        raw: text,
        statement: statement(text.replace(/\.$/, '')),
      }),
    ];
  });
}

function marked(text: string): string {
  if (/^true$/i.test(text)) return 'Marked as protected by rights.';
  return /^false$/i.test(text) ? 'Marked as being in the public domain.' : `Rights marked as: ${text}.`;
}

/** Where `dcterms:provenance` says the Content Credential is: in this file (`self#jumbf=…`), or at an address. */
function credentialNamed(address: string, hasCredential: boolean | undefined): string {
  if (/^https?:/i.test(address))
    return 'The metadata name a Content Credential on the network. Atelier is offline and did not read it.';
  if (hasCredential === true) return 'The metadata name the Content Credential in this file.';
  return hasCredential === false
    ? 'The metadata name a Content Credential in this file, but there is none: it was removed.'
    : 'The metadata name a Content Credential inside the image.';
}

/** Origin by IPTC's list; a picture made by a model is shown as one. */
export function originOf(uri: string): string {
  const term = uri.split('/').at(-1) ?? uri;
  if (term === 'trainedAlgorithmicMedia') return 'Origin: made by a trained model (AI-generated).';
  if (term === 'compositeWithTrainedAlgorithmicMedia')
    return 'Origin: contains parts made by a trained model (AI-generated).';
  return `Origin: ${term}.`;
}

/** Properties that hold nothing but a licence. */
const LICENCE_PROPERTIES = [
  ['cc:license', NS.cc, 'license'],
  ['cc:license', NS.cc, 'licence'],
  ['dcterms:license', NS.dcterms, 'license'],
] as const;

/** Texts of rights in which people name or restrict a licence. */
const LICENCE_TEXTS = new Set([
  'dc:rights',
  'dcterms:rights',
  'dcterms:accessRights',
  'xmpRights:UsageTerms',
  'plus:OtherConstraints',
  'plus:TermsAndConditionsText',
  'plus:OtherLicenseInfo',
  'plus:OtherConditions',
  'plus:OtherLicenseRequirements',
  'plus:MediaConstraints',
  'plus:ProductOrServiceConstraints',
  'pur:restrictions',
  'pur:permissions',
  'pur:agreement',
  'pur:copyright',
  'cc:useGuidelines',
  'photoshop:Instructions',
  'tiff:Copyright',
  'xmpDM:copyright',
]);

/** Licences by address, by name, or in words that restrict the use. */
function licencesOf(xmp: XmpDocument, where: string): RightsFacts['licences'] {
  const stated = LICENCE_PROPERTIES.flatMap(([name, namespace, local]) =>
    [...new Set(xmp.get(namespace, local))].flatMap((text) => licenceStated(text, `${where}, ${name}`)),
  );
  // Mostly the address of a page in other words, which names no licence.
  const page = [...new Set(xmp.get(NS.xmpRights, 'WebStatement'))].flatMap((address) => {
    const id = spdxOfName(address);
    return id === null ? [] : [{ id, locator: `${where}, xmpRights:WebStatement` }];
  });
  const texts = TEXTS.filter(({ name }) => LICENCE_TEXTS.has(name)).flatMap(({ name, namespace, local }) =>
    [...new Set(xmp.get(namespace, local))]
      .slice(0, MAX_TEXTS)
      .flatMap((text) => licencesInWords(text, `${where}, ${name}`)),
  );
  return [...stated, ...page, ...texts];
}
