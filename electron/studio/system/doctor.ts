/**
 * @file Reports what this machine offers, what is missing and how to fix it. Every probe is independent, so that
 * the doctor still works if SQLite or TensorFlow cannot be loaded, which is when it is needed most.
 */
import { existsSync, readFileSync } from 'node:fs';
import { access, constants, statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import {
  OWN_OPS_DAMAGED,
  OWN_OPS_NOT_BUILT,
  OWN_OPS_OUTDATED,
  type DoctorFinding,
  type EngineInfo,
  type GpuReport,
  type OwnOps,
} from '../../contract/model/system.ts';
import { bytes } from '../../method/byte-size.ts';
import type { Pictures } from '../../pictures/pictures.ts';
import { makeFolder } from '../../store/connection/make-folder.ts';

const GIB = 1024 ** 3;
const LOW_MEMORY_BYTES = 2 * GIB;
const LOW_DISK_BYTES = 2 * GIB;
const OWN_OPS_REMEDY =
  'Large models are faster with them: install a C++ compiler and make, and run `npm run setup -- --retry`.';
const OWN_OPS_AGAIN = 'Run `npm run setup -- --retry`; it builds them again.';
const SETUP_REMEDY = 'Run `npm run setup`; it builds what is missing and says what it does.';

export interface DoctorOptions {
  home: string;
  /** Asks the engine about itself; if it fails, the failure is the finding. */
  engineInfo: () => Promise<EngineInfo>;
  pictures: Pick<Pictures, 'decoder'>;
}

/** Probes the machine. Never throws. */
export async function examine(options: DoctorOptions): Promise<DoctorFinding[]> {
  const probes: [string, () => Promise<DoctorFinding[]> | DoctorFinding[]][] = [
    ['Node', () => [nodeFinding()]],
    ['TensorFlow', () => engineFindings(options.engineInfo)],
    ['Memory', () => [memoryFinding()]],
    ['SQLite', sqliteFindings],
    ['Image decoder', () => imageFindings(options.pictures)],
    ['Electron', () => [electronFinding()]],
    ['Data folder', () => homeFindings(options.home)],
  ];
  const findings: DoctorFinding[] = [];
  for (const [name, probe] of probes) {
    try {
      findings.push(...(await probe()));
    } catch (error) {
      findings.push({ name, status: 'missing', value: sentenceOf(error), remedy: remedyOf(error) ?? SETUP_REMEDY });
    }
  }
  return findings;
}

function nodeFinding(): DoctorFinding {
  return ok('Node', `${process.versions.node} (${process.platform} ${process.arch})`);
}

async function engineFindings(engineInfo: () => Promise<EngineInfo>): Promise<DoctorFinding[]> {
  const info = await engineInfo().catch((error: unknown) => {
    // What the environment asks for cannot be had; everything else that is wrong is told as TensorFlow's.
    if (error instanceof AtelierError && error.code === 'ENGINE_UNAVAILABLE') return error;
    throw error;
  });
  if (info instanceof AtelierError) return [refusalFinding(info)];
  const refused = info.refusal === undefined ? [] : [refusalFinding(info.refusal)];
  return [...backendFindings(info), ...refused];
}

function refusalFinding({ message, place, remedy }: NonNullable<EngineInfo['refusal']>): DoctorFinding {
  return { name: place.field ?? 'GPU', status: 'missing', value: message, remedy: remedy ?? null };
}

function backendFindings(info: EngineInfo): DoctorFinding[] {
  const gpu = info.gpu === undefined ? [] : [gpuFinding(info.gpu), ...gpuUseFindings(info.gpu)];
  const threads = ok('Threads', `${info.threads} used by the engine, ${availableParallelism()} available`);
  if (info.backend === 'tensorflow') {
    const own = info.ownOps === undefined ? [] : [ownOpsFinding(info.ownOps)];
    return [ok('TensorFlow', info.version), ok('Device', info.device), ...own, threads, ...gpu];
  }
  if (info.backend === 'webgpu') return [ok('TensorFlow', 'not in use'), ok('Device', info.device), threads, ...gpu];
  return [
    {
      name: 'TensorFlow',
      status: 'degraded',
      value: `not loaded; computing with ${info.backend === 'wasm' ? 'WebAssembly' : 'plain JavaScript'} ${info.version}`,
      remedy: `Training takes many times as long this way. ${SETUP_REMEDY}`,
    },
    ok('Device', info.device),
    threads,
    ...gpu,
  ];
}

/** Without them everything works; only large models take longer. */
function ownOpsFinding({ instructions, reason }: OwnOps): DoctorFinding {
  if (instructions !== null) return ok('Own ops', `in use, with ${instructions}`);
  return {
    name: 'Own ops',
    status: 'unused',
    value: `not in use: ${reason ?? ''}`,
    remedy:
      reason === OWN_OPS_NOT_BUILT
        ? OWN_OPS_REMEDY
        : reason === OWN_OPS_OUTDATED || reason === OWN_OPS_DAMAGED
          ? OWN_OPS_AGAIN
          : null,
  };
}

/** A machine without a GPU lacks nothing: then this only says why. */
function gpuFinding({ adapter, names, used, reason, remedy }: GpuReport): DoctorFinding {
  const others = names.filter((name) => name !== adapter?.name);
  const parts = [
    ...(adapter === null
      ? []
      : [
          `${adapter.name}${adapter.software ? ' (software)' : ''}`,
          `tensors up to ${gib(adapter.largestTensorBytes)}, buffers up to ${gib(adapter.largestBufferBytes)}`,
        ]),
    ...(others.length > 0 && names.length > 1 ? [`all: ${names.join(', ')}`] : []),
    ...(used ? ['in use'] : [`not in use: ${reason ?? ''}`]),
  ];
  return { name: 'GPU', status: used ? 'ok' : 'unused', value: parts.join('; '), remedy };
}

/** What is set, and what trials found. */
function gpuUseFindings({ adapter, use, trials = [] }: GpuReport): DoctorFinding[] {
  if (use === undefined || adapter === null || adapter.software) return [];
  const found = trials.map(
    ({ weightBytes, chosen, reason }) =>
      `weights of about ${bytes(weightBytes)}: ${chosen === 'gpu' ? 'GPU' : 'processor'} (${reason})`,
  );
  const untried = use === 'automatic' && found.length === 0 ? ['a trial decides before the first run'] : [];
  return [ok('GPU use', [use, ...untried, ...found].join('; '))];
}

function memoryFinding(): DoctorFinding {
  const value = `${gib(freemem())} free of ${gib(totalmem())}`;
  if (freemem() >= LOW_MEMORY_BYTES) return ok('Memory', value);
  return {
    name: 'Memory',
    status: 'degraded',
    value,
    remedy: 'Close other programs before training, or lower promptsPerStep.',
  };
}

async function sqliteFindings(): Promise<DoctorFinding[]> {
  return [ok('SQLite', await sqliteVersion())];
}

/** @throws if SQLite cannot be loaded */
export async function sqliteVersion(): Promise<string> {
  const { default: sqlite3 } = await import('sqlite3');
  return await new Promise<string>((resolve, reject) => {
    const database = new sqlite3.Database(':memory:', (opening) => {
      if (opening !== null) {
        reject(opening);
        return;
      }
      database.get<{ version: string }>('SELECT sqlite_version() AS version', (error, row) => {
        database.close();
        if (error) reject(error);
        else resolve(row.version);
      });
    });
  });
}

async function imageFindings(pictures: DoctorOptions['pictures']): Promise<DoctorFinding[]> {
  const { sharp, libvips } = await pictures.decoder();
  return [ok('Image decoder', `sharp ${sharp}, libvips ${libvips}`)];
}

/** Checks only files, because querying the package itself would start a download. */
function electronFinding(): DoctorFinding {
  const running = process.versions['electron'];
  if (running !== undefined) return ok('Electron', running);
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const dist = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist');
  const pathFile = join(folder, 'path.txt');
  const binary = existsSync(pathFile)
    ? readFileSync(pathFile, 'utf8').trim()
    : process.platform === 'win32'
      ? 'electron.exe'
      : 'electron';
  if (existsSync(join(dist, binary))) return ok('Electron', version);
  return {
    name: 'Electron',
    status: 'missing',
    value: `package ${version} without its program`,
    remedy:
      'The studio opens in your browser instead (`npm start` or `atelier serve`). For a window of its own run `npx install-electron`.',
  };
}

async function homeFindings(home: string): Promise<DoctorFinding[]> {
  await makeFolder(home);
  await access(home, constants.W_OK);
  const { bavail, bsize } = await statfs(home);
  const freeBytes = bavail * bsize;
  const value = `${home} (${gib(freeBytes)} free)`;
  if (freeBytes >= LOW_DISK_BYTES) return [ok('Data folder', value)];
  return [
    {
      name: 'Data folder',
      status: 'degraded',
      value,
      remedy: 'Free some space, or choose another folder with --home.',
    },
  ];
}

function ok(name: string, value: string): DoctorFinding {
  return { name, status: 'ok', value, remedy: null };
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}

function sentenceOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 300) ?? 'not usable';
}

function remedyOf(error: unknown): string | null {
  return error instanceof AtelierError ? (error.remedy ?? null) : null;
}
