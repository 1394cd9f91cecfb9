/**
 * @file For tests only: `tsx large-picture.ts WIDTH HEIGHT` encodes a picture of that size with a tower of one layer
 * and one head (the tiny checkpoint's weights). Prints the peak of resident memory as JSON.
 */
import { readFile } from 'node:fs/promises';
import { processImage } from '../model/image-processor.ts';
import { encodeEntry } from '../training/policy-program.ts';
import { visionFeeds } from '../training/batch.ts';
import { floats, variables } from '../runtime/program.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import { loadTiny, stateOf } from './tiny.ts';

const [width = 0, height = 0] = process.argv.slice(2).map(Number);
const tiny = await loadTiny();
const { config: whole } = tiny.processor;
const { embedDim } = whole.vision;
const config = { ...whole, vision: { ...whole.vision, depth: 1, numHeads: 1, headDim: embedDim } };
const picture = processImage(
  { width, height, rgb: new Uint8Array(width * height * 3).map((_, i) => i % 251) },
  { ...tiny.processor.imageOptions, maxPixels: width * height },
);
const patches = picture.grid[1] * picture.grid[2];
const shape = { batch: 1, promptLength: 8, images: 1, patches };
const encode = encodeEntry({ ...stateOf(tiny), config }, shape);
const program = await createProgram(await loadRuntime(), {
  variables: variables('weight', tiny.shapes),
  entries: { encode },
});
program.set(tiny.weights);
const features = floats(await program.call(encode, visionFeeds([picture], shape, config)), 'features');
const status = await readFile('/proc/self/status', 'utf8');
const peakBytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
process.stdout.write(`${JSON.stringify({ patches, finite: features.every(Number.isFinite), peakBytes })}\n`);
process.exit(0);
