/**
 * @file The rewards you have chosen, with weights and parameters. Kept on this machine
 * between visits, and handed to Train when it is asked for.
 */
import { z } from 'zod';
import { rewardKey, RewardSpec, type RewardDescription } from '../../../../electron/contract/api/index.ts';
import { DEFAULT_REWARDS } from '../../../../electron/method/defaults.ts';

/** Where the choice is kept between visits; the page's `localStorage`, or nothing in a test. */
export type Keeper = Pick<Storage, 'getItem' | 'setItem'> | undefined;

const storageKey = 'atelier.rewards';
const kept = z.array(RewardSpec);

export class RewardSet {
  /** Every reward that was given a place, in the order of the screen; weight 0 = it does not count. */
  specs = $state<RewardSpec[]>([]);
  /** Set when a person asked Train to use them; Train takes it once. */
  #offered: RewardSpec[] | undefined;
  /** Weights from before a reward was switched off, so that switching it on again brings them back. */
  readonly #before: Record<string, number> = {};
  readonly #keeper: Keeper;

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
    this.specs = this.#read() ?? DEFAULT_REWARDS.map((spec) => ({ ...spec }));
  }

  /** Those that count. */
  readonly counting: readonly RewardSpec[] = $derived(this.specs.filter((spec) => spec.weight > 0));

  /** What the contract says against a reward's parameters: `accuracy.tolerance` → sentence. */
  readonly problems: ReadonlyMap<string, string> = $derived.by(() => {
    const found = this.counting.flatMap((spec) => {
      const parsed = RewardSpec.safeParse(spec);
      return (parsed.error?.issues ?? []).map((issue): [string, string] => [
        [rewardKey(spec), ...issue.path.filter((part) => part !== 'params')].join('.'),
        issue.message,
      ]);
    });
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- made anew each time, never changed
    return new Map(found);
  });

  of(key: string): RewardSpec | undefined {
    return this.specs.find((spec) => rewardKey(spec) === key);
  }

  /** Lets a reward count, or no longer; it keeps its parameters. */
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

  /** Gives a parameter another value; undefined brings back the reward's own default. */
  setParam(key: string, param: string, value: string | number | boolean | undefined): void {
    const index = this.specs.findIndex((spec) => rewardKey(spec) === key);
    const spec = this.specs[index];
    if (spec === undefined || spec.name === 'custom') return;
    const params = Object.entries({ ...spec.params, [param]: value }).filter(([, given]) => given !== undefined);
    const { params: _old, ...rest } = spec;
    // What the contract refuses is kept as typed, and said in `problems`.
    this.specs[index] = params.length === 0 ? rest : { ...rest, params: Object.fromEntries(params) };
    this.keep();
  }

  /** Adds a person's own reward; one of the same label takes the place of the older one. */
  add(spec: RewardSpec): void {
    this.specs = [...this.specs.filter((other) => rewardKey(other) !== rewardKey(spec)), spec];
    this.keep();
  }

  /** Takes a reward out and gives back what puts it back in its place. */
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

  /** Takes over weights by key, as the bench suggests them; gives back what undoes it. */
  takeWeights(weights: readonly { key: string; weight: number }[]): () => void {
    const before = this.specs.map((spec) => ({ key: rewardKey(spec), weight: spec.weight }));
    for (const { key, weight } of weights) this.setWeight(key, weight);
    return () => {
      for (const { key, weight } of before) this.setWeight(key, weight);
    };
  }

  /** Leaves the counting rewards for Train. */
  offer(): void {
    this.#offered = this.counting.map((spec) => plain(spec));
  }

  /** What was offered, once; undefined when nothing was. */
  takeOffer(): RewardSpec[] | undefined {
    const offered = this.#offered;
    this.#offered = undefined;
    return offered;
  }

  keep(): void {
    try {
      this.#keeper?.setItem(storageKey, JSON.stringify(this.specs));
    } catch {
      // A full or forbidden storage costs only the memory between visits.
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

/** The page's one set: Rewards edits it, Train takes it. */
export function useRewardSet(): RewardSet {
  shared ??= new RewardSet(typeof localStorage === 'undefined' ? undefined : localStorage);
  return shared;
}
