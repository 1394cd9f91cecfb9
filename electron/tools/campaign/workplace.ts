/** @file The folder in which a campaign works, and the built Atelier that it starts there. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { findPlaces } from '../../studio/places.ts';
import { endMarked, MARK } from './processes.ts';

const { root } = findPlaces(import.meta.url);
export const CLI = join(root, 'out', 'main', 'cli.js');
export const TINY_MODEL = join(root, 'electron', 'engine', 'fixtures', 'qwen2vl-tiny', 'model');
const PICTURES = 24;

export interface Started {
  child: ChildProcess;
  pid: number;
  /** Calls back for each line of standard output. */
  onLine(listener: (line: string) => void): void;
  /** Exit status or signal, and all that was printed, once the process has ended. */
  ended: Promise<Ended>;
}

export interface Ended {
  status: number | string;
  out: string;
  err: string;
}

export interface StartOptions {
  /** A program and its arguments that start Node, such as `strace -f`. */
  under?: readonly string[];
  env?: Record<string, string>;
  uid?: number;
}

/** One campaign's folder: `work/` is emptied before each trial, `template/` is what each trial starts from. */
export class Workplace {
  readonly folder: string;
  readonly #template: string;
  readonly #stamp: string;
  readonly work: string;
  /** The data folder of the current trial. Always the same path, because a store names checkpoints by full paths. */
  readonly home: string;
  /** The temporary folder of everything that a trial starts. */
  readonly tmp: string;
  readonly pictures: string;

  constructor(folder: string) {
    this.folder = folder;
    this.#template = join(folder, 'template');
    this.#stamp = join(folder, 'program');
    this.work = join(folder, 'work');
    this.home = join(this.work, 'home');
    this.tmp = join(this.work, 'tmp');
    this.pictures = join(folder, 'pictures');
  }

  /** Makes the pictures and the data folder that trials start from, if an earlier campaign did not. */
  async prepare(): Promise<void> {
    if (!existsSync(CLI)) throw new Error('The program is not built. Run: npm run build');
    const program = programDigest();
    if (existsSync(this.#stamp) && readFileSync(this.#stamp, 'utf8') === program) return;
    // Another program may give other results: what an earlier one made is no measure for it.
    for (const name of ['template', 'kept', 'power', 'bundle', 'calm.json', 'backup.zip'])
      rmSync(join(this.folder, name), { recursive: true, force: true });
    await writePictures(this.pictures);
    await this.empty();
    await this.mustRun('models', 'add', TINY_MODEL, '--name', 'tiny');
    await this.mustRun('import', this.pictures, '--name', 'dots');
    cpSync(this.home, join(this.#template, 'home'), { recursive: true });
    writeFileSync(this.#stamp, program);
  }

  /** An empty `work/` without a data folder; processes of an earlier trial are ended. */
  async empty(): Promise<void> {
    await endMarked(this.folder);
    rmSync(this.work, { recursive: true, force: true });
    mkdirSync(this.tmp, { recursive: true });
  }

  /** A `work/` with the prepared data folder, or with one kept by `keep`. */
  async fresh(name?: string): Promise<void> {
    await this.empty();
    cpSync(name === undefined ? join(this.#template, 'home') : this.#kept(name), this.home, { recursive: true });
  }

  /** Keeps the current data folder as a starting point of later trials. */
  keep(name: string): void {
    const kept = this.#kept(name);
    rmSync(kept, { recursive: true, force: true });
    cpSync(this.home, `${kept}.partial`, { recursive: true });
    cpSync(`${kept}.partial`, kept, { recursive: true });
    rmSync(`${kept}.partial`, { recursive: true });
  }

  hasKept(name: string): boolean {
    return existsSync(this.#kept(name));
  }

  #kept(name: string): string {
    return join(this.folder, 'kept', name);
  }

  /** Copies what a failed trial left, for whoever looks into it. */
  keepFailure(name: string): string {
    const target = join(this.folder, 'failures', name);
    rmSync(target, { recursive: true, force: true });
    if (existsSync(this.work)) cpSync(this.work, target, { recursive: true });
    return target;
  }

  /** Starts one command of the built command line on the trial's data folder. */
  start(args: readonly string[], options: StartOptions = {}): Started {
    const [program, ...before] = [...(options.under ?? []), process.execPath];
    const home = args.includes('--home') ? [] : ['--home', this.home];
    const child = spawn(program, [...before, CLI, ...args, ...home, '--json'], {
      cwd: this.work,
      env: { ...process.env, TMPDIR: this.tmp, [MARK]: this.folder, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    let [out, err] = ['', ''];
    const listeners: ((line: string) => void)[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      out += `${line}\n`;
      for (const listener of listeners) listener(line);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const ended = new Promise<Ended>((resolve) => {
      child.on('close', (code, signal) => resolve({ status: code ?? signal ?? 'unknown', out, err }));
      child.on('error', (error) => resolve({ status: error.message, out, err }));
    });
    return { child, pid: child.pid ?? 0, onLine: (listener) => void listeners.push(listener), ended };
  }

  async run(...args: string[]): Promise<Ended> {
    return await this.start(args).ended;
  }

  /** @throws Error with what was printed if the command does not end with status 0 */
  async mustRun(...args: string[]): Promise<Ended> {
    const ended = await this.run(...args);
    if (ended.status !== 0) throw new Error(`atelier ${args.join(' ')} ended with ${ended.status}: ${ended.err}`);
    return ended;
  }
}

/** Changes whenever the built program does. */
function programDigest(): string {
  const hash = createHash('sha256');
  const names = readdirSync(join(root, 'out', 'main'), { recursive: true }) as string[];
  for (const name of names.filter((each) => each.endsWith('.js')).sort())
    hash.update(name).update(readFileSync(join(root, 'out', 'main', name)));
  return hash.digest('hex');
}

/** Small single-colour pictures with questions: enough to train on, and quick to read. */
async function writePictures(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const rows: string[] = [];
  for (let index = 0; index < PICTURES; index += 1) {
    const background = { r: index * 10, g: 255 - index * 10, b: (index * 53) % 256 };
    const name = `picture-${index}.png`;
    await sharp({ create: { width: 56, height: 56, channels: 3, background } })
      .png()
      .toFile(join(folder, name));
    const split = index < PICTURES - 6 ? 'train' : 'test';
    const question = `How many dots are in picture ${index}?`;
    rows.push(JSON.stringify({ file_name: name, question, answer: String(index % 5), split, task: 'counting' }));
  }
  writeFileSync(join(folder, 'metadata.jsonl'), `${rows.join('\n')}\n`);
}
