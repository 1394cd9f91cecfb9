/** @file An export in two steps: write the folder, then verify it as an outsider would. */
import type {
  ExportEvent,
  ExportForm,
  ExportRequest,
  ExportSummary,
  GgufWeights,
  Progress,
  RunId,
  VerifyReport,
} from '../../../../electron/contract/api/index.ts';
import { troubleOf, type Trouble } from '../../api/errors.ts';

export type ExportCalls = {
  create: (request: ExportRequest, signal: AbortSignal) => Promise<AsyncIterable<ExportEvent>>;
  verify: (request: { path: string }) => Promise<VerifyReport>;
};

export class ExportFlow {
  destination = $state('');
  form = $state<ExportForm>('bundle');
  /** Of the form `gguf`. */
  ggufWeights = $state<GgufWeights>('f16');
  /** SPDX id; undefined = none chosen, all rights reserved. */
  licence = $state<string>();
  stage = $state<'asking' | 'writing' | 'checking' | 'done'>('asking');
  summary = $state.raw<ExportSummary>();
  report = $state.raw<VerifyReport>();
  trouble = $state.raw<Trouble>();
  /** How far the weights are, while they are merged. */
  progress = $state.raw<Progress>();
  #cancel = new AbortController();
  readonly #calls: ExportCalls;

  constructor(calls: ExportCalls) {
    this.#calls = calls;
  }

  /** Writes the export of a step's checkpoint, then checks it. The files stay even if the check could not run. */
  async run(runId: RunId, step: number): Promise<void> {
    const destination = this.destination.trim();
    if (destination === '') return;
    this.trouble = undefined;
    this.progress = undefined;
    this.#cancel = new AbortController();
    const { signal } = this.#cancel;
    this.stage = 'writing';
    try {
      const request = {
        runId,
        step,
        destination,
        form: this.form,
        ...(this.form === 'gguf' ? { ggufWeights: this.ggufWeights } : {}),
        ...(this.licence === undefined ? {} : { licence: this.licence }),
      };
      for await (const event of await this.#calls.create(request, signal)) {
        if (event.type === 'progress') this.progress = event.progress;
        else this.summary = event.export;
      }
      if (this.summary === undefined) {
        this.stage = 'asking';
        return;
      }
      this.stage = 'checking';
      this.report = await this.#calls.verify({ path: this.summary.path });
      this.stage = 'done';
    } catch (error) {
      if (!signal.aborted) this.trouble = troubleOf(error);
      this.stage = this.summary === undefined ? 'asking' : 'done';
    }
  }

  /** Ends an export that is being written. Nothing of it is left behind. */
  cancel(): void {
    this.#cancel.abort();
  }

  /** Returns to the form, for another export of the same run. */
  again(): void {
    this.stage = 'asking';
    this.destination = '';
    this.summary = undefined;
    this.report = undefined;
    this.trouble = undefined;
  }
}
