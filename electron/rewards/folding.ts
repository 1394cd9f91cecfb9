/**
 * @file Brings different spellings of the same characters together before an answer is read: Unicode forms, digits of
 * other scripts, dashes, quotes, white space, and characters that nobody can see.
 */

/** Controls, zero-width and other default-ignorable characters, the braille blank, and interlinear marks. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cc}\u2800\ufff9-\ufffb]/gu;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
const BLANK_ENTITY =
  /&(?:nbsp|ensp|emsp|thinsp|hairsp|numsp|puncsp|emsp13|emsp14|zwnj|zwj|lrm|rlm|shy|ZeroWidthSpace|NoBreak|NonBreakingSpace|Tab|NewLine);/g;
const NUMERIC_ENTITY = /&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/gi;

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** The text without characters that have no ink and no width. White space stays. */
export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, (character) =>
    /\s|\u0085/.test(character) && character !== '\ufeff' ? character : '',
  );
}

/**
 * What a reader would see of a text: without HTML comments, tags and entities for spaces, without special tokens
 * (`<|…|>`), and without invisible characters, trimmed.
 */
export function visibleText(text: string): string {
  const shown = text
    .replace(/<!--.*?(?:-->|$)/gs, '')
    .replace(/<\|[^|<>]*\|>/g, '')
    .replace(/<\/?[a-z][^<>]*>/gi, '')
    .replace(BLANK_ENTITY, ' ')
    .replace(NUMERIC_ENTITY, (_, hex: string | undefined, decimal: string | undefined) =>
      character(hex === undefined ? Number(decimal) : parseInt(hex, 16)),
    );
  const seen = withoutInvisible(shown).trim();
  return VISIBLE.test(seen) ? seen : '';
}

/** Whether a reader would see nothing at all. */
export function isBlank(text: string): boolean {
  return visibleText(text) === '';
}

/**
 * One spelling for each character, with the differences that change a meaning kept: `10²` becomes `10^2` and not `102`,
 * `2½` becomes `2 1/2` and not `21/2`.
 */
export function fold(text: string): string {
  return withoutInvisible(
    text
      .replace(/[⁺⁻]?[⁰¹²³⁴-⁹]+/g, superscript)
      .replace(/(?<=\p{N})[₀-₉]+/gu, (digits) => `_${digits}`)
      .replace(/(?<=\p{N})[¼-¾⅐-⅞↉]/gu, (fraction) => ` ${fraction}`)
      .replace(/(?<=\p{N})[①-⓿❶-➓]/gu, (digit) => ` ${digit}`)
      .replace(/[º˚]/g, '°')
      .normalize('NFKC'),
  )
    .replace(/\p{Nd}/gu, asciiDigit)
    .replace(/[‐‑‒–—―−﹣]/g, '-')
    .replace(/[‘’‛′ʹʼ`´]/g, (quote) => (quote === '`' ? quote : "'"))
    .replace(/[“”„‟]|''/g, '"')
    .replace(/[⁄∕]/g, '/')
    .replace(/٪/g, '%')
    .replace(/٫/g, '.')
    .replace(/[٬،]/g, ',')
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(/[^\S\n]/g, ' ');
}

function character(code: number): string {
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : '';
}

function superscript(run: string): string {
  const digits = Array.from(run, (mark) => (mark === '⁻' ? '-' : mark === '⁺' ? '' : SUPERSCRIPTS.indexOf(mark))).join(
    '',
  );
  return digits.length === 1 ? `^${digits}` : `^{${digits}}`;
}

/** Decimal digits of every script stand in runs of ten that begin with the zero. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  if (code < 0x80) return digit;
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}
