import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { answerImage, answerPage } from './protocols.ts';
import { localPictures } from '../pictures/work.ts';

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'atelier-'));
}

function get(url: string, method = 'GET') {
  return { url, method };
}

describe('the studio: protocol', () => {
  function page() {
    const root = join(folder(), 'renderer');
    mkdirSync(root);
    writeFileSync(join(root, 'index.html'), '<!doctype html><title>Atelier</title>');
    writeFileSync(join(root, '..', 'secret.json'), '{}');
    return root;
  }

  it('gives the page with its policy', async () => {
    const response = await answerPage(page(), get('studio://app/'));
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<title>Atelier</title>');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each([
    ['studio://app/../secret.json'],
    ['studio://app/%2e%2e/secret.json'],
    ['studio://app/..%2fsecret.json'],
    ['studio://app/missing.js'],
    ['studio://other/index.html'],
  ])('gives nothing for %s', async (url) => {
    expect((await answerPage(page(), get(url))).status).toBe(404);
  });

  it('only gives', async () => {
    expect((await answerPage(page(), get('studio://app/', 'POST'))).status).toBe(405);
  });
});

describe('the media: protocol', () => {
  it('finds an image by its ids and makes it small on request', async () => {
    const home = folder();
    const file = join(home, 'blob');
    await sharp({ create: { width: 400, height: 200, channels: 3, background: 'teal' } })
      .png()
      .toFile(file);
    const asked: string[] = [];
    const source = {
      home,
      pictures: localPictures,
      picture: async (sampleId: string, datasetId?: string) => {
        asked.push(`${datasetId ?? ''}/${sampleId}`);
        if (sampleId !== 'sample-1') throw new Error('not there');
        return { path: file, upright: true };
      },
      pixelLimits: async () => ({ minPixels: 3136, maxPixels: 50_176, pixelsPerToken: 784 }),
    };
    const whole = await answerImage(source, get('media://dataset-1/sample-1'));
    expect(whole.headers.get('content-type')).toBe('image/png');
    const small = await answerImage(source, get('media://dataset-1/sample-1?size=160'));
    expect((await sharp(Buffer.from(await small.arrayBuffer())).metadata()).width).toBe(160);
    const seen = await answerImage(source, get('media://dataset-1/sample-1?pixels=12544&model=m'));
    const { width, height } = await sharp(Buffer.from(await seen.arrayBuffer())).metadata();
    // At most 16 tokens of 28 × 28 pixels: 5 × 2 keep the shape best.
    expect([width, height]).toEqual([140, 56]);
    expect(asked[0]).toBe('dataset-1/sample-1');
    expect((await answerImage(source, get('media://dataset-1/other'))).status).toBe(404);
    expect((await answerImage(source, get('media://dataset-1/sample-1', 'DELETE'))).status).toBe(405);
  });
});
