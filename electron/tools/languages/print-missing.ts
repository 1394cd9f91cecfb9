/**
 * @file Prints what lacks German, and what German has too much: `npx tsx electron/tools/languages/print-missing.ts`.
 * With a file name, writes every sentence with its places into it as JSON.
 */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { GERMAN } from '../../languages/de.ts';
import { words } from '../../languages/de/words.ts';
import { collectSentences } from './collect.ts';

const { sentences: found } = collectSentences();
const missing = [...found].filter(([template]) => GERMAN[template] === undefined);
const unused = Object.keys(GERMAN).filter((template) => words[template] === undefined && !found.has(template));
for (const [template, places] of missing) process.stdout.write(`${places.join(' ')}\n  ${template}\n`);
for (const template of unused) process.stdout.write(`no longer said\n  ${template}\n`);
const [, , file] = process.argv;
if (file !== undefined)
  writeFileSync(
    file,
    JSON.stringify(
      [...found].map(([t, p]) => ({ t, p })),
      null,
      1,
    ),
  );
