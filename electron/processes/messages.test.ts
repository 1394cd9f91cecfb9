/** @file Messages between processes are text that every Node reads, whatever its V8. */
import { expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from './messages.ts';

it('come back as they were, with their bytes', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  const message = { id: 1, args: ['ä\n\u2028', null, 1.5, { tones: bytes, deep: [bytes.subarray(3, 7)] }], on: true };
  expect(decodeMessage(encodeMessage(message))).toEqual(message);
});

it('carry bytes in every form that Node uses, as themselves or in a field', () => {
  const bytes = new Uint8Array([1, 2, 3]);
  for (const each of [bytes, Buffer.from(bytes), bytes.buffer]) {
    expect(decodeMessage(encodeMessage(each))).toEqual(bytes);
    expect(decodeMessage(encodeMessage({ each }))).toEqual({ each: bytes });
  }
});

it('carry text and nothing at all', () => {
  expect(decodeMessage(encodeMessage('{"json":1}'))).toBe('{"json":1}');
  expect(decodeMessage(encodeMessage(null))).toBeNull();
});

it('that would be longer than a string can be are refused in a sentence', () => {
  const message = { tones: new Uint8Array(2 ** 29) };
  expect(() => encodeMessage(message)).toThrow(
    expect.objectContaining({ code: 'BAD_INPUT', remedy: expect.any(String) as string }),
  );
});
