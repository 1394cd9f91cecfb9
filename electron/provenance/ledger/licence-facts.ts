/**
 * @file What each licence requires, in one table. A row states facts of the licence's text; ledger.ts has the rules that
 * combine rows. A licence that is not in the table is unknown, and unknown never counts as permission.
 *
 * Sources were read in November 2026: the licence texts at the addresses given; Creative Commons, "Using CC-licensed
 * works for AI training" (May 2025). We follow its conservative path: comply even where the licence may not apply.
 */

/** Duties that come with a result. DUTY_TEXT explains them in words. */
export type Duty =
  'credit' | 'licence-text' | 'state-changes' | 'share-alike' | 'non-commercial' | 'pass-on-use-limits' | 'built-with';

/** `database`: copyleft that applies to the data, not necessarily to what is learned from it. */
export type Copyleft = 'CC-BY-SA' | 'CC-BY-SA-1.0' | 'CC-BY-NC-SA' | 'CC-BY-NC-SA-1.0' | 'database';

export interface LicenceFacts {
  /** SPDX ids, or `LicenseRef-…` if SPDX has none. */
  ids: readonly string[];
  name: string;
  /** Address of the text; null if there is none (your own statement). */
  url: string | null;
  duties: readonly Duty[];
  copyleft: Copyleft | null;
  nonCommercial: boolean;
  noDerivatives: boolean;
  /** Terms beyond credit that bind everyone who receives the result. Creative Commons share-alike forbids such terms. */
  extraTerms: boolean;
  /** The purposes that the text leaves open: `all`, `publish` only, or none. */
  open: 'none' | 'publish' | 'all';
  /** The purposes that the text forbids outright. */
  refuses: 'none' | 'publish' | 'all';
  /** The conservative reading for weights trained on such work, in plain words. */
  reading: string;
}

/** The words for each duty in the ledger and the model card. */
export const DUTY_TEXT: Record<Duty, string> = {
  credit: 'Include the list of authors, sources and licences with the adapter.',
  'licence-text': 'Include the licence text and all notices of the work.',
  'state-changes': 'State that the weights were changed.',
  'share-alike': 'If you publish the adapter, publish it under the same licence.',
  'non-commercial': 'Use it, and what you make with it, for non-commercial purposes only.',
  'pass-on-use-limits': 'Bind everyone who receives the adapter to the use restrictions that these licences set.',
  'built-with': 'Show the statement that the licence requires ("Built with …" or similar).',
};

const FREE = {
  duties: [],
  copyleft: null,
  nonCommercial: false,
  noDerivatives: false,
  extraTerms: false,
  open: 'none',
  refuses: 'none',
} as const;

/** Published versions of a Creative Commons licence, including ports to national law. */
function cc(name: string, versions: string): string[] {
  return versions.split(' ').map((version) => `${name}-${version}`);
}

/** The ids of the versions of a GNU licence, alone and with later ones. */
function versions(name: string, numbers: string): string[] {
  return numbers.split(' ').flatMap((number) => [`${name}-${number}-only`, `${name}-${number}-or-later`]);
}

export const LICENCE_FACTS: readonly LicenceFacts[] = [
  {
    ...FREE,
    ids: ['CC0-1.0', 'PDDL-1.0', 'CC-PDDC', 'Unlicense', '0BSD', 'MIT-0', 'DL-DE-ZERO-2.0', 'WTFPL'],
    name: 'Public domain dedication',
    url: 'https://creativecommons.org/publicdomain/zero/1.0/legalcode',
    reading: 'Any use. Credit is a courtesy. Trade marks and the rights of people shown are not covered.',
  },
  {
    ...FREE,
    ids: ['CC-PDM-1.0'],
    name: 'Public Domain Mark',
    url: 'https://creativecommons.org/publicdomain/mark/1.0/',
    reading:
      'Any use. Keep the link to the source as evidence: the mark is only a label and may be wrong in some countries.',
  },
  {
    ...FREE,
    ids: [
      ...cc('CC-BY', '1.0 2.0 2.5 2.5-AU 3.0 3.0-AT 3.0-AU 3.0-DE 3.0-IGO 3.0-NL 3.0-US 4.0'),
      'DL-DE-BY-2.0',
      'ODC-By-1.0',
      'LicenseRef-CC-BY',
      'OGL-UK-1.0',
      'OGL-UK-2.0',
      'OGL-UK-3.0',
      'etalab-2.0',
      'CDLA-Permissive-1.0',
    ],
    name: 'Attribution',
    url: 'https://creativecommons.org/licenses/by/4.0/legalcode',
    duties: ['credit'],
    reading: 'Any use. Include the list of credits with the adapter.',
  },
  {
    ...FREE,
    ids: cc('CC-BY-SA', '2.0 2.0-UK 2.1-JP 2.5 3.0 3.0-AT 3.0-DE 3.0-IGO 4.0'),
    name: 'Attribution, share alike',
    url: 'https://creativecommons.org/licenses/by-sa/4.0/legalcode',
    duties: ['credit', 'share-alike'],
    copyleft: 'CC-BY-SA',
    reading:
      'Private use is free. If you publish the adapter, use CC-BY-SA-4.0. Whether weights count as an adaptation is unsettled.',
  },
  {
    ...FREE,
    ids: ['CC-BY-SA-1.0'],
    name: 'Attribution, share alike 1.0',
    url: 'https://creativecommons.org/licenses/by-sa/1.0/legalcode',
    duties: ['credit', 'share-alike'],
    copyleft: 'CC-BY-SA-1.0',
    reading: 'Share alike, but version 1.0 does not allow later versions: publish only under CC-BY-SA-1.0.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-CC-BY-SA'],
    name: 'Attribution, share alike, version not stated',
    url: 'https://creativecommons.org/licenses/by-sa/',
    duties: ['credit', 'share-alike'],
    copyleft: 'CC-BY-SA',
    open: 'publish',
    reading:
      'Private use is free. Version 1.0 asks for another licence of the adapter than later versions: find out the version before you publish.',
  },
  {
    ...FREE,
    ids: [...cc('CC-BY-NC', '1.0 2.0 2.5 3.0 3.0-DE 3.0-IGO 4.0'), 'LicenseRef-CC-BY-NC'],
    name: 'Attribution, non-commercial',
    url: 'https://creativecommons.org/licenses/by-nc/4.0/legalcode',
    duties: ['credit', 'non-commercial'],
    nonCommercial: true,
    reading: 'Non-commercial use only, including what you make with it.',
  },
  {
    ...FREE,
    ids: cc('CC-BY-NC-SA', '2.0 2.0-DE 2.0-FR 2.0-UK 2.5 3.0 3.0-DE 3.0-IGO 4.0'),
    name: 'Attribution, non-commercial, share alike',
    url: 'https://creativecommons.org/licenses/by-nc-sa/4.0/legalcode',
    duties: ['credit', 'non-commercial', 'share-alike'],
    copyleft: 'CC-BY-NC-SA',
    nonCommercial: true,
    reading:
      'Non-commercial use only. Publish only under CC-BY-NC-SA-4.0. You cannot mix it with CC-BY-SA in a published adapter.',
  },
  {
    ...FREE,
    ids: ['CC-BY-NC-SA-1.0'],
    name: 'Attribution, non-commercial, share alike 1.0',
    url: 'https://creativecommons.org/licenses/by-nc-sa/1.0/legalcode',
    duties: ['credit', 'non-commercial', 'share-alike'],
    copyleft: 'CC-BY-NC-SA-1.0',
    nonCommercial: true,
    reading: 'Non-commercial use only. Version 1.0 does not allow later versions: publish only under CC-BY-NC-SA-1.0.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-CC-BY-NC-SA'],
    name: 'Attribution, non-commercial, share alike, version not stated',
    url: 'https://creativecommons.org/licenses/by-nc-sa/',
    duties: ['credit', 'non-commercial', 'share-alike'],
    copyleft: 'CC-BY-NC-SA',
    nonCommercial: true,
    open: 'publish',
    reading:
      'Non-commercial use only. Version 1.0 asks for another licence of the adapter than later versions: find out the version before you publish.',
  },
  {
    ...FREE,
    ids: [...cc('CC-BY-ND', '1.0 2.0 2.5 3.0 3.0-DE 4.0'), 'LicenseRef-CC-BY-ND'],
    name: 'Attribution, no derivatives',
    url: 'https://creativecommons.org/licenses/by-nd/4.0/legalcode',
    duties: ['credit'],
    noDerivatives: true,
    reading: 'Private training only. Do not share the adapter unless the owner agrees.',
  },
  {
    ...FREE,
    ids: [...cc('CC-BY-NC-ND', '1.0 2.0 2.5 3.0 3.0-DE 3.0-IGO 4.0'), 'LicenseRef-CC-BY-NC-ND'],
    name: 'Attribution, non-commercial, no derivatives',
    url: 'https://creativecommons.org/licenses/by-nc-nd/4.0/legalcode',
    duties: ['credit', 'non-commercial'],
    nonCommercial: true,
    noDerivatives: true,
    reading: 'Private, non-commercial training only. Do not share the adapter unless the owner agrees.',
  },
  {
    ...FREE,
    ids: ['Apache-2.0'],
    name: 'Apache 2.0',
    url: 'https://www.apache.org/licenses/LICENSE-2.0',
    duties: ['credit', 'licence-text', 'state-changes'],
    reading: 'Any use. Include the licence and notices, and state what you changed.',
  },
  {
    ...FREE,
    ids: [
      'MIT',
      'ISC',
      'BSD-2-Clause',
      'BSD-3-Clause',
      'OFL-1.1',
      'OFL-1.1-no-RFN',
      'OFL-1.1-RFN',
      'CDLA-Permissive-2.0',
      'Zlib',
      'BSL-1.0',
      'NCSA',
      'PostgreSQL',
      'X11',
      'BSD-3-Clause-Clear',
    ],
    name: 'Permissive with notice',
    url: 'https://opensource.org/license/mit',
    duties: ['credit', 'licence-text'],
    reading: 'Any use. Include the notice and the licence text.',
  },
  {
    ...FREE,
    ids: [
      ...versions('GPL', '1.0 2.0 3.0'),
      ...versions('AGPL', '1.0 3.0'),
      ...versions('LGPL', '2.0 2.1 3.0'),
      'MPL-2.0',
      'EPL-2.0',
      'EUPL-1.1',
      'EUPL-1.2',
      'OSL-3.0',
    ],
    name: 'Copyleft for software',
    url: 'https://www.gnu.org/licenses/gpl-3.0.html',
    duties: ['credit', 'licence-text'],
    open: 'publish',
    reading:
      'Private use is free. It was written for software, and it is unsettled what it asks of weights trained on such a work, so you must decide before you publish.',
  },
  {
    ...FREE,
    ids: [...versions('GFDL', '1.1 1.2 1.3'), 'LAL-1.2', 'LAL-1.3', 'CC-SA-1.0'],
    name: 'Copyleft for texts and pictures',
    url: 'https://www.gnu.org/licenses/fdl-1.3.html',
    duties: ['credit', 'licence-text'],
    open: 'publish',
    reading:
      'Private use is free. It asks that adaptations stay under the same licence, which no Creative Commons licence of the adapter satisfies for certain, so you must decide before you publish.',
  },
  {
    ...FREE,
    ids: ['ODbL-1.0'],
    name: 'Open Database License',
    url: 'https://opendatacommons.org/licenses/odbl/1-0/',
    duties: ['credit'],
    copyleft: 'database',
    open: 'publish',
    reading:
      'Share alike for the database. You must decide whether a model is a "produced work" or a derivative database.',
  },
  {
    ...FREE,
    ids: ['CDLA-Sharing-1.0'],
    name: 'Community Data License Agreement, sharing',
    url: 'https://cdla.dev/sharing-1-0/',
    duties: ['credit'],
    copyleft: 'database',
    reading: 'Duties apply if you share the data. Results computed from it are free.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-own-work', 'LicenseRef-atelier-own-work'],
    name: 'Own work, as declared',
    url: null,
    reading: 'Any use you choose. Releases for people and places shown are a separate matter.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-contract-ai-granted'],
    name: 'Contract that grants AI training',
    url: null,
    reading: 'Any use that the contract grants. Keep the contract.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-contract-ai-silent', 'LicenseRef-contract'],
    name: 'Contract that is silent on AI training',
    url: null,
    open: 'all',
    reading: 'Read the contract or ask the owner: many stock licences forbid machine learning.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-contract-ai-forbidden'],
    name: 'Contract that forbids AI training',
    url: null,
    refuses: 'all',
    reading: 'You must not use it for training.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-all-rights-reserved'],
    name: 'All rights reserved',
    url: null,
    open: 'all',
    refuses: 'publish',
    reading:
      'Nothing permits publishing. You must decide about private training: exceptions for text and data mining differ by country and end with an opt-out.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-Qwen', 'LicenseRef-Tongyi-Qianwen'],
    name: 'Qwen License Agreement',
    url: 'https://huggingface.co/Qwen/Qwen2-VL-72B-Instruct/blob/main/LICENSE',
    duties: ['credit', 'licence-text', 'state-changes', 'pass-on-use-limits', 'built-with'],
    extraTerms: true,
    reading: 'Any use below 100 million monthly users, with the notice, and "Built with Qwen" where required.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-Qwen-Research'],
    name: 'Qwen Research License Agreement',
    url: 'https://huggingface.co/Qwen/Qwen2.5-VL-3B-Instruct/blob/main/LICENSE',
    duties: ['credit', 'licence-text', 'state-changes', 'pass-on-use-limits', 'built-with', 'non-commercial'],
    extraTerms: true,
    nonCommercial: true,
    reading: 'Non-commercial research and evaluation only.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-Llama-3.2'],
    name: 'Llama 3.2 Community License',
    url: 'https://www.llama.com/llama3_2/license/',
    duties: ['credit', 'licence-text', 'pass-on-use-limits', 'built-with'],
    extraTerms: true,
    open: 'all',
    reading: 'It grants no multimodal rights to people in the EU, and limits naming and use. You must decide.',
  },
  {
    ...FREE,
    ids: [
      'LicenseRef-Llama-2',
      'LicenseRef-Llama-3',
      'LicenseRef-Llama-3.1',
      'LicenseRef-Llama-3.3',
      'LicenseRef-Llama-4',
    ],
    name: 'Llama Community License',
    url: 'https://www.llama.com/license/',
    duties: ['credit', 'licence-text', 'pass-on-use-limits', 'built-with'],
    extraTerms: true,
    open: 'all',
    reading: 'It limits who may use it, for what, and under which name. Read its terms and decide.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-Gemma'],
    name: 'Gemma Terms of Use',
    url: 'https://ai.google.dev/gemma/terms',
    duties: ['licence-text', 'state-changes', 'pass-on-use-limits'],
    extraTerms: true,
    reading: 'Any use within its use restrictions, which you must pass on as enforceable terms.',
  },
  {
    ...FREE,
    ids: [
      'LicenseRef-OpenRAIL-M',
      'LicenseRef-CreativeML-OpenRAIL-M',
      'LicenseRef-BigScience-OpenRAIL-M',
      'LicenseRef-BigScience-BLOOM-RAIL-1.0',
      'LicenseRef-BigCode-OpenRAIL-M',
      'LicenseRef-OpenRAIL-PlusPlus-M',
    ],
    name: 'OpenRAIL-M family',
    url: 'https://www.licenses.ai/ai-licenses',
    duties: ['credit', 'licence-text', 'state-changes', 'pass-on-use-limits'],
    extraTerms: true,
    reading: 'Any use within its use restrictions, which you must pass on as enforceable terms.',
  },
];

const BY_ID = new Map(LICENCE_FACTS.flatMap((facts) => facts.ids.map((id) => [id, facts] as const)));

/** The row of an SPDX id or `LicenseRef-…`; undefined if it is not in the table. */
export function factsOf(id: string): LicenceFacts | undefined {
  return BY_ID.get(id);
}

/** Every id in the table, as written. */
export function knownIds(): string[] {
  return [...BY_ID.keys()];
}

/** Address of a licence's text: its own for Creative Commons, otherwise its row's, otherwise SPDX's page. */
export function urlOf(id: string): string | null {
  const match = /^CC-(BY(?:-NC)?(?:-SA|-ND)?)-(\d\.\d)(?:-([A-Z]+))?$/.exec(id);
  if (match !== null) {
    const [, terms = '', version = '', port] = match;
    const national = port === undefined ? '' : `${port.toLowerCase()}/`;
    return `https://creativecommons.org/licenses/${terms.toLowerCase()}/${version}/${national}`;
  }
  if (id === 'CC0-1.0' || id === 'Apache-2.0' || id === 'CC-PDM-1.0') return factsOf(id)?.url ?? null;
  if (id.startsWith('LicenseRef-')) return factsOf(id)?.url ?? null;
  return `https://spdx.org/licenses/${id}.html`;
}
