/**
 * @file Collects from the sources every sentence that the studio can say to a person: the message and remedy of each
 * AtelierError, and whatever is given for a field that holds sentences.
 */
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { isSentenceField } from '../../languages/fields.ts';
import { returnsOf, TemplateReader, type Template } from './templates.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Not said in the studio: tools, tests, and the documents that are exported in English. */
const LEFT_OUT = [
  /\/node_modules\//,
  /\.test\.ts$/,
  /\/(fixtures|testing)\//,
  /^electron\/(tools|cli|main|preload|starter)\//,
  /^electron\/provenance\/documents\//,
  /^electron\/reporting\/report\//,
];

const DEEPEST_PART = 2;

/** Functions and tables of words that the page itself asks. */
const SAYING = new Set([
  'noLookText',
  'guessingSentence',
  'rankingNote',
  'klPredictsText',
  'deadShareText',
  'klRangeText',
  'comparisonText',
  'metricGuessText',
  'metricDifferenceText',
  'pictureWords',
  'partPoints',
  'unseenText',
  'meanText',
  'METRIC_NAMES',
  'PART_NAMES',
  'PART_MEANINGS',
  'SETTING_NAMES',
  'READINGS',
]);

/** Fields that only the studio itself has: why a row cannot be read becomes the reason of a problem. */
const INNER_FIELDS = new Set(['broken']);

/** A template with its holes numbered → the lines that say it. */
export type Sentences = Map<string, string[]>;

export interface Collected {
  sentences: Sentences;
  /** Each sentence as it can be said, with something in its holes → the line that says it. */
  examples: ReadonlyMap<string, string>;
}

export function collectSentences(root: string = ROOT): Collected {
  const config = ts.getParsedCommandLineOfConfigFile(
    `${root}/electron/tsconfig.json`,
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: () => undefined,
    },
  );
  if (config === undefined) throw new Error('electron/tsconfig.json cannot be read.');
  const wanted = (file: string): boolean =>
    !LEFT_OUT.some((left) => left.test(relative(root, file).split(sep).join('/')));
  const program = ts.createProgram(config.fileNames.filter(wanted), config.options);
  const files = program.getSourceFiles().filter((file) => !file.isDeclarationFile && wanted(file.fileName));
  const found: Sentences = new Map();
  const examples = new Map<string, string>();
  let place = '';
  /** The folders and the name of the file, some of which are parts of the contract. */
  let parts: string[] = [];
  const keep = (template: Template): void => {
    const words = numbered(template);
    if (!isSaid(words)) return;
    found.set(words, [...new Set([...(found.get(words) ?? []), place])]);
  };
  const reader = new TemplateReader(program.getTypeChecker(), files, keep);
  const take = (expression: ts.Expression, given: readonly ts.ParameterDeclaration[] = []): void => {
    const source = expression.getSourceFile();
    const { line } = source.getLineAndCharacterOfPosition(expression.getStart());
    place = `${relative(root, source.fileName).split(sep).join('/')}:${String(line + 1)}`;
    for (const template of reader.read(expression, given)) {
      keep(template);
      for (const example of examplesOf(template, reader)) if (!example.includes('""')) examples.set(example, place);
    }
  };
  const visit = (node: ts.Node): void => {
    const isField = (name: string): boolean => INNER_FIELDS.has(name) || isSentenceField(name, parts);
    if (ts.isNewExpression(node) && node.expression.getText() === 'AtelierError') {
      const message = node.arguments?.[1];
      if (message !== undefined) take(message);
    }
    if (ts.isPropertyAssignment(node) && isField(node.name.getText())) take(node.initializer);
    if (ts.isShorthandPropertyAssignment(node) && isField(node.name.text)) take(node.name);
    if (ts.isFunctionDeclaration(node) && node.name !== undefined && SAYING.has(node.name.text))
      for (const said of returnsOf(node)) take(said, node.parameters);
    if (ts.isVariableDeclaration(node) && SAYING.has(node.name.getText()) && node.initializer !== undefined)
      for (const said of valuesOf(node.initializer)) take(said);
    if (ts.isCallExpression(node) && isPushToField(node)) for (const said of node.arguments) take(said);
    if (ts.isVariableDeclaration(node) && isField(node.name.getText()) && node.initializer !== undefined)
      take(node.initializer);
    ts.forEachChild(node, visit);
  };
  for (const file of files) {
    parts = relative(root, file.fileName).replace(/\.ts$/, '').split(sep);
    visit(file);
  }
  return { sentences: found, examples };
}

/** With each part that a hole can hold, one after the other. */
function examplesOf(template: Template, reader: TemplateReader, depth = 0): string[] {
  const fillings = template.map((piece) => {
    if (typeof piece === 'string') return [piece];
    const parts = depth > DEEPEST_PART ? [] : reader.partsOf(piece);
    const filled = parts.flatMap((part) => examplesOf(part, reader, depth + 1));
    return filled.length === 0 ? [reader.exampleOf(piece)] : filled;
  });
  const most = Math.max(0, ...fillings.map((ways) => ways.length));
  return Array.from({ length: most }, (_, at) => fillings.map((ways) => ways[at % ways.length] ?? '').join(''));
}

/** `There is no run {0}.` */
function numbered(template: Template): string {
  let holes = 0;
  return template.map((part) => (typeof part === 'string' ? part : `{${String(holes++)}}`)).join('');
}

/** At least one word; a lone hole or a code is nothing to translate. */
function isSaid(words: string): boolean {
  const bare = words.replaceAll(/\{\d+\}/g, ' ').trim();
  return /\p{L}{2}/u.test(bare) && (/\s/.test(words) || /^\p{Lu}\p{L}*[.!?]$/u.test(words));
}

/** `warnings.push(…)` */
function isPushToField({ expression }: ts.CallExpression): boolean {
  return (
    ts.isPropertyAccessExpression(expression) &&
    expression.name.text === 'push' &&
    isSentenceField(expression.expression.getText().split('.').at(-1) ?? '')
  );
}

/** The values of a table, or the one value. */
function valuesOf(value: ts.Expression): ts.Expression[] {
  return ts.isObjectLiteralExpression(value)
    ? value.properties.flatMap((property) => (ts.isPropertyAssignment(property) ? [property.initializer] : []))
    : [value];
}
