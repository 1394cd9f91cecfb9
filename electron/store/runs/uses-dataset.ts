/** @file Which runs draw from a dataset: by itself, or as one of a mixture. */

/** A condition on a row of `run`. @param dataset an expression of SQL that gives the dataset's id */
export function usesDataset(dataset: string): string {
  return `(run.dataset_id = ${dataset} OR EXISTS (
    SELECT 1 FROM recipe, json_each(recipe.canonical_json, '$.mixture') AS part
      WHERE recipe.sha256 = run.recipe_sha256 AND json_extract(part.value, '$.datasetId') = ${dataset}))`;
}
