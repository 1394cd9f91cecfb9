/** @file Serves the built page from one folder, and nothing outside it. */
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';

const MEDIA_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

export interface StaticFile {
  body: Buffer;
  mediaType: string;
  /** True for files whose name contains their hash. */
  immutable: boolean;
}

/**
 * The file under `root` that a URL path names; `/` is `index.html`. Null if there is none, or if it would lie outside
 * `root` (even via a symbolic link).
 */
export async function readStaticFile(root: string, urlPath: string): Promise<StaticFile | null> {
  let path: string;
  try {
    path = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  if (path.includes('\0') || path.includes('\\')) return null;
  const file = resolve(join(root, path === '/' ? 'index.html' : path));
  const mediaType = MEDIA_TYPES[extname(file)];
  if (mediaType === undefined) return null;
  try {
    const [realRoot, realFile] = await Promise.all([realpath(root), realpath(file)]);
    if (!realFile.startsWith(realRoot + sep)) return null;
    return { body: await readFile(realFile), mediaType, immutable: path.startsWith('/assets/') };
  } catch {
    return null;
  }
}
