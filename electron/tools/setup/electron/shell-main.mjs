/**
 * @file Stands in for Electron's own default app, which the program for tests lacks: loads the app that the command line
 * names. The import is awaited here, at the top level, because an app must register its schemes before `ready`.
 */
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const named = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
if (named === undefined) throw new Error('The command line names no app.');
const path = resolve(named);
const entry = statSync(path).isDirectory()
  ? join(path, JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')).main)
  : path;
await import(pathToFileURL(entry).href);
