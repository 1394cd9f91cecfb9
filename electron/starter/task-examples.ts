/**
 * @file A small example dataset for each learning task, drawn from the icons of the starter art when somebody asks for
 * it. The same seed gives the same rows and pictures.
 */
import type { TaskStarter } from '../contract/model/primitives.ts';
import type { Art } from './art.ts';
import { creditOf, ownCredit, type PictureCredit } from './credits.ts';
import { drawLettering } from './lettering.ts';
import { paintBackground, randomTint } from './paint-jitter.ts';
import { createRandom, type Random } from './random.ts';
import { createCanvas, drawIcon, SIDE, type Canvas, type Colour, type Icon } from './raster.ts';

export interface ExampleRow {
  question: string;
  answer: string;
  split: 'train' | 'test';
  credit: PictureCredit;
  canvas: Canvas;
}

/** An icon on the picture; centre and side in pixels. */
type Placed = { kind: string; x: number; y: number; side: number };
/** `boxOf`: the answer is the box around this kind, which depends on its drawing. */
/** A line of writing: pixels from above, and how far along its row. */
type Line = { text: string; top: number; along: number };
type Drawn = { question: string; answer?: string; boxOf?: string; icons?: Placed[]; lines?: Line[] };
type Kind = { name: string; plural: string };

export const EXAMPLE_ROWS = 36;
/** Every third row is held out. */
const TEST_EVERY = 3;
const SEED = 7;
/** Sets without a share-alike licence, so that pictures of your own can be mixed with them. */
const SETS = ['fluent', 'noto', 'own'];
const INK: Colour = [28, 28, 40];
/** Alpha from which a part of an icon is seen. */
const SEEN = 64;
const LOOKS = 0.3;

/** @throws RangeError if the art lacks a kind */
export function drawExamples(task: TaskStarter, art: Art): ExampleRow[] {
  const { kinds } = art.catalogue;
  return Array.from({ length: EXAMPLE_ROWS }, (_, index) => {
    const random = createRandom(SEED, index, `task-example/${task}`);
    const { question, boxOf, icons = [], lines = [], ...drawn } = DRAWERS[task](random, kinds, index);
    let answer = drawn.answer ?? '';
    const set = random.pick(SETS);
    const canvas = createCanvas();
    paintBackground(canvas, random, LOOKS);
    for (const { kind, x, y, side } of icons) {
      const drawing = random.pick(art.drawings(set, kind));
      const tint = randomTint(random, LOOKS);
      drawIcon(canvas, drawing.plain, { x, y, side, angle: 0, clip: [0, 0, SIDE, SIDE], tint });
      if (kind === boxOf) answer = `[${boxAround(drawing.plain, { x, y, side }).join(', ')}]`;
    }
    for (const { text, top, along } of lines) drawLettering(canvas, text, { top, along, scale: 2, colour: INK });
    return {
      question,
      answer,
      split: index % TEST_EVERY === TEST_EVERY - 1 ? 'test' : 'train',
      credit:
        icons.length === 0
          ? ownCredit('A label')
          : creditOf(
              icons.map(({ kind }) => ({ set, kind })),
              art.catalogue,
            ),
      canvas,
    };
  });
}

const DRAWERS: Record<TaskStarter, (random: Random, kinds: readonly Kind[], index: number) => Drawn> = {
  'choose-one': (random, kinds) => {
    const choices = some(random, kinds, 3);
    const right = random.pick(choices);
    const listed = choices.map((kind, at) => `${letter(at)}) ${kind}`).join(' ');
    return {
      question: `What is in the picture? ${listed}`,
      answer: letter(choices.indexOf(right)),
      icons: [alone(random, right)],
    };
  },
  'yes-no': (random, kinds, index) => {
    const [absent = '', ...shown] = some(random, kinds, 4);
    const isThere = index % 2 === 0;
    return {
      question: `Is there ${one(isThere ? (shown[0] ?? '') : absent)} in the picture?`,
      answer: isThere ? 'yes' : 'no',
      icons: apart(random, shown),
    };
  },
  'short-answer': (random, kinds) => {
    const kind = random.pick(kinds).name;
    return { question: 'What is in the picture?', answer: kind, icons: [alone(random, kind)] };
  },
  tags: (random, kinds) => {
    const shown = some(random, kinds, random.int(1, 4));
    return {
      question: 'Which things are in the picture?',
      answer: [...shown].sort().join(', '),
      icons: apart(random, shown),
    };
  },
  transcribe: (random, kinds) => {
    const lines = [random.pick(kinds).name.toUpperCase(), String(random.int(10, 999))];
    return { question: 'What is written here?', answer: lines.join(' '), lines: written(random, lines) };
  },
  'extract-fields': (random, kinds) => {
    const [item, number, price] = [random.pick(kinds).name.toUpperCase(), random.int(10, 99), random.int(1, 20)];
    return {
      question:
        'Which item, number and price are on the label? Answer {"item": text, "number": number, "price": number}.',
      answer: JSON.stringify({ item, number, price }),
      lines: written(random, [item, `NO ${String(number)}`, `EUR ${String(price)}`]),
    };
  },
  order: (random, kinds) => {
    const bySize = some(random, kinds, 3);
    const middles = random.shuffle([20, 56, 91]);
    const icons = bySize.map((kind, at) => ({
      kind,
      x: middles[at] ?? 0,
      y: random.range(34, 78),
      side: SIDES_IN_ORDER[at] ?? 0,
    }));
    return {
      question: `Order by size, the largest first: ${[...bySize].sort().join(', ')}.`,
      answer: bySize.join(' > '),
      icons,
    };
  },
  describe: (random, kinds) => {
    const [absent = '', ...shown] = some(random, kinds, random.int(2, 4));
    const named = shown.map(one);
    const listed = named.length === 1 ? (named[0] ?? '') : `${named.slice(0, -1).join(', ')} and ${named.at(-1) ?? ''}`;
    const wordings = (kind: string): string =>
      [...new Set([kind, kinds.find(({ name }) => name === kind)?.plural ?? kind])].join(' = ');
    return {
      question: 'Describe the picture in one sentence.',
      answer: `The picture shows ${listed}. || must: ${shown.map(wordings).join(', ')} || not: ${wordings(absent)}`,
      icons: apart(random, shown),
    };
  },
  'find-box': (random, kinds) => find(random, kinds, 'Where is'),
  'find-point': (random, kinds) => find(random, kinds, 'Point at'),
};

/**
 * Lines below each other, each somewhere in its own part of the picture. In the middle, words of one length would look
 * alike in training and in the test.
 */
function written(random: Random, texts: readonly string[]): Line[] {
  const part = SIDE / texts.length;
  return texts.map((text, at) => ({
    text,
    top: Math.round(at * part + random.range(3, part - 17)),
    along: random.range(0.06, 0.94),
  }));
}

const SIDES_IN_ORDER = [40, 26, 15];

/** One thing to find among others. */
function find(random: Random, kinds: readonly Kind[], verb: string): Drawn {
  const shown = some(random, kinds, random.int(2, 4));
  const [asked = ''] = shown;
  const end = verb === 'Where is' ? '?' : '.';
  return { question: `${verb} the ${asked}${end}`, boxOf: asked, icons: apart(random, shown) };
}

/** The box around what is seen of an icon, in whole pixels. */
function boxAround({ side: n, rgba }: Icon, { x, y, side }: Omit<Placed, 'kind'>): number[] {
  let [left, top, right, bottom] = [n, n, 0, 0];
  for (let at = 0; at < n * n; at++) {
    if ((rgba[4 * at + 3] ?? 0) < SEEN) continue;
    const [column, row] = [at % n, Math.floor(at / n)];
    [left, top] = [Math.min(left, column), Math.min(top, row)];
    [right, bottom] = [Math.max(right, column + 1), Math.max(bottom, row + 1)];
  }
  const place = (edge: number, middle: number): number => Math.round(middle + (edge / n - 0.5) * side);
  return [place(left, x), place(top, y), place(right, x), place(bottom, y)];
}

/** The names of different kinds, in any order. */
function some(random: Random, kinds: readonly Kind[], count: number): string[] {
  return random
    .shuffle(kinds)
    .slice(0, count)
    .map(({ name }) => name);
}

/** `an apple`, `a frog`, `grapes`. */
function one(kind: string): string {
  if (kind.endsWith('s')) return kind;
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

function letter(at: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + at);
}

function alone(random: Random, kind: string): Placed {
  const side = random.range(40, 70);
  return { kind, x: SIDE / 2 + random.range(-15, 15), y: SIDE / 2 + random.range(-15, 15), side };
}

/** Icons in the quarters of the picture, which do not touch. */
function apart(random: Random, kinds: readonly string[]): Placed[] {
  const quarters = random.shuffle([0, 1, 2, 3]);
  return kinds.map((kind, at) => {
    const quarter = quarters[at] ?? 0;
    return {
      kind,
      x: (quarter % 2 === 0 ? 28 : 84) + random.range(-7, 7),
      y: (quarter < 2 ? 28 : 84) + random.range(-7, 7),
      side: random.range(28, 40),
    };
  });
}
