/** @file What set-up prints: one line for each thing it does, on stderr, so that `--json` output stays clean. */

/** An expected failure of set-up; `remedy` says what to do about it. */
export class SetupError extends Error {
  name = 'SetupError';
  /** @param {string} message @param {string} remedy @param {unknown} [cause] */
  constructor(message, remedy, cause) {
    super(message, { cause });
    this.remedy = remedy;
  }
}

export function say(text) {
  process.stderr.write(`${text}\n`);
}

export function formatBytes(sizeBytes) {
  if (sizeBytes < 1_000_000) return `${Math.max(1, Math.round(sizeBytes / 1000))} kB`;
  if (sizeBytes < 10_000_000) return `${(sizeBytes / 1e6).toFixed(1)} MB`;
  return `${Math.round(sizeBytes / 1e6)} MB`;
}

export function formatSeconds(ms) {
  const seconds = ms / 1000;
  return seconds < 90 ? `${seconds.toFixed(seconds < 10 ? 1 : 0)} s` : `${(seconds / 60).toFixed(1)} min`;
}

/**
 * Runs one part of set-up: reports its start, its progress every few seconds, and how it ended.
 * @template T
 * @param {string} title
 * @param {(progress: (text: string) => void) => Promise<T>} work `progress` records how far it is.
 * @param {(result: T) => string} [ending] a few words about the result
 * @returns {Promise<T>}
 */
export async function part(title, work, ending = () => 'done') {
  const startedAt = Date.now();
  const terminal = Boolean(process.stderr.isTTY);
  let note = '';
  let shown = '';
  const timer = setInterval(
    () => {
      const line = `  ${title} … ${note ? `${note}, ` : ''}${formatSeconds(Date.now() - startedAt)}`;
      if (terminal) process.stderr.write(`\r\x1b[2K${line}`);
      else if (note !== shown || note === '') say(line);
      shown = note;
    },
    terminal ? 500 : 15_000,
  );
  if (!terminal) say(`  ${title} …`);
  try {
    const result = await work((text) => (note = text));
    clearInterval(timer);
    say(`${terminal ? '\r\x1b[2K' : ''}  ${title}: ${ending(result)} (${formatSeconds(Date.now() - startedAt)})`);
    return result;
  } catch (error) {
    clearInterval(timer);
    say(`${terminal ? '\r\x1b[2K' : ''}  ${title}: not done (${formatSeconds(Date.now() - startedAt)})`);
    throw error;
  }
}

/** Prints a failure with its remedy and returns the exit status. */
export function explain(error) {
  if (error instanceof SetupError) {
    say(`\nSet-up stopped: ${error.message}\nWhat to do: ${error.remedy}`);
    say('Nothing is lost: the same command can be given again and goes on from what is already there.');
  } else {
    say(`\nSet-up stopped for a reason that was not foreseen: ${error?.stack ?? error}`);
  }
  return 1;
}
