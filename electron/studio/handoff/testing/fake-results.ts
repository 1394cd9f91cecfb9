/** @file For tests: writes what a job writes while it trains, without training. */
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetId } from '../../../contract/model/primitives.ts';
import { AdapterConfig, type Recipe } from '../../../contract/model/recipe.ts';
import { accuracyParamsOf, rewardKey } from '../../../contract/model/rewards.ts';
import { betaCurve } from '../../../method/kl-curve.ts';
import { recordedRewards, wayOf } from '../../../method/mixture.ts';
import { gradeAnswer } from '../../../rewards/accuracy.ts';
import { isBuiltIn, scoreBuiltIn, type RewardSample } from '../../../rewards/registry.ts';
import { stepMetrics } from '../../../store/testing/fixture.ts';
import { FIXTURES } from '../../exports/fixtures/small-run.ts';

const fixture = JSON.parse(readFileSync(join(FIXTURES, 'lora', 'adapter_config.json'), 'utf8')) as Record<
  string,
  unknown
>;

/** The adapter that `addCheckpoint` writes. */
export const FAKE_ADAPTER = AdapterConfig.parse({
  kind: 'lora',
  r: fixture['r'],
  loraAlpha: fixture['lora_alpha'],
  targetModules: fixture['target_modules'],
});

export interface FakeJob {
  /** The folder `results` of a run. */
  results: string;
  recipe: Recipe;
  recipeSha256: string;
  samples: readonly ({ id: string; datasetId?: DatasetId } & RewardSample)[];
}

export type Changes = Record<string, unknown>;

export const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

export function fakeResults({ results, recipe, recipeSha256, samples }: FakeJob) {
  const isSupervised = recipe.method === 'sft';
  mkdirSync(results, { recursive: true });
  const place = (...names: string[]): string => join(results, ...names);
  const status = (word: string): void =>
    writeFileSync(place('status.json'), JSON.stringify({ recipeSha256, status: word, step: 0 }));
  writeFileSync(
    place('environment.json'),
    JSON.stringify({ device: 'cuda', torch: '2.13.0', trl: '1.16.0', workers: 1 }),
  );
  status('running');

  /** A line of `metrics.jsonl`. */
  function metrics(step: number, changes: Changes = {}): Changes {
    const rewards = isSupervised ? [] : recordedRewards(recipe);
    return {
      ...stepMetrics(step),
      recipeSha256,
      rewards: rewards.map((spec) => ({ name: rewardKey(spec), weight: spec.weight, mean: 0.5, std: 0.5 })),
      beta: isSupervised ? null : betaCurve(recipe.klSchedule, recipe.steps)[step - 1],
      loss: 0.001 * step,
      ...changes,
    };
  }

  /** A line of `completions.jsonl`: the first answer to each prompt is right, the others are wrong. */
  function completions(step: number, changes: Changes = {}): Changes {
    const { promptsPerStep, numGenerations } = recipe.grpo;
    const drawn = isSupervised
      ? []
      : Array.from({ length: promptsPerStep }, (_, index) => samples[index % samples.length]);
    const answers = drawn.flatMap((sample) =>
      Array.from({ length: numGenerations }, (_, index) => {
        const { id = '', answer = '', task = 'other', datasetId } = sample ?? {};
        const own = wayOf(recipe, datasetId).rewards;
        const text = `<answer>${index === 0 ? answer : 'x'}</answer>`;
        const rewards = recordedRewards(recipe).map((recorded) => {
          const name = rewardKey(recorded);
          const spec = own.find((each) => rewardKey(each) === name);
          if (spec === undefined) return { name, value: null };
          return { name, value: isBuiltIn(spec) ? scoreBuiltIn(spec, text, { answer, task }) : 0 };
        });
        const { verdict } = gradeAnswer({ ...accuracyParamsOf(own), completion: text, answer, task });
        const scored = { rewards, reward: index === 0 ? 1 : 0, advantage: index === 0 ? 1 : -1, verdict };
        return { step, sampleId: id, index, text, tokens: 3, truncated: false, ...scored, ...changes };
      }),
    );
    return { recipeSha256, step, completions: answers };
  }

  function addSteps(from: number, to: number): void {
    for (let step = from; step <= to; step += 1) {
      appendFileSync(place('completions.jsonl'), line(completions(step)));
      appendFileSync(place('metrics.jsonl'), line(metrics(step)));
    }
  }

  /** Gives the folder of the checkpoint. */
  function addCheckpoint(step: number): string {
    const folder = place('checkpoints', `step-${String(step).padStart(6, '0')}`);
    mkdirSync(folder, { recursive: true });
    for (const name of ['adapter_config.json', 'adapter_model.safetensors'])
      cpSync(join(FIXTURES, 'lora', name), join(folder, name));
    noteCheckpoint(folder, step);
    return folder;
  }

  /** Writes the note of a checkpoint for the files as they are now. */
  function noteCheckpoint(folder: string, step: number): void {
    const files = ['adapter_config.json', 'adapter_model.safetensors'].map((name) => {
      const bytes = readFileSync(join(folder, name));
      return { name, sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length };
    });
    writeFileSync(join(folder, 'checkpoint.json'), JSON.stringify({ recipeSha256, step, files }));
  }

  return { place, status, metrics, completions, addSteps, addCheckpoint, noteCheckpoint };
}
