/** @file The chosen rewards are kept between visits, handed to Train once, and every change can be undone. */
import { describe, expect, it } from 'vitest';
import { type RewardSpec } from '../../../../electron/contract/api/index.ts';
import { DEFAULT_REWARDS } from '../../../../electron/method/defaults.ts';
import { RewardSet } from './reward-set.svelte.ts';

function keeper(text: string | null = null) {
  const box = { text };
  return {
    box,
    getItem: () => box.text,
    setItem: (_: string, value: string) => {
      box.text = value;
    },
  };
}

const own: RewardSpec = {
  name: 'custom',
  weight: 0.5,
  params: { label: 'short', file: 'short.ts', source: 'export const score = () => 1;', sha256: 'a'.repeat(64) },
};

describe('RewardSet', () => {
  it('begins with the usual rewards and comes back as it was left', () => {
    const store = keeper();
    const set = new RewardSet(store);
    expect(set.specs).toEqual(DEFAULT_REWARDS);
    set.setWeight('format', 0.25);
    set.add(own);
    const again = new RewardSet(store);
    expect(again.of('format')?.weight).toBe(0.25);
    expect(again.of('custom:short')).toEqual(own);
  });

  it('begins anew when what was kept is not a set of rewards', () => {
    for (const text of ['{', '[{"name":"accuracy"}]', '[]']) {
      expect(new RewardSet(keeper(text)).specs).toEqual(DEFAULT_REWARDS);
    }
  });

  it('remembers the weight of a reward that is switched off and on', () => {
    const set = new RewardSet(undefined);
    set.setWeight('format', 0.4);
    set.toggle('format', false);
    expect(set.counting.map((spec) => spec.name)).toEqual(['accuracy']);
    set.toggle('format', true);
    expect(set.of('format')?.weight).toBe(0.4);
  });

  it('drops a parameter that is back at its usual value, and says what the contract refuses', () => {
    const set = new RewardSet(undefined);
    set.setParam('accuracy', 'tolerance', -1);
    expect([...set.problems.keys()]).toEqual(['accuracy.tolerance']);
    set.setParam('accuracy', 'tolerance', undefined);
    expect(set.problems.size).toBe(0);
    expect(set.of('accuracy')).toEqual({ name: 'accuracy', weight: 1 });
  });

  it('puts a removed reward and earlier weights back', () => {
    const set = new RewardSet(undefined);
    set.add(own);
    const back = set.remove('custom:short');
    expect(set.of('custom:short')).toBeUndefined();
    back();
    expect(set.specs.at(-1)).toEqual(own);
    const undo = set.takeWeights([
      { key: 'accuracy', weight: 2 },
      { key: 'format', weight: 0.1 },
    ]);
    expect(set.specs.map((spec) => spec.weight)).toEqual([2, 0.1, 0.5]);
    undo();
    expect(set.specs.map((spec) => spec.weight)).toEqual([1, 1, 0.5]);
  });

  it('offers to Train what counts, once', () => {
    const set = new RewardSet(undefined);
    set.toggle('format', false);
    set.offer();
    expect(set.takeOffer()).toEqual([{ name: 'accuracy', weight: 1 }]);
    expect(set.takeOffer()).toBeUndefined();
  });

  it('doubts only the run that the bench was asked about', () => {
    const set = new RewardSet(undefined);
    const nothing = 'All answers to each prompt earn the same.';
    set.judged = { modelId: 'm', datasetId: 'd', rewards: DEFAULT_REWARDS, nothing };
    const asked = {
      modelId: 'm',
      datasetId: 'd',
      rewards: [...DEFAULT_REWARDS, { name: 'length', weight: 0 }] as RewardSpec[],
    };
    expect(set.doubtOf(asked)).toBe(nothing);
    expect(set.doubtOf({ ...asked, datasetId: 'other' })).toBeNull();
    expect(set.doubtOf({ ...asked, rewards: [{ name: 'accuracy', weight: 3 }] })).toBeNull();
  });
});
