/** @file A file with fields of a recipe, in YAML or JSON, which may come from somebody else. */
import { AtelierError } from '../../contract/errors/errors.ts';
import { decodeUtf8, readBytes } from '../../formats/files.ts';
import { recipeFromYaml, type RecipeFile } from '../../reporting/recipe-yaml.ts';

const MOST_BYTES = 1024 * 1024;

/** @throws AtelierError NOT_FOUND, or BAD_INPUT naming the file, and the line and field of what is wrong */
export async function readRecipeFile(path: string): Promise<RecipeFile> {
  const read = recipeFromYaml(await textOf(path));
  if ('recipe' in read) return read.recipe;
  const problems = read.problems.map(({ where, message }) => [where, message].filter((each) => each !== '').join(' '));
  const first = read.problems[0]?.where ?? '';
  const row = Number(/^line (\d+)/.exec(first)?.[1] ?? NaN);
  const field = first.replace(/^line \d+(?:, )?/, '');
  throw new AtelierError('BAD_INPUT', `The file ${path} is not a recipe: ${problems.join('; ')}.`, {
    place: { file: path, ...(Number.isNaN(row) ? {} : { row }), ...(field === '' ? {} : { field }) },
    remedy: REMEDY,
  });
}

const REMEDY =
  'Write the fields of a recipe in YAML, for example "steps: 50". `atelier runs RUN --recipe` writes a whole one.';

async function textOf(path: string): Promise<string> {
  try {
    return decodeUtf8(await readBytes(path, MOST_BYTES), path);
  } catch (cause) {
    if (!(cause instanceof AtelierError) || cause.code !== 'BAD_INPUT') throw cause;
    throw new AtelierError('BAD_INPUT', `The file ${path} is not a recipe: ${cause.message}`, {
      place: { file: path },
      remedy: REMEDY,
      cause,
    });
  }
}
