/** @file What Atelier is made of: the versions of its parts, and the licences of every package that ships with it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Licences, type About } from '../../contract/model/system.ts';
import { readError } from '../../formats/files.ts';
import type { StudioCore } from '../context.ts';
import { sqliteVersion } from './doctor.ts';

/** Versions as the running parts report them. A part that does not answer has none. */
export async function aboutAtelier({
  version,
  engine,
  pictures,
}: Pick<StudioCore, 'version' | 'engine' | 'pictures'>): Promise<About> {
  const [info, sqlite, decoder] = await Promise.all([
    engine.knownInfo ?? engine.info().catch(() => null),
    sqliteVersion().catch(() => null),
    pictures.decoder().catch(() => null),
  ]);
  const { electron, chrome, node } = process.versions as Partial<Record<string, string>>;
  const desktop = [
    { name: 'Electron', version: electron ?? null },
    { name: 'Chromium', version: chrome ?? null },
    { name: 'Node (window)', version: node ?? null },
  ];
  return {
    version,
    parts: [
      ...(electron === undefined ? [] : desktop),
      { name: 'Node (engine)', version: decoder?.node ?? null },
      { name: 'TensorFlow', version: info?.backend === 'tensorflow' ? info.version : null },
      { name: 'SQLite', version: sqlite },
      { name: 'libvips', version: decoder?.libvips ?? null },
    ],
  };
}

/** @throws AtelierError if the list is missing or damaged */
export async function shippedLicences(resourcesDir: string): Promise<Licences> {
  const path = join(resourcesDir, 'licences.json');
  try {
    return Licences.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw readError(path, cause);
  }
}
