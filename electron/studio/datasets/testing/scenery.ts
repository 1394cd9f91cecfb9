/** @file For tests: pictures generated from a number, with enough detail to tell them apart. */
import sharp from 'sharp';

/** A PNG of hills and suns; different seeds give pictures as different as two photographs. */
export async function scenery(seed: number, width = 240, height = 180): Promise<Buffer> {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let warm = 0; warm < 8; warm += 1) next();
  const colour = (): string =>
    `hsl(${Math.floor(next() * 360)} ${40 + Math.floor(next() * 50)}% ${20 + Math.floor(next() * 60)}%)`;
  const shapes = Array.from({ length: 9 }, () => {
    const [x, y, size] = [next() * width, next() * height, 15 + next() * 60];
    return next() < 0.5
      ? `<circle cx="${x}" cy="${y}" r="${size}" fill="${colour()}"/>`
      : `<rect x="${x - size / 2}" y="${y - size / 2}" width="${size * 1.5}" height="${size}" fill="${colour()}"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${colour()}"/>${shapes.join('')}</svg>`;
  return await sharp(Buffer.from(svg)).removeAlpha().png().toBuffer();
}
