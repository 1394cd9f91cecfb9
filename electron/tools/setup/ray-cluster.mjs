/**
 * @file A Ray cluster on this machine for the external checks: on the loopback interface only, reporting nothing, ended by
 * the ids of its own processes.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const DASHBOARD = 8265;

/** The processes that name this folder in their command line or environment, and all that these started. */
function processesOf(folder) {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8');
        const parent = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]);
        return [
          { pid: Number(name), parent, command, isOurs: command.includes(folder) || environment.includes(folder) },
        ];
      } catch {
        // It has ended, or belongs to someone else.
        return [];
      }
    });
  const ours = new Set(all.filter(({ isOurs }) => isOurs).map(({ pid }) => pid));
  for (let size = -1; size !== ours.size;) {
    size = ours.size;
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid);
  }
  return all.filter(({ pid }) => ours.has(pid));
}

/**
 * Starts a cluster whose files are in `folder`.
 * @param {string} bin the folder of an environment's programs
 * @returns {{ address: string, environment: Record<string, string | undefined>, workers: () => number[], outside: () => string[], stop: () => void }}
 */
export function startCluster(bin, folder) {
  const environment = {
    ...process.env,
    // Ray then keeps to loopback instead of the machine's outer address.
    RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER: '0',
    RAY_USAGE_STATS_ENABLED: '0',
    GLOO_SOCKET_IFNAME: 'lo',
    OMP_NUM_THREADS: '1',
    // By this its processes are known.
    ATELIER_RAY_FOLDER: folder,
    // Ray starts a job in a folder of its own, where a relative path names another.
    PATH: `${resolve(bin)}:${process.env['PATH']}`,
  };
  const args = ['start', '--head', '--num-cpus', '4', '--node-ip-address', '127.0.0.1'];
  args.push('--dashboard-host', '127.0.0.1', '--dashboard-port', String(DASHBOARD));
  args.push('--temp-dir', folder, '--disable-usage-stats');
  const stop = () => {
    for (const { pid } of processesOf(folder)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  };
  const started = spawnSync(join(bin, 'ray'), args, { env: environment, encoding: 'utf8' });
  if (started.status !== 0) {
    stop();
    throw new Error(`Ray did not start.\n${started.stdout}${started.stderr}`);
  }
  return {
    address: `http://127.0.0.1:${DASHBOARD}`,
    environment,
    /** The ids of the processes that train. */
    workers: () =>
      processesOf(folder)
        .filter(({ command }) => command.startsWith('ray::RayTrainWorker'))
        .map(({ pid }) => pid),
    /** The addresses outside loopback on which the cluster listens. */
    outside() {
      const ids = new Set(processesOf(folder).map(({ pid }) => pid));
      const { stdout } = spawnSync('ss', ['-ltnpH'], { encoding: 'utf8' });
      return stdout
        .split('\n')
        .filter((line) => [...line.matchAll(/pid=(\d+)/g)].some(([, pid]) => ids.has(Number(pid))))
        .map((line) => line.trim().split(/\s+/)[3] ?? '')
        .filter((address) => !/^(127\.0\.0\.1|\[::1\]|\[::ffff:127\.0\.0\.1\]):/.test(address));
    },
    stop,
  };
}
