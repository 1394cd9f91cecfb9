/**
 * @file Prepares the Python environment that `npm run bench -- --vs-python` compares with. The last line it prints is
 * JSON: the interpreter and the versions of the relevant packages.
 */
import { join } from 'node:path';
import { preparePython, root, run, skip } from './packages/python-environment.mjs';

const REPORTED = ['torch', 'transformers', 'peft', 'trl', 'accelerate'];
const WHAT = 'the engine was not compared with the Python stack.';

const requirements = join(root, 'electron/tools/bench/python/requirements.txt');
const python = preparePython('bench-venv', requirements, WHAT);
const versions = run(python, [
  '-c',
  `import json; from importlib.metadata import version; print(json.dumps({n: version(n) for n in ${JSON.stringify(REPORTED)}}))`,
]);
if (!versions.ok) skip(WHAT, versions.text);
console.log(JSON.stringify({ python, versions: JSON.parse(versions.text) }));
