/**
 * @file Measuring processes that take turns. Each prints one JSON line when ready, one for every `go` it receives, and
 * one at `end`; it waits between turns, so that two engines can be measured A B A B on the same machine.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Participant {
  /** What the process reported when ready. */
  readonly ready: Record<string, unknown>;
  /** One repetition. */
  turn(): Promise<Record<string, unknown>>;
  /** Ends the process; returns its final report (its peak memory). */
  end(): Promise<Record<string, unknown>>;
}

export interface ProcessCommand {
  program: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** Starts a measuring process and waits until it is ready. @throws Error with its last output if it ends early */
export async function join(command: ProcessCommand): Promise<Participant> {
  const child = spawn(command.program, command.args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...command.env },
  });
  let lastWords = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-4000);
  });
  const stop = (): void => void child.kill('SIGKILL');
  process.once('exit', stop);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<Record<string, unknown>> => {
    for (;;) {
      const line: IteratorResult<string, unknown> = await lines.next();
      if (line.done === true)
        throw new Error(`${[command.program, ...command.args].join(' ').slice(0, 200)}\n${lastWords}`);
      // Libraries may print anything; answers are the lines that begin with a brace.
      if (line.value.startsWith('{')) return JSON.parse(line.value) as Record<string, unknown>;
    }
  };
  const ask = (word: 'go' | 'end'): Promise<Record<string, unknown>> => {
    child.stdin.write(`${word}\n`);
    return answer();
  };
  return {
    ready: await answer(),
    turn: () => ask('go'),
    end: async () => {
      const said = await ask('end');
      child.stdin.end();
      await new Promise<void>((resolve) => {
        if (child.exitCode !== null) resolve();
        else child.once('exit', () => resolve());
      });
      process.off('exit', stop);
      return said;
    },
  };
}

/** Answers the parent's messages until `end`. Only answers go to standard output. */
export async function takeTurns(turn: () => Promise<object>, end: () => object, ready: object): Promise<void> {
  say(ready);
  for await (const word of createInterface({ input: process.stdin })) {
    if (word === 'end') {
      say(end());
      return;
    }
    say(await turn());
  }
}

function say(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
