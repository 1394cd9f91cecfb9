/**
 * @file The external checks of exports for other programs: `npm run validate:gguf` reads GGUF files with PyPI's gguf and runs them
 * with a real llama.cpp, `npm run validate:mlx` runs files for MLX with mlx-vlm; tokens are compared with Atelier's.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { preparePython, root } from './packages/python-environment.mjs';

const kind = process.argv[2] === 'mlx' ? 'mlx' : 'gguf';
const bench = join(root, 'electron/tools/bench');
const what = kind === 'gguf' ? 'GGUF exports were not run in llama.cpp.' : 'MLX exports were not run in mlx-vlm.';
const python = preparePython(`${kind}-venv`, join(bench, `real/requirements-${kind}.txt`), what);
const run = ['--import', 'tsx', join(bench, 'validate-exports.ts'), kind, python];
const { status } = spawnSync(process.execPath, run, { cwd: root, stdio: 'inherit' });
console.log(status === 0 ? 'PASSED: the exports answer as Atelier does.' : 'FAILED: an export answers otherwise.');
process.exitCode = status === 0 ? 0 : 1;
