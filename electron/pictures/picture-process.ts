/**
 * @file The studio's end of the picture process. It starts at the first picture. If it crashes or hangs, a fresh one
 * takes over: the pictures in its hands are tried again one at a time, so that only the one at fault is refused.
 */
import { decodeError } from '../contract/errors/error-codec.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import { unreadableImage } from '../formats/unreadable-image.ts';
import type { Child, ChildExit, SpawnChild } from '../processes/child.ts';
import type { Pictures, PictureWork } from './pictures.ts';

export type PictureRequest = { id: number; op: keyof PictureWork; args: unknown[] };
export type PictureReply =
  | { id: number; value: unknown }
  | { id: number; error: unknown }
  /** Sent once, when the process has loaded its decoders. */
  | { ready: true };

export interface PictureProcessOptions {
  spawn: SpawnChild;
  env?: NodeJS.ProcessEnv;
  /** What the process prints: messages of its decoders. */
  onOutput?: (text: string) => void;
  /** The longest that one picture may take. */
  limitMs?: number;
}

/** Decoding 64 megapixels takes a few seconds; a slow disk, a few more. */
const LIMIT_MS = 60_000;
/** A process without work is ended after this time; the next picture starts another. */
const IDLE_MS = 30_000;
/** Each decoder holds a whole picture. */
const AT_ONCE = 4;

interface Asked extends PictureRequest {
  name: string;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  timer?: NodeJS.Timeout;
  /** It was in the process's hands when that ended, so it is tried again by itself. */
  isSuspect: boolean;
}

/** Pictures read by a child process. */
export function openPictureProcess(options: PictureProcessOptions): Pictures {
  const limitMs = options.limitMs ?? LIMIT_MS;
  const waiting: Asked[] = [];
  const inHand = new Map<number, Asked>();
  let child: Child | null = null;
  let exited: Promise<unknown> = Promise.resolve();
  let lastId = 0;
  let isReady = false;
  let lastOutput = '';
  let idle: NodeJS.Timeout | undefined;

  function start(): Child {
    isReady = false;
    lastOutput = '';
    const started = options.spawn({ env: options.env ?? process.env });
    exited = new Promise((resolve) =>
      started.onExit((exit) => {
        if (child === started) lost(exit);
        resolve(exit);
      }),
    );
    started.onOutput((text) => {
      lastOutput = text;
      options.onOutput?.(text);
    });
    started.onMessage((message) => settle(message as PictureReply));
    return started;
  }

  function settle(reply: PictureReply): void {
    if ('ready' in reply) {
      isReady = true;
      return;
    }
    const asked = inHand.get(reply.id);
    if (asked === undefined) return;
    release(asked);
    if ('value' in reply) asked.resolve(reply.value);
    else asked.reject(decodeError(reply.error) ?? new Error('The picture process gave an answer that is not one.'));
    next();
  }

  function release(asked: Asked): void {
    clearTimeout(asked.timer);
    inHand.delete(asked.id);
  }

  /** The process has ended by itself. A picture that was alone in it is at fault; of several, each gets a second try. */
  function lost({ code, signal }: ChildExit): void {
    child = null;
    const held = [...inHand.values()];
    for (const asked of held) release(asked);
    const [only] = held;
    const how = signal === null ? `exit status ${String(code)}` : `signal ${signal}`;
    if (!isReady) {
      for (const asked of [...held, ...waiting.splice(0)]) asked.reject(notStarted(how, lastOutput));
      return;
    }
    if (held.length === 1 && only !== undefined)
      only.reject(unreadableImage(only.name, `its decoder ended with ${how}`));
    else waiting.unshift(...held.map((asked) => ({ ...asked, isSuspect: true })));
    next();
  }

  function tooSlow(asked: Asked): void {
    release(asked);
    asked.reject(unreadableImage(asked.name, `it took longer than ${String(Math.round(limitMs / 1000))} seconds`));
    const held = [...inHand.values()];
    for (const each of held) release(each);
    waiting.unshift(...held);
    const hung = child;
    child = null;
    hung?.kill();
    next();
  }

  function endIfIdle(): void {
    if (waiting.length > 0 || inHand.size > 0) return;
    const unused = child;
    child = null;
    unused?.kill();
  }

  function next(): void {
    clearTimeout(idle);
    idle = setTimeout(endIfIdle, IDLE_MS).unref();
    while (waiting.length > 0 && inHand.size < AT_ONCE) {
      const alone = waiting[0]?.isSuspect === true || [...inHand.values()].some(({ isSuspect }) => isSuspect);
      if (alone && inHand.size > 0) return;
      const asked = waiting.shift();
      if (asked === undefined) return;
      inHand.set(asked.id, asked);
      asked.timer = setTimeout(() => tooSlow(asked), limitMs);
      child ??= start();
      try {
        child.postMessage({ id: asked.id, op: asked.op, args: asked.args } satisfies PictureRequest);
      } catch (error) {
        // The picture does not fit into a message. The others are not affected.
        release(asked);
        asked.reject(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  function ask<T>(name: string, op: keyof PictureWork, ...args: unknown[]): Promise<T> {
    return new Promise((resolve, reject) => {
      lastId += 1;
      waiting.push({
        id: lastId,
        op,
        args,
        name,
        resolve: resolve as (value: unknown) => void,
        reject,
        isSuspect: false,
      });
      next();
    });
  }

  return {
    examine: (source, name) => ask(name, 'examine', source, name),
    thumbnail: (picture, size) => ask(picture.path, 'thumbnail', picture, size),
    seen: (picture, limits) => ask(picture.path, 'seen', picture, limits),
    veiled: (picture, veil) => ask(picture.path, 'veiled', picture, veil),
    drawExample: (task, artFolder, folder) => ask(`The example "${task}"`, 'drawExample', task, artFolder, folder),
    decoder: () => ask('The image decoder', 'decoder'),
    redrawn: (picture) => ask(picture.path, 'redrawn', picture),
    close: async () => {
      clearTimeout(idle);
      for (const asked of [...waiting.splice(0), ...inHand.values()]) {
        release(asked);
        asked.reject(new AtelierError('CANCELLED', 'Atelier was closed before the picture was read.'));
      }
      const open = child;
      child = null;
      if (open === null) return;
      open.kill();
      await exited;
    },
  };
}

/** No picture is at fault if the process never came up. */
function notStarted(how: string, output: string): AtelierError {
  const [line = ''] = output.trim().split('\n').slice(-1);
  return new AtelierError(
    'ENGINE_UNAVAILABLE',
    `The process that reads pictures could not start (${how}).${line === '' ? '' : ` It said: ${line.slice(0, 300)}`}`,
    { remedy: 'Run `atelier doctor`; `npm run setup` builds what is missing.' },
  );
}
