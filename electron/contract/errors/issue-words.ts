/** @file Explains schema errors in words: what is wrong with the value, and which values are allowed. */
/** A zod issue, of which only the message is guaranteed. */
export interface Issue {
  message: string;
  path?: readonly unknown[] | undefined;
  code?: string | undefined;
  origin?: unknown;
  minimum?: unknown;
  maximum?: unknown;
  inclusive?: unknown;
  expected?: unknown;
  includes?: unknown;
  prefix?: unknown;
  values?: readonly unknown[];
  keys?: readonly unknown[];
  /** The values of the field that decides between several forms. */
  options?: unknown;
}

export interface IssueWords {
  /** Dotted path; empty for the whole input. */
  field: string;
  /** Continues the sentence after the field's name: "must be at least 2". */
  wrong: string;
  remedy: string;
}

/** Fields that need more explanation than their allowed values. */
const REMEDIES: readonly [field: RegExp, remedy: string][] = [
  [
    /(?:^|\.)numGenerations$/,
    'Use from 2 to 64 answers per question; 8 is usual. An answer has to be compared with others of its group: one alone has no advantage to learn from.',
  ],
  [
    /(?:^|\.)maxCompletionLength$/,
    "Use from 1 to 4096 tokens; question, image and answer must fit into the model's context together.",
  ],
  [
    /rewards\.\d+\.weight$|^weight$/,
    'Use a weight from 0 (switched off) to 100. What should be avoided is not a negative weight but a reward that gives less for it.',
  ],
];

/** Kinds of values by zod's names. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/** Describes an issue in words. */
export function issueWords(issue: Issue): IssueWords {
  const field = (issue.path ?? []).map(keyOf).join('.');
  const { wrong, remedy } = plainWords(issue);
  return { field, wrong, remedy: REMEDIES.find(([pattern]) => pattern.test(field))?.[1] ?? remedy };
}

function keyOf(part: unknown): string {
  return String(typeof part === 'object' && part !== null && 'key' in part ? part.key : part);
}

function plainWords(issue: Issue): Pick<IssueWords, 'wrong' | 'remedy'> {
  if (issue.code === 'too_small' && isNumeric(issue.origin)) {
    const bound = `${issue.inclusive === false ? 'above' : 'at least'} ${String(issue.minimum)}`;
    return { wrong: `must be ${bound}`, remedy: `Use a number that is ${bound}.` };
  }
  if (issue.code === 'too_big' && isNumeric(issue.origin)) {
    const bound = `${issue.inclusive === false ? 'below' : 'at most'} ${String(issue.maximum)}`;
    return { wrong: `must be ${bound}`, remedy: `Use a number that is ${bound}.` };
  }
  if (issue.code === 'invalid_type' && (issue.expected === 'nonoptional' || / received undefined$/.test(issue.message)))
    return { wrong: 'is missing', remedy: 'Give it a value.' };
  if (issue.code === 'invalid_type' && (issue.expected === 'number' || issue.expected === 'int')) {
    const what = issue.expected === 'int' ? 'a whole number' : 'a number';
    return { wrong: `must be ${what}`, remedy: `Use ${what}.` };
  }
  if (issue.code === 'invalid_type') {
    const what = KINDS[String(issue.expected)] ?? 'of another kind';
    return { wrong: `must be ${what}`, remedy: `Use ${what.startsWith('of') ? 'another value' : what}.` };
  }
  if ((issue.code === 'too_small' || issue.code === 'too_big') && typeof issue.origin === 'string') {
    const unit = issue.origin === 'string' ? 'characters' : 'entries';
    const bound = issue.code === 'too_small' ? `at least ${String(issue.minimum)}` : `at most ${String(issue.maximum)}`;
    if (issue.minimum === 1) return { wrong: 'must not be empty', remedy: 'Give it a value.' };
    return { wrong: `must have ${bound} ${unit}`, remedy: `Use ${bound} ${unit}.` };
  }
  if (issue.code === 'invalid_union' && Array.isArray(issue.options)) return oneOf(issue.options);
  if (issue.code === 'invalid_union')
    return { wrong: 'has none of the forms that are allowed here', remedy: 'Correct the value and try again.' };
  if (typeof issue.prefix === 'string')
    return { wrong: `must start with "${issue.prefix}"`, remedy: `Put "${issue.prefix}" before it.` };
  if (issue.code === 'invalid_format' && issue.message.startsWith('Invalid'))
    return typeof issue.includes === 'string'
      ? { wrong: `must contain ${issue.includes}`, remedy: `Put ${issue.includes} into it.` }
      : { wrong: 'does not have the form that is needed here', remedy: 'Correct the value and try again.' };
  if (issue.code === 'invalid_value' && issue.values !== undefined) return oneOf(issue.values);
  if (issue.code === 'unrecognized_keys' && issue.keys !== undefined) {
    const keys = issue.keys.map((key) => `"${String(key)}"`).join(', ');
    return { wrong: `has a field that is not known: ${keys}`, remedy: 'Correct its name, or leave it out.' };
  }
  return {
    wrong: `cannot be used: ${issue.message}`,
    remedy: 'Correct the value and try again; nothing was changed.',
  };
}

function oneOf(allowed: readonly unknown[]): Pick<IssueWords, 'wrong' | 'remedy'> {
  const values = allowed.map(String).join(', ');
  return { wrong: `must be one of ${values}`, remedy: `Use one of ${values}.` };
}

function isNumeric(origin: unknown): boolean {
  return origin === 'number' || origin === 'int';
}
