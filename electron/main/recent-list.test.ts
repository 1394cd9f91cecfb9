import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Opener } from './opener.ts';
import { addressOf } from './opened-path.ts';
import { RecentList, recentLabel } from './recent-list.ts';

function list(folder = mkdtempSync(join(tmpdir(), 'atelier-recent-'))) {
  const changes: string[][] = [];
  const recent = new RecentList({
    file: join(folder, 'recent.json'),
    onChange: (entries) => changes.push(entries.map(({ path }) => path)),
  });
  return { folder, recent, changes };
}

describe('the list of recent paths', () => {
  it('has the newest first, each once, ten at most, and survives a restart', () => {
    const { folder, recent, changes } = list();
    for (let index = 0; index < 12; index += 1) recent.add({ kind: 'pictures', path: `/p${index}` });
    recent.add({ kind: 'pictures', path: '/p5' });
    recent.add({ kind: 'pictures', path: '/p5' });
    const paths = ['/p5', '/p11', '/p10', '/p9', '/p8', '/p7', '/p6', '/p4', '/p3', '/p2'];
    expect(list(folder).recent.entries.map(({ path }) => path)).toEqual(paths);
    expect(changes.at(-1)).toEqual(paths);
    expect(changes).toHaveLength(13);
    recent.clear();
    expect(list(folder).recent.entries).toEqual([]);
  });

  it('begins anew if its file is damaged', () => {
    const { folder } = list();
    writeFileSync(join(folder, 'recent.json'), '[{"kind":"program","path":"/bin/sh"}]');
    expect(list(folder).recent.entries).toEqual([]);
  });

  it('names entries by their own name and the folder around them', () => {
    expect(recentLabel({ kind: 'bundle', path: '/home/me/a & b/boats' }, '/home/me')).toBe('boats — ~/a && b');
    expect(recentLabel({ kind: 'bundle', path: '/home/mela/boats' }, '/home/me')).toBe('boats — /home/mela');
  });
});

describe('opening', () => {
  function opener() {
    const { folder, recent } = list();
    const told: string[] = [];
    const open = new Opener({
      recent,
      show: (address) => told.push(address),
      refuse: (path, why) => told.push(`${path}: ${why}`),
    });
    return { folder, recent, told, open };
  }

  it('shows what it finds, and remembers it once the page has it', () => {
    const { folder, recent, told, open } = opener();
    const bundle = join(folder, 'bundle');
    mkdirSync(bundle);
    writeFileSync(join(bundle, 'model.sig'), '');
    open.open(join(bundle, 'model.sig'));
    expect(told).toEqual([addressOf({ kind: 'bundle', path: bundle })]);
    open.remember(`studio://app/#${told[0]}`);
    open.remember('studio://app/#/runs');
    expect(recent.entries).toEqual([{ kind: 'bundle', path: bundle }]);

    rmSync(bundle, { recursive: true });
    open.open(bundle);
    expect(told[1]).toContain('moved or deleted');
    expect(recent.entries).toEqual([]);
  });

  it('says what it does not open, and remembers no path that shows nothing', () => {
    const { folder, recent, told, open } = opener();
    const file = join(folder, 'letter.pdf');
    writeFileSync(file, '');
    open.open(file);
    expect(told).toEqual([expect.stringContaining('neither an exported bundle nor')]);
    open.remember(`studio://app/#${addressOf({ kind: 'bundle', path: join(folder, 'nowhere') })}`);
    expect(recent.entries).toEqual([]);
  });
});
