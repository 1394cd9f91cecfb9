/** @file An import step by step: ask, look (nothing is written), decide, import. */
import type {
  DatasetSummary,
  ImportEvent,
  ImportReport,
  ImportRequest,
  Progress,
  Task,
} from '../../../electron/contract/index.ts';
import type { z } from 'zod';
import { troubleOf, type Trouble } from '../api/errors.ts';

type Request = z.input<typeof ImportRequest>;

/** The two calls that an import needs; the studio's client has them. */
export type ImportCalls = {
  inspect: (request: Request, options: { signal: AbortSignal }) => Promise<ImportReport>;
  import: (request: Request, options: { signal: AbortSignal }) => Promise<AsyncIterable<ImportEvent>>;
};

export class ImportFlow {
  path = $state('');
  name = $state('');
  task = $state<Task>();
  testShare = $state(0.2);
  leaveOut = $state(false);
  stage = $state<'asking' | 'inspecting' | 'looking' | 'importing' | 'done'>('asking');
  report = $state.raw<ImportReport>();
  progress = $state.raw<Progress>();
  dataset = $state.raw<DatasetSummary>();
  trouble = $state.raw<Trouble>();
  readonly #calls: ImportCalls;
  #abort = new AbortController();

  constructor(calls: ImportCalls) {
    this.#calls = calls;
  }

  /** Whether the report allows an import as things are decided now. */
  readonly canImport = $derived(
    this.stage === 'looking' &&
      this.report !== undefined &&
      this.report.rowsUsable > 0 &&
      (this.report.problems.length === 0 || this.leaveOut),
  );

  /** Any change of what is asked makes the report of before worthless. */
  change(edit: () => void): void {
    edit();
    if (this.stage !== 'looking') return;
    this.stage = 'asking';
    this.report = undefined;
    this.leaveOut = false;
  }

  /** The dry run: what an import would do. */
  async inspect(): Promise<void> {
    if (this.path.trim() === '') return;
    this.stage = 'inspecting';
    this.trouble = undefined;
    try {
      this.report = await this.#calls.inspect(this.#request(), { signal: this.#abort.signal });
      this.stage = 'looking';
    } catch (error) {
      this.stage = 'asking';
      this.report = undefined;
      if (!this.#abort.signal.aborted) this.trouble = troubleOf(error);
    }
  }

  async import(): Promise<void> {
    if (!this.canImport) return;
    this.stage = 'importing';
    this.trouble = undefined;
    try {
      for await (const event of await this.#calls.import(this.#request(), { signal: this.#abort.signal })) {
        if (event.type === 'progress') this.progress = event.progress;
        else {
          this.dataset = event.dataset;
          this.report = event.report;
          this.stage = 'done';
        }
      }
    } catch (error) {
      this.stage = 'looking';
      if (!this.#abort.signal.aborted) this.trouble = troubleOf(error);
    } finally {
      this.progress = undefined;
    }
  }

  /** Ends whatever is on its way; an import that is cut off leaves nothing behind. */
  cancel(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  #request(): Request {
    return {
      path: this.path.trim(),
      testShare: this.testShare,
      onProblem: this.leaveOut ? 'skip' : 'stop',
      ...(this.name.trim() === '' ? {} : { name: this.name.trim() }),
      ...(this.task === undefined ? {} : { task: this.task }),
    };
  }
}
