/**
 * @file Checks whether a document is valid CycloneDX 1.6: against the strict schema of CycloneDX's own library, and for
 * two faults which that schema misses, dangling references and ungrammatical licence expressions.
 */
import parseExpression from 'spdx-expression-parse';

/** The verdict on a document's form. `unknown` = a version that this code cannot read. */
export type FormVerdict =
  { kind: 'sound' } | { kind: 'unknown'; reason: string } | { kind: 'faulty'; faults: string[] };

const FAULTS_SHOWN = 3;
/** The schema's validator compares all entries of a list pairwise, so longer lists would keep it busy for minutes. */
const MAX_LIST = 5000;

export async function checkCycloneDxForm(text: string): Promise<FormVerdict> {
  const document = parseObject(text);
  if (document === null) return { kind: 'faulty', faults: ['it is not a JSON object'] };
  if (document['bomFormat'] !== 'CycloneDX' || document['specVersion'] !== '1.6') {
    return {
      kind: 'unknown',
      reason: `it is not CycloneDX 1.6 but ${JSON.stringify(document['specVersion'] ?? null)}`,
    };
  }
  const longest = longestList(document);
  if (longest > MAX_LIST)
    return { kind: 'unknown', reason: `one of its lists has ${longest} entries, too many to check` };
  const errors: unknown = await (await strictValidator()).validate(text);
  const schemaFaults = errors === null ? [] : schemaErrors(errors);
  const faults = [...schemaFaults, ...referenceFaults(document), ...expressionFaults(document)];
  return faults.length === 0 ? { kind: 'sound' } : { kind: 'faulty', faults: faults.slice(0, FAULTS_SHOWN) };
}

let prepared: Promise<{ validate: (text: string) => Promise<unknown> }> | undefined;

/** The library compiles a large schema, so load it only when a document is verified, and only once. */
function strictValidator(): Promise<{ validate: (text: string) => Promise<unknown> }> {
  prepared ??= import('@cyclonedx/cyclonedx-library').then(
    ({ Spec, Validation }) => new Validation.JsonStrictValidator(Spec.Version.v1dot6),
  );
  return prepared;
}

function schemaErrors(errors: unknown): string[] {
  const list: unknown[] = Array.isArray(errors) ? errors : [errors];
  return list.filter(isRecord).map((error) => {
    const [place] = textsOf(error['instancePath']);
    const [message] = textsOf(error['message']);
    return `${place ?? ''} ${message ?? 'breaks the schema'}`.trim();
  });
}

/** A JSON object, or null. */
export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every object inside a JSON value, including the value itself. */
export function objectsIn(value: unknown): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  // An explicit work list instead of recursion, because an untrusted document may be nested to any depth.
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (Array.isArray(next)) for (const entry of next) open.push(entry);
    else if (isRecord(next)) {
      found.push(next);
      for (const entry of Object.values(next)) open.push(entry);
    }
  }
  return found;
}

/** Length of the longest list inside a JSON object. */
function longestList(document: Record<string, unknown>): number {
  const lists = objectsIn(document).flatMap((object) => Object.values(object).filter(Array.isArray));
  return lists.reduce((longest, list) => Math.max(longest, list.length), 0);
}

/** The texts of a field that may hold one or several. */
export function textsOf(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((entry): entry is string => typeof entry === 'string');
}

function referenceFaults(document: Record<string, unknown>): string[] {
  const objects = objectsIn(document);
  const names = objects.flatMap((object) => textsOf(object['bom-ref']));
  const known = new Set(names);
  const twice = known.size === names.length ? [] : names.filter((name, index) => names.indexOf(name) !== index);
  const used = objects.flatMap((object) =>
    'bom-ref' in object ? [] : [...textsOf(object['ref']), ...textsOf(object['dependsOn'])],
  );
  const lost = used.filter((name) => !known.has(name));
  return [
    ...(twice.length === 0 ? [] : [`the reference ${JSON.stringify(twice[0])} names two components`]),
    ...(lost.length === 0 ? [] : [`the reference ${JSON.stringify(lost[0])} leads nowhere`]),
  ];
}

function expressionFaults(document: Record<string, unknown>): string[] {
  const entries = objectsIn(document).flatMap((object) =>
    Array.isArray(object['licenses']) ? (object['licenses'] as unknown[]) : [],
  );
  const expressions = entries.filter(isRecord).flatMap((entry) => textsOf(entry['expression']));
  return [...new Set(expressions)].flatMap((expression) => {
    try {
      parseExpression(expression);
      return [];
    } catch {
      return [`${JSON.stringify(expression)} is not a licence expression`];
    }
  });
}
