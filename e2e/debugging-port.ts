/** @file Connects to a desktop app through Chromium's debugging port, which leaves its main process alone. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright-core';

const START_MS = 120_000;

/** Chromium writes its port there when it is started with `--remote-debugging-port=0`. */
export function portFile(home: string): string {
  return join(home, 'desktop', 'DevToolsActivePort');
}

/**
 * Waits for the app's window and connects to its page.
 * @param home the app's data folder
 * @throws Error if the app ends, or shows no window in two minutes
 */
export async function connectToPage(app: ChildProcess, home: string): Promise<{ browser: Browser; page: Page }> {
  const untilMs = Date.now() + START_MS;
  while (isRunning(app) && Date.now() < untilMs) {
    const [port = ''] = existsSync(portFile(home)) ? readFileSync(portFile(home), 'utf8').split('\n') : [];
    // A connection that is made before there is a page may wait for it forever.
    if (port !== '' && (await hasPage(port))) {
      const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { timeout: START_MS });
      const page = browser.contexts()[0]?.pages()[0];
      if (page !== undefined) return { browser, page };
      await browser.close();
    }
    await pause(50);
  }
  const how = isRunning(app) ? '' : ` and ended with ${app.exitCode ?? app.signalCode}`;
  throw new Error(`The desktop app opened no window${how}.`);
}

function isRunning(app: ChildProcess): boolean {
  return app.exitCode === null && app.signalCode === null;
}

async function hasPage(port: string): Promise<boolean> {
  try {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as { type: string; url: string }[];
    return targets.some(({ type, url }) => type === 'page' && url.startsWith('studio:'));
  } catch {
    return false;
  }
}
