/** @file Opens a GGUF file: its header, and the stored bytes of its tensors. */
import { openFile, readError } from '../files.ts';
import { notGguf, parseGgufHeader, type GgufHeader } from './gguf-header.ts';
import { AtelierError } from '../../contract/errors/errors.ts';

export interface GgufReader extends GgufHeader {
  /** Stored bytes of a tensor, from `begin` within it; all of them unless told otherwise. */
  readBytes(name: string, begin?: number, length?: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Vocabularies take a few megabytes. */
const FIRST_BYTES = 1 << 20;
const MOST_HEADER_BYTES = 1 << 28;

/** @throws AtelierError NOT_FOUND or BAD_INPUT, naming the file and what is wrong with it */
export async function openGguf(path: string): Promise<GgufReader> {
  const { handle, sizeBytes } = await openFile(path);
  const read = async (begin: number, length: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const { bytesRead } = await handle.read(bytes, done, length - done, begin + done);
      if (bytesRead === 0) throw notGguf(path, `it ends at byte ${begin + done}`);
      done += bytesRead;
    }
    return bytes;
  };
  try {
    const header = await parseGrowing((length) => read(0, length), sizeBytes, path);
    return {
      ...header,
      readBytes: async (name, begin = 0, length) => {
        const place = header.tensors.get(name);
        if (place === undefined) throw notGguf(path, `it has no tensor "${name}"`);
        return await read(header.dataStart + place.begin + begin, length ?? place.byteLength - begin);
      },
      close: () => handle.close(),
    };
  } catch (cause) {
    await handle.close();
    throw cause instanceof AtelierError ? cause : readError(path, cause);
  }
}

/** The header does not say how long it is: more is read until all of it is there. */
async function parseGrowing(
  read: (length: number) => Promise<Uint8Array>,
  sizeBytes: number,
  path: string,
): Promise<GgufHeader> {
  for (let length = Math.min(FIRST_BYTES, sizeBytes); ; length = Math.min(4 * length, sizeBytes)) {
    const bytes = await read(length);
    try {
      return parseGgufHeader(bytes, sizeBytes, path);
    } catch (cause) {
      if (length === sizeBytes || length >= MOST_HEADER_BYTES) throw cause;
    }
  }
}
