/**
 * @file Sessions: graphs that TensorFlow runs. Our own addon opens them where it is built (engine/native/session.cc); elsewhere tfjs-node does,
 * from a file, with TensorFlow's usual configuration and without preparing anything beside JavaScript.
 */
import { AtelierError } from '../../contract/errors/errors.ts';
import { makeTemporary, removeTemporary } from '../../formats/temporary-folder.ts';
import { configBytes, DT_UINT8, graphBytes, writeSavedModel, type NodeDef } from './graph-def.ts';
import type { NativeBackend, NativeSessions } from './native-api.ts';
import { unalignedBytes } from '../../formats/unaligned.ts';
import type { FeedData, ReadableBytes } from './program.ts';

/** A piece that is read stays in the processor's cache until it is copied. */
const PIECE_BYTES = 8 * 1024 * 1024;

/** TensorFlow's copy of an array. */
export interface FedValue {
  readonly value: unknown;
}

/** What is fed and fetched in a kind of call, by the nodes' names. */
export interface SessionCall {
  feeds: readonly string[];
  fetches: readonly string[];
}

export interface Session {
  /** Copies an array, which is the caller's again at once. @param type a number of TensorFlow's */
  give(type: number, shape: readonly number[], values: FeedData | Uint8Array): FedValue;
  /** The same in a file that is mapped into memory, where that is asked for (`weightsFolder`). Only for what never changes. */
  giveFrozen(type: number, shape: readonly number[], values: FeedData | Uint8Array): FedValue;
  /**
   * As `giveFrozen`, of bytes that are read straight into TensorFlow's memory. Null where they must be in JavaScript's first.
   * @param type of one byte a number
   */
  giveReadable: ((type: number, shape: readonly number[], bytes: ReadableBytes) => Promise<FedValue>) | null;
  release(given: FedValue): void;
  /** @returns copies of what is fetched */
  run(call: SessionCall, given: readonly FedValue[]): FeedData[];
  /** Adds nodes; absent where a session's graph cannot grow. */
  extend?: (nodes: NodeDef[]) => void;
  /** How many calls are not prepared yet; null if all are when `prepare` returns. */
  pending: (() => number) | null;
  /** Optimises these calls' graphs before they are made, one after another. Nothing is computed. */
  prepare(calls: readonly SessionCall[]): void;
  close(): void;
}

export async function openSession(native: NativeBackend, nodes: NodeDef[]): Promise<Session> {
  const { sessions } = native;
  return sessions === undefined ? await tfjsSession(native, nodes) : ownSession(sessions, nodes, native.weightsFolder);
}

function ownSession(sessions: NativeSessions, nodes: NodeDef[], folder: string | undefined): Session {
  const session = sessions.openSession(graphBytes(nodes), configBytes());
  return {
    give: (type, shape, values) => ({ value: sessions.tensorOf(type, shape, values) }),
    giveFrozen: (type, shape, values) => {
      try {
        return { value: sessions.tensorOf(type, shape, values, folder) };
      } catch (error) {
        if (folder === undefined || !(error instanceof Error)) throw error;
        throw new AtelierError(
          error.message === 'ENOSPC' ? 'DISK_FULL' : 'INTERNAL',
          `The weights cannot be written to ${folder} (${error.message}).`,
          { place: { file: folder }, remedy: 'Free some space there, or leave ATELIER_WEIGHTS out.', cause: error },
        );
      }
    },
    giveReadable: folder === undefined ? readsInto(sessions) : null,
    release: ({ value }) => {
      sessions.releaseTensor(value);
    },
    run: ({ feeds, fetches }, given) => {
      const tensors = given.map(({ value }) => value);
      return sessions.runSession(session, feeds.map(firstOf), tensors, fetches.map(firstOf)).map((array) => {
        if (array === null) throw new Error('A value was fetched that is neither float32 nor int32.');
        return array;
      });
    },
    extend: (more) => {
      sessions.extendSession(session, graphBytes(more));
    },
    pending: () => sessions.pendingCalls(session),
    prepare: (calls) => {
      sessions.prepareSession(
        session,
        calls.map(({ feeds, fetches }) => [feeds.map(firstOf), fetches.map(firstOf)]),
      );
    },
    close: () => {
      sessions.closeSession(session);
    },
  };
}

function readsInto({ emptyTensor, writeTensor, releaseTensor }: NativeSessions): Session['giveReadable'] {
  if (emptyTensor === undefined || writeTensor === undefined) return null;
  return async (type, shape, bytes) => {
    const value = emptyTensor(type, shape);
    const piece = unalignedBytes(Math.min(PIECE_BYTES, bytes.byteLength));
    try {
      for (let offset = 0; offset < bytes.byteLength; offset += piece.length) {
        const part = piece.subarray(0, Math.min(piece.length, bytes.byteLength - offset));
        await bytes.readInto(offset, part);
        writeTensor(value, offset, part);
      }
      return { value };
    } catch (error) {
      releaseTensor(value);
      throw error;
    }
  };
}

async function tfjsSession(native: NativeBackend, nodes: NodeDef[]): Promise<Session> {
  const { binding } = native;
  const directory = await makeTemporary('program');
  let session: number;
  try {
    await writeSavedModel(directory, nodes);
    session = binding.loadSavedModel(directory, 'serve');
  } finally {
    await removeTemporary(directory);
  }
  const named = (nodes: readonly string[]): string => nodes.map(firstOf).join(',');
  const run: Session['run'] = ({ feeds, fetches }, given) => {
    const ids = given.map(({ value }) => value as number);
    const results = native.binding.runSavedModel(session, ids, named(feeds), named(fetches));
    return results.map((metadata) => {
      const tensor = native.createOutputTensor(metadata);
      const data = tensor.dataSync();
      tensor.dispose();
      return data instanceof Float32Array || data instanceof Int32Array ? data : Int32Array.from(data);
    });
  };
  const give: Session['give'] = (type, shape, values) => ({ value: binding.createTensor([...shape], type, values) });
  const release = ({ value }: FedValue): void => {
    binding.deleteTensor(value as number);
  };
  return {
    give,
    giveFrozen: give,
    giveReadable: null,
    release,
    run,
    pending: null,
    prepare: (calls) => {
      for (const call of calls) {
        // TensorFlow prepares a call's graph before it looks at what is fed, and then refuses a byte where it expects numbers.
        const nothing = call.feeds.map(() => give(DT_UINT8, [1], new Uint8Array(1)));
        try {
          if (nothing.length > 0) run(call, nothing);
        } catch {
          // As it should.
        } finally {
          nothing.forEach(release);
        }
      }
    },
    close: () => {
      binding.deleteSavedModel(session);
    },
  };
}

/** A node's first output. */
function firstOf(node: string): string {
  return `${node}:0`;
}
