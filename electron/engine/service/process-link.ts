/**
 * @file The engine's end of the link to the studio: a child of plain Node, which ends when its parent goes away.
 */
import { implement, ORPCError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { engineContract } from '../../contract/engine/engine.ts';
import type { EngineService } from '../../contract/engine/engine-service.ts';
import { encodeError } from '../../contract/errors/error-codec.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { findParent } from '../../processes/parent.ts';

/** The shape that oRPC's message-port adapter accepts. */
interface LinkPort {
  postMessage(data: unknown): void;
  on(event: string, listener: (event?: { data: unknown }) => void): void;
}

/**
 * Answers the studio's calls with `service` until the parent goes away, then ends the process.
 * Call it once, as soon as the service object exists. The service may load TensorFlow lazily.
 * @throws Error if the process was started by hand and has no parent to talk to.
 */
export function serveEngine(service: EngineService): void {
  // Ctrl-C in a terminal reaches the whole process group. The studio decides what it means for a run.
  process.on('SIGINT', () => undefined);
  new RPCHandler(engineRouter(service)).upgrade(parentLink());
}

/** The engine's contract, implemented by a plain service. Exported so that tests can serve it over any port. */
export function engineRouter(service: EngineService) {
  const os = implement(engineContract);
  return os.router({
    info: os.info.handler(() => crossing(() => service.info())),
    trial: os.trial.handler(({ input }) => crossing(() => service.trial(input))),
    plan: os.plan.handler(({ input }) => crossing(() => service.plan(input))),
    sizeUp: os.sizeUp.handler(({ input }) => crossing(() => service.sizeUp(input))),
    replay: os.replay.handler(({ input, signal }) => crossingStream(service.replay(input, signal))),
    train: os.train.handler(({ input, signal }) => crossingStream(service.train(input, signal))),
    stop: os.stop.handler(() => crossing(() => service.stop())),
    evaluate: os.evaluate.handler(({ input, signal }) => crossingStream(service.evaluate(input, signal))),
    sample: os.sample.handler(({ input, signal }) => crossingStream(service.sample(input, signal))),
    drift: os.drift.handler(({ input, signal }) => crossingStream(service.drift(input, signal))),
    merge: os.merge.handler(({ input, signal }) => crossingStream(service.merge(input, signal))),
    gguf: os.gguf.handler(({ input, signal }) => crossingStream(service.gguf(input, signal))),
    judge: os.judge.handler(({ input, signal }) => crossing(() => service.judge(input, signal))),
    generate: os.generate.handler(({ input, signal }) => crossingStream(service.generate(input, signal))),
    attention: os.attention.handler(({ input, signal }) => crossingStream(service.attention(input, signal))),
    score: os.score.handler(({ input, signal }) => crossingStream(service.score(input, signal))),
  });
}

async function crossing<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toLinkError(error);
  }
}

async function* crossingStream<T>(events: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* events;
  } catch (error) {
    throw toLinkError(error);
  }
}

/** Expected failures keep their code, place and remedy. A bug keeps its message, and its stack goes to the engine's log. */
function toLinkError(error: unknown): unknown {
  if (error instanceof AtelierError) return encodeError(error);
  if (error instanceof ORPCError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
  return new ORPCError('INTERNAL', { message: error instanceof Error ? error.message : String(error), cause: error });
}

function parentLink(): LinkPort {
  const parent = findParent();
  if (parent === null) {
    throw new Error(
      'Atelier starts the engine. It cannot be started by hand, because it would have no parent process to talk to.',
    );
  }
  return {
    postMessage: parent.send,
    on: (event, listener) => {
      if (event === 'message') parent.onMessage((data) => listener({ data }));
      if (event === 'close') parent.onGone(() => listener());
    },
  };
}
