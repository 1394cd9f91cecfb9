/** @file Pictures without a table, made on the fly: landscapes with one to four birds, each picture different. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/** How many birds the picture with this index shows. */
export const birdsOf = (index: number): number => (index % 4) + 1;

/**
 * Writes `count` JPEGs into `folder`.
 * @returns the folder
 */
export async function makeBirds(
  folder: string,
  count: number,
  nameOf = (index: number): string => `bird-${index + 1}.jpg`,
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index += 1) {
    const [turn, lap] = [index % 10, Math.floor(index / 10)];
    const birds = Array.from({ length: birdsOf(index) }, (_, bird) => {
      const x = 180 + bird * 250 + turn * 9;
      const y = 170 + ((bird * 97 + index * 41) % 190);
      return `<path d="M${x - 60} ${y} q30 -40 60 0 q30 -40 60 0 q-30 -18 -60 18 q-30 -36 -60 -18z" fill="#22303c"/>`;
    });
    const sky = `hsl(${200 + turn * 6 - lap * 23} 55% ${72 - turn * 2}%)`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="800"><rect width="1200" height="800" fill="${sky}"/>
      <circle cx="${960 - turn * 20 - lap * 90}" cy="${150 + lap * 12}" r="70" fill="#fff4d0"/>${birds.join('')}
      <path d="M0 560 Q300 ${460 + turn * 8 + lap * 11} 620 580 T1200 540 V800 H0z" fill="#6d8a5a"/><path d="M0 660 Q400 580 800 670 T1200 640 V800 H0z" fill="#486b45"/></svg>`;
    await sharp(Buffer.from(svg))
      .jpeg({ quality: 86 })
      .toFile(join(folder, nameOf(index)));
  }
  return folder;
}
