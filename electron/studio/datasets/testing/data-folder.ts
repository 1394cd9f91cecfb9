/** @file For tests: an empty data folder with an open store, and a folder for the files to import. */
import { afterEach, beforeEach } from 'vitest';
import { localPictures } from '../../../pictures/work.ts';
import { openStore, type OpenOptions, type Store } from '../../../store/connection/open.ts';
import { temporaryFolder } from '../../../store/testing/fixture.ts';

/** A store with pictures read in this process. */
export type TestStore = Store & { pictures: typeof localPictures };

export async function openTestStore(home: string, options: OpenOptions = {}): Promise<TestStore> {
  return { ...(await openStore(home, options)), pictures: localPictures };
}

export interface DataFolder {
  /** Path of the data folder. */
  readonly home: string;
  /** Path of a folder beside it for the test's own files. */
  readonly work: string;
  /** Open on `home`. A test that closes it must put its replacement here. */
  store: TestStore;
}

/**
 * Creates a new folder for every test in the calling file and removes it afterwards.
 *
 * @param expectAfter what must hold at the end of every test, while the store is still open
 */
export function freshDataFolder(expectAfter: (store: Store) => Promise<void> = async () => undefined): DataFolder {
  const folder = {} as { -readonly [Key in keyof DataFolder]: DataFolder[Key] };
  let remove: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    const [home, work] = [await temporaryFolder(), await temporaryFolder()];
    remove = [home.remove, work.remove];
    Object.assign(folder, { home: home.path, work: work.path, store: await openTestStore(home.path) });
  });
  afterEach(async () => {
    try {
      await expectAfter(folder.store);
    } finally {
      await folder.store.close();
      for (const each of remove) await each();
    }
  });
  return folder;
}
