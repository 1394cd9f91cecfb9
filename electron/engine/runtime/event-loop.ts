/** @file Lets the process handle messages between two steps. */

/** Resolves after messages that have arrived (a request to stop, say) are handled. TensorFlow blocks the thread while it computes. */
export async function handleMessages(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
