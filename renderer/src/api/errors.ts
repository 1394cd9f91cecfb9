/** @file Errors, in the studio's own words. */
import { ORPCError } from '@orpc/client';
import { decodeError } from '../../../electron/contract/errors/error-codec.ts';
import type { ErrorPlace } from '../../../electron/contract/errors/errors.ts';
import { messages } from '../messages/index.ts';

/** A failure as a screen shows it: a sentence, the place, and what to do. */
export type Trouble = {
  code: string;
  message: string;
  place: string | undefined;
  remedy: string | undefined;
  /** True if trying again may help: the connection failed, not the request. */
  connection: boolean;
};

/** Turns anything a call throws into a readable message. */
export function troubleOf(error: unknown): Trouble {
  const known = decodeError(error);
  if (known !== null) {
    const { code, message, place, remedy } = known;
    return { code, message, place: describePlace(place), remedy, connection: false };
  }
  if (error instanceof ORPCError) {
    const { code, message, data } = error as ORPCError<string, unknown>;
    return { code, message: issuesOf(data) ?? message, place: undefined, remedy: undefined, connection: false };
  }
  return {
    code: 'CONNECTION',
    message: messages.errors.noConnection,
    place: undefined,
    remedy: messages.errors.noConnectionRemedy,
    connection: true,
  };
}

function describePlace(place: ErrorPlace): string | undefined {
  const parts = [
    place.file,
    place.row === undefined ? undefined : messages.errors.row(place.row),
    place.field === undefined ? undefined : messages.errors.field(place.field),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' · ');
}

/** If the contract rejects the input, the error holds the schema issues. */
function issuesOf(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('issues' in data) || !Array.isArray(data.issues)) return undefined;
  const lines = data.issues.flatMap((issue: unknown) => {
    if (typeof issue !== 'object' || issue === null || !('message' in issue)) return [];
    const path = 'path' in issue && Array.isArray(issue.path) ? issue.path.join('.') : '';
    return [`${path === '' ? '' : `${path}: `}${String(issue.message)}`];
  });
  return lines.length === 0 ? undefined : lines.join(' · ');
}
