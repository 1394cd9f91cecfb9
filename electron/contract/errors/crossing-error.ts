/** @file Recognises our own errors after they crossed a door or the engine's link, where only data arrives. */
import { AtelierError, ErrorCode, ErrorData } from './errors.ts';

/** The AtelierError that `error` was before it crossed; null where it was none. */
export function crossedError(error: unknown): AtelierError | null {
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
