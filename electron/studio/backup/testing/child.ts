/** @file For tests: `child.ts FILE HOME RESOURCES RENAMES` restores a backup and is killed after so many renames. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [file, home, resourcesDir, renames] = process.argv.slice(2);
if (file === undefined || home === undefined || resourcesDir === undefined)
  throw new Error('Usage: child.ts FILE HOME RESOURCES RENAMES');
const { rename } = fs.promises;
let done = 0;
fs.promises.rename = async (from, to) => {
  if (done === Number(renames)) process.kill(process.pid, 'SIGKILL');
  done += 1;
  await rename(from, to);
};
syncBuiltinESMExports();
const { restoreWithin } = await import('../restore-within.ts');
await restoreWithin(file, { home, resourcesDir });
