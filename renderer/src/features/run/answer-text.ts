/** @file A short form of an answer for a tile: the content of its last answer tag. */

const shortest = 28;

/** The content of the last `<answer>` tag, or the end of the text, shortened to fit a tile. */
export function answerGiven(text: string): string {
  const tags = [...text.matchAll(/<answer>([\s\S]*?)<\/answer>/g)];
  const given = (tags.at(-1)?.[1] ?? text).trim().replaceAll(/\s+/g, ' ');
  return given.length <= shortest ? given : `${given.slice(0, shortest - 1)}…`;
}
