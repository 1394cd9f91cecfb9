/**
 * @file Which fields of the contract hold sentences for people. The collector (tools/languages) reads what is given for
 * them, and a door translates what they hold. Everything else in an answer is data and stays as it is.
 */
const FIELDS: ReadonlySet<string> = new Set([
  'about',
  'alreadyHere',
  'balance',
  'because',
  'check',
  'claim',
  'detail',
  'duties',
  'explanation',
  'fallbacks',
  'findings',
  'help',
  'leftOut',
  'message',
  'methodText',
  'notes',
  'notice',
  'problems',
  'proposedAnswers',
  'reading',
  'reason',
  'remedy',
  'ruleText',
  'sentence',
  'sentences',
  'silent',
  'skipped',
  'standsBeside',
  'statement',
  'stopsTraining',
  'summary',
  'warnings',
  'why',
  'withoutChoice',
  'wrong',
]);

/** Names that hold data elsewhere, such as the text of an answer, and sentences in these parts of the contract. */
const FIELDS_OF_PARTS: Readonly<Record<string, ReadonlySet<string>>> = {
  datasets: new Set(['phase', 'method']),
  doctor: new Set(['name', 'value']),
  experiments: new Set(['first', 'label', 'paper', 'phase', 'second']),
  labels: new Set(['optedOut', 'phase']),
  ledger: new Set(['text', 'duty', 'source']),
  models: new Set(['description', 'phase']),
  playground: new Set(['error']),
  receipt: new Set(['title', 'text']),
  rewards: new Set(['title', 'label']),
};

/** @param parts of the procedure that answers: `exports`, `receipt` */
export function isSentenceField(name: string, parts: readonly string[] = []): boolean {
  return FIELDS.has(name) || parts.some((part) => FIELDS_OF_PARTS[part]?.has(name) === true);
}
