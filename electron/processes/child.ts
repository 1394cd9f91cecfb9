/** @file A running child process, behind an interface small enough for tests to play it. */

export interface ChildExit {
  code: number | null;
  signal: string | null;
}

export interface Child {
  postMessage(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (exit: ChildExit) => void): void;
  /** What the process prints (TensorFlow's messages, stack traces). */
  onOutput(listener: (chunk: string) => void): void;
  /** Processor time used so far, in clock ticks of the system; null where the system does not say. */
  cpuTicks?(): number | null;
  /** Ends the process: asks first, then forces. `onExit` follows. */
  kill(): void;
}

/** Starts a child process. `env` is the complete environment; nothing else is inherited. */
export type SpawnChild = (options: { env: NodeJS.ProcessEnv }) => Child;
