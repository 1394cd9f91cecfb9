/** @file Checks user-supplied paths of models, adapters and images before the engine sees them. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import { typedPath } from '../typed-path.ts';

/** The absolute path of a checkpoint folder. @throws AtelierError NOT_FOUND or BAD_INPUT */
export async function checkpointFolder(path: string): Promise<string> {
  const folder = await existingFolder(path, 'model');
  if (await isFile(join(folder, 'config.json'))) return folder;
  throw new AtelierError('BAD_INPUT', `The folder ${folder} is not a model: it has no config.json.`, {
    place: { file: folder, field: 'model' },
    remedy: 'Name the folder that holds config.json and the *.safetensors files.',
  });
}

/** The absolute path of a PEFT adapter folder. @throws AtelierError NOT_FOUND or BAD_INPUT */
export async function adapterFolder(path: string): Promise<string> {
  const folder = await existingFolder(path, 'adapter');
  for (const name of ['adapter_config.json', 'adapter_model.safetensors']) {
    if (!(await isFile(join(folder, name)))) {
      throw new AtelierError('BAD_INPUT', `The folder ${folder} is not an adapter: it has no ${name}.`, {
        place: { file: folder, field: 'adapter' },
        remedy: 'Name the folder of an exported adapter, or a checkpoint of a run.',
      });
    }
  }
  return folder;
}

/** Absolute paths of image files. @throws AtelierError NOT_FOUND naming the first missing file */
export async function imageFiles(paths: readonly string[], row?: number): Promise<string[]> {
  const files = paths.map((path) => resolve(path));
  for (const file of files) {
    if (await isFile(file)) continue;
    throw new AtelierError('NOT_FOUND', `There is no image ${file}.`, {
      place: { file, field: 'images', ...(row === undefined ? {} : { row }) },
      remedy:
        'Check the path; relative paths count from where the command was given, or from the file that names them.',
    });
  }
  return files;
}

async function existingFolder(path: string, field: string): Promise<string> {
  const folder = await typedPath(path);
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() === true) return folder;
  throw new AtelierError('NOT_FOUND', `There is no folder ${folder}.`, {
    place: { file: folder, field },
    remedy: found === undefined ? 'Check the path.' : 'Name the folder, not a file inside it.',
  });
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
