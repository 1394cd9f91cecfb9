/** @file Takes off the markup that a model puts around an answer: Markdown emphasis, code, and LaTeX. */

/** LaTeX commands that only change how their argument looks. */
const LOOKS =
  'boxed|fbox|text|textbf|textit|textrm|textsf|texttt|mathrm|mathbf|mathit|mathsf|mathtt|operatorname|rm|bf';
const COMMAND = new RegExp(String.raw`\\(?:${LOOKS})\s*\{`);
const PAIRS: readonly [open: string, close: string][] = [
  ['**', '**'],
  ['__', '__'],
  ['$$', '$$'],
  ['\\(', '\\)'],
  ['\\[', '\\]'],
  ['*', '*'],
  ['_', '_'],
  ['`', '`'],
  ['$', '$'],
  ['"', '"'],
  ["'", "'"],
  ['«', '»'],
];

/**
 * The text inside of everything that wraps it as a whole: `**$13$**`, `` `13` ``, `\boxed{\text{13}}`, a code fence,
 * quotes, and a final full stop. Markup around a part of the text stays, so `**7** **8**` remains two answers.
 */
export function unwrapMarkup(text: string): string {
  let inner = text.trim();
  for (;;) {
    const next = unwrapOnce(inner).trim();
    if (next === inner) return inner;
    inner = next;
  }
}

/**
 * Replaces commands such as `\text{…}`, and `$…$` around a part, by what they hold. Spaces keep the parts apart:
 * `3\text{5}` is not 35.
 */
export function dropCommands(text: string): string {
  let plain = text;
  for (let found = COMMAND.exec(plain); found !== null; found = COMMAND.exec(plain)) {
    const open = found.index + found[0].length - 1;
    const close = closingBrace(plain, open);
    if (close === null) break;
    plain = `${plain.slice(0, found.index)}  ${plain.slice(open + 1, close)}  ${plain.slice(close + 1)}`;
  }
  return plain.replace(/(?<!\\)\$([^$]+)(?<!\\)\$/g, '  $1  ');
}

function unwrapOnce(text: string): string {
  const fenced = /^```[\w-]*\s*\n?([^`]*)```$/s.exec(text)?.[1];
  if (fenced !== undefined) return fenced;
  for (const [open, close] of PAIRS) {
    if (text.length <= open.length + close.length || !text.startsWith(open) || !text.endsWith(close)) continue;
    const inner = text.slice(open.length, -close.length);
    const whole = !inner.includes(open) && !inner.includes(close) && inner.trim() !== '' && !inner.endsWith('\\');
    if (whole) return inner;
  }
  const command = COMMAND.exec(text);
  if (command?.index === 0 && closingBrace(text, command[0].length - 1) === text.length - 1) {
    return text.slice(command[0].length, -1);
  }
  return text.replace(/[.。]+$/, '');
}

/** Where the brace that opens at `open` is closed; null where it is not. */
function closingBrace(text: string, open: number): number | null {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '{') depth += 1;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return null;
}
