/**
 * @file Questions about things that are not in the picture. This requires knowing what is in it: the starter data lists
 * every icon as a source; your own data needs a `labels` column, or samples whose correct answer is 0.
 */
import type { Sample } from '../../contract/model/datasets.ts';
import { createRandom } from '../../starter/random.ts';

/** Something that pictures can show: its name, and the plural used in questions. */
export interface Kind {
  name: string;
  plural: string;
}

export interface AbsentQuestion {
  sample: Sample;
  question: string;
}

/** The columns in which you can list what is in a picture, as a list or as comma-separated words. */
const LABEL_COLUMNS = ['labels', 'objects', 'contents'];
const SEED = 20_261_123;

/**
 * One question for each sample whose picture content is known: how many there are of something that is not there. The
 * question for a given picture is always about the same thing. Empty if no content is known.
 * @param starterKinds what the starter pictures can show
 */
export function absentQuestions(samples: readonly Sample[], starterKinds: readonly Kind[]): AbsentQuestion[] {
  const labelled = samples.map((sample) => ({ sample, labels: labelsOf(sample) }));
  const all = [...new Set(labelled.flatMap(({ labels }) => labels ?? []))].sort();
  const questions: AbsentQuestion[] = [];
  for (const { sample, labels } of labelled) {
    const shown = starterContents(sample, starterKinds);
    const absent =
      shown !== null
        ? starterKinds.filter((kind) => !shown.has(kind.name)).map((kind) => kind.plural)
        : labels === null
          ? []
          : all.filter((label) => !labels.includes(label));
    if (absent.length > 0) {
      const thing = createRandom(SEED, sample.position, 'absent').pick(absent);
      questions.push({ sample, question: `How many ${thing} are there?` });
    } else if (shown === null && labels === null && /^0+$/.test(sample.answer.trim())) {
      questions.push({ sample, question: sample.prompt });
    }
  }
  return questions;
}

/** What a starter picture shows, read from its sources ("Noto Emoji: car (U+1F697)"); null for other pictures. */
function starterContents(sample: Sample, kinds: readonly Kind[]): ReadonlySet<string> | null {
  const shown = new Set<string>();
  for (const { title } of sample.sources) {
    const name = /^[^:]+: (.+?) \(U\+[0-9A-F]+\)$/.exec(title)?.[1];
    if (name !== undefined && kinds.some((kind) => kind.name === name)) shown.add(name);
    // Diagrams in the starter data contain no icons.
    else if (!/^Atelier drawing: (?:length|area|perimeter|triangle|angle|ell|hole|house|tee)$/.test(title)) return null;
  }
  return sample.sources.length === 0 ? null : shown;
}

function labelsOf(sample: Sample): string[] | null {
  for (const column of LABEL_COLUMNS) {
    const value = sample.extra[column];
    const list = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : null;
    if (list?.every((item) => typeof item === 'string') !== true) continue;
    return list.map((item) => item.trim()).filter((item) => item !== '');
  }
  return null;
}
