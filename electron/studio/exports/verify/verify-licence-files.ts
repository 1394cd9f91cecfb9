/** @file The licence files of a bundle: each one has the text of the licence that its place promises. */
import { knownIds } from '../../../provenance/ledger/licence-facts.ts';
import { licenceOfText } from '../../../provenance/ledger/licence-of-text.ts';
import { isTextOf, licenceText } from '../../../provenance/documents/licence-texts.ts';
import { licenceIdsOf, readLicence } from '../../../provenance/documents/spdx.ts';
import type { FileDigest } from '../../../provenance/signing/model-signing.ts';
import { FILE } from '../build/documents.ts';
import { cannotTell, fail, pass, readText } from './verify-checks.ts';
import type { Check } from './verify-checks.ts';

const NAME = 'licence files';
const TERMS = /^(?:un)?(?:licen[cs]e|copying)(?:[._-].*)?$/i;
const NOTICES = /^notice(?:[._-].*)?$/i;
const IN_LICENCES = /^LICENSES\/(.+)\.txt$/;
/** No licence has a longer text. */
const MOST_BYTES = 1_000_000;
/** Longer words are no name of a licence. */
const MOST_TITLE = 200;

export interface LicenceFiles {
  folder: string;
  files: readonly FileDigest[];
  /** The base model's licence in the ledger. */
  baseLicence: string | null;
  /** The licence on the card; null if none was chosen. */
  offered: string | null;
  /** Ids whose texts the bundle must pass on, but nobody here has. */
  unknownTexts: readonly string[];
}

type Finding = { kind: 'wrong' | 'cannot-tell'; text: string };

/** LICENSE and the texts that must be passed on have their own checks; these are all the others. */
export async function checkLicenceFiles(bundle: LicenceFiles): Promise<Check> {
  const findings = [...(await inBaseModel(bundle)), ...(await besideLicence(bundle)), ...(await inLicences(bundle))];
  const of = (kind: Finding['kind']): string =>
    findings
      .filter((finding) => finding.kind === kind)
      .map(({ text }) => text)
      .join('; ');
  if (of('wrong') !== '') return fail(NAME, `${of('wrong')}.`);
  if (of('cannot-tell') !== '') return cannotTell(NAME, `${of('cannot-tell')}.`);
  return pass(NAME, 'Each licence file has the text of the licence that the ledger or its name gives.');
}

/** `base-model/` has the text of the base model's licence, as the ledger names it. */
async function inBaseModel({ folder, files, baseLicence }: LicenceFiles): Promise<Finding[]> {
  const ids = licenceIdsOf(baseLicence);
  const places = files.map(({ name }) => name).filter((name) => isIn(name, 'base-model/', TERMS));
  const known = ids.filter((id) => licenceText(id) !== null);
  if (places.length === 0) {
    const [first] = ids;
    // Every export writes it where it is known.
    if (first === undefined || licenceText(first) === null) return [];
    return [{ kind: 'wrong', text: `base-model/ has no licence, though ${FILE.ledger} says ${first}` }];
  }
  const read = await Promise.all(places.map(async (name) => ({ name, text: await textAt(folder, name) })));
  if (read.some(({ text }) => known.some((id) => isLicence(text, id)))) {
    // The others may be licences of parts, but not of another base model.
    return read.flatMap(({ name, text }) => {
      const other = licenceIn(text);
      return other === null || ids.includes(other)
        ? []
        : [{ kind: 'cannot-tell', text: `${name} has the text of ${other}, and ${FILE.ledger} does not name it` }];
    });
  }
  return read.flatMap(({ name, text }): Finding[] => {
    const whole = licenceOfText(text);
    if (whole !== null && ids.includes(whole)) return [];
    const other = licenceIn(text);
    const said = `${FILE.ledger} says ${baseLicence ?? 'that the base model’s licence is unknown'}`;
    if (other !== null && !ids.includes(other))
      return [{ kind: ids.length === 0 ? 'cannot-tell' : 'wrong', text: `${name} is ${other}, but ${said}` }];
    if (text.trim() === '') return [{ kind: 'wrong', text: `${name} is empty` }];
    // Terms of the model's own: their text is not known here, and they come with the model.
    if (known.length === 0) return [];
    return [
      { kind: 'cannot-tell', text: `${name} is not word for word the text of ${known.join(' or ')}, and ${said}` },
    ];
  });
}

/** A second licence at the top would contradict LICENSE. */
async function besideLicence({ folder, files, offered }: LicenceFiles): Promise<Finding[]> {
  const extra = files
    .map(({ name }) => name)
    .filter((name) => name !== FILE.licence && name !== FILE.notice)
    .filter((name) => isIn(name, '', TERMS) || isIn(name, '', NOTICES));
  const findings: Finding[] = [];
  for (const name of extra) {
    const text = await textAt(folder, name);
    if (offered !== null && isLicence(text, offered)) continue;
    const other = licenceIn(text);
    findings.push(
      other === null
        ? {
            kind: 'cannot-tell',
            text: `${name} lies beside ${FILE.licence}, and no export writes it: nobody checked what it says`,
          }
        : {
            kind: 'wrong',
            text: `${name} has the text of ${other}, but the weights are offered under ${offered ?? 'no licence'}`,
          },
    );
  }
  return findings;
}

/** Each file in `LICENSES/` is named after the licence whose text it has. */
async function inLicences({ folder, files, unknownTexts }: LicenceFiles): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name } of files.filter((file) => file.name.startsWith('LICENSES/'))) {
    const id = IN_LICENCES.exec(name)?.[1] ?? '';
    if (unknownTexts.includes(id)) continue;
    if (licenceText(id) === null)
      findings.push({
        kind: 'cannot-tell',
        text: `${name}: Atelier does not know this text, and nothing here asks for it`,
      });
    else if (!isTextOf(await textAt(folder, name), id))
      findings.push({ kind: 'wrong', text: `${name} does not have the text of ${id}` });
  }
  return findings;
}

function isIn(name: string, prefix: string, pattern: RegExp): boolean {
  return name.startsWith(prefix) && pattern.test(name.slice(prefix.length));
}

async function textAt(folder: string, name: string): Promise<string> {
  return (await readText(folder, name, MOST_BYTES)) ?? '';
}

function isLicence(text: string, id: string): boolean {
  return isTextOf(text, id) || licenceOfText(text) === id;
}

/** The licence that a file is, or that it names in its first words; null if neither can be told. */
function licenceIn(text: string): string | null {
  const read = licenceOfText(text) ?? knownIds().find((id) => isTextOf(text, id));
  if (read !== undefined) return read;
  const [title = ''] = text.trim().split(/[\r\n]|\.\s/);
  for (const words of [text.trim(), title]) {
    const named = words.length <= MOST_TITLE ? readLicence(words) : null;
    if (named?.kind === 'stated') return named.expression;
  }
  return null;
}
