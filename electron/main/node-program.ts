/**
 * @file Node's own program, under which the engine and the picture process run. They cannot run inside Electron: on Linux
 * its process already holds other versions of the libraries that libvips needs, and it forbids the external buffers that
 * graphics cards are read through.
 */
import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AtelierError } from '../contract/errors/errors.ts';

const NAME = process.platform === 'win32' ? 'node.exe' : 'node';

export interface NodeProgramOptions {
  isPackaged: boolean;
  /** Electron's `process.resourcesPath`. */
  resourcesPath: string;
  env: NodeJS.ProcessEnv;
}

/**
 * The installed app ships its own Node. In a checkout, `npm start` names the Node that runs it in ATELIER_NODE; without
 * that, the first Node on the PATH is used.
 * @throws AtelierError NOT_FOUND if there is none
 */
export function findNode({ isPackaged, resourcesPath, env }: NodeProgramOptions): string {
  const candidates = isPackaged
    ? [join(resourcesPath, 'node', NAME)]
    : [env['ATELIER_NODE'] ?? '', ...(env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, NAME))];
  const found = candidates.find((path) => path !== '' && statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  if (found !== undefined) return found;
  throw new AtelierError(
    'NOT_FOUND',
    `Node's program is missing${isPackaged ? `: ${candidates.join()}` : ' from the PATH'}.`,
    {
      remedy: isPackaged ? 'Install Atelier again.' : 'Start Atelier with npm start.',
    },
  );
}
