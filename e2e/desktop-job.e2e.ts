/**
 * @file The whole job in the desktop app: import by the system's dialog and by a drop, train, export, and open the bundle
 * from the system. Nothing leaves the machine: a proxy that every request would go through sees none.
 */
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { seriousFindings } from './browser.ts';
import { ELECTRON, openDesktop, startAgain } from './desktop-app.ts';
import { makeDotsDataset } from './sample-dataset.ts';
import { fillShortRun } from './short-run.ts';
import { atelier, ROOT, temporaryHome } from './studio-host.ts';

const TINY_MODEL = join(ROOT, 'electron', 'engine', 'fixtures', 'qwen2vl-tiny', 'model');
const STEPS = 6;
const RUN_MS = 240_000;

/** A proxy that counts who comes and answers nobody. */
async function watchingProxy(): Promise<{ server: Server; port: number; seen: () => number }> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as { port: number }).port, seen: () => count };
}

describe.skipIf(ELECTRON === null)("the whole job in the desktop app (needs Electron's program)", () => {
  const home = temporaryHome();
  const bundle = join(home, 'bundle');
  let app: ElectronApplication;
  let page: Page;
  let proxy: Awaited<ReturnType<typeof watchingProxy>>;

  beforeAll(async () => {
    atelier(home, 'models', '--add', TINY_MODEL, '--name', 'Tiny');
    proxy = await watchingProxy();
    // `<-loopback>` sends even loopback addresses through the proxy.
    const watched = [`--proxy-server=http://127.0.0.1:${proxy.port}`, '--proxy-bypass-list=<-loopback>'];
    ({ app, page } = await openDesktop(home, watched));
  });

  afterAll(async () => {
    await app.close();
    proxy.server.close();
  });

  it('imports a folder that the system’s dialog gives', async () => {
    const folder = await makeDotsDataset(join(home, 'pictures'));
    await app.evaluate(({ dialog }, path) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
    }, folder);
    await page.goto('studio://app/#/datasets?import=1');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(messages.import.name, { exact: true }).fill('Dots');
    await dialog.getByRole('button', { name: messages.common.choose.folder }).click();
    await dialog.getByText(messages.import.usable('12', '12')).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: messages.import.go(12) }).click();
    await dialog.getByRole('button', { name: messages.import.open }).click();
    await page.getByRole('heading', { name: 'Dots' }).waitFor();
  });

  it('looks into a folder that is dropped on the import', async () => {
    await page.goto('studio://app/#/datasets?import=1');
    const dialog = page.getByRole('dialog');
    const group = dialog.getByRole('group', { name: messages.import.drop });
    // A file of the system's has a path; one that a script made has none.
    const input = await page.evaluateHandle(() => {
      const element = document.createElement('input');
      element.type = 'file';
      document.body.append(element);
      return element;
    });
    await input.setInputFiles(join(home, 'pictures', 'metadata.jsonl'));
    const transfer = await input.evaluateHandle((element) => {
      const data = new DataTransfer();
      for (const file of element.files ?? []) data.items.add(file);
      element.remove();
      return data;
    });
    await group.dispatchEvent('drop', { dataTransfer: transfer });
    await dialog.getByText(messages.import.usable('12', '12')).waitFor();
    await dialog.getByRole('button', { name: messages.common.cancel }).click();
  });

  it('trains, and shows the progress in the window and on the icon', { timeout: RUN_MS }, async () => {
    await app.evaluate(({ BrowserWindow, powerSaveBlocker }) => {
      const seen = { progress: [] as number[], awake: [] as string[] };
      (globalThis as Record<string, unknown>)['seen'] = seen;
      for (const window of BrowserWindow.getAllWindows())
        window.setProgressBar = (fraction: number) => void seen.progress.push(fraction);
      const start = powerSaveBlocker.start.bind(powerSaveBlocker);
      powerSaveBlocker.start = (type) => {
        seen.awake.push(type);
        return start(type);
      };
    });
    await page.goto('studio://app/#/train');
    await page.getByRole('radio', { name: /Tiny/ }).check();
    await fillShortRun(page, STEPS);
    await page.getByRole('button', { name: messages.train.start }).click();
    await page.waitForURL(/#\/runs\/.+/);
    await page.getByText(messages.runs.status.completed).first().waitFor({ timeout: RUN_MS });
    const seen = await app.evaluate(
      () => (globalThis as Record<string, unknown>)['seen'] as { progress: number[]; awake: string[] },
    );
    expect(seen.awake.slice(0, 1)).toEqual(['prevent-app-suspension']);
    expect(seen.progress.every((fraction) => fraction === -1 || (fraction >= 0 && fraction <= 1))).toBe(true);
  });

  it('exports the run with its proof', { timeout: RUN_MS }, async () => {
    const runId = /#\/runs\/([^?/]+)/.exec(page.url())?.[1] ?? '';
    await page.goto(`studio://app/#/export/${runId}`);
    await page.getByRole('radio').first().waitFor();
    await page.getByRole('textbox', { name: messages.export.destinationDrop }).fill(bundle);
    await page.getByRole('button', { name: messages.export.create }).click();
    await page.getByText(messages.export.overall.pass).waitFor({ timeout: RUN_MS });
    expect(existsSync(join(bundle, 'adapter_model.safetensors'))).toBe(true);
  });

  it('verifies the bundle that a second start names', { timeout: RUN_MS }, async () => {
    const second = startAgain(home, join(bundle, 'model.sig'));
    expect(await new Promise((resolve) => second.on('exit', resolve))).toBe(0);
    await page.waitForURL(/#\/verify/);
    await page.getByText(messages.verify.overall.pass).waitFor({ timeout: RUN_MS });
  });

  it('has asked nobody on the network for anything', () => {
    expect(proxy.seen()).toBe(0);
  });
});
