/**
 * @file Where the command line prints. With `--json`, standard output carries only JSON: one document, or one line per
 * event. Text for humans goes to standard error.
 */
import type { Progress } from '../contract/model/primitives.ts';
import type { AtelierError, ErrorPlace } from '../contract/errors/errors.ts';
import { EXIT_STATUS } from '../contract/errors/errors.ts';
import { progressLine } from './text.ts';
import { shown, shownJson, shownOnOneLine } from '../reporting/shown-text.ts';

/** The process as the command line sees it, so that tests can run commands without one. */
export interface Terminal {
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Whether standard error can redraw a line, and how wide it is. */
  isTty: boolean;
  columns: number | undefined;
  /** Ends the process at once. */
  exit: (status: number) => void;
  /**
   * Registers a handler for Ctrl-C (or a termination request) while a command runs; returns a function that removes it.
   */
  onInterrupt: (listener: () => void) => () => void;
}

/** Whatever is printed passes here, so that text from files is shown and never obeyed by the terminal. */
export class Output {
  readonly json: boolean;
  readonly #terminal: Terminal;
  /** Whether standard error is in the middle of a line. */
  #drawn = false;

  constructor(terminal: Terminal, json: boolean) {
    this.#terminal = terminal;
    this.json = json;
  }

  /** The result of a command: the document itself with `--json`, else its text for people. */
  result(document: unknown, text: string | (() => string)): void {
    if (this.json) this.#terminal.stdout(`${shownJson(JSON.stringify(document, null, 2))}\n`);
    else this.text(typeof text === 'string' ? text : text());
  }

  /** One event of a stream: a JSON line with `--json`, else a line of text on standard error. Null prints nothing. */
  event(document: unknown, text: string | null): void {
    if (this.json) this.line(document);
    else if (text !== null) this.note(text);
  }

  /**
   * Progress for people: a line on standard error. Bytes change too often for lines, so they are one line that is redrawn
   * in a terminal, and nothing elsewhere.
   */
  progress(progress: Progress): void {
    if (this.json) return;
    if (progress.unit === 'bytes') this.loading(progress);
    else this.note(progressLine(progress));
  }

  /** Only the progress that is counted in bytes, for commands that are otherwise quiet. */
  loading(progress: Progress): void {
    if (this.json || !this.#terminal.isTty || progress.unit !== 'bytes') return;
    this.#terminal.stderr(`\r\x1b[2K${progressLine(progress)}`);
    this.#drawn = true;
    if (progress.done === progress.total) this.#endLine();
  }

  /** Ends a line that was being redrawn, so that what follows has its own. */
  #endLine(): void {
    if (this.#drawn) this.#terminal.stderr('\n');
    this.#drawn = false;
  }

  /** One line of a multi-line result. */
  line(document: unknown): void {
    this.#endLine();
    this.#terminal.stdout(`${shownJson(JSON.stringify(document))}\n`);
  }

  /** Text on standard output. */
  text(text: string): void {
    this.#endLine();
    this.#terminal.stdout(`${shown(text)}\n`);
  }

  /** For humans only. */
  note(text: string): void {
    this.#endLine();
    this.#terminal.stderr(`${shown(text)}\n`);
  }

  /** Prints sentence, place and remedy; returns the error's exit status. */
  failure(error: AtelierError): number {
    const place = placeText(error.place);
    // A bug's message is its stack, which has lines of its own.
    const message = error.code === 'INTERNAL' ? error.message : shownOnOneLine(error.message);
    const lines = [`error: ${message}`];
    if (place !== null) lines.push(`  where: ${shownOnOneLine(place)}`);
    if (error.remedy !== undefined) lines.push(`  what to do: ${shownOnOneLine(error.remedy)}`);
    this.note(lines.join('\n'));
    if (this.json) {
      const { code, message, place: at, remedy = null } = error;
      this.line({ error: { code, message, place: at, remedy } });
    }
    return EXIT_STATUS[error.code];
  }
}

function placeText(place: ErrorPlace): string | null {
  const parts = [
    place.file === undefined ? null : place.file,
    place.row === undefined ? null : `row ${place.row}`,
    place.field === undefined ? null : `"${place.field}"`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(', ');
}
