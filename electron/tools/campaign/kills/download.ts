/** @file Kills of `models get`, which downloads a model from a hub: one of our own, on loopback, that is slow. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { ModelSummary } from '../../../contract/model/models.ts';
import { COMMIT, openSmallHub, type SmallHub } from '../../../studio/models/hub/testing/small-hub.ts';
import { checkFolder, filesBelow } from '../check-folder.ts';
import { TINY_MODEL, type Ended } from '../workplace.ts';
import { killWithin, startsAgain, type Setting } from './setting.ts';

const NAME = 'me/tiny';
export const DOWNLOAD = ['models', 'get', NAME, '--yes'];
/** The weights arrive in so many pieces, with a pause after each. */
const PIECES = 20;
const PAUSE_MS = 100;

/** A download that was killed is continued; until it is whole and checked, there is no model. */
export async function downloading(setting: Setting): Promise<void> {
  const { place, calm, random, found } = setting;
  await place.fresh();
  const hub = await openSmallHub(TINY_MODEL);
  hub.misbehave = (request, response, path) => sendSlowly(hub, response, path, request.headers.range);
  const env = { HF_ENDPOINT: hub.url };
  const folder = join(place.home, 'models', 'models--me--tiny');
  try {
    for (let count = random.int(2, 4); count > 0; count -= 1) {
      await killWithin(setting, place.start(DOWNLOAD, { env }), calm.ms.import + PIECES * PAUSE_MS);
      await startsAgain(setting);
      if (existsSync(join(folder, 'snapshots', COMMIT))) found.problems.push(...damageOfDownload(place.home));
      else if (isListed(await place.run('models'))) found.problems.push('Half a model can be chosen.');
    }
    const { status, err } = await place.start(DOWNLOAD, { env }).ended;
    if (status !== 0) found.problems.push(`The download after the kills ended with ${status}: ${err.slice(-500)}`);
  } finally {
    await hub.close();
  }
  if (!isListed(await place.run('models'))) found.problems.push('The model that was downloaded is not listed.');
  found.problems.push(...damageOfDownload(place.home));
  const left = existsSync(join(folder, 'partial')) ? filesBelow(join(folder, 'partial')) : [];
  if (left.length > 0) found.problems.push(`After the download, there is still ${left.join(', ')}.`);
  found.problems.push(...(await checkFolder(place.home, place.tmp)));
}

function isListed({ status, out }: Ended): boolean {
  return status === 0 && (JSON.parse(out) as ModelSummary[]).some(({ origin }) => origin?.name === NAME);
}

/** What differs from the hub's files in the place of the downloaded model, as sentences. */
export function damageOfDownload(home: string): string[] {
  const folder = join(home, 'models', 'models--me--tiny', 'snapshots', COMMIT);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  if (!names.includes('model.safetensors')) return [`${folder} has no weights.`];
  const isAsSent = (name: string): boolean =>
    existsSync(join(TINY_MODEL, name)) && readFileSync(join(TINY_MODEL, name)).equals(readFileSync(join(folder, name)));
  return names.filter((name) => !isAsSent(name)).map((name) => `${name} is not as the hub has it.`);
}

/** Sends the weights in pieces; everything else is answered as ever. */
function sendSlowly({ files }: SmallHub, response: ServerResponse, path: string, range: string | undefined): boolean {
  const bytes = path.endsWith('/model.safetensors') ? files.get('model.safetensors') : undefined;
  if (bytes === undefined) return false;
  let sent = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  const headers = { 'content-length': bytes.length - sent };
  if (range === undefined) response.writeHead(200, headers);
  else response.writeHead(206, { ...headers, 'content-range': `bytes ${sent}-${bytes.length - 1}/${bytes.length}` });
  const piece = Math.ceil(bytes.length / PIECES);
  const send = (): void => {
    if (response.destroyed) return;
    response.write(bytes.subarray(sent, sent + piece));
    sent += piece;
    if (sent < bytes.length) setTimeout(send, PAUSE_MS);
    else response.end();
  };
  send();
  return true;
}
