/** @file Proves that the lint rules catch imports that go against the arrows of docs/architecture.md. */
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const eslint = new ESLint({
  cwd: root,
  // Types are of no interest here, and the files of these examples do not exist.
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
    ['the store reaches up', 'electron/store/x.ts', '../studio/log.ts', ARROW],
    ['the engine knows the database', 'electron/engine/x.ts', '../store/connection.ts', ARROW],
    ['the studio enters the engine', 'electron/studio/x.ts', '../engine/process-link.ts', ARROW],
    ['rewards are not pure', 'electron/rewards/x.ts', 'node:fs', RESTRICTED],
    ['the model reads a file', 'electron/engine/model/x.ts', 'node:fs', RESTRICTED],
    ['training takes the native backend', 'electron/engine/training/x.ts', '@tensorflow/tfjs-node-gpu', RESTRICTED],
    ['the host needs Electron', 'electron/host/x.ts', 'electron', RESTRICTED],
  ])('%s', async (_breach, file, target, rule) => {
    expect(await complaints(file, `export { x } from '${target}';\n`)).toEqual([rule]);
  });
});

describe('imports along the arrows are fine', () => {
  it.each([
    ['renderer/src/x.ts', '../../electron/contract/index.ts'],
    ['electron/studio/x.ts', '../store/connection.ts'],
    ['electron/studio/x.ts', './engine-client/engine-client.ts'],
    ['electron/engine/x.ts', '../formats/files.ts'],
    ['electron/host/x.ts', '../studio/log.ts'],
    ['electron/main/x.ts', 'electron'],
    ['electron/engine/training/x.ts', '@tensorflow/tfjs-core'],
    ['electron/store/x.ts', 'node:fs'],
  ])('%s may import %s', async (file, target) => {
    expect(await complaints(file, `export { x } from '${target}';\n`)).toEqual([]);
  });
});
