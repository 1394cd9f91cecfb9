/** @file Turns every icon of the catalogue into pixels once. */
import { join } from 'node:path';
import sharp from 'sharp';
import { defaultArtFolder, loadCatalogue, type Catalogue } from './catalogue.ts';
import type { Icon } from './raster.ts';

/** One drawing of a kind, ready to paint. `outlined` has a dark edge around it. */
export interface Drawing {
  file: string;
  plain: Icon;
  outlined: Icon;
}

export interface Art {
  catalogue: Catalogue;
  /** Drawings of a kind in a set; throws RangeError for names not in the catalogue. */
  drawings(set: string, kind: string): readonly Drawing[];
}

/** Side of the pre-rasterised icons, pixels: about 1.7 times what is painted. */
const MASTER_SIDE = 40;

/** Reads the catalogue and rasterises every icon, cut to its visible part (sets differ in their padding). */
export async function loadArt(folder: string = defaultArtFolder()): Promise<Art> {
  const catalogue = await loadCatalogue(folder);
  const table = new Map<string, Drawing[]>();
  for (const kind of catalogue.kinds) {
    for (const [set, files] of Object.entries(kind.files)) {
      const drawings: Drawing[] = [];
      for (const file of files) {
        const plain = await rasterise(join(folder, file));
        drawings.push({ file, plain, outlined: outline(plain) });
      }
      table.set(`${set}/${kind.name}`, drawings);
    }
  }
  return {
    catalogue,
    drawings: (set, kind) => {
      const found = table.get(`${set}/${kind}`);
      if (found === undefined) throw new RangeError(`The art catalogue has no "${kind}" in the set "${set}".`);
      return found;
    },
  };
}

async function rasterise(path: string): Promise<Icon> {
  const clear = { r: 0, g: 0, b: 0, alpha: 0 };
  const large = await sharp(path, { density: 288 })
    .resize(160, 160, { fit: 'contain', background: clear })
    .ensureAlpha()
    .png()
    .toBuffer();
  const trimmed = await sharp(large).trim({ background: clear, threshold: 1 }).png().toBuffer();
  const inner = MASTER_SIDE - 4;
  const rgba = await sharp(trimmed)
    .resize(inner, inner, { fit: 'contain', background: clear })
    .extend({ top: 2, bottom: 2, left: 2, right: 2, background: clear })
    .raw()
    .toBuffer();
  return { side: MASTER_SIDE, rgba: new Uint8Array(rgba) };
}

/** The icon over its own widened, dark silhouette. */
function outline(icon: Icon): Icon {
  const { side, rgba } = icon;
  const out = new Uint8Array(rgba.length);
  const reach = 1.6;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let edge = 0;
      for (let dy = -2; dy <= 2; dy++) {
        for (let dx = -2; dx <= 2; dx++) {
          const near = Math.min(1, Math.max(0, reach + 0.5 - Math.hypot(dx, dy)));
          const nx = x + dx;
          const ny = y + dy;
          if (nx < 0 || ny < 0 || nx >= side || ny >= side) continue;
          edge = Math.max(edge, near * ((rgba[(ny * side + nx) * 4 + 3] as number) / 255));
        }
      }
      const at = (y * side + x) * 4;
      const top = (rgba[at + 3] as number) / 255;
      const alpha = top + edge * (1 - top);
      for (let c = 0; c < 3; c++) {
        out[at + c] = alpha === 0 ? 0 : ((rgba[at + c] as number) * top + 24 * edge * (1 - top)) / alpha;
      }
      out[at + 3] = alpha * 255;
    }
  }
  return { side, rgba: out };
}
