/** @file Random tints and light backgrounds. Strong variety here helps a model with artwork it has never seen. */
import type { Random } from './random.ts';
import { SIDE, type Canvas, type Colour, type Tint } from './raster.ts';

/**
 * A random change of brightness, saturation and hue.
 * @param strength 0 = none, 1 = as strong as pre-training uses
 */
export function randomTint(random: Random, strength: number): Tint {
  const brightness = 1 + random.range(-0.22, 0.22) * strength;
  const saturation = 1 + random.range(-0.45, 0.4) * strength;
  const hue = random.range(-0.16, 0.16) * strength;
  const offset = random.range(-16, 22) * strength;
  // Hue: a turn around the grey axis; saturation: away from or towards the luminance.
  const cos = Math.cos(hue);
  const sin = Math.sin(hue);
  const k = (1 - cos) / 3;
  const s = sin / Math.sqrt(3);
  const turn = [cos + k, k - s, k + s, k + s, cos + k, k - s, k - s, k + s, cos + k];
  const luma = [0.299, 0.587, 0.114];
  const matrix: number[] = [];
  for (let row = 0; row < 3; row++) {
    for (let col = 0; col < 3; col++) {
      let grey = 0;
      for (let i = 0; i < 3; i++) grey += (luma[i] as number) * (turn[i * 3 + col] as number);
      matrix.push(brightness * (grey + saturation * ((turn[row * 3 + col] as number) - grey)));
    }
  }
  return { matrix, offset };
}

/** A light colour, now and then a mid one. */
function lightColour(random: Random, strength: number): Colour {
  const base = random.chance(0.15 * strength) ? random.range(165, 215) : random.range(222, 253);
  const spread = random.range(4, 22);
  return [base, base, base].map((v) => Math.min(255, v + random.range(-spread, spread))) as unknown as Colour;
}

/** Fills the canvas with a plain colour, a gradient or soft clouds. */
export function paintBackground(canvas: Canvas, random: Random, strength: number): void {
  const style = random.weighted([0.4, 0.35, 0.25]);
  const a = lightColour(random, strength);
  const b = lightColour(random, strength);
  const angle = random.range(0, Math.PI * 2);
  const gx = Math.cos(angle);
  const gy = Math.sin(angle);
  const grid = Array.from({ length: 36 }, () => random.next());
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      let t = 0;
      if (style === 1) t = 0.5 + (gx * (x / SIDE - 0.5) + gy * (y / SIDE - 0.5)) * 0.8;
      else if (style === 2) t = clouds(grid, (x / SIDE) * 5, (y / SIDE) * 5);
      const at = (y * SIDE + x) * 3;
      for (let c = 0; c < 3; c++) {
        canvas[at + c] = (a[c] as number) + ((b[c] as number) - (a[c] as number)) * t;
      }
    }
  }
}

/** Smoothed values of a 6×6 grid at (u, v) in 0–5. */
function clouds(grid: readonly number[], u: number, v: number): number {
  const iu = Math.min(4, Math.floor(u));
  const iv = Math.min(4, Math.floor(v));
  const fu = smooth(u - iu);
  const fv = smooth(v - iv);
  const at = iv * 6 + iu;
  const top = (grid[at] as number) * (1 - fu) + (grid[at + 1] as number) * fu;
  const bottom = (grid[at + 6] as number) * (1 - fu) + (grid[at + 7] as number) * fu;
  return top * (1 - fv) + bottom * fv;
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}
