/** @file Samples come page by page, each page once. */
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../../electron/contract/api/index.ts';
import { SamplePages, type SamplePageCall } from './sample-pages.svelte.ts';

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

function pagesOf(total: number) {
  const asked: unknown[] = [];
  const call: SamplePageCall = async ({ offset, limit, ...filter }) => {
    asked.push({ offset, ...filter });
    const count = Math.max(0, Math.min(limit, total - offset));
    return { total, samples: Array.from({ length: count }, (_, at) => ({ position: offset + at }) as Sample) };
  };
  return { pages: new SamplePages(call), asked };
}

describe('SamplePages', () => {
  it('asks for a page when it comes into view, and only once', async () => {
    const { pages, asked } = pagesOf(450);
    await pages.filter({});
    pages.need(190, 210);
    pages.need(195, 215);
    await settle();
    expect(asked).toEqual([{ offset: 0 }, { offset: 100 }, { offset: 200 }]);
    expect(pages.at(205)?.position).toBe(205);
    expect(pages.at(449)).toBeUndefined();
  });

  it('starts over with another filter', async () => {
    const { pages, asked } = pagesOf(10);
    await pages.filter({});
    await pages.filter({ split: 'test', licence: null });
    expect(asked.at(-1)).toEqual({ offset: 0, split: 'test', licence: null });
    expect(pages.total).toBe(10);
  });

  it('asks again for a page that failed', async () => {
    let failing = true;
    const pages = new SamplePages(async () => {
      if (failing) throw new Error('gone');
      return { total: 1, samples: [{ position: 0 } as Sample] };
    });
    await pages.filter({});
    expect(pages.trouble).toBeDefined();
    failing = false;
    await pages.filter({});
    expect(pages.trouble).toBeUndefined();
    expect(pages.at(0)?.position).toBe(0);
  });
});
