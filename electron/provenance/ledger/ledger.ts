/**
 * @file The ledger: may you train on this, may you share the result, and what are your duties? The facts come from the
 * table in licence-facts.ts. Rules R1–R12 combine them, and the most restrictive one applies. Unknown never counts as
 * allowed.
 */
import type { Recipe } from '../../contract/model/recipe.ts';
import type { UnknownUse } from '../../contract/model/signals.ts';
import { canonicalJson, compareCodePoints, sha256Hex } from '../signing/canonical-json.ts';
import { LICENCE_FACTS } from './licence-facts.ts';
import type { Duty } from './licence-facts.ts';
import {
  countImages,
  has,
  isShareAlike,
  partiesFor,
  sentenceStart,
  shareAlikeFamilies,
  unionOfDuties,
} from './licence-party.ts';
import type { Party } from './licence-party.ts';
import { RULE_TEXT } from './ledger-rules.ts';
import type { LedgerReason, RuleId } from './ledger-rules.ts';
import { OUTBOUND_OF, allowedIds, outboundChoices } from './outbound.ts';
import type { OutboundChoice } from './outbound.ts';
import { codeFactsOf } from '../documents/reward-code.ts';
import type { RewardCode } from '../documents/reward-code.ts';

export const PURPOSES = ['train-privately', 'publish-non-commercially', 'publish-commercially'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** From best to worst. */
export const VERDICTS = ['allowed', 'allowed-with-duties', 'needs-decision', 'blocked'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Raise this if the rules or their words change. Older ledgers then cannot be recomputed. */
export const RULES_VERSION = 8;

export const LEDGER_NOTICE =
  'This is a conservative reading, not legal advice. Courts have not settled whether trained weights are derived from training images.';

/** Images that share a stated licence. `optedOut`: a signal against training was found and has not been lifted. */
export interface ImageLicenceGroup {
  expression: string | null;
  imageIds: readonly string[];
  optedOut?: boolean;
}

export interface LedgerInput {
  baseLicence: string | null;
  imageLicences: readonly ImageLicenceGroup[];
  /** What the dataset's import did with images that say nothing about training; absent = not recorded. */
  unknownUse?: UnknownUse | undefined;
  /** Your own reward code; absent or empty if all rewards are built in. */
  rewardCode?: readonly RewardCode[];
  /** The adapter made elsewhere that the weights rest on; absent = none. */
  startAdapter?: StatedAdapter | undefined;
}

export interface StatedAdapter {
  name: string;
  /** As its folder states it. */
  licence: string | null;
}

/** What a recipe says about the adapter made elsewhere that its weights rest on. */
export function statedAdapterOf({ startAdapter }: Pick<Recipe, 'startAdapter'>): StatedAdapter | undefined {
  return startAdapter === undefined ? undefined : { name: startAdapter.name, licence: startAdapter.licence };
}

export interface PurposeVerdict {
  purpose: Purpose;
  verdict: Verdict;
  reasons: LedgerReason[];
}

export interface Ledger {
  version: 1;
  /** Hash of the licence facts table that was used, so a later reader can tell whether it is still the same. */
  factsSha256: string;
  baseLicence: string | null;
  /** What the dataset's import did with images that say nothing about training. */
  unknownUse?: UnknownUse;
  /** One line per stated licence: the number of images, and how the licence was read. */
  table: { expression: string | null; readAs: string[]; images: number; reading: string }[];
  purposes: PurposeVerdict[];
  duties: { duty: Duty; text: string; because: string[] }[];
  /** Only if a reward is your own code. */
  rewardCode?: { name: string; licence: string | null; reading: string }[];
  /** Only if the weights rest on an adapter that was made elsewhere. */
  startAdapter?: { name: string; licence: string | null; reading: string };
  /** Licences under which you may publish the adapter, best first; empty if publishing is not possible. */
  outboundLicences: string[];
  notice: string;
}

/** Up to this many combinations, OR alternatives are tried jointly; beyond that, each expression separately. */
const MAX_COMBINATIONS = 256;

/** Hash of the table of facts and the version of the rules. */
export function licenceFactsSha256(): string {
  return sha256Hex(canonicalJson({ facts: LICENCE_FACTS, rules: RULES_VERSION }));
}

/** Assesses for each purpose whether the licences permit it, why not, and which duties follow. Pure and deterministic. */
export function assessLicences(input: LedgerInput): Ledger {
  const { base, images: works, code, purposes } = judgeParties(input);
  const images = works.filter(({ kind }) => kind === 'images');
  const adapter = works.find(({ kind }) => kind === 'adapter');
  return {
    version: 1,
    factsSha256: licenceFactsSha256(),
    baseLicence: input.baseLicence,
    ...(input.unknownUse === undefined ? {} : { unknownUse: input.unknownUse }),
    table: images.map((party) => ({
      expression: party.expression,
      readAs: party.ids,
      images: party.imageIds.length,
      reading: readingOf(party),
    })),
    purposes,
    duties: unionOfDuties([base, ...works, ...code]),
    ...(code.length === 0 ? {} : { rewardCode: code.map(codeLine) }),
    ...(adapter === undefined || input.startAdapter === undefined
      ? {}
      : { startAdapter: { ...input.startAdapter, reading: readingOf(adapter) } }),
    outboundLicences: allowedIds(outboundOf(base, works, code, purposes)),
    notice: LEDGER_NOTICE,
  };
}

/** Every licence you might choose for the weights, with the reasons against those you may not choose. */
export function explainOutbound(input: LedgerInput): OutboundChoice[] {
  const { base, images, code, purposes } = judgeParties(input);
  return outboundOf(base, images, code, purposes);
}

/** `images`: an adapter that training began with counts as a work among them, without an image. */
function judgeParties(input: LedgerInput): {
  base: Party;
  images: Party[];
  code: Party[];
  purposes: PurposeVerdict[];
} {
  const options = [
    partiesFor({
      label: 'the base model',
      kind: 'base',
      expression: input.baseLicence,
      imageIds: [],
      optedOut: false,
    }),
  ];
  if (input.startAdapter !== undefined) {
    const { name, licence } = input.startAdapter;
    const label = `the adapter “${name}”, with which training began`;
    options.push(partiesFor({ label, kind: 'adapter', expression: licence, imageIds: [], optedOut: false }));
  }
  for (const group of joinEqualGroups(input.imageLicences)) {
    options.push(
      partiesFor({
        label: nameOfGroup(group),
        kind: 'images',
        expression: group.expression,
        imageIds: [...group.imageIds],
        optedOut: group.optedOut ?? false,
      }),
    );
  }
  for (const { name, licence } of input.rewardCode ?? []) {
    const label = `the reward code “${name}”`;
    options.push(partiesFor({ label, kind: 'code', expression: licence, imageIds: [], optedOut: false }, codeFactsOf));
  }
  const parties = bestChoice(options);
  const base = parties.find(({ kind }) => kind === 'base');
  if (base === undefined) throw new Error('The base model is missing from the parties.');
  const images = parties.filter(isWork);
  const code = parties.filter(({ kind }) => kind === 'code');
  return { base, images, code, purposes: PURPOSES.map((purpose) => verdictFor(purpose, base, images, code)) };
}

function outboundOf(
  base: Party,
  images: readonly Party[],
  code: readonly Party[],
  purposes: readonly PurposeVerdict[],
): OutboundChoice[] {
  const publish = purposes.find((entry) => entry.purpose === 'publish-non-commercially');
  if (publish === undefined) throw new Error('The verdict on publishing is missing.');
  const possible = VERDICTS.indexOf(publish.verdict) <= VERDICTS.indexOf('allowed-with-duties');
  return outboundChoices(base, images, code, possible ? null : publish.reasons);
}

/** The verdict for one purpose. */
export function verdictOf(ledger: Ledger, purpose: Purpose): PurposeVerdict {
  const found = ledger.purposes.find((entry) => entry.purpose === purpose);
  if (found === undefined) throw new Error(`The ledger has no verdict for ${purpose}.`);
  return found;
}

/** The worse of two verdicts. */
export function worse(a: Verdict, b: Verdict): Verdict {
  return VERDICTS.indexOf(a) >= VERDICTS.indexOf(b) ? a : b;
}

function joinEqualGroups(groups: readonly ImageLicenceGroup[]): ImageLicenceGroup[] {
  const joined = new Map<string, { expression: string | null; imageIds: Set<string>; optedOut: boolean }>();
  for (const group of groups) {
    const optedOut = group.optedOut ?? false;
    const key = JSON.stringify([group.expression, optedOut]);
    const entry = joined.get(key) ?? { expression: group.expression, imageIds: new Set<string>(), optedOut };
    for (const id of group.imageIds) entry.imageIds.add(id);
    joined.set(key, entry);
  }
  return [...joined.entries()]
    .filter(([, entry]) => entry.imageIds.size > 0)
    .sort(([a], [b]) => compareCodePoints(a, b))
    .map(([, entry]) => ({ ...entry, imageIds: [...entry.imageIds].sort(compareCodePoints) }));
}

function nameOfGroup(group: ImageLicenceGroup): string {
  // Not by its hash: nobody knows an image by that, and every reason lists its images beside the sentence.
  return group.imageIds.length === 1 ? '1 image' : `${group.imageIds.length} images`;
}

/** OR lets you choose: takes the choice that permits the most, and the first one among equals. */
function bestChoice(options: Party[][]): Party[] {
  const combinations = options.reduce((product, list) => product * list.length, 1);
  if (combinations > MAX_COMBINATIONS) return options.flatMap((list) => cheapest(list.map((party) => [party])));
  let choices: Party[][] = [[]];
  for (const list of options) choices = choices.flatMap((chosen) => list.map((party) => [...chosen, party]));
  return cheapest(choices);
}

function cheapest(choices: Party[][]): Party[] {
  const costs = choices.map(costOf);
  const best = costs.indexOf(Math.min(...costs));
  return choices[best] ?? [];
}

function costOf([first, ...rest]: Party[]): number {
  if (first === undefined) return 0;
  const images = rest.filter(isWork);
  const code = rest.filter(({ kind }) => kind === 'code');
  const verdicts = PURPOSES.map((purpose) => VERDICTS.indexOf(verdictFor(purpose, first, images, code).verdict));
  const duties = unionOfDuties([first, ...rest]).length;
  return verdicts.reduce((sum, verdict) => sum + verdict, 0) * 100 + duties;
}

function verdictFor(purpose: Purpose, base: Party, images: readonly Party[], code: readonly Party[]): PurposeVerdict {
  const parties = [base, ...images];
  const reasons: LedgerReason[] = [];
  let verdict: Verdict = 'allowed';
  const rule = (id: RuleId, grade: Verdict, text: string, because: readonly Party[]): void => {
    verdict = worse(verdict, grade);
    const imageIds = [...new Set(because.flatMap((party) => party.imageIds))].sort(compareCodePoints);
    reasons.push({ rule: id, text, imageIds });
  };
  const publishing = purpose !== 'train-privately';

  for (const party of parties) {
    const who = sentenceStart(party);
    if (party.optedOut) rule('R1', 'blocked', `${who}: the owner opted out of training.`, [party]);
    if (party.fault !== null) rule('R7', 'needs-decision', `${who}: ${party.fault}.`, [party]);
    for (const facts of party.facts) {
      const said = `${who} (${party.ids.join(' AND ')})`;
      if (facts.refuses === 'all') rule('R1', 'blocked', `${said}: ${facts.reading}`, [party]);
      else if (facts.refuses === 'publish' && publishing) rule('R10', 'blocked', `${said}: ${facts.reading}`, [party]);
      else if (facts.open === 'all' || (facts.open === 'publish' && publishing)) {
        rule('R11', 'needs-decision', `${said}: ${facts.reading}`, [party]);
      }
      if (facts.nonCommercial && purpose === 'publish-commercially') {
        rule('R3', 'blocked', `${said}: ${facts.reading}`, [party]);
      }
      if (facts.noDerivatives && publishing) rule('R4', 'blocked', `${said}: ${facts.reading}`, [party]);
    }
  }
  for (const party of publishing ? code : []) {
    const who = sentenceStart(party);
    const remedy = 'State its licence in the file (`SPDX-License-Identifier: …`).';
    if (party.fault !== null) rule('R12', 'needs-decision', `${who}: ${party.fault}. ${remedy}`, []);
    for (const facts of party.facts) {
      if (facts.refuses !== 'none') rule('R12', 'blocked', `${who}: ${facts.reading}`, []);
      else if (facts.open !== 'none') rule('R12', 'needs-decision', `${who}: ${facts.reading}`, []);
      if (facts.nonCommercial && purpose === 'publish-commercially')
        rule('R12', 'blocked', `${who}: ${facts.reading}`, []);
    }
  }
  if (publishing)
    for (const conflict of conflictsIn(base, images)) rule('R5', 'blocked', conflict.text, conflict.because);
  if (publishing && verdict === 'allowed' && allowedIds(outboundChoices(base, images, code, null)).length === 0) {
    const { text, because } = withoutLicence(parties);
    rule('R5', 'needs-decision', text, because);
  }

  const duties = unionOfDuties([...parties, ...code]).filter(({ duty }) => publishing || duty === 'non-commercial');
  const owed = new Set(duties.map(({ duty }) => duty));
  const asking = parties.filter((party) => has(party, (facts) => facts.duties.some((duty) => owed.has(duty))));
  if (owed.size > 0) rule('R2', 'allowed-with-duties', duties.map(({ text }) => text).join(' '), asking);
  const family = publishing ? shareAlikeFamilies(parties)[0] : undefined;
  if (family !== undefined && !base.facts.some((facts) => facts.extraTerms || facts.copyleft !== null)) {
    rule(
      'R6',
      'allowed-with-duties',
      `Publish the adapter under ${OUTBOUND_OF[family]}; keep the base model's notices.`,
      images.filter((party) => has(party, (facts) => facts.copyleft === family)),
    );
  }
  return { purpose, verdict, reasons };
}

interface Conflict {
  text: string;
  because: Party[];
}

/** R5: two share-alike families; share-alike with non-commercial work outside it; share-alike with extra terms. */
function conflictsIn(base: Party, images: readonly Party[]): Conflict[] {
  const parties = [base, ...images];
  const families = shareAlikeFamilies(parties);
  const conflicts: Conflict[] = [];
  const byFamily = families.map((family) => images.filter((party) => has(party, (facts) => facts.copyleft === family)));
  if (families.length > 1) {
    const smallest = [...byFamily].sort((a, b) => countImages(a) - countImages(b))[0] ?? [];
    const names = families.join(' and ');
    conflicts.push({
      text: `${names} each demand to be the only licence of the result. ${howToResolve(smallest)}`,
      because: smallest,
    });
  }
  const commercialFamilies = families.filter((family) => !family.includes('-NC-'));
  const foreignNc = parties.filter((party) =>
    has(party, (facts) => facts.nonCommercial && !isShareAlike(facts.copyleft)),
  );
  if (commercialFamilies.length > 0 && foreignNc.length > 0) {
    const sharing = images.filter((party) =>
      has(party, (facts) => commercialFamilies.some((family) => family === facts.copyleft)),
    );
    const fewer = countImages(foreignNc) > 0 && countImages(foreignNc) <= countImages(sharing) ? foreignNc : sharing;
    conflicts.push({
      text: `${commercialFamilies.join(' and ')} must stay open to commercial use, but other inputs are non-commercial. ${howToResolve(fewer)}`,
      because: fewer,
    });
  }
  const bound = parties.filter((party) => has(party, (facts) => facts.extraTerms));
  if (families.length > 0 && bound.length > 0) {
    const sharing = images.filter((party) => has(party, (facts) => isShareAlike(facts.copyleft)));
    const terms = bound.flatMap((party) => party.ids).join(' and ');
    conflicts.push({
      text: `${families.join(' and ')} forbids adding terms, and ${terms} requires you to pass on its terms. ${howToResolve(sharing)}`,
      because: sharing,
    });
  }
  return conflicts;
}

/**
 * Nothing forbids publishing, but no single licence passes on what each part asks for: two sets of use restrictions, or
 * use restrictions with non-commercial work. The terms may permit publishing under all of them together.
 */
function withoutLicence(parties: readonly Party[]): Conflict {
  const because = parties.filter((party) => has(party, (facts) => facts.extraTerms || facts.nonCommercial));
  const ids = [...new Set(because.flatMap((party) => party.ids))].sort(compareCodePoints);
  const count = countImages(because);
  const remedy =
    count === 0
      ? 'Read whether they can be combined, or choose another base model.'
      : `Read whether they can be combined, or leave out ${count === 1 ? 'this image' : `some of these ${count} images`}.`;
  return { text: `No single licence for the weights meets the terms of ${ids.join(' and ')}. ${remedy}`, because };
}

function howToResolve(parties: readonly Party[]): string {
  const count = countImages(parties);
  if (count === 0) return 'Choose another base model to publish the adapter.';
  return `You cannot publish under a single licence. To resolve this, leave out ${count === 1 ? 'this image' : `these ${count} images`}.`;
}

function readingOf(party: Party): string {
  if (party.optedOut) return RULE_TEXT.R1;
  if (party.fault !== null) return `Unknown: ${party.fault}.`;
  return [...new Set(party.facts.map((facts) => facts.reading))].join(' ');
}

function isWork({ kind }: Party): boolean {
  return kind === 'images' || kind === 'adapter';
}

function codeLine(party: Party): { name: string; licence: string | null; reading: string } {
  return {
    name: party.label.replace(/^the reward code “|”$/g, ''),
    licence: party.expression,
    reading: readingOf(party),
  };
}
