/** @file What a packaged folder holds, by part, in bytes: printed by `npm run package` and written into docs/packaging.md. */
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../places.mjs';

/** The parts in the order of the table; a file belongs to the first that matches its path in the folder. */
const PARTS = [
  { name: 'TensorFlow: library and addon', has: /\/tfjs-node-gpu\/(deps|lib)\/|\/out\/native\// },
  { name: 'Node, for the engine and the pictures', has: /(^|\/)[Rr]esources\/node\// },
  { name: 'Image decoding: sharp and libvips', has: /\/node_modules\/(sharp|@img)\// },
  { name: 'WebGPU: Dawn', has: /\/node_modules\/webgpu\// },
  { name: 'SQLite', has: /\/node_modules\/sqlite3\// },
  { name: 'tfjs, including WebAssembly', has: /\/node_modules\/@tensorflow\// },
  { name: 'Other packages', has: /\/app\.asar\.unpacked\/node_modules\// },
  { name: 'Starter model, pictures and questions', has: /\/app\.asar\.unpacked\/resources\// },
  { name: 'Studio: page, main process, engine', has: /app\.asar$|\/app\.asar\.unpacked\// },
  { name: 'Electron and Chromium', has: /./ },
];

/**
 * @param {string} folder a packaged folder
 * @returns {{ name: string, files: number, sizeBytes: number }[]} links count nothing
 */
export function sizesByPart(folder) {
  const parts = PARTS.map(({ name }) => ({ name, files: 0, sizeBytes: 0 }));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = relative(folder, file).replaceAll('\\', '/');
    const part = parts[PARTS.findIndex(({ has }) => has.test(path))];
    part.files += 1;
    part.sizeBytes += lstatSync(file).size;
  }
  return parts;
}

const mib = (sizeBytes) => `${(sizeBytes / 1024 ** 2).toFixed(sizeBytes < 10 * 1024 ** 2 ? 1 : 0)} MiB`;

/**
 * The sizes as a Markdown table.
 * @param {ReturnType<typeof sizesByPart>} parts
 * @param {{ name: string, sizeBytes: number } | null} installer
 */
export function sizeTable(parts, installer) {
  const whole = parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const rows = [
    ...parts.map(({ name, files, sizeBytes }) => [name, String(files), mib(sizeBytes)]),
    ['**The folder**', String(parts.reduce((sum, { files }) => sum + files, 0)), `**${mib(whole)}**`],
    ...(installer === null ? [] : [[`The installer (${installer.name})`, '1', mib(installer.sizeBytes)]]),
  ];
  return ['| part | files | size |', '| --- | ---: | ---: |', ...rows.map((row) => `| ${row.join(' | ')} |`)].join(
    '\n',
  );
}

const START = '<!-- made by `npm run package -- --write-sizes` -->';
const END = '<!-- end of what `npm run package -- --write-sizes` makes -->';

/** Writes the table into docs/packaging.md, in place of the one that is there. */
export function writeSizes(table, heading, file = join(ROOT, 'docs', 'packaging.md')) {
  const text = readFileSync(file, 'utf8');
  const from = text.indexOf(START);
  const to = text.indexOf(END);
  if (from === -1 || to < from) throw new Error(`${file} has no place for the sizes (${START}).`);
  writeFileSync(file, `${text.slice(0, from + START.length)}\n\n${heading}\n\n${table}\n\n${text.slice(to)}`);
}
