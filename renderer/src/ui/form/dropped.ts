/** @file Identifies dropped items: pictures to import, a bundle to check, or a job folder to take back. */

/** Files that identify a folder as an exported bundle. */
const bundleFiles: ReadonlySet<string> = new Set(['model.sig', 'provenance.slsa.json']);

/** The part of the browser's own entry type used here. */
export type DroppedEntry = {
  name: string;
  isDirectory: boolean;
  createReader?: () => { readEntries: (done: (found: { name: string }[]) => void, failed: () => void) => void };
};

/** Names that a job folder has, or what came back of one. A bundle has neither of the others. */
const jobManifest = 'manifest.json';
const jobNames: ReadonlySet<string> = new Set(['plan.json', 'results']);

export type DroppedThing = { kind: 'bundle' | 'job' | 'pictures'; folder: string };

/**
 * Looks only at names: a file's own name, or the names inside a folder.
 * @param path path of the dropped item; empty in a browser, which does not reveal it
 */
export async function droppedThing(entry: DroppedEntry | null, path: string): Promise<DroppedThing> {
  if (entry === null) return { kind: 'pictures', folder: path };
  if (!entry.isDirectory) {
    if (!bundleFiles.has(entry.name)) return { kind: 'pictures', folder: path };
    return { kind: 'bundle', folder: path.replace(/[\\/][^\\/]*$/, '') };
  }
  const names = await namesIn(entry);
  if (names.some((name) => bundleFiles.has(name))) return { kind: 'bundle', folder: path };
  if (names.includes(jobManifest) && names.some((name) => jobNames.has(name))) return { kind: 'job', folder: path };
  return { kind: 'pictures', folder: path };
}

/** The browser lists the names in a folder in batches; an empty batch marks the end. */
async function namesIn(folder: DroppedEntry): Promise<string[]> {
  const reader = folder.createReader?.();
  const names: string[] = [];
  if (reader === undefined) return names;
  for (;;) {
    const found = await new Promise<{ name: string }[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (found.length === 0) return names;
    names.push(...found.map(({ name }) => name));
  }
}
