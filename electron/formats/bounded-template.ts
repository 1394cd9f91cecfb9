/**
 * @file A chat template that cannot fill the memory: every value that it makes is counted against a budget. A single
 * operation of the library can still take long, so templates are rendered in a thread with a deadline
 * (`model-text-thread.ts`).
 */
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';

type Value = ReturnType<Interpreter['evaluate']>;
type Node = Parameters<Interpreter['evaluate']>[0];

/** Evaluations and list entries of one rendering. The published templates need a few thousand for a conversation. */
const BUDGET = 500_000;
/** The longest text that any part of a template may make. */
export const MOST_CHARACTERS = 4 * 1024 * 1024;
const MOST_RANGE = 10_000;

class BoundedInterpreter extends Interpreter {
  #left = BUDGET;
  /** The number of values in a list or object, counted once. What a list holds never changes. */
  readonly #weights = new WeakMap<object, number>();

  override evaluate(node: Node, environment: Environment): Value {
    this.#spend(1);
    const value = super.evaluate(node, environment);
    this.#weigh(value);
    return value;
  }

  #spend(count: number): void {
    this.#left -= count;
    if (this.#left < 0) throw new Error(`it takes more than ${BUDGET} operations for one conversation`);
  }

  #weigh({ value }: Value): number {
    if (typeof value === 'string') {
      if (value.length > MOST_CHARACTERS) throw new Error(`it makes a text of more than ${MOST_CHARACTERS} characters`);
      return 1;
    }
    if (!Array.isArray(value) && !(value instanceof Map)) return 1;
    const known = this.#weights.get(value);
    if (known !== undefined) return known;
    this.#weights.set(value, 1); // a namespace may hold itself
    let weight = 1;
    for (const part of value.values()) weight += this.#weigh(part);
    this.#spend(weight);
    this.#weights.set(value, weight);
    return weight;
  }
}

/** Python's `range`, with a limit. */
function range(start: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (!(length <= MOST_RANGE)) throw new Error(`range() would have more than ${MOST_RANGE} numbers`);
  return Array.from({ length }, (_, index) => from + index * step);
}

export interface BoundedTemplate {
  /** @throws Error in the template's or the library's words */
  render(values: Record<string, unknown>): string;
}

/**
 * Compiles a template with the same options as transformers. There is no `strftime_now`: a text that depends on the day
 * could not be made again when a run is resumed, and templates that use it have another way without it.
 */
export function compileTemplate(source: string): BoundedTemplate {
  const program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
  return {
    render: (values) => {
      const environment = new Environment();
      const globals = {
        false: false,
        true: true,
        none: null,
        False: false,
        True: true,
        None: null,
        raise_exception: (message: string) => {
          throw new Error(message);
        },
        range,
        ...values,
      };
      for (const [name, value] of Object.entries(globals)) environment.set(name, value);
      return new BoundedInterpreter(environment).run(program).value as string;
    },
  };
}
