/** @file Measures imports of many small images: `bench-import.ts [count …]` prints JSON. It reports, and asserts nothing. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { openStore } from '../../../store/open.ts';
import { importDataset, inspectImport } from '../import.ts';

const counts = process.argv.slice(2).map(Number);

/** A 32 × 32 PNG of noise from a number, different for each. */
async function noise(seed: number): Promise<Buffer> {
  const raw = Buffer.alloc(32 * 32 * 3);
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let at = 0; at < raw.length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    raw[at] = state >>> 24;
  }
  return await sharp(raw, { raw: { width: 32, height: 32, channels: 3 } })
    .png()
    .toBuffer();
}

async function measure(count: number): Promise<Record<string, number>> {
  const work = await mkdtemp(join(tmpdir(), 'atelier-bench-'));
  const store = await openStore(join(work, 'home'));
  try {
    const folder = join(work, 'images');
    await mkdir(folder);
    const rows: string[] = [];
    for (let index = 0; index < count; index += 1) {
      await writeFile(join(folder, `${index}.png`), await noise(index));
      rows.push(JSON.stringify({ file_name: `${index}.png`, question: 'How many?', answer: String(index % 9) }));
    }
    await writeFile(join(folder, 'metadata.jsonl'), rows.join('\n'));
    const timed = async (action: () => Promise<unknown>): Promise<number> => {
      const startedMs = performance.now();
      await action();
      return Math.round(performance.now() - startedMs) / 1000;
    };
    const residentBefore = process.memoryUsage().rss;
    const dryRunSeconds = await timed(() => inspectImport({ path: folder }, undefined, undefined, store));
    const importSeconds = await timed(() => importDataset(store, { path: folder }));
    return {
      images: count,
      dryRunSeconds,
      dryRunPerSecond: Math.round(count / dryRunSeconds),
      importAfterDryRunSeconds: importSeconds,
      importPerSecond: Math.round(count / importSeconds),
      residentGrowthMB: Math.round((process.memoryUsage().rss - residentBefore) / 1e6),
    };
  } finally {
    await store.close();
    await rm(work, { recursive: true, force: true });
  }
}

const results = [];
for (const count of counts.length === 0 ? [1000, 10_000] : counts) results.push(await measure(count));
process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
