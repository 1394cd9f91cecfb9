/** @file What programs wrote below a folder, in order: system calls recorded by strace (Linux), with their data. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

export type Operation =
  | { kind: 'create'; path: string; truncate: boolean; append: boolean; exclusive: boolean }
  /** `offset` null: at the file's own position. */
  | { kind: 'write'; path: string; offset: number | null; bytes: Buffer }
  | { kind: 'truncate'; path: string; size: number }
  | { kind: 'copy'; from: string; path: string }
  | { kind: 'rename'; from: string; path: string }
  | { kind: 'link'; from: string; path: string }
  | { kind: 'remove'; path: string }
  /** A flush of a file or folder; all operations before it on that file are on the disk then. */
  | { kind: 'sync'; path: string };

const CALLS = [
  ...['openat', 'creat', 'write', 'pwrite64', 'writev', 'pwritev', 'ftruncate', 'fsync', 'fdatasync', 'rename'],
  ...['renameat', 'renameat2', 'unlink', 'unlinkat', 'link', 'linkat', 'copy_file_range', 'sendfile'],
];

/** The command in front of a program that records what it and its children write into `file`. */
export function recorder(file: string): string[] {
  const options = ['-f', '-y', '-xx', '-s', '100000000', '--seccomp-bpf', '-qq', '-o', file];
  return ['strace', ...options, '-e', `trace=${CALLS.join(',')}`];
}

/** The operations below `root` in a recording. @throws Error for a call whose effect is not known */
export async function readWriteLog(file: string, root: string): Promise<Operation[]> {
  const operations: Operation[] = [];
  const unfinished = new Map<string, string>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const [, pid = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text);
    if (text.endsWith('<unfinished ...>')) {
      unfinished.set(pid, text.slice(0, -'<unfinished ...>'.length));
      continue;
    }
    const call = resumed === null ? text : `${unfinished.get(pid) ?? ''}${resumed[1] ?? ''}`;
    const operation = parse(call, root);
    if (operation !== null) operations.push(operation);
  }
  return operations;
}

function parse(call: string, root: string): Operation | null {
  const [, name = '', rest = '', result = ''] = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(call) ?? [];
  if (name === '' || Number(result) < 0) return null;
  const strings = [...rest.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) => bytesOf(hex ?? ''));
  const paths = [...rest.matchAll(/\d+<((?:\\x[0-9a-f]{2})+)>/g)].map(([, hex]) => bytesOf(hex ?? '').toString());
  const below = (path: string | undefined): path is string => path?.startsWith(`${root}/`) === true || path === root;
  const named = strings.map(String);
  switch (name) {
    case 'openat':
    case 'creat': {
      const flags = name === 'creat' ? 'O_CREAT|O_TRUNC|O_WRONLY' : rest;
      if (!below(named[0]) || !/O_WRONLY|O_RDWR/.test(flags)) return null;
      const [truncate, append] = [flags.includes('O_TRUNC'), flags.includes('O_APPEND')];
      return { kind: 'create', path: named[0], truncate, append, exclusive: flags.includes('O_EXCL') };
    }
    case 'write':
    case 'writev': {
      const [path] = paths;
      return below(path) ? { kind: 'write', path, offset: null, bytes: written(strings, result) } : null;
    }
    case 'pwrite64':
    case 'pwritev': {
      const [path] = paths;
      const offset = Number(/, (\d+)\s*$/.exec(rest)?.[1]);
      return below(path) ? { kind: 'write', path, offset, bytes: written(strings, result) } : null;
    }
    case 'ftruncate':
      return below(paths[0]) ? { kind: 'truncate', path: paths[0], size: Number(/, (\d+)\s*$/.exec(rest)?.[1]) } : null;
    case 'fsync':
    case 'fdatasync':
      return below(paths[0]) ? { kind: 'sync', path: paths[0] } : null;
    case 'rename':
    case 'renameat':
    case 'renameat2':
      if (named[0] === undefined || !below(named[1])) return null;
      return { kind: 'rename', from: named[0], path: named[1] };
    case 'link':
    case 'linkat':
      if (named[0] === undefined || !below(named[1])) return null;
      return { kind: 'link', from: named[0], path: named[1] };
    case 'unlink':
    case 'unlinkat':
      return below(named[0]) ? { kind: 'remove', path: named[0] } : null;
    case 'copy_file_range':
      return below(paths[1]) && paths[0] !== undefined ? { kind: 'copy', from: paths[0], path: paths[1] } : null;
    case 'sendfile':
      return below(paths[0]) && paths[1] !== undefined ? { kind: 'copy', from: paths[1], path: paths[0] } : null;
    default:
      throw new Error(`The effect of the call ${name} is not known.`);
  }
}

function written(strings: readonly Buffer[], result: string): Buffer {
  return Buffer.concat(strings).subarray(0, Number(result));
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}
