/** @file A small folder of pictures with a table, generated on the fly: dots to count. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

const SIZE = 84;

function dots(count: number): string {
  const circles = Array.from({ length: count }, (_, index) => {
    const x = 14 + (index % 4) * 19;
    const y = 18 + Math.floor(index / 4) * 24;
    return `<circle cx="${x}" cy="${y}" r="8" fill="#0b6e69"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}"><rect width="100%" height="100%" fill="#f7f3ea"/>${circles.join('')}</svg>`;
}

/**
 * Writes `count` pictures and `metadata.jsonl` into `folder`.
 * @returns the folder
 */
export async function makeDotsDataset(folder: string, count = 12): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const rows: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const answer = 1 + (index % 6);
    const name = `dots-${String(index).padStart(2, '0')}.png`;
    // Each picture differs slightly, because duplicates are refused.
    const svg = dots(answer).replace('#f7f3ea', `#f7f3${(0xe0 + index).toString(16)}`);
    await sharp(Buffer.from(svg)).removeAlpha().png().toFile(join(folder, name));
    rows.push(
      JSON.stringify({
        file_name: name,
        prompt: 'How many dots are there?',
        answer: String(answer),
        task: 'counting',
        split: index % 4 === 3 ? 'test' : 'train',
        licence: 'CC0-1.0',
        author: 'Atelier e2e',
      }),
    );
  }
  writeFileSync(join(folder, 'metadata.jsonl'), `${rows.join('\n')}\n`);
  return folder;
}
