/**
 * @file Measures bulk edits and their undo: `bench-edits.ts [samples …]` prints JSON. It only reports and asserts
 * nothing. Each sample has a picture, an author, a licence and a source of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '../../store/connection/canonical.ts';
import { openStore } from '../../store/connection/open.ts';
import type { ImageRecord, NewSample } from '../../store/datasets/dataset-types.ts';
import { editSamples, undoEdit } from '../../studio/datasets/edit/edit.ts';
import { snapshotSha256 } from '../../studio/datasets/snapshot.ts';
import { localPictures } from '../../pictures/work.ts';

const counts = process.argv.slice(2).map(Number);

function madeUp(position: number): { image: ImageRecord; sample: NewSample } {
  const imageSha256 = sha256Hex(`picture ${position}`);
  const imageName = `${position}.png`;
  const author = `Author ${position % 97}`;
  const sample: NewSample = {
    position,
    imageSha256,
    imageName,
    task: 'counting',
    prompt: `How many birds are in picture ${position}?`,
    answer: String(position % 9),
    split: position % 5 === 0 ? 'test' : 'train',
    licence: 'CC-BY-4.0',
    authors: [author],
    licenceSource: 'table',
    authorsSource: 'table',
    sources: [{ title: imageName, author, licence: 'CC-BY-4.0', url: null }],
    extra: { place: `Place ${position % 31}` },
  };
  return { image: { sha256: imageSha256, format: 'png', sizeBytes: 1000, width: 64, height: 64 }, sample };
}

const results = [];
for (const count of counts.length === 0 ? [10_000] : counts) {
  const home = await mkdtemp(join(tmpdir(), 'atelier-bench-'));
  const store = { ...(await openStore(home)), pictures: localPictures };
  try {
    const made = Array.from({ length: count }, (_, position) => madeUp(position));
    const samples = made.map(({ sample }) => sample);
    const { id: datasetId } = await store.datasets.insert({
      name: 'Birds',
      origin: '/birds',
      snapshotSha256: snapshotSha256(samples),
      warnings: [],
      request: {},
      images: made.map(({ image }) => image),
      samples,
    });
    const seconds: Record<string, number> = {};
    const cpuSeconds: Record<string, number> = {};
    const timed = async (name: string, work: () => Promise<unknown>): Promise<void> => {
      const startedMs = performance.now();
      const before = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(before);
      seconds[name] = Math.round(performance.now() - startedMs) / 1000;
      // Unlike the time, this hardly depends on what else the machine is doing.
      cpuSeconds[name] = Math.round((user + system) / 1000) / 1000;
    };
    const select = { filter: {} };
    await timed('tag', () => editSamples(store, { datasetId, select, set: { addTags: ['seen'] } }));
    await timed('licence', () => editSamples(store, { datasetId, select, set: { licence: 'CC0-1.0' } }));
    await timed('undo', () => undoEdit(store, { datasetId }));
    results.push({ samples: count, seconds, cpuSeconds });
  } finally {
    await store.close();
    await rm(home, { recursive: true, force: true });
  }
}
process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
