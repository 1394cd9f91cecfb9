/**
 * @file One run as a screen sees it. Events are applied in place and shown at most twice a second: a burst of a
 * thousand steps costs one redraw, and the page does not flicker while you read.
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
  /** Accuracy on held-out samples during the run, in step order. */
  heldOut = $state.raw<readonly HeldOutPoint[]>([]);
  /** When the run's status changed, used to count how long it was active. */
  statusTimes = $state.raw<readonly StatusTime[]>([]);
  watch = $state<WatchState>('connecting');
  trouble = $state.raw<Trouble>();
  /** Changes whenever `columns` grows. */
  version = $state(0);
  readonly columns = new StepColumns();
  /** Number of the last applied event; a new connection resumes from here. */
  lastSeq = 0;
  readonly #schedule: (bump: () => void) => void;
  #scheduled = false;
  // Applied but not shown yet: a replay shows its final state, not every state on the way.
  #summary: RunSummary | undefined;
  #phase: Progress | undefined;
  #warnings: readonly RunWarning[] = [];
  #checkpoints: readonly number[] = [];
  #heldOut: readonly HeldOutPoint[] = [];
  #statusTimes: readonly StatusTime[] = [];

  /** `schedule` decides when its argument runs; tests pass one that runs it at once. */
  constructor(schedule: (bump: () => void) => void = calmly()) {
    this.#schedule = schedule;
  }

  /** Whether the run is active, judging by the applied events. */
  get isActive(): boolean {
    return this.#summary !== undefined && isActiveStatus(this.#summary.status);
  }

  get hasSummary(): boolean {
    return this.#summary !== undefined;
  }

  /**
   * Applies one event; an event already seen (a replay after a reconnect) changes nothing. A `phase` is
   * not stored and carries the number of the preceding event, so it always applies.
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
        // A resumed run may re-evaluate a step.
        this.#heldOut = [...this.#heldOut.filter(({ step }) => step < event.point.step), event.point];
        break;
    }
    this.#bump();
  }

  /** Shows a summary returned by a command, without waiting for its event. */
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

const calmMs = 500;

/** The first call in a while runs in the next animation frame; later ones run at least half a second apart. */
function calmly(): (bump: () => void) => void {
  let lastMs = -Infinity;
  return (bump) => {
    const run = (): void => {
      lastMs = performance.now();
      bump();
    };
    const restMs = lastMs + calmMs - performance.now();
    if (restMs <= 0) requestAnimationFrame(run);
    else setTimeout(run, restMs);
  };
}

export function isActiveStatus(status: RunStatus): boolean {
  return status === 'running' || status === 'queued';
}
