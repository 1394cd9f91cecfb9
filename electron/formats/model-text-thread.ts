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
import { tableOf, type TokenTable } from './token-table.ts';
import { encoderOf, readTokenizerFiles, TOKENIZER, tokenizerVersion } from './tokenizer-files.ts';

export type TextRequest =
  | { id: number; op: 'render'; template: TemplateSource; messages: readonly ChatMessage[]; values: TemplateValues }
  /** Compiles the template and does nothing else. */
  | { id: number; op: 'compile'; template: TemplateSource }
  /**
   * What turns ids into text, after the patterns were compiled.
   * @param version as `tokenizerVersion` found it when the model was loaded
   */
  | { id: number; op: 'tokenizer'; dir: string; version: string }
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
    case 'tokenizer': {
      const { library, table } = await loadedTokenizer(request.dir, request.version);
      library.encode(' ', { add_special_tokens: false });
      post({ id, value: table }, [table.units.buffer, table.ends.buffer]);
      return;
    }
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
  const known = tokenizers.get(keyOf(dir, version));
  const tokenizer = known ?? (await loadedTokenizer(dir, version)).library;
  keep(keyOf(dir, version), tokenizer);
  return tokenizer;
}

/** Reads the files, also if the tokenizer is known: its table is handed over and not kept. */
async function loadedTokenizer(
  dir: string,
  version: string,
): Promise<{ library: LibraryTokenizer; table: TokenTable }> {
  if ((await tokenizerVersion(dir)) !== version) {
    throw new AtelierError('CONFLICT', `${join(dir, TOKENIZER)} was changed while the model was in use.`, {
      place: { file: join(dir, TOKENIZER) },
      remedy: 'Put the original file back, or load the model again.',
    });
  }
  const files = await readTokenizerFiles(dir);
  const library = encoderOf(files);
  keep(keyOf(dir, version), library);
  return { library, table: tableOf(files, library) };
}

function keyOf(dir: string, version: string): string {
  return `${dir}\0${version}`;
}

function keep(key: string, tokenizer: LibraryTokenizer): void {
  tokenizers.delete(key);
  tokenizers.set(key, tokenizer);
  for (const [oldest] of tokenizers) if (tokenizers.size > KEPT_TOKENIZERS) tokenizers.delete(oldest);
}
