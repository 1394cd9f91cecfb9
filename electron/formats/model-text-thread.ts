/**
 * @file The thread that renders a model's chat template and matches its tokenizer's patterns. Both are programs from
 * the model's folder, which may run for ever or fill the memory. `model-text.ts` talks to it.
 */
import { join } from 'node:path';
import type { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { AtelierError } from '../contract/errors/errors.ts';
import { compileTemplate, MOST_CHARACTERS, type BoundedTemplate } from './bounded-template.ts';
import { badTemplate, type ChatMessage, type TemplateSource } from './template-source.ts';
import { answerRequests, type Post } from './thread-port.ts';
import { encoderOf, readTokenizerFiles, TOKENIZER, tokenizerVersion } from './tokenizer-files.ts';

export type TextRequest =
  | { id: number; op: 'render'; template: TemplateSource; messages: readonly ChatMessage[]; values: TemplateValues }
  /** Compiles the template and does nothing else. */
  | { id: number; op: 'compile'; template: TemplateSource }
  /** @param version as `tokenizerVersion` found it when the model was loaded */
  | { id: number; op: 'encode'; dir: string; version: string; text: string };

export interface TemplateValues {
  readonly add_generation_prompt: boolean;
  readonly add_vision_id: boolean;
}

let compiled: { source: string; template: BoundedTemplate } | undefined;
/** The tokenizers used last; a comparison of two models alternates between them. */
const tokenizers = new Map<string, LibraryTokenizer>();
const KEPT_TOKENIZERS = 2;

answerRequests(answer);

async function answer(request: TextRequest, post: Post): Promise<void> {
  const { id } = request;
  switch (request.op) {
    case 'compile':
      compile(request.template);
      post({ id, value: null });
      return;
    case 'render':
      post({ id, value: render(request) });
      return;
    case 'encode': {
      refuseLong(request.text);
      const tokenizer = await tokenizerOf(request.dir, request.version);
      post({ id, value: tokenizer.encode(request.text, { add_special_tokens: false }).ids });
    }
  }
}

function compile(template: TemplateSource): BoundedTemplate {
  if (compiled?.source === template.source) return compiled.template;
  try {
    compiled = { source: template.source, template: compileTemplate(template.source) };
  } catch (cause) {
    throw badTemplate(template.file, cause);
  }
  return compiled.template;
}

function render({ template, messages, values }: Extract<TextRequest, { op: 'render' }>): string {
  try {
    return compile(template).render({ messages, ...values });
  } catch (cause) {
    throw cause instanceof AtelierError ? cause : badTemplate(template.file, cause);
  }
}

function refuseLong(text: string): void {
  if (text.length <= MOST_CHARACTERS) return;
  throw new AtelierError(
    'BAD_INPUT',
    `A text of ${text.length} characters is too long: at most ${MOST_CHARACTERS} are read.`,
  );
}

async function tokenizerOf(dir: string, version: string): Promise<LibraryTokenizer> {
  const key = `${dir}\0${version}`;
  let tokenizer = tokenizers.get(key);
  if (tokenizer === undefined) {
    if ((await tokenizerVersion(dir)) !== version) {
      throw new AtelierError('CONFLICT', `${join(dir, TOKENIZER)} was changed while the model was in use.`, {
        place: { file: join(dir, TOKENIZER) },
        remedy: 'Put the original file back, or load the model again.',
      });
    }
    tokenizer = encoderOf(await readTokenizerFiles(dir));
  }
  tokenizers.delete(key);
  tokenizers.set(key, tokenizer);
  for (const [oldest] of tokenizers) if (tokenizers.size > KEPT_TOKENIZERS) tokenizers.delete(oldest);
  return tokenizer;
}
