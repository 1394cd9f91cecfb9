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
      case 'content-signal':
        signals.push(...readContentSignal(value, locator));
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
  // Some sites publish a rule without the list around it; without a location, it is about all of the site.
  if (isLoneRule(rules)) rules = [{ location: '/', ...rules }];
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

function isLoneRule(rules: unknown): rules is object {
  return typeof rules === 'object' && rules !== null && 'tdm-reservation' in rules;
}

/**
 * Robots that collect for training, as their owners name them, in lower case. `Google-Extended` and `Applebot-Extended`
 * are names for exactly that choice; a rule for a search robot says nothing about training.
 */
const TRAINING_ROBOTS: ReadonlySet<string> = new Set([
  'ai2bot',
  'amazonbot',
  'anthropic-ai',
  'applebot-extended',
  'bytespider',
  'ccbot',
  'claudebot',
  'cohere-training-data-crawler',
  'diffbot',
  'facebookbot',
  'google-cloudvertexbot',
  'google-extended',
  'gptbot',
  'img2dataset',
  'laion-huggingface-processor',
  'laiondownloader',
  'meta-externalagent',
  'omgilibot',
  'pangubot',
  'webzio-extended',
]);

/**
 * What a site's `robots.txt` says about training: `Content-Usage: [path] preferences` (AIPREF draft) and `Content-Signal:
 * preferences` (contentsignals.org) in the groups for all robots, and `Disallow` for robots that collect for training.
 * Other rules for single robots are about them.
 */
export function readRobotsTxt(text: string, file: string, paths: readonly string[]): Signal[] {
  const rules = rulesOf(text);
  const preferences = rules.filter(isForAll).flatMap(({ name, value, line }) => {
    const [, path = '/', said = ''] = /^(?:(\/\S*)\s+)?(.*)$/.exec(value) ?? [];
    if (!paths.some((own) => locationFits(path, own))) return [];
    const locator = `${file}, line ${line}`;
    if (name === 'content-usage') return readContentUsage(said, locator);
    return name === 'content-signal' ? readContentSignal(said, locator) : [];
  });
  return [...preferences, ...trainingRobots(rules, file, paths)];
}

/** Cloudflare's content signals: `search=yes, ai-input=no, ai-train=no`. Only `ai-train` is about training. */
export function readContentSignal(value: string, locator: string): Signal[] {
  return value.split(/[,;]/).flatMap((entry) => {
    const [key = '', preference = ''] = entry.split('=').map((part) => part.trim().toLowerCase());
    if (key !== 'ai-train') return [];
    const said: SignalValue = preference === 'no' ? 'disallow' : preference === 'yes' ? 'allow' : 'unknown';
    const says = said === 'disallow' ? 'does not allow' : said === 'allow' ? 'allows' : 'says something about';
    const statement = `The site ${says} training (Content-Signal).`;
    const common = { kind: 'aipref', scope: 'train', trust: 'unsigned' } as const;
    return [makeSignal({ ...common, value: said, locator, raw: entry.trim(), statement })];
  });
}

/** One signal for the first robot that collects for training and may not have the image. */
function trainingRobots(rules: readonly Rule[], file: string, paths: readonly string[]): Signal[] {
  const names = [...new Set(rules.flatMap(({ agents }) => agents))].filter((name) => TRAINING_ROBOTS.has(name));
  const refused = names.flatMap((name) => {
    const rule = strongestRule(
      rules.filter(({ agents }) => agents.includes(name)),
      paths,
    );
    return rule?.name === 'disallow' ? [{ name, rule }] : [];
  });
  const [first] = refused;
  if (first === undefined) return [];
  const statement = `The site does not let robots that collect for training have the image (${refused.map(({ name }) => name).join(', ')}).`;
  const common = { kind: 'noai', value: 'disallow', scope: 'train', trust: 'unsigned' } as const;
  const raw = `User-agent: ${first.name}, Disallow: ${first.rule.value}`;
  return [makeSignal({ ...common, locator: `${file}, line ${first.rule.line}`, raw, statement })];
}

/**
 * A site's `ai.txt` (Spawning): `Disallow: PATTERN` in the groups for all robots says that what matches may not be used
 * to train AI; the longer of two matching patterns wins, as in robots.txt.
 */
export function readAiTxt(text: string, file: string, paths: readonly string[]): Signal[] {
  const rule = strongestRule(rulesOf(text).filter(isForAll), paths);
  if (rule?.name !== 'disallow') return [];
  const statement = `The site's ai.txt does not allow training on what matches “${rule.value.slice(0, 80)}”.`;
  const locator = `${file}, line ${rule.line}`;
  const common = { kind: 'noai', value: 'disallow', scope: 'train', trust: 'unsigned' } as const;
  return [makeSignal({ ...common, locator, raw: `Disallow: ${rule.value}`, statement })];
}

/** The longest `Allow` or `Disallow` that matches; of two as long, the one that forbids. */
function strongestRule(rules: readonly Rule[], paths: readonly string[]): Rule | undefined {
  return rules
    .filter(({ name, value }) => (name === 'disallow' || name === 'allow') && value !== '')
    .filter(({ value }) => paths.some((path) => locationFits(value.startsWith('/') ? value : `*${value}`, path)))
    .sort((a, b) => b.value.length - a.value.length || (a.name === 'disallow' ? -1 : 1))[0];
}

/** A line `Name: value`, and the robots that it is about, in lower case. */
interface Rule {
  name: string;
  value: string;
  line: number;
  /** `*` for all robots, also in a file that names none. */
  agents: readonly string[];
}

function isForAll({ agents }: Rule): boolean {
  return agents.includes('*');
}

/** The rules of a file like robots.txt. Several `User-agent` lines in a row share the rules that follow. */
function rulesOf(text: string): Rule[] {
  const rules: Rule[] = [];
  let agents: string[] = ['*'];
  let inAgents = false;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .slice(0, 10_000)
    .entries()) {
    const [, label = '', rest = ''] = /^\s*([A-Za-z-]+)\s*:\s*(.*)$/.exec(raw.replace(/#.*$/, '')) ?? [];
    const name = label.toLowerCase();
    const value = rest.trim();
    if (name === '') continue;
    if (name === 'user-agent') {
      // Robots compare names without their version ("GPTBot/1.1").
      const agent = (value.split('/')[0] ?? '').trim().toLowerCase();
      agents = inAgents ? [...agents, agent] : [agent];
      inAgents = true;
    } else {
      inAgents = false;
      rules.push({ name, value, line: index + 1, agents });
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

/**
 * A TDMRep reservation: 1 reserves, 0 does not, anything else is not set (TDMRep, section 5). `true` is against the
 * protocol, but can only mean 1.
 */
export function reservation(value: string, locator: string, raw: string): Signal {
  const common = { kind: 'tdmrep', scope: 'mine', trust: 'unsigned', locator, raw } as const;
  if (value === '1')
    return makeSignal({ ...common, value: 'disallow', statement: 'The site reserves text and data mining (TDMRep).' });
  if (/^true$/i.test(value))
    return makeSignal({
      ...common,
      value: 'disallow',
      statement: 'The site reserves text and data mining (TDMRep, written as “true” instead of 1).',
    });
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
