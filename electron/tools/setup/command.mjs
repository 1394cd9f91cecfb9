/** @file Runs other programs: quietly, keeping the last lines of their output for the message if they fail. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { existsSync } from 'node:fs';

const TAIL_CHARACTERS = 4000;

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, timeoutMs?: number, inherit?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string, timedOut: boolean, missing: boolean }>} never rejects; `missing` is
 *   true if the program does not exist; for killed programs, `code` is 128 + a signal-like number.
 */
export function run(command, args, options = {}) {
  const { cwd, env, timeoutMs, inherit = false } = options;
  return new Promise((resolve) => {
    let output = '';
    let timedOut = false;
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...(inherit ? {} : { NO_COLOR: '1', FORCE_COLOR: undefined }), ...env },
      stdio: inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const keep = (chunk) => (output = (output + chunk).slice(-TAIL_CHARACTERS));
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            child.kill('SIGKILL');
          }, timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ code: 127, output: `${output}${error.message}`, timedOut, missing: error.code === 'ENOENT' });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? (signal === 'SIGINT' ? 130 : 137), output, timedOut, missing: false });
    });
  });
}

/** The last lines of a program's output, for a message. */
export function lastLines(output, count = 8) {
  return output.trim().split('\n').slice(-count).join('\n');
}

/**
 * npm as a command and its first arguments: the one running this process if any, else the one next to this Node, else
 * the one on the PATH.
 * @returns {[string, string[]]}
 */
export function npmCommand(env = process.env) {
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const script = [env.npm_execpath, beside].find((path) => path?.endsWith('npm-cli.js') && existsSync(path));
  if (script) return [process.execPath, [script]];
  return process.platform === 'win32' ? ['npm.cmd', []] : ['npm', []];
}
