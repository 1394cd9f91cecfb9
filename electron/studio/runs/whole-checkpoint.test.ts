import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { folderSha256 } from '../../formats/folder-digest.ts';
import { mustBeWhole, type RecordedCheckpoint } from './whole-checkpoint.ts';

let checkpoint: RecordedCheckpoint;

beforeEach(async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'atelier-whole-')), 'step-000004');
  mkdirSync(path);
  for (const name of ['adapter_model.safetensors', 'trained.safetensors', 'state.json']) {
    writeFileSync(join(path, name), `the bytes of ${name}`);
  }
  checkpoint = { step: 4, path, sha256: await folderSha256(path) };
});

const file = (name: string): string => join(checkpoint.path, name);

describe('a recorded checkpoint', () => {
  it('is whole as it was written, and where only a file manager has left its file', async () => {
    await expect(mustBeWhole(checkpoint)).resolves.toBeUndefined();
    writeFileSync(file('.DS_Store'), 'x');
    await expect(mustBeWhole(checkpoint)).resolves.toBeUndefined();
  });

  it.each<[string, () => void]>([
    ['a changed adapter', () => writeFileSync(file('adapter_model.safetensors'), 'the bytes of another run')],
    ['changed weights to resume from', () => appendFileSync(file('trained.safetensors'), '!')],
    ['a state file that was cut short', () => writeFileSync(file('state.json'), '')],
    ['a missing file', () => rmSync(file('state.json'))],
    ['an added file', () => writeFileSync(file('extra.bin'), 'x')],
    ['a file under another name', () => cpSync(file('state.json'), file('state2.json'))],
  ])('is refused with %s', async (_what, damage) => {
    damage();
    await expect(mustBeWhole(checkpoint)).rejects.toMatchObject({
      code: 'VERIFICATION_FAILED',
      place: { file: checkpoint.path },
    });
  });

  it('is missed where its folder is gone', async () => {
    rmSync(checkpoint.path, { recursive: true });
    await expect(mustBeWhole(checkpoint)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
