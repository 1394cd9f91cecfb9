/**
 * @file Pins what a job folder installs: `npm run handoff:requirements` reads resources/handoff/*.in and writes the .txt
 * beside each, with the exact version of every package, also of those that others need, and the SHA-256 of its wheels.
 * pip resolves and names the hashes, so the result is what pip itself would install; nothing is installed. It needs the
 * package index.
 *
 * torch is resolved but not written: its build depends on the machine (processor, CUDA or ROCm), so a job installs it
 * first, by version, from whatever index suits that machine.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './packages/python-environment.mjs';

const FOLDER = join(root, 'resources/handoff');
/** The first resolves the versions; the wheels of those are then looked up for all. */
const PYTHONS = ['3.11', '3.12', '3.13'];
const GLIBC = ['2_28', '2_27', '2_26', '2_24', '2_17', '2_12', '2_5'];
const TAGS = [...GLIBC.map((version) => `manylinux_${version}_x86_64`), 'manylinux2014_x86_64', 'manylinux1_x86_64'];
/** What comes with torch, and only with the build for one kind of GPU. */
const WITH_TORCH = /^(torch|triton|cuda-.*|nvidia-.*)$/;

/** Hashes are those of the index, not of wheels that lie on this machine. */
const INDEX_ALONE = { ...process.env, PIP_CONFIG_FILE: '/dev/null', PIP_FIND_LINKS: '', PIP_CONSTRAINT: '' };

/** What pip would install: for each package its name, version and the SHA-256 of its wheel. */
function resolve(python, wanted, environment = process.env) {
  const scratch = mkdtempSync(join(tmpdir(), 'atelier-requirements-'));
  try {
    const report = join(scratch, 'report.json');
    const args = ['-m', 'pip', 'install', '--dry-run', '--ignore-installed', '--quiet', '--only-binary=:all:'];
    args.push('--report', report, '--target', join(scratch, 'target'), '--implementation', 'cp');
    args.push('--python-version', python, ...TAGS.flatMap((tag) => ['--platform', tag]), ...wanted);
    const done = spawnSync(process.env['PYTHON'] ?? 'python3', args, {
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (done.status !== 0) throw new Error(`pip could not resolve the packages for Python ${python}.`);
    const { install } = JSON.parse(readFileSync(report, 'utf8'));
    return install.map(({ metadata, download_info: from }) => ({
      name: metadata.name.toLowerCase().replaceAll(/[-_.]+/g, '-'),
      version: metadata.version,
      sha256: from.archive_info.hashes.sha256,
      isLocal: from.url.startsWith('file:'),
    }));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

for (const file of ['requirements', 'requirements-ray']) {
  const [first = ''] = PYTHONS;
  console.log(`The versions of ${file}.in …`);
  const versions = resolve(first, ['-r', join(FOLDER, `${file}.in`)]).filter(({ name }) => !WITH_TORCH.test(name));
  const packages = new Map(versions.map((each) => [each.name, { ...each, hashes: new Set() }]));
  const pinned = versions.map(({ name, version }) => `${name}==${version}`);
  for (const python of PYTHONS) {
    console.log(`The wheels for Python ${python} …`);
    for (const { name, sha256, isLocal } of resolve(python, ['--no-deps', ...pinned], INDEX_ALONE)) {
      if (isLocal) throw new Error(`${name} came from a folder of this machine, which no other machine has.`);
      packages.get(name)?.hashes.add(sha256);
    }
  }
  const lines = [...packages.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, version, hashes }) =>
      [`${name}==${version}`, ...[...hashes].sort().map((hash) => `    --hash=sha256:${hash}`)].join(' \\\n'),
    );
  const head = `# Made by \`npm run handoff:requirements\` from ${file}.in, for Linux on x86-64 and Python ${PYTHONS.join(', ')}.\n`;
  writeFileSync(join(FOLDER, `${file}.txt`), `${head}${lines.join('\n')}\n`);
  console.log(`${packages.size} packages in ${file}.txt`);
}
