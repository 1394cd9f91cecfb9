/**
 * @file Licences as people write them ("CC BY-SA 4.0", an address, "Apache License 2.0", "Alle Rechte vorbehalten") as
 * SPDX expressions. Guessing libraries such as spdx-correct read "CC BY" as version 4.0 and "BSD" as its freest variant;
 * here the whole text must be understood, what is not said is never filled in, and several licences without a word
 * between them must all be met.
 */
import { createRequire } from 'node:module';

/** Every SPDX id, by its lower-case spelling. */
const SPDX_IDS = new Map(
  (createRequire(import.meta.url)('spdx-license-ids') as string[]).map((id) => [id.toLowerCase(), id] as const),
);

/** Longer texts are no names of licences. */
const MAX_CHARACTERS = 400;

/** The SPDX id of another letter case, or undefined. */
export function spdxIdOf(word: string): string | undefined {
  return SPDX_IDS.get(word.toLowerCase());
}

/** The SPDX expression that a text in other words means; null if any part of it is not understood. */
export function spdxOfName(text: string): string | null {
  if (text.length > MAX_CHARACTERS) return null;
  const plain = text
    .normalize('NFKC')
    .replaceAll(/[\u00ad\u200b-\u200f\u2060\ufeff®™]/g, '')
    .replaceAll(/[‐‑–—]/g, '-')
    .replaceAll(/[“”„"]/g, ' ')
    .replaceAll(/[’‘´`]/g, "'")
    .trim();
  const whole = oneLicence(plain);
  if (whole !== null) return whole;
  return joined(plain, /\s+(?:or|oder|ou|oppure)\s+/i, ' OR ') ?? joined(plain, ALL_OF_THEM, ' AND ');
}

/** A slash or a comma may mean a choice or a sum. The sum is the stricter reading. */
const ALL_OF_THEM = /\s+(?:and|und|et|y|e)\s+|\s*[;|&\n]\s*|\s*[,/](?!\/)\s+|\s+[/]\s*|\.\s+|\s*\(|\)/i;

function joined(text: string, separator: RegExp, conjunction: string): string | null {
  const parts = text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length < 2) return null;
  const ids = parts.map((part) => spdxOfName(part));
  if (ids.includes(null)) return null;
  const distinct = [...new Set(ids.filter((id) => id !== null))];
  return distinct.length === 1
    ? (distinct[0] ?? null)
    : distinct.map((id) => (id.includes(' ') ? `(${id})` : id)).join(conjunction);
}

function oneLicence(text: string): string | null {
  const bare = text
    .replace(/^[\s(<[]+|[\s)>\].!,;]+$/g, '')
    .replace(
      /^(?:(?:this|the) (?:work|image|picture|photo|photograph|file|dataset) is )?(?:(?:licen[sc]ed|released|published|(?:made )?available|lizenziert) (?:under|unter) |(?:(?:spdx-)?licen[sc]e(?:-identifier)?|lizenz|licenza|licencia)\s*:\s*)/i,
      '',
    )
    .replace(INTRODUCTION, '')
    .replace(/^(?:the|an?|die|der|einer|la|le|una?|une|il)\s+/i, '')
    .replace(/^(?:licence|licencia|licenza)\s+(?:de\s+)?(?=creative commons\b)/i, '')
    .trim();
  if (bare === '') return null;
  return ofAddress(bare) ?? ofCreativeCommons(bare) ?? ofTable(bare) ?? spdxIdOf(bare) ?? null;
}

/** "This work is licensed under", as Creative Commons says it in German, French, Spanish and Italian. */
const INTRODUCTION =
  /^(?:dieses (?:werk|bild|foto) (?:ist|wird|steht) (?:lizenziert |veröffentlicht )?unter|cette (?:œuvre|oeuvre|image|photo) est (?:mise à disposition (?:selon les termes de|sous)|sous|publiée sous)|est[ae] (?:obra|imagen|foto) (?:está|se distribuye|se publica) bajo|quest(?:'|a )(?:opera|immagine|foto) è (?:distribuita|rilasciata|pubblicata) (?:con|sotto))\s+/i;

/** Addresses of licence texts. The scheme may be missing. */
const ADDRESSES: readonly (readonly [RegExp, (match: RegExpExecArray) => string | null])[] = [
  [/^creativecommons\.org\/publicdomain\/zero\/1\.0(?:\/.*)?$/, () => 'CC0-1.0'],
  [/^creativecommons\.org\/publicdomain\/mark\/1\.0(?:\/.*)?$/, () => 'CC-PDM-1.0'],
  [
    /^creativecommons\.org\/licenses\/([a-z-]+)\/(\d\.\d)(?:\/([a-z]{2,4}))?(?:\/.*)?$/,
    ([, terms, version, port]) =>
      // A term in the place of a country is no address of Creative Commons.
      /^(?:by|nc|nd|sa)$/.test(port ?? '')
        ? null
        : creativeCommonsId((terms ?? '').split('-'), version ?? null, port ?? null),
  ],
  [
    /^creativecommons\.org\/licenses\/([a-z-]+)\/?$/,
    ([, terms]) => creativeCommonsId((terms ?? '').split('-'), null, null),
  ],
  [/^rightsstatements\.org\/(?:vocab|page)\/inc\/1\.0(?:\/.*)?$/, () => 'LicenseRef-all-rights-reserved'],
  [/^apache\.org\/licenses\/license-2\.0(?:\.(?:html|txt))?$/, () => 'Apache-2.0'],
  [
    /^(?:opensource\.org|choosealicense\.com)\/licenses?\/([\w.-]+?)(?:\.(?:html|php))?\/?$/,
    ([, id]) => spdxIdOf(id ?? '') ?? null,
  ],
  [/^spdx\.org\/licenses\/([\w.+-]+?)(?:\.(?:html|json|txt))?\/?$/, ([, id]) => spdxIdOf(id ?? '') ?? null],
  [
    /^gnu\.org\/licenses\/(?:old-licenses\/)?(a?gpl|lgpl|fdl)-(\d\.\d)(?:\.(?:\w+\.)?(?:html|txt|md))?$/,
    ([, name, version]) => spdxIdOf(`${name === 'fdl' ? 'gfdl' : (name ?? '')}-${version ?? ''}-only`) ?? null,
  ],
  [/^mozilla\.org\/(?:[\w-]+\/)?mpl\/2\.0\/?$/, () => 'MPL-2.0'],
  [/^opendatacommons\.org\/licenses\/odbl\/(?:1[.-]0\/?)?$/, () => 'ODbL-1.0'],
  [/^opendatacommons\.org\/licenses\/by\/(?:1[.-]0\/?)?$/, () => 'ODC-By-1.0'],
  [/^opendatacommons\.org\/licenses\/pddl\/(?:1[.-]0\/?)?$/, () => 'PDDL-1.0'],
  [
    /^nationalarchives\.gov\.uk\/doc\/open-government-licence\/version\/([123])\/?$/,
    ([, version]) => `OGL-UK-${version ?? ''}.0`,
  ],
  [/^(?:govdata\.de\/)?dl-de\/(by|zero)-2-0$/, ([, terms]) => (terms === 'by' ? 'DL-DE-BY-2.0' : 'DL-DE-ZERO-2.0')],
  [/^artlibre\.org(?:\/.*)?$/, () => 'LAL-1.3'],
];

function ofAddress(text: string): string | null {
  if (/\s/.test(text) || !/[./]/.test(text)) return null;
  const address = text
    .toLowerCase()
    .replace(/^(?:https?:)?\/\//, '')
    .replace(/^www\./, '')
    .replace(/[?#].*$/, '');
  for (const [pattern, idOf] of ADDRESSES) {
    const match = pattern.exec(address);
    if (match !== null) return idOf(match);
  }
  return null;
}

/** Words of Creative Commons names, longest first where one begins like another. `null` says nothing. */
const CC_WORDS: readonly (readonly [RegExp, 'cc' | 'by' | 'nc' | 'sa' | 'nd' | 'zero' | null])[] = [
  [/^(?:creative ?commons|cc)(?![a-z])/, 'cc'],
  [/^cc(?=0|-?zero|by)/, 'cc'],
  [/^(?:zero|0(?![.\d]))/, 'zero'],
  [
    /^(?:non-? ?commercial[ei]?|no-? ?commercial|nocomercial|no comercial|nicht-? ?kommerziell|keine kommerzielle nutzung|pas d'utilisation commerciale|uso no comercial|nc)(?![a-z])/,
    'nc',
  ],
  [
    /^(?:share-? ?alike|weitergabe unter gleichen bedingungen|partage (?:dans les memes conditions|a l'identique)|compartir-? ?igual|condividi allo stesso modo|sa(?![a-z]))/,
    'sa',
  ],
  [
    /^(?:no-? ?deriv(?:ative)?s?(?: works)?|keine bearbeitung(?:en)?|pas de modification|pas d'oeuvre derivee|sin ?obra ?derivada|non opere derivate|nd(?![a-z]))/,
    'nd',
  ],
  [/^(?:attribution|namensnennung|paternite|reconocimiento|atribucion|attribuzione|by(?![a-z]))/, 'by'],
  [
    /^(?:international|unported|generic|universal|internazionale|internacional|public licen[sc]e|licen[sc]es?|lizenz|licencia|licenza|version|v(?=\d)|v\.(?=\d)|deed|legal ?code|the|public domain dedication)(?![a-z])/,
    null,
  ],
  [/^[\s_,:()./-]+/, null],
];

/**
 * The countries to whose law Creative Commons ported each version. Any other letters after a version are read as words:
 * "CC BY 4.0 NC" is no port to New Caledonia. Version 4.0 has no ports.
 */
const PORTS: Readonly<Record<string, ReadonlySet<string>>> = {
  '1.0': new Set(['fi', 'il', 'nl']),
  '2.0': new Set([
    'at',
    'au',
    'be',
    'br',
    'ca',
    'cl',
    'de',
    'es',
    'fr',
    'hr',
    'it',
    'jp',
    'kr',
    'nl',
    'pl',
    'tw',
    'uk',
    'za',
  ]),
  '2.1': new Set(['au', 'ca', 'es', 'jp']),
  '2.5': new Set(
    'ar au bg br ca ch cn co dk es hr hu il in it mk mt mx my nl pe pl pt scotland se si tw za'.split(' '),
  ),
  '3.0': new Set(
    (
      'am at au az br ca ch cl cn cr cz de ec ee eg es fr ge gr gt hk hr ie igo it lu nl no nz ph pl pr pt ro rs sg th tw ' +
      'ug us ve vn za'
    ).split(' '),
  ),
};

function ofCreativeCommons(text: string): string | null {
  let rest = text.toLowerCase().replaceAll('œ', 'oe').normalize('NFD').replaceAll(/\p{M}/gu, '');
  const found = new Set<string>();
  let version: string | null = null;
  let port: string | null = null;
  while (rest !== '') {
    const number = /^v?\.? ?(\d[._]\d)(?![.\d])/.exec(rest) ?? /^v?(\d)(?![.\d])(?=[\s-]|$)/.exec(rest);
    // The 0 of CC0 is no version.
    if (number !== null && !/^0/.test(number[1] ?? '')) {
      const stated = (number[1] ?? '').replace('_', '.');
      const full = stated.length === 1 ? `${stated}.0` : stated;
      if (version !== null && version !== full) return null;
      version = full;
      rest = rest.slice(number[0].length);
      const country = /^[\s_-]+([a-z]{2}|igo|scotland)[\s)]*$/.exec(rest)?.[1];
      if (country !== undefined && PORTS[full]?.has(country) === true) {
        port = country;
        rest = '';
      }
      continue;
    }
    const next = CC_WORDS.flatMap(([pattern, word]) => {
      const match = pattern.exec(rest);
      return match === null ? [] : [{ word, length: match[0].length }];
    })[0];
    if (next === undefined) return null;
    if (next.word !== null) found.add(next.word);
    rest = rest.slice(next.length);
  }
  if (found.has('zero')) return found.size <= 2 && found.has('cc') && (version ?? '1.0') === '1.0' ? 'CC0-1.0' : null;
  const terms = [...found].filter((word) => word !== 'cc');
  // "Attribution" alone may be a request; "by" is a word.
  if (terms.length === 0 || (!found.has('cc') && version === null && terms.length < 2)) return null;
  if (!found.has('by')) terms.push('by');
  return creativeCommonsId(terms, version, port);
}

/** Without a version, the id names the terms alone. A port to a national law counts where SPDX knows it. */
function creativeCommonsId(terms: readonly string[], version: string | null, port: string | null): string | null {
  const has = new Set(terms);
  if (!has.has('by') || (has.has('sa') && has.has('nd'))) return null;
  if ([...has].some((term) => !['by', 'nc', 'sa', 'nd'].includes(term))) return null;
  const name = `CC-BY${has.has('nc') ? '-NC' : ''}${has.has('nd') ? '-ND' : ''}${has.has('sa') ? '-SA' : ''}`;
  if (version === null) return `LicenseRef-${name}`;
  return (port === null ? undefined : spdxIdOf(`${name}-${version}-${port}`)) ?? spdxIdOf(`${name}-${version}`) ?? null;
}

const GNU =
  /^(?:gnu )?(?:(affero|lesser|library|free documentation) ?(?:general )?(?:public )?|general public )?(?:licen[sc]e )?(agpl|lgpl|gpl|gfdl|fdl)?(?: ?licen[sc]e)?,? ?-?(?:v|version )?\.? ?(\d(?:\.\d)?)?(\+|,? (?:or|und|oder)(?: any)? (?:later|newer|spatere?r?)(?: version)?)?( ?only)?(?: ?licen[sc]e)?$/;

/** Common names of other licences; every name must be the whole text. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:copyright |\(c\) ?|© ?)?(?!.*(?:\bcc|creative commons|licen[sc]e))[^;|]{0,120}(?<![a-z]|\bnot |\bno )all rights reserved$/,
    'LicenseRef-all-rights-reserved',
  ],
  [
    /^(?:alle rechte vorbehalten|tous droits reserves|todos los derechos reservados|tutti i diritti riservati|arr|in copyright)$/,
    'LicenseRef-all-rights-reserved',
  ],
  [
    /^(?:pd|pdm|public domain(?: mark)?(?: 1\.0)?|gemeinfrei|domaine public|dominio publico|pubblico dominio)$/,
    'CC-PDM-1.0',
  ],
  [/^(?:apache|asl)(?: software)?(?: licen[sc]e)?,? ?-?(?:version |v)?\.? ?2(?:\.0)?(?: licen[sc]e)?$/, 'Apache-2.0'],
  [/^(?:mit|expat)(?: ?\/ ?expat)?(?: licen[sc]e)?(?: \(mit\))?$/, 'MIT'],
  [
    /^(?:(?:bsd[ -]?3|3)[ -]clause(?: bsd)?|(?:new|revised|modified) bsd)(?: "?(?:new|revised)"?(?: or "?revised"?)?)?(?: licen[sc]e)?$/,
    'BSD-3-Clause',
  ],
  [
    /^(?:(?:bsd[ -]?2|2)[ -]clause(?: bsd)?|(?:simplified|freebsd) bsd|freebsd)(?: "?simplified"?)?(?: licen[sc]e)?$/,
    'BSD-2-Clause',
  ],
  [/^(?:isc)(?: licen[sc]e)?$/, 'ISC'],
  [/^(?:the )?unlicense$/, 'Unlicense'],
  [/^(?:mozilla public licen[sc]e|mpl),? ?-?(?:version |v)?2(?:\.0)?$/, 'MPL-2.0'],
  [/^(?:free art licen[sc]e|licence art libre|lal|fal),? ?-?(?:version |v)?1\.3$/, 'LAL-1.3'],
  [/^(?:open database licen[sc]e|odbl),? ?-?(?:\(odbl\) ?)?(?:version |v)?1\.0$/, 'ODbL-1.0'],
  [/^(?:odbl|open database licen[sc]e(?: \(odbl\))?)$/, 'ODbL-1.0'],
  [/^(?:odc-by|open data commons attribution(?: licen[sc]e)?)(?:,? v?1\.0)?$/, 'ODC-By-1.0'],
  [/^(?:pddl|open data commons public domain dedication (?:and|&) licen[sc]e)(?:,? v?1\.0)?$/, 'PDDL-1.0'],
  [/^(?:sil )?(?:open font licen[sc]e|ofl),? ?-?(?:version |v)?1\.1$/, 'OFL-1.1'],
  [/^(?:open government licen[sc]e|ogl),? ?-?(?:version |v)?3(?:\.0)?$/, 'OGL-UK-3.0'],
  [/^datenlizenz deutschland[ -]+namensnennung[ -]+(?:version )?2\.0$/, 'DL-DE-BY-2.0'],
  [/^datenlizenz deutschland[ -]+zero[ -]+(?:version )?2\.0$/, 'DL-DE-ZERO-2.0'],
  [/^(?:licence ouverte|open licence|etalab)(?: ?\/ ?open licence)?,? ?-?(?:version |v)?2\.0$/, 'etalab-2.0'],
  [/^(?:own|my own) work$/, 'LicenseRef-own-work'],
  [/^qwen(?: licen[sc]e(?: agreement)?)?$/, 'LicenseRef-Qwen'],
  [/^tongyi[ -]qianwen(?: licen[sc]e(?: agreement)?)?$/, 'LicenseRef-Tongyi-Qianwen'],
  [/^qwen[ -]research(?: licen[sc]e(?: agreement)?)?$/, 'LicenseRef-Qwen-Research'],
  [/^llama ?-?([234](?:\.[123])?)(?: community licen[sc]e(?: agreement)?)?$/, 'LicenseRef-Llama-$1'],
  [/^gemma(?: terms of use)?$/, 'LicenseRef-Gemma'],
  [/^open ?rail(?:-m)?$/, 'LicenseRef-OpenRAIL-M'],
  [/^(?:creativeml )?open ?rail\+\+(?:-m)?$/, 'LicenseRef-OpenRAIL-PlusPlus-M'],
  [/^creativeml[ -]open ?rail-?m?$/, 'LicenseRef-CreativeML-OpenRAIL-M'],
  [/^bigscience[ -]open ?rail-?m?$/, 'LicenseRef-BigScience-OpenRAIL-M'],
  [/^bigscience[ -](?:bloom[ -])?rail(?:[ -]1\.0)?$/, 'LicenseRef-BigScience-BLOOM-RAIL-1.0'],
  [/^bigcode[ -]open ?rail-?m?$/, 'LicenseRef-BigCode-OpenRAIL-M'],
];

function ofTable(text: string): string | null {
  const folded = text
    .toLowerCase()
    .replaceAll('_', ' ')
    .replaceAll(/\s+/g, ' ')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .trim();
  for (const [pattern, id] of NAMES) {
    const match = pattern.exec(folded);
    if (match !== null) return id.replace('$1', match[1] ?? '');
  }
  return ofGnu(folded);
}

/** Without a version, these licences let you choose any; without "or later", only the one that is named counts. */
function ofGnu(text: string): string | null {
  const match = GNU.exec(text);
  if (match === null) return null;
  const [, kind, short, version, later, only] = match;
  if (short === undefined && !/public|documentation/.test(text)) return null;
  const family =
    short === 'fdl' || kind === 'free documentation'
      ? 'gfdl'
      : (short ?? (kind === 'affero' ? 'agpl' : kind === 'lesser' || kind === 'library' ? 'lgpl' : 'gpl'));
  if (version === undefined) {
    if (later !== undefined || only !== undefined) return null;
    return (
      { gpl: 'GPL-1.0-or-later', lgpl: 'LGPL-2.0-or-later', agpl: 'AGPL-1.0-or-later', gfdl: 'GFDL-1.1-or-later' }[
        family
      ] ?? null
    );
  }
  const full = version.includes('.') ? version : `${version}.0`;
  return spdxIdOf(`${family}-${full}-${later === undefined ? 'only' : 'or-later'}`) ?? null;
}
