/** @file What a model on the hub is and needs, before anything of it is kept. */
import { stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '../../../contract/errors/errors.ts';
import type { HubOffer, HubOfferRequest } from '../../../contract/model/hub.ts';
import { parseJsonObject } from '../../../formats/files.ts';
import { parseModelConfig } from '../../../formats/model-config.ts';
import { makeTemporary, removeTemporary } from '../../../formats/temporary-folder.ts';
import type { StudioCore } from '../../context.ts';
import { findModelLicence, LICENCE_FILES, type FoundLicence } from '../model-licence.ts';
import { CARD_FILE, oddAnswer, readListing, readModelFacts, type HubFile } from './answers.ts';
import type { HubDoor } from './door.ts';
import { hashesTo } from './hashes.ts';
import { openConfiguredDoor } from './settings.ts';

/** A card or a licence that is longer is not read before the download. */
const MOST_TEXT_BYTES = 2 * 1024 * 1024;

/** A model on the hub in one exact version. */
export interface HubModel {
  name: string;
  commit: string;
  gated: boolean;
  files: HubFile[];
}

/**
 * Describes a model on the hub: its version, files, licence and needs. Keeps nothing.
 * @throws AtelierError CONFLICT if downloads are off, NOT_FOUND, BAD_INPUT for a model that Atelier could not use,
 * HUB_UNAVAILABLE
 */
export async function offerHubModel(
  { home, store, hub }: Pick<StudioCore, 'home' | 'store' | 'hub'>,
  request: HubOfferRequest,
  signal?: AbortSignal,
): Promise<HubOffer> {
  const door = await openConfiguredDoor({ home, hub }, signal);
  const model = await readHubModel(door, request);
  const { family, licence, evidence } = await readSmallFiles(door, model);
  const places = placesOf(home, model);
  const known = await store.models.findByPath(places.folder);
  return {
    name: model.name,
    revision: model.commit,
    endpoint: door.endpoint,
    family,
    licence,
    licenceEvidence: evidence,
    gated: model.gated,
    files: model.files.map(({ name, sizeBytes }) => ({ name, sizeBytes })),
    sizeBytes: sizeOf(model.files),
    hereBytes: known === undefined ? await bytesIn(places.partial, model.files) : sizeOf(model.files),
    freeBytes: await freeBytesFor(home),
    folder: places.folder,
    modelId: known?.id ?? null,
  };
}

/** Asks for a model's version and its files. @throws AtelierError as `offerHubModel` */
export async function readHubModel(door: HubDoor, { name, revision }: HubOfferRequest): Promise<HubModel> {
  const hub = await import('@huggingface/hub');
  const common = { hubUrl: door.endpoint, fetch: door.answer };
  const info = await asHub(door, () =>
    hub.modelInfo({ ...common, name, additionalFields: ['sha'], ...(revision === undefined ? {} : { revision }) }),
  );
  const { commit, gated } = readModelFacts(info, door.endpoint);
  const entries: unknown[] = [];
  await asHub(door, async () => {
    const listing = hub.listFiles({ ...common, repo: { type: 'model', name }, revision: commit });
    for await (const entry of listing) entries.push(entry);
  });
  return { name, commit, gated, files: readListing(entries, name, door.endpoint) };
}

/** The library trusts the shape of what it reads; what it stumbles over is an odd answer. */
async function asHub<T>(door: HubDoor, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof AtelierError) throw cause;
    throw oddAnswer(door.endpoint, 'it has not the shape that a hub gives it', cause);
  }
}

/** Where a model of the hub goes, in the layout of the hub's own cache, which other tools and exports understand. */
export function placesOf(home: string, { name, commit }: { name: string; commit: string }) {
  const root = join(home, 'models', `models--${name.replace('/', '--')}`);
  return {
    folder: join(root, 'snapshots', commit),
    /** What has arrived, until all of it has. */
    partial: join(root, 'partial', commit),
    lock: join(root, 'partial', `${commit}.lock`),
  };
}

export function sizeOf(files: readonly HubFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** How many bytes of the files have arrived. */
export async function bytesIn(folder: string, files: readonly HubFile[]): Promise<number> {
  let sum = 0;
  for (const { name, sizeBytes } of files) {
    const whole = await stat(join(folder, name)).catch(() => null);
    const part = whole ?? (await stat(join(folder, `${name}.part`)).catch(() => null));
    sum += Math.min(part?.size ?? 0, sizeBytes);
  }
  return sum;
}

export async function freeBytesFor(home: string): Promise<number> {
  const { bavail, bsize } = await statfs(home);
  return bavail * bsize;
}

/** Family and licence, read from a folder that is removed again. */
async function readSmallFiles(door: HubDoor, model: HubModel): Promise<FoundLicence & { family: string }> {
  const folder = await makeTemporary('hub');
  try {
    let family: string | undefined;
    for (const file of model.files) {
      const isConfig = file.name === 'config.json';
      const isText = isConfig || file.name === CARD_FILE || LICENCE_FILES.test(file.name);
      if (!isText || file.sizeBytes > MOST_TEXT_BYTES) continue;
      const bytes = await readWhole(door, model, file);
      const shown = `${model.name}/${file.name}`;
      if (isConfig) ({ family } = parseModelConfig(parseJsonObject(bytes, shown), { file: shown }));
      else await writeFile(join(folder, file.name), bytes);
    }
    if (family === undefined)
      throw oddAnswer(door.endpoint, `config.json of ${model.name} has ${MOST_TEXT_BYTES} bytes or more`);
    return { family, ...(await findModelLicence(folder, null)) };
  } finally {
    await removeTemporary(folder);
  }
}

/** A small file, checked against its hash. */
async function readWhole(door: HubDoor, { name, commit }: HubModel, file: HubFile): Promise<Uint8Array> {
  const { bytes } = await door.open(pathOf(name, commit, file.name), 0);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    length += piece.length;
    if (length > file.sizeBytes) throw oddAnswer(door.endpoint, `${file.name} is longer than its listing says`);
    pieces.push(piece);
  }
  const whole = Buffer.concat(pieces);
  if (length === file.sizeBytes && hashesTo(whole, file)) return whole;
  throw new AtelierError('VERIFICATION_FAILED', `${file.name} of ${name} is not the file that the hub lists.`, {
    place: { file: file.name },
    remedy: 'Try again. If it happens again, the hub or something on the way to it changes files: do not use it.',
  });
}

/** The address of a file below the endpoint. */
export function pathOf(name: string, commit: string, file: string): string {
  return `${name}/resolve/${commit}/${encodeURIComponent(file)}`;
}
