/** @file An import in steps: choose, inspect (nothing is written), decide, import. */
import type {
  ColumnMapping,
  DatasetSummary,
  ImageOrientation,
  ImportEvent,
  ImportReport,
  ImportRequest,
  Progress,
  TablePeek,
  Task,
  TextEncoding,
  UnknownUse,
  WrittenNumbers,
} from '../../../../electron/contract/api/index.ts';
import type { z } from 'zod';
import { troubleOf, type Trouble } from '../../api/errors.ts';

type Request = z.input<typeof ImportRequest>;

/** The calls that an import needs; the studio's client provides them. */
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
  /** What to do with images that say nothing about training. */
  unknownUse = $state<UnknownUse>('use');
  orientation = $state<ImageOrientation>('upright');
  /** How numbers in the answers are written; undefined = not said. */
  numbers = $state<WrittenNumbers>();
  /** The encoding that you stated; undefined = as detected. */
  encoding = $state<TextEncoding>();
  /** The columns you set, which override the detected ones. */
  mapping = $state<Partial<ColumnMapping>>({});
  fixed = $state({ prompt: '', licence: '', author: '' });
  /** Rows with the same value in this column stay on the same side of the split. */
  splitBy = $state<string>();
  /** Which table, if there are several. */
  table = $state<string>();
  /** Columns and first rows of the file at the path, from which the mapping is made. */
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

  /** Whether the report allows an import with the current choices. */
  readonly canImport = $derived(
    this.stage === 'looking' &&
      this.report !== undefined &&
      this.report.rowsUsable > 0 &&
      (this.report.problems.length === 0 || this.leaveOut),
  );

  /** Sets another path and discards the column settings of the old one. */
  setPath(path: string): void {
    this.change(() => {
      this.path = path;
      this.peek = undefined;
      this.mapping = {};
      this.table = undefined;
      this.splitBy = undefined;
      this.encoding = undefined;
      this.numbers = undefined;
    });
  }

  /** Forgets a finished import, so that another can begin. */
  restart(): void {
    this.stage = 'asking';
    this.report = undefined;
    this.dataset = undefined;
    this.leaveOut = false;
    this.name = '';
  }

  /** Applies an edit; any change to the request invalidates the previous report. */
  change(edit: () => void): void {
    edit();
    if (this.stage !== 'looking') return;
    this.stage = 'asking';
    this.report = undefined;
    this.leaveOut = false;
  }

  /** Gives the dataset a name, which changes nothing about what the import would do. */
  rename(name: string): void {
    this.name = name;
  }

  /** Applies an edit and performs the dry run again; the old report stays in view until the new one is there. */
  revise(edit: () => void): Promise<void> {
    edit();
    return this.stage === 'looking' || this.stage === 'inspecting' ? this.#inspectAgain() : Promise.resolve();
  }

  async #inspectAgain(): Promise<void> {
    this.cancel();
    await this.inspect();
  }

  /** Performs a dry run: finds out what an import would do. */
  async inspect(): Promise<void> {
    if (this.path.trim() === '') return;
    const { signal } = this.#abort;
    this.stage = 'inspecting';
    this.trouble = undefined;
    this.stopped = false;
    try {
      const peek = await this.#calls.peek(this.#request(), { signal });
      if (signal.aborted) return;
      this.peek = peek;
      // Nothing can be inspected while a required column is missing: you must first say which one it is.
      if (peek.missing.length > 0) {
        this.stage = 'asking';
        return;
      }
      const report = await this.#calls.inspect(this.#request(), { signal });
      if (signal.aborted) return;
      this.report = report;
      this.stage = 'looking';
    } catch (error) {
      if (signal.aborted) return;
      this.stage = 'asking';
      this.report = undefined;
      this.trouble = troubleOf(error);
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

  /** Cancels any request in progress; an interrupted import leaves nothing behind. */
  cancel(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    if (this.stage === 'inspecting') this.stage = 'asking';
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
      ...(this.unknownUse === 'use' ? {} : { unknownUse: this.unknownUse }),
      ...(this.orientation === 'upright' ? {} : { orientation: this.orientation }),
      ...(this.name.trim() === '' ? {} : { name: this.name.trim() }),
      ...(this.task === undefined ? {} : { task: this.task }),
      ...(Object.keys(mapping).length === 0 ? {} : { mapping }),
      ...(Object.keys(fixed).length === 0 ? {} : { fixed }),
      ...(this.splitBy === undefined ? {} : { splitBy: this.splitBy }),
      ...(this.table === undefined ? {} : { table: this.table }),
      ...(this.numbers === undefined ? {} : { numbers: this.numbers }),
      ...(this.encoding === undefined ? {} : { encoding: this.encoding }),
    };
  }
}
