/** @file Pages are fetched as they come into view and discarded when they are far away. */
import { describe, expect, it } from 'vitest';
import { PagedList, type PageCall } from './paged-list.svelte.ts';

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

const numbers =
  (total: number, asked: number[] = []): PageCall<number> =>
  async ({ offset, limit }) => {
    asked.push(offset);
    const items = Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, index) => offset + index);
    return { total, items };
  };

describe('PagedList', () => {
  it('fetches a page once, when it comes into view', async () => {
    const asked: number[] = [];
    const list = new PagedList<number>();
    await list.open(numbers(1000, asked));
    expect([list.total, list.at(99), list.at(100)]).toEqual([1000, 99, undefined]);
    list.need(190, 210);
    list.need(195, 215);
    await settle();
    expect([asked, list.at(205), list.page(2)?.length]).toEqual([[0, 100, 200], 205, 100]);
    expect(list.indexWhere((item) => item === 150)).toBe(150);
  });

  it('forgets the pages that are farthest from what is in view, and fetches them again when they are needed', async () => {
    const asked: number[] = [];
    const list = new PagedList<number>({ pageSize: 10, mostPages: 3 });
    await list.open(numbers(1_000_000, asked));
    for (let first = 0; first < 200; first += 10) {
      list.need(first, first + 10);
      await settle();
    }
    expect([list.kept, list.at(195), list.at(0)]).toEqual([3, 195, undefined]);
    list.need(0, 10);
    await settle();
    expect([list.kept, list.at(0), asked.filter((offset) => offset === 0)]).toEqual([3, 0, [0, 0]]);
  });

  it('keeps the old items until those of another question arrive, and drops late ones', async () => {
    const list = new PagedList<number>();
    await list.open(numbers(3));
    let release = (): void => undefined;
    const slow = list.open(() => new Promise((resolve) => (release = () => resolve({ total: 1, items: [7] }))));
    expect(list.at(2)).toBe(2);
    const quick = list.open(numbers(2));
    release();
    await Promise.all([slow, quick]);
    expect([list.total, list.at(0)]).toEqual([2, 0]);
  });

  it('never mixes the items of two questions, even if the view scrolls in between', async () => {
    const list = new PagedList<number>({ pageSize: 10 });
    await list.open(numbers(100));
    const opened = list.open(async ({ offset }) => ({ total: 100, items: Array.from({ length: 10 }, () => -offset) }));
    list.need(40, 50);
    expect(list.at(45)).toBeUndefined();
    await opened;
    await settle();
    expect([list.at(5), list.at(45)]).toEqual([-0, -40]);
  });

  it('reloads what is in view and keeps it on the screen meanwhile', async () => {
    const asked: number[] = [];
    const list = new PagedList<number>();
    await list.open(numbers(500, asked));
    list.need(310, 320);
    await settle();
    const reloaded = list.reload();
    expect(list.at(310)).toBe(310);
    await reloaded;
    expect(asked).toEqual([0, 300, 0, 300]);
  });

  it('says what went wrong and asks again', async () => {
    const list = new PagedList<number>();
    await list.open(() => Promise.reject(new Error('gone')));
    expect([list.trouble?.code, list.loading]).toEqual(['CONNECTION', false]);
    await list.open(numbers(1));
    expect([list.trouble, list.total]).toEqual([undefined, 1]);
  });
});
