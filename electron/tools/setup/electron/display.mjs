/** @file A display for windows that nobody watches. */
import { spawn } from 'node:child_process';
import { which } from '../packages/debian.mjs';

const START_MS = 15_000;

/**
 * The address of a display: the current one, or that of a new Xvfb.
 * @returns {Promise<{ display: string, close: () => void } | null>} null where there is neither
 */
export async function openDisplay(env = process.env) {
  if (env.DISPLAY) return { display: env.DISPLAY, close: () => undefined };
  const program = which('Xvfb', env);
  if (program === null) return null;
  // Xvfb picks a free number itself and writes it to the fourth descriptor.
  const child = spawn(program, ['-displayfd', '3', '-screen', '0', '1440x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const close = () => void child.kill();
  const number = await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), START_MS);
    const settle = (value) => {
      clearTimeout(timer);
      resolve(value);
    };
    child.stdio[3].setEncoding('utf8').once('data', (text) => settle(text.trim()));
    child.once('error', () => settle(null));
    child.once('exit', () => settle(null));
  });
  if (number === null) {
    close();
    return null;
  }
  return { display: `:${number}`, close };
}
