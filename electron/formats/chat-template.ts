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
  /** Whether it takes `content` only as one text. Given a list of parts, it would print the list. */
  readonly textOnly: boolean;
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
  return { source: template.source, textOnly: await takesTextOnly(render), render };
}

/** A word that no template writes by itself. */
const PROBE = 'atelierprobe';
/** How a list of parts looks when it is printed. */
const PRINTED_LIST = /['"]?type['"]?\s*:\s*['"]text['"]/;

/** Renders a question both ways. A template that refuses both says so when it is used. */
async function takesTextOnly(render: ChatTemplate['render']): Promise<boolean> {
  const rendered = async (content: ChatMessage['content']): Promise<string | null> => {
    try {
      return await render([{ role: 'user', content }], { addGenerationPrompt: true });
    } catch (error) {
      if (error instanceof AtelierError && error.code === 'BAD_INPUT') return null;
      throw error;
    }
  };
  const parts = await rendered([{ type: 'text', text: PROBE }]);
  if (parts?.includes(PROBE) === true && !PRINTED_LIST.test(parts)) return false;
  return (await rendered(PROBE))?.includes(PROBE) === true;
}
