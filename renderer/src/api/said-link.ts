/** @file A link whose answers, events and errors speak the language of the page. */
import type { ClientContext, ClientLink } from '@orpc/client';
import { decodeError, encodeError } from '../../../electron/contract/errors/error-codec.ts';
import { AtelierError } from '../../../electron/contract/errors/errors.ts';
import { said, saidAnswer } from '../messages/said.ts';

type Link = ClientLink<ClientContext>;

export function saidLink(link: Link): Link {
  return {
    async call(path, input, options) {
      try {
        const answer: unknown = await link.call(path, input, options);
        return isStream(answer) ? saidEvents(answer, path) : saidAnswer(answer, path);
      } catch (error) {
        throw saidError(error);
      }
    },
  };
}

function saidEvents(events: AsyncIterator<unknown>, path: readonly string[]): AsyncIterableIterator<unknown> {
  return {
    async next() {
      try {
        const event = await events.next();
        return event.done === true ? event : { done: false, value: saidAnswer(event.value, path) };
      } catch (error) {
        throw saidError(error);
      }
    },
    async return(value: unknown) {
      await events.return?.();
      return { done: true, value };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Anything but an error of the contract stays as it is. */
function saidError(error: unknown): unknown {
  const known = decodeError(error);
  if (known === null) return error;
  const { code, message, place, remedy } = known;
  return encodeError(
    new AtelierError(code, said(message), {
      place,
      ...(remedy === undefined ? {} : { remedy: said(remedy) }),
      cause: error,
    }),
  );
}

function isStream(answer: unknown): answer is AsyncIterator<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer && 'next' in answer;
}
