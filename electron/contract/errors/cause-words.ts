/** @file What a library says about a file, where it is a sentence for people and not about the library's own code. */

/** Words of the language, of libraries and of their code, which help nobody. */
export const INTERNAL_WORDS =
  /Cannot (?:read|destructure|convert|set|use|mix)|\bundefined\b|\[object |nonoptional|is not (?:a function|iterable|a constructor|an Object)|Unexpected (?:token|end|non)|Invalid (?:input|array length|typed array|string length)|offset is out of|outside the bounds|Maximum call stack|expected \w+, received|\bNaN\b|\bzod\b|^\s+at |\n\s+at |ERR_[A-Z]+|\bE[A-Z]{4,}:/m;

/** The longest sentence that is passed on. */
const MOST_CHARACTERS = 300;

/**
 * The message of an error, without its full stop.
 * @param otherwise what to say if the message would describe code instead of the file
 */
export function causeWords(cause: unknown, otherwise: string): string {
  const isAboutCode = cause instanceof TypeError || cause instanceof RangeError || cause instanceof ReferenceError;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (isAboutCode || message === '' || INTERNAL_WORDS.test(message)) return otherwise;
  return message.replace(/\.$/, '').slice(0, MOST_CHARACTERS);
}

/** What is wrong with a text that is not JSON, from the parser's error: where, and never the parser's own words. */
export function jsonWords(cause: unknown): string {
  // Our own limit of depth says how deep it is.
  if (cause instanceof RangeError)
    return cause.message.startsWith('it is nested') ? cause.message : 'it is nested too deeply';
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/end of JSON input|Unterminated string|in the middle of something/.test(message))
    return 'it ends in the middle of something';
  const [, position] = /position "?(\d+)/.exec(message) ?? [];
  return position === undefined ? 'it has a mistake' : `there is a mistake at character ${Number(position) + 1}`;
}
