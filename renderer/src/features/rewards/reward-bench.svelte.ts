/** @file The state of the bench: settings, progress, report. */
import {
  RewardBenchRequest,
  type DatasetSummary,
  type ModelSummary,
  type Progress,
  type RewardBenchEvent,
  type RewardBenchReport,
  type RewardSpec,
  type Split,
} from '../../../../electron/contract/api/index.ts';
import { troubleOf, type Trouble } from '../../api/errors.ts';
import { said } from '../../messages/said.ts';

export type BenchCall = (
  request: RewardBenchRequest,
  options: { signal: AbortSignal },
) => Promise<AsyncIterable<RewardBenchEvent>>;

/** The contract's own defaults, so that no bench setting is defined twice. */
const numbersOfBench = RewardBenchRequest.pick({
  samples: true,
  numGenerations: true,
  temperature: true,
  maxCompletionLength: true,
  seed: true,
});
export type BenchNumbers = Required<ReturnType<typeof numbersOfBench.parse>>;

/** What a report is about. */
export type BenchSubject = { model: ModelSummary; dataset: DatasetSummary; rewards: readonly RewardSpec[] };

/** Why training would learn nothing, in the report's own words; null if it would learn something. */
export function nothingLearned({ total, findings }: Pick<RewardBenchReport, 'total' | 'findings'>): string | null {
  return total.deadShare === 1 ? (findings[0] ?? null) : null;
}

export class RewardBench {
  model = $state.raw<ModelSummary>();
  dataset = $state.raw<DatasetSummary>();
  split = $state<Split>('train');
  numbers = $state<BenchNumbers>(numbersOfBench.parse({}));
  running = $state(false);
  progress = $state.raw<Progress>();
  report = $state.raw<RewardBenchReport>();
  /** The subject of the report; its rewards may have changed since. */
  asked = $state.raw<BenchSubject>();
  trouble = $state.raw<Trouble>();
  stopped = $state(false);
  readonly #call: BenchCall;
  readonly #onReport: ((report: RewardBenchReport, asked: BenchSubject) => void) | undefined;
  #abort: AbortController | undefined;

  constructor(call: BenchCall, onReport?: (report: RewardBenchReport, asked: BenchSubject) => void) {
    this.#call = call;
    this.#onReport = onReport;
  }

  /** The contract's objections to the numbers: name → sentence. */
  readonly problems: ReadonlyMap<string, string> = $derived.by(() => {
    const parsed = numbersOfBench.safeParse(this.numbers);
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- made anew each time, never changed
    return new Map(parsed.error?.issues.map((issue) => [issue.path.join('.'), said(issue.message)]) ?? []);
  });

  /** Number of answers the model will give, which determines how long you wait. */
  readonly answers: number = $derived(this.numbers.samples * this.numbers.numGenerations);

  /** Runs the bench to the end; the old report stays until the new one is ready. */
  async run(rewards: readonly RewardSpec[]): Promise<void> {
    const { model, dataset } = this;
    if (model === undefined || dataset === undefined || rewards.length === 0 || this.running) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.running = true;
    this.stopped = false;
    this.trouble = undefined;
    const plain = JSON.parse(JSON.stringify(rewards)) as RewardSpec[];
    try {
      const events = await this.#call(
        { modelId: model.id, datasetId: dataset.id, split: this.split, rewards: plain, ...this.numbers },
        { signal: abort.signal },
      );
      for await (const event of events) {
        if (abort.signal.aborted) break;
        if (event.type === 'progress') this.progress = event.progress;
        else {
          this.report = event.report;
          this.asked = { model, dataset, rewards: plain };
          this.#onReport?.(event.report, this.asked);
        }
      }
    } catch (error) {
      if (!abort.signal.aborted) this.trouble = troubleOf(error);
    } finally {
      this.running = false;
      this.progress = undefined;
    }
  }

  /** Stops the bench and discards its findings so far, since incomplete groups would mislead. */
  cancel(): void {
    if (!this.running) return;
    this.stopped = true;
    this.#abort?.abort();
  }
}
