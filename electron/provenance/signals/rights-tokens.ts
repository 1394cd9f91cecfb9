/** @file A clause as tagged tokens, by the lexicon. */
import { LEXICON, type Tag } from './rights-lexicon.ts';

export interface Token {
  tag: Tag | 'word' | 'comma' | 'colon';
  text: string;
}

const TAGGERS = LEXICON.map(({ tag, patterns }) => ({
  tag,
  pattern: new RegExp(`(?<![a-z0-9_])(?:${patterns.join('|')})(?![a-z0-9_])`, 'g'),
}));
/** Stands for text that already has its tag; no pattern matches it. */
const TAKEN = '\uE000';
/** How many tokens may lie between training and AI in "train your image model, an AI". */
const TRAIN_TO_AI = 8;

/** The tagged phrases, words and marks of a clause, in order. */
export function tokensOf(clause: string): Token[] {
  const spans: { at: number; token: Token }[] = [];
  let rest = clause;
  for (const { tag, pattern } of TAGGERS) {
    rest = rest.replace(pattern, (text: string, at: number) => {
      spans.push({ at, token: { tag, text } });
      return TAKEN.repeat(text.length);
    });
  }
  for (const { 0: text, index: at } of rest.matchAll(/[a-z0-9_'§][a-z0-9_'§-]*|[&/,:=]/g)) {
    const tag = text === ',' ? 'comma' : text === ':' || text === '=' ? 'colon' : 'word';
    spans.push({ at, token: { tag, text } });
  }
  const tokens = spans.sort((a, b) => a.at - b.at).map(({ token }) => token);
  return tokens.map((token, at) => {
    if (token.tag !== 'train') return token;
    const near = tokens.slice(Math.max(0, at - TRAIN_TO_AI), at + TRAIN_TO_AI + 1);
    return { ...token, tag: near.some(({ tag, text }) => tag === 'ai' || text.includes('_ai_')) ? 'use' : 'word' };
  });
}

/** Whether a token is something that may be forbidden: training, mining, a law on it, or AI as such. */
export function isSpokenOf(tag: Token['tag']): boolean {
  return tag === 'use' || tag === 'law' || tag === 'ai';
}
