/** @file A finding that belongs to several parts of an experiment is shown once. */
import { expect, it } from 'vitest';
import { DatasetId } from '../contract/model/primitives.ts';
import { comparisonsOnce } from './comparisons-once.ts';

const [birds, boats] = [DatasetId.parse('ds-birds'), DatasetId.parse('ds-boats')];
const one = (part: 'contest' | 'exam' | 'kl-weight', testedOn = birds, second = 'GRPO-D') => ({
  part,
  first: 'SFT',
  second,
  trainedOn: birds,
  testedOn,
});

it('keeps the one of the contest, wherever it stands, and the order', () => {
  const exam = one('exam');
  const contest = one('contest');
  const across = one('exam', boats);
  expect(comparisonsOnce([exam, across, contest])).toEqual([across, contest]);
  expect(comparisonsOnce([contest, exam, across])).toEqual([contest, across]);
});

it('keeps what differs in an arm, a dataset or a swept value', () => {
  const all = [one('exam'), one('exam', boats), one('exam', birds, 'GRPO'), one('kl-weight', birds, 'β 0.04')];
  expect(comparisonsOnce(all)).toEqual(all);
});
