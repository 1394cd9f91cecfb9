/**
 * @file Entry of the picture process. Decoders of foreign files run here, where a crash or a hang costs one picture, and
 * where libvips shares no libraries with a browser.
 */
import { encodeError } from '../contract/errors/error-codec.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import { findParent } from '../processes/parent.ts';
import type { PictureReply, PictureRequest } from './picture-process.ts';
import { pictureWork } from './work.ts';

const parent = findParent();

function send(reply: PictureReply): void {
  parent?.send(reply);
}

async function answer({ id, op, args }: PictureRequest): Promise<void> {
  try {
    const work = pictureWork[op] as (...given: unknown[]) => Promise<unknown>;
    // A field that is undefined would not cross, and the reply would be none.
    send({ id, value: (await work(...args)) ?? null });
  } catch (error) {
    const known =
      error instanceof AtelierError
        ? error
        : new AtelierError('INTERNAL', error instanceof Error ? error.message : String(error));
    const { code, message, data } = encodeError(known);
    send({ id, error: { code, message, data } });
  }
}

// Ctrl-C in a terminal reaches the whole process group; the studio ends this process itself.
process.on('SIGINT', () => undefined);
parent?.onMessage((request) => void answer(request as PictureRequest));
send({ ready: true });
