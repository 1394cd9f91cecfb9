/**
 * @file Files that lie beside an image and speak about it: a sidecar `photo.jpg.xmp` or `photo.xmp`, a Content
 * Credential `photo.jpg.c2pa` or `photo.c2pa`, the saved headers
 * `photo.jpg.headers.txt`, and a site's `tdmrep.json` in the image's folder or one above it, up to the table's.
 */
import { open, readdir } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { readEvidence, type Evidence, type ImageReading } from '../../../provenance/signals/read-image.ts';
import { MAX_C2PA_BYTES, type C2paReader } from '../../../provenance/signals/c2pa-reader.ts';
import { MAX_SIDECAR_BYTES, readC2paSidecar } from '../../../provenance/signals/c2pa-sidecar.ts';
import { MAX_EVIDENCE_BYTES } from '../../../provenance/signals/web-signals.ts';
import { MAX_XMP_BYTES } from '../../../provenance/signals/xmp-document.ts';
import { sha256Hex } from '../../../store/connection/canonical.ts';
import type { EvidenceFile } from '../../../store/datasets/signal-rows.ts';

const TDMREP = 'tdmrep.json';
const MAX_FOLDERS_UP = 32;

export type FoundEvidence = {
  reading: ImageReading;
  /** Files that say something about training, whole, for the record. */
  files: EvidenceFile[];
};

export type EvidenceReader = (imagePath: string, sourceUrls: readonly string[]) => Promise<FoundEvidence>;

/** Looks in each folder once, whatever the number of images in it. Links are not followed: they may lead elsewhere. */
export function createEvidenceReader(tableFolder: string, c2pa?: C2paReader): EvidenceReader {
  const listings = new Map<string, Promise<Set<string>>>();
  const tdmreps = new Map<string, Promise<Uint8Array>>();

  function filesIn(folder: string): Promise<Set<string>> {
    let listing = listings.get(folder);
    if (listing === undefined) {
      listing = readdir(folder, { withFileTypes: true }).then(
        (entries) => new Set(entries.filter((entry) => entry.isFile()).map((entry) => entry.name)),
        () => new Set<string>(),
      );
      listings.set(folder, listing);
    }
    return listing;
  }

  async function tdmrepAbove(imagePath: string): Promise<{ folder: string; bytes: Uint8Array } | null> {
    let folder = dirname(imagePath);
    for (let up = 0; up < MAX_FOLDERS_UP; up += 1) {
      if ((await filesIn(folder)).has(TDMREP)) {
        const bytes = tdmreps.get(folder) ?? readStart(join(folder, TDMREP), MAX_EVIDENCE_BYTES);
        tdmreps.set(folder, bytes);
        return { folder, bytes: await bytes };
      }
      if (folder === tableFolder || folder === dirname(folder)) return null;
      folder = dirname(folder);
    }
    return null;
  }

  return async (imagePath, sourceUrls) => {
    const folder = dirname(imagePath);
    const names = await filesIn(folder);
    const image = basename(imagePath);
    const evidence: Evidence = {};
    const read = new Map<string, Uint8Array>();
    const take = async (name: string, limitBytes: number): Promise<{ name: string; bytes: Uint8Array } | undefined> => {
      if (!names.has(name)) return undefined;
      const bytes = await readStart(join(folder, name), limitBytes);
      const shown = shownName(tableFolder, join(folder, name));
      read.set(shown, bytes);
      return { name: shown, bytes };
    };
    const stem = image.slice(0, image.length - extname(image).length);
    evidence.xmp = (await take(`${image}.xmp`, MAX_XMP_BYTES)) ?? (await take(`${stem}.xmp`, MAX_XMP_BYTES));
    const credential =
      (await take(`${image}.c2pa`, MAX_SIDECAR_BYTES)) ?? (await take(`${stem}.c2pa`, MAX_SIDECAR_BYTES));
    const headers = await take(`${image}.headers.txt`, MAX_EVIDENCE_BYTES);
    if (headers !== undefined) evidence.headers = { name: headers.name, text: textOf(headers.bytes) };
    const tdmrep = await tdmrepAbove(imagePath);
    if (tdmrep !== null) {
      const name = shownName(tableFolder, join(tdmrep.folder, TDMREP));
      read.set(name, tdmrep.bytes);
      const paths = [`/${shownName(tdmrep.folder, imagePath)}`, ...sourceUrls.flatMap(pathOfUrl)];
      evidence.tdmrep = { name, text: textOf(tdmrep.bytes), paths };
    }
    const reading = readEvidence(evidence);
    if (credential !== undefined && c2pa !== undefined) {
      const bytes = await readStart(imagePath, MAX_C2PA_BYTES);
      const whole = bytes.length > MAX_C2PA_BYTES ? null : bytes;
      reading.signals.push(...(await readC2paSidecar(credential, whole, c2pa)));
    }
    return { reading, files: reading.signals.length === 0 ? [] : telling(reading, read) };
  };
}

/** Only files with a word on training are kept whole: a sidecar that names a creator is quoted, and that is enough. */
function telling(reading: ImageReading, read: ReadonlyMap<string, Uint8Array>): EvidenceFile[] {
  const words = reading.signals.filter((signal) => signal.value !== 'unknown');
  return [...read]
    .filter(([name]) => words.some((signal) => signal.locator.startsWith(name)))
    .map(([name, bytes]) => ({ name, sha256: sha256Hex(bytes), bytes }));
}

/** At most one byte more than the limit, so that what is too large is seen to be. Empty where it cannot be read. */
async function readStart(path: string, limitBytes: number): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const buffer = Buffer.alloc(Math.min((await file.stat()).size, limitBytes + 1));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return new Uint8Array();
  }
}

function textOf(bytes: Uint8Array): string {
  const utf16 =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(utf16).decode(bytes);
}

function shownName(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}

function pathOfUrl(url: string): string[] {
  try {
    return [decodeURI(new URL(url).pathname)];
  } catch {
    return [];
  }
}
