/** @file The weights that the bench suggests, each with a reason, and what to know before the run. Pure. */
import type { RewardBenchReport, RewardSpec } from '../../contract/model/rewards.ts';
import { rewardKey } from '../../contract/model/rewards.ts';
import { percent } from '../../reporting/figures.ts';

type BenchedReward = Omit<RewardBenchReport['rewards'][number], 'suggestedWeight' | 'reason'>;
export type Suggestion = { suggestedWeight: number; reason: string };

/** A reward's pull on training is its weight times its spread within groups; none should outpull the answer's. */
const LARGEST_PULL = 1;
const SMALLEST_WEIGHT = 0.05;
const SATURATED = 0.95;

/**
 * The main reward (accuracy, otherwise the first) keeps its weight. Others are lowered if they would pull harder than
 * the main one, contradict it, or can be earned by a trick. No weight is raised above the requested one.
 */
export function suggestWeights(
  specs: readonly RewardSpec[],
  rewards: readonly BenchedReward[],
  agreement: RewardBenchReport['agreement'],
): Suggestion[] {
  const main = Math.max(
    0,
    specs.findIndex((spec) => spec.name === 'accuracy'),
  );
  const mainKey = rewards[main]?.key ?? '';
  const mainPull = (specs[main]?.weight ?? 0) * (rewards[main]?.groupStd ?? 0);
  return specs.map((spec, index) => {
    const reward = rewards[index];
    if (reward === undefined) throw new Error(`The reward ${rewardKey(spec)} was not benched.`);
    if (index === main) return mainSuggestion(spec, reward);
    if (reward.probes.some(({ fooled }) => fooled)) {
      const title = reward.probes.find(({ fooled }) => fooled)?.title ?? '';
      return keepOrLower(spec, spec.weight / 4, `It can be earned by a trick: a model that ${title} gets it too.`);
    }
    const pull = reward.groupStd ?? 0;
    if (pull === 0) {
      const why =
        (reward.mean ?? 0) >= SATURATED ? 'Every answer already earns it' : 'All answers to a prompt earn the same';
      return {
        suggestedWeight: spec.weight,
        reason: `${why}, so it pulls at nothing now; its weight only matters once answers change.`,
      };
    }
    const against = correlationOf(agreement, mainKey, reward.key);
    if (against !== null && against < -0.3) {
      return keepOrLower(
        spec,
        spec.weight / 2,
        `It contradicts ${mainKey}: answers that earn more of one earn less of the other (correlation ${against.toFixed(2)}).`,
      );
    }
    if (mainPull > 0 && spec.weight * pull > LARGEST_PULL * mainPull) {
      return keepOrLower(
        spec,
        mainPull / pull,
        `It differs more between answers than ${mainKey} does, and at weight ${spec.weight} it would pull harder.`,
      );
    }
    return { suggestedWeight: spec.weight, reason: `It pulls less than ${mainKey} and does not contradict it.` };
  });
}

/** What to know before the run, most important first. */
export function findingsOf(
  report: Pick<
    RewardBenchReport,
    | 'samples'
    | 'numGenerations'
    | 'rewards'
    | 'total'
    | 'agreement'
    | 'passAt'
    | 'verdicts'
    | 'truncatedRatio'
    | 'thinkRate'
  >,
): string[] {
  const findings: string[] = [];
  const { total, verdicts, passAt, rewards } = report;
  const answers = verdicts.correct + verdicts.wrong + verdicts.unparsed;
  const dead = Math.round(total.deadShare * report.samples);
  if (total.deadShare === 1) {
    findings.push(
      verdicts.correct === answers
        ? 'Every answer is right: this task is solved, and training would learn nothing from it. Choose harder samples.'
        : 'All answers to each prompt earn the same, so training would learn nothing. Raise the temperature or the group size, choose easier samples, or teach the form first with a few steps of SFT.',
    );
  } else if (total.deadShare > 0.5) {
    findings.push(
      `${dead} of ${report.samples} prompts teach nothing, because all their answers earn the same. More answers per prompt or a higher temperature would help.`,
    );
  }
  for (const { key, probes } of rewards) {
    const tricks = probes.filter(({ fooled }) => fooled).map(({ title }) => title);
    if (tricks.length > 0)
      findings.push(
        `The reward ${key} can be earned by tricks: a model that ${tricks.slice(0, 3).join(', or ')} gets it too.`,
      );
  }
  const last = passAt.at(-1);
  const first = passAt[0];
  if (first !== undefined && last !== undefined && total.deadShare < 1 && verdicts.correct > 0) {
    findings.push(
      `One answer is right in ${percent(first.value, 0)} of cases, at least one of ${last.k} in ${percent(last.value, 0)}: that gap is what training can turn into skill.`,
    );
  }
  if (verdicts.correct === 0 && answers > 0) {
    findings.push(
      'Not one answer is right. Reinforcement learning cannot reward what never happens: begin with easier samples or with SFT.',
    );
  }
  if (verdicts.unparsed > answers / 4) {
    findings.push(
      `${percent(verdicts.unparsed / answers, 0)} of the answers cannot be read. Check the prompt template, or give the form reward some weight at first.`,
    );
  }
  if (report.truncatedRatio > 0.25) {
    findings.push(
      `${percent(report.truncatedRatio, 0)} of the answers are cut off at the length limit. Allow longer completions.`,
    );
  }
  for (const { a, b, correlation } of report.agreement) {
    if (correlation === null) continue;
    if (correlation < -0.3)
      findings.push(`The rewards ${a} and ${b} pull in opposite directions (correlation ${correlation.toFixed(2)}).`);
    if (correlation > 0.95)
      findings.push(
        `The rewards ${a} and ${b} say the same (correlation ${correlation.toFixed(2)}): one of them is enough.`,
      );
  }
  for (const { key, mean, groupStd } of rewards) {
    if (mean !== null && mean >= SATURATED && (groupStd ?? 0) < 0.1 && total.deadShare < 1) {
      findings.push(
        `The reward ${key} is earned by nearly every answer already (${mean.toFixed(2)} on average): it guards what is there, it teaches nothing new.`,
      );
    }
  }
  return findings;
}

function mainSuggestion(spec: RewardSpec, reward: BenchedReward): Suggestion {
  const trick = reward.probes.find(({ fooled }) => fooled);
  if (trick !== undefined) {
    return {
      suggestedWeight: spec.weight,
      reason: `It is the main reward, but it can be earned by a trick (a model that ${trick.title}): correct it before the run.`,
    };
  }
  return { suggestedWeight: spec.weight, reason: 'It is the main reward; the others are measured against it.' };
}

function keepOrLower(spec: RewardSpec, weight: number, why: string): Suggestion {
  const lowered = Math.max(Math.min(SMALLEST_WEIGHT, spec.weight), Math.floor(weight * 20) / 20);
  if (lowered >= spec.weight)
    return { suggestedWeight: spec.weight, reason: `${why} Its weight is small enough already.` };
  return {
    suggestedWeight: lowered,
    reason: `${why} A weight of ${lowered} instead of ${spec.weight} keeps it in its place.`,
  };
}

function correlationOf(agreement: RewardBenchReport['agreement'], a: string, b: string): number | null {
  return (
    agreement.find((pair) => (pair.a === a && pair.b === b) || (pair.a === b && pair.b === a))?.correlation ?? null
  );
}
