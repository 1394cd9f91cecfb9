/**
 * @file Holds that Atelier opens no connection to another machine but through two doors. Every file that takes a module of
 * the network, or calls what Node and browsers offer for it, is named here with what it does.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The only ways out of this machine. */
const DOORS = [
  // A hub, when a person asks for a model.
  'electron/studio/models/hub/door.ts',
  'electron/studio/models/hub/offer.ts',
  // A Ray cluster, when a person sends it a job.
  'electron/studio/handoff/ray/door.ts',
];
/** These listen on loopback, or speak to a server that does. */
const LOOPBACK = [
  'electron/web-host/web-host.ts',
  'electron/web-host/security.ts',
  'renderer/src/api/client.ts',
  'renderer/src/shell/Opening.svelte',
];

const MODULES =
  /(?:from|import|require)\s*\(?\s*['"](?:node:)?(https?|http2|net|tls|dgram|dns|dns\/promises|undici|ws|electron\/net|@huggingface\/hub)['"]/;
const CALLS =
  /(?<![.\w#])(?:globalThis\.)?(?:fetch|WebSocket|EventSource|XMLHttpRequest|sendBeacon)\s*[(;]|new (?:WebSocket|EventSource|XMLHttpRequest)\b|= globalThis\.fetch/;

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/');
    const isShipped =
      /\.(ts|svelte|mjs)$/.test(path) && !/\.test\.ts$|\/(testing|fixtures)\/|^electron\/tools\//.test(path);
    return entry.isFile() && isShipped ? [path] : [];
  });
}

/** Without comments, and without methods that happen to be named `fetch`. */
function codeOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '');
}

describe('the network', () => {
  it('is reached through two doors, and loopback through two more', () => {
    const found = [...filesBelow('electron'), ...filesBelow('renderer/src')].filter((path) => {
      const code = codeOf(path);
      return MODULES.test(code) || CALLS.test(code);
    });
    expect(found.sort()).toEqual([...DOORS, ...LOOPBACK].sort());
  });

  it('would be noticed here', () => {
    for (const line of [
      "import { request } from 'node:https';",
      "const hub = await import('@huggingface/hub');",
      "require('net')",
      'await fetch(url)',
      'const send = globalThis.fetch;',
      'new WebSocket(url)',
    ]) {
      expect(MODULES.test(line) || CALLS.test(line), line).toBe(true);
    }
    for (const line of ['store.fetch(url)', 'prefetch(url)', "import { isAbsolute } from 'node:path';"]) {
      expect(MODULES.test(line) || CALLS.test(line), line).toBe(false);
    }
  });
});
