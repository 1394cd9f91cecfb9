/** @file Writes the example dataset of a learning task as a folder that an import reads like any other. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { TaskStarter } from '../contract/model/primitives.ts';
import { loadArt } from './art.ts';
import { SIDE } from './raster.ts';
import { drawExamples } from './task-examples.ts';

/** @throws the file system's error if the art is not there or the folder cannot be written */
export async function writeExamples(task: TaskStarter, artFolder: string, folder: string): Promise<void> {
  const art = await loadArt(artFolder);
  await mkdir(join(folder, 'images'), { recursive: true });
  const lines: string[] = [];
  for (const [index, { question, answer, split, credit, canvas }] of drawExamples(task, art).entries()) {
    const name = `images/${task}-${String(index + 1).padStart(2, '0')}.png`;
    const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
    await sharp(new Uint8Array(canvas.buffer), { raw }).png().toFile(join(folder, name));
    const { licence, authors, sources } = credit;
    lines.push(JSON.stringify({ file_name: name, question, answer, task: 'other', split, licence, authors, sources }));
  }
  await writeFile(join(folder, 'metadata.jsonl'), `${lines.join('\n')}\n`);
}
