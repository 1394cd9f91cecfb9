/** @file What an answer comes to, short enough for a tile: the words of its last answer tag. */

const shortest = 28;

/** The content of the last `<answer>` tag, else the end of the text; cut, because a tile is small. */
export function answerGiven(text: string): string {
  const tags = [...text.matchAll(/<answer>([\s\S]*?)<\/answer>/g)];
  const given = (tags.at(-1)?.[1] ?? text).trim().replaceAll(/\s+/g, ' ');
  return given.length <= shortest ? given : `${given.slice(0, shortest - 1)}…`;
}
