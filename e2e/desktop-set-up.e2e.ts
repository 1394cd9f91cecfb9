/**
 * @file The desktop app in a clone without TensorFlow: it opens, says what is missing, and a button fetches it. A script plays
 * the real set-up, which downloads hundreds of megabytes.
 */
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { seriousFindings } from './browser.ts';
import { ELECTRON, openDesktop, type Desktop } from './desktop-app.ts';
import { ROOT, temporaryHome } from './studio-host.ts';

const text = messages.home.tensorFlow;
const TENSORFLOW = '@tensorflow';

/** A clone with everything of this one except TensorFlow's native part. */
function cloneWithoutTensorFlow(): string {
  const root = temporaryHome();
  for (const part of ['package.json', join('out', 'main'), join('out', 'preload'), join('out', 'renderer')])
    cpSync(join(ROOT, part), join(root, part), { recursive: true });
  symlinkSync(join(ROOT, 'resources'), join(root, 'resources'));
  mkdirSync(join(root, 'node_modules'));
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (name !== TENSORFLOW) symlinkSync(join(ROOT, 'node_modules', name), join(root, 'node_modules', name));
  // What is left of it: the parts in JavaScript.
  mkdirSync(join(root, 'node_modules', TENSORFLOW));
  for (const name of readdirSync(join(ROOT, 'node_modules', TENSORFLOW)))
    if (name !== 'tfjs-node-gpu')
      symlinkSync(join(ROOT, 'node_modules', TENSORFLOW, name), join(root, 'node_modules', TENSORFLOW, name));
  return root;
}

describe.skipIf(ELECTRON === null)("the desktop app without TensorFlow (needs Electron's program)", () => {
  const root = cloneWithoutTensorFlow();
  const script = join(root, 'electron', 'tools', 'setup', 'ensure.mjs');
  const addon = join(root, 'node_modules', TENSORFLOW, 'tfjs-node-gpu', 'lib', 'napi-v8', 'tfjs_binding.node');
  let desktop: Desktop;

  beforeAll(async () => {
    mkdirSync(dirname(script), { recursive: true });
    writeFileSync(script, `console.error('no network here');`);
    desktop = await openDesktop(temporaryHome(), [], join(root, 'out', 'main', 'index.js'));
  });

  afterAll(async () => {
    await desktop.app.close();
  });

  it('opens, and says what is missing and what the button does', async () => {
    const { page } = desktop;
    await page.getByRole('heading', { name: text.title }).waitFor();
    await page.getByText(text.about).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('works all the same, on WebAssembly', async () => {
    const { page } = desktop;
    await page.goto('studio://app/#/settings');
    await page.getByRole('button', { name: messages.settings.check, exact: true }).click();
    await page.getByText(/not loaded; computing with WebAssembly/).waitFor({ timeout: 60_000 });
  });

  it('fetches it by the button, and shows why that failed', async () => {
    const { page } = desktop;
    await page.goto('studio://app/#/');
    await page.getByRole('button', { name: text.setUp }).click();
    await page.getByText('no network here').waitFor();
    await page.getByText(text.failed).waitFor();
    mkdirSync(dirname(addon), { recursive: true });
    writeFileSync(script, `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(addon)}, '');`);
    await page.getByRole('button', { name: messages.common.tryAgain }).click();
    await page.getByRole('heading', { name: text.title }).waitFor({ state: 'detached' });
  });
});
