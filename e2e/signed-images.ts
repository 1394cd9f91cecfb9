/** @file Images with rights in them, written by real metadata writers: two opt out of training, one says nothing. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './studio-host.ts';

const FIXTURES = join(ROOT, 'electron', 'provenance', 'signals', 'fixtures');
export const SIGNED_IMAGES = [
  'plus-prohibited.jpg',
  'c2pa-not-allowed.jpg',
  'cc-by.jpg',
  'iptc-exif.jpg',
  'silent.jpg',
  'plus-allowed.png',
];

export function copySignedImages(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const image of SIGNED_IMAGES) copyFileSync(join(FIXTURES, image), join(folder, image));
}
