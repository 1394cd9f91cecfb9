/** @file `atelier models get` against a hub of our own: it shows, asks for --yes, and downloads. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeEngine, temporaryFolder } from '../studio/fixtures/test-studio.ts';
import { COMMIT, openSmallHub, type SmallHub } from '../studio/models/hub/testing/small-hub.ts';
import { commandRunner, type CommandRunner } from './testing/run-command.ts';

const MODEL = fileURLToPath(new URL('../engine/fixtures/qwen2vl-tiny/model', import.meta.url));

let hub: SmallHub;
let home: string;
let run: CommandRunner['run'];
beforeAll(async () => {
  hub = await openSmallHub(MODEL, { 'README.md': '---\nlicense: apache-2.0\n---\n' });
  const folder = temporaryFolder();
  home = join(folder, 'home');
  ({ run } = commandRunner({ home, cwd: folder, spawnEngine: fakeEngine, env: { HF_ENDPOINT: hub.url } }));
});
afterAll(() => hub.close());

describe('models get', () => {
  it('shows size, disk and licence, and downloads nothing without --yes', async () => {
    const { status, out } = await run('models', 'get', 'me/tiny');
    expect(status).toBe(0);
    expect(out).toMatch(/me\/tiny \(qwen2_vl\), version c0ffee/);
    expect(out).toMatch(/Size: .* in \d+ files, 1 of them weights/);
    expect(out).toMatch(/Disk: .* needed, .* free/);
    expect(out).toContain('Licence: Apache-2.0');
    expect(out).toContain('Add --yes');
    expect(existsSync(join(home, 'models'))).toBe(false);
  });

  it('downloads with --yes, and the ledger and the list know it', async () => {
    const got = await run('models', 'get', 'me/tiny', '--revision', 'main', '--yes', '--json');
    expect(got.status, got.err).toBe(0);
    expect(got.json()).toMatchObject({ name: 'me/tiny', licence: 'Apache-2.0', origin: { revision: COMMIT } });
    expect(readdirSync(join(home, 'models', 'models--me--tiny', 'snapshots'))).toEqual([COMMIT]);
    expect((await run('models', 'licence', 'me/tiny')).out).toContain(`downloaded as me/tiny, version ${COMMIT}`);
    expect((await run('models', 'get', 'me/tiny')).err).toContain('Added already');
  });

  it('says in one sentence what is wrong, with the status of its own', async () => {
    hub.misbehave = (_request, response) => {
      response.writeHead(429).end();
      return true;
    };
    const { status, err } = await run('models', 'get', 'me/tiny', '--yes');
    hub.misbehave = () => false;
    expect(status).toBe(11);
    expect(err).toMatch(/^error: The hub .* asked too often/m);
    expect((await run('models', 'get', '../tiny')).status).toBe(2);
  });
});
