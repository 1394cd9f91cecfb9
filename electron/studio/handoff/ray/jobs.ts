/** @file Ray's Jobs REST API, as far as a job folder needs it. */
import { z } from 'zod';
import { AtelierError } from '../../../contract/errors/errors.ts';
import type { RayDoor } from './door.ts';

export const JobStatus = z.enum(['PENDING', 'RUNNING', 'STOPPED', 'SUCCEEDED', 'FAILED']);
export type JobStatus = z.infer<typeof JobStatus>;

const Job = z.object({ status: JobStatus, message: z.string().nullish(), submission_id: z.string().nullish() });
export type Job = z.infer<typeof Job>;
const Version = z.object({ ray_version: z.string() });
const Submitted = z.object({ submission_id: z.string() });
const Logs = z.object({ logs: z.string() });

export interface Submission {
  id: string;
  /** A shell line; quote what is not known. */
  entrypoint: string;
  /** As `upload` gives it. */
  workingDir: string;
}

export function rayJobs(door: RayDoor) {
  const { address } = door;

  function refusal(status: number, text: string): AtelierError {
    const place = { field: 'address' };
    if (status === 401 || status === 403)
      return new AtelierError(
        'CLUSTER_UNAVAILABLE',
        `The cluster at ${address} does not accept the token (${status}).`,
        {
          place,
          remedy: 'Start Atelier with the token of the cluster in RAY_AUTH_TOKEN.',
        },
      );
    if (status === 413)
      return new AtelierError(
        'BAD_INPUT',
        'The cluster refuses a job folder of this size (Ray takes 100 MiB at most).',
        {
          place: { field: 'path' },
          remedy: 'Hand the run off with --without-model, and put the base model where every node finds it.',
        },
      );
    // Ray's own words, of which the last line says what happened.
    const last = text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
    const said = last === '' ? '' : `: ${last}`;
    return new AtelierError('CLUSTER_UNAVAILABLE', `The cluster at ${address} answers with status ${status}${said}`, {
      place,
      remedy: 'Check that this is the address of the dashboard, such as http://HEAD:8265, and try again.',
    });
  }

  async function ask<T>(schema: z.ZodType<T>, method: 'GET' | 'POST', path: string, value?: unknown): Promise<T> {
    const body = value === undefined ? undefined : Buffer.from(JSON.stringify(value));
    const { status, text } = await door.send(method, path, body);
    if (status !== 200) throw refusal(status, text);
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new AtelierError('CLUSTER_UNAVAILABLE', `What answers at ${address} is not a Ray dashboard.`, {
        place: { field: 'address' },
        remedy: 'Give the address of the dashboard, such as http://HEAD:8265.',
        cause,
      });
    }
  }

  return {
    version: async (): Promise<string> => (await ask(Version, 'GET', '/api/version')).ray_version,

    /** Uploads a zip, unless the cluster has it. `digest`: 16 hex digits that stand for its contents. */
    async upload(digest: string, zip: () => Promise<Buffer>): Promise<string> {
      const name = `_ray_pkg_${digest}.zip`;
      const path = `/api/packages/gcs/${name}`;
      if ((await door.send('GET', path)).status !== 200) {
        const { status, text } = await door.send('PUT', path, await zip());
        if (status !== 200) throw refusal(status, text);
      }
      return `gcs://${name}`;
    },

    async submit({ id, entrypoint, workingDir }: Submission): Promise<void> {
      const runtime = { working_dir: workingDir, env_vars: { RAY_TRAIN_ENABLE_PRINT_PATCH: '0' } };
      await ask(Submitted, 'POST', '/api/jobs/', { entrypoint, submission_id: id, runtime_env: runtime });
    },

    job: (id: string): Promise<Job> => ask(Job, 'GET', `/api/jobs/${encodeURIComponent(id)}`),
    list: (): Promise<Job[]> => ask(z.array(Job), 'GET', '/api/jobs/'),
    logs: async (id: string): Promise<string> =>
      (await ask(Logs, 'GET', `/api/jobs/${encodeURIComponent(id)}/logs`)).logs,
  };
}

export type RayJobs = ReturnType<typeof rayJobs>;

export function isOver({ status }: Job): boolean {
  return status === 'STOPPED' || status === 'SUCCEEDED' || status === 'FAILED';
}
