/**
 * @file Fetches one file of a hub into a folder, as `NAME.part` until it is whole and its hash is right. A broken connection
 * is continued where it broke, here and at the next start.
 */
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { writeError } from '../../../formats/files.ts';
import { oddAnswer, type HubFile } from './answers.ts';
import { PassingFailure, type HubDoor } from './door.ts';
import { fileHashesTo } from './hashes.ts';
import { pathOf, type HubModel } from './offer.ts';

/** Waits before a new attempt. They begin anew whenever something has arrived. */
export const WAITS_MS: readonly number[] = [1000, 2000, 5000, 10_000, 30_000];
/** A hub that asks for a longer wait is not waited for. */
const LONGEST_WAIT_MS = 120_000;

export interface FetchContext {
  door: HubDoor;
  model: HubModel;
  folder: string;
  signal: AbortSignal;
  waitsMs: readonly number[];
  /** Hears how many bytes arrived, or (negative) had to be thrown away. */
  onBytes: (count: number) => void;
}

/**
 * Fetches a file, or what is missing of it.
 * @throws AtelierError HUB_UNAVAILABLE, VERIFICATION_FAILED (the bytes are deleted), DISK_FULL, CANCELLED
 */
export async function fetchFile(context: FetchContext, file: HubFile): Promise<void> {
  const { folder, signal } = context;
  const path = join(folder, file.name);
  const part = `${path}.part`;
  // From an earlier download: the power may have failed since.
  if (await isWhole(path, file, signal)) return;
  await rm(path, { force: true });
  for (let attempt = 0; ;) {
    const before = await sizeOfPart(part);
    try {
      if (before !== file.sizeBytes || file.sizeBytes === 0) await continueFile(context, file, part, before);
      break;
    } catch (cause) {
      const wait = context.waitsMs[attempt];
      if (!(cause instanceof PassingFailure) || wait === undefined) throw cause;
      if ((cause.waitMs ?? 0) > LONGEST_WAIT_MS) throw cause;
      attempt = (await sizeOfPart(part)) > before ? 0 : attempt + 1;
      await pause(Math.max(wait, cause.waitMs ?? 0), undefined, { signal });
    }
  }
  if (!(await isWhole(part, file, signal))) {
    context.onBytes(-file.sizeBytes);
    await rm(part, { force: true });
    throw new AtelierError(
      'VERIFICATION_FAILED',
      `${file.name} of ${context.model.name} is not the file that the hub lists.`,
      {
        place: { file: file.name },
        remedy: 'Its bytes were deleted. Try again; if it happens again, something on the way changes files.',
      },
    );
  }
  await rename(part, path);
}

async function isWhole(path: string, file: HubFile, signal: AbortSignal): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true && (await fileHashesTo(path, file, signal));
}

async function sizeOfPart(part: string): Promise<number> {
  return (await stat(part).catch(() => null))?.size ?? 0;
}

/** Writes what the hub sends from byte `have` on. */
async function continueFile(
  { door, model, onBytes }: FetchContext,
  file: HubFile,
  part: string,
  have: number,
): Promise<void> {
  // More than there should be cannot be continued.
  const from = have > file.sizeBytes ? 0 : have;
  const opened = await door.open(pathOf(model.name, model.commit, file.name), from);
  const announced = opened.totalBytes;
  if (announced !== null && announced !== file.sizeBytes) {
    await opened.bytes[Symbol.asyncIterator]().return?.();
    throw oddAnswer(door.endpoint, `it announces ${announced} bytes for ${file.name}, and lists ${file.sizeBytes}`);
  }
  const handle = await open(part, opened.start === 0 ? 'w' : 'a').catch((cause: unknown) => {
    throw writeError(part, cause);
  });
  if (opened.start < Math.min(have, file.sizeBytes)) onBytes(opened.start - Math.min(have, file.sizeBytes));
  let length = opened.start;
  try {
    for await (const piece of opened.bytes) {
      length += piece.length;
      if (length > file.sizeBytes)
        throw oddAnswer(door.endpoint, `it sends more than the ${file.sizeBytes} bytes of ${file.name}`);
      await writeAll(handle, piece, part);
      onBytes(piece.length);
    }
    if (length < file.sizeBytes)
      throw new PassingFailure(`The hub ended ${file.name} after ${length} of ${file.sizeBytes} bytes.`);
    await handle.sync();
  } finally {
    await handle.close();
    // What follows the announced end is not the file; neither, perhaps, is what came before.
    if (length > file.sizeBytes) await rm(part, { force: true });
  }
}

async function writeAll(handle: Awaited<ReturnType<typeof open>>, bytes: Uint8Array, path: string): Promise<void> {
  try {
    for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done)).bytesWritten;
  } catch (cause) {
    throw writeError(path, cause);
  }
}
