/** @file Which file imports which, read from the sources, including type imports, mocks in tests, and page imports. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const SOURCE = /\.(ts|mjs|svelte)$/;
const TEST = /\.(test|e2e)\.(ts|mjs)$/;
const SKIPPED = new Set(['node_modules', 'fixtures', 'testing', 'out']);
// `from '…'`, a bare `import '…'`, and `import('…')` of a relative path.
const IMPORT = /(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+)(['"])(\.[^'"]+)\1/g;

/** Paths relative to the repository, with forward slashes → the paths each one imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Reads the product's files, leaving out tests, fixtures and test helpers. */
export function readImports(folders: readonly string[] = ['electron', 'renderer/src']): ImportGraph {
  const files = folders.flatMap((folder) => filesUnder(join(ROOT, folder)));
  const known = new Set(files);
  return new Map(files.map((file) => [file, importsOf(file).filter((target) => known.has(target))]));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const targets = [...text.matchAll(IMPORT)].map((match) => posix.normalize(posix.join(dirname(file), match[2] ?? '')));
  return [...new Set(targets)];
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !SKIPPED.has(name))
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return filesUnder(path);
      return SOURCE.test(name) && !TEST.test(name) ? [relative(ROOT, path).split(sep).join('/')] : [];
    });
}

/** Groups of files that import each other, directly or through others (Tarjan 1972); each group sorted by name. */
export function importCycles(graph: ImportGraph): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const waiting = new Set<string>();
  const cycles: string[][] = [];

  function visit(file: string): void {
    const at = order.size;
    order.set(file, at);
    lowest.set(file, at);
    stack.push(file);
    waiting.add(file);
    for (const target of graph.get(file) ?? []) {
      if (!order.has(target)) {
        visit(target);
        lowest.set(file, Math.min(lowest.get(file) ?? at, lowest.get(target) ?? at));
      } else if (waiting.has(target)) {
        lowest.set(file, Math.min(lowest.get(file) ?? at, order.get(target) ?? at));
      }
    }
    if (lowest.get(file) !== at) return;
    const group: string[] = [];
    let member: string | undefined;
    do {
      member = stack.pop();
      if (member === undefined) break;
      waiting.delete(member);
      group.push(member);
    } while (member !== file);
    if (group.length > 1 || (graph.get(file) ?? []).includes(file)) cycles.push(group.sort());
  }

  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return cycles.sort((a, b) => (a[0] ?? '').localeCompare(b[0] ?? ''));
}
