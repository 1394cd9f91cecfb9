/** @file For tests: answers the pictures of a sheet in a separate process until it is killed. `child.ts HOME SHEET` */
import { SheetId } from '../../../contract/model/labels.ts';
import { openStore } from '../../../store/connection/open.ts';
import { setAnswers } from '../sheets.ts';

const [home, sheet] = process.argv.slice(2);
if (home === undefined || sheet === undefined) throw new Error('Usage: child.ts HOME SHEET');
const store = await openStore(home);
const sheetId = SheetId.parse(sheet);
for (let round = 0; ; round += 1) {
  const position = round % 3;
  await setAnswers({ store }, { sheetId, positions: [position], set: { answer: String(round) }, stroke: `s${round}` });
  process.stdout.write(`saved ${position} ${round}\n`);
}
