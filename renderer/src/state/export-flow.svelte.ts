/** @file An export step by step: write the folder, then check it as a stranger would. */
import type { ExportSummary, RunId, VerifyReport } from '../../../electron/contract/index.ts';
import { troubleOf, type Trouble } from '../api/errors.ts';

export type ExportCalls = {
  create: (request: { runId: RunId; destination: string }) => Promise<ExportSummary>;
  verify: (request: { path: string }) => Promise<VerifyReport>;
};

export class ExportFlow {
  destination = $state('');
  stage = $state<'asking' | 'writing' | 'checking' | 'done'>('asking');
  summary = $state.raw<ExportSummary>();
  report = $state.raw<VerifyReport>();
  trouble = $state.raw<Trouble>();
  readonly #calls: ExportCalls;

  constructor(calls: ExportCalls) {
    this.#calls = calls;
  }

  /** Writes and checks. What was written stays even where the check could not be done. */
  async run(runId: RunId): Promise<void> {
    const destination = this.destination.trim();
    if (destination === '') return;
    this.trouble = undefined;
    this.stage = 'writing';
    try {
      this.summary = await this.#calls.create({ runId, destination });
      this.stage = 'checking';
      this.report = await this.#calls.verify({ path: this.summary.path });
      this.stage = 'done';
    } catch (error) {
      this.trouble = troubleOf(error);
      this.stage = this.summary === undefined ? 'asking' : 'done';
    }
  }
}
