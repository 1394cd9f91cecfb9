/** @file The icon catalogue: which drawings there are, by whom, and under which licence. Loads no image decoder. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const ArtSet = z.object({
  id: z.string(),
  name: z.string(),
  licence: z.string().min(1),
  author: z.string().min(1),
  url: z.string().min(1),
  version: z.string(),
  /** Whether the starter model's pre-training uses it. */
  pretraining: z.boolean(),
});
export type ArtSet = z.infer<typeof ArtSet>;

const ArtKind = z.object({
  name: z.string(),
  plural: z.string(),
  /** Unicode code point of the emoji, hexadecimal. */
  codepoint: z.string(),
  /** Who drew it, by set, if the set names a person. */
  authors: z.record(z.string(), z.string()),
  files: z.record(z.string(), z.array(z.string()).min(1)),
});
export type ArtKind = z.infer<typeof ArtKind>;

const Catalogue = z.object({ description: z.string(), sets: z.array(ArtSet), kinds: z.array(ArtKind) });
export type Catalogue = z.infer<typeof Catalogue>;

/** Where the art is in a checkout. */
export function defaultArtFolder(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '../../resources/art');
}

/** Reads catalogue.json only. */
export async function loadCatalogue(folder: string = defaultArtFolder()): Promise<Catalogue> {
  return Catalogue.parse(JSON.parse(await readFile(join(folder, 'catalogue.json'), 'utf8')));
}
