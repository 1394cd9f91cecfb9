/**
 * @file Files beside an image that make statements about it: sidecars `photo.jpg.xmp` and `photo.xmp`, Content
 * Credentials `photo.jpg.c2pa` and `photo.c2pa`, saved headers `photo.jpg.headers.txt`, a saved page that shows the
 * image, and files that its site publishes (`tdmrep.json`, `.well-known/tdmrep.json`, `robots.txt`, `ai.txt`) in the
 * image's folder or one above it, up to the table's. Names are case-insensitive.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { readError } from '../../../formats/files.ts';
import { openRegular } from '../../../formats/regular-file.ts';
import { readEvidence, type EvidenceText, type ImageReading } from '../../../provenance/signals/read-image.ts';
import { MAX_C2PA_BYTES, type C2paReader } from '../../../provenance/signals/c2pa-reader.ts';
import { MAX_SIDECAR_BYTES, readC2paSidecar } from '../../../provenance/signals/c2pa-sidecar.ts';
import { MAX_PAGE_BYTES, pageShows } from '../../../provenance/signals/page-signals.ts';
import { MAX_EVIDENCE_BYTES } from '../../../provenance/signals/web-signals.ts';
import { MAX_XMP_BYTES } from '../../../provenance/signals/xmp-document.ts';
import { sha256Hex } from '../../../store/connection/canonical.ts';
import type { EvidenceFile } from '../../../store/datasets/signal-rows.ts';

/** Files that a site publishes, by their path under the site's root. */
const SITE_FILES = [
  { kind: 'tdmrep', place: 'tdmrep.json' },
  { kind: 'tdmrep', place: '.well-known/tdmrep.json' },
  { kind: 'robots', place: 'robots.txt' },
  { kind: 'ai', place: 'ai.txt' },
  { kind: 'ai', place: '.well-known/ai.txt' },
] as const;
const MAX_FOLDERS_UP = 32;
const MAX_PAGES = 50;
/** Browsers save the images of `Page.html` in a folder beside it, named after the page plus one of these suffixes. */
const PAGE_FOLDER = /(?:_files|-files|_dateien|-dateien|_fichiers|_archivos|_file|\.files)$/i;

export type FoundEvidence = {
  reading: ImageReading;
  /** Complete files that make statements about training, kept for the record. */
  files: EvidenceFile[];
};

export type EvidenceReader = (imagePath: string, sourceUrls: readonly string[]) => Promise<FoundEvidence>;

type NamedBytes = { name: string; bytes: Uint8Array };

/** Reads each folder once, however many images it holds. Links are not followed because they may lead elsewhere. */
export function createEvidenceReader(tableFolder: string, c2pa?: C2paReader): EvidenceReader {
  const listings = new Map<string, Promise<Map<string, string[]>>>();
  const shared = new Map<string, Promise<Uint8Array>>();

  /** The actual names of a folder's files, keyed by lower-case name. */
  function filesIn(folder: string): Promise<Map<string, string[]>> {
    let listing = listings.get(folder);
    if (listing === undefined) {
      listing = readdir(folder, { withFileTypes: true }).then(
        (entries) => {
          const names = new Map<string, string[]>();
          for (const entry of entries) {
            if (!entry.isFile()) continue;
            const key = entry.name.toLowerCase();
            names.set(key, [...(names.get(key) ?? []), entry.name].sort());
          }
          return names;
        },
        (cause: unknown) => {
          if (isForbidden(cause)) throw readError(folder, cause);
          return new Map<string, string[]>();
        },
      );
      listings.set(folder, listing);
    }
    return listing;
  }

  /** Files with this name, each read once however many images they cover. */
  async function sharedFiles(path: string, limitBytes: number): Promise<NamedBytes[]> {
    const folder = dirname(path);
    const names = (await filesIn(folder)).get(basename(path).toLowerCase()) ?? [];
    return await Promise.all(
      names.map(async (name) => {
        const file = join(folder, name);
        const bytes = shared.get(file) ?? readStart(file, limitBytes);
        shared.set(file, bytes);
        return { name: shownName(tableFolder, file), bytes: await bytes };
      }),
    );
  }

  /** The site's published files: for each kind, those in the nearest folder that has any. */
  async function siteAbove(imagePath: string, urlPaths: readonly string[]): Promise<SiteFile[]> {
    const found: SiteFile[] = [];
    let folder = dirname(imagePath);
    for (let up = 0; up < MAX_FOLDERS_UP; up += 1) {
      const done = new Set(found.map(({ kind }) => kind));
      for (const { kind, place } of SITE_FILES) {
        if (done.has(kind)) continue;
        const paths = [`/${shownName(folder, imagePath)}`, ...urlPaths];
        for (const file of await sharedFiles(join(folder, place), MAX_EVIDENCE_BYTES))
          found.push({ ...file, kind, paths });
      }
      if (folder === tableFolder || folder === dirname(folder)) break;
      folder = dirname(folder);
    }
    return found;
  }

  /** Saved pages that show the image: beside it, or beside the folder where a browser saved the page's images. */
  async function pagesWith(imagePath: string): Promise<NamedBytes[]> {
    const folder = dirname(imagePath);
    const own = folder !== tableFolder && PAGE_FOLDER.test(basename(folder));
    const stem = basename(folder).replace(PAGE_FOLDER, '').toLowerCase();
    const pages: NamedBytes[] = [];
    const isPage = (name: string): boolean => /\.x?html?$/.test(name);
    for (const name of [...(await filesIn(folder)).keys()].filter(isPage).slice(0, MAX_PAGES))
      for (const page of await sharedFiles(join(folder, name), MAX_PAGE_BYTES))
        if (pageShows(textOf(page.bytes), basename(imagePath))) pages.push(page);
    if (own)
      for (const ending of ['html', 'htm', 'xhtml'])
        pages.push(...(await sharedFiles(join(dirname(folder), `${stem}.${ending}`), MAX_PAGE_BYTES)));
    return pages;
  }

  return async (imagePath, sourceUrls) => {
    const folder = dirname(imagePath);
    const names = await filesIn(folder);
    const image = basename(imagePath);
    const stem = image.slice(0, image.length - extname(image).length);
    const read = new Map<string, Uint8Array>();
    const keep = <File extends NamedBytes>(files: File[]): File[] => {
      for (const { name, bytes } of files) read.set(name, bytes);
      return files;
    };
    const take = async (wanted: readonly string[], limitBytes: number): Promise<NamedBytes[]> => {
      const found = new Set(wanted.flatMap((name) => names.get(name.toLowerCase()) ?? []));
      return keep(
        await Promise.all(
          [...found].map(async (name) => ({
            name: shownName(tableFolder, join(folder, name)),
            bytes: await readStart(join(folder, name), limitBytes),
          })),
        ),
      );
    };
    const credentials = await take([`${image}.c2pa`, `${stem}.c2pa`], MAX_SIDECAR_BYTES);
    const site = keep(await siteAbove(imagePath, sourceUrls.flatMap(pathOfUrl)));
    const reading = readEvidence({
      xmp: await take([`${image}.xmp`, `${stem}.xmp`], MAX_XMP_BYTES),
      headers: (await take([`${image}.headers.txt`], MAX_EVIDENCE_BYTES)).map(asText),
      site: site.map((file) => ({ ...asText(file), kind: file.kind, paths: file.paths })),
      pages: keep(await pagesWith(imagePath)).map(asText),
    });
    if (credentials.length > 0 && c2pa !== undefined) {
      const bytes = await readStart(imagePath, MAX_C2PA_BYTES);
      const whole = bytes.length > MAX_C2PA_BYTES ? null : bytes;
      for (const credential of credentials) reading.signals.push(...(await readC2paSidecar(credential, whole, c2pa)));
    }
    return { reading, files: reading.signals.length === 0 ? [] : telling(reading, read) };
  };
}

type SiteFile = NamedBytes & { kind: (typeof SITE_FILES)[number]['kind']; paths: readonly string[] };

function asText({ name, bytes }: NamedBytes): EvidenceText {
  return { name, text: textOf(bytes) };
}

/** Only files with statements about training are kept whole; if a sidecar just names a creator, the quote suffices. */
function telling(reading: ImageReading, read: ReadonlyMap<string, Uint8Array>): EvidenceFile[] {
  const words = reading.signals.filter((signal) => signal.value !== 'unknown');
  return [...read]
    .filter(([name]) => words.some((signal) => signal.locator.startsWith(name)))
    .map(([name, bytes]) => ({ name, sha256: sha256Hex(bytes), bytes }));
}

/**
 * Reads at most one byte beyond the limit, to detect files that are too large. Empty if the file is a link, which could lead to
 * any of your files. @throws AtelierError if you do not have permission to read it
 */
async function readStart(path: string, limitBytes: number): Promise<Uint8Array> {
  try {
    const { handle, sizeBytes } = await openRegular(dirname(path), basename(path));
    try {
      const buffer = Buffer.alloc(Math.min(sizeBytes, limitBytes + 1));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    // What it says may forbid training, so it must not count as saying nothing.
    const { cause } = error as { cause?: unknown };
    if (isForbidden(cause)) throw readError(path, cause);
    return new Uint8Array();
  }
}

function isForbidden(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
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
