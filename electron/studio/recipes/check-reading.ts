/** @file Refuses options of the accuracy reward that mean nothing to its kind, or that the reference answers contradict. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { AccuracyParams, AnswerKind } from '../../contract/model/rewards.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import { unwrapReference } from '../../rewards/answer.ts';
import { descriptionText } from '../../rewards/descriptions.ts';
import { faultyPaths, readFields, readSchema } from '../../rewards/fields.ts';
import { honestCompletion } from '../../rewards/hack-probes.ts';
import { isPartlyRight } from '../../rewards/partial-grades.ts';
import { readTags, readVocabulary } from '../../rewards/tag-sets.ts';

type Answers = { datasetName: string; answers: readonly { answer: string }[] };

const WITH_TOLERANCE: readonly AnswerKind[] = ['auto', 'number', 'degrees', 'fields'];

/** @throws AtelierError BAD_INPUT for a vocabulary, schema or length that reference answers break */
export function checkReading(params: AccuracyParams, field: string, data: Answers): void {
  if (params.vocabulary !== undefined) checkVocabulary(params.vocabulary, field, data);
  if (params.schema !== undefined && params.schema !== '') checkSchema(params.schema, field, data);
  if (params.kind === 'description') checkDescriptions(params, field, data);
}

function checkVocabulary(text: string, field: string, { datasetName, answers }: Answers): void {
  const vocabulary = readVocabulary(text);
  if (vocabulary === null) {
    refuse(
      `${field}.vocabulary`,
      'The vocabulary has an empty tag, or names a tag twice.',
      'Write each tag once, separated by commas, with synonyms after "=": bird, dog = hound = puppy.',
    );
  }
  const unknown = answers.find(({ answer }) => readTags(unwrapReference(answer), vocabulary) === null);
  if (unknown === undefined) return;
  refuse(
    `${field}.vocabulary`,
    `The reference answer "${unknown.answer.slice(0, 60)}" in "${datasetName}" has a tag that is not in the vocabulary, or names one twice: it could never be right.`,
    'Add the tag to the vocabulary, or correct the answer.',
  );
}

function checkSchema(text: string, field: string, { datasetName, answers }: Answers): void {
  const schema = readSchema(text);
  if (typeof schema === 'string') {
    refuse(
      `${field}.schema`,
      `The schema cannot be used: ${schema}.`,
      'Write it as JSON, such as {"type":"object","properties":{"total":{"type":"number","tolerance":0.01}}}.',
    );
  }
  for (const { answer } of answers) {
    const value = readFields(unwrapReference(answer))?.value;
    const [place] = value === undefined ? [] : faultyPaths(value, schema);
    if (place === undefined) continue;
    refuse(
      `${field}.schema`,
      `The schema does not allow "${place}" in the reference answer "${answer.slice(0, 60)}" in "${datasetName}": it could never be right.`,
      'Correct the schema, or correct the answer.',
    );
  }
}

/** A text that does not name its own facts would be called wrong if a model wrote it. */
function checkDescriptions(params: AccuracyParams, field: string, { datasetName, answers }: Answers): void {
  const wrong = answers.find(({ answer }) => {
    const completion = honestCompletion(descriptionText(unwrapReference(answer)));
    return gradeAnswer({ ...params, completion, answer, task: 'other' }).verdict !== 'correct';
  });
  if (wrong === undefined) return;
  refuse(
    `${field}.kind`,
    `The description "${wrong.answer.slice(0, 60)}" in "${datasetName}" leaves out a fact that it must name, names a forbidden one, or is too long: it would be wrong by its own rules.`,
    'Correct the answer, or raise `longest`.',
  );
}

/** An option that the kind does not have; null if there is none. */
export function misplacedOption(params: AccuracyParams, kind: AnswerKind): string | null {
  const given = (name: keyof AccuracyParams): boolean =>
    params[name] !== undefined && params[name] !== false && params[name] !== 0;
  if (given('tolerance') && !WITH_TOLERANCE.includes(kind)) return 'tolerance';
  if (given('relativeTolerance') && !WITH_TOLERANCE.includes(kind)) return 'relativeTolerance';
  if (given('requireUnit') && kind !== 'number' && kind !== 'degrees') return 'requireUnit';
  if (given('caseSensitive') && kind !== 'text') return 'caseSensitive';
  if (given('partialCredit') && (!isPartlyRight(kind) || given('overlapAsReward'))) return 'partialCredit';
  if (params.vocabulary !== undefined && kind !== 'tags') return 'vocabulary';
  if (params.errorRate !== undefined && !(kind === 'transcript' && params.partialCredit === true)) return 'errorRate';
  if (params.normalise !== undefined && kind !== 'transcript' && kind !== 'fields') return 'normalise';
  if (params.schema !== undefined && kind !== 'fields') return 'schema';
  if (params.resemblance !== undefined && !(kind === 'description' && params.partialCredit === true)) {
    return 'resemblance';
  }
  if (params.longest !== undefined && kind !== 'description') return 'longest';
  if (given('iouThreshold') && kind !== 'box') return 'iouThreshold';
  if (given('overlapAsReward') && kind !== 'box') return 'overlapAsReward';
  return null;
}

export function refuse(field: string, message: string, remedy: string): never {
  throw new AtelierError('BAD_INPUT', message, { place: { field }, remedy });
}
