/** @file Verification of a bundle: its path, the expected key, and the checks sorted by outcome. */
import type { CheckResult, VerifyReport } from '../../../../electron/contract/api/index.ts';
import { troubleOf, type Trouble } from '../../api/errors.ts';

export type VerifyCall = (
  request: { path: string; publicKey?: string },
  options: { signal: AbortSignal },
) => Promise<VerifyReport>;

export class VerifyFlow {
  path = $state('');
  publicKey = $state('');
  busy = $state(false);
  report = $state.raw<VerifyReport>();
  trouble = $state.raw<Trouble>();
  readonly #call: VerifyCall;
  #abort: AbortController | undefined;

  constructor(call: VerifyCall) {
    this.#call = call;
  }

  /** Checks by outcome, failures first. */
  readonly parts: { outcome: CheckResult['outcome']; checks: CheckResult[] }[] = $derived(
    (['fail', 'cannot-tell', 'pass'] as const)
      .map((outcome) => ({
        outcome,
        checks: (this.report?.checks ?? []).filter((check) => check.outcome === outcome),
      }))
      .filter(({ checks }) => checks.length > 0),
  );

  /** A new path discards the report. */
  setPath(path: string): void {
    this.path = path;
    this.report = undefined;
    this.trouble = undefined;
  }

  /** Verifies the bundle at the path and abandons a verification in progress. */
  async check(): Promise<void> {
    const path = this.path.trim();
    if (path === '') return;
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.busy = true;
    this.trouble = undefined;
    const publicKey = this.publicKey.trim();
    try {
      const report = await this.#call({ path, ...(publicKey === '' ? {} : { publicKey }) }, { signal: abort.signal });
      if (!abort.signal.aborted) this.report = report;
    } catch (error) {
      if (abort.signal.aborted) return;
      this.report = undefined;
      this.trouble = troubleOf(error);
    } finally {
      if (this.#abort === abort) this.busy = false;
    }
  }

  stop(): void {
    this.#abort?.abort();
  }
}
