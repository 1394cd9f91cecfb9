/**
 * @file The last resort of a process that holds a person's work: a promise whose failure nobody awaits would end it, with
 * its runs. It is a fault in Atelier, so it is told and logged; the work goes on.
 */

/**
 * Keeps unhandled rejections from ending this process.
 * @param tell is given one sentence for the person, and the error for the log
 * @returns a function that takes the handler back
 */
export function surviveUnhandledRejections(tell: (sentence: string, error: unknown) => void): () => void {
  const handle = (error: unknown): void => {
    const why = error instanceof Error ? error.message : String(error);
    tell(`Something failed in the background (${why}). Atelier goes on; please report this with the log.`, error);
  };
  process.on('unhandledRejection', handle);
  return () => process.off('unhandledRejection', handle);
}
