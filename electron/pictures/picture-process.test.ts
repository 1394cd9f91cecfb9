/** @file Pictures are read in a process that can be lost: only the picture at fault is refused. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { AtelierError } from '../contract/errors/errors.ts';
import type { Child, ChildExit, SpawnChild } from '../processes/child.ts';
import { nodeChild } from '../processes/node-child.ts';
import { openPictureProcess, type PictureReply, type PictureRequest } from './picture-process.ts';
import type { Pictures } from './pictures.ts';
import { localPictures } from './work.ts';

const entry = join(import.meta.dirname, 'main.ts');
const ART = join(import.meta.dirname, '../../resources/art');
let open: Pictures[] = [];

afterEach(async () => {
  for (const each of open) await each.close();
  open = [];
});

function opened(spawn: SpawnChild, limitMs?: number): Pictures {
  const pictures = openPictureProcess({ spawn, ...(limitMs === undefined ? {} : { limitMs }) });
  open.push(pictures);
  return pictures;
}

async function picture(): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'atelier-pictures-')), 'teal.png');
  await sharp({ create: { width: 400, height: 200, channels: 3, background: 'teal' } })
    .png()
    .toFile(file);
  return file;
}

describe('the picture process', () => {
  it('gives the same answers as the work itself, from a file and from bytes', async () => {
    const pictures = opened(nodeChild({ entry, execArgv: ['--import', 'tsx'] }));
    const file = await picture();
    const bytes = await sharp(file).toBuffer();
    const shown = { path: file, upright: true };
    expect(await pictures.examine(file, 'teal.png')).toEqual(await localPictures.examine(file, 'teal.png'));
    expect((await pictures.examine(bytes, 'bytes')).width).toBe(400);
    expect(Buffer.from(await pictures.thumbnail(shown, 160))).toEqual(
      Buffer.from(await localPictures.thumbnail(shown, 160)),
    );
    expect(await pictures.redrawn(shown)).toBeNull();
    const veil = { rows: 1, columns: 2, rgba: Uint8Array.from([0, 0, 0, 0, 12, 12, 20, 200]) };
    expect(Buffer.from(await pictures.veiled(shown, veil))).toEqual(
      Buffer.from(await localPictures.veiled(shown, veil)),
    );
  });

  it('draws an example, of which no answer comes back', async () => {
    const pictures = opened(nodeChild({ entry, execArgv: ['--import', 'tsx'] }));
    const folder = mkdtempSync(join(tmpdir(), 'atelier-example-'));
    await pictures.drawExample('tags', ART, folder);
    expect(readdirSync(folder)).toContain('metadata.jsonl');
  });

  it('refuses what is no picture, with its name', async () => {
    const pictures = opened(nodeChild({ entry, execArgv: ['--import', 'tsx'] }));
    await expect(pictures.examine(Buffer.from('hello'), 'notes.png')).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: 'notes.png' },
    });
  });
});

/** A process that answers with the picture's name, cannot be sent `whale`, dies of `bomb` and never answers `tar`. */
function fragile(): { spawn: SpawnChild; started: () => number } {
  let started = 0;
  const spawn: SpawnChild = () => {
    started += 1;
    const onMessage: ((message: unknown) => void)[] = [];
    const onExit: ((exit: ChildExit) => void)[] = [];
    let alive = true;
    const end = (exit: ChildExit): void => {
      if (!alive) return;
      alive = false;
      for (const listener of onExit) listener(exit);
    };
    const child: Child = {
      postMessage: (message) => {
        const { id, args } = message as PictureRequest;
        if (args[1] === 'tar') return;
        if (args[1] === 'whale') throw new AtelierError('BAD_INPUT', 'It is too large for a message.');
        setTimeout(() => {
          if (!alive) return;
          if (args[1] === 'bomb') end({ code: null, signal: 'SIGSEGV' });
          else for (const listener of onMessage) listener({ id, value: args[1] } satisfies PictureReply);
        }, 5);
      },
      onMessage: (listener) => {
        onMessage.push(listener);
        listener({ ready: true } satisfies PictureReply);
      },
      onExit: (listener) => void onExit.push(listener),
      onOutput: () => undefined,
      kill: () => end({ code: null, signal: 'SIGTERM' }),
    };
    return child;
  };
  return { spawn, started: () => started };
}

describe('a picture that ends its decoder', () => {
  it('is the only one refused', async () => {
    const { spawn } = fragile();
    const pictures = opened(spawn);
    const names = ['one', 'two', 'bomb', 'three', 'four', 'five', 'six'];
    const results = await Promise.allSettled(names.map((name) => pictures.examine(name, name)));
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'refused'))).toEqual([
      'one',
      'two',
      'refused',
      'three',
      'four',
      'five',
      'six',
    ]);
    expect(results[2]).toMatchObject({ reason: { code: 'BAD_INPUT', place: { file: 'bomb' } } });
    expect((results[2] as PromiseRejectedResult).reason.message).toContain('signal SIGSEGV');
  });

  it('is refused when it takes too long, and the others are read', async () => {
    const { spawn, started } = fragile();
    const pictures = opened(spawn, 60);
    const [slow, quick] = await Promise.allSettled([pictures.examine('', 'tar'), pictures.examine('', 'quick')]);
    expect(slow).toMatchObject({ reason: { code: 'BAD_INPUT', place: { file: 'tar' } } });
    expect(quick).toMatchObject({ value: 'quick' });
    expect(await pictures.examine('', 'later')).toBe('later');
    expect(started()).toBe(2);
  });

  it('is refused when it does not fit into a message, and the others are read', async () => {
    const pictures = opened(fragile().spawn);
    const names = ['one', 'whale', 'two', 'three', 'four', 'five'];
    const results = await Promise.allSettled(names.map((name) => pictures.examine('', name)));
    expect(results[1]).toMatchObject({ reason: { code: 'BAD_INPUT', message: 'It is too large for a message.' } });
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  it('is not blamed for a process that never starts', async () => {
    const pictures = opened(nodeChild({ entry: join(import.meta.dirname, 'nowhere.js'), execArgv: [] }));
    const [one, two] = await Promise.allSettled([pictures.examine('', 'one'), pictures.examine('', 'two')]);
    for (const result of [one, two])
      expect(result).toMatchObject({
        reason: { code: 'ENGINE_UNAVAILABLE', message: expect.stringContaining('could not start') },
      });
  });

  it('is given up when the studio closes', async () => {
    const pictures = opened(fragile().spawn);
    const pending = pictures.examine('', 'tar');
    const refused = expect(pending).rejects.toMatchObject({ code: 'CANCELLED' });
    await pictures.close();
    await refused;
  });
});
