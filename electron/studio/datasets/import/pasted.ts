/** @file Keeps pictures from the clipboard as files in the data folder, so that they can be imported like any others. */
import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeptPicture, PastedPicture } from '../../../contract/model/datasets.ts';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { LARGEST_UPLOAD_BYTES } from '../../../contract/model/primitives.ts';
import { writeAside, writeError } from '../../../formats/files.ts';
import type { StudioCore } from '../../context.ts';

/** In the data folder. */
const PASTED_FOLDER = 'pasted';
const NAME = 'The pasted picture';

/**
 * Writes the picture, byte for byte, as a file of its folder.
 * @throws AtelierError BAD_INPUT if it cannot be read as a picture; NOT_FOUND for an unknown folder
 */
export async function keepPasted(
  { home, pictures }: Pick<StudioCore, 'home' | 'pictures'>,
  { base64, folder: wanted }: PastedPicture,
): Promise<KeptPicture> {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > LARGEST_UPLOAD_BYTES) {
    throw new AtelierError('BAD_INPUT', `${NAME} is larger than 10 MiB.`, {
      place: { field: 'base64' },
      remedy: 'Save it as a file and import its folder.',
    });
  }
  const { format } = await pictures.examine(bytes, NAME);
  const parent = join(home, PASTED_FOLDER);
  const folder = wanted ?? (await newFolder(parent));
  const folderPath = join(parent, folder);
  if (!(await isFolder(folderPath))) {
    throw new AtelierError('NOT_FOUND', `There is no folder ${folderPath}.`, { place: { field: 'folder' } });
  }
  // Named by its content: pasting the same picture again changes nothing.
  const file = `picture-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.${format}`;
  await writeAside(join(folderPath, file), (write) => write(bytes));
  return { folder, folderPath, file };
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Creates a folder named after the day, with the first number that is free. */
async function newFolder(parent: string): Promise<string> {
  const day = new Date().toISOString().slice(0, 'yyyy-mm-dd'.length);
  try {
    await mkdir(parent, { recursive: true });
    for (let number = 1; ; number += 1) {
      const name = `${day}-${number}`;
      try {
        await mkdir(join(parent, name));
        return name;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch (cause) {
    throw writeError(parent, cause);
  }
}
