/** @file A model's chat template (Jinja): turns messages into the text the model reads. */
import { AtelierError } from '../contract/errors/errors.ts';
import { askModelText, TEXT_LIMITS } from './model-text.ts';
import { findTemplate, type ChatMessage } from './template-source.ts';

export type { ChatMessage, ContentPart } from './template-source.ts';

export interface RenderOptions {
  /** Ends the text with the start of the assistant's turn. */
  readonly addGenerationPrompt: boolean;
  /** Writes `Picture n: ` before each image. */
  readonly addVisionId?: boolean;
}

export interface ChatTemplate {
  /** The template as found; part of a run's provenance. */
  readonly source: string;
  /**
   * How it takes `content`: only as one `text` (given a list of parts, it would print the list), only as a list of `parts`
   * (given a text, it would drop it), or as `either`.
   */
  readonly takes: 'text' | 'parts' | 'either';
  /** Whether a system message is part of what it writes; others drop it or refuse it. */
  takesSystem(): Promise<boolean>;
  /** @throws AtelierError BAD_INPUT naming the file if the template refuses the messages, hangs or fills the memory */
  render(messages: readonly ChatMessage[], options: RenderOptions): Promise<string>;
}

/**
 * Finds and compiles the template of a model folder (`findTemplate` says where). A template is a program of the model's
 * author, so it runs in a thread with limits of time and memory.
 * @throws AtelierError NOT_FOUND if there is none, BAD_INPUT if it cannot be used
 */
export async function loadChatTemplate(dir: string, limits = TEXT_LIMITS): Promise<ChatTemplate> {
  const template = await findTemplate(dir);
  await askModelText(template.file, { op: 'compile', template }, limits);
  const render: ChatTemplate['render'] = async (messages, options) => {
    const values = {
      add_generation_prompt: options.addGenerationPrompt,
      add_vision_id: options.addVisionId ?? false,
    };
    return (await askModelText(template.file, { op: 'render', template, messages, values }, limits)) as string;
  };
  const takes = await contentOf(render);
  let system: Promise<boolean> | undefined;
  return { source: template.source, takes, takesSystem: () => (system ??= keepsSystem(render, takes)), render };
}

/** A word that no template writes by itself. */
const PROBE = 'atelierprobe';
/** How a list of parts looks when it is printed. */
const PRINTED_LIST = /['"]?type['"]?\s*:\s*['"]text['"]/;

/** The conversation of one question. @param systemPrompt absent = no system message */
export function withSystem(systemPrompt: string | undefined, question: ChatMessage): ChatMessage[] {
  return systemPrompt === undefined ? [question] : [{ role: 'system', content: systemPrompt }, question];
}

/** @throws AtelierError BAD_INPUT if the template drops or refuses a system message */
export async function mustTakeSystem(template: ChatTemplate): Promise<void> {
  if (await template.takesSystem()) return;
  throw new AtelierError('BAD_INPUT', 'The model’s chat template has no place for a system prompt.', {
    place: { field: 'systemPrompt' },
    remedy: 'Leave the system prompt out, or put its words into the prompt template.',
  });
}

async function keepsSystem(render: ChatTemplate['render'], takes: ChatTemplate['takes']): Promise<boolean> {
  const asked = (text: string): ChatMessage['content'] => (takes === 'parts' ? [{ type: 'text', text }] : text);
  const messages: ChatMessage[] = [
    { role: 'system', content: asked(PROBE) },
    { role: 'user', content: asked('?') },
  ];
  try {
    return (await render(messages, { addGenerationPrompt: true })).includes(PROBE);
  } catch (error) {
    if (error instanceof AtelierError && error.code === 'BAD_INPUT') return false;
    throw error;
  }
}

/** Renders a question both ways. A template that refuses both says so when it is used. */
async function contentOf(render: ChatTemplate['render']): Promise<ChatTemplate['takes']> {
  const rendered = async (content: ChatMessage['content']): Promise<string | null> => {
    try {
      return await render([{ role: 'user', content }], { addGenerationPrompt: true });
    } catch (error) {
      if (error instanceof AtelierError && error.code === 'BAD_INPUT') return null;
      throw error;
    }
  };
  const parts = await rendered([{ type: 'text', text: PROBE }]);
  const takesParts = parts?.includes(PROBE) === true && !PRINTED_LIST.test(parts);
  const takesText = (await rendered(PROBE))?.includes(PROBE) === true;
  return takesParts === takesText ? 'either' : takesParts ? 'parts' : 'text';
}
