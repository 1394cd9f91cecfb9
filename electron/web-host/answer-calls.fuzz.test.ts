/** @file Every message that cannot be read gets an answer, and however many there are, one line about them is logged. */
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { StudioRouter } from '../studio/router.ts';
import { answerCalls } from './answer-calls.ts';

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>('/runs/list', '/__proto__/get', '/constructor', 'a', -1, 1e308, null, [], {}, { a: 1 }),
);
const message = fc.oneof(
  fc.string(),
  fc.uint8Array({ maxLength: 40 }),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc
    .record(
      {
        i: fc.oneof(fc.string(), fc.integer(), odd),
        // 4 gives a call up, which needs no answer.
        t: fc.oneof(fc.constantFrom(1, 2, 3, 5), odd).filter((type) => type !== 4),
        p: fc.oneof(fc.record({ u: odd, b: odd, h: odd, m: odd }, { requiredKeys: [] }), odd),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
);

it('2,500 malformed messages are each answered, and write nothing but one line', { timeout: 120_000 }, async () => {
  const warn = vi.fn();
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const errors = vi.spyOn(console, 'error').mockReturnValue();
  const calls = answerCalls({} as StudioRouter, { warn });
  let answers = 0;
  const caller = { send: () => void (answers += 1) };
  try {
    await fc.assert(
      fc.asyncProperty(message, async (data) => {
        const before = answers;
        await calls.message(caller, data);
        await vi.waitFor(() => expect(answers).toBeGreaterThan(before), { interval: 1 });
      }),
      { seed: 22, numRuns: 2500 },
    );
    expect(warn).toHaveBeenCalledTimes(1);
    expect(errors).not.toHaveBeenCalled();
    expect(written).not.toHaveBeenCalled();
  } finally {
    written.mockRestore();
    errors.mockRestore();
    calls.close(caller);
  }
});
