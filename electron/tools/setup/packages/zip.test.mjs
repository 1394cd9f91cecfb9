/** @file Reads archives written by other tools, and detects damage. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { which } from './debian.mjs';
import { extractEntry, listEntries } from './zip.mjs';

const MAKE = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as archive:
    archive.comment = b'a comment behind the directory'
    archive.writestr('pkg/deflated.txt', 'again and again ' * 5000, zipfile.ZIP_DEFLATED)
    archive.writestr('pkg/stored.bin', bytes(range(256)), zipfile.ZIP_STORED)
    archive.writestr('pkg/empty', b'')
`;

describe.skipIf(which('python3') === null)('zip archives (needs python3 to make one)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-zip-'));
  const archive = join(folder, 'a.zip');

  beforeAll(() => execFileSync('python3', ['-c', MAKE, archive]));

  async function extract(name, from = archive) {
    const entry = (await listEntries(from)).find((each) => each.name === name);
    const target = join(folder, 'out', name);
    await extractEntry(from, entry, target);
    return readFileSync(target);
  }

  it('lists what is in it', async () => {
    const names = (await listEntries(archive)).map(({ name, sizeBytes }) => `${name} ${sizeBytes}`);
    expect(names).toEqual(['pkg/deflated.txt 80000', 'pkg/stored.bin 256', 'pkg/empty 0']);
  });

  it('takes out packed, stored and empty files', async () => {
    expect((await extract('pkg/deflated.txt')).toString()).toBe('again and again '.repeat(5000));
    expect([...(await extract('pkg/stored.bin'))]).toEqual(Array.from({ length: 256 }, (_, index) => index));
    expect((await extract('pkg/empty')).length).toBe(0);
  });

  it('refuses an archive that was cut short', async () => {
    const cut = join(folder, 'cut.zip');
    writeFileSync(cut, readFileSync(archive).subarray(0, 200));
    await expect(listEntries(cut)).rejects.toThrow('cut short');
  });

  it('notices a changed byte', async () => {
    const changed = join(folder, 'changed.zip');
    const bytes = readFileSync(archive);
    const at = bytes.indexOf(Buffer.from([100, 101, 102, 103]));
    bytes[at] = 0;
    writeFileSync(changed, bytes);
    await expect(extract('pkg/stored.bin', changed)).rejects.toThrow('damaged');
  });
});
