/** @file `--recipe FILE`: fields of a recipe, from a file that may come from somebody else. */
import { AtelierError } from '../../contract/errors/errors.ts';
import { readJsonObject } from '../../formats/files.ts';

/** The fields as they stand there; the contract checks them. @throws AtelierError NOT_FOUND, or BAD_INPUT naming the file */
export async function readRecipeFile(path: string): Promise<Record<string, unknown>> {
  try {
    return await readJsonObject(path);
  } catch (cause) {
    if (!(cause instanceof AtelierError) || cause.code !== 'BAD_INPUT') throw cause;
    throw new AtelierError('BAD_INPUT', `The file ${path} is not a recipe: ${cause.message}`, {
      place: { file: path },
      remedy: 'Write the fields of a recipe as one JSON object, for example {"steps": 50}.',
      cause,
    });
  }
}
