/**
 * @file One run as a screen sees it. Events are applied in place; `version` moves at most once per
 * animation frame, so that a burst of a thousand steps costs one redraw.
 */
import type {
  HeldOutPoint,
  Progress,
  RunEvent,
  RunStatus,
  RunSummary,
  RunWarning,
} from '../../../../electron/contract/api/index.ts';
import type { Trouble } from '../../api/errors.ts';
import type { StatusTime } from './pace.ts';
import { StepColumns } from './step-columns.ts';

export type WatchState = 'connecting' | 'live' | 'lost' | 'ended';

export class RunView {
  summary = $state.raw<RunSummary>();
  phase = $state.raw<Progress>();
  warnings = $state.raw<readonly RunWarning[]>([]);
  checkpoints = $state.raw<readonly number[]>([]);
  /** What held-out samples said while the run went on, in the order of steps. */
  heldOut = $state.raw<readonly HeldOutPoint[]>([]);
  /** When the run changed its status: what it was busy for, without the time between stop and resume. */
  statusTimes = $state.raw<readonly StatusTime[]>([]);
  watch = $state<WatchState>('connecting');
  trouble = $state.raw<Trouble>();
  /** Read it to be told when `columns` has grown. */
  version = $state(0);
  readonly columns = new StepColumns();
  /** Number of the last event that was applied; a new connection goes on from here. */
  lastSeq = 0;
  readonly #schedule: (bump: () => void) => void;
  #scheduled = false;
  // What was applied but not shown yet: a replay shows its end, not every state it went through.
  #summary: RunSummary | undefined;
  #phase: Progress | undefined;
  #warnings: readonly RunWarning[] = [];
  #checkpoints: readonly number[] = [];
  #heldOut: readonly HeldOutPoint[] = [];
  #statusTimes: readonly StatusTime[] = [];

  /** `schedule` runs its argument before the next repaint; tests give one that runs it at once. */
  constructor(schedule: (bump: () => void) => void = (bump) => requestAnimationFrame(bump)) {
    this.#schedule = schedule;
  }

  /** Whether the run is going on, as far as events were applied. */
  get isActive(): boolean {
    return this.#summary !== undefined && isActiveStatus(this.#summary.status);
  }

  get hasSummary(): boolean {
    return this.#summary !== undefined;
  }

  /**
   * Applies one event; an event that was seen already (a replay after a reconnect) changes nothing. A `phase` is
   * not stored and carries the number of the event before it, so it always counts.
   */
  apply(event: RunEvent): void {
    if (event.type === 'phase') {
      this.#phase = event.progress;
      this.#bump();
      return;
    }
    if (event.seq <= this.lastSeq) return;
    this.lastSeq = event.seq;
    switch (event.type) {
      case 'status':
        this.#summary = event.summary;
        this.#statusTimes = [...this.#statusTimes, { status: event.summary.status, at: event.at }];
        if (!isActiveStatus(event.summary.status)) this.#phase = undefined;
        break;
      case 'steps':
        for (const step of event.steps) this.columns.append(step);
        break;
      case 'checkpoint':
        this.#checkpoints = [...this.#checkpoints.filter((step) => step < event.step), event.step];
        break;
      case 'warning':
        this.#warnings = [...this.#warnings, event.warning];
        break;
      case 'evaluation':
        // A resumed run may look again at a step that it had looked at before.
        this.#heldOut = [...this.#heldOut.filter(({ step }) => step < event.point.step), event.point];
        break;
    }
    this.#bump();
  }

  /** Shows a summary that came as the answer to a command, without waiting for its event. */
  show(summary: RunSummary): void {
    this.#summary = summary;
    this.summary = summary;
  }

  #bump(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      this.summary = this.#summary;
      this.phase = this.#phase;
      this.warnings = this.#warnings;
      this.checkpoints = this.#checkpoints;
      this.heldOut = this.#heldOut;
      this.statusTimes = this.#statusTimes;
      this.version += 1;
    });
  }
}

export function isActiveStatus(status: RunStatus): boolean {
  return status === 'running' || status === 'queued';
}
