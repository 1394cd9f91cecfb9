/** @file The first half page says what the verdicts say, and advises nothing that they do not support. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ArmComparison } from '../../contract/model/experiments.ts';
import type { StudyDocument } from './document.ts';
import { inShort } from './in-short.ts';
import { withoutVerdicts } from './plan.ts';

const published = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../../docs/study.json', import.meta.url)), 'utf8'),
) as StudyDocument;

/** The published study with other verdicts on some comparisons. */
function judged(verdictOf: (one: ArmComparison) => ArmComparison['verdict']): StudyDocument {
  const { experiment } = published;
  const comparisons = experiment.comparisons.map((one) => ({ ...one, verdict: verdictOf(one) }));
  return { ...published, experiment: { ...experiment, comparisons } };
}

const section = (text: string, title: string): string => text.split(`**${title}.**`)[1]?.split('\n\n**')[0] ?? '';

describe('the first half page of the study', () => {
  it('explains the methods, and has a place for what holds, what does not, what is open and what to set', () => {
    const text = inShort(published);
    for (const title of [
      'What holds',
      'What does not hold',
      'What is open',
      'What to set',
      'What differs from the paper',
    ])
      expect(text).toContain(`**${title}.**`);
    expect(text).toContain('**SFT** shows it right answers to imitate');
    expect(text).not.toMatch(/undefined|NaN/);
  });

  it('puts every claim where its verdict says', () => {
    const { experiment } = published;
    const claims = experiment.claims.map((claim) => ({
      ...claim,
      verdict: claim.id === 'same-task-sft-1' ? ('not reproduced' as const) : ('undecided' as const),
    }));
    const text = inShort({ ...published, experiment: { ...experiment, claims } });
    expect(section(text, 'What holds')).toContain('Nothing has been shown yet');
    expect(section(text, 'What does not hold')).toMatch(
      /GRPO-D is worse than SFT: [\d.]+% of the answers are right against/,
    );
  });

  it('advises only what is decided', () => {
    const nothing = section(inShort(judged(() => 'undecided')), 'What to set');
    expect(nothing).not.toContain('not with SFT');
    const better = section(inShort(judged(() => 'second')), 'What to set');
    expect(better).toContain('not with SFT');
    expect(better).toContain('Prefer GRPO-D');
    const beaten = section(inShort(judged((one) => (one.part === 'contest' ? 'first' : 'undecided'))), 'What to set');
    expect(beaten).toContain('Prefer a fixed weight to GRPO-D');
    const worse = judged((one) => (one.part === 'exam' ? 'first' : 'undecided'));
    expect(section(inShort(worse), 'What to set')).toContain('consider a fixed weight of 0.04 instead of GRPO-D');
  });

  it('advises nothing where the plan was changed', () => {
    const faulty = { ...published, experiment: withoutVerdicts(published.experiment, 'The plan was changed.') };
    const text = inShort(faulty);
    expect(section(text, 'What holds')).toContain('Nothing has been shown yet');
    expect(section(text, 'What to set')).not.toContain('not with SFT');
  });
});
