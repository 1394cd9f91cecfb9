/**
 * @file The whole job without a network: in a namespace that has no route, and under a trace of every connection. Held:
 * it works, and nothing tries to reach anything but this machine, not even a name server.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runIdIn, TRAIN } from '../kills/work.ts';
import type { Part, Trial } from '../part.ts';
import type { Workplace } from '../workplace.ts';

const CALLS = 'trace=connect,sendto,sendmsg,sendmmsg';

export const offline: Part = {
  name: 'offline',
  unit: 'commands',
  has: (index) => index === 0,
  async run(place): Promise<Trial> {
    const name = 'main job without a network';
    const [alone, traced] = [works('unshare', '-n', 'true'), works('strace', '-qq', '-o', '/dev/null', 'true')];
    if (!alone && !traced) {
      const detail = 'This machine allows neither a network namespace nor a trace.';
      return { name, outcome: 'skipped', units: 0, detail };
    }
    const log = join(place.folder, 'connections.log');
    const under = [
      ...(alone ? ['unshare', '-n'] : []),
      ...(traced ? ['strace', '-f', '-A', '-qq', '--seccomp-bpf', '-e', CALLS, '-o', log] : []),
    ];
    rmSync(log, { force: true });
    const { commands, problems } = await mainJob(place, under);
    if (traced) problems.push(...attemptsIn(readFileSync(log, 'utf8')));
    const held = problems.length === 0;
    const facts = { namespace: alone ? 'without routes' : 'not permitted', trace: traced ? 'strace' : 'none' };
    return {
      name,
      outcome: held ? 'held' : 'failed',
      units: commands,
      detail: held ? null : problems.join(' '),
      facts,
    };
  },
};

function works(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function mainJob(place: Workplace, under: readonly string[]): Promise<{ commands: number; problems: string[] }> {
  await place.fresh();
  const problems: string[] = [];
  let commands = 0;
  const run = async (...args: string[]): Promise<string> => {
    commands += 1;
    const { status, out, err } = await place.start(args, { under }).ended;
    // 9: nothing failed, but who signed is for a person to decide.
    if (status !== 0 && !(args[0] === 'verify' && status === 9))
      problems.push(`${args[0] ?? ''} ended with ${status}: ${err}`);
    return out;
  };
  await run('import', place.pictures, '--name', 'again');
  const runId = runIdIn(await run(...TRAIN)) ?? '';
  await run('eval', '--run', runId);
  await run('ledger', 'dots');
  await run('export', runId, '--out', join(place.work, 'bundle'));
  await run('verify', join(place.work, 'bundle'));
  await run('doctor');
  // The one door to a network. Shut, it asks nothing of anyone.
  const shut = await place.start(['models', 'get', 'me/tiny'], { under, env: { HF_HUB_OFFLINE: '1' } }).ended;
  if (shut.status !== 4) problems.push(`models get ended with ${shut.status} although downloads were off: ${shut.err}`);
  return { commands, problems };
}

/** Attempts to reach anything beyond loopback, as sentences. */
export function attemptsIn(log: string): string[] {
  const found = new Set<string>();
  for (const line of log.split('\n')) {
    const [, family, rest = ''] = /sa_family=(AF_INET6?)(.*)/.exec(line) ?? [];
    if (family === undefined) continue;
    const [, address = ''] = /inet_(?:addr|pton)\((?:AF_INET6, )?"([^"]+)"/.exec(rest) ?? [];
    if (/^(127\.|::1$|::ffff:127\.)/.test(address)) continue;
    found.add(`It tried to reach ${address} (${line.slice(0, 200)}).`);
  }
  return [...found];
}
