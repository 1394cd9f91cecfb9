/** @file JSON whose numbers keep their digits: a number that a double would change stays text, exactly as written. */
import { Tokenizer, TokenParser } from '@streamparser/json';

/** Deeper than any table of questions and answers. The limit keeps recursive code from running out of stack. */
export const MAX_DEPTH = 64;

/** Matches numbers, and also digits inside strings, which costs time but changes nothing. */
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A JavaScript number if it prints the same digits; otherwise the digits themselves. */
export function exactNumber(digits: string): number | string {
  const value = Number(digits);
  return String(value) === digits ? value : digits;
}

class ExactTokenizer extends Tokenizer {
  override parseNumber(digits: string): number {
    // The token parser passes a number's value on without inspecting it, so text is safe here.
    return exactNumber(digits) as number;
  }
}

export type JsonStream = {
  /** @throws Error at the first character that is not JSON */
  write(text: string): void;
  readonly isEnded: boolean;
};

/**
 * A streaming parser that emits the values at `paths`, with exact numbers.
 * @param onValue receives the value, its key, and the keys of the containers around it, outermost first
 */
export function jsonStream(
  paths: string[] | undefined,
  onValue: (value: unknown, key: string | number | undefined, around: readonly (string | number | undefined)[]) => void,
): JsonStream {
  const tokenizer = new ExactTokenizer();
  const parser = new TokenParser({ ...(paths === undefined ? {} : { paths }), keepStack: paths === undefined });
  tokenizer.onToken = parser.write.bind(parser);
  parser.onValue = ({ value, key, stack }) => onValue(value, key, [...stack.slice(1).map((level) => level.key)]);
  return {
    write: (text) => tokenizer.write(text),
    get isEnded() {
      return parser.isEnded;
    },
  };
}

/**
 * `JSON.parse` with exact numbers.
 * @throws SyntaxError if it is not JSON, RangeError if it is nested more than 64 levels deep
 */
export function parseJsonExactly(text: string): unknown {
  let value: unknown = JSON.parse(text);
  const changes = text.match(NUMBER)?.some((digits) => String(Number(digits)) !== digits) ?? false;
  if (changes) {
    const stream = jsonStream(['$'], (found) => (value = found));
    // A number at the end of the text is complete only once something follows it.
    stream.write(`${text}\n`);
  }
  if (isDeeper(value, MAX_DEPTH)) throw new RangeError(`it is nested more than ${MAX_DEPTH} levels deep`);
  return value;
}

/** Whether a JSON value is nested deeper than `limit`; looks at most one level deeper than that. */
export function isDeeper(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  return Object.values(value).some((part) => isDeeper(part, limit - 1));
}
