/** @file Reads a path as people type, paste and drag it: with quotes, as `file://`, with `~`, or with other accents. */
import { lstat, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, parse, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AtelierError } from '../contract/errors/errors.ts';

/**
 * The absolute path that a person means. A path that exists as it was typed is taken as it is.
 * @throws AtelierError BAD_INPUT for a `file://` address that is no path on this machine
 */
export async function typedPath(text: string): Promise<string> {
  const literal = resolve(text);
  if (await exists(literal)) return literal;
  const path = resolve(meantBy(text));
  return (await otherSpelling(path)) ?? path;
}

/**
 * The same for a file to be written, which must be a whole path: a relative one would count from wherever Atelier was
 * started, where nobody looks for it. The command line makes paths whole before it asks.
 * @throws AtelierError BAD_INPUT also for a relative path
 */
export async function wholePath(text: string): Promise<string> {
  if (isAbsolute(meantBy(text))) return await typedPath(text);
  throw new AtelierError('BAD_INPUT', `"${text}" does not say which folder the file goes to.`, {
    place: { field: 'path' },
    remedy: `Give the whole path, such as ${join(homedir(), 'atelier.zip')}, or begin it with ~/.`,
  });
}

function meantBy(text: string): string {
  return withHome(fromAddress(withoutQuotes(text.trim())));
}

/** Terminals and file managers put quotes around what they copy. */
function withoutQuotes(text: string): string {
  const quoted = /^(["'])(.*)\1$/s.exec(text) ?? /^(“)(.*)”$/s.exec(text);
  return quoted?.[2] ?? text;
}

function fromAddress(text: string): string {
  if (!/^file:\/\//i.test(text)) return text;
  try {
    return fileURLToPath(text);
  } catch (cause) {
    throw new AtelierError('BAD_INPUT', `${text} is not a file or folder of this machine.`, {
      place: { field: 'path' },
      remedy: 'Give its path, such as /home/me/pictures.',
      cause,
    });
  }
}

function withHome(path: string): string {
  return path === '~' || path.startsWith('~/') || path.startsWith(`~${sep}`) ? join(homedir(), path.slice(1)) : path;
}

/**
 * The same path with each name as the disk spells it, since macOS may decompose accents (NFD). Null if a name is missing
 * or two match.
 */
async function otherSpelling(path: string): Promise<string | null> {
  if (/^[\x20-\x7e]*$/.test(path)) return null;
  const { root } = parse(path);
  let at = root;
  for (const name of path.slice(root.length).split(sep)) {
    const literal = join(at, name);
    if (await exists(literal)) {
      at = literal;
      continue;
    }
    const names = await readdir(at).catch(() => []);
    const [only, ...others] = names.filter((found) => found.normalize('NFC') === name.normalize('NFC'));
    if (only === undefined || others.length > 0) return null;
    at = join(at, only);
  }
  return at;
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}
