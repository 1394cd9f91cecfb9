/**
 * @file Where the command line prints. With `--json` standard output carries JSON and nothing else: one
 * document, or one line per event. Everything that is meant for eyes only goes to standard error.
 */
import type { AtelierError, ErrorPlace } from '../contract/errors/errors.ts';
import { EXIT_STATUS } from '../contract/errors/errors.ts';

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
  /** Registers what Ctrl-C (or a request to end) means while a command runs; returns how to take it back. */
  onInterrupt: (listener: () => void) => () => void;
}

export class Output {
  readonly json: boolean;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal, json: boolean) {
    this.#terminal = terminal;
    this.json = json;
  }

  /** The result of a command: the document itself with `--json`, else its text for people. */
  result(document: unknown, text: string | (() => string)): void {
    if (this.json) this.#terminal.stdout(`${JSON.stringify(document, null, 2)}\n`);
    else this.#terminal.stdout(`${typeof text === 'string' ? text : text()}\n`);
  }

  /** One event of a stream: a JSON line with `--json`, else a line of text on standard error. Null prints nothing. */
  event(document: unknown, text: string | null): void {
    if (this.json) this.#terminal.stdout(`${JSON.stringify(document)}\n`);
    else if (text !== null) this.note(text);
  }

  /** One line of a result that comes in lines. */
  line(document: unknown): void {
    this.#terminal.stdout(`${JSON.stringify(document)}\n`);
  }

  /** For eyes only. */
  note(text: string): void {
    this.#terminal.stderr(`${text}\n`);
  }

  /** Sentence, place, remedy; returns the exit status that belongs to the error. */
  failure(error: AtelierError): number {
    const place = placeText(error.place);
    const lines = [`error: ${error.message}`];
    if (place !== null) lines.push(`  where: ${place}`);
    if (error.remedy !== undefined) lines.push(`  what to do: ${error.remedy}`);
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
