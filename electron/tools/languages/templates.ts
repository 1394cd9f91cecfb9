/**
 * @file What an expression of the sources can say, as templates: its words with a numbered hole for each part that is only
 * known at run time. Follows constants, conditions, arguments and the returns of functions.
 */
import ts from 'typescript';

/** Words, and between them the expressions of holes. */
export type Template = readonly (string | ts.Expression)[];

/** More ways of saying something than this are not written out: the part becomes a hole, and each way its own template. */
const MOST_WAYS = 4;
const DEEPEST = 7;
/** What these write are numbers, not words. */
const FIGURES = /\/(reporting\/figures|method\/byte-size)\.ts$/;
/** Writes a count with its noun, in the singular for one. */
const COUNTED = /\/method\/counted\.ts$/;
/** What these write is a part of many sentences: a hole there, and each way its own template. */
const PARTS_OF_MANY = new Set(['images']);
const METHODS_THAT_KEEP_WORDS = new Set(['trim', 'trimEnd', 'filter', 'toSorted', 'slice', 'flat']);

/** What the parameters of the functions being followed stand for. */
type Bound = ReadonlyMap<ts.Symbol, { expression: ts.Expression; bound: Bound }>;
const NOTHING_BOUND: Bound = new Map();

export class TemplateReader {
  readonly #checker: ts.TypeChecker;
  readonly #calls: ReadonlyMap<ts.Node, readonly ts.CallExpression[]>;
  /** Called for each way of saying a part that became a hole. */
  readonly #onPart: (template: Template) => void;
  #open: ReadonlySet<ts.ParameterDeclaration> = new Set();
  readonly #parts = new Map<ts.Expression, Template[]>();

  constructor(checker: ts.TypeChecker, files: readonly ts.SourceFile[], onPart: (template: Template) => void) {
    this.#checker = checker;
    this.#onPart = onPart;
    this.#calls = callsByFunction(checker, files);
  }

  /**
   * Every way in which `expression` can be said.
   * @param given parameters that stay holes, because callers elsewhere fill them
   */
  read(expression: ts.Expression, given: readonly ts.ParameterDeclaration[] = []): Template[] {
    this.#open = new Set(given);
    return this.#ways(expression, NOTHING_BOUND, 0);
  }

  /** What a hole can hold, if it was too much to write out; otherwise nothing. */
  partsOf(hole: ts.Expression): readonly Template[] {
    return this.#parts.get(hole) ?? [];
  }

  /** Something to put into a hole that is known at run time only: a number if it is one, otherwise a file. */
  exampleOf(hole: ts.Expression): string {
    if (/\.(message|remedy|sentence)$/.test(hole.getText())) return 'The import was cancelled. Nothing was imported.';
    const called = ts.isCallExpression(hole) ? functionAt(this.#checker, bare(hole.expression)) : null;
    const isFigures = called !== null && FIGURES.test(called.getSourceFile().fileName);
    const { flags } = this.#checker.getTypeAtLocation(hole);
    return isFigures || (flags & ts.TypeFlags.NumberLike) !== 0 ? '7' : '/data/x.json';
  }

  #hole(hole: ts.Expression, ways: readonly Template[]): void {
    for (const way of ways) this.#onPart(way);
    this.#parts.set(hole, distinct([...this.partsOf(hole), ...ways]));
  }

  #ways(given: ts.Expression, bound: Bound, depth: number): Template[] {
    const expression = bare(given);
    if (ts.isStringLiteralLike(expression)) return [[expression.text]];
    if (depth > DEEPEST) return [[expression]];
    if (ts.isTemplateExpression(expression)) {
      const parts: Template[][] = [[[expression.head.text]]];
      for (const span of expression.templateSpans)
        parts.push(this.#ways(span.expression, bound, depth + 1), [[span.literal.text]]);
      return this.#joined(
        parts,
        expression.templateSpans.map((span) => span.expression),
      );
    }
    if (ts.isConditionalExpression(expression))
      return [
        ...this.#ways(expression.whenTrue, bound, depth + 1),
        ...this.#ways(expression.whenFalse, bound, depth + 1),
      ];
    if (ts.isBinaryExpression(expression)) return this.#binary(expression, bound, depth);
    if (ts.isIdentifier(expression)) return this.#named(expression, bound, depth) ?? [[expression]];
    if (ts.isPropertyAccessExpression(expression) || ts.isElementAccessExpression(expression))
      return this.#property(expression, bound, depth) ?? [[expression]];
    if (ts.isCallExpression(expression)) return this.#called(expression, bound, depth) ?? [[expression]];
    if (ts.isArrowFunction(expression)) return this.#returns(expression, NOTHING_BOUND, bound, depth) ?? [[expression]];
    if (ts.isArrayLiteralExpression(expression))
      return expression.elements.flatMap((element) =>
        this.#ways(ts.isSpreadElement(element) ? element.expression : element, bound, depth + 1),
      );
    return [[expression]];
  }

  /** All combinations of the parts; a part with too many ways, or with holes in several ways, is a hole itself. */
  #joined(parts: readonly Template[][], holes: readonly ts.Expression[]): Template[] {
    let joined: Template[] = [[]];
    for (const [at, ways] of parts.entries()) {
      const isHole = at % 2 === 1;
      const hole = isHole ? holes[(at - 1) / 2] : undefined;
      if (hole !== undefined && (joined.length * ways.length > MOST_WAYS || ways.every(isName))) {
        this.#hole(hole, ways);
        joined = joined.map((said) => [...said, hole]);
      } else joined = joined.flatMap((said) => ways.map((way) => [...said, ...way]));
    }
    return joined;
  }

  #binary({ left, right, operatorToken }: ts.BinaryExpression, bound: Bound, depth: number): Template[] {
    const [lefts, rights] = [this.#ways(left, bound, depth + 1), this.#ways(right, bound, depth + 1)];
    switch (operatorToken.kind) {
      case ts.SyntaxKind.PlusToken:
        return this.#joined([[[]], lefts, [['']], rights], [left, right]);
      case ts.SyntaxKind.QuestionQuestionToken:
      case ts.SyntaxKind.BarBarToken:
        return [...lefts, ...rights];
      default:
        return [[left]];
    }
  }

  #named(identifier: ts.Identifier, bound: Bound, depth: number): Template[] | null {
    const symbol = this.#symbolOf(identifier);
    if (symbol === undefined) return null;
    const argument = bound.get(symbol);
    if (argument !== undefined) return this.#ways(argument.expression, argument.bound, depth + 1);
    const declaration = symbol.valueDeclaration;
    if (declaration === undefined) return null;
    if (ts.isVariableDeclaration(declaration)) {
      if (declaration.initializer !== undefined && ts.isIdentifier(declaration.name))
        return this.#ways(declaration.initializer, bound, depth + 1);
      return this.#iterated(declaration, bound, depth);
    }
    if (ts.isParameter(declaration) && ts.isIdentifier(declaration.name) && !this.#open.has(declaration))
      return this.#argument(declaration, depth);
    return null;
  }

  /** `for (const x of xs)`: each element. */
  #iterated(declaration: ts.VariableDeclaration, bound: Bound, depth: number): Template[] | null {
    const loop = declaration.parent.parent;
    return ts.isForOfStatement(loop) && ts.isIdentifier(declaration.name)
      ? this.#ways(loop.expression, bound, depth + 1)
      : null;
  }

  /** What the callers of its function give. */
  #argument(parameter: ts.ParameterDeclaration, depth: number): Template[] | null {
    const at = parameter.parent.parameters.indexOf(parameter);
    const given = (this.#calls.get(parameter.parent) ?? []).flatMap((call) => call.arguments[at] ?? []);
    const fallback = parameter.initializer === undefined ? [] : [parameter.initializer];
    const ways = [...given, ...fallback].flatMap((argument) => this.#ways(argument, NOTHING_BOUND, depth + 1));
    return ways.length === 0 ? null : distinct(ways);
  }

  /** A property of a constant object; if the name is only known at run time, any of them. */
  #property(
    expression: ts.PropertyAccessExpression | ts.ElementAccessExpression,
    bound: Bound,
    depth: number,
  ): Template[] | null {
    const object = bare(expression.expression);
    if (ts.isPropertyAccessExpression(expression) && expression.name.text === 'length') return null;
    const literal = this.#literalOf(object);
    if (literal === null) return null;
    const name = ts.isPropertyAccessExpression(expression)
      ? expression.name.text
      : ts.isStringLiteralLike(expression.argumentExpression)
        ? expression.argumentExpression.text
        : undefined;
    if (ts.isArrayLiteralExpression(literal)) return this.#ways(literal, bound, depth + 1);
    const values = literal.properties.flatMap((property) =>
      ts.isPropertyAssignment(property) && (name === undefined || property.name.getText() === name)
        ? [property.initializer]
        : [],
    );
    const ways = values.flatMap((value) => this.#ways(value, bound, depth + 1));
    return ways.length === 0 ? null : ways;
  }

  #literalOf(expression: ts.Expression): ts.ObjectLiteralExpression | ts.ArrayLiteralExpression | null {
    const bareOne = bare(expression);
    if (ts.isObjectLiteralExpression(bareOne) || ts.isArrayLiteralExpression(bareOne)) return bareOne;
    if (!ts.isIdentifier(bareOne)) return null;
    const declaration = this.#symbolOf(bareOne)?.valueDeclaration;
    return declaration !== undefined && ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined
      ? this.#literalOf(declaration.initializer)
      : null;
  }

  #called(call: ts.CallExpression, bound: Bound, depth: number): Template[] | null {
    const callee = bare(call.expression);
    if (ts.isPropertyAccessExpression(callee)) {
      const method = callee.name.text;
      if (method === 'join') return this.#list(call, callee.expression, bound, depth);
      if (method === 'map' || method === 'flatMap') {
        const [mapper] = call.arguments;
        return mapper === undefined
          ? null
          : this.#returns(functionAt(this.#checker, mapper), NOTHING_BOUND, bound, depth);
      }
      if (METHODS_THAT_KEEP_WORDS.has(method)) return this.#ways(callee.expression, bound, depth + 1);
    }
    const given = this.#given(callee);
    if (given !== null)
      return given.flatMap((each) => this.#returns(each, this.#bind(each, call, bound), bound, depth) ?? []);
    const called = functionAt(this.#checker, callee);
    if (called === null || FIGURES.test(called.getSourceFile().fileName)) return null;
    if (COUNTED.test(called.getSourceFile().fileName)) return this.#counted(call, bound, depth);
    const ways = this.#returns(called, this.#bind(called, call, bound), bound, depth);
    if (ways === null || !PARTS_OF_MANY.has(called.name?.getText() ?? '')) return ways;
    this.#hole(call, ways);
    return [[call]];
  }

  /** `counted(n, 'row')`: `{0} row` and `{0} rows`. */
  #counted({ arguments: [count, one, many] }: ts.CallExpression, bound: Bound, depth: number): Template[] | null {
    if (count === undefined || one === undefined) return null;
    const singular = this.#ways(one, bound, depth + 1);
    const plural = many === undefined ? singular.map((way) => [...way, 's']) : this.#ways(many, bound, depth + 1);
    return [...singular, ...plural].map((way) => [count, ' ', ...way]);
  }

  /** The functions that callers give for a parameter that is called. */
  #given(callee: ts.Expression): ts.SignatureDeclaration[] | null {
    const parameter = ts.isIdentifier(callee) ? this.#symbolOf(callee)?.valueDeclaration : undefined;
    if (parameter === undefined || !ts.isParameter(parameter)) return null;
    const at = parameter.parent.parameters.indexOf(parameter);
    const functions = (this.#calls.get(parameter.parent) ?? []).flatMap((call) => {
      const argument = call.arguments[at];
      return argument === undefined ? [] : (functionAt(this.#checker, argument) ?? []);
    });
    return functions.length === 0 ? null : functions;
  }

  #bind(called: ts.SignatureDeclaration, call: ts.CallExpression, bound: Bound): Bound {
    const parameters = new Map(bound);
    for (const [at, parameter] of called.parameters.entries()) {
      const argument = call.arguments[at] ?? parameter.initializer;
      const symbol = ts.isIdentifier(parameter.name) ? this.#checker.getSymbolAtLocation(parameter.name) : undefined;
      if (argument !== undefined && symbol !== undefined) parameters.set(symbol, { expression: argument, bound });
    }
    return parameters;
  }

  /** A list with words between its elements, if each element is known; otherwise a hole, and each element a template. */
  #list(call: ts.CallExpression, list: ts.Expression, bound: Bound, depth: number): Template[] {
    const literal = this.#literalOf(list);
    const [between] = call.arguments;
    const separator = between !== undefined && ts.isStringLiteralLike(between) ? between.text : ',';
    if (literal !== null && ts.isArrayLiteralExpression(literal) && !literal.elements.some(ts.isSpreadElement)) {
      const elements = [...literal.elements];
      const parts = elements.flatMap((element, at) => [
        [[at === 0 ? '' : separator]],
        this.#ways(element, bound, depth + 1),
      ]);
      return this.#joined(parts, elements);
    }
    this.#hole(
      call,
      this.#ways(list, bound, depth + 1).filter((way) => way.some((part) => part !== '')),
    );
    return [[call]];
  }

  #returns(of: ts.SignatureDeclaration | null, parameters: Bound, bound: Bound, depth: number): Template[] | null {
    if (of === null) return null;
    const all = new Map([...bound, ...parameters]);
    const ways = returnsOf(of).flatMap((expression) => this.#ways(expression, all, depth + 1));
    return ways.length === 0 ? null : distinct(ways);
  }

  #symbolOf(identifier: ts.Identifier): ts.Symbol | undefined {
    const { parent } = identifier;
    const symbol = ts.isShorthandPropertyAssignment(parent)
      ? this.#checker.getShorthandAssignmentValueSymbol(parent)
      : this.#checker.getSymbolAtLocation(identifier);
    return symbol === undefined ? undefined : unaliased(this.#checker, symbol);
  }
}

function unaliased(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}

/** The function that a callee or callback names, if it is one of ours. */
function functionAt(checker: ts.TypeChecker, expression: ts.Expression): ts.SignatureDeclaration | null {
  if (ts.isArrowFunction(expression) || ts.isFunctionExpression(expression)) return expression;
  const symbol = checker.getSymbolAtLocation(nameOf(expression));
  const found = symbol === undefined ? undefined : unaliased(checker, symbol).valueDeclaration;
  if (found === undefined || found.getSourceFile().isDeclarationFile) return null;
  if (ts.isFunctionDeclaration(found) || ts.isMethodDeclaration(found)) return found;
  if (ts.isVariableDeclaration(found) && found.initializer !== undefined)
    return functionAt(checker, bare(found.initializer));
  return null;
}

function nameOf(expression: ts.Expression): ts.Node {
  return ts.isPropertyAccessExpression(expression) ? expression.name : expression;
}

/** Without brackets, assertions and `await`. */
function bare(expression: ts.Expression): ts.Expression {
  let inner = expression;
  while (
    ts.isParenthesizedExpression(inner) ||
    ts.isAsExpression(inner) ||
    ts.isSatisfiesExpression(inner) ||
    ts.isNonNullExpression(inner) ||
    ts.isAwaitExpression(inner)
  )
    inner = inner.expression;
  return inner;
}

/** A file, an id or a setting: the same in every language. */
function isName(way: Template): boolean {
  const [only] = way;
  return way.length === 0 || (way.length === 1 && typeof only === 'string' && /^[\w-]+([._/][\w-]*)+$/.test(only));
}

/** What a function can return, without what functions inside of it return. */
export function returnsOf(of: ts.SignatureDeclaration): ts.Expression[] {
  if (ts.isArrowFunction(of) && !ts.isBlock(of.body)) return [of.body];
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isReturnStatement(node) && node.expression !== undefined) found.push(node.expression);
    if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
  };
  ts.forEachChild(of, visit);
  return found;
}

function callsByFunction(checker: ts.TypeChecker, files: readonly ts.SourceFile[]): Map<ts.Node, ts.CallExpression[]> {
  const calls = new Map<ts.Node, ts.CallExpression[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const called = functionAt(checker, node.expression);
      if (called !== null) calls.set(called, [...(calls.get(called) ?? []), node]);
    }
    ts.forEachChild(node, visit);
  };
  for (const file of files) visit(file);
  return calls;
}

function distinct(ways: readonly Template[]): Template[] {
  const seen = new Map(
    ways.map((way) => [way.map((part) => (typeof part === 'string' ? part : '\u0000')).join(''), way]),
  );
  return [...seen.values()];
}
