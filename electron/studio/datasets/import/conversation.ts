/** @file Questions and answers inside a conversation, as LLaVA (`from`, `value`) and chat formats (`role`, `content`) keep them. */

export type Turn = { from: 'question' | 'answer' | 'other'; text: string };

const QUESTION = new Set(['human', 'user', 'question']);
const ANSWER = new Set(['gpt', 'assistant', 'model', 'bot', 'answer', 'chatgpt']);

/** The turns of a conversation; null where the value is none. A text that holds one as JSON is read too. */
export function turnsOf(value: unknown): Turn[] | null {
  const list = typeof value === 'string' && /^\s*\[\s*\{/.test(value) ? parsed(value) : value;
  if (!Array.isArray(list) || list.length === 0) return null;
  const turns: Turn[] = [];
  for (const item of list as unknown[]) {
    if (typeof item !== 'object' || item === null) return null;
    const { from, role, value: text, content } = item as Record<string, unknown>;
    const speaker = typeof from === 'string' ? from : typeof role === 'string' ? role : null;
    if (speaker === null) return null;
    const name = speaker.toLowerCase();
    turns.push({
      from: QUESTION.has(name) ? 'question' : ANSWER.has(name) ? 'answer' : 'other',
      text: textOf(text ?? content),
    });
  }
  return turns;
}

/** The first question and the answer that follows it; `more` counts the pairs after it. */
export function firstExchange(turns: readonly Turn[]): { question: string; answer: string; more: number } | null {
  const at = turns.findIndex((turn, index) => turn.from === 'question' && turns[index + 1]?.from === 'answer');
  const [question, answer] = [turns[at], turns[at + 1]];
  if (at === -1 || question === undefined || answer === undefined) return null;
  const more = turns.slice(at + 2).filter((turn) => turn.from === 'answer').length;
  return { question: question.text, answer: answer.text, more };
}

/** Some formats divide a turn into parts; those that are no text stand for the image. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as unknown[])
    .flatMap((part) => {
      if (typeof part === 'string') return [part];
      const text = (part as { text?: unknown } | null)?.text;
      return typeof text === 'string' ? [text] : [];
    })
    .join('\n');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
