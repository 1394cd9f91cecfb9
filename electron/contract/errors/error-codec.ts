/**
 * @file How an error crosses a boundary: the process link, the doors, and back. Only plain data gets across, so an
 * AtelierError is encoded as an oRPC error and decoded again. Every boundary uses these two functions.
 */
import { ORPCError } from '@orpc/contract';
import { AtelierError, ErrorCode, ErrorData } from './errors.ts';

/** Every code with its HTTP status and payload, in the form a contract declares its errors. */
export const ERROR_MAP = {
  BAD_INPUT: { status: 422, data: ErrorData },
  NOT_FOUND: { status: 404, data: ErrorData },
  CONFLICT: { status: 409, data: ErrorData },
  ENGINE_LOST: { status: 503, data: ErrorData },
  ENGINE_UNAVAILABLE: { status: 503, data: ErrorData },
  OUT_OF_MEMORY: { status: 507, data: ErrorData },
  DISK_FULL: { status: 507, data: ErrorData },
  HUB_UNAVAILABLE: { status: 502, data: ErrorData },
  CLUSTER_UNAVAILABLE: { status: 502, data: ErrorData },
  VERIFICATION_FAILED: { status: 422, data: ErrorData },
  CANCELLED: { status: 499, data: ErrorData },
  INTERNAL: { status: 500, data: ErrorData },
} as const satisfies Record<ErrorCode, { status: number; data: typeof ErrorData }>;

/** The error as sent across a boundary: code, sentence, place and remedy. The cause is not sent. */
export function encodeError(error: AtelierError): ORPCError<ErrorCode, ErrorData> {
  return new ORPCError(error.code, {
    status: ERROR_MAP[error.code].status,
    message: error.message,
    data: { place: error.place, ...(error.remedy === undefined ? {} : { remedy: error.remedy }) },
    cause: error,
  });
}

/** The AtelierError that `error` was before it crossed a boundary; null if it was something else. */
export function decodeError(error: unknown): AtelierError | null {
  if (error instanceof AtelierError) return error;
  if (typeof error !== 'object' || error === null) return null;
  const { code, message, data } = error as { code?: unknown; message?: unknown; data?: unknown };
  const known = ErrorCode.safeParse(code);
  if (!known.success) return null;
  const details = ErrorData.safeParse(data);
  return new AtelierError(known.data, String(message), {
    ...(details.success ? { place: details.data.place } : {}),
    ...(details.success && details.data.remedy !== undefined ? { remedy: details.data.remedy } : {}),
    cause: error,
  });
}
