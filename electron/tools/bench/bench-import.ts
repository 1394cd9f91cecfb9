/**
 * @file Measures imports of many small images: `bench-import.ts [count …]` prints JSON. It only reports and asserts
 * nothing. Per count: a cold import (rate of every tenth, memory), a dry run after it, and in a fresh data folder an
 * import that is cancelled half-way and started again.
 */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Progress } from '../../contract/model/primitives.ts';
import { openStore } from '../../store/connection/open.ts';
import { importDataset, inspectImport } from '../../studio/datasets/import/import.ts';
import { localPictures } from '../../pictures/work.ts';

const counts = process.argv.slice(2).map(Number);
const TENTHS = 10;

/** A 32 × 32 PNG generated from a number: 8 × 8 fields of one shade each, so that every picture looks different. */
async function picture(seed: number): Promise<Buffer> {
  const raw = Buffer.alloc(32 * 32 * 3);
  let state = (Math.imul(seed + 1, 2_654_435_761) ^ 0x9e37_79b9) >>> 0;
  const fields = Array.from({ length: 64 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  });
  for (let pixel = 0; pixel < 32 * 32; pixel += 1) {
    const field = fields[(pixel >> 7) * 8 + ((pixel & 31) >> 2)] ?? 0;
    for (let channel = 0; channel < 3; channel += 1) raw[pixel * 3 + channel] = (field >>> (8 * (channel + 1))) & 255;
  }
  return await sharp(raw, { raw: { width: 32, height: 32, channels: 3 } })
    .png()
    .toBuffer();
}

async function writeImages(folder: string, count: number): Promise<void> {
  await mkdir(folder);
  const rows: string[] = [];
  for (let index = 0; index < count; index += 1) {
    await writeFile(join(folder, `${index}.png`), await picture(index));
    rows.push(JSON.stringify({ file_name: `${index}.png`, question: 'How many?', answer: String(index % 9) }));
  }
  await writeFile(join(folder, 'metadata.jsonl'), rows.join('\n'));
}

/** Times of an import by phase and, while images are read, by tenth; memory is sampled alongside. */
class Watch {
  readonly #startedMs = performance.now();
  readonly #startedCpuMs = cpuMs();
  readonly #residentBefore = process.memoryUsage().rss;
  readonly #tenthsMs: number[] = [];
  readonly #tenthsCpuMs: number[] = [];
  readonly #residentAt: number[] = [];
  readonly #phases: { phase: string; startedMs: number }[] = [];
  readonly #timer = setInterval(() => (this.#peak = Math.max(this.#peak, process.memoryUsage().rss)), 100);
  #peak = 0;

  readonly #count: number;
  readonly #onTenth: (tenth: number) => void;

  constructor(count: number, onTenth: (tenth: number) => void = () => undefined) {
    this.#count = count;
    this.#onTenth = onTenth;
  }

  readonly take = ({ phase, done }: Progress): void => {
    if (this.#phases.at(-1)?.phase !== phase) this.#phases.push({ phase, startedMs: performance.now() });
    if (phase !== 'Checking images') return;
    while (this.#tenthsMs.length < TENTHS && done >= ((this.#tenthsMs.length + 1) * this.#count) / TENTHS) {
      this.#tenthsMs.push(performance.now());
      this.#tenthsCpuMs.push(cpuMs());
      this.#residentAt.push(process.memoryUsage().rss);
      this.#onTenth(this.#tenthsMs.length);
    }
  };

  end(): Record<string, unknown> {
    clearInterval(this.#timer);
    const endedMs = performance.now();
    const seconds = (fromMs: number, toMs: number): number => Math.round(toMs - fromMs) / 1000;
    return {
      seconds: seconds(this.#startedMs, endedMs),
      phases: Object.fromEntries(
        this.#phases.map(({ phase, startedMs }, at) => [
          phase,
          seconds(startedMs, this.#phases[at + 1]?.startedMs ?? endedMs),
        ]),
      ),
      imagesPerSecondByTenth: this.#tenthsMs.map((atMs, at) =>
        Math.round(
          this.#count / TENTHS / ((atMs - (this.#tenthsMs[at - 1] ?? this.#phases[0]?.startedMs ?? 0)) / 1000),
        ),
      ),
      // Unlike the rate, this hardly depends on what else the machine is doing.
      cpuMsPerImageByTenth: this.#tenthsCpuMs.map(
        (atMs, at) =>
          Math.round(((atMs - (this.#tenthsCpuMs[at - 1] ?? this.#startedCpuMs)) / (this.#count / TENTHS)) * 100) / 100,
      ),
      residentMBByTenth: this.#residentAt.map(megabytes),
      residentMBBefore: megabytes(this.#residentBefore),
      residentMBPeak: megabytes(Math.max(this.#peak, ...this.#residentAt)),
    };
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

async function filesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).length;
}

async function measureWhole(home: string, folder: string, count: number): Promise<Record<string, unknown>> {
  const store = { ...(await openStore(home)), pictures: localPictures };
  try {
    const cold = new Watch(count);
    await importDataset(store, { path: folder }, cold.take);
    const coldImport = cold.end();
    const again = new Watch(count);
    await inspectImport(store, { path: folder }, again.take);
    return { coldImport, dryRunAfterwards: again.end() };
  } finally {
    await store.close();
  }
}

async function measureCut(home: string, folder: string, count: number): Promise<Record<string, unknown>> {
  const store = { ...(await openStore(home)), pictures: localPictures };
  try {
    const cancel = new AbortController();
    let cancelledMs = 0;
    const cut = new Watch(count, (tenth) => {
      if (tenth !== TENTHS / 2) return;
      cancelledMs = performance.now();
      cancel.abort();
    });
    const outcome = await importDataset(store, { path: folder }, cut.take, cancel.signal).then(
      () => 'imported',
      (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
    );
    const cancelSeconds = Math.round(performance.now() - cancelledMs) / 1000;
    cut.end();
    const left = {
      datasets: (await store.datasets.list()).length,
      imageFiles: await filesBelow(join(home, 'blobs')),
    };
    const resumed = new Watch(count);
    const { dataset } = await importDataset(store, { path: folder }, resumed.take);
    return {
      cancelledAtHalf: { outcome, cancelSeconds, left },
      resumed: { samples: dataset.samples, ...resumed.end() },
    };
  } finally {
    await store.close();
  }
}

const results = [];
for (const count of counts.length === 0 ? [1000, 10_000] : counts) {
  const work = await mkdtemp(join(tmpdir(), 'atelier-bench-'));
  try {
    const folder = join(work, 'images');
    await writeImages(folder, count);
    const whole = await measureWhole(join(work, 'home'), folder, count);
    // Partial output, in case a long measurement is cut off.
    process.stderr.write(`${JSON.stringify({ images: count, ...whole })}\n`);
    await rm(join(work, 'home'), { recursive: true, force: true });
    results.push({ images: count, ...whole, ...(await measureCut(join(work, 'home-cut'), folder, count)) });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
