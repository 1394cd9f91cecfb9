/** @file The link of a child process to the process that started it with `nodeChild`. */
import { closeInherited } from './inherited.ts';
import { decodeMessage, encodeMessage } from './messages.ts';

export interface Parent {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onGone(listener: () => void): void;
}

/** The parent, or null if this process was started by hand. The process ends when its parent goes away. */
export function findParent(): Parent | null {
  if (process.send === undefined) return null;
  closeInherited();
  process.on('disconnect', () => process.exit(0));
  return {
    // An error here means that the parent is gone. `disconnect` follows and ends the process.
    send: (message) => void process.send?.(encodeMessage(message), undefined, undefined, () => undefined),
    onMessage: (listener) => void process.on('message', (text) => listener(decodeMessage(text as string))),
    onGone: (listener) => void process.prependListener('disconnect', listener),
  };
}
