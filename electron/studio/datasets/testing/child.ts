/** @file For tests: imports a folder in a separate process that can be killed. `child.ts HOME FOLDER STOP_AT` */
import { importDataset } from '../import/import.ts';
import { openTestStore } from './data-folder.ts';

const [home, folder, stopAt] = process.argv.slice(2);
if (home === undefined || folder === undefined) throw new Error('Usage: child.ts HOME FOLDER STOP_AT');
// 'writing' kills it in the middle of the transaction; a number kills it while it reads images.
const store = await openTestStore(home, {
  onDatabase(database) {
    if (stopAt !== 'writing') return;
    const { run } = database;
    database.run = async (sql, params) => {
      const result = await run.call(database, sql, params);
      if (sql.includes('INTO sample ')) process.kill(process.pid, 'SIGKILL');
      return result;
    };
  },
});
await importDataset(store, { path: folder }, (progress) => {
  if (progress.phase === 'Checking images' && String(progress.done) === stopAt) process.kill(process.pid, 'SIGKILL');
});
