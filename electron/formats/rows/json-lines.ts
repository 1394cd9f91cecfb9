/** @file JSON Lines: one object per line. A line that is not an object is refused; the others can be used. */
import { jsonWords } from '../../contract/errors/cause-words.ts';
import { parseJsonExactly } from './exact-json.ts';
import { ROW_TOO_LONG, type RowItem, type RowSource } from './row-source.ts';
import { encodingName, textFacts, textLines, type Encoding, type TextFacts } from './text-lines.ts';

export async function openJsonLines(path: string, encoding?: Encoding): Promise<RowSource> {
  const facts = await textFacts(path, encoding);
  return {
    format: 'jsonl',
    encoding: facts.encoding,
    delimiter: null,
    columns: null,
    rowsEstimate: facts.lineBreaks,
    warnings: encodingWarnings(path, facts),
    rows: () => readRows(path, facts),
  };
}

async function* readRows(path: string, facts: TextFacts): AsyncGenerator<RowItem> {
  for await (const { line, text } of textLines(path, facts)) {
    if (text === null) {
      yield { line, broken: ROW_TOO_LONG };
      continue;
    }
    if (text.trim() === '') continue;
    yield parsed(text, line);
  }
}

function parsed(text: string, line: number): RowItem {
  let values: unknown;
  try {
    values = parseJsonExactly(text);
  } catch (cause) {
    return { line, broken: `This is not JSON (${jsonWords(cause)}).` };
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    return { line, broken: 'This is not a JSON object.' };
  return { line, values: values as Record<string, unknown> };
}

/** A table that is not UTF-8 can be read, but you should check its accented letters. */
export function encodingWarnings(path: string, facts: TextFacts): string[] {
  if (facts.firstOddLine === null) return [];
  return [
    `${path} is not UTF-8 text (first in line ${facts.firstOddLine}); it was read as ${encodingName(facts.encoding)}, which is a guess. If letters look wrong, state the encoding, or save the table again as UTF-8.`,
  ];
}
