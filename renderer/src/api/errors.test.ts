/** @file The message you see when a call fails. */
import { ORPCError } from '@orpc/client';
import { describe, expect, it } from 'vitest';
import { troubleOf } from './errors.ts';

describe('troubleOf', () => {
  it('keeps the sentence, the place and the remedy of an expected failure', () => {
    const error = new ORPCError('BAD_INPUT', {
      message: 'The image cannot be read.',
      data: { place: { file: 'a.png', row: 3, field: 'image' }, remedy: 'Save it again as PNG.' },
    });
    expect(troubleOf(error)).toEqual({
      code: 'BAD_INPUT',
      message: 'The image cannot be read.',
      place: 'a.png · row 3 · field “image”',
      remedy: 'Save it again as PNG.',
      connection: false,
    });
  });

  it('spells out what the contract refuses', () => {
    const error = new ORPCError('BAD_REQUEST', {
      message: 'Input validation failed',
      data: { issues: [{ path: ['path'], message: 'Too small' }] },
    });
    expect(troubleOf(error).message).toBe('path: Too small');
  });

  it('takes everything else for a lost connection', () => {
    expect(troubleOf(new Error('AbortError: [AsyncIdQueue]')).connection).toBe(true);
  });
});
