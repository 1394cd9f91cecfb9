/**
 * @file Every text that an answer of the contract can carry is known to hold sentences, which a door translates, or data,
 * which it leaves alone. A new field is in neither list, so that nobody forgets to say which.
 */
import { getEventIteratorSchemaDetails } from '@orpc/contract';
import { describe, expect, it } from 'vitest';
import type { $ZodCheck, $ZodType } from 'zod/v4/core';
import type * as core from 'zod/v4/core';
import { contract } from '../contract/api/index.ts';
import { isSentenceField } from './fields.ts';

/** Names, ids, paths, words of people and models, and what the page has words of its own for. */
const DATA = new Set(
  `a action adapter answer answerThen at attributionText author authors b base baseModel card cardSha256 children code columns
  cover createdAt creditLine creditUrl datasetId datasetName default device encoding endpoint evaluationId evidence
  example experimentId exportId family field file fileName first folder folderPath gainedItems handoffId hash hint home
  html hubEndpoint id ids image imageName instructions key label largest licence licenceUrl likeRun line locator lostItems model
  modelId modelName name names note of origin otherDatasetIds others outboundLicences parent path place prev probe
  prompt promptTemplate publicKeyPem question questions raw readAs revision reward rows rule runId runIds runName sampleId
  sampleIds schema second settings signer source sources split study submissionId systemPrompt table tables tags task
  testedOn text texts title token trainedOn trainedOnName tuned undoneBy url value version vocabulary wording
  words`.split(/\s+/),
);
/** Data in most answers, sentences in some; in the parts of the contract that are named it is data. */
const DATA_OF_PARTS: Readonly<Record<string, readonly string[]>> = {
  // The page has its own words for these phases.
  phase: ['runs', 'evaluations', 'experiments', 'exports', 'handoffs', 'rewards', 'playground', 'queue'],
  // What an answer should be, as a part of the page's own sentence.
  problem: ['labels'],
};

interface Text {
  name: string;
  procedure: readonly string[];
  path: string;
}

describe('a text of an answer', () => {
  const texts = [...textsOf(contract, [])];

  it('is found in objects, lists, choices and events', () => {
    const found = texts.map(({ procedure, path }) => `${procedure.join('.')}: ${path}`);
    expect(found).toEqual(
      expect.arrayContaining([
        'evaluations.explain: sentences',
        'datasets.balance: dimensions.sentence',
        'experiments.get: claims.explanation',
        'playground.caption: error',
      ]),
    );
  });

  it('is a sentence, which is translated, or data: a new field belongs into one of the two lists', () => {
    const unknown = texts.filter(
      ({ name, procedure }) =>
        !isSentenceField(name, procedure) &&
        !DATA.has(name) &&
        !procedure.some((part) => DATA_OF_PARTS[name]?.includes(part)),
    );
    expect(unknown.map(({ procedure, path }) => `${procedure.join('.')}: ${path}`)).toEqual([]);
  });

  it('that is data is there', () => {
    const names = new Set(texts.map(({ name }) => name));
    expect([...DATA, ...Object.keys(DATA_OF_PARTS)].filter((name) => !names.has(name))).toEqual([]);
  });
});

function* textsOf(node: object, procedure: readonly string[]): Generator<Text> {
  const definition = (node as { '~orpc'?: { outputSchema?: $ZodType } })['~orpc'];
  if (definition === undefined) {
    for (const [part, inner] of Object.entries(node)) yield* textsOf(inner as object, [...procedure, part]);
    return;
  }
  if (definition.outputSchema === undefined) return;
  const events = getEventIteratorSchemaDetails(definition.outputSchema as never);
  yield* textsIn((events?.yields as $ZodType | undefined) ?? definition.outputSchema, procedure, [], new Set());
}

function* textsIn(
  schema: $ZodType,
  procedure: readonly string[],
  path: readonly string[],
  open: ReadonlySet<$ZodType>,
): Generator<Text> {
  if (open.has(schema)) return;
  const within = new Set(open).add(schema);
  if (hasFormat(schema)) return;
  if (isText(schema)) yield { name: path.at(-1) ?? '', procedure, path: path.join('.') };
  for (const [name, inner] of partsOf(schema))
    yield* textsIn(inner, procedure, name === null ? path : [...path, name], within);
}

function isText(schema: $ZodType): boolean {
  return schema._zod.def.type === 'string';
}

/** A time, a hash or another form that is never prose. */
function hasFormat(schema: $ZodType): boolean {
  const { format, checks = [] } = schema._zod.def as core.$ZodTypeDef & { format?: string; checks?: $ZodCheck[] };
  return format !== undefined || checks.some((check) => check._zod.def.check === 'string_format');
}

/** What a schema is made of; with a name if it is a field. */
function partsOf(schema: $ZodType): [name: string | null, inner: $ZodType][] {
  const def = schema._zod.def as core.$ZodTypes['_zod']['def'];
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape);
    case 'array':
      return [[null, def.element]];
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return [[null, def.innerType]];
    case 'union':
      return def.options.map((option) => [null, option]);
    case 'record':
      return [[null, def.valueType]];
    case 'tuple':
      return def.items.map((item) => [null, item]);
    case 'pipe':
      return [[null, def.out]];
    case 'lazy':
      return [[null, def.getter()]];
    default:
      return [];
  }
}
