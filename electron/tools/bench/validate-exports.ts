/** @file What `npm run validate:gguf` and `npm run validate:mlx` measure: exports in the programs that they are for. */
import { markdownTable } from 'markdown-table';
import { measureGguf } from './real/gguf.ts';
import { measureMlx } from './real/mlx.ts';
import { ggufTable, mlxTable } from './real/real-page.ts';

const [kind, python] = process.argv.slice(2);
if ((kind !== 'gguf' && kind !== 'mlx') || python === undefined) throw new Error('validate-exports.ts gguf|mlx PYTHON');
const [table, { broken, missing }] =
  kind === 'gguf'
    ? await measureGguf(python).then((found) => [ggufTable(found.rows), found] as const)
    : await measureMlx(python).then((found) => [mlxTable(found.rows), found] as const);
console.log(markdownTable(table));
const absent = [missing ?? []].flat();
if (absent.length > 0) console.log(`SKIPPED: there is no ${absent.join(' and no ')}.`);
for (const each of broken) console.error(`A bound is broken: ${each}.`);
process.exitCode = broken.length > 0 ? 1 : 0;
