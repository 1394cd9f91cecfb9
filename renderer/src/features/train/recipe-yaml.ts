/** @file A recipe as a YAML file that you can keep, read, and start elsewhere. */
import { Document, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { RunRequest } from '../../../../electron/contract/api/index.ts';
import { DatasetId, Detail, ModelId, Recipe } from '../../../../electron/contract/api/index.ts';

/** Ids are valid only in one data folder; the names are for human readers and other machines. */
export type RecipeNames = { model: string; dataset: string };

const RecipeFile = z.strictObject({
  ...Recipe.omit({ modelSha256: true, datasetSha256: true }).partial().shape,
  detail: Detail.optional(),
  modelId: ModelId.optional(),
  datasetId: DatasetId.optional(),
  model: z.string().optional(),
  dataset: z.string().optional(),
});
export type RecipeFile = z.infer<typeof RecipeFile>;

/** A problem you can act on: the line of the text, or the field. */
export type RecipeProblem = { where: string; message: string };

export function recipeToYaml(request: RunRequest, names: RecipeNames): string {
  const document = new Document({ ...names, ...request });
  const evalSamples = document.get('evalSamples', true);
  if (isScalar(evalSamples) && evalSamples.value === 0) evalSamples.comment = ' all held-out samples';
  return document.toString({ lineWidth: 100 });
}

/** Reads a recipe. Rejects unknown fields: a typo must not silently become a default. */
export function recipeFromYaml(text: string): { recipe: RecipeFile } | { problems: RecipeProblem[] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map((error) => ({
        where: `line ${String(lineCounter.linePos(error.pos[0]).line)}`,
        message: (error.message.split('\n')[0] ?? error.message).replace(/ at line .*$/, ''),
      })),
    };
  }
  const parsed = RecipeFile.safeParse(document.toJS());
  if (parsed.success) return { recipe: parsed.data };
  return {
    problems: parsed.error.issues.map((issue) => ({ where: issue.path.join('.'), message: issue.message })),
  };
}
