/**
 * @file Every procedure of the contract refuses input that does not fit, in words: a field, what is wrong with it, and
 * what to do. The inputs are generated; the seed is fixed, so a failure can be repeated.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { issueWords } from '../errors/issue-words.ts';
import { contract } from './index.ts';

/** Words of the libraries and of the code, which help nobody. */
const INTERNAL =
  /undefined|\[object |nonoptional|Cannot read|is not a function|Invalid input|expected |received|regex|NaN|\bzod\b/;

interface Procedure {
  name: string;
  input: z.ZodType;
}

function procedures(node: unknown, path: string[] = []): Procedure[] {
  if (typeof node !== 'object' || node === null) return [];
  const definition = (node as { '~orpc'?: { inputSchema?: z.ZodType } })['~orpc'];
  if (definition !== undefined)
    return definition.inputSchema === undefined ? [] : [{ name: path.join('.'), input: definition.inputSchema }];
  return Object.entries(node).flatMap(([key, value]) => procedures(value, [...path, key]));
}

const hostile = fc.oneof(
  fc.anything({ withNullPrototype: true, maxDepth: 3 }),
  fc.constantFrom(null, undefined, [], {}, [null], '', 'constructor', -1, 1e308, NaN, true, { __proto__: null }),
);

/** Objects with the procedure's own fields, each of them hostile. */
function inputsOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  const { shape } = schema as unknown as { shape?: Record<string, unknown> };
  if (shape === undefined) return hostile;
  const fields = Object.fromEntries(Object.keys(shape).map((key) => [key, hostile]));
  return fc.oneof(hostile, fc.record(fields, { requiredKeys: [] }));
}

describe('input that does not fit', () => {
  const all = procedures(contract);

  it('is generated for every procedure', () => expect(all.length).toBeGreaterThan(40));

  it.each(all)('is refused in words: $name', ({ input }) => {
    fc.assert(
      fc.property(inputsOf(input), (value) => {
        const parsed = input.safeParse(value);
        for (const issue of parsed.error?.issues ?? []) {
          const { wrong, remedy } = issueWords(issue);
          expect(wrong).not.toMatch(INTERNAL);
          expect(remedy).not.toMatch(INTERNAL);
        }
      }),
      { seed: 22, numRuns: 100 },
    );
  });
});
