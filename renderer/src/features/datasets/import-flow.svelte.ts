/** @file An import in steps: choose, inspect (nothing is written), decide, import. */
import type {
  ColumnMapping,
  DatasetSummary,
  ImportEvent,
  ImportReport,
  ImportRequest,
  Progress,
  TablePeek,
  Task,
} from '../../../../electron/contract/api/index.ts';
import type { z } from 'zod';
import { troubleOf, type Trouble } from '../../api/errors.ts';

type Request = z.input<typeof ImportRequest>;

/** The calls that an import needs; the studio's client has them. */
export type ImportCalls = {
  peek: (request: Request, options: { signal: AbortSignal }) => Promise<TablePeek>;
  inspect: (request: Request, options: { signal: AbortSignal }) => Promise<ImportReport>;
  import: (request: Request, options: { signal: AbortSignal }) => Promise<AsyncIterable<ImportEvent>>;
};

export class ImportFlow {
  path = $state('');
  name = $state('');
  task = $state<Task>();
  testShare = $state(0.2);
  leaveOut = $state(false);
  /** What the person says about columns, over what is recognised. */
  mapping = $state<Partial<ColumnMapping>>({});
  fixed = $state({ prompt: '', licence: '', author: '' });
  /** Column whose equal values stay on one side of the split. */
  splitBy = $state<string>();
  /** Which of several tables. */
  table = $state<string>();
  /** Columns and first rows of what lies at the path; the mapping is made from it. */
  peek = $state.raw<TablePeek>();
  stopped = $state(false);
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

  /** Another path: what was said about the columns of the old one means nothing any more. */
  setPath(path: string): void {
    this.change(() => {
      this.path = path;
      this.peek = undefined;
      this.mapping = {};
      this.table = undefined;
      this.splitBy = undefined;
    });
  }

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
    const { signal } = this.#abort;
    this.stage = 'inspecting';
    this.trouble = undefined;
    this.stopped = false;
    try {
      this.peek = await this.#calls.peek(this.#request(), { signal });
      // Without a column for it there is nothing to look at yet: the person says first where it is.
      if (this.peek.missing.length > 0) {
        this.stage = 'asking';
        return;
      }
      this.report = await this.#calls.inspect(this.#request(), { signal });
      this.stage = 'looking';
    } catch (error) {
      this.stage = 'asking';
      this.report = undefined;
      if (!signal.aborted) this.trouble = troubleOf(error);
    }
  }

  async import(): Promise<void> {
    if (!this.canImport) return;
    const { signal } = this.#abort;
    this.stage = 'importing';
    this.trouble = undefined;
    this.stopped = false;
    try {
      for await (const event of await this.#calls.import(this.#request(), { signal })) {
        if (event.type === 'progress') this.progress = event.progress;
        else {
          this.dataset = event.dataset;
          this.report = event.report;
          this.stage = 'done';
        }
      }
    } catch (error) {
      this.stage = 'looking';
      if (signal.aborted) this.stopped = true;
      else this.trouble = troubleOf(error);
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
    const mapping = Object.fromEntries(Object.entries(this.mapping).filter(([, column]) => column !== ''));
    const fixed = Object.fromEntries(
      Object.entries(this.fixed)
        .map(([name, text]) => [name, text.trim()])
        .filter(([, text]) => text !== ''),
    );
    return {
      path: this.path.trim(),
      testShare: this.testShare,
      onProblem: this.leaveOut ? 'skip' : 'stop',
      ...(this.name.trim() === '' ? {} : { name: this.name.trim() }),
      ...(this.task === undefined ? {} : { task: this.task }),
      ...(Object.keys(mapping).length === 0 ? {} : { mapping }),
      ...(Object.keys(fixed).length === 0 ? {} : { fixed }),
      ...(this.splitBy === undefined ? {} : { splitBy: this.splitBy }),
      ...(this.table === undefined ? {} : { table: this.table }),
    };
  }
}
