/**
 * @file What each licence asks, as one table to read. A row states facts of the licence's text; the rules that
 * combine rows are in ledger.ts. A licence that is not here is unknown, and unknown is never counted as permission.
 *
 * Sources were read in November 2026: the licence texts at the addresses given; Creative Commons, "Using CC-licensed
 * works for AI training" (May 2025), whose conservative path is followed: comply even where the licence may not apply.
 */

/** Obligations that go with a result. Texts for people are in DUTY_TEXT. */
export type Duty =
  'credit' | 'licence-text' | 'state-changes' | 'share-alike' | 'non-commercial' | 'pass-on-use-limits' | 'built-with';

/** `database`: copyleft that follows the data, not necessarily what is learnt from it. */
export type Copyleft = 'CC-BY-SA' | 'CC-BY-SA-1.0' | 'CC-BY-NC-SA' | 'CC-BY-NC-SA-1.0' | 'database';

export interface LicenceFacts {
  /** SPDX ids, or `LicenseRef-…` where SPDX has none. */
  ids: readonly string[];
  name: string;
  /** Address of the text; null where there is none (a statement of the person's own). */
  url: string | null;
  duties: readonly Duty[];
  copyleft: Copyleft | null;
  nonCommercial: boolean;
  noDerivatives: boolean;
  /** Terms beyond credit that whoever gets the result must be bound by; Creative Commons share-alike forbids such. */
  extraTerms: boolean;
  /** What the text leaves open even when it is known: `all` purposes, `publish` only, or nothing. */
  open: 'none' | 'publish' | 'all';
  /** What the text refuses outright. */
  refuses: 'none' | 'publish' | 'all';
  /** The conservative reading for weights trained on such work, in plain words. */
  reading: string;
}

/** Duty in the words that the ledger and the card show. */
export const DUTY_TEXT: Record<Duty, string> = {
  credit: 'Pass on the list of authors, sources and licences with the adapter.',
  'licence-text': 'Pass on the licence text and any notices of the work.',
  'state-changes': 'Say that the weights were changed.',
  'share-alike': 'If you publish the adapter, publish it under the same licence.',
  'non-commercial': 'Use it, and what you make with it, for non-commercial purposes only.',
  'pass-on-use-limits': 'Bind everyone who gets the adapter to the use restrictions of the base model.',
  'built-with': 'Show the sentence about the base model that its licence asks for ("Built with …" or its like).',
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

/** Published versions of a Creative Commons licence, ports to national law included. */
function cc(name: string, versions: string): string[] {
  return versions.split(' ').map((version) => `${name}-${version}`);
}

export const LICENCE_FACTS: readonly LicenceFacts[] = [
  {
    ...FREE,
    ids: ['CC0-1.0', 'PDDL-1.0', 'CC-PDDC', 'Unlicense', '0BSD', 'MIT-0', 'DL-DE-ZERO-2.0'],
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
      'Any use; keep the link to the source as evidence: the mark is a label, and may be wrong in some countries.',
  },
  {
    ...FREE,
    ids: [
      ...cc('CC-BY', '1.0 2.0 2.5 2.5-AU 3.0 3.0-AT 3.0-AU 3.0-DE 3.0-IGO 3.0-NL 3.0-US 4.0'),
      'DL-DE-BY-2.0',
      'ODC-By-1.0',
      'OGL-UK-3.0',
      'CDLA-Permissive-1.0',
    ],
    name: 'Attribution',
    url: 'https://creativecommons.org/licenses/by/4.0/legalcode',
    duties: ['credit'],
    reading: 'Any use; the list of credits must travel with the adapter.',
  },
  {
    ...FREE,
    ids: cc('CC-BY-SA', '2.0 2.0-UK 2.1-JP 2.5 3.0 3.0-AT 3.0-DE 3.0-IGO 4.0'),
    name: 'Attribution, share alike',
    url: 'https://creativecommons.org/licenses/by-sa/4.0/legalcode',
    duties: ['credit', 'share-alike'],
    copyleft: 'CC-BY-SA',
    reading:
      'Private use is free; if published, release the adapter under CC-BY-SA-4.0. Whether weights count as an adaptation is unsettled.',
  },
  {
    ...FREE,
    ids: ['CC-BY-SA-1.0'],
    name: 'Attribution, share alike 1.0',
    url: 'https://creativecommons.org/licenses/by-sa/1.0/legalcode',
    duties: ['credit', 'share-alike'],
    copyleft: 'CC-BY-SA-1.0',
    reading: 'As share alike, but version 1.0 does not allow a later version: publish only under CC-BY-SA-1.0.',
  },
  {
    ...FREE,
    ids: cc('CC-BY-NC', '1.0 2.0 2.5 3.0 3.0-DE 3.0-IGO 4.0'),
    name: 'Attribution, non-commercial',
    url: 'https://creativecommons.org/licenses/by-nc/4.0/legalcode',
    duties: ['credit', 'non-commercial'],
    nonCommercial: true,
    reading: 'Non-commercial only, and so is what you make with it.',
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
      'Non-commercial; publish only under CC-BY-NC-SA-4.0. It cannot be mixed with CC-BY-SA in a published adapter.',
  },
  {
    ...FREE,
    ids: ['CC-BY-NC-SA-1.0'],
    name: 'Attribution, non-commercial, share alike 1.0',
    url: 'https://creativecommons.org/licenses/by-nc-sa/1.0/legalcode',
    duties: ['credit', 'non-commercial', 'share-alike'],
    copyleft: 'CC-BY-NC-SA-1.0',
    nonCommercial: true,
    reading: 'Non-commercial; version 1.0 does not allow a later version: publish only under CC-BY-NC-SA-1.0.',
  },
  {
    ...FREE,
    ids: cc('CC-BY-ND', '1.0 2.0 2.5 3.0 3.0-DE 4.0'),
    name: 'Attribution, no derivatives',
    url: 'https://creativecommons.org/licenses/by-nd/4.0/legalcode',
    duties: ['credit'],
    noDerivatives: true,
    reading: 'Private training only; do not share the adapter unless the owner agrees.',
  },
  {
    ...FREE,
    ids: cc('CC-BY-NC-ND', '1.0 2.0 2.5 3.0 3.0-DE 3.0-IGO 4.0'),
    name: 'Attribution, non-commercial, no derivatives',
    url: 'https://creativecommons.org/licenses/by-nc-nd/4.0/legalcode',
    duties: ['credit', 'non-commercial'],
    nonCommercial: true,
    noDerivatives: true,
    reading: 'Private, non-commercial training only; do not share the adapter unless the owner agrees.',
  },
  {
    ...FREE,
    ids: ['Apache-2.0'],
    name: 'Apache 2.0',
    url: 'https://www.apache.org/licenses/LICENSE-2.0',
    duties: ['credit', 'licence-text', 'state-changes'],
    reading: 'Any use; pass on the licence and notices, and say what was changed.',
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
    ],
    name: 'Permissive with notice',
    url: 'https://opensource.org/license/mit',
    duties: ['credit', 'licence-text'],
    reading: 'Any use; pass on the notice and the licence text.',
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
      'Share alike for the database; whether a model is a "produced work" or a derivative database is a decision.',
  },
  {
    ...FREE,
    ids: ['CDLA-Sharing-1.0'],
    name: 'Community Data License Agreement, sharing',
    url: 'https://cdla.dev/sharing-1-0/',
    duties: ['credit'],
    copyleft: 'database',
    reading: 'Duties for passing on the data; results of computing with it are free.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-own-work', 'LicenseRef-atelier-own-work'],
    name: 'Own work, as declared',
    url: null,
    reading: 'Any use you choose. Releases of the people and places shown are a matter of their own.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-contract-ai-granted'],
    name: 'Contract that grants AI training',
    url: null,
    reading: 'Any use that the contract grants; keep the contract.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-contract-ai-silent', 'LicenseRef-contract'],
    name: 'Contract that is silent on AI training',
    url: null,
    open: 'all',
    reading: 'The contract must be read or the owner asked: many stock terms forbid machine learning.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-contract-ai-forbidden'],
    name: 'Contract that forbids AI training',
    url: null,
    refuses: 'all',
    reading: 'Must not be used for training.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-all-rights-reserved'],
    name: 'All rights reserved',
    url: null,
    open: 'all',
    refuses: 'publish',
    reading:
      'Nothing permits publishing. Private training is a decision: exceptions for text and data mining differ by country and end with an opt-out.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-Qwen', 'LicenseRef-Tongyi-Qianwen'],
    name: 'Qwen License Agreement',
    url: 'https://huggingface.co/Qwen/Qwen2-VL-72B-Instruct/blob/main/LICENSE',
    duties: ['credit', 'licence-text', 'state-changes', 'pass-on-use-limits', 'built-with'],
    extraTerms: true,
    reading: 'Any use below 100 million monthly users, with the notice, and "Built with Qwen" where it asks for it.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-Qwen-Research'],
    name: 'Qwen Research License Agreement',
    url: 'https://huggingface.co/Qwen/Qwen2.5-VL-3B-Instruct/blob/main/LICENSE',
    duties: ['credit', 'licence-text', 'state-changes', 'pass-on-use-limits', 'built-with', 'non-commercial'],
    extraTerms: true,
    nonCommercial: true,
    reading: 'Research and evaluation only, non-commercial.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-Llama-3.2'],
    name: 'Llama 3.2 Community License',
    url: 'https://www.llama.com/llama3_2/license/',
    duties: ['credit', 'licence-text', 'pass-on-use-limits', 'built-with'],
    extraTerms: true,
    open: 'all',
    reading:
      'Its multimodal rights are not granted to people in the EU; name and use limits apply. A person must decide.',
  },
  {
    ...FREE,
    ids: ['LicenseRef-OpenRAIL-M', 'LicenseRef-CreativeML-OpenRAIL-M', 'LicenseRef-BigScience-OpenRAIL-M'],
    name: 'OpenRAIL-M family',
    url: 'https://www.licenses.ai/ai-licenses',
    duties: ['credit', 'licence-text', 'state-changes', 'pass-on-use-limits'],
    extraTerms: true,
    reading: 'Any use within its use restrictions, which must be passed on as enforceable terms.',
  },
];

const BY_ID = new Map(LICENCE_FACTS.flatMap((facts) => facts.ids.map((id) => [id, facts] as const)));

/** The row of an SPDX id or `LicenseRef-…`; undefined if the table does not know it. */
export function factsOf(id: string): LicenceFacts | undefined {
  return BY_ID.get(id);
}

/** Every id that the table knows, as written. */
export function knownIds(): string[] {
  return [...BY_ID.keys()];
}

/** Address of the text of one licence id: its own for Creative Commons, else its row's, else SPDX's page. */
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
