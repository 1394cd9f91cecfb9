/** @file The error for a picture that no decoder reads to its end, whoever finds out. Loads no decoder. */
import { AtelierError } from '../contract/errors/errors.ts';

/** @param why what was found, in a few words without a full stop */
export function unreadableImage(name: string, why: string, cause?: unknown): AtelierError {
  return new AtelierError('BAD_INPUT', `${name} is not a complete, readable image (${why}).`, {
    place: { file: name },
    remedy: 'Open it in an image editor and save it as PNG, JPEG or WebP, or leave it out.',
    cause,
  });
}
