/** @file Kills of a host while a page labels: it edits samples, splits them anew and undoes both. */
import type { DatasetEdit } from '../../../contract/model/curation.ts';
import type { DatasetId } from '../../../contract/model/primitives.ts';
import type { Random } from '../../../starter/random.ts';
import { checkFolder } from '../check-folder.ts';
import { kill } from '../processes.ts';
import { connectTo, listening, type Page } from '../socket-client.ts';
import { killWithin, noneRemains, startsAgain, type Setting } from './setting.ts';

/** The host is killed within this time after its page has begun to edit. */
const EDITS_MS = 2000;

/** Every edit that was reported stays; one that was not is there as a whole or not at all. */
export async function editing(setting: Setting): Promise<void> {
  const { place, random, found } = setting;
  await place.fresh();
  const reported: string[] = [];
  for (let count = random.int(2, 4); count > 0; count -= 1) {
    const host = place.start(['serve']);
    const page = await connectTo(await listening(host));
    const edits = editUntilLost(page, random, reported);
    await killWithin(setting, host, EDITS_MS);
    page.close();
    await edits;
    await startsAgain(setting);
  }
  await examineEdits(setting, reported);
  found.problems.push(...(await checkFolder(place.home, place.tmp)));
}

/** Edits one after the other until the host is gone; adds the id of each edit that it reports. */
async function editUntilLost({ client }: Page, random: Random, reported: string[]): Promise<void> {
  const lost = new Promise<never>((_, reject) => setTimeout(reject, 2 * EDITS_MS, new Error('The host is gone.')));
  const work = async (): Promise<never> => {
    const [dataset] = await client.datasets.list();
    for (let count = 0; ; count += 1) {
      const { edit } = await oneEdit(client, dataset!.id, random);
      if (edit !== null) reported.push(edit.id);
    }
  };
  await Promise.race([work(), lost]).catch(() => undefined);
}

async function oneEdit(
  { datasets }: Page['client'],
  datasetId: DatasetId,
  random: Random,
): Promise<{ edit: DatasetEdit | null }> {
  const number = random.int(0, 999_999);
  switch (random.weighted([3, 3, 1, 1])) {
    case 0:
      return await datasets.edit({ datasetId, select: { filter: {} }, set: { addTags: [`tag-${number}`] } });
    case 1:
      return await datasets.edit({
        datasetId,
        select: { filter: { split: 'train' } },
        set: { answer: `answer ${number}` },
      });
    case 2:
      return await datasets.split({ datasetId, by: { kind: 'seed' }, testShare: 0.3, seed: number });
    default:
      return (await datasets.edits({ datasetId })).some(({ undoable }) => undoable)
        ? await datasets.undo({ datasetId })
        : { edit: null };
  }
}

async function examineEdits({ place, calm, found }: Setting, reported: readonly string[]): Promise<void> {
  const host = place.start(['serve']);
  const page = await connectTo(await listening(host));
  const { datasets } = page.client;
  const [dataset] = await datasets.list();
  const datasetId = dataset!.id;
  const edits = [...(await datasets.edits({ datasetId }))].reverse();
  const stored = new Set(edits.map(({ id }) => id));
  const gone = reported.filter((id) => !stored.has(id));
  if (gone.length > 0) found.problems.push(`${gone.length} reported edits are gone.`);
  let snapshot = calm.snapshot;
  for (const { id, snapshotBefore, snapshotAfter } of edits) {
    if (snapshotBefore !== snapshot) found.problems.push(`The edit ${id} does not follow the one before it.`);
    snapshot = snapshotAfter;
  }
  if (dataset!.snapshotSha256 !== snapshot) found.problems.push('The samples are not as the last edit left them.');
  // Whatever was changed can be taken back, down to what was imported.
  while ((await datasets.edits({ datasetId })).some(({ undoable }) => undoable)) await datasets.undo({ datasetId });
  if ((await datasets.get({ datasetId })).snapshotSha256 !== calm.snapshot)
    found.problems.push('After every edit was undone, the samples differ from those that were imported.');
  page.close();
  kill(host.pid, 'SIGINT');
  const { status, err } = await host.ended;
  if (status !== 0) found.problems.push(`The host ended with ${status}: ${err.slice(-500)}`);
  found.problems.push(...(await noneRemains(place)));
}
