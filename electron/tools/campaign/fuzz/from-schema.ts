/** @file Inputs made from a zod schema: most fit it, and some have one hostile value where another belongs. */
import fc from 'fast-check';
import type { z } from 'zod';

const DEPTH = 6;

/** Values that belong nowhere. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({ maxDepth: 2 }),
  fc.constantFrom(
    null,
    undefined,
    [],
    {},
    '',
    'constructor',
    '__proto__',
    -1,
    1e308,
    NaN,
    2 ** 53,
    true,
    '\0',
    '../..',
  ),
);

type Definition = Record<string, unknown> & { type: string };

/** `texts` are used for strings now and then, such as ids that exist. */
export function fromSchema(schema: z.ZodType, texts: readonly string[]): fc.Arbitrary<unknown> {
  const sound = soundValue(schema, texts, DEPTH);
  return fc.oneof({ weight: 3, arbitrary: sound }, { weight: 2, arbitrary: withOneHostile(sound) }, hostile);
}

function withOneHostile(sound: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(sound, fc.nat(), hostile).map(([value, pick, bad]) => {
    if (typeof value !== 'object' || value === null) return bad;
    const keys = Object.keys(value);
    const key = keys[pick % Math.max(1, keys.length)];
    return key === undefined ? bad : { ...value, [key]: bad };
  });
}

function soundValue(schema: z.ZodType, texts: readonly string[], depth: number): fc.Arbitrary<unknown> {
  const definition = schema._zod.def as unknown as Definition;
  const inner = (name: string): fc.Arbitrary<unknown> => soundValue(definition[name] as z.ZodType, texts, depth - 1);
  if (depth === 0) return hostile;
  switch (definition.type) {
    case 'string':
      return fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom('a', ...texts));
    case 'number':
      return fc.oneof(fc.integer({ min: 0, max: 20 }), fc.double({ noNaN: true }), fc.constantFrom(-1, 0, 1, 1e9));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'literal':
      return fc.constantFrom(...(definition['values'] as unknown[]));
    case 'enum':
      return fc.constantFrom(...Object.values(definition['entries'] as Record<string, unknown>));
    case 'array':
      return fc.array(inner('element'), { maxLength: 3 });
    case 'tuple':
      return fc.tuple(...(definition['items'] as z.ZodType[]).map((item) => soundValue(item, texts, depth - 1)));
    case 'object': {
      const shape = definition['shape'] as Record<string, z.ZodType>;
      const fields = Object.entries(shape).map(([key, field]) => [key, soundValue(field, texts, depth - 1)] as const);
      const required = Object.keys(shape).filter((key) => shape[key]?.safeParse(undefined).success !== true);
      return fc.record(Object.fromEntries(fields), { requiredKeys: required });
    }
    case 'record':
      return fc.dictionary(fc.string({ maxLength: 8 }), inner('valueType'), { maxKeys: 3 });
    case 'union':
      return fc.oneof(...(definition['options'] as z.ZodType[]).map((option) => soundValue(option, texts, depth - 1)));
    case 'optional':
    case 'default':
    case 'prefault':
      return fc.option(inner('innerType'), { nil: undefined });
    case 'nullable':
      return fc.option(inner('innerType'), { nil: null });
    case 'readonly':
    case 'nonoptional':
    case 'catch':
      return inner('innerType');
    case 'pipe':
      return inner('in');
    case 'lazy':
      return soundValue((definition['getter'] as () => z.ZodType)(), texts, depth - 1);
    default:
      return hostile;
  }
}
