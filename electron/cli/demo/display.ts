/**
 * @file Shows the progress of the demo: one redrawn line in a terminal, plain lines in a file or pipe, JSON lines for
 * programs. Results (or JSON) go to standard output, everything else to standard error.
 */
import type { Progress } from '../../contract/model/primitives.ts';
import { bytesOf } from '../../method/byte-size.ts';
import { duration, timeLeft } from '../text.ts';
import { shown, shownOnOneLine } from '../../reporting/shown-text.ts';

export interface DemoDisplay {
  /** A phase begins. `key` is stable, `title` is for people. */
  begin(key: string, title: string): void;
  /** Progress within the current phase; `note` is a short live figure such as the reward. */
  progress(progress: Omit<Progress, 'phase'> & { note?: string }): void;
  /** The current phase ended with this result; `facts` are for programs. */
  end(result: string, seconds: number, facts?: Record<string, unknown>): void;
  /** A line that is not redrawn. */
  note(text: string): void;
  /** The final result: a document for programs, text for people. */
  result(document: unknown, text: string): void;
  /** Clears the progress line, also after a failure. */
  close(): void;
}

export interface DisplayOptions {
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  json: boolean;
  /** Whether standard error is a terminal that can redraw a line. */
  isTty: boolean;
  /** Width of the terminal in columns. */
  columns?: number;
}

const TITLE_WIDTH = 16;
const BAR_WIDTH = 24;

export function createDisplay(options: DisplayOptions): DemoDisplay {
  if (options.json) return jsonDisplay(options);
  return options.isTty ? terminalDisplay(options) : plainDisplay(options);
}

function jsonDisplay({ stdout, stderr }: DisplayOptions): DemoDisplay {
  let phase = '';
  const line = (document: Record<string, unknown>): void => stdout(`${JSON.stringify(document)}\n`);
  return {
    begin: (key, title) => {
      phase = key;
      line({ type: 'phase', phase, title });
    },
    progress: (progress) => line({ type: 'progress', phase, ...progress }),
    end: (result, seconds, facts) => line({ type: 'phase-done', phase, seconds, result, ...facts }),
    note: (text) => stderr(`${text}\n`),
    result: (document) => line({ type: 'result', result: document }),
    close: () => undefined,
  };
}

/** Plain lines at the start, at every tenth and at the end. Nothing is redrawn, so logs stay readable. */
function plainDisplay({ stdout, stderr }: DisplayOptions): DemoDisplay {
  let title = '';
  let lastTenth = 0;
  return {
    begin: (_, name) => {
      title = name;
      lastTenth = 0;
      stderr(`${title} …\n`);
    },
    progress: ({ done, total, secondsLeft, unit, note }) => {
      if (total === undefined || unit === 'bytes') return;
      const tenth = Math.floor((10 * done) / total);
      if (tenth <= lastTenth) return;
      lastTenth = tenth;
      stderr(`${title}: ${[`${done}/${total}`, note, left(secondsLeft)].filter(Boolean).join(' · ')}\n`);
    },
    end: (result, seconds) => stderr(`${title}: ${result} (${duration(seconds)})\n`),
    note: (text) => stderr(`${shown(text)}\n`),
    result: (_, text) => stdout(`${shown(text)}\n`),
    close: () => undefined,
  };
}

function terminalDisplay({ stdout, stderr, columns = 100 }: DisplayOptions): DemoDisplay {
  let title = '';
  let drawn = false;
  const clear = (): void => {
    if (drawn) stderr('\r\x1b[2K');
    drawn = false;
  };
  const draw = (text: string): void => {
    // One column stays free, because a full line would wrap and could not be redrawn.
    stderr(`\r\x1b[2K${clip(shownOnOneLine(text), columns - 1)}`);
    drawn = true;
  };
  const stay = (text: string): void => {
    clear();
    stderr(`${shown(text)}\n`);
  };
  return {
    begin: (_, name) => {
      title = name;
      draw(`▸ ${title.padEnd(TITLE_WIDTH)} …`);
    },
    progress: ({ done, total, secondsLeft, unit, note }) => {
      const count = unit === 'bytes' ? bytesOf : (one: number, all: number) => `${one}/${all}`;
      const parts = [
        total === undefined ? `${done}` : `${bar(done / total)} ${count(done, total)}`,
        note,
        left(secondsLeft),
      ];
      draw(`▸ ${title.padEnd(TITLE_WIDTH)} ${parts.filter(Boolean).join(' · ')}`);
    },
    end: (result, seconds) => stay(`✓ ${title.padEnd(TITLE_WIDTH)} ${result}  ·  ${duration(seconds)}`),
    note: stay,
    result: (_, text) => {
      clear();
      stdout(`${shown(text)}\n`);
    },
    close: clear,
  };
}

function bar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return '━'.repeat(filled) + '─'.repeat(BAR_WIDTH - filled);
}

function left(secondsLeft: number | undefined): string | undefined {
  return timeLeft(secondsLeft)[0];
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`;
}
