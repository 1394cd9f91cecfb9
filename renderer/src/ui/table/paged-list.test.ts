/** @file Pages come as they are needed; another question replaces the old answers only when its own are there. */
import { describe, expect, it } from 'vitest';
import { PagedList, type PageCall } from './paged-list.svelte.ts';

const numbers =
  (total: number, asked: number[] = []): PageCall<number> =>
  async ({ offset, limit }) => {
    asked.push(offset);
    const items = Array.from({ length: Math.min(limit, total - offset) }, (_, index) => offset + index);
    return { total, items };
  };

describe('PagedList', () => {
  it('fetches a page once, when it comes into view', async () => {
    const asked: number[] = [];
    const list = new PagedList<number>();
    await list.open(numbers(1000, asked));
    expect([list.total, list.at(99), list.at(100)]).toEqual([1000, 99, undefined]);
    list.need(90, 120);
    list.need(90, 120);
    await new Promise((resolve) => setTimeout(resolve));
    expect([asked, list.at(100)]).toEqual([[0, 100], 100]);
  });

  it('keeps the old answers until those of another question are there, and drops late ones', async () => {
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

  it('says what went wrong and asks again', async () => {
    const list = new PagedList<number>();
    await list.open(() => Promise.reject(new Error('gone')));
    expect(list.trouble?.code).toBe('CONNECTION');
    await list.open(numbers(1));
    expect([list.trouble, list.total]).toEqual([undefined, 1]);
  });
});
