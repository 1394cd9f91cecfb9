/** @file `npm run structure`: regenerates the drawing and the table of rooms in docs/architecture.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { redraw } from './drawing.ts';
import { ROOT } from './import-graph.ts';

const page = join(ROOT, 'docs/architecture.md');
const options = await resolveConfig(page);
writeFileSync(page, await format(redraw(readFileSync(page, 'utf8')), { ...options, parser: 'markdown' }));
