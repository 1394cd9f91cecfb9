/** @file A prompt template: the words around a question. */

/** Puts the question where the template says `{question}`. */
export function fillTemplate(template: string, question: string): string {
  // A function, so that "$&" in a question is not treated as a pattern.
  return template.replaceAll('{question}', () => question);
}
