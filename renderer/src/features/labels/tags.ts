/** @file Tags of an answer, and which of them have a key. */

/** The tags of an answer, as they are written, without repeats. */
export function tagsIn(answer: string): string[] {
  const seen = new Set<string>();
  return answer
    .split(/[,;]/)
    .map((tag) => tag.trim().replace(/\s+/g, ' '))
    .filter((tag) => {
      const key = tag.toLowerCase();
      if (tag === '' || seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}

export function toggled(answer: string, tag: string): string {
  const tags = tagsIn(answer);
  const without = tags.filter((other) => other.toLowerCase() !== tag.toLowerCase());
  return (without.length < tags.length ? without : [...tags, tag]).join(', ');
}

/** Keys 1 to 9. */
const KEYS = 9;

/** The tags with a key: those of the answers so far, most used first, and then in the order of their first use. */
export function tagKeys(answers: Iterable<string>): string[] {
  const counts = new Map<string, { tag: string; uses: number }>();
  for (const answer of answers)
    for (const tag of tagsIn(answer)) {
      const known = counts.get(tag.toLowerCase());
      if (known === undefined) counts.set(tag.toLowerCase(), { tag, uses: 1 });
      else known.uses += 1;
    }
  return [...counts.values()]
    .sort((a, b) => b.uses - a.uses)
    .slice(0, KEYS)
    .map(({ tag }) => tag);
}
