/**
 * @file The ledger: may I train on this, may I pass the result on, and what do I owe? Facts come from the table in
 * licence-facts.ts, rules R1–R11 combine them, the most restrictive wins. Unknown is never counted as allowed.
 */
import { canonicalJson, compareCodePoints, sha256Hex } from './canonical-json.ts';
import { DUTY_TEXT, LICENCE_FACTS, factsOf } from './licence-facts.ts';
import type { Copyleft, Duty, LicenceFacts } from './licence-facts.ts';
import { readLicence } from './spdx.ts';

export const PURPOSES = ['train-privately', 'publish-non-commercially', 'publish-commercially'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** From best to worst. */
export const VERDICTS = ['allowed', 'allowed-with-duties', 'needs-decision', 'blocked'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What each rule says, for screens and documents. */
export const RULE_TEXT = {
  R1: 'Work whose owner opted out, or whose contract forbids it, must not be trained on; only the owner can lift that.',
  R2: 'The duties of everything that went in add up.',
  R3: 'One non-commercial part makes the whole non-commercial.',
  R4: 'One part that forbids derivatives forbids publishing.',
  R5: 'Terms that each demand to be the only ones cannot both be met.',
  R6: 'Share-alike work over a permissive base: the adapter goes under the share-alike licence, the notices stay.',
  R7: 'What is not known is not permitted.',
  R10: 'All rights reserved: nothing permits publishing.',
  R11: 'The terms leave this open; a person must decide.',
} as const;
export type RuleId = keyof typeof RULE_TEXT;

export const LEDGER_NOTICE =
  'Conservative reading, not legal advice; courts have not settled whether trained weights are derived from training images.';

/** Images that share a stated licence. `optedOut` means that a signal against training was found and not lifted. */
export interface ImageLicenceGroup {
  expression: string | null;
  imageIds: readonly string[];
  optedOut?: boolean;
}

export interface LedgerInput {
  baseLicence: string | null;
  imageLicences: readonly ImageLicenceGroup[];
}

export interface LedgerReason {
  rule: RuleId;
  text: string;
  /** Images that cause it, sorted; empty when the base model does. */
  imageIds: string[];
}

export interface PurposeVerdict {
  purpose: Purpose;
  verdict: Verdict;
  reasons: LedgerReason[];
}

export interface Ledger {
  version: 1;
  /** Hash of the table of licence facts that was used, so that a later reader knows whether it is theirs. */
  factsSha256: string;
  baseLicence: string | null;
  /** One line per stated licence: how many images, and how it was read. */
  table: { expression: string | null; readAs: string[]; images: number; reading: string }[];
  purposes: PurposeVerdict[];
  duties: { duty: Duty; text: string; because: string[] }[];
  /** Licences under which the adapter may be published, best first; empty while publishing is not possible. */
  outboundLicences: string[];
  notice: string;
}

/** A thing whose terms count: the base model, or the images of one stated licence. */
interface Party {
  label: string;
  expression: string | null;
  ids: string[];
  imageIds: string[];
  optedOut: boolean;
  fault: string | null;
  facts: LicenceFacts[];
}

/** Alternatives of OR are tried together up to this many combinations; beyond, each expression on its own. */
const MAX_COMBINATIONS = 256;

/** Hash of the table of facts as shipped. */
export function licenceFactsSha256(): string {
  return sha256Hex(canonicalJson(LICENCE_FACTS));
}

/** Works out, per purpose, whether the licences permit it, why not, and what is owed. Pure and deterministic. */
export function assessLicences(input: LedgerInput): Ledger {
  const groups = joinEqualGroups(input.imageLicences);
  const options = [optionsOf('the base model', input.baseLicence, [], false)];
  for (const group of groups) {
    options.push(optionsOf(nameOfGroup(group), group.expression, [...group.imageIds], group.optedOut ?? false));
  }
  const parties = bestChoice(options);
  const [base, ...images] = parties;
  if (base === undefined) throw new Error('The base model always counts as a party.');
  const purposes = PURPOSES.map((purpose) => verdictFor(purpose, base, images));
  return {
    version: 1,
    factsSha256: licenceFactsSha256(),
    baseLicence: input.baseLicence,
    table: images.map((party) => ({
      expression: party.expression,
      readAs: party.ids,
      images: party.imageIds.length,
      reading: readingOf(party),
    })),
    purposes,
    duties: unionOfDuties(parties),
    outboundLicences: outboundFor(base, images, purposes),
    notice: LEDGER_NOTICE,
  };
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
  const [first] = group.imageIds;
  return group.imageIds.length === 1 ? `image ${first}` : `${group.imageIds.length} images`;
}

/** The ways in which one stated licence can be satisfied; one way with a fault if it cannot be read. */
function optionsOf(label: string, expression: string | null, imageIds: string[], optedOut: boolean): Party[] {
  const common = { label, expression, imageIds, optedOut };
  const statement = readLicence(expression);
  if (statement.kind === 'none') {
    return [{ ...common, ids: [], facts: [], fault: 'no licence is stated' }];
  }
  if (statement.kind === 'unreadable') {
    return [{ ...common, ids: [], facts: [], fault: `"${statement.text}" is not an SPDX licence expression` }];
  }
  return statement.alternatives.map((ids) => {
    const unknown = ids.filter((id) => factsOf(id) === undefined);
    return {
      ...common,
      ids,
      facts: ids.flatMap((id) => factsOf(id) ?? []),
      fault:
        unknown.length === 0
          ? null
          : `${unknown.join(', ')} is not in the table of licences, so its terms are not known`,
    };
  });
}

/** OR lets the taker choose: the choice under which the most is possible, the first written one among equals. */
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
  const verdicts = PURPOSES.map((purpose) => VERDICTS.indexOf(verdictFor(purpose, first, rest).verdict));
  const duties = unionOfDuties([first, ...rest]).length;
  return verdicts.reduce((sum, verdict) => sum + verdict, 0) * 100 + duties;
}

function verdictFor(purpose: Purpose, base: Party, images: readonly Party[]): PurposeVerdict {
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
  if (publishing)
    for (const conflict of conflictsIn(base, images)) rule('R5', 'blocked', conflict.text, conflict.because);

  const duties = unionOfDuties(parties).filter(({ duty }) => publishing || duty === 'non-commercial');
  if (duties.length > 0) rule('R2', 'allowed-with-duties', duties.map(({ text }) => text).join(' '), []);
  const family = publishing ? shareAlikeFamilies(parties)[0] : undefined;
  if (family !== undefined && !base.facts.some((facts) => facts.extraTerms || facts.copyleft !== null)) {
    rule(
      'R6',
      'allowed-with-duties',
      `Publish the adapter under ${OUTBOUND_OF[family]}; keep the base model's notices.`,
      [],
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
      text: `${names} each demand to be the only licence of the result. ${mendBy(smallest)}`,
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
      text: `${commercialFamilies.join(' and ')} must stay free for commercial use, other parts are non-commercial. ${mendBy(fewer)}`,
      because: fewer,
    });
  }
  const bound = parties.filter((party) => has(party, (facts) => facts.extraTerms));
  if (families.length > 0 && bound.length > 0) {
    const sharing = images.filter((party) => has(party, (facts) => isShareAlike(facts.copyleft)));
    const terms = bound.flatMap((party) => party.ids).join(' and ');
    conflicts.push({
      text: `${families.join(' and ')} forbids adding terms, and ${terms} demands that its terms be passed on. ${mendBy(sharing)}`,
      because: sharing,
    });
  }
  return conflicts;
}

function mendBy(parties: readonly Party[]): string {
  const count = countImages(parties);
  if (count === 0) return 'Choose another base model to publish the adapter.';
  return `Publishing under one licence is not possible; leave out ${count === 1 ? 'this image' : `these ${count} images`} to mend it.`;
}

function countImages(parties: readonly Party[]): number {
  return parties.reduce((sum, party) => sum + party.imageIds.length, 0);
}

function has(party: Party, test: (facts: LicenceFacts) => boolean): boolean {
  return party.facts.some(test);
}

function isShareAlike(copyleft: Copyleft | null): copyleft is Exclude<Copyleft, 'database'> {
  return copyleft !== null && copyleft !== 'database';
}

function shareAlikeFamilies(parties: readonly Party[]): Exclude<Copyleft, 'database'>[] {
  const found = parties.flatMap((party) => party.facts.map((facts) => facts.copyleft)).filter(isShareAlike);
  return [...new Set(found)].sort();
}

function unionOfDuties(parties: readonly Party[]): Ledger['duties'] {
  const because = new Map<Duty, Set<string>>();
  for (const party of parties) {
    for (const [index, facts] of party.facts.entries()) {
      for (const duty of facts.duties) {
        const ids = because.get(duty) ?? new Set<string>();
        ids.add(party.ids[index] ?? facts.name);
        because.set(duty, ids);
      }
    }
  }
  return [...because.entries()]
    .sort(([a], [b]) => compareCodePoints(a, b))
    .map(([duty, ids]) => ({ duty, text: DUTY_TEXT[duty], because: [...ids].sort(compareCodePoints) }));
}

const OUTBOUND_OF: Record<Exclude<Copyleft, 'database'>, string> = {
  'CC-BY-SA': 'CC-BY-SA-4.0',
  'CC-BY-SA-1.0': 'CC-BY-SA-1.0',
  'CC-BY-NC-SA': 'CC-BY-NC-SA-4.0',
  'CC-BY-NC-SA-1.0': 'CC-BY-NC-SA-1.0',
};

/** Licences that the person may choose from; only offered when publishing without commerce is possible. */
function outboundFor(base: Party, images: readonly Party[], purposes: readonly PurposeVerdict[]): string[] {
  const publish = purposes.find((entry) => entry.purpose === 'publish-non-commercially');
  if (publish === undefined || VERDICTS.indexOf(publish.verdict) > VERDICTS.indexOf('allowed-with-duties')) return [];
  const parties = [base, ...images];
  const [family] = shareAlikeFamilies(parties);
  if (family !== undefined) return [OUTBOUND_OF[family]];
  if (has(base, (facts) => facts.extraTerms)) return [...base.ids];
  if (parties.some((party) => has(party, (facts) => facts.nonCommercial))) return ['CC-BY-NC-4.0', 'CC-BY-NC-SA-4.0'];
  const open = ['Apache-2.0', 'CC-BY-4.0', 'CC-BY-SA-4.0', 'MIT'];
  const first = open.find((id) => base.ids.includes(id));
  return first === undefined ? open : [first, ...open.filter((id) => id !== first)];
}

function sentenceStart(party: Party): string {
  const label = party.label.startsWith('image ') ? `Image ${party.label.slice(6)}` : party.label;
  return label.charAt(0).toUpperCase() + label.slice(1);
}

function readingOf(party: Party): string {
  if (party.optedOut) return RULE_TEXT.R1;
  if (party.fault !== null) return `Not known: ${party.fault}.`;
  return [...new Set(party.facts.map((facts) => facts.reading))].join(' ');
}
