/**
 * @file The door to a hub: the only code in Atelier that connects to one, and only while a person waits for a model
 * (`electron/tools/structure/network-doors.test.ts`). It speaks to one endpoint, follows a few
 * redirects, shows the token to that endpoint alone, and bounds how long and how large an answer may be.
 */
import { AtelierError } from '../../../contract/errors/errors.ts';
import { oddAnswer, readHubJson } from './answers.ts';
import { isLoopback } from './endpoint.ts';

/** Far more than the description of a model, or a page of its files, ever has. */
const MOST_ANSWER_BYTES = 8 * 1024 * 1024;
const MOST_REDIRECTS = 5;
/** Pages of a listing, and everything else that is asked about one model. */
const MOST_ANSWERS = 20;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface HubDoorOptions {
  endpoint: URL;
  /** Sent to the endpoint and to no other host. */
  token?: string | undefined;
  /** A connection that sends nothing for this long counts as broken. */
  idleMs?: number | undefined;
  signal?: AbortSignal | undefined;
  fetch?: typeof fetch;
}

export interface OpenedFile {
  /** Where in the file the bytes begin: 0 if the hub does not continue where it was asked to. */
  start: number;
  /** Size of the whole file as this answer states it; null = not stated. */
  totalBytes: number | null;
  bytes: AsyncIterable<Uint8Array>;
}

export interface HubDoor {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** For `@huggingface/hub`: JSON from the endpoint itself, complete and bounded. */
  readonly answer: typeof fetch;
  /** Opens a file of the endpoint at a byte. The connection ends when the bytes are no longer read. */
  open(path: string, start: number): Promise<OpenedFile>;
}

/** A failure that may pass by itself: a broken connection, or a hub that is busy. */
export class PassingFailure extends AtelierError {
  /** How long the hub asks to be left alone. */
  readonly waitMs: number | undefined;

  constructor(message: string, options: { waitMs?: number | undefined; remedy?: string; cause?: unknown } = {}) {
    const { waitMs, remedy = 'Check the connection and try again. What has arrived is kept.', cause } = options;
    super('HUB_UNAVAILABLE', message, { remedy, cause });
    this.waitMs = waitMs;
  }
}

export function openHubDoor(options: HubDoorOptions): HubDoor {
  const { endpoint: base, token, idleMs = 60_000, signal } = options;
  const send = options.fetch ?? globalThis.fetch;
  const endpoint = base.href.replace(/\/+$/, '');
  const { host } = base;
  let answers = 0;

  /** One request, with its redirects. Refuses what is not a success with a sentence that says what to do. */
  async function request(url: URL, headers: Record<string, string>, own: AbortSignal): Promise<Response> {
    let at = url;
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      mustBeAllowed(at);
      const withToken = token !== undefined && at.origin === base.origin;
      const response = await send(at, {
        redirect: 'manual',
        signal: own,
        headers: { ...headers, ...(withToken ? { authorization: `Bearer ${token}` } : {}) },
      });
      const to = response.headers.get('location');
      if (!REDIRECTS.has(response.status) || to === null) {
        if (response.ok) return response;
        await leave(response);
        throw refusal(response, url);
      }
      await leave(response);
      at = parsed(to, at);
    }
    throw oddAnswer(endpoint, `it redirects more than ${MOST_REDIRECTS} times`);
  }

  function parsed(location: string, from: URL): URL {
    try {
      return new URL(location, from);
    } catch (cause) {
      throw oddAnswer(endpoint, 'it redirects to something that is no address', cause);
    }
  }

  /** Files of a hub mostly lie on other hosts. None of them may be reached in the clear, or be this machine. */
  function mustBeAllowed(url: URL): void {
    const isOwn = url.origin === base.origin;
    const isLocalHub = isLoopback(base.hostname);
    const allowed = isOwn || (isLocalHub ? isLoopback(url.hostname) : url.protocol === 'https:' && !isAddress(url));
    if (allowed && url.username === '' && url.password === '') return;
    throw oddAnswer(endpoint, `it leads to ${url.protocol}//${url.host}, which Atelier does not follow`);
  }

  function refusal(response: Response, url: URL): AtelierError {
    const name = nameIn(url, base);
    const code = response.headers.get('x-error-code') ?? '';
    const { status } = response;
    const options = { place: { field: 'name' } };
    const page = `${endpoint}/${name}`;
    if (code === 'GatedRepo' || status === 403) {
      return new AtelierError('NOT_FOUND', `${name} is gated: its owner asks you to accept terms first.`, {
        ...options,
        remedy: `Accept the terms on ${page}, make a token that may read, and start Atelier with it in HF_TOKEN.`,
      });
    }
    if (code === 'RevisionNotFound')
      return new AtelierError('NOT_FOUND', `${name} has no such revision.`, { place: { field: 'revision' } });
    if (status === 401) {
      const why = token === undefined ? 'without a token' : 'with the token in HF_TOKEN';
      return new AtelierError('NOT_FOUND', `The hub does not show ${name} ${why}.`, {
        ...options,
        remedy: `Check the name on ${page}. If the model is gated or private, accept its terms there, and start Atelier with a token that may read it in HF_TOKEN.`,
      });
    }
    if (status === 404 || status === 410) {
      return new AtelierError(
        'NOT_FOUND',
        `The hub ${endpoint} has no ${name}, or no longer the file that was asked for.`,
        {
          ...options,
          remedy: 'Check the name and the revision on the page of the model.',
        },
      );
    }
    if (status === 429) {
      const waitMs = secondsOf(response.headers.get('retry-after'));
      return new PassingFailure(`The hub ${endpoint} answers that it is asked too often (429).`, {
        waitMs,
        remedy: 'Wait a few minutes and try again. What has arrived is kept.',
      });
    }
    if (status >= 500) return new PassingFailure(`The hub ${endpoint} fails at the moment (status ${status}).`);
    return oddAnswer(endpoint, `its status is ${status}`);
  }

  /** What failed, in words. A cancelled request says so. */
  function failure(cause: unknown): unknown {
    if (signal?.aborted === true) return new AtelierError('CANCELLED', 'The request to the hub was stopped.');
    if (cause instanceof AtelierError) return cause;
    if (cause instanceof DOMException && (cause.name === 'AbortError' || cause.name === 'TimeoutError'))
      return new PassingFailure(`The hub ${host} sent nothing for ${Math.ceil(idleMs / 1000)} seconds.`, { cause });
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    const system = (inner as NodeJS.ErrnoException | null)?.code;
    const why =
      system === 'ENOTFOUND' || system === 'EAI_AGAIN'
        ? 'there is no host of that name, or no network'
        : system === 'ECONNREFUSED'
          ? 'nothing answers there'
          : (system ?? 'the connection broke');
    return new PassingFailure(`The hub ${host} cannot be reached: ${why}.`, { cause });
  }

  /** Aborts what hangs. `touch` says that something arrived. */
  function watchdog(): { own: AbortSignal; touch: () => void; end: () => void } {
    const silent = new AbortController();
    let timer = setTimeout(() => silent.abort(new DOMException('idle', 'TimeoutError')), idleMs);
    timer.unref();
    const own = signal === undefined ? silent.signal : AbortSignal.any([signal, silent.signal]);
    const touch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(new DOMException('idle', 'TimeoutError')), idleMs);
      timer.unref();
    };
    return { own, touch, end: () => clearTimeout(timer) };
  }

  async function answer(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    // Never touched: an answer that trickles is as bad as none.
    const { own, end } = watchdog();
    try {
      answers += 1;
      if (answers > MOST_ANSWERS) throw oddAnswer(endpoint, 'its listing does not end');
      const url = parsed(input instanceof Request ? input.url : String(input), base);
      if (url.origin !== base.origin) throw oddAnswer(endpoint, 'its listing continues on another host');
      const given = Object.fromEntries(new Headers(init?.headers));
      const response = await request(url, { ...given, accept: 'application/json' }, own);
      const text = await textOf(response);
      readHubJson(text, endpoint);
      const link = response.headers.get('link');
      return new Response(text, {
        headers: { 'content-type': 'application/json', ...(link === null ? {} : { link }) },
      });
    } catch (cause) {
      throw failure(cause);
    } finally {
      end();
    }
  }

  async function textOf(response: Response): Promise<string> {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of bodyOf(response)) {
      length += piece.length;
      if (length > MOST_ANSWER_BYTES) throw oddAnswer(endpoint, `it is longer than ${MOST_ANSWER_BYTES / 2 ** 20} MiB`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString('utf8');
  }

  async function open(path: string, start: number): Promise<OpenedFile> {
    const { own, touch, end } = watchdog();
    try {
      const url = new URL(`${endpoint}/${path}`);
      // Packed bytes could be continued nowhere.
      const headers = { 'accept-encoding': 'identity', ...(start > 0 ? { range: `bytes=${start}-` } : {}) };
      const response = await request(url, headers, own);
      const range = /^bytes (\d+)-\d*\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
      if (response.status === 206 && Number(range?.[1]) !== start) {
        await leave(response);
        throw oddAnswer(endpoint, 'it sends another part of the file than was asked for');
      }
      const length = response.headers.get('content-length');
      const total = response.status === 206 ? range?.[2] : length;
      async function* bytes(): AsyncGenerator<Uint8Array> {
        try {
          for await (const piece of bodyOf(response)) {
            touch();
            yield piece;
          }
        } catch (cause) {
          throw failure(cause);
        } finally {
          end();
        }
      }
      return {
        start: response.status === 206 ? start : 0,
        totalBytes: !/^\d+$/.test(total ?? '') ? null : Number(total),
        bytes: bytes(),
      };
    } catch (cause) {
      end();
      throw failure(cause);
    }
  }

  return { endpoint, answer, open };
}

/** Iterating cancels the connection when the reader leaves. */
function bodyOf(response: Response): AsyncIterable<Uint8Array> {
  return (response.body ?? []) as unknown as AsyncIterable<Uint8Array>;
}

async function leave(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

/** `OWNER/NAME` in an address of the hub. */
function nameIn(url: URL, base: URL): string {
  const path = url.pathname.slice(base.pathname.replace(/\/+$/, '').length);
  return /^\/(?:api\/models\/)?([^/]+\/[^/]+)/.exec(path)?.[1] ?? 'the model';
}

/** Whether a host is a number rather than a name, or this machine. No public hub sends anyone there. */
function isAddress({ hostname }: URL): boolean {
  return isLoopback(hostname) || hostname.startsWith('[') || /^[\d.]+$/.test(hostname);
}

function secondsOf(header: string | null): number | undefined {
  const seconds = Number(header ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
