/** @file One running engine process, behind an interface small enough for Node's fork and Electron's utilityProcess. */

export interface EngineExit {
  code: number | null;
  signal: string | null;
}

export interface EngineProcess {
  postMessage(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (exit: EngineExit) => void): void;
  /** What the process prints (TensorFlow's messages, stack traces). */
  onOutput(listener: (chunk: string) => void): void;
  /** Ends the process: asks first, then forces. `onExit` follows. */
  kill(): void;
}

/** Starts an engine process. `env` is the complete environment; nothing else is inherited. */
export type SpawnEngine = (options: { env: Record<string, string> }) => EngineProcess;
