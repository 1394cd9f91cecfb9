/** @file Compiles the addons of packages with the node-gyp that package-lock.json pins, against the headers of this Node. */
import { join } from 'node:path';
import { lastLines, run } from '../command.mjs';
import { MODULES, nodeHeaders } from '../places.mjs';
import { SetupError } from '../say.mjs';
import { aptInstall, aptSentence, canApt, which } from './debian.mjs';

const BUILD_MS = 20 * 60_000;
const COMPILER = ['g++', 'make', 'python3'];

/** Whether an addon can be compiled with what is here, so that something that is not needed can be left out instead. */
export function canCompile() {
  return COMPILER.every((program) => which(program) !== null) && nodeHeaders() !== null;
}

/** Compiler and make, which every addon needs. Installed with apt if permitted; otherwise the user is told. */
async function ensureCompiler(purpose) {
  if (process.platform !== 'linux') return;
  if (COMPILER.every((program) => which(program) !== null)) return;
  if (!canApt()) throw new SetupError(`${purpose} needs a C++ compiler, make and Python 3.`, aptSentence(COMPILER));
  await aptInstall(purpose, COMPILER);
}

/**
 * The option that names the headers of this Node. Without it, node-gyp would fetch them from Node's own server and
 * compare them only with a list from the same place, so set-up does without them. On Windows no Node comes with headers:
 * there, and only there, node-gyp fetches them.
 * @returns {Promise<string[]>}
 */
export async function headersOption(purpose, { platform = process.platform, find = nodeHeaders, apt = canApt } = {}) {
  if (find() === null && platform === 'linux' && apt()) await aptInstall(purpose, ['libnode-dev']);
  const headers = find();
  if (headers !== null) return [`--nodedir=${headers}`];
  if (platform === 'win32') return [];
  throw new SetupError(
    `${purpose} is compiled against the headers of Node, and this Node (${process.execPath}) comes without them.`,
    `${aptSentence(['libnode-dev'])} Or install Node from its official archive, which includes them, or name their folder in npm_config_nodedir.`,
  );
}

/**
 * Compiles the addon of the package in `folder`.
 * @param {string} purpose what it is for, in a word or two
 * @param {string} folder
 * @param {string[]} options more options for node-gyp
 */
export async function compileAddon(purpose, folder, options) {
  await ensureCompiler(purpose);
  const result = await run(
    process.execPath,
    [join(MODULES, 'node-gyp', 'bin', 'node-gyp.js'), 'rebuild', ...(await headersOption(purpose)), ...options],
    { cwd: folder, timeoutMs: BUILD_MS },
  );
  if (result.code !== 0) {
    throw new SetupError(
      `The native part of ${purpose} could not be compiled:\n${lastLines(result.output, 12)}`,
      'Install a C++ compiler and the headers of this Node (on Debian or Ubuntu: g++, make, libnode-dev). Then give the same command again.',
    );
  }
}
