/**
 * @file Questions and answers inside a conversation: LLaVA's turns (`from`, `value`), chat messages (`role`, `content`),
 * and the Cauldron's pairs (`user`, `assistant`).
 */
import { parseJsonExactly } from '../../../formats/rows/exact-json.ts';

export type Turn = { from: 'question' | 'answer' | 'system' | 'other'; text: string };

export type Exchange = {
  question: string;
  answer: string;
  /** Turns before or after this exchange, system messages aside. */
  hasOtherTurns: boolean;
};

const QUESTION = new Set(['human', 'user', 'question']);
const ANSWER = new Set(['gpt', 'assistant', 'model', 'bot', 'answer', 'chatgpt']);

/** The turns of a conversation; null where the value is not one. A text that holds one as JSON is read too. */
export function turnsOf(value: unknown): Turn[] | null {
  const list = typeof value === 'string' && /^\s*\[\s*\{/.test(value) ? parsed(value) : value;
  if (!Array.isArray(list) || list.length === 0) return null;
  const turns: Turn[] = [];
  for (const item of list as unknown[]) {
    if (typeof item !== 'object' || item === null) return null;
    const { from, role, value: text, content, user, assistant } = item as Record<string, unknown>;
    const speaker = typeof from === 'string' ? from : typeof role === 'string' ? role : null;
    if (speaker !== null) turns.push({ from: partOf(speaker.toLowerCase()), text: textOf(text ?? content) });
    else if (user !== undefined && assistant !== undefined)
      turns.push({ from: 'question', text: textOf(user) }, { from: 'answer', text: textOf(assistant) });
    else return null;
  }
  return turns;
}

/** The question that shows the image and the answer that follows it; where no question shows it, the first of both. */
export function exchangeOf(turns: readonly Turn[]): Exchange | null {
  const spoken = turns.filter(({ from }) => from !== 'system');
  const starts = spoken.flatMap((turn, index) =>
    turn.from === 'question' && spoken[index + 1]?.from === 'answer' ? [index] : [],
  );
  const at = starts.find((index) => spoken[index]?.text.includes('<image>')) ?? starts[0];
  const [question, answer] = at === undefined ? [] : [spoken[at], spoken[at + 1]];
  if (question === undefined || answer === undefined) return null;
  return { question: question.text, answer: answer.text, hasOtherTurns: spoken.length > 2 };
}

/**
 * The question of a conversation whose answer stands in another column, as TRL's and ms-swift's GRPO rows have it: the
 * only question there is, or null.
 */
export function loneQuestion(turns: readonly Turn[]): string | null {
  const spoken = turns.filter(({ from }) => from !== 'system');
  return spoken.length === 1 && spoken[0]?.from === 'question' ? spoken[0].text : null;
}

/** The answer where a column holds nothing but it, as a conversation of one turn (TRL's `completion`); else null. */
export function loneAnswer(turns: readonly Turn[]): string | null {
  return turns.length === 1 && turns[0]?.from === 'answer' ? turns[0].text : null;
}

function partOf(speaker: string): Turn['from'] {
  if (QUESTION.has(speaker)) return 'question';
  if (ANSWER.has(speaker)) return 'answer';
  return speaker === 'system' ? 'system' : 'other';
}

/** Some formats divide a turn into parts; an image, video or sound among them stands as its mark. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as unknown[])
    .flatMap((part) => {
      if (typeof part === 'string') return [part];
      const { text, type } = (part ?? {}) as { text?: unknown; type?: unknown };
      if (typeof text === 'string') return [text];
      if (typeof type !== 'string') return [];
      if (type.startsWith('image')) return ['<image>'];
      return type.startsWith('video') || type.startsWith('audio') ? [`<${type.slice(0, 5)}>`] : [];
    })
    .join('\n');
}

function parsed(text: string): unknown {
  try {
    return parseJsonExactly(text);
  } catch {
    return null;
  }
}
