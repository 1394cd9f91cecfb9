/**
 * @file Questions and answers inside a conversation: LLaVA's turns (`from`, `value`), chat messages (`role`, `content`),
 * and the Cauldron's pairs (`user`, `assistant`).
 */
import { parseJsonExactly } from '../../../formats/rows/exact-json.ts';

export type Turn = { from: 'question' | 'answer' | 'system' | 'other'; text: string };

export type Exchange = {
  question: string;
  answer: string;
  /** There are turns before or after this exchange, not counting system messages. */
  hasOtherTurns: boolean;
};

const QUESTION = new Set(['human', 'user', 'question']);
const ANSWER = new Set(['gpt', 'assistant', 'model', 'bot', 'answer', 'chatgpt']);

/** The turns of a conversation, or null if the value is not one. Also reads a conversation from JSON text. */
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

/** The question that shows the image and the answer after it; if no question shows it, the first such pair. */
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
 * The question of a conversation whose answer is in another column, as in GRPO rows for TRL and ms-swift: its only
 * question, or null.
 */
export function loneQuestion(turns: readonly Turn[]): string | null {
  const spoken = turns.filter(({ from }) => from !== 'system');
  return spoken.length === 1 && spoken[0]?.from === 'question' ? spoken[0].text : null;
}

/** The answer if a column holds only that, as a one-turn conversation (TRL's `completion`); otherwise null. */
export function loneAnswer(turns: readonly Turn[]): string | null {
  return turns.length === 1 && turns[0]?.from === 'answer' ? turns[0].text : null;
}

function partOf(speaker: string): Turn['from'] {
  if (QUESTION.has(speaker)) return 'question';
  if (ANSWER.has(speaker)) return 'answer';
  return speaker === 'system' ? 'system' : 'other';
}

/** Some formats divide a turn into parts; image, video and sound parts become placeholders. */
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
