/**
 * @file The one place where failures become contract errors. Expected ones keep their code, place and remedy. Anything
 * else is a bug: it is logged and shown as INTERNAL, with the path of the log that has the details.
 */
import { ORPCError } from '@orpc/server';
import { ValidationError } from '@orpc/contract';
import type { Logger } from 'pino';
import { encodeError } from '../contract/errors/error-codec.ts';
import type { ErrorPlace } from '../contract/errors/errors.ts';
import { AtelierError, ErrorCode } from '../contract/errors/errors.ts';
import { issueWords, type Issue } from '../contract/errors/issue-words.ts';
import { fileError } from '../store/connection/store-errors.ts';

/** Where bugs are logged. */
export interface BugLog {
  logger: Logger;
  path: string;
}

/** Converts an error to the form in which it may cross a door. */
export function toContractError(error: unknown, log: BugLog, procedure: string): ORPCError<string, unknown> {
  if (error instanceof AtelierError) return encodeError(error);
  if (error instanceof ORPCError) {
    const known = error as ORPCError<string, unknown>;
    const invalid = invalidInput(known);
    if (invalid !== null) return encodeError(invalid);
    if (ErrorCode.safeParse(known.code).success) return known;
  }
  if (error instanceof Error && error.name === 'AbortError') {
    return encodeError(new AtelierError('CANCELLED', 'This was cancelled before it had finished.'));
  }
  const disk = diskFailure(error);
  if (disk !== null) return encodeError(disk);
  log.logger.error({ err: error, procedure }, 'a bug: an unexpected failure');
  const cause = error instanceof Error ? error.message : String(error);
  return encodeError(
    new AtelierError('INTERNAL', `Something went wrong inside Atelier (${procedure}): ${cause.slice(0, 500)}`, {
      place: { file: log.path },
      remedy: `The log ${log.path} tells more; please report it.`,
    }),
  );
}

/** Input that does not match its schema, with the first offending field. */
function invalidInput(error: ORPCError<string, unknown>): AtelierError | null {
  if (error.code !== 'BAD_REQUEST' || !(error.cause instanceof ValidationError)) return null;
  return inputError(error.cause.issues);
}

/** What a schema found wrong with an input, as one sentence about the first field. */
export function inputError(issues: readonly Issue[]): AtelierError {
  const [issue] = issues;
  const { field, wrong, remedy } = issueWords(issue ?? { message: 'it does not fit' });
  const place: ErrorPlace = field === '' ? {} : { field };
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return new AtelierError('BAD_INPUT', `${field === '' ? 'The input' : `"${field}"`} ${wrong}${more}.`, {
    place,
    remedy,
  });
}

/**
 * The failure of a disk, put into words: it is full, or does not let us. Null for anything else.
 * @param error of the file system or of SQLite
 */
export function diskFailure(error: unknown): AtelierError | null {
  if (typeof error !== 'object' || error === null) return null;
  const { path, dest } = error as { path?: unknown; dest?: unknown };
  const file = typeof dest === 'string' ? dest : typeof path === 'string' ? path : undefined;
  const said = fileError(error, file ?? 'a file');
  return said instanceof AtelierError ? said : null;
}
