/** @file From a text to the clauses of its sentences, folded so that a lexicon can be matched against them. */

/** A longer clause is read in parts. */
const MAX_CLAUSE_CHARACTERS = 4000;

/** Stands for a full stop or letter that ends no sentence, so that every other character keeps its position. */
const SKIPPED = '\uE001';
const ABBREVIATIONS =
  /(?<![\p{L}])(?:art|abs|nr|al|par|sec|inc|ltd|co|corp|cf|etc|vs|bzw|incl|inkl|st|dr|mr|mrs|prof|gem|ggf|bspw|ca|núm|num|lit|ley|dir|cod|lett|d\.\s?lgs|lgs|no(?=\.\s*\d)|[lnscrd](?=\.\s*\d))\./giu;

/** A sentence that begins like this goes on with what the one before it said. */
const GOES_ON =
  /^(?:this|that|these|which)? ?(?:also )?(?:includ|incl|appl(?:y|ies)|extends|covers|especially|in particular|particularly|specifically|dies |das |insbesondere|einschlie|auch |cela |ceci |y compris|notamment|esto |incluid|incluye|incluso|en particular|questo |ciò |inclus|compres|in particolare)/iu;

/** A sentence of a text. */
export interface Sentence {
  /** Exactly as it stands in the text, without markup. */
  said: string;
  /** The same to be read: without the full stops of abbreviations, an answer joined to its question. */
  read: string;
}

const MARKUP = /<[^<>]{1,500}>/g;

/** Greek and Cyrillic letters that look like Latin ones, in the same order. */
const LOOK_ALIKES = 'ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχАВЕЅІЈКМНОРСТУХаеѕіјкорсух';
const LATIN = 'ABEZHIKMNOPTYXaikvoptuxABESIJKMHOPCTYXaesijkopcyx';
const LATIN_OF = new Map(Array.from(LOOK_ALIKES).map((letter, at) => [letter, LATIN.charAt(at)] as const));

/** Entities that HTML and XML writers leave in a text. */
const ENTITIES: Readonly<Record<string, string>> = {
  nbsp: ' ',
  amp: '&',
  quot: '"',
  apos: "'",
  lt: '<',
  gt: '>',
  shy: '\u00AD',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
  ecirc: 'ê',
  agrave: 'à',
  igrave: 'ì',
  ograve: 'ò',
  ugrave: 'ù',
  iacute: 'í',
  oacute: 'ó',
  aacute: 'á',
  uacute: 'ú',
  icirc: 'î',
  ccedil: 'ç',
  ntilde: 'ñ',
  oelig: 'œ',
};
const ENTITY = /&(?:amp;)*(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi;

/** The text with its entities as characters, each of the same length as before. */
function withoutEntities(text: string): string {
  return text.replaceAll(ENTITY, (entity, decimal?: string, hex?: string, name?: string) => {
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    const character =
      name === undefined ? (code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : undefined) : ENTITIES[name];
    return character === undefined ? entity : character.padEnd(entity.length, SKIPPED);
  });
}

/** The sentences of a text; one that only goes on is joined to the one before it. */
export function sentencesOf(text: string): Sentence[] {
  // Each replacement keeps the length, so that a position in `plain` is one in the text.
  const plain = withoutEntities(text)
    .replaceAll(/[\u0370-\u04FF]/g, (letter) => LATIN_OF.get(letter) ?? letter)
    .replaceAll(MARKUP, (tag) => ' '.repeat(tag.length))
    .replaceAll(/\b[AaKkIi]\.\s?[IiAa]\.(?=[\s,;:)/-]|$)/g, (name) => name.replaceAll(/[.\s]/g, SKIPPED))
    .replaceAll(ABBREVIATIONS, (word) => word.replaceAll('.', SKIPPED))
    .replaceAll(/\b(?:z|d|e|i|p)\.\s?(?:b|h|g|e|ex)\./gi, (word) => ' '.repeat(word.length))
    // An answer belongs to its question.
    .replaceAll(/\?(?=\s*(?:no|not|nein|non|never|nie|niemals|jamais|nunca|mai)\b)/gi, ':');
  const sentences: { from: number; to: number; read: string }[] = [];
  let at = 0;
  const add = (to: number): void => {
    const read = plain.slice(at, to).replaceAll(SKIPPED, '').trim();
    const before = sentences.at(-1);
    if (read === '') return;
    if (before !== undefined && GOES_ON.test(read)) {
      before.read = `${before.read.replace(/[.!?;]+$/, '')}, ${read}`;
      before.to = to;
    } else sentences.push({ from: at, to, read });
  };
  for (const gap of plain.matchAll(/(?<=[.!?;])\s+|\n\s*\n|[|•]|(?<![Dd][Aa][Ll][Ll])·|\r?\n(?=\s*[-*\d])/gu)) {
    add(gap.index);
    at = gap.index + gap[0].length;
  }
  add(plain.length);
  return sentences.map(({ from, to, read }) => ({ said: text.slice(from, to).replaceAll(MARKUP, ' ').trim(), read }));
}

const AI_WORDS =
  /artificial[- ]intelligence|kunstliche\w*[- ]intelligenz(?:en)?|intelligences?[- ]artificielles?|inteligencias?[- ]artificial(?:es)?|intelligenz\w[- ]artificial\w/g;

const SKIN_OR_FORM = '(?:\\uFE0F|[\\u{1F3FB}-\\u{1F3FF}])*';
const AGAINST = new RegExp(`(?:(?:❌|❎|🚫|⛔|🛑|✖|✗|✘|☒|🙅|👎)${SKIN_OR_FORM})+`, 'gu');
const FOR = new RegExp(`(?:(?:✅|✔|✓|☑|🆗|👍)${SKIN_OR_FORM})+`, 'gu');
const MARKS = new RegExp(`(?:${AGAINST.source}|${FOR.source})`, 'gu');

/**
 * Each mark with its own item: "✅ AI training ❌ resale" forbids resale only. Marks stand before their items, unless the
 * text begins with an item and ends with a mark ("AI training ❌ resale ✅").
 */
function separateMarks(text: string): string {
  const marks = [...text.matchAll(MARKS)];
  const [first, last] = [marks[0], marks.at(-1)];
  if (first === undefined || last === undefined || marks.length === 1) return text;
  const begins = /[\p{L}\p{N}]/u.test(text.slice(0, first.index));
  const ends = !/[\p{L}\p{N}]/u.test(text.slice(last.index + last[0].length));
  return text.replaceAll(MARKS, begins && ends ? (mark) => `${mark};` : (mark) => `;${mark}`);
}

/** Lower case without accents and quotes; every name for artificial intelligence becomes `_ai_`. */
export function foldText(text: string): string {
  return (
    separateMarks(text.normalize('NFKC'))
      .replaceAll(/[\u00ad\u200b-\u200f\u2060\ufeff]/g, '')
      .replaceAll(/[‘’`´]/g, "'")
      .replaceAll(/[_"“”„«»‹›()[\]{}*]/g, ' ')
      .replaceAll(AGAINST, ' no ')
      .replaceAll(FOR, ' yes ')
      // Italian "né … né", which without its accents would be French "ne"; "ni" is the same word in French and Spanish.
      .replaceAll(/(?<![\p{L}\p{N}])n[eé](?:'|\u0301)?(?= [^.;]{0,300}?(?<![\p{L}\p{N}])né )/giu, 'ni')
      .replaceAll(/(?<![\p{L}\p{N}])né(?= )(?<=(?<![\p{L}\p{N}])ni [^.;]{0,300})/giu, 'ni')
      .replaceAll(/[‐‑–—]/g, '-')
      // Capitals only: French "j'ai" and Italian "ai fini" are other words.
      .replaceAll(/(?<![\p{L}\p{N}])(?<![jJuU]')(?:Gen[- ]?)?(?:AI|KI|IA)s?(?![\p{L}\p{N}])/gu, '_ai_')
      .replaceAll(
        /(?<![\p{L}\p{N}'])ai(?=[-/ ](?:and |or |\/ ?ml )?(?:train|model|machine|learning|system|tool|scrap|generat|use\b|usage|develop|data|mining|ml\b|companies|bots?))/giu,
        '_ai_',
      )
      .replaceAll(/(?<=\b(?:no|for|by|with|train|training|generative|any|using) )ai(?![\p{L}\p{N}'-])/gu, '_ai_')
      .replaceAll(/(?<![\p{L}\p{N}])ki(?=[- ](?:train|modell|system|anwend|nutz|lern|gener))/giu, '_ai_')
      .replaceAll(/(?<=\b(?:für|fuer|durch|von|mit|keine) )ki(?![\p{L}\p{N}])/giu, '_ai_')
      .replaceAll(
        /(?<=(?:\b(?:de|la|una|para|por|con|di|une|sin) |\b(?:d|l|dell|all|dall|un)'))ia(?![\p{L}\p{N}'])/giu,
        '_ai_',
      )
      .normalize('NFD')
      .replaceAll(/\p{M}/gu, '')
      .toLowerCase()
      .replaceAll('ß', 'ss')
      .replaceAll('œ', 'oe')
      .replaceAll(/\s+/g, ' ')
      .replaceAll(AI_WORDS, '_ai_')
      .replaceAll(/(?<=\bgenerativ\w*)-_ai_/g, ' _ai_')
      // Without a turn against what was said: "for anything but AI training" excepts it.
      .replaceAll(
        /(?<=\b(?:for|in|to) (?:anything|everything|any (?:use|purpose)s?|all (?:uses|purposes))|\b(?:(?:everything|anything|all) (?:else )?(?:is|are) (?:allowed|permitted|fine|ok)|(?:do|for) (?:anything|everything)|all uses|no[- ]?one|nobody)) but(?= )/g,
        ' except',
      )
      .replaceAll(/\bgen(?:erative)?[- ]?ai\b/g, '_ai_')
      .replaceAll(/_ai_ ?(?:\/ ?)?_ai_/g, '_ai_')
      .replaceAll(
        /(?:but|mais|pero|ma|aber)? ?(?:not|non|no|pas|nicht|sans) (?:be )?(?:limited to|s'y limiter|limitativ\w+|limite a|limitad\w+ a|limitat\w+ a|exclusiv\w+|beschrankt auf)/g,
        ' including ',
      )
      .trim()
  );
}

/** Where a sentence turns against what it said before. */
const TURN =
  /(?:^| |,)(?:but|however|although|though|whereas|while|aber|jedoch|allerdings|doch|wahrend|mais|cependant|toutefois|pero|sin embargo|tuttavia)(?= )|, ma(?= )|;/;

/** A folded sentence in the parts in which one word can govern another. */
export function clausesOf(folded: string): string[] {
  return folded.split(TURN).flatMap((clause) => {
    const parts: string[] = [];
    for (let from = 0; from < clause.length; from += MAX_CLAUSE_CHARACTERS - 500)
      parts.push(clause.slice(from, from + MAX_CLAUSE_CHARACTERS));
    return parts;
  });
}
