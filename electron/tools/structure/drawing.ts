/** @file The drawing and the table of rooms in docs/architecture.md, generated from the folders and their imports. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from 'markdown-table';
import { readImports, ROOT, type ImportGraph } from './import-graph.ts';
import { COMMON_ROOMS, ROOMS } from './rooms.mjs';

const START = '<!-- made by `npm run structure` from the folders -->';
const END = '<!-- end of what `npm run structure` makes -->';
/** Tools are not part of the product: they are listed, but their arrows would obscure the others. */
const UNDRAWN = new Set(['setup', 'bench', 'starter-maker', 'structure', 'e2e', ...COMMON_ROOMS]);

/** Puts the current drawing between the two marks of the page. */
export function redraw(page: string): string {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`docs/architecture.md lacks the marks "${START}" and "${END}".`);
  return `${page.slice(0, start)}${START}\n\n${drawing(readImports())}\n\n${table()}\n\n${page.slice(end)}`;
}

function drawing(graph: ImportGraph): string {
  const arrows = new Set<string>();
  for (const [file, targets] of graph) {
    for (const target of targets) {
      const [from, to] = [roomOf(file), roomOf(target)];
      if (from === null || to === null || from === to || UNDRAWN.has(from) || UNDRAWN.has(to)) continue;
      arrows.add(`  ${from} --> ${to}`);
    }
  }
  const lines = ['```mermaid', 'flowchart TD', ...[...arrows].sort(), '```'];
  return lines.join('\n');
}

function table(): string {
  const rows = ROOMS.flatMap((room) => [
    [`\`${room.folder}/\``, room.does, room.imports.length === 0 ? '–' : room.imports.join(', ')],
    ...Object.entries(room.parts ?? {}).map(([part, holds]) => [`↳ \`${part}/\``, holds, '']),
  ]);
  return markdownTable([['folder', 'what it does', 'may import'], ...rows]);
}

/** The name of the room a file belongs to; null if none. */
export function roomOf(file: string): string | null {
  return ROOMS.find((room) => file.startsWith(`${room.folder}/`))?.name ?? null;
}

/** Folders without a room, and rooms or parts without a folder. */
export function misfits(): string[] {
  const missing = ROOMS.flatMap((room) => [
    room.folder,
    ...Object.keys(room.parts ?? {}).map((part) => `${room.folder}/${part}`),
  ]).filter((folder) => !existsSync(join(ROOT, folder)));
  const undescribed = ['electron', 'electron/tools']
    .flatMap((folder) => subfolders(folder))
    .filter((folder) => folder !== 'electron/tools' && !ROOMS.some((room) => room.folder === folder));
  const partless = ROOMS.filter((room) => room.parts !== undefined).flatMap((room) =>
    subfolders(room.folder === 'renderer' ? 'renderer/src' : room.folder).filter((folder) => {
      const part = folder.slice(room.folder.length + 1);
      return !(part in (room.parts ?? {})) && !ROOMS.some((other) => other.folder === folder);
    }),
  );
  return [...missing, ...undescribed, ...partless];
}

function subfolders(folder: string): string[] {
  const helpers = new Set(['fixtures', 'testing', 'validate']);
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !helpers.has(entry.name))
    .map((entry) => `${folder}/${entry.name}`);
}
