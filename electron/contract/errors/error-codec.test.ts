/** @file An error that crosses a boundary arrives as the same error. */
import { describe, expect, it } from 'vitest';
import { decodeError, encodeError, ERROR_MAP } from './error-codec.ts';
import { AtelierError, ErrorCode, EXIT_STATUS } from './errors.ts';

/** What survives of an object sent over a message port or socket. */
function crossed(error: unknown): unknown {
  const { code, message, data, status } = error as Record<string, unknown>;
  return JSON.parse(JSON.stringify({ defined: true, code, message, data, status })) as unknown;
}

describe('an error that crosses a boundary', () => {
  it.each(ErrorCode.options)('%s keeps code, sentence, place and remedy', (code) => {
    const error = new AtelierError(code, 'The row has no image.', {
      place: { file: 'table.csv', row: 3, field: 'image' },
      remedy: 'Name an image.',
      cause: new Error('secret'),
    });
    const arrived = crossed(encodeError(error));
    expect(JSON.stringify(arrived)).not.toContain('secret');
    expect(arrived).toMatchObject({ status: ERROR_MAP[code].status });
    const { message, place, remedy } = error;
    expect(decodeError(arrived)).toMatchObject({ code, message, place, remedy });
  });

  it('needs neither place nor remedy', () => {
    const error = decodeError(crossed(encodeError(new AtelierError('CANCELLED', 'Cancelled.'))));
    expect(error).toMatchObject({ code: 'CANCELLED', message: 'Cancelled.', place: {} });
    expect(error?.remedy).toBeUndefined();
  });

  it('stays the same object where nothing was crossed', () => {
    const error = new AtelierError('CONFLICT', 'Twice.');
    expect(decodeError(error)).toBe(error);
  });

  it.each([[null], ['a text'], [new Error('a bug')], [{ code: 'ENOENT', message: 'no file' }], [{ code: 7 }]])(
    'is not made out of %o',
    (other) => {
      expect(decodeError(other)).toBeNull();
    },
  );
});

it('every code has an exit status of its own', () => {
  const statuses = ErrorCode.options.map((code) => EXIT_STATUS[code]);
  expect(new Set(statuses).size).toBe(statuses.length);
});
