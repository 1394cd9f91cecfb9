/** @file The disk fills up during a run: every command ends and says so, reading works, and the run can be resumed. */
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeError } from '../../contract/errors/error-codec.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import { canMountDisks, mountSmallDisk, type SmallDisk } from '../fixtures/small-disk.ts';
import { clientOf, openTestStudio, prepareStudio, untilEnded, type TestStudio } from '../fixtures/test-studio.ts';
import type { Studio } from '../studio.ts';

let disk: SmallDisk | null = null;
const open: Studio[] = [];
afterEach(async () => {
  disk?.free();
  await Promise.all(open.splice(0).map((studio) => studio.close({ waitMs: 0 })));
  disk?.remove();
  disk = null;
});

/** The code of the error that ends watching the run. */
async function watched(client: TestStudio['client'], runId: RunId): Promise<string | undefined> {
  try {
    for await (const _ of await client.runs.watch({ runId }));
    return 'ended';
  } catch (error) {
    return decodeError(error)?.code;
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    () => 'done',
    (error: unknown) => decodeError(error)?.code,
  );
}

// Only root may mount the small disk that this test fills.
describe.skipIf(!canMountDisks())('a disk that is full to the last byte', { timeout: 120_000 }, () => {
  it('ends what waits for the run, can be read, and lets the run be resumed once there is space', async () => {
    disk = mountSmallDisk(64);
    const home = join(disk!.path, 'home');
    const { studio, client, modelId, datasetId } = await prepareStudio(home);
    open.push(studio);
    const run = await client.runs.start({ modelId, datasetId, name: 'slow', steps: 60, checkpointEvery: 1 });
    await expect
      .poll(async () => (await client.runs.get({ runId: run.id })).summary.step, { timeout: 60_000 })
      .toBeGreaterThan(1);
    disk!.fill();
    expect(await watched(client, run.id)).toBe('DISK_FULL');
    expect((await client.runs.list()).map(({ id }) => id)).toEqual([run.id]);
    expect((await client.runs.steps({ runId: run.id, maxPoints: 100 })).length).toBeGreaterThan(1);
    await studio.close();

    const full = await openTestStudio(home);
    open.push(full);
    const reader = clientOf(full);
    expect((await reader.runs.list()).map(({ id }) => id)).toEqual([run.id]);
    expect(await codeOf(reader.runs.resume({ runId: run.id }))).toBe('DISK_FULL');
    expect(await codeOf(reader.runs.start({ modelId, datasetId, steps: 1 }))).toBe('DISK_FULL');
    await full.close();

    disk!.free();
    const again = await openTestStudio(home);
    open.push(again);
    const writer = clientOf(again);
    expect((await writer.runs.get({ runId: run.id })).summary.status).toBe('interrupted');
    await writer.runs.resume({ runId: run.id });
    expect(await untilEnded(writer, run)).toMatchObject({ status: 'completed', step: 60 });
  });

  it('goes on by itself with the queue when space is made while the studio is open', async () => {
    disk = mountSmallDisk(64);
    const { studio, client, modelId, datasetId } = await prepareStudio(join(disk!.path, 'home'));
    open.push(studio);
    const run = await client.runs.start({ modelId, datasetId, name: 'slow', steps: 60, checkpointEvery: 1 });
    const next = await client.runs.start({ modelId, datasetId, name: 'next', steps: 2, checkpointEvery: 1 });
    await expect
      .poll(async () => (await client.runs.get({ runId: run.id })).summary.step, { timeout: 60_000 })
      .toBeGreaterThan(1);
    disk!.fill();
    expect(await watched(client, run.id)).toBe('DISK_FULL');
    disk!.free();
    await expect
      .poll(async () => (await client.runs.get({ runId: run.id })).summary, { timeout: 60_000 })
      .toMatchObject({
        status: 'interrupted',
        endCode: 'DISK_FULL',
        reason: expect.stringContaining('Free some space') as string,
      });
    await expect
      .poll(async () => (await client.runs.get({ runId: next.id })).summary.status, { timeout: 60_000 })
      .toBe('completed');
  });
});
