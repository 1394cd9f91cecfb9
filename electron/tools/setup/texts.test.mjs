import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';
import { ROOT } from './places.mjs';

const SOURCE = join(ROOT, 'renderer', 'src');
/** Attributes that users read or hear. */
const SPOKEN = new Set([
  'alt',
  'aria-description',
  'aria-label',
  'aria-roledescription',
  'label',
  'placeholder',
  'title',
]);
/** Not natural language: the program's name, file extensions, keyboard keys, units, marks. */
const NO_WORDS =
  /\b(Atelier|JSON|JSONL|BEGIN PUBLIC KEY|sha256|CSV|YAML|SHA-256|PEM|ID|n|p|s|h|min|GiB|MiB|β|k|Esc|Tab|Ctrl|Cmd|Enter|PNG|JPEG)\b|&[a-z]+;/g;

function hasWords(text) {
  return /\p{L}{2,}/u.test(text.replaceAll(NO_WORDS, ''));
}

/**
 * Every literal text in a component's template that a user would read, with its line.
 * @param {string} source
 */
export function literalTexts(source) {
  const found = [];
  const note = (text, at) => {
    if (hasWords(text)) found.push(`${source.slice(0, at).split('\n').length}: ${text.trim()}`);
  };
  /** A displayed string literal: on its own, in a conditional, or in a template. */
  const shown = (expression) => {
    if (expression.type === 'Literal' && typeof expression.value === 'string') note(expression.value, expression.start);
    if (expression.type === 'TemplateLiteral') for (const part of expression.quasis) note(part.value.raw, part.start);
    if (expression.type === 'ConditionalExpression') [expression.consequent, expression.alternate].forEach(shown);
    if (expression.type === 'LogicalExpression') [expression.left, expression.right].forEach(shown);
  };
  /** Styling, not text to read. */
  const LOOKS = new Set(['StyleDirective', 'ClassDirective']);
  const visit = (node) => {
    if (Array.isArray(node)) node.forEach(visit);
    if (node === null || typeof node !== 'object' || Array.isArray(node) || LOOKS.has(node.type)) return;
    if (node.type === 'Text') note(node.data, node.start);
    if (node.type === 'ExpressionTag') shown(node.expression);
    if (node.type === 'Attribute') {
      if (SPOKEN.has(node.name) && node.value !== true) visit(node.value);
      return;
    }
    for (const [name, child] of Object.entries(node)) {
      if (name !== 'expression' && name !== 'metadata' && name !== 'parent') visit(child);
    }
  };
  visit(parse(source, { modern: true }).fragment);
  return found;
}

const files = readdirSync(SOURCE, { recursive: true }).map(String);

describe('texts of the page', () => {
  it('lie in the messages: no template holds words of its own', () => {
    const components = files.filter((name) => name.endsWith('.svelte'));
    expect(components.length).toBeGreaterThan(50);
    const found = components.flatMap((name) =>
      literalTexts(readFileSync(join(SOURCE, name), 'utf8')).map((text) => `${name}:${text}`),
    );
    expect(found).toEqual([]);
  });

  it.each([
    ['<p>Hello there</p>', ['1: Hello there']],
    ['<b>{ok ? `Well done` : "Not yet"}</b>', ['1: Well done', '1: Not yet']],
    ['{#if a}\n<img src="a.png" alt="A house" />{/if}', ['2: A house']],
    ['<Button label="Go on">{text}</Button>', ['1: Go on']],
    ['<p class="some words" data-x="more words">{messages.a("key")} · 3 %</p><style>p { color: red }</style>', []],
    ['<script>const a = "some words";</script>{a}', []],
  ])('are found where they would be in %j', (source, expected) => expect(literalTexts(source)).toEqual(expected));

  it('come in the language of the page: only the messages themselves, and tests, name one', () => {
    const found = files
      .filter((name) => /\.(svelte|ts)$/.test(name) && !name.endsWith('.test.ts') && !name.startsWith('messages'))
      .filter((name) => /messages\/(en|de)\b/.test(readFileSync(join(SOURCE, name), 'utf8')));
    expect(found).toEqual([]);
  });

  it('write numbers and dates in the language of the page', () => {
    const formats = /^(ui\/format|messages\/(en|de)\/words)\.ts$/;
    const found = files
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => /\.(svelte|ts)$/.test(name) && !name.endsWith('.test.ts') && !formats.test(name))
      .filter((name) => /\bnew Intl\./.test(readFileSync(join(SOURCE, name), 'utf8')));
    expect(found).toEqual([]);
  });

  // Only in `ui/format.ts`. Points of a drawn line (x,y) are not text.
  it('numbers and dates are written by Intl', () => {
    const found = files
      .filter((name) => /\.(svelte|ts)$/.test(name) && !name.endsWith('.test.ts') && name !== join('ui', 'format.ts'))
      .flatMap((name) =>
        readFileSync(join(SOURCE, name), 'utf8')
          .split('\n')
          .flatMap((line, index) =>
            !/\bx\.toFixed.*\by\.toFixed/.test(line) &&
            /\.to(Fixed|Precision|LocaleString|LocaleDateString|LocaleTimeString|DateString|TimeString)\(/.test(line)
              ? [`${name}:${index + 1}: ${line.trim()}`]
              : [],
          ),
      );
    expect(found).toEqual([]);
  });
});
