/** @file The two-step data and the apprentice: repeatable, right by an independent count, and honest about what is held out. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createApprenticeStream,
  HELD_OUT_COMPOSITE,
  HELD_OUT_KINDS,
  TRAINED_LIMITS,
} from '../../starter/apprentice-stream.ts';
import { loadArt, type Art } from '../../starter/art.ts';
import { COMPOSITE_TYPES, drawComposite, outlines, renderComposite, type Composite } from '../../starter/composites.ts';
import type { PlannedRow } from '../../starter/dataset-plan.ts';
import { UNIT } from '../../starter/diagrams.ts';
import { apprenticeConfig } from '../../starter/nano-config.ts';
import type { PretrainStream } from '../../starter/pretrain-stream.ts';
import { createRandom } from '../../starter/random.ts';
import { SIDE } from '../../starter/raster.ts';
import { cellOf, CLOSEST } from '../../starter/roaming-scenes.ts';
import { CELLS } from '../../starter/scenes.ts';
import {
  COMPOSITE_LEVELS,
  HELD_OUT_SET,
  PAIR_LEVELS,
  planComposites,
  planPairs,
  TWO_STEP_SIZES,
} from '../../starter/two-step-plan.ts';
import { compositeText, pairAnswer } from '../../starter/two-step-texts.ts';
import { paintRow, starterPlans } from './build-starter.ts';
import { APPRENTICE_PLAN, NANO_PLAN } from './pretrain/plan.ts';
import { aimsOf, apprenticeCard, type ApprenticeFacts, type Learning } from './pretrain/two-step-card.ts';
import { nanoFiles } from './tokenizer-build.ts';

const models = join(import.meta.dirname, '../../../resources/models');

let art: Art;
let stream: PretrainStream;
let tokenizer: Tokenizer;
let pairs: PlannedRow[];
let figures: PlannedRow[];

beforeAll(async () => {
  art = await loadArt();
  stream = await createApprenticeStream();
  const read = async (name: string): Promise<never> =>
    JSON.parse(await readFile(join(models, 'nano', name), 'utf8')) as never;
  tokenizer = new Tokenizer(await read('tokenizer.json'), await read('tokenizer_config.json'));
  const plans = starterPlans(art);
  pairs = plans['two-step-counting'];
  figures = plans['two-step-geometry'];
});

function tokens(text: string): number {
  return tokenizer.encode(`${text}<|im_end|>`, { add_special_tokens: false }).ids.length;
}

function sceneOf({ picture }: PlannedRow) {
  if (picture.kind !== 'roaming') throw new Error('not a roaming scene');
  return picture.scene;
}

function figureOf({ picture }: PlannedRow): Composite {
  if (picture.kind !== 'composite') throw new Error('not a composite figure');
  return picture.figure;
}

/** The area inside a closed line, by the shoelace formula. */
function inside(line: readonly (readonly [number, number])[]): number {
  const twice = line.reduce((sum, [x, y], i) => {
    const [nx, ny] = line[(i + 1) % line.length] ?? [0, 0];
    return sum + x * ny - nx * y;
  }, 0);
  return Math.abs(twice) / 2;
}

describe('two-step questions', () => {
  it('can be followed by further ones, which repeat no figure and hold as much out', () => {
    const drawings = (set: string, kind: string): number => art.drawings(set, kind).length;
    const morePairs = planPairs(art.catalogue, drawings, PAIR_LEVELS, 240);
    const moreFigures = planComposites(COMPOSITE_LEVELS, 1000);
    expect(morePairs.slice(0, pairs.length)).toEqual(pairs);
    expect(moreFigures.slice(0, figures.length)).toEqual(figures);
    const heldOut = morePairs.slice(pairs.length).map((row) => row.heldOut);
    const tests = pairs.filter(({ split }) => split === 'test').map((row) => row.heldOut);
    expect(heldOut.sort()).toEqual(tests.sort());
    const keys = moreFigures.map((row) => JSON.stringify([figureOf(row).type, figureOf(row).base, figureOf(row).part]));
    expect(new Set(keys).size).toBe(figures.length + 1000);
    expect(moreFigures.slice(figures.length).every(({ split }) => split === 'test')).toBe(true);
  });

  it('have the answer that counting the drawn icons gives', () => {
    for (const row of pairs) {
      const { objects, asked } = sceneOf(row);
      const of = (kind: string): number => objects.filter((object) => object.kind === kind).length;
      const [a, b] = [of(asked[0]), of(asked[1])];
      const together = /^Add| in all/.test(row.question);
      expect(row.answer, row.question).toBe(String(together ? a + b : a - b));
      const plurals = asked.map((name) => art.catalogue.kinds.find((kind) => kind.name === name)?.plural ?? '');
      const order = plurals.map((plural) => row.question.indexOf(` ${plural}`));
      expect(Math.min(...order)).toBeGreaterThanOrEqual(0);
    }
  });

  it('have the answer that the outline of the drawn figure gives', () => {
    for (const row of figures) {
      const [outer = [], hole] = outlines(figureOf(row));
      expect(Number(row.answer)).toBe(inside(outer) - (hole === undefined ? 0 : inside(hole)));
    }
  });

  it('are drawn where the plan says: the ink of a figure covers its area', () => {
    for (const type of COMPOSITE_TYPES) {
      for (let i = 0; i < 12; i++) {
        const figure = drawComposite(createRandom(i, 0, type), type, 6, 0);
        const [outer = [], hole = []] = outlines(figure);
        const canvas = renderComposite(figure);
        const away = renderComposite({
          ...figure,
          base: { x0: 0, y0: 0, x1: 0, y1: 0 },
          part: { x0: 0, y0: 0, x1: 0, y1: 0 },
          tip: 0,
        });
        let wrong = 0;
        for (let y = 4; y < SIDE; y += UNIT / 2) {
          for (let x = 4; x < SIDE; x += UNIT / 2) {
            const at = (y * SIDE + x) * 3;
            const painted = Math.abs((canvas[at] ?? 0) - (away[at] ?? 0)) > 3;
            const within = holds(outer, x / UNIT, y / UNIT) && !holds(hole, x / UNIT, y / UNIT);
            // Unfilled figures paint their outline only.
            if (painted && !within && !near([...outer, ...hole], x / UNIT, y / UNIT)) wrong += 1;
          }
        }
        expect(wrong, `${type} ${String(i)}`).toBe(0);
      }
    }
  });

  it('keep every icon in the picture and apart from the next', () => {
    for (const row of pairs) {
      const { objects } = sceneOf(row);
      for (const [i, one] of objects.entries()) {
        expect(Math.min(one.x, one.y, SIDE - one.x, SIDE - one.y)).toBeGreaterThanOrEqual(10);
        if (i > 0) expect(cellOf(one)).toBeGreaterThanOrEqual(cellOf(objects[i - 1] ?? one));
        for (const other of objects.slice(i + 1)) {
          expect(Math.hypot(one.x - other.x, one.y - other.y)).toBeGreaterThanOrEqual(CLOSEST);
        }
      }
    }
  });

  it('can be answered within the default length of an answer', () => {
    for (const row of pairs) {
      const scene = sceneOf(row);
      const text = pairAnswer(scene, 'steps');
      expect(tokens(text)).toBeLessThanOrEqual(48);
      expect(text).toContain(`<answer> ${row.answer} </answer>`);
      // What the steps name is what the picture shows: kind by kind, each icon once, in its cell.
      for (const kind of scene.asked) {
        const cells = scene.objects.filter((object) => object.kind === kind).map((object) => CELLS[cellOf(object)]);
        expect(text).toContain(`${kind} ${cells.map((cell, i) => `${String(i + 1)} ${String(cell)}`).join(' ')} :`);
      }
    }
    for (const row of figures) {
      const text = compositeText(figureOf(row), 'steps');
      expect(tokens(text)).toBeLessThanOrEqual(48);
      expect(text).toContain(`<answer> ${row.answer} </answer>`);
    }
  });

  it('are asked in four wordings', () => {
    for (const row of [...pairs, ...figures]) expect(new Set([row.question, ...(row.paraphrases ?? [])]).size).toBe(4);
  });

  it('are planned and painted the same each time', () => {
    const again = starterPlans(art);
    expect(again['two-step-counting']).toEqual(pairs);
    expect(again['two-step-geometry']).toEqual(figures);
    for (const row of [pairs[3], figures[3]]) {
      if (row === undefined) throw new Error('no row');
      expect(paintRow(row, art)).toEqual(paintRow(row, art));
    }
  });
});

function holds(line: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let odd = false;
  line.forEach(([ax, ay], i) => {
    const [bx, by] = line[(i + 1) % line.length] ?? [0, 0];
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) odd = !odd;
  });
  return odd;
}

/** Within half a unit of the box around the points: lines have a width, and the filled parts are smoothed. */
function near(points: readonly (readonly [number, number])[], x: number, y: number): boolean {
  return points.some(([ax, ay], i) => {
    const [bx, by] = points[(i + 1) % points.length] ?? [0, 0];
    const square = (bx - ax) ** 2 + (by - ay) ** 2 || 1;
    const t = Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / square));
    return Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)) < 0.3;
  });
}

describe('what is held out', () => {
  it('is in no training question, and in all test questions that say so', () => {
    for (const row of pairs) {
      const { objects, asked } = sceneOf(row);
      const icons = asked.some((kind) => HELD_OUT_KINDS.includes(kind));
      const style = objects.some(({ set }) => set === HELD_OUT_SET);
      expect([icons, style]).toEqual([row.heldOut === 'icons', row.heldOut === 'style']);
      if (row.split === 'train') expect(row.heldOut).toBe('nothing');
    }
    for (const row of figures) expect(figureOf(row).type === HELD_OUT_COMPOSITE).toBe(row.heldOut === 'figure');
    const keys = figures.map((row) => JSON.stringify([figureOf(row).type, figureOf(row).base, figureOf(row).part]));
    expect(new Set(keys).size).toBe(figures.length);
  });

  it('is counted in the plan', () => {
    for (const [data, rows] of [
      ['two-step-counting', pairs],
      ['two-step-geometry', figures],
    ] as const) {
      for (const split of ['train', 'test'] as const) {
        for (const [heldOut, n] of Object.entries(TWO_STEP_SIZES[data][split]))
          expect(rows.filter((row) => row.split === split && row.heldOut === heldOut)).toHaveLength(n);
      }
    }
  });
});

describe("the apprentice's stream", () => {
  it('repeats byte for byte, in tags and within 40 tokens', async () => {
    const again = await createApprenticeStream();
    for (let i = 0; i < 300; i++) {
      const stage = i % 2 === 0 ? 'perceive' : 'habits';
      const example = stream.example(3, i, stage);
      if (i < 10) expect(again.example(3, i, stage)).toEqual(example);
      expect(tokens(example.completion)).toBeLessThanOrEqual(40);
      if (example.habit === 'dense') continue;
      expect(example.completion).toMatch(/^<think> .+ <\/think><answer> \d+ <\/answer>$/);
      expect(example.completion).toContain(`<answer> ${example.answer} </answer>`);
    }
  });

  it('asks less than the task: no held-out kind, and at most five of each', () => {
    const heldOut = new RegExp(
      `\\b(?:${HELD_OUT_KINDS.map((name) => art.catalogue.kinds.find((kind) => kind.name === name)?.plural).join('|')})\\b`,
    );
    let asked = 0;
    for (let i = 0; i < 400; i++) {
      const { question, completion } = stream.example(4, i, 'habits');
      if (!/more|in all|^Take|^Add/.test(question)) continue;
      asked += 1;
      expect(question).not.toMatch(heldOut);
      const [, a, b] = / (\d+) [-+] (\d+) = /.exec(completion) ?? [];
      expect(Math.max(Number(a), Number(b))).toBeLessThanOrEqual(TRAINED_LIMITS.most);
    }
    expect(asked).toBeGreaterThan(100);
  });
});

describe('the models', () => {
  it('share one architecture and tokenizer; only the description differs', () => {
    const [nano, apprentice] = [nanoFiles(art.catalogue), nanoFiles(art.catalogue, apprenticeConfig())];
    const different = Object.keys(nano).filter((name) => nano[name] !== apprentice[name]);
    expect(different).toEqual(['atelier.json']);
  });

  it('leave nano as it was: its files quote the plan that made it', async () => {
    const { plan } = JSON.parse(await readFile(join(models, 'nano/figures.json'), 'utf8')) as { plan: unknown };
    expect(plan).toEqual(NANO_PLAN);
  });

  it('judge their own aims by the figures, and call a short run not measured', () => {
    const figures = {
      accuracy: { d: { right: 80, of: 240 } },
      format: { d: { right: 230, of: 240 } },
      sampledAccuracy: {},
      passAtK: { d: { '64': 0.88 } },
      neverRight: {},
    };
    const run = (last: number) => ({
      data: 'd',
      seed: 7,
      command: '',
      points: [0, last - 100, last].map((step, i) => ({ step, right: 80 + i, of: 240 })),
    });
    const reached = (runs: Learning['runs']): boolean[] => aimsOf('d', figures, { runs }).map((aim) => aim.reached);
    expect(reached([run(300)])).toEqual([false, true, true, true]);
    expect(reached([run(200)])).toEqual([false, true, true, false]);
    expect(aimsOf('d', figures, { runs: [run(200)] }).at(-1)?.measured).toBe('not measured');
  });

  it('ship the card that the measured figures give, for the plan in the code', async () => {
    const read = async (name: string): Promise<unknown> =>
      JSON.parse(await readFile(join(models, 'apprentice', name), 'utf8'));
    const facts = (await read('figures.json')) as ApprenticeFacts;
    const learning = (await read('learning.json')) as Learning;
    const card = await readFile(join(models, 'apprentice/README.md'), 'utf8');
    const words = (text: string): string => text.replaceAll(/\s+/g, ' ');
    expect(words(card)).toBe(words(apprenticeCard(facts, learning)));
    expect(facts.plan).toEqual(APPRENTICE_PLAN);
    const missed = (data: string): string[] =>
      aimsOf(data, facts, learning).flatMap(({ aim, reached }) => (reached ? [] : [aim]));
    expect(missed('two-step-counting')).toEqual([]);
    expect(missed('two-step-geometry')).toEqual(['Accuracy still rises in the last third of 300 updates']);
  });
});
