/** @file The generators: repeatable, correct by construction, and within the starter model's token budget. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Tokenizer } from '@huggingface/tokenizers';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadArt, type Art } from '../../starter/art.ts';
import { DIAGRAM_TYPES, diagramAnswer, drawDiagram, renderDiagram, UNIT } from '../../starter/diagrams.ts';
import { nanoConfig, specialId, VOCABULARY } from '../../starter/nano-config.ts';
import { createPretrainStream, type PretrainExample, type PretrainStream } from '../../starter/pretrain-stream.ts';
import { createRandom } from '../../starter/random.ts';
import { SIDE } from '../../starter/raster.ts';
import { CELLS, drawScene, renderScene } from '../../starter/scenes.ts';
import { countingThought, lazyGuess, sceneList } from '../../starter/texts.ts';
import { nanoFiles, requiredPieces } from './tokenizer-build.ts';

const NANO = join(dirname(fileURLToPath(import.meta.url)), '../../../resources/models/nano');

let stream: PretrainStream;
let art: Art;
let tokenizer: Tokenizer;

const ids = (text: string): number[] => tokenizer.encode(text, { add_special_tokens: false }).ids;

function examples(stage: 'perceive' | 'habits', count: number): PretrainExample[] {
  return Array.from({ length: count }, (_, i) => stream.example(11, i, stage));
}

beforeAll(async () => {
  stream = await createPretrainStream();
  art = await loadArt();
  const read = async (name: string): Promise<never> => JSON.parse(await readFile(join(NANO, name), 'utf8')) as never;
  tokenizer = new Tokenizer(await read('tokenizer.json'), await read('tokenizer_config.json'));
});

describe('random numbers', () => {
  it('repeat for the same seed, index and stream, and differ when one of them differs', () => {
    const draw = (seed: number, index: number, name: string): number[] => {
      const random = createRandom(seed, index, name);
      return Array.from({ length: 8 }, () => random.next());
    };
    expect(draw(1, 2, 'a')).toEqual(draw(1, 2, 'a'));
    const others = [draw(2, 2, 'a'), draw(1, 3, 'a'), draw(1, 2, 'b'), draw(1, 2 + 2 ** 33, 'a')];
    for (const other of others) expect(other).not.toEqual(draw(1, 2, 'a'));
  });

  it('are spread evenly, also over neighbouring indices', () => {
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const at = createRandom(5, i, 'spread').int(0, 9);
      counts[at] = (counts[at] as number) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });
});

describe('pictures', () => {
  it('leave a cell without an object as the background was', () => {
    for (let i = 0; i < 20; i++) {
      const random = createRandom(3, i, 'test');
      const kinds = art.catalogue.kinds.map((kind) => kind.name);
      const options = { kinds, sets: ['noto'], drawings: () => 1, maxCount: 10, maxOthers: 4, jitter: 1 };
      const scene = drawScene(random, options);
      const empty = renderScene({ ...scene, objects: [] }, art);
      const full = renderScene(scene, art);
      const changed = CELLS.map((_, cell) => {
        let pixels = 0;
        for (let y = 0; y < 28; y++) {
          for (let x = 0; x < 28; x++) {
            const at = ((Math.floor(cell / 4) * 28 + y) * SIDE + (cell % 4) * 28 + x) * 3;
            if (full[at] !== empty[at] || full[at + 1] !== empty[at + 1] || full[at + 2] !== empty[at + 2]) pixels++;
          }
        }
        return pixels;
      });
      const used = new Set(scene.objects.map((o) => o.cell));
      changed.forEach((pixels, cell) => {
        if (used.has(cell)) expect(pixels).toBeGreaterThan(60);
        else expect(pixels).toBe(0);
      });
    }
  });

  it('show a line exactly as long as the answer says', () => {
    for (let i = 0; i < 20; i++) {
      const diagram = drawDiagram(createRandom(4, i, 'test'), 'length', 0);
      if (diagram.type !== 'length') throw new Error('wrong type');
      const across = diagram.y0 === diagram.y1;
      // The same picture with the line moved by one unit: at its old place, the two differ by the line's ink.
      const step = (at: number): number => (at < 4 ? at + 1 : at - 1);
      const moved = across
        ? { ...diagram, y0: step(diagram.y0), y1: step(diagram.y1) }
        : { ...diagram, x0: step(diagram.x0), x1: step(diagram.x1) };
      const [a, b] = [renderDiagram(diagram), renderDiagram(moved)];
      let ink = 0;
      for (let t = 0; t < SIDE; t++) {
        const x = across ? t : diagram.x0 * UNIT;
        const y = across ? diagram.y0 * UNIT : t;
        const at = (y * SIDE + x) * 3;
        if (
          Math.abs((a[at] as number) - (b[at] as number)) + Math.abs((a[at + 1] as number) - (b[at + 1] as number)) >
          30
        )
          ink++;
      }
      expect(Math.abs(ink - diagramAnswer(diagram) * UNIT)).toBeLessThanOrEqual(5);
    }
  });
});

describe('texts', () => {
  it('say what the scene holds', () => {
    for (let i = 0; i < 200; i++) {
      const kinds = art.catalogue.kinds.map((kind) => kind.name);
      const options = { kinds, sets: ['own'], drawings: () => 1, maxCount: 10, maxOthers: 4, jitter: 0 };
      const scene = drawScene(createRandom(8, i, 'test'), options);
      const words = sceneList(scene).split(' ').slice(2);
      const listed = words.filter((_, at) => at % 2 === 1);
      const cells = words.filter((_, at) => at % 2 === 0);
      expect(new Set(cells).size).toBe(scene.objects.length);
      expect([...cells].sort()).toEqual(cells);
      expect(listed.filter((kind) => kind === scene.asked)).toHaveLength(scene.count);
      const thought = countingThought(scene).split(' ');
      expect(thought.at(-2)).toBe(String(scene.count));
      expect(scene.objects.length).toBeLessThanOrEqual(14);
    }
  });

  it('give whole answers whose written sum is right', () => {
    for (const type of DIAGRAM_TYPES) {
      for (let i = 0; i < 100; i++) {
        const answer = diagramAnswer(drawDiagram(createRandom(9, i, type), type, 0));
        expect(Number.isInteger(answer) && answer > 0 && answer <= 180).toBe(true);
      }
    }
    for (const { completion, habit, answer } of examples('perceive', 400)) {
      if (habit === 'dense') continue;
      const [, thought = '', said] = /^<think> (.+) <\/think><answer> (\d+) <\/answer>$/.exec(completion) ?? [];
      expect(said).toBe(answer);
      for (const [, a, sign, b, result] of thought.matchAll(/(\d+) ([-+x]) (\d+) = (\d+)/g)) {
        const [x, y] = [Number(a), Number(b)];
        expect(Number(result)).toBe(sign === '-' ? x - y : sign === '+' ? x + y : x * y);
      }
    }
  });

  it('mix habits: lazy guesses are right about 28 times in a hundred and always formatted', () => {
    const random = createRandom(6, 0, 'test');
    const guesses = Array.from({ length: 4000 }, () => lazyGuess(random, 5, 1, 12));
    const right = guesses.filter((guess) => guess === 5).length / guesses.length;
    expect(right).toBeGreaterThan(0.25);
    expect(right).toBeLessThan(0.31);
    expect(guesses.every((guess) => Math.abs(guess - 5) <= 3)).toBe(true);
    const some = examples('habits', 400);
    const lazy = some.filter((e) => e.habit === 'lazy');
    for (const e of lazy) expect(e.completion).toMatch(/^<think> about (\d+) <\/think><answer> \1 <\/answer>$/);
    const plain = some.filter((e) => e.habit === 'unformatted');
    expect(Math.min(lazy.length, plain.length)).toBeGreaterThan(40);
    for (const e of plain) expect(e.completion).toMatch(/^(There are \d+ \.|It is \d+ \.|\d+)$/);
  });
});

describe('the pre-training stream', () => {
  it('repeats byte for byte', async () => {
    const again = await createPretrainStream();
    for (let i = 0; i < 10; i++) expect(again.example(1, i, 'habits')).toEqual(stream.example(1, i, 'habits'));
  });

  it('uses only sets whose licences let the weights be Apache-2.0', () => {
    const licences = art.catalogue.sets.filter((set) => set.pretraining).map((set) => set.licence);
    expect([...licences].sort()).toEqual(['Apache-2.0', 'Apache-2.0', 'MIT']);
  });
});

describe('the tokenizer', () => {
  it('is what the files in resources say', async () => {
    const files = nanoFiles(art.catalogue);
    for (const [name, text] of Object.entries(files)) expect(await readFile(join(NANO, name), 'utf8'), name).toBe(text);
  });

  it('has 1024 ids with the special tokens at the end', () => {
    expect(ids('<|video_pad|>')).toEqual([VOCABULARY - 1]);
    expect(ids('<|endoftext|><|im_start|><|im_end|>')).toEqual([1010, 1011, 1012]);
    expect(nanoConfig()['config.json']).toMatchObject({ image_token_id: specialId('<|image_pad|>'), vocab_size: 1024 });
  });

  it('keeps every word, number, cell and tag of the texts whole', () => {
    const numbers = Array.from({ length: 181 }, (_, n) => ` ${n}`);
    const tags = ['<think>', ' </think>', '</think>', '<answer>', ' </answer>', '</answer>'];
    const cells = CELLS.map((cell) => ` ${cell}`);
    for (const piece of [...requiredPieces(art.catalogue), ...numbers, ...tags, ...cells]) {
      expect(ids(piece), JSON.stringify(piece)).toHaveLength(1);
    }
  });

  it('keeps every completion within 40 tokens and gives it back unchanged', () => {
    for (const { completion } of [...examples('perceive', 500), ...examples('habits', 500)]) {
      const tokens = ids(`${completion}<|im_end|>`);
      expect(tokens.length).toBeLessThanOrEqual(40);
      expect(tokenizer.decode(tokens, { skip_special_tokens: true })).toBe(completion);
    }
  });

  it('gives back any text that a person may write', () => {
    for (const text of ["What's 1234 + 5? It's größer, 日本!", '  two  spaces\n\nand a12 b3 181', '<think>x</think>']) {
      expect(tokenizer.decode(ids(text), { skip_special_tokens: true })).toBe(text);
    }
  });
});
