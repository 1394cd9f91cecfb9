/** @file Conversations, and where a model folder keeps the template that turns them into text. */
import { join } from 'node:path';
import { causeWords } from '../contract/errors/cause-words.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import { decodeUtf8, existsFile, readBytes, readJsonObjectIfAny } from './files.ts';

export type ContentPart =
  { readonly type: 'image'; readonly image?: string } | { readonly type: 'text'; readonly text: string };

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string | readonly ContentPart[];
}

/** A template as found, and the file that holds it. */
export interface TemplateSource {
  readonly source: string;
  readonly file: string;
}

/** Published templates have up to 20,000 characters. */
const MOST_SOURCE_CHARACTERS = 512 * 1024;

/**
 * Finds the template of a model folder: `chat_template.jinja`, then `chat_template.json`, then the field of
 * `tokenizer_config.json` (the order of transformers).
 * @throws AtelierError NOT_FOUND if there is none, BAD_INPUT if it cannot be used
 */
export async function findTemplate(dir: string): Promise<TemplateSource> {
  const found = await searchTemplate(dir);
  if (found.source.length <= MOST_SOURCE_CHARACTERS) return found;
  throw badTemplate(found.file, new Error(`it has more than ${MOST_SOURCE_CHARACTERS} characters`));
}

async function searchTemplate(dir: string): Promise<TemplateSource> {
  const jinja = join(dir, 'chat_template.jinja');
  if (await existsFile(jinja)) return { source: decodeUtf8(await readBytes(jinja), jinja), file: jinja };
  for (const name of ['chat_template.json', 'tokenizer_config.json']) {
    const file = join(dir, name);
    const found = (await readJsonObjectIfAny(file))?.['chat_template'];
    if (found === undefined || found === null) continue;
    if (typeof found === 'string') return { source: found, file };
    const named = Array.isArray(found) ? (found as ({ name?: unknown; template?: unknown } | null)[]) : [];
    const chosen = named.find((entry) => entry?.name === 'default')?.template;
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

/** The error for a template that cannot be used. */
export function badTemplate(file: string, cause: unknown): AtelierError {
  return new AtelierError('BAD_INPUT', `${file}: the chat template cannot be used: ${reason(cause)}.`, {
    place: { file, field: 'chat_template' },
    remedy: 'Use the template that came with the model.',
    cause,
  });
}

/** What a template says itself (`raise_exception`) or the parser says about it; never a failure inside the parser. */
function reason(cause: unknown): string {
  if (cause instanceof RangeError) return 'it is nested too deeply, or makes a text that is too long';
  return causeWords(cause, 'it uses something that Atelier does not know');
}
