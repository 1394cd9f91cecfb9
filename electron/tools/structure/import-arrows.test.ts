/** @file Proves that the lint rules catch imports that go against the arrows of docs/architecture.md. */
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const eslint = new ESLint({
  cwd: root,
  // Types do not matter here, and the files of these examples do not exist.
  overrideConfig: { languageOptions: { parserOptions: { projectService: false, project: null } } },
  ruleFilter: ({ ruleId }) => ruleId === 'boundaries/dependencies' || ruleId === 'no-restricted-imports',
});

async function complaints(filePath: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(code, { filePath: `${root}/${filePath}` });
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
}

const ARROW = 'boundaries/dependencies';
const RESTRICTED = 'no-restricted-imports';

describe('imports against the arrows are refused', () => {
  it.each([
    ['the page enters the studio', 'renderer/src/x.ts', '../../electron/studio/log.ts', ARROW],
    ['the contract looks outside', 'electron/contract/x.ts', '../formats/files.ts', ARROW],
    ['the contract holds logic', 'electron/contract/x.ts', '../method/defaults.ts', ARROW],
    ['the method knows the studio', 'electron/method/x.ts', '../studio/log.ts', ARROW],
    ['the store reaches up', 'electron/store/x.ts', '../studio/log.ts', ARROW],
    ['the engine knows the database', 'electron/engine/x.ts', '../store/connection/connection.ts', ARROW],
    ['the studio enters the engine', 'electron/studio/x.ts', '../engine/service/process-link.ts', ARROW],
    ['the product needs a tool', 'electron/studio/x.ts', '../tools/bench/gemm-peak.ts', ARROW],
    ['rewards are not pure', 'electron/rewards/x.ts', 'node:fs', RESTRICTED],
    ['the method reads a file', 'electron/method/x.ts', 'node:fs', RESTRICTED],
    ['the model reads a file', 'electron/engine/model/x.ts', 'node:fs', RESTRICTED],
    ['training takes the native backend', 'electron/engine/training/x.ts', '@tensorflow/tfjs-node-gpu', RESTRICTED],
    ['the command line needs Electron', 'electron/cli/x.ts', 'electron', RESTRICTED],
  ])('%s', async (_breach, file, target, rule) => {
    expect(await complaints(file, `export { x } from '${target}';\n`)).toEqual([rule]);
  });

  it('an import of types alone counts as well', async () => {
    const code = "import type { Log } from '../studio/log.ts';\nexport type X = Log;\n";
    expect(await complaints('electron/store/x.ts', code)).toEqual([ARROW]);
  });
});

describe('imports along the arrows are fine', () => {
  it.each([
    ['renderer/src/x.ts', '../../electron/contract/api/index.ts'],
    ['renderer/src/x.ts', '../../electron/method/defaults.ts'],
    ['electron/studio/x.ts', '../store/connection/connection.ts'],
    ['electron/studio/x.ts', './engine-client/engine-client.ts'],
    ['electron/engine/x.ts', '../formats/files.ts'],
    ['electron/cli/x.ts', '../studio/log.ts'],
    ['electron/main/x.ts', 'electron'],
    ['electron/engine/training/x.ts', '@tensorflow/tfjs-core'],
    ['electron/store/x.ts', 'node:fs'],
  ])('%s may import %s', async (file, target) => {
    expect(await complaints(file, `export { x } from '${target}';\n`)).toEqual([]);
  });
});
