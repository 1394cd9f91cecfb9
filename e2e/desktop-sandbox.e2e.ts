/** @file The desktop app does not open where something other than a typed `--no-sandbox` would weaken its sandbox. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ELECTRON } from './desktop-app.ts';
import { ROOT, temporaryHome } from './studio-host.ts';

const MAIN = join(ROOT, 'out', 'main', 'index.js');

/** Starts the app until it ends by itself. */
async function attempt(words: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number; said: string }> {
  const child = spawn(ELECTRON ?? '', [MAIN, '--disable-dev-shm-usage', ...words], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  return { code: await new Promise((resolve) => child.on('close', resolve)), said };
}

describe.skipIf(ELECTRON === null)("the sandbox of the desktop app (needs Electron's program)", () => {
  it.each([
    ['an environment variable', [], { ELECTRON_DISABLE_SANDBOX: '1' }, 'ELECTRON_DISABLE_SANDBOX'],
    ['another spelling of the switch', ['-no-sandbox'], {}, '-no-sandbox'],
  ])('is not given up for %s', async (_what, words, env, named) => {
    const home = join(temporaryHome(), 'new');
    const { code, said } = await attempt([...words, `--home=${home}`], env);
    expect(said).toContain(`${named} would weaken the sandbox`);
    expect(code).toBe(1);
    expect(existsSync(join(home, 'atelier.sqlite'))).toBe(false);
  });
});
