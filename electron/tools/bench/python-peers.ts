/** @file The peers' Python environment: made under .cache/ when it is first needed. */
import { spawnSync } from 'node:child_process';
import { PEER_SETUP } from './places.ts';

export interface PythonPeers {
  python: string;
  /** Of the packages that matter, by name. */
  versions: Record<string, string>;
}

/** The environment, made first where it is missing (minutes); null where it cannot be had, which is then printed. */
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
