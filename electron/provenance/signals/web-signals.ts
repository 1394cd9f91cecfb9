/**
 * @file What web sites say about their images, in files that a person saved beside them: `<image>.headers.txt` with the
 * headers of the answer that brought the image, and `tdmrep.json`, `robots.txt` and `ai.txt` as the site publishes them.
 */
import type { Signal, SignalValue } from '../../contract/model/signals.ts';
import { makeSignal } from './make-signal.ts';

/** Saved evidence larger than this is not what it says it is. */
export const MAX_EVIDENCE_BYTES = 256 * 1024;
const MAX_RULES = 1000;

/** Reads header lines `Name: value`; other lines, such as the status line, are ignored. */
export function readHeaders(text: string, file: string): Signal[] {
  const signals: Signal[] = [];
  for (const line of text.split(/\r\n|\r|\n/).slice(0, 2000)) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*(.*)$/.exec(line.trim());
    if (match === null) continue;
    const [, name = '', value = ''] = match;
    const locator = `${file}, ${name}`;
    switch (name.toLowerCase()) {
      case 'x-robots-tag':
        signals.push(...readRobots(value, locator));
        break;
      case 'tdm-reservation':
        signals.push(reservation(value.trim(), locator, line));
        break;
      case 'content-usage':
        signals.push(...readContentUsage(value, locator));
        break;
    }
  }
  return signals;
}

/** `noai, noimageai`, also with a robot's name before them (`anybot: noai`). */
export function readRobots(value: string, locator: string): Signal[] {
  const words = value
    .toLowerCase()
    .split(/[,;]/)
    .map((part) => (part.includes(':') ? part.slice(part.indexOf(':') + 1) : part).trim());
  const found = words.filter((word) => word === 'noai' || word === 'noimageai');
  if (found.length === 0) return [];
  const statement = `The site asks with “${found.join(', ')}” that the image is not used for AI.`;
  return [
    makeSignal({ kind: 'noai', value: 'disallow', scope: 'train', trust: 'unsigned', locator, raw: value, statement }),
  ];
}

/** IETF AIPREF (drafts): a dictionary such as `train-ai=n, search=y`; unknown keys are kept as they are. */
export function readContentUsage(value: string, locator: string): Signal[] {
  return value.split(',').flatMap((entry) => {
    const [key = '', preference = ''] = (entry.split(';')[0] ?? '').split('=').map((part) => part.trim().toLowerCase());
    if (key === '' || key === 'search') return [];
    const isTraining = /^(train-ai|train-genai|genai|train|ai|bots|tdm|all)$/.test(key);
    const answer: SignalValue = preference === 'n' ? 'disallow' : preference === 'y' ? 'allow' : 'unknown';
    const known = isTraining ? answer : 'unknown';
    const says = known === 'disallow' ? 'does not want' : known === 'allow' ? 'allows' : 'says something about';
    const statement = `The site ${says} use for “${key}” (Content-Usage, a draft without consensus yet).`;
    return [
      makeSignal({
        kind: 'aipref',
        value: known,
        scope: 'train',
        trust: 'unsigned',
        locator,
        raw: entry.trim(),
        statement,
      }),
    ];
  });
}

/**
 * A site's `tdmrep.json`: rules with a location, 1 = reserved, 0 = not. `paths` are the image's possible places on
 * the site (its path beside the file; the path of its source's address). Any rule that fits and reserves, counts.
 */
export function readTdmRep(text: string, file: string, paths: readonly string[]): Signal[] {
  let rules: unknown;
  try {
    rules = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    rules = undefined;
  }
  if (!Array.isArray(rules)) return [broken(file, text, 'it is not a JSON list of rules')];
  if (rules.length > MAX_RULES) return [broken(file, text, `it has more than ${MAX_RULES} rules`)];
  return rules.flatMap((rule: unknown, index) => {
    if (typeof rule !== 'object' || rule === null) return [];
    const { location, 'tdm-reservation': reserved } = rule as Record<string, unknown>;
    if (typeof location !== 'string' || !paths.some((path) => locationFits(location, path))) return [];
    if (reserved === undefined) return [];
    return [
      reservation(
        typeof reserved === 'string' ? reserved : JSON.stringify(reserved),
        `${file}, rule ${index + 1}`,
        JSON.stringify(rule),
      ),
    ];
  });
}

/**
 * `Content-Usage` rules of a site's `robots.txt` (AIPREF draft): `Content-Usage: [path] preferences`, in the groups for
 * all robots. Rules for single robots are about them.
 */
export function readRobotsTxt(text: string, file: string, paths: readonly string[]): Signal[] {
  return rulesForAll(text).flatMap(({ name, value, line }) => {
    if (name !== 'content-usage') return [];
    const [, path = '/', preferences = ''] = /^(?:(\/\S*)\s+)?(.*)$/.exec(value) ?? [];
    if (!paths.some((own) => locationFits(path, own))) return [];
    return readContentUsage(preferences, `${file}, line ${line}`);
  });
}

/**
 * A site's `ai.txt` (Spawning): `Disallow: PATTERN` in the groups for all robots says that what matches may not be used
 * to train AI; the longer of two matching patterns wins, as in robots.txt.
 */
export function readAiTxt(text: string, file: string, paths: readonly string[]): Signal[] {
  const fitting = rulesForAll(text)
    .filter(({ name, value }) => (name === 'disallow' || name === 'allow') && value !== '')
    .filter(({ value }) => paths.some((path) => locationFits(value.startsWith('/') ? value : `*${value}`, path)))
    .sort((a, b) => b.value.length - a.value.length || (a.name === 'disallow' ? -1 : 1));
  const [rule] = fitting;
  if (rule?.name !== 'disallow') return [];
  const statement = `The site's ai.txt does not allow training on what matches “${rule.value.slice(0, 80)}”.`;
  const locator = `${file}, line ${rule.line}`;
  const common = { kind: 'noai', value: 'disallow', scope: 'train', trust: 'unsigned' } as const;
  return [makeSignal({ ...common, locator, raw: `Disallow: ${rule.value}`, statement })];
}

/** Lines `Name: value` of the groups for `User-agent: *`, and of files that name no robots at all. */
function rulesForAll(text: string): { name: string; value: string; line: number }[] {
  const rules: { name: string; value: string; line: number }[] = [];
  let isForAll = true;
  let inAgents = false;
  for (const [index, raw] of text
    .split(/\r\n|\r|\n/)
    .slice(0, 10_000)
    .entries()) {
    const [, label = '', rest = ''] = /^\s*([A-Za-z-]+)\s*:\s*(.*)$/.exec(raw.replace(/#.*$/, '')) ?? [];
    const name = label.toLowerCase();
    const value = rest.trim();
    if (name === '') continue;
    if (name === 'user-agent') {
      isForAll = value === '*' || (inAgents && isForAll);
      inAgents = true;
    } else {
      inAgents = false;
      if (isForAll) rules.push({ name, value, line: index + 1 });
    }
  }
  return rules;
}

/** Prefix match as in robots.txt: `*` stands for anything, a last `$` for the end. */
export function locationFits(location: string, path: string): boolean {
  const anchored = location.endsWith('$');
  const pieces = (anchored ? location.slice(0, -1) : location).slice(0, 500).split('*');
  let at = 0;
  for (const [index, piece] of pieces.entries()) {
    const last = index === pieces.length - 1;
    if (index === 0) {
      if (!path.startsWith(piece)) return false;
      at = piece.length;
      if (last) return !anchored || at === path.length;
    } else if (last && anchored) {
      return path.length - piece.length >= at && path.endsWith(piece);
    } else {
      const found = path.indexOf(piece, at);
      if (found === -1) return false;
      at = found + piece.length;
    }
  }
  return true;
}

/** A TDMRep reservation: 1 reserves, 0 does not, anything else is not set (TDMRep, section 5). */
export function reservation(value: string, locator: string, raw: string): Signal {
  const common = { kind: 'tdmrep', scope: 'mine', trust: 'unsigned', locator, raw } as const;
  if (value === '1')
    return makeSignal({ ...common, value: 'disallow', statement: 'The site reserves text and data mining (TDMRep).' });
  if (value === '0')
    return makeSignal({
      ...common,
      value: 'allow',
      statement: 'The site does not reserve text and data mining (TDMRep).',
    });
  return makeSignal({
    ...common,
    value: 'unknown',
    statement: 'The reservation is neither 0 nor 1, so by its protocol it is not set.',
  });
}

function broken(file: string, text: string, why: string): Signal {
  const statement = `There is a TDMRep file, but it cannot be read: ${why}.`;
  return makeSignal({
    kind: 'tdmrep',
    value: 'error',
    scope: 'mine',
    trust: 'unsigned',
    locator: file,
    raw: text,
    statement,
  });
}
