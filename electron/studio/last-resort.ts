/**
 * @file The last resort of a process that holds your work: a rejected promise that nobody awaits would end the process
 * and its runs. This is a fault in Atelier, so it is reported and logged, and the work continues.
 */

/**
 * Keeps unhandled rejections from ending this process.
 * @param tell receives one sentence for the user and the error for the log
 * @returns a function that removes the handler
 */
export function surviveUnhandledRejections(tell: (sentence: string, error: unknown) => void): () => void {
  const handle = (error: unknown): void => {
    const why = error instanceof Error ? error.message : String(error);
    tell(`Something failed in the background (${why}). Atelier goes on; please report this with the log.`, error);
  };
  process.on('unhandledRejection', handle);
  return () => process.off('unhandledRejection', handle);
}
