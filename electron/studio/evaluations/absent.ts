/**
 * @file Questions about things that are not in the picture. What is in it must be known: the starter data names every
 * icon as a source; own data says so in a column `labels`, or has samples whose right answer is 0.
 */
import type { Sample } from '../../contract/model/datasets.ts';
import { createRandom } from '../../starter/random.ts';

/** A thing that pictures can hold: its name, and its plural as questions say it. */
export interface Kind {
  name: string;
  plural: string;
}

export interface AbsentQuestion {
  sample: Sample;
  question: string;
}

/** The columns in which a person may list what is in a picture: a list, or words parted by commas. */
const LABEL_COLUMNS = ['labels', 'objects', 'contents'];
const SEED = 20_261_123;

/**
 * One question for each sample whose picture is known: how many there are of something that is not there. The same
 * picture is always asked about the same thing. Empty where nothing is known.
 * @param starterKinds what the starter pictures can hold
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

/** What a starter picture shows, from its sources ("Noto Emoji: car (U+1F697)"); null where it is not a starter picture. */
function starterContents(sample: Sample, kinds: readonly Kind[]): ReadonlySet<string> | null {
  const shown = new Set<string>();
  for (const { title } of sample.sources) {
    const name = /^[^:]+: (.+?) \(U\+[0-9A-F]+\)$/.exec(title)?.[1];
    if (name !== undefined && kinds.some((kind) => kind.name === name)) shown.add(name);
    // A diagram of the starter data holds no icons at all.
    else if (!/^Atelier drawing: (?:length|area|perimeter|triangle|angle)$/.test(title)) return null;
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
