import { describe, expect, it } from 'vitest';
import { AtelierError } from '../contract/errors/errors.ts';
import { offerRestore, openOrRestore, Quitting, type Box, type OpeningParts } from './restoring.ts';

const DAMAGED = new AtelierError('BAD_INPUT', 'The store is damaged.', { remedy: 'Restore a backup.' });
const BROKEN = new AtelierError('VERIFICATION_FAILED', 'The backup is damaged. Nothing was restored.');

/** Presses the named buttons one after another, and chooses the named files. */
function person(presses: string[], files: (string | null)[] = []) {
  const boxes: Box[] = [];
  return {
    boxes,
    ask: async (box: Box) => {
      boxes.push(box);
      const wanted = presses.shift();
      return { response: wanted === undefined ? (box.cancelId ?? 0) : box.buttons.indexOf(wanted) };
    },
    chooseBackup: async () => files.shift() ?? null,
  };
}

/** A data folder whose store is damaged until a good backup is restored. */
function folder(damaged: boolean) {
  const state = { damaged, restored: [] as string[], shown: 0 };
  const parts: Pick<OpeningParts<string>, 'open' | 'restore' | 'isDamaged' | 'showFolder'> = {
    open: async () => {
      if (state.damaged) throw DAMAGED;
      return 'the studio';
    },
    restore: async (file) => {
      state.restored.push(file);
      if (file.includes('bad')) throw BROKEN;
      state.damaged = false;
      return { createdAt: '2026-11-29T12:00:00.000Z', previous: '/home/before', modelsMissing: [] };
    },
    isDamaged: (error) => error === DAMAGED,
    showFolder: () => void (state.shown += 1),
  };
  return { state, parts };
}

const never = new AbortController().signal;

describe('opening the studio', () => {
  it('asks nothing where the store opens', async () => {
    const someone = person([]);
    expect(await openOrRestore({ ...folder(false).parts, ...someone, signal: never }, null)).toBe('the studio');
    expect(someone.boxes).toEqual([]);
  });

  it('offers a backup for a damaged store, until one is good, and says where the old store is', async () => {
    const { state, parts } = folder(true);
    const someone = person(
      ['Show data folder', 'Restore a backup…', 'Restore a backup…', 'Restore a backup…'],
      [null, '/bad.zip', '/good.zip'],
    );
    expect(await openOrRestore({ ...parts, ...someone, signal: never }, null)).toBe('the studio');
    expect(state).toMatchObject({ restored: ['/bad.zip', '/good.zip'], shown: 1 });
    expect(someone.boxes.map(({ message }) => message)).toEqual([
      ...Array<string>(3).fill('Your store is damaged, so Atelier cannot open it.'),
      'The backup bad.zip was not restored.',
      expect.stringContaining('November 29, 2026'),
    ]);
    expect(someone.boxes.at(-1)?.detail).toContain('/home/before');
  });

  it('opens a whole store although the backup that was asked for is damaged', async () => {
    const { state, parts } = folder(false);
    const someone = person(['Open without restoring']);
    expect(await openOrRestore({ ...parts, ...someone, signal: never }, '/bad.zip')).toBe('the studio');
    expect(state.restored).toEqual(['/bad.zip']);
    expect(someone.boxes[0]?.detail).toContain('Nothing was restored.');
  });

  it('offers no backup for an error that none helps against', async () => {
    const someone = person([]);
    const open = async (): Promise<string> => {
      throw new AtelierError('CONFLICT', 'The store was written by a newer Atelier.', { remedy: 'Update Atelier.' });
    };
    const opening = openOrRestore({ ...folder(false).parts, open, ...someone, signal: never }, null);
    await expect(opening).rejects.toBeInstanceOf(Quitting);
    expect(someone.boxes).toMatchObject([
      { buttons: ['Quit Atelier'], detail: expect.stringContaining('Update') as string },
    ]);
  });

  it('ends with the app, whatever the box answers', async () => {
    const quitting = new AbortController();
    const { state, parts } = folder(true);
    const ask = async (): Promise<{ response: number }> => {
      quitting.abort();
      return { response: 0 };
    };
    const opening = openOrRestore(
      { ...parts, ask, chooseBackup: async () => '/good.zip', signal: quitting.signal },
      null,
    );
    await expect(opening).rejects.toBeInstanceOf(Quitting);
    expect(state.restored).toEqual([]);
  });
});

describe('restoring from Settings', () => {
  async function offer(presses: string[], files: (string | null)[]) {
    const started: string[] = [];
    const answer = await offerRestore({
      ...person(presses, files),
      describe: async (file) => {
        if (file === '/bad.zip') throw BROKEN;
        return { createdAt: '2026-11-29T12:00:00.000Z', files: [1, 2] };
      },
      startAgainWith: (file) => void started.push(file),
    });
    return { answer, started };
  }

  it('starts Atelier again with the backup, once the person has agreed', async () => {
    expect(await offer(['Restore and start again'], ['/good.zip'])).toEqual({ answer: null, started: ['/good.zip'] });
    expect(await offer(['Cancel'], ['/good.zip'])).toEqual({ answer: null, started: [] });
    expect(await offer([], [null])).toEqual({ answer: null, started: [] });
  });

  it('says why a file cannot be restored', async () => {
    expect(await offer([], ['/bad.zip'])).toEqual({ answer: BROKEN.message, started: [] });
  });
});
