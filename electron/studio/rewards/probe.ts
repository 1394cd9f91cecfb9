/** @file Tries the hack probes on rewards: the completions to score and what the scores mean. Pure. */
import {
  accuracyParamsOf,
  type AccuracyParams,
  type AnswerKind,
  type JudgeItem,
  type RewardBenchReport,
  type RewardSpec,
} from '../../contract/model/rewards.ts';
import { unwrapReference } from '../../rewards/answer.ts';
import { honestCompletion, probesFor, rightAnswer, wrongAnswers } from '../../rewards/hack-probes.ts';
import { isBuiltIn, rewardFunctions, type Guard } from '../../rewards/registry.ts';

type ProbeResult = RewardBenchReport['rewards'][number]['probes'][number];
type Reference = Pick<JudgeItem, 'answer' | 'task'>;
type Scores = readonly (readonly (number | null)[])[];

/** How far a score must exceed its baseline to count as earned. */
const EARNED = 0.05;

/** Per reference: an honest correct answer, an honest wrong one, then every probe. */
export function probeItems(specs: readonly RewardSpec[], references: readonly Reference[]): JudgeItem[] {
  const kind = kindOf(specs);
  return references.flatMap(({ answer, task }) => {
    const whole = unwrapReference(answer);
    const reference = rightAnswer(whole, kind);
    const wrong = wrongAnswers(reference);
    const completions = [
      honestCompletion(reference),
      honestCompletion(wrong[0] ?? ''),
      ...probesFor(kind).map(({ build }) => build(reference, wrong, whole)),
    ];
    return completions.map((completion) => ({ completion, answer, task }));
  });
}

/** The probes relevant to each reward, with the mean score they earn. `scores` are those of `probeItems`, in order. */
export function probeResults(specs: readonly RewardSpec[], scores: Scores): ProbeResult[][] {
  const probes = probesFor(kindOf(specs));
  const perReference = probes.length + 2;
  return specs.map((spec, reward) => {
    const meanAt = (place: number): number | null => {
      const values: number[] = [];
      for (let row = place; row < scores.length; row += perReference) {
        const value = scores[row]?.[reward] ?? null;
        if (value !== null) values.push(value);
      }
      return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    const [right, wrong] = [meanAt(0) ?? 0, meanAt(1) ?? 0];
    const guards: readonly Guard[] = isBuiltIn(spec)
      ? rewardFunctions[spec.name].guards
      : right > wrong + EARNED
        ? ['answer']
        : [];
    // Your own reward may give a wrong answer some credit for its form; a trick must not earn more than that.
    // Partial credit pays for the part of a trick that is right; a trick must not earn what the whole answer earns.
    const partial = spec.name === 'accuracy' && givesParts(spec.params);
    const floor = partial ? right - 2 * EARNED : isBuiltIn(spec) ? 0 : wrong;
    return probes
      .map((probe, index) => ({ probe, score: meanAt(index + 2) }))
      .filter(({ probe }) => probe.against.some((guard) => guards.includes(guard)))
      .map(({ probe: { id, title }, score }) => ({
        probe: id,
        title,
        score,
        fooled: score !== null && score > floor + EARNED,
      }));
  });
}

function kindOf(specs: readonly RewardSpec[]): AnswerKind {
  return accuracyParamsOf(specs).kind ?? 'auto';
}

function givesParts({ partialCredit, overlapAsReward }: AccuracyParams = {}): boolean {
  return partialCredit === true || overlapAsReward === true;
}
