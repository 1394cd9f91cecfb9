/** @file A recipe as YAML (or JSON, which is YAML too): the file that you keep, read, and start elsewhere. */
import { Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { issueWords } from '../contract/errors/issue-words.ts';
import { Detail } from '../contract/model/detail.ts';
import { DatasetId, ModelId } from '../contract/model/primitives.ts';
import { AdapterRequest, MixtureRequest, Recipe, StartRequest, WrittenPart } from '../contract/model/recipe.ts';
import type { RunRequest } from '../contract/model/runs.ts';
import { writtenMixture } from '../method/mixture.ts';
import { faultOfFrozenWeights } from '../method/recipe-faults.ts';

/** Ids are valid only in one data folder; the names are for human readers and other machines. */
export type RecipeNames = { model: string; dataset: string };

const RecipeFile = z.object({
  ...Recipe.omit({ modelSha256: true, datasetSha256: true }).partial().shape,
  mixture: z.array(WrittenPart).min(2).max(16).optional(),
  startFrom: StartRequest.optional(),
  startAdapter: AdapterRequest.optional(),
  detail: Detail.optional(),
  modelId: ModelId.optional(),
  datasetId: DatasetId.optional(),
  model: z.string().optional(),
  dataset: z.string().optional(),
});
export type RecipeFile = z.infer<typeof RecipeFile>;

/** Finds misspelt fields where others are missing because of them. */
const RecipeDraft = RecipeFile.extend({ mixture: z.array(WrittenPart.partial()).optional() });

/** A problem you can act on: the line of the text and the field, and what is wrong there. */
export type RecipeProblem = { where: string; message: string };

/** A recipe with a long prompt template has a few KiB. */
const MOST_CHARACTERS = 64 * 1024;
/** A recipe has about ten; more than a thousand inside each other would end the process that parses them. */
const MOST_BRACKETS = 200;
const TOO_DEEP = /^[ \t\-?:]{65}/m;

export function recipeToYaml(request: RunRequest, names: RecipeNames): string {
  const document = new Document({
    ...names,
    ...request,
    ...writtenMixture({ mixture: MixtureRequest.optional().parse(request.mixture) }),
  });
  const evalSamples = document.get('evalSamples', true);
  if (isScalar(evalSamples) && evalSamples.value === 0) evalSamples.comment = ' all held-out samples';
  return document.toString({ lineWidth: 100 });
}

/** What the fields of a recipe say against each other: the path of a field, and the sentence. */
export type Objection = { path: readonly PropertyKey[]; message: string };

/**
 * Two parts of a mixture that are one dataset. `idOf` finds the dataset that a part names here; by default, only equal ids
 * or names are the same.
 */
export function mixedTwice(
  { mixture = [] }: Pick<RecipeFile, 'mixture'>,
  idOf: (part: WrittenPart) => string | undefined = ({ datasetId, dataset }) => datasetId ?? dataset,
): Objection[] {
  const seen = new Set<string>();
  return mixture.flatMap((part, index) => {
    const id = idOf(part);
    if (id === undefined) return [];
    const isTwice = seen.has(id);
    seen.add(id);
    const name = part.dataset ?? id;
    return isTwice ? [{ path: ['mixture', index], message: `The mixture names the dataset "${name}" twice.` }] : [];
  });
}

/** Weights in 4 bits below full fine-tuning, which has none that stay as they are. */
export function roundedAndTrained({
  adapter,
  frozenWeights,
}: Pick<RecipeFile, 'adapter' | 'frozenWeights'>): Objection[] {
  const fault = faultOfFrozenWeights({ adapter, frozenWeights });
  return fault === undefined ? [] : [{ path: [fault.field], message: fault.message }];
}

/**
 * Reads a recipe; `objections` finds what its fields, each valid by itself, say against each other. Refuses fields that it does not
 * know, at any depth: a typo must not silently become a default.
 */
export function recipeFromYaml(
  text: string,
  objections: (recipe: RecipeFile) => Objection[] = () => [],
): { recipe: RecipeFile } | { problems: RecipeProblem[] } {
  if (isUnreasonable(text)) return { problems: [{ where: '', message: 'It is too long or too deep for a recipe.' }] };
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const lineAt = (offset: number): string => `line ${String(lineCounter.linePos(offset).line)}`;
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map((error) => ({
        where: lineAt(error.pos[0]),
        message: (error.message.split('\n')[0] ?? error.message).replace(/ at line .*$/, ''),
      })),
    };
  }
  const where = (path: readonly PropertyKey[]): string => {
    const offset = offsetOf(document.contents, path);
    return [offset === null ? '' : lineAt(offset), path.map(String).join('.')].filter((each) => each !== '').join(', ');
  };
  let written: unknown;
  try {
    written = document.toJS();
  } catch (error) {
    return { problems: [{ where: '', message: error instanceof Error ? error.message : String(error) }] };
  }
  const parsed = RecipeFile.safeParse(written);
  const known = parsed.success ? parsed.data : RecipeDraft.safeParse(written).data;
  const unknown = unknownPaths(written, known).map((path) => ({
    where: where(path),
    message: 'is not a field of a recipe',
  }));
  if (parsed.success) {
    const against = objections(parsed.data).map(({ path, message }) => ({ where: where(path), message }));
    const problems = [...unknown, ...against];
    return problems.length === 0 ? { recipe: parsed.data } : { problems };
  }
  const issues = [...parsed.error.issues, ...issuesOfKindlessAdapter(written)].map((issue) => ({
    where: where(issue.path),
    message: issueWords(issue).wrong,
  }));
  // A misspelt field comes first: it is why another is missing.
  return { problems: [...unknown, ...issues] };
}

/** What is wrong with the fields of an adapter without `kind`: only an adapter (LoRA) has any. */
function issuesOfKindlessAdapter(written: unknown): z.core.$ZodIssue[] {
  const adapter = z.object({ adapter: z.looseObject({ kind: z.undefined().optional() }) }).safeParse(written)
    .data?.adapter;
  if (adapter === undefined) return [];
  const issues = RecipeFile.shape.adapter.safeParse({ ...adapter, kind: 'lora' }).error?.issues ?? [];
  return issues
    .filter(({ path: [field] }) => field !== undefined && String(field) in adapter)
    .map((issue) => ({ ...issue, path: ['adapter', ...issue.path] }));
}

function isUnreasonable(text: string): boolean {
  return text.length > MOST_CHARACTERS || text.split(/[[{]/).length > MOST_BRACKETS || TOO_DEEP.test(text);
}

/** Paths of the fields that a schema dropped from what was written. */
function unknownPaths(written: unknown, known: unknown, path: PropertyKey[] = []): PropertyKey[][] {
  if (typeof written !== 'object' || written === null || typeof known !== 'object' || known === null) return [];
  const fields = known as Record<string, unknown>;
  return Object.entries(written).flatMap(([key, value]) => {
    const at = [...path, key];
    return key in fields ? unknownPaths(value, fields[key], at) : [at];
  });
}

/** Where the field at `path` begins in the text, or the nearest field around it; null if there is no place to name. */
function offsetOf(node: unknown, path: readonly PropertyKey[]): number | null {
  const [key, ...rest] = path;
  if (key === undefined) return null;
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
    if (!isScalar(pair?.key)) return null;
    return offsetOf(pair.value, rest) ?? pair.key.range?.[0] ?? null;
  }
  if (!isSeq(node)) return null;
  const item = node.items[Number(key)];
  return offsetOf(item, rest) ?? (isNode(item) ? (item.range?.[0] ?? null) : null);
}
