/**
 * @file One run as a screen sees it. Events are applied in place; `version` moves at most once per
 * animation frame, so that a burst of a thousand steps costs one redraw.
 */
import type {
  Progress,
  RunEvent,
  RunStatus,
  RunSummary,
  RunWarning,
} from '../../../electron/contract/index.ts';
import type { Trouble } from '../api/errors.ts';
import { StepColumns } from './step-columns.ts';

export type WatchState = 'connecting' | 'live' | 'lost' | 'ended';

export class RunView {
  summary = $state.raw<RunSummary>();
  phase = $state.raw<Progress>();
  warnings = $state.raw<readonly RunWarning[]>([]);
  checkpoints = $state.raw<readonly number[]>([]);
  watch = $state<WatchState>('connecting');
  trouble = $state.raw<Trouble>();
  /** Read it to be told when `columns` has grown. */
  version = $state(0);
  readonly columns = new StepColumns();
  /** Number of the last event that was applied; a new connection goes on from here. */
  lastSeq = 0;
  readonly #schedule: (bump: () => void) => void;
  #scheduled = false;

  /** `schedule` runs its argument before the next repaint; tests give one that runs it at once. */
  constructor(schedule: (bump: () => void) => void = (bump) => requestAnimationFrame(bump)) {
    this.#schedule = schedule;
  }

  get isActive(): boolean {
    return this.summary !== undefined && isActiveStatus(this.summary.status);
  }

  /** Applies one event; an event that was seen already (a replay after a reconnect) changes nothing. */
  apply(event: RunEvent): void {
    if (event.seq <= this.lastSeq) return;
    this.lastSeq = event.seq;
    switch (event.type) {
      case 'status':
        this.summary = event.summary;
        if (!isActiveStatus(event.summary.status)) this.phase = undefined;
        break;
      case 'phase':
        this.phase = event.progress;
        break;
      case 'steps':
        for (const step of event.steps) this.columns.append(step);
        this.#bump();
        break;
      case 'checkpoint':
        this.checkpoints = [...this.checkpoints.filter((step) => step < event.step), event.step];
        break;
      case 'warning':
        this.warnings = [...this.warnings, event.warning];
        break;
    }
  }

  #bump(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      this.version += 1;
    });
  }
}

export function isActiveStatus(status: RunStatus): boolean {
  return status === 'running' || status === 'queued';
}
