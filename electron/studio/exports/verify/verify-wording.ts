/**
 * @file Builds each document again from the bundle's own records, with the code that wrote it, and compares it line by
 * line: a sentence that does not follow from the records is found wherever it stands.
 */
import { join } from 'node:path';
import { Contribution, Recipe } from '../../../contract/api/index.ts';
import type { ImageOrientation } from '../../../contract/api/index.ts';
import { familyOf } from '../../../formats/model-config.ts';
import type { FamilyName } from '../../../formats/model-config.ts';
import { ADAPTER_CONFIG } from '../../../formats/peft.ts';
import { ORIENTATION_TEXT } from '../../../provenance/documents/bundle-description.ts';
import { EvaluationFile } from '../../../provenance/documents/evaluation-record.ts';
import type { ManifestRow } from '../../../provenance/documents/manifest.ts';
import { statedSeconds } from '../../../provenance/documents/model-card.ts';
import { dependencyOf } from '../../../provenance/documents/slsa.ts';
import type { RunStatement } from '../../../provenance/documents/slsa.ts';
import { statedTextBytes } from '../../../provenance/documents/training-summary.ts';
import { creditsOf } from '../../../provenance/ledger/credits.ts';
import type { Ledger } from '../../../provenance/ledger/ledger.ts';
import { keyHint } from '../../../provenance/signing/dsse.ts';
import { DOCUMENTS_VERSION, FILE, buildDocuments, noticeOf } from '../build/documents.ts';
import type { DocumentFacts, DocumentInput, Judged } from '../build/documents.ts';
import { warningsOf } from '../build/create-export.ts';
import { MLX_CHECK } from '../build/mlx-files.ts';
import { cannotTell, fail, pass, readText } from './verify-checks.ts';
import type { Check } from './verify-checks.ts';
import { runIdOf, weightsHeader, weightsOf } from './verify-documents.ts';
import type { BundleDocuments } from './verify-documents.ts';

const NAME = 'words of the documents';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Longer lines are cut in a finding. */
const MOST_CHARACTERS = 160;

export interface WordingInput {
  bundle: BundleDocuments;
  /** What `documentsAgain` gave: undefined if what the documents follow from is not there, null if it cannot all be read. */
  built: ReadonlyMap<string, string> | null | undefined;
  /** The version that verifies; absent = the one that made the bundle. */
  version: string | undefined;
  /** The checks of single documents: one that is already wrong or of an unknown form is not compared again. */
  found: readonly Check[];
}

/** Empty if what the documents follow from cannot be read; other checks say so. */
export async function checkWording({ bundle, built, version, found }: WordingInput): Promise<Check[]> {
  const { folder, statement } = bundle;
  if (statement.kind !== 'read' || built === undefined) return [];
  if (built === null) return [cannotTell(NAME, 'The records from which the documents follow cannot all be read.')];
  const unknownForms = found.filter(({ outcome }) => outcome !== 'pass').map(({ detail }) => detail);
  // Names of a bundle follow from all facts, one of which only the summary holds.
  const withNames = (await readText(folder, FILE.summary)) !== null;
  const shown = (text: string): string => (withNames ? text : text.replaceAll(UUID, 'UUID'));
  const differences: string[] = [];
  const compared: string[] = [];
  for (const [name, expected] of built) {
    const text = await readText(folder, name);
    if (text === null || unknownForms.some((detail) => detail.startsWith(`${name} has a form`))) continue;
    compared.push(name);
    const difference = differenceOf(shown(text), shown(expected));
    if (difference !== null) differences.push(`${name}, ${difference}`);
  }
  if (differences.length === 0)
    return [pass(NAME, `${compared.join(', ')} say, line by line, what follows from the records of the bundle.`)];
  const stated = statement.value.predicate.runDetails.builder.version;
  const isOther = stated['documents'] !== DOCUMENTS_VERSION || (version !== undefined && stated['atelier'] !== version);
  const list = differences.join('; ');
  return [
    isOther
      ? cannotTell(
          NAME,
          `Another version of Atelier made the bundle (${stated['atelier'] ?? 'not named'}), so its documents may say the same in other words. They differ from what this version writes: ${list}.`,
        )
      : fail(NAME, `These documents do not say what follows from the records of the bundle: ${list}.`),
  ];
}

/**
 * Every document that is made of the bundle's own facts, by name; null if one of these facts cannot be read, undefined if a
 * document that states them is not there.
 * @param offered the licence on the card; null if none was chosen, undefined if it cannot be told or is not allowed
 */
export async function documentsAgain(
  bundle: BundleDocuments,
  offered: string | null | undefined,
): Promise<ReadonlyMap<string, string> | null | undefined> {
  const { statement, manifest } = bundle;
  if (statement.kind !== 'read' || manifest.kind !== 'read' || offered === undefined) return undefined;
  if ((await readText(bundle.folder, FILE.card)) === null) return undefined;
  return await builtFrom(bundle, statement.value, manifest.value, offered);
}

async function builtFrom(
  bundle: BundleDocuments,
  statement: RunStatement,
  manifest: ManifestRow[],
  licence: string | null,
): Promise<Map<string, string> | null> {
  const { folder } = bundle;
  const read = async (name: string): Promise<unknown> => parsed(await readText(folder, name));
  const [recipe, evaluation, ledger, contribution] = [
    await read(FILE.recipe),
    await read(FILE.evaluation),
    await read(FILE.ledger),
    await read(FILE.contribution),
  ];
  const [card, summary] = [(await readText(folder, FILE.card)) ?? '', (await readText(folder, FILE.summary)) ?? ''];
  const publicKey = await readText(folder, FILE.publicKey);
  const tag = await familyTag(bundle);
  // Without the header of the weights, their family is not known.
  if (tag === '') return null;
  if (!Recipe.safeParse(recipe).success || !EvaluationFile.safeParse(evaluation).success) return null;
  if (contribution !== undefined && !Contribution.safeParse(contribution).success) return null;
  try {
    const facts = factsFrom(statement, {
      recipe: recipe as Recipe,
      evaluation: evaluation as EvaluationFile,
      contribution: (contribution as Contribution | undefined) ?? null,
      family: familyOf({ family: tag.replaceAll('-', '_') as FamilyName }),
      orientation: card.includes(ORIENTATION_TEXT.upright) ? 'upright' : 'as-stored',
      trainingSeconds: statedSeconds(card),
    });
    const judged: Judged = { manifest, ledger: ledger as Ledger, credits: creditsOf(manifest) };
    const isLora = facts.recipe.adapter.kind === 'lora';
    // The statement names what was written, also where a file has been lost since.
    const weights = statement.subject.map(({ name, digest }) => ({ name, sha256: digest.sha256 }));
    const names = [...bundle.files, ...weights].map(({ name }) => name);
    const merged = isLora && !names.includes(ADAPTER_CONFIG);
    const digests = new Map(bundle.files.map(({ name, sha256 }) => [name, sha256]));
    const built = buildDocuments({
      facts,
      textBytes: statedTextBytes(summary),
      judged,
      licence,
      records: new Map(),
      recordDigests: digests,
      weights,
      warnings: await warningsOf(folder, facts, judged, merged ? 'merged' : 'bundle'),
      withDocuments: true,
      merged,
      layout: layoutIn(names),
      atelierVersion: statement.predicate.runDetails.builder.version['atelier'] ?? '',
      makerKey: keyHint(publicKey ?? ''),
    });
    built.delete(FILE.statement);
    built.set(FILE.notice, noticeOf(facts, judged, licence, true));
    return built;
  } catch {
    // A ledger or a key of another form: the checks of these files say what is wrong with them.
    return null;
  }
}

function layoutIn(names: readonly string[]): DocumentInput['layout'] {
  if (names.some((name) => name.endsWith('.gguf'))) return 'gguf';
  return names.includes(MLX_CHECK) ? 'mlx' : undefined;
}

interface Stated {
  recipe: Recipe;
  evaluation: EvaluationFile;
  contribution: Contribution | null;
  family: DocumentFacts['family'];
  orientation: ImageOrientation;
  trainingSeconds: number;
}

function factsFrom(statement: RunStatement, { orientation, ...stated }: Stated): DocumentFacts {
  const { buildDefinition, runDetails } = statement.predicate;
  const { device, step, recipeSha256 } = buildDefinition.internalParameters;
  const prefix = 'base-model/';
  const base = dependencyOf(statement, 'base-model');
  const dataset = dependencyOf(statement, 'dataset');
  const { licence = 'unknown', hubId, hubRevision } = base?.annotations ?? {};
  const startedAt = runDetails.metadata.startedOn ?? null;
  const endedAt = runDetails.metadata.finishedOn ?? null;
  return {
    ...stated,
    recipeSha256,
    device,
    hub: hubId === undefined ? null : { id: hubId, revision: hubRevision ?? null },
    baseFiles: buildDefinition.resolvedDependencies
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, digest }) => ({ name: name.slice(prefix.length), sha256: digest.sha256 })),
    run: {
      id: runIdOf(statement) as DocumentFacts['run']['id'],
      startedAt,
      endedAt,
      createdAt: startedAt ?? endedAt ?? '',
    },
    checkpoint: { step },
    model: {
      name: nameIn(base?.uri, 'atelier:model/'),
      licence: licence === 'unknown' ? null : licence,
      sha256: stated.recipe.modelSha256,
    },
    dataset: {
      name: nameIn(dataset?.uri, 'atelier:dataset/'),
      createdAt: dataset?.annotations?.['importedAt'] ?? '',
      orientation,
    },
  };
}

function nameIn(uri: string | undefined, prefix: string): string {
  return decodeURIComponent((uri ?? '').slice(prefix.length));
}

/** The family as the header of the weights names it, such as `qwen2-vl`; empty if it names none. */
async function familyTag({ folder, files }: BundleDocuments): Promise<string> {
  const [first] = weightsOf(files);
  const header = first === undefined ? null : await weightsHeader(join(folder, first.name)).catch(() => null);
  const stated = header?.metadata['modelspec.architecture'] ?? '';
  return stated.replace(/\/lora$/, '');
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

/** The first line that differs, in words; null if the texts are the same. */
function differenceOf(text: string, expected: string): string | null {
  if (text === expected) return null;
  const [lines, expectedLines] = [text.split('\n'), expected.split('\n')];
  const at = lines.findIndex((line, index) => line !== expectedLines[index]);
  const row = at < 0 ? lines.length : at;
  const [says, should] = [lines[row], expectedLines[row]].map((line) =>
    line === undefined ? 'nothing' : JSON.stringify(cut(line, lines[row] ?? '', expectedLines[row] ?? '')),
  );
  return `line ${row + 1} says ${says}, where ${should} follows`;
}

/** The part of a long line around the first difference. */
function cut(line: string, one: string, other: string): string {
  if (line.length <= MOST_CHARACTERS) return line;
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const from = Math.max(0, at - 40);
  return `${from > 0 ? '…' : ''}${line.slice(from, from + MOST_CHARACTERS)}${from + MOST_CHARACTERS < line.length ? '…' : ''}`;
}
