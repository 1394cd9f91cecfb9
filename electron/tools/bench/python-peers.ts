/** @file The peers' Python environment: created under .cache/ when first needed. */
import { spawnSync } from 'node:child_process';
import { PEER_SETUP } from './places.ts';

export interface PythonPeers {
  python: string;
  /** Versions of the relevant packages, by name. */
  versions: Record<string, string>;
}

/** The environment, created if missing (takes minutes); null if unavailable, which is then printed. */
export function preparePeers(): PythonPeers | null {
  const { stdout, status } = spawnSync(process.execPath, [PEER_SETUP], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (status === 0 && last.startsWith('{')) return JSON.parse(last) as PythonPeers;
  process.stderr.write(stdout);
  return null;
}
