/** @file The campaign's own parts: what it damages, makes, replays and remembers. The attacks themselves are in e2e/. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Completion } from '../../contract/model/runs.ts';
import { createRandom } from '../../starter/random.ts';
import { damaged, damages } from './fuzz/damage.ts';
import { fromSchema } from './fuzz/from-schema.ts';
import { appendEntry, nextIndex, readJournal, type Entry } from './journal.ts';
import { attemptsIn } from './offline/offline.ts';
import { CrashedDisk, type Variant } from './power/crashed-disk.ts';
import { readWriteLog, type Operation } from './power/write-log.ts';
import { summarise, summaryMarkdown } from './summary.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-campaign-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hex = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');

describe('power loss', () => {
  const write = (path: string, text: string): Operation[] => [
    { kind: 'create', path, truncate: true, append: false, exclusive: true },
    { kind: 'write', path, offset: null, bytes: Buffer.from(text) },
  ];

  function after(operations: readonly Operation[], variant: Variant): string | null {
    const disk = new CrashedDisk('/home', null);
    for (const operation of operations) disk.apply(operation);
    const target = mkdtempSync(join(folder, 'disk-'));
    disk.write(target, variant, createRandom(1, 0, 'test'));
    try {
      return readFileSync(join(target, 'a'), 'utf8');
    } catch {
      return null;
    }
  }

  it('empties a renamed file that was never flushed, and keeps one that was', () => {
    const rename: Operation = { kind: 'rename', from: '/home/b', path: '/home/a' };
    const careless = [...write('/home/b', 'text'), rename];
    expect(after(careless, 'kept')).toBe('text');
    expect(after(careless, 'emptied')).toBe('');
    expect(after(careless, 'forgotten')).toBeNull();
    const flushed = [...write('/home/b', 'text'), { kind: 'sync', path: '/home/b' } as const, rename];
    expect(after(flushed, 'emptied')).toBe('text');
    // The name is only sure once its folder was flushed.
    expect(after(flushed, 'forgotten')).toBeNull();
    expect(after([...flushed, { kind: 'sync', path: '/home' }], 'forgotten')).toBe('text');
  });

  it('reads a recording, also of calls that another thread interrupts', async () => {
    const log = join(folder, 'log');
    writeFileSync(
      log,
      [
        `7 openat(AT_FDCWD<${hex('/x')}>, "${hex('/home/a')}", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 3<${hex('/home/a')}>`,
        `7 pwrite64(3<${hex('/home/a')}>, "${hex('text')}", 4, 4096 <unfinished ...>`,
        `8 write(1<${hex('/dev/null')}>, "${hex('other')}", 5) = 5`,
        '7 <... pwrite64 resumed>)           = 4',
        `7 fdatasync(3<${hex('/home/a')}>)   = 0`,
        `7 unlink("${hex('/home/gone')}") = -1 ENOENT (No such file or directory)`,
      ].join('\n'),
    );
    expect(await readWriteLog(log, '/home')).toEqual([
      { kind: 'create', path: '/home/a', truncate: false, append: false, exclusive: false },
      { kind: 'write', path: '/home/a', offset: 4096, bytes: Buffer.from('text') },
      { kind: 'sync', path: '/home/a' },
    ]);
  });
});

describe('fuzz', () => {
  it('damages bytes in the same way for the same seed, and does damage them', () => {
    const sound = Buffer.from('{"answer": 12, "question": "How many?"}');
    const make = (): string[] =>
      fc.sample(damages, { seed: 7, numRuns: 50 }).map((all) => damaged(sound, all).toString('hex'));
    expect(make()).toEqual(make());
    expect(new Set(make()).size).toBeGreaterThan(30);
  });

  it('makes inputs that fit a schema, and some that do not', () => {
    const inputs = fc.sample(fromSchema(Completion, []), { seed: 7, numRuns: 200 });
    const fitting = inputs.filter((input) => Completion.safeParse(input).success).length;
    expect(fitting).toBeGreaterThan(5);
    expect(fitting).toBeLessThan(195);
  });
});

it('takes a connection beyond this machine for an attempt, and no other', () => {
  const line = (rest: string): string => `7 connect(20, {sa_family=${rest}}, 16) = -1 ENETUNREACH`;
  expect(attemptsIn(line('AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")'))).toEqual([]);
  expect(attemptsIn(line('AF_UNIX, sun_path="/run/x"'))).toEqual([]);
  expect(attemptsIn(line('AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.0.0.2")'))).toHaveLength(1);
  expect(
    attemptsIn(line('AF_INET6, sin6_port=htons(443), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr)')),
  ).toHaveLength(1);
});

it('goes on after the last whole line of its journal, and counts what it finds there', () => {
  const file = join(folder, 'journal.jsonl');
  const entry = (index: number, outcome: Entry['outcome']): Entry => ({
    ...{ part: 'kills', index, seed: 22, at: '2026-11-29T20:00:00.000Z', seconds: 6, name: 'export', outcome },
    units: 1,
    detail: outcome === 'held' ? null : 'A stray file.',
  });
  appendEntry(file, entry(0, 'held'));
  appendEntry(file, entry(1, 'failed'));
  writeFileSync(file, `${readFileSync(file, 'utf8')}\n{"part":"kills","ind`);
  appendEntry(file, entry(3, 'held'));
  const entries = readJournal(file);
  expect(nextIndex(entries, { part: 'kills', seed: 22 })).toBe(2);
  expect(nextIndex(entries, { part: 'kills', seed: 23 })).toBe(0);
  expect(nextIndex(entries, { part: 'kills', seed: 22, from: 3 })).toBe(4);
  expect(nextIndex(entries, { part: 'kills', seed: 22, failedBefore: '2026-11-29T21:00:00.000Z' })).toBe(1);
  const units = { kills: 'kills', power: '', fuzz: '', guided: '', faults: '', offline: '', soak: '' };
  const summary = summarise(entries, units);
  expect(summary.parts).toMatchObject([{ part: 'kills', trials: 3, units: 3, failed: 1 }]);
  expect(summaryMarkdown(summary)).toContain('npm run campaign -- --only kills --seed 22 --trial 1');
  // Tried again after a repair, it counts as it ended then.
  const repaired = { ...entry(1, 'held'), at: '2026-11-29T22:00:00.000Z' };
  expect(summarise([repaired, ...entries], units).parts).toMatchObject([{ trials: 3, units: 3, failed: 0 }]);
});
