/** @file A prompt template: the words around a question. */

/** A system prompt, ready to be spread into a recipe or a job; an empty one is none. */
export function systemOf(systemPrompt: string | null | undefined): { systemPrompt?: string } {
  return systemPrompt === null || systemPrompt === undefined || systemPrompt.trim() === '' ? {} : { systemPrompt };
}

/** Puts the question where the template says `{question}`. */
export function fillTemplate(template: string, question: string): string {
  // A function, so that "$&" in a question is not treated as a pattern.
  return template.replaceAll('{question}', () => question);
}
