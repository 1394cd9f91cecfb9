/** @file The programs in an export's `use/`, and the lines that run them. */

/** The files in `use/`. */
export const USE_FILE = {
  transformers: 'use/ask_with_transformers.py',
  mlx: 'use/ask_with_mlx_vlm.py',
  llamaCpp: 'use/ask_with_llama_cpp.py',
  ollama: 'use/ask_with_ollama.py',
  /** The conversation as the chat template renders it, and the limits of a picture, for llama.cpp. */
  conversation: 'use/conversation.json',
} as const;

const PROGRAMS = [
  { name: 'transformers', file: USE_FILE.transformers },
  { name: 'mlx-vlm', file: USE_FILE.mlx },
  { name: 'llama.cpp', file: USE_FILE.llamaCpp },
  { name: 'Ollama', file: USE_FILE.ollama },
] as const;

export interface UseCommand {
  /** The software that runs the model. */
  name: string;
  /** To be run in the folder of the export. */
  command: string;
}

/** One line for each program among the files of an export. */
export function useCommands(files: readonly { name: string }[], question?: string): UseCommand[] {
  return PROGRAMS.filter(({ file }) => files.some(({ name }) => name === file)).map(({ name, file }) => ({
    name,
    command: useCommand(file, question),
  }));
}

/** The line that runs a program of `use/`. */
export function useCommand(file: string, question = 'How many are there?'): string {
  return `python ${file} picture.png ${quoted(question)}`;
}

/** For a shell: in double quotes where nothing in the question means anything there. */
function quoted(question: string): string {
  const line = question.replaceAll(/\s+/g, ' ').trim();
  return /["$`\\!]/.test(line) ? `'${line.replaceAll("'", `'\\''`)}'` : `"${line}"`;
}
