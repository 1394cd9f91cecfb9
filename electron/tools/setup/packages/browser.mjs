/** @file A Chromium for the end-to-end tests: found, or installed with apt if permitted. */
import { existsSync } from 'node:fs';
import { aptInstall, aptSentence, canApt, which } from './debian.mjs';
import { say, SetupError } from '../say.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of a Chromium-like browser, or null. `CHROMIUM` names one. */
export function findBrowser(env = process.env) {
  if (env.CHROMIUM && existsSync(env.CHROMIUM)) return env.CHROMIUM;
  for (const name of NAMES) {
    const path = which(name, env);
    if (path !== null) return path;
  }
  return ELSEWHERE.find((path) => existsSync(path)) ?? null;
}

/** Finds or installs the browser; if neither works, the tests that need it are skipped by name. */
export async function ensureBrowser() {
  const found = findBrowser();
  if (found !== null) return found;
  if (canApt()) {
    try {
      await aptInstall('End-to-end tests', ['chromium']);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      say(`  ${error.message}`);
    }
  }
  const path = findBrowser();
  if (path === null) {
    say(
      `  No Chromium was found: the end-to-end tests are skipped. ${aptSentence(['chromium'])} CHROMIUM=/path names another.`,
    );
  }
  return path;
}
