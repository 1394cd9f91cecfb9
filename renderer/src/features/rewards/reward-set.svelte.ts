/**
 * @file The rewards you have chosen, with weights and parameters. They are kept on this machine
 * between visits and handed to Train on request.
 */
import { z } from 'zod';
import { rewardKey, RewardSpec, type RewardDescription } from '../../../../electron/contract/api/index.ts';
import { DEFAULT_REWARDS } from '../../../../electron/method/defaults.ts';
import { said } from '../../messages/said.ts';

/** Where the choice is kept between visits: the page's `localStorage`, or nothing in a test. */
export type Keeper = Pick<Storage, 'getItem' | 'setItem'> | undefined;

const storageKey = 'atelier.rewards';
const kept = z.array(RewardSpec);

/** What a run would learn from, as the bench found it. */
export type Judgement = {
  modelId: string;
  datasetId: string;
  rewards: readonly RewardSpec[];
  /** Why training would learn nothing; null if it would learn something. */
  nothing: string | null;
};

export class RewardSet {
  /** Every reward in the set, in screen order; weight 0 = it does not count. */
  specs = $state<RewardSpec[]>([]);
  /** What the bench last found about a model, a dataset and rewards. */
  judged = $state.raw<Judgement>();
  /** Set when you ask Train to use them; Train takes it once. */
  #offered: RewardSpec[] | undefined;
  /** Weights of rewards before they were switched off, restored when they are switched on again. */
  readonly #before: Record<string, number> = {};
  readonly #keeper: Keeper;

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
    this.specs = this.#read() ?? DEFAULT_REWARDS.map((spec) => ({ ...spec }));
  }

  /** The rewards that count. */
  readonly counting: readonly RewardSpec[] = $derived(this.specs.filter((spec) => spec.weight > 0));

  /** The contract's objections to a reward's parameters: `accuracy.tolerance` → sentence. */
  readonly problems: ReadonlyMap<string, string> = $derived.by(() => {
    const found = this.counting.flatMap((spec) => {
      const parsed = RewardSpec.safeParse(spec);
      return (parsed.error?.issues ?? []).map((issue): [string, string] => [
        [rewardKey(spec), ...issue.path.filter((part) => part !== 'params')].join('.'),
        said(issue.message),
      ]);
    });
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- made anew each time, never changed
    return new Map(found);
  });

  of(key: string): RewardSpec | undefined {
    return this.specs.find((spec) => rewardKey(spec) === key);
  }

  /** Switches a reward on or off; it keeps its parameters. */
  toggle(name: RewardDescription['name'], on: boolean): void {
    const spec = this.of(name);
    const usual = DEFAULT_REWARDS.find((reward) => reward.name === name)?.weight ?? 1;
    if (spec === undefined) {
      const parsed = RewardSpec.safeParse({ name, weight: on ? usual : 0 });
      if (parsed.success) this.specs.push(parsed.data);
    } else if (on) spec.weight = this.#before[name] ?? usual;
    else {
      this.#before[name] = spec.weight;
      spec.weight = 0;
    }
    this.keep();
  }

  setWeight(key: string, weight: number): void {
    const spec = this.of(key);
    if (spec === undefined || !Number.isFinite(weight)) return;
    spec.weight = Math.max(0, weight);
    this.keep();
  }

  /** Sets a parameter; undefined restores the reward's own default. */
  setParam(key: string, param: string, value: string | number | boolean | undefined): void {
    const index = this.specs.findIndex((spec) => rewardKey(spec) === key);
    const spec = this.specs[index];
    if (spec === undefined || spec.name === 'custom') return;
    const params = Object.entries({ ...spec.params, [param]: value }).filter(([, given]) => given !== undefined);
    const { params: _old, ...rest } = spec;
    // Values the contract rejects are kept as typed and reported in `problems`.
    this.specs[index] = params.length === 0 ? rest : { ...rest, params: Object.fromEntries(params) };
    this.keep();
  }

  /** Adds your own reward, replacing any with the same label. */
  add(spec: RewardSpec): void {
    this.specs = [...this.specs.filter((other) => rewardKey(other) !== rewardKey(spec)), spec];
    this.keep();
  }

  /** Removes a reward and returns a function that puts it back in its place. */
  remove(key: string): () => void {
    const index = this.specs.findIndex((spec) => rewardKey(spec) === key);
    const [spec] = index === -1 ? [] : this.specs.splice(index, 1);
    this.keep();
    return () => {
      if (spec === undefined || this.of(key) !== undefined) return;
      this.specs.splice(index, 0, spec);
      this.keep();
    };
  }

  /** Adopts weights by key, as the bench suggests them, and returns a function that undoes it. */
  takeWeights(weights: readonly { key: string; weight: number }[]): () => void {
    const before = this.specs.map((spec) => ({ key: rewardKey(spec), weight: spec.weight }));
    for (const { key, weight } of weights) this.setWeight(key, weight);
    return () => {
      for (const { key, weight } of before) this.setWeight(key, weight);
    };
  }

  /** Why the bench found that a run on these would learn nothing; null if it found otherwise or was not asked. */
  doubtOf(asked: {
    modelId: string | undefined;
    datasetId: string | undefined;
    rewards: readonly RewardSpec[];
  }): string | null {
    const { judged } = this;
    if (judged === undefined || judged.modelId !== asked.modelId || judged.datasetId !== asked.datasetId) return null;
    const counting = asked.rewards.filter((spec) => spec.weight > 0);
    return JSON.stringify(judged.rewards) === JSON.stringify(counting) ? judged.nothing : null;
  }

  /** Offers the rewards that count to Train. */
  offer(): void {
    this.#offered = this.counting.map((spec) => plain(spec));
  }

  /** Returns the offer once; undefined if there is none. */
  takeOffer(): RewardSpec[] | undefined {
    const offered = this.#offered;
    this.#offered = undefined;
    return offered;
  }

  keep(): void {
    try {
      this.#keeper?.setItem(storageKey, JSON.stringify(this.specs));
    } catch {
      // If storage is full or forbidden, the set is merely not remembered between visits.
    }
  }

  #read(): RewardSpec[] | undefined {
    try {
      const text = this.#keeper?.getItem(storageKey);
      if (text === null || text === undefined) return undefined;
      const parsed = kept.safeParse(JSON.parse(text));
      return parsed.success && parsed.data.length > 0 ? parsed.data : undefined;
    } catch {
      return undefined;
    }
  }
}

function plain(spec: RewardSpec): RewardSpec {
  return JSON.parse(JSON.stringify(spec)) as RewardSpec;
}

let shared: RewardSet | undefined;

/** The page's only set: Rewards edits it, Train takes it. */
export function useRewardSet(): RewardSet {
  shared ??= new RewardSet(typeof localStorage === 'undefined' ? undefined : localStorage);
  return shared;
}
