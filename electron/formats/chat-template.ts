/** @file A model's chat template (Jinja): turns messages into the text the model reads. */
import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { AtelierError } from '../contract/errors/errors.ts';
import { decodeUtf8, existsFile, readBytes, readJsonObjectIfAny } from './files.ts';

export type ContentPart =
  { readonly type: 'image'; readonly image?: string } | { readonly type: 'text'; readonly text: string };

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string | readonly ContentPart[];
}

export interface RenderOptions {
  /** Ends the text with the start of the assistant's turn. */
  readonly addGenerationPrompt: boolean;
  /** Writes `Picture n: ` before each image. */
  readonly addVisionId?: boolean;
}

export interface ChatTemplate {
  /** The template as found; part of a run's provenance. */
  readonly source: string;
  render(messages: readonly ChatMessage[], options: RenderOptions): string;
}

/**
 * Finds the template of a model folder: `chat_template.jinja`, then `chat_template.json`, then the field of
 * `tokenizer_config.json` (the order of transformers).
 * @throws AtelierError NOT_FOUND if there is none, BAD_INPUT if it cannot be used
 */
export async function loadChatTemplate(dir: string): Promise<ChatTemplate> {
  const { source, file } = await findTemplate(dir);
  const fail = (cause: unknown): AtelierError =>
    new AtelierError(
      'BAD_INPUT',
      `${file}: the chat template cannot be used: ${cause instanceof Error ? cause.message : String(cause)}.`,
      {
        place: { file, field: 'chat_template' },
        cause,
      },
    );
  let template: Template;
  try {
    template = new Template(source);
  } catch (cause) {
    throw fail(cause);
  }
  return {
    source,
    render: (messages, options) => {
      try {
        return template.render({
          messages,
          add_generation_prompt: options.addGenerationPrompt,
          add_vision_id: options.addVisionId ?? false,
        });
      } catch (cause) {
        throw fail(cause);
      }
    },
  };
}

async function findTemplate(dir: string): Promise<{ source: string; file: string }> {
  const jinja = join(dir, 'chat_template.jinja');
  if (await existsFile(jinja)) return { source: decodeUtf8(await readBytes(jinja), jinja), file: jinja };
  for (const name of ['chat_template.json', 'tokenizer_config.json']) {
    const file = join(dir, name);
    const found = (await readJsonObjectIfAny(file))?.['chat_template'];
    if (found === undefined || found === null) continue;
    if (typeof found === 'string') return { source: found, file };
    const named = Array.isArray(found) ? (found as { name?: unknown; template?: unknown }[]) : [];
    const chosen = named.find((entry) => entry.name === 'default')?.template;
    if (typeof chosen === 'string') return { source: chosen, file };
    throw new AtelierError('BAD_INPUT', `${file}: "chat_template" is neither a string nor a list with a default.`, {
      place: { file, field: 'chat_template' },
    });
  }
  throw new AtelierError(
    'NOT_FOUND',
    `${dir} has no chat template (chat_template.jinja, chat_template.json or tokenizer_config.json).`,
    {
      place: { file: dir, field: 'chat_template' },
      remedy: 'Use an instruction-tuned checkpoint with its template.',
    },
  );
}
