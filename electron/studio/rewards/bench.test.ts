/** @file The reward bench: its figures for hand-made groups, its advice, and the whole bench through the contract. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeError } from '../../contract/errors/error-codec.ts';
import type { AtelierError } from '../../contract/errors/errors.ts';
import { EngineSample, type SampledGroup } from '../../contract/engine/engine.ts';
import type { RewardBenchReport, RewardBenchRequest, RewardSpec } from '../../contract/model/rewards.ts';
import { scoreCompletion } from '../../rewards/registry.ts';
import { prepareStudio, type TestStudio } from '../fixtures/test-studio.ts';
import type { Studio } from '../studio.ts';
import { agreementOf, passAtK, passSizes, spreadOf } from './bench-figures.ts';
import { makeReport } from './bench.ts';
import { probeItems } from './probe.ts';

const specs: RewardSpec[] = [
  { name: 'accuracy', weight: 1 },
  { name: 'format', weight: 1 },
];

/** A report on hand-written answers, scored by the built-in rewards. */
function reportOf(groups: string[][], rewards = specs, answer = '7'): RewardBenchReport {
  const samples = groups.map((_, index) =>
    EngineSample.parse({ id: `s${index}`, imagePath: 'x.png', prompt: 'How many?', answer, task: 'counting' }),
  );
  const sampled = samples.map(({ id }, index): SampledGroup => ({
    sampleId: id,
    completions: (groups[index] ?? []).map((text) => ({ text, tokens: 5, truncated: text.endsWith('…') })),
  }));
  const score = (completion: string) => scoreCompletion(rewards, completion, { answer, task: 'counting' });
  const probes = probeItems(rewards, samples).map(({ completion }) => score(completion));
  return makeReport(rewards, samples, sampled, groups.flat().map(score), probes);
}

const right = '<think>I count seven.</think><answer>7</answer>';
const wrong = '<think>I count eight.</think><answer>8</answer>';
const bare = '<answer>7</answer>';

describe('figures', () => {
  it('gives spread inside the groups, and counts dead ones', () => {
    const spread = spreadOf([
      [0, 1, 0, 1],
      [1, 1, 1, 1],
      [0, 0, 0, null],
    ]);
    expect(spread).toMatchObject({ deadShare: 2 / 3, notJudged: 1 });
    expect(spread.mean).toBeCloseTo(6 / 11, 12);
    expect(spread.groupStd).toBeCloseTo(Math.sqrt(1 / 3) / 3, 12);
  });

  it('correlates inside the groups only', () => {
    // Across groups both rise together; within groups they oppose each other.
    const groups = [
      [
        [0, 0.1],
        [0.1, 0],
      ],
      [
        [0.8, 0.9],
        [0.9, 0.8],
      ],
    ];
    expect(agreementOf(groups, 0, 1)).toBeCloseTo(-1, 12);
    expect(
      agreementOf(
        [
          [
            [0, 1],
            [1, 1],
          ],
        ],
        0,
        1,
      ),
    ).toBeNull();
  });

  it('computes pass@k without bias', () => {
    const group = [true, true, false, false, false, false, false, false];
    expect(passAtK([group], 1)).toBeCloseTo(2 / 8, 12);
    // 1 − C(6, 4) / C(8, 4) = 1 − 15/70
    expect(passAtK([group], 4)).toBeCloseTo(1 - 15 / 70, 12);
    expect(passAtK([group, [false, false, false, false, false, false, false, false]], 8)).toBeCloseTo(0.5, 12);
    expect(passSizes(8)).toEqual([1, 2, 4, 8]);
    expect(passSizes(6)).toEqual([1, 2, 4, 6]);
  });
});

describe('what the report says', () => {
  it('of prompts that teach something and of dead ones', () => {
    const report = reportOf([
      [right, wrong, wrong, wrong],
      [right, right, right, right],
    ]);
    expect(report).toMatchObject({
      samples: 2,
      numGenerations: 4,
      total: { deadShare: 0.5 },
      verdicts: { correct: 5, wrong: 3, unparsed: 0 },
      thinkRate: 1,
    });
    expect(report.groups.map(({ dead }) => dead)).toEqual([false, true]);
    expect(report.passAt.map(({ k }) => k)).toEqual([1, 2, 4]);
    expect(report.findings.join(' ')).toContain('at least one of 4 in 100%');
  });

  it('of a task that is solved, and of one that is out of reach', () => {
    expect(reportOf([[right, right]]).findings[0]).toMatch(/solved/);
    const hopeless = reportOf(
      [
        [wrong, '…'],
        ['?', wrong],
      ],
      [{ name: 'accuracy', weight: 1 }],
    );
    expect(hopeless.findings[0]).toMatch(/training would learn nothing/);
    expect(hopeless.findings.join(' ')).toMatch(/Not one answer is right.*cannot be read/);
  });

  it('lowers a reward that pulls against the right answer, and says why', () => {
    // Correct answers come without a thought, wrong ones in the right format.
    const report = reportOf([
      [bare, wrong, bare, wrong],
      [bare, wrong, wrong, bare],
    ]);
    const format = report.rewards.find(({ key }) => key === 'format');
    expect(report.agreement).toEqual([{ a: 'accuracy', b: 'format', correlation: -1 }]);
    expect(format).toMatchObject({ weight: 1, suggestedWeight: 0.5 });
    expect(format?.reason).toMatch(/contradicts accuracy/);
    expect(report.findings.join(' ')).toMatch(/opposite directions/);
  });

  it('lowers a reward that differs more than the main one', () => {
    const report = reportOf([
      [right, wrong, wrong, wrong],
      [wrong, '8', wrong, '8'],
    ]);
    const format = report.rewards.find(({ key }) => key === 'format');
    expect(format?.suggestedWeight).toBeLessThan(1);
    expect(format?.suggestedWeight).toBeGreaterThan(0);
    expect(format?.reason).toMatch(/pull harder/);
  });

  it('keeps weights that are fine', () => {
    const report = reportOf([[right, wrong, right, '8']], [specs[0]!, { name: 'format', weight: 0.2 }]);
    expect(report.rewards.map(({ suggestedWeight }) => suggestedWeight)).toEqual([1, 0.2]);
  });

  it("finds the built-in rewards safe from tricks, and R1-V's form not", () => {
    const safe = reportOf([[right, wrong]]);
    expect(safe.rewards.flatMap(({ probes }) => probes.filter(({ fooled }) => fooled))).toEqual([]);
    expect(safe.rewards.every(({ probes }) => probes.length > 5)).toBe(true);
    const leaky = reportOf([[right, wrong]], [specs[0]!, { name: 'format', weight: 1, params: { form: 'r1v' } }]);
    expect(leaky.rewards[1]?.probes.filter(({ fooled }) => fooled).map(({ probe }) => probe)).toContain('no-thought');
    expect(leaky.findings.join(' ')).toMatch(/earned by tricks/);
  });
});

const open: Studio[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((studio) => studio.close({ waitMs: 0 })));
});

async function ready(): Promise<TestStudio> {
  const prepared = await prepareStudio();
  open.push(prepared.studio);
  return prepared;
}

async function bench(
  on: TestStudio,
  rewards: RewardSpec[],
  more: Partial<RewardBenchRequest> = {},
): Promise<RewardBenchReport> {
  const { modelId, datasetId, client } = on;
  for await (const event of await client.rewards.bench({
    modelId,
    datasetId,
    rewards,
    samples: 4,
    numGenerations: 4,
    ...more,
  })) {
    if (event.type === 'done') return event.report;
  }
  throw new Error('The bench ended without a report.');
}

async function refusal(promise: Promise<unknown>): Promise<AtelierError> {
  const error = decodeError(
    await promise.then(
      () => null,
      (caught: unknown) => caught,
    ),
  );
  if (error === null) throw new Error('This was not refused.');
  return error;
}

describe('through the contract', () => {
  it('lists the rewards with their parameters', async () => {
    const { client } = await ready();
    const list = await client.rewards.list();
    expect(list.map(({ name }) => name)).toEqual([
      'accuracy',
      'format',
      'length',
      'repetition',
      'language',
      'reasoning',
      'custom',
    ]);
    expect(list.flatMap(({ params }) => params).every(({ help }) => help.length > 5)).toBe(true);
  });

  it("benches built-in rewards and a person's own, and finds the trick that the own one falls for", async () => {
    const on = await ready();
    const path = join(on.home, 'holds answer.ts');
    writeFileSync(
      path,
      'export const score = (completion: string, sample: { answer: string }) => completion.includes(sample.answer) ? 1 : 0;\n',
    );
    const own = await on.client.rewards.load({ path, label: 'holds the answer', weight: 0.5 });
    expect(own).toMatchObject({
      name: 'custom',
      weight: 0.5,
      params: { label: 'holds the answer', file: 'holds answer.ts' },
    });

    const report = await bench(on, [...specs, own]);
    // Three of the four samples are half right; the last one is always wrong.
    expect(report).toMatchObject({
      samples: 4,
      numGenerations: 4,
      verdicts: { correct: 6, wrong: 0, unparsed: 10 },
      total: { deadShare: 0.25 },
    });
    expect(report.rewards.map(({ key }) => key)).toEqual(['accuracy', 'format', 'custom:holds the answer']);
    const tricks = report.rewards[2]?.probes.filter(({ fooled }) => fooled).map(({ probe }) => probe);
    expect(tricks).toEqual(expect.arrayContaining(['several-answers', 'answer-outside', 'answer-in-thought']));
    expect(report.rewards[2]?.suggestedWeight).toBeLessThan(0.5);
    expect(await on.client.runs.list()).toEqual([]);
  });

  it('refuses a file that cannot work, by its line, and a file that is not there', async () => {
    const on = await ready();
    const path = join(on.home, 'broken.ts');
    writeFileSync(path, 'export function score() {\n  return missing;\n}\n');
    const error = await refusal(on.client.rewards.load({ path }));
    expect(error).toMatchObject({ code: 'BAD_INPUT', place: { file: 'broken.ts', row: 2 } });
    expect(await refusal(on.client.rewards.load({ path: join(on.home, 'none.ts') }))).toMatchObject({
      code: 'NOT_FOUND',
    });
    writeFileSync(join(on.home, 'reward.txt'), 'export const score = () => 1;');
    expect(await refusal(on.client.rewards.load({ path: join(on.home, 'reward.txt') }))).toMatchObject({
      code: 'BAD_INPUT',
    });
  });

  it('refuses rewards of the wrong kind before the model is asked', async () => {
    const on = await ready();
    const error = await refusal(bench(on, [{ name: 'accuracy', weight: 1, params: { kind: 'box' } }]));
    expect(error).toMatchObject({ code: 'BAD_INPUT', place: { field: 'rewards.0.params.kind' } });
  });
});
