/**
 * @file The door to a Ray cluster: the second and last place in Atelier that opens a connection to another machine, only
 * while a person waits for a job that they sent to an address of their own (`electron/tools/structure/network-doors.test.ts`).
 * It speaks to that one address, follows no redirect, and bounds how long and how large an answer may be.
 */
import http from 'node:http';
import https from 'node:https';
import { z } from 'zod';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { isLoopback } from '../../models/hub/endpoint.ts';
import { readPreferences } from '../../system/preferences.ts';

/** The logs of a job are the longest answer. */
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;
const IDLE_MS = 60_000;

export interface RayDoor {
  /** Whether what is sent leaves this machine without encryption. */
  isInClear: boolean;
  /** Without a slash at its end. */
  readonly address: string;
  /** One request. Any status is an answer. @throws AtelierError CLUSTER_UNAVAILABLE, CANCELLED */
  send(method: 'GET' | 'POST' | 'PUT', path: string, body?: Buffer): Promise<{ status: number; text: string }>;
}

export interface RayOptions {
  env?: NodeJS.ProcessEnv;
  idleMs?: number;
}

/**
 * Opens the door to the address that a person gave. Ray's own variables name what proves who asks: `RAY_AUTH_TOKEN`, and
 * `RAY_JOB_HEADERS` with a JSON object of further headers.
 * @throws AtelierError CONFLICT if it is switched off, BAD_INPUT for an address or headers that cannot be used
 */
export async function openRayDoor(
  home: string,
  typed: string,
  { env = process.env, idleMs = IDLE_MS }: RayOptions,
  signal: AbortSignal | undefined,
): Promise<RayDoor> {
  const { clusterJobs } = await readPreferences(home);
  if (!clusterJobs)
    throw new AtelierError('CONFLICT', 'Sending jobs to a cluster is switched off in the settings. Nothing was sent.', {
      remedy:
        'Switch it on with `atelier settings --cluster-jobs on`, or in the settings under Network; or copy the job folder there yourself.',
    });
  const base = addressOf(typed);
  const headers = headersFrom(env);
  const isInClear = base.protocol === 'http:' && !isLoopback(base.hostname);
  if (Object.keys(headers).length > 0 && isInClear)
    throw new AtelierError('BAD_INPUT', `A token would go to ${base.host} in the clear. Nothing was sent.`, {
      place: { field: 'address' },
      remedy: 'Use an address with https, or a tunnel that begins on this machine: ssh -L 8265:localhost:8265 HEAD.',
    });
  const address = base.href.replace(/\/+$/, '');
  return {
    address,
    isInClear,
    send: (method, path, body) => request({ method, url: new URL(`${address}${path}`), body, headers, idleMs, signal }),
  };
}

function addressOf(text: string): URL {
  const bad = (why: string): AtelierError =>
    new AtelierError('BAD_INPUT', `The address of the cluster, ${JSON.stringify(text.slice(0, 200))}, ${why}.`, {
      place: { field: 'address' },
      remedy: 'Write it like http://127.0.0.1:8265: the address of its dashboard.',
    });
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw bad('is no address');
  }
  if (url.username !== '' || url.password !== '') throw bad('contains a password; a token belongs in RAY_AUTH_TOKEN');
  if (url.search !== '' || url.hash !== '') throw bad('has more than a path');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw bad('does not begin with http');
  return url;
}

function headersFrom(env: NodeJS.ProcessEnv): Record<string, string> {
  const token = env['RAY_AUTH_TOKEN']?.trim();
  const given = env['RAY_JOB_HEADERS']?.trim();
  try {
    const others = given === undefined || given === '' ? {} : z.record(z.string(), z.string()).parse(JSON.parse(given));
    return { ...others, ...(token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` }) };
  } catch (cause) {
    throw new AtelierError('BAD_INPUT', 'RAY_JOB_HEADERS is not a JSON object of texts. Nothing was sent.', {
      place: { field: 'RAY_JOB_HEADERS' },
      cause,
    });
  }
}

/** Why a connection failed, by the system's code. */
const BROKEN: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers there',
  ENOTFOUND: 'there is no host of that name, or no network',
  EAI_AGAIN: 'there is no host of that name, or no network',
};

interface Request {
  method: string;
  url: URL;
  body: Buffer | undefined;
  headers: Record<string, string>;
  idleMs: number;
  signal: AbortSignal | undefined;
}

/** Node's own client, because Ray refuses what a browser might have sent, and `fetch` says that it is one. */
async function request({
  method,
  url,
  body,
  headers,
  idleMs,
  signal,
}: Request): Promise<{ status: number; text: string }> {
  const client = url.protocol === 'https:' ? https : http;
  const unavailable = (why: string, cause?: unknown): AtelierError =>
    new AtelierError('CLUSTER_UNAVAILABLE', `The cluster at ${url.host} cannot be used: ${why}.`, {
      place: { field: 'address' },
      remedy: 'Check the address and the connection, and try again. A job that was sent goes on by itself.',
      cause,
    });
  return await new Promise((resolve, reject) => {
    const kind = body === undefined ? {} : { 'content-length': String(body.length), 'content-type': typeOf(url) };
    const sent = client.request(
      url,
      { method, headers: { ...headers, ...kind }, timeout: idleMs, signal },
      (answer) => {
        const pieces: Buffer[] = [];
        let length = 0;
        answer.on('data', (piece: Buffer) => {
          length += piece.length;
          pieces.push(piece);
          if (length > MOST_ANSWER_BYTES)
            sent.destroy(unavailable(`an answer is longer than ${MOST_ANSWER_BYTES / 2 ** 20} MiB`));
        });
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') }),
        );
        answer.on('error', (cause) => reject(failure(cause)));
      },
    );
    const failure = (cause: Error): AtelierError => {
      if (cause instanceof AtelierError) return cause;
      if (signal?.aborted === true)
        return new AtelierError('CANCELLED', 'The request to the cluster was stopped.', { cause });
      const { code } = cause as NodeJS.ErrnoException;
      return unavailable(
        (code === undefined ? undefined : BROKEN[code]) ??
          `the connection broke${code === undefined ? '' : ` (${code})`}`,
        cause,
      );
    };
    sent.on('timeout', () => sent.destroy(unavailable(`it sent nothing for ${Math.ceil(idleMs / 1000)} seconds`)));
    sent.on('error', (cause) => reject(failure(cause)));
    sent.end(body);
  });
}

function typeOf(url: URL): string {
  return url.pathname.endsWith('.zip') ? 'application/octet-stream' : 'application/json';
}
