/** @file An export in two steps: write the folder, then verify it as an outsider would. */
import type {
  ExportForm,
  ExportRequest,
  ExportSummary,
  RunId,
  VerifyReport,
} from '../../../../electron/contract/api/index.ts';
import { troubleOf, type Trouble } from '../../api/errors.ts';

export type ExportCalls = {
  create: (request: ExportRequest) => Promise<ExportSummary>;
  verify: (request: { path: string }) => Promise<VerifyReport>;
};

export class ExportFlow {
  destination = $state('');
  form = $state<ExportForm>('bundle');
  /** SPDX id; undefined = none chosen, all rights reserved. */
  licence = $state<string>();
  stage = $state<'asking' | 'writing' | 'checking' | 'done'>('asking');
  summary = $state.raw<ExportSummary>();
  report = $state.raw<VerifyReport>();
  trouble = $state.raw<Trouble>();
  readonly #calls: ExportCalls;

  constructor(calls: ExportCalls) {
    this.#calls = calls;
  }

  /** Writes the export, then checks it. The files stay even if the check could not run. */
  async run(runId: RunId): Promise<void> {
    const destination = this.destination.trim();
    if (destination === '') return;
    this.trouble = undefined;
    this.stage = 'writing';
    try {
      this.summary = await this.#calls.create({
        runId,
        destination,
        form: this.form,
        ...(this.licence === undefined ? {} : { licence: this.licence }),
      });
      this.stage = 'checking';
      this.report = await this.#calls.verify({ path: this.summary.path });
      this.stage = 'done';
    } catch (error) {
      this.trouble = troubleOf(error);
      this.stage = this.summary === undefined ? 'asking' : 'done';
    }
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
