/**
 * @file Translates a sentence by its template. Templates without holes are looked up; the others are matched piece by
 * piece, from left to right, as a wildcard is. What stands in a hole is translated as well, where it can be.
 */

/** English template → the same in another language: `There is no run "{0}".` */
export type Catalogue = Readonly<Record<string, string>>;

type Pattern = {
  pieces: readonly string[];
  said: string;
  words: number;
  /** So few words that it would fit anything: its holes hold numbers, quotations or what has a template itself. */
  isThin: boolean;
  /** Which holes stand in quotation marks. */
  quoted: readonly boolean[];
};

const KEPT = 5000;
/** The most sentences of one template. */
const MOST_TOGETHER = 5;
const LONGEST_NAMED = 1000;
const HOLE = /\{(\d+)\}/g;

export class TemplateIndex {
  readonly #whole: ReadonlyMap<string, string>;
  readonly #patterns: readonly Pattern[];
  readonly #number: (figures: string) => string;
  readonly #kept = new Map<string, string>();

  /** @param number writes the numbers of a text as the language does */
  constructor(catalogue: Catalogue, number: (figures: string) => string) {
    // A part that is added behind a sentence begins with a space there, and is looked up without.
    const entries = Object.entries(catalogue).flatMap(([template, said]) =>
      template === template.trim()
        ? [[template, said] as const]
        : [[template, said] as const, [template.trim(), said.trim()] as const],
    );
    this.#number = number;
    this.#whole = new Map(entries.filter(([template]) => !/\{\d+\}/.test(template)));
    this.#patterns = entries
      .filter(([template]) => /\{\d+\}/.test(template))
      .map(([template, said]) => {
        const pieces = template.split(/\{\d+\}/);
        const bare = pieces.join('');
        const quoted = pieces.map((piece) => /["“‘'`]$/.test(piece));
        return { pieces, said, words: bare.length, isThin: isThin(bare), quoted };
      })
      .toSorted((one, other) => other.words - one.words);
  }

  /** The sentence in the other language; as it is if no template fits. */
  say(text: string): string {
    const kept = this.#kept.get(text);
    if (kept !== undefined) return kept;
    const said = this.#translated(text) ?? this.#named(text) ?? this.#bySentence(text);
    if (this.#kept.size >= KEPT) this.#kept.clear();
    this.#kept.set(text, said);
    return said;
  }

  #translated(text: string): string | null {
    const whole = this.#whole.get(text);
    if (whole !== undefined) return whole;
    for (const { pieces, said, isThin, quoted } of this.#patterns) {
      const holes = holesOf(text, pieces);
      if (holes === null) continue;
      if (isThin && !this.#fills(holes, quoted)) continue;
      return said.replaceAll(HOLE, (_, number: string) => {
        const at = Number(number);
        return this.#hole(holes[at] ?? '', quoted[at] === true);
      });
    }
    return null;
  }

  /** A part of a sentence, which may begin it and then has a capital. */
  #part(text: string): string | null {
    const said = this.#translated(text);
    if (said !== null) return said;
    const small = this.#translated(text.charAt(0).toLowerCase() + text.slice(1));
    return small === null ? null : small.charAt(0).toUpperCase() + small.slice(1);
  }

  /** Whether these can be the holes of a thin template: beside something in quotation marks, a name will do as well. */
  #fills(holes: readonly string[], quoted: readonly boolean[]): boolean {
    const isQuoting = quoted.includes(true);
    return holes.every((hole, at) =>
      quoted[at] === true ? !hole.includes('"') : (isQuoting ? isName(hole) : isPath(hole)) || this.#isKnown(hole),
    );
  }

  /** `/data/x.json has no rows.`, `x.json: it has no rows.`: a name, which may have spaces, and what is said of it. */
  #named(text: string): string | null {
    if (!text.endsWith('.') || text.length > LONGEST_NAMED) return null;
    for (let at = text.indexOf(' '); at !== -1; at = text.indexOf(' ', at + 1)) {
      const name = text.slice(0, at);
      const known = this.#whole.get(name) ?? null;
      if (known === null && !isName(name.replace(/:$/, ''))) continue;
      const rest = text.slice(at + 1);
      if (name.endsWith(':')) {
        const said = this.#part(rest);
        if (said !== null) return `${name} ${said}`;
      }
      const said = /^\p{Ll}/u.test(rest) ? this.#translated(rest.slice(0, -1)) : null;
      if (said !== null) return `${known ?? name} ${said}.`;
    }
    return null;
  }

  #isKnown(text: string): boolean {
    return isFigures(text) || this.#translated(text) !== null;
  }

  /** Sentence by sentence, where several that have one template together come first. */
  #bySentence(text: string): string {
    const sentences = text.split(/(?<=[.!?]) (?=[\p{Lu}"“–\d])/u);
    if (sentences.length < 2) return text;
    const said: string[] = [];
    for (let from = 0; from < sentences.length;) {
      const first = this.#longest(sentences.slice(from, from + MOST_TOGETHER));
      said.push(first.said);
      from += first.count;
    }
    return said.join(' ');
  }

  /** As many of the first sentences as have one template together. */
  #longest(sentences: readonly string[]): { said: string; count: number } {
    for (let count = sentences.length; count > 0; count -= 1) {
      const said = this.#translated(sentences.slice(0, count).join(' '));
      if (said !== null) return { said, count };
    }
    const first = sentences[0] ?? '';
    return { said: this.#named(first) ?? first, count: 1 };
  }

  /** What stands in quotation marks is a name or somebody's words, and stays. */
  #hole(text: string, quoted: boolean): string {
    if (quoted || text === '') return text;
    if (isFigures(text)) return this.#number(text);
    const [before, inner, after] = trimmed(text);
    const said = this.#part(inner);
    if (said !== null) return before + said + after;
    for (const between of ['; ', ', ', ' and ']) {
      const parts = inner.split(between);
      const translated = parts.map((part) => (isFigures(part) ? this.#number(part) : this.#part(part)));
      if (parts.length > 1 && translated.every((part) => part !== null))
        return before + translated.join(between === ' and ' ? (this.#whole.get(between) ?? between) : between) + after;
    }
    return before + this.#bySentence(inner) + after;
  }
}

/** No word; or one, and no mark of a sentence: `{0} pictures`, `row {0}`, `{0}: "{1}" {2}.` */
function isThin(bare: string): boolean {
  const words = (bare.match(/\p{L}+/gu) ?? []).length;
  return words === 0 || (words === 1 && !/[.:]/.test(bare));
}

/** A file, an address or a code: it has a mark or a digit inside, and no sentence ends in it. */
function isName(text: string): boolean {
  return /[\p{L}\d/\\][./\\_-][\p{L}\d_]|^\S*\d\S*$|^\//u.test(text) && !/[.!?:;] |["“”]/.test(text);
}

function trimmed(text: string): [before: string, inner: string, after: string] {
  const inner = text.trim();
  const at = text.indexOf(inner);
  return [text.slice(0, at), inner, text.slice(at + inner.length)];
}

function isPath(text: string): boolean {
  return /^\S*[/\\.]\S*\w$/.test(text);
}

/** Numbers with their signs and units, and no words. */
function isFigures(text: string): boolean {
  return /\d/.test(text) && !/\p{L}/u.test(text.replaceAll(/\b(p|[KMG]i?B|B|s|ms|min|h|px)\b/g, ''));
}

/**
 * What stands between the pieces, or null if they are not in the text in this order. The first piece begins the text and
 * the last one ends it; each piece between them is taken where it first comes, so this ends in linear time.
 */
function holesOf(text: string, pieces: readonly string[]): string[] | null {
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  const end = text.length - last.length;
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return null;
  const holes: string[] = [];
  let from = first.length;
  let isAfterHole = false;
  for (const piece of pieces.slice(1, -1)) {
    // A hole holds something, so that pieces that touch do not swallow it; the second of two that touch may be empty.
    const at = text.indexOf(piece, piece === '' || isAfterHole ? from : from + 1);
    isAfterHole = piece === '';
    if (at === -1 || at + piece.length > end) return null;
    holes.push(text.slice(from, at));
    from = at + piece.length;
  }
  holes.push(text.slice(from, end));
  return holes;
}
