/** @file The published starter datasets: complete, credited, and identical to what the builder writes today. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import parseSpdx from 'spdx-expression-parse';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadArt } from '../../starter/art.ts';
import { defaultArtFolder, loadCatalogue } from '../../starter/catalogue.ts';
import { StarterData } from '../../contract/model/primitives.ts';
import { planCounting, planGeometry } from '../../starter/dataset-plan.ts';
import {
  buildStarterDatasets,
  creditsPage,
  defaultDatasetsFolder,
  encodePng,
  metadataText,
  starterPlans,
} from './build-starter.ts';

const Row = z.strictObject({
  file_name: z.string(),
  question: z.string().min(1),
  answer: z.string().regex(/^\d+$/),
  task: z.enum(['counting', 'geometry']),
  split: z.enum(['train', 'test']),
  licence: z.string().min(1),
  authors: z.array(z.string().min(1)).min(1),
  sources: z
    .array(z.strictObject({ title: z.string(), author: z.string(), licence: z.string(), url: z.string().nullable() }))
    .min(1),
  paraphrases: z.array(z.string().min(1)).optional(),
  held_out: z.enum(['nothing', 'icons', 'style', 'figure']).optional(),
});

/** Training and test rows. */
const SIZES: Record<StarterData, [number, number]> = {
  counting: [240, 200],
  geometry: [200, 160],
  'two-step-counting': [1200, 240],
  'two-step-geometry': [900, 200],
};

async function rows(task: StarterData): Promise<z.infer<typeof Row>[]> {
  const text = await readFile(join(defaultDatasetsFolder(), task, 'metadata.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => Row.parse(JSON.parse(line)));
}

describe.each(StarterData.options)('the %s dataset', (task) => {
  it('has the promised rows, each with its picture, and no picture without a row', async () => {
    const all = await rows(task);
    expect(all.filter((row) => row.split === 'train')).toHaveLength(SIZES[task][0]);
    expect(all.filter((row) => row.split === 'test')).toHaveLength(SIZES[task][1]);
    const folder = join(defaultDatasetsFolder(), task);
    const files = (await readdir(join(folder, 'images'))).map((name) => `images/${name}`);
    expect(files.sort()).toEqual(all.map((row) => row.file_name).sort());
    for (const name of files.slice(0, 20)) {
      expect(await sharp(join(folder, name)).metadata()).toMatchObject({ width: 112, height: 112, channels: 3 });
    }
  });

  it('states licences that parse and that cover every source', async () => {
    const folder = join(defaultDatasetsFolder(), task);
    const texts = await readdir(join(folder, 'LICENSES'));
    for (const row of await rows(task)) {
      parseSpdx(row.licence);
      const parts = row.licence.split(' AND ');
      for (const source of row.sources) expect(parts).toContain(source.licence);
      for (const part of parts)
        expect(
          texts.some((name) => name.startsWith(`${part}-`)),
          part,
        ).toBe(true);
      expect(row.authors).toEqual([...new Set(row.sources.map((s) => s.author))].sort());
    }
  });
});

describe('the counting plan', () => {
  it('counts right, and meets every set and every count in both splits alike', async () => {
    const catalogue = await loadCatalogue();
    const plan = planCounting(
      catalogue,
      (set, kind) => catalogue.kinds.find((k) => k.name === kind)?.files[set]?.length ?? 0,
    );
    for (const split of ['train', 'test'] as const) {
      const part = plan.filter((row) => row.split === split);
      const bySet = new Map<string, number>();
      for (const row of part) {
        if (row.picture.kind !== 'scene') throw new Error('not a scene');
        const { objects, asked } = row.picture.scene;
        expect(String(objects.filter((o) => o.kind === asked).length)).toBe(row.answer);
        for (const set of new Set(objects.map((o) => o.set))) bySet.set(set, (bySet.get(set) ?? 0) + 1);
      }
      for (const set of catalogue.sets) {
        const share = (bySet.get(set.id) ?? 0) / part.length;
        expect(share, set.id).toBeGreaterThan(0.19);
        expect(share, set.id).toBeLessThan(0.35);
      }
      expect(new Set(part.map((row) => row.answer)).size).toBe(10);
    }
  });

  it('never puts the same figure into both splits of geometry', () => {
    const plan = planGeometry();
    const keys = plan.map((row) => {
      if (row.picture.kind !== 'diagram') throw new Error('not a diagram');
      const d = row.picture.diagram;
      return d.type === 'angle' ? `angle ${d.from} ${d.to}` : `${d.type} ${d.x0} ${d.y0} ${d.x1} ${d.y1}`;
    });
    expect(new Set(keys).size).toBe(plan.length);
  });
});

describe('the art', () => {
  it('keeps a licence text for every set and a drawing for every kind', async () => {
    const catalogue = await loadCatalogue();
    for (const set of catalogue.sets) {
      parseSpdx(set.licence);
      expect((await readFile(join(defaultArtFolder(), set.id, 'LICENSE'), 'utf8')).length).toBeGreaterThan(800);
      for (const kind of catalogue.kinds) {
        for (const file of kind.files[set.id] ?? ['missing']) {
          expect(await readFile(join(defaultArtFolder(), file), 'utf8')).toContain('<svg');
        }
      }
    }
  });
});

describe('building again', () => {
  it('gives the published bytes', async () => {
    const art = await loadArt();
    const plans = starterPlans(art);
    for (const task of StarterData.options) {
      const folder = join(defaultDatasetsFolder(), task);
      expect(await readFile(join(folder, 'metadata.jsonl'), 'utf8')).toBe(metadataText(plans[task]));
      expect(await readFile(join(folder, 'CREDITS.md'), 'utf8')).toBe(creditsPage(task, plans[task], art.catalogue));
      for (const row of plans[task].filter((_, i) => i % 40 === 0)) {
        // Pixels, not file bytes: another version of the PNG encoder may pack the same picture differently.
        const pixels = async (png: Buffer): Promise<Buffer> => sharp(png).raw().toBuffer();
        const made = await pixels(await encodePng(row, art));
        expect(made.equals(await pixels(await readFile(join(folder, row.fileName)))), row.fileName).toBe(true);
      }
    }
  });

  it('writes a complete dataset folder, twice the same', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'atelier-starter-'));
    try {
      const hashes: string[] = [];
      for (const name of ['first', 'second']) {
        const target = join(folder, name);
        await buildStarterDatasets(target, 8);
        const hash = createHash('sha256');
        for (const path of (await readdir(target, { recursive: true })).sort()) {
          if (/\.(png|jsonl|md|txt)$|LICENSE$/.test(path)) hash.update(path).update(await readFile(join(target, path)));
        }
        hashes.push(hash.digest('hex'));
      }
      expect(await readdir(join(folder, 'first', 'geometry', 'images'))).toHaveLength(8);
      expect(hashes[0]).toBe(hashes[1]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
