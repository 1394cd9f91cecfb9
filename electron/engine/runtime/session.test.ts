/** @file Sessions of our own addon give what those of tfjs-node give, and prepare calls beside JavaScript. */
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { loadRuntime } from './backend.ts';
import { constNode, DT_FLOAT, DT_INT32, shapeProto, type NodeDef } from './graph-def.ts';
import type { NativeBackend } from './native-api.ts';
import { openSession, type Session } from './session.ts';

const { native } = await loadRuntime();

const T = { type: DT_FLOAT };
const nodes: NodeDef[] = [
  {
    name: 'x',
    op: 'Placeholder',
    input: [],
    attr: { dtype: T, shape: { shape: shapeProto([2, 3]) } },
  },
  constNode('axis', DT_INT32, [1], Int32Array.of(1)),
  { name: 'square', op: 'Square', input: ['x'], attr: { T } },
  {
    name: 'sum',
    op: 'Sum',
    input: ['square', 'axis'],
    attr: { T, Tidx: { type: DT_INT32 }, keep_dims: { b: false } },
  },
  { name: 'shape', op: 'Shape', input: ['x'], attr: { T, out_type: { type: DT_INT32 } } },
  { name: 'positive', op: 'Greater', input: ['x', 'square'], attr: { T } },
];
const SUMS = { feeds: ['x'], fetches: ['sum', 'shape'] };
const VALUES = Float32Array.of(1, 2, 3, 4, 5, 6);

async function prepared({ pending }: Session): Promise<void> {
  while (pending !== null && pending() > 0) await setTimeout(1);
}

describe.skipIf(native === null)('a session', () => {
  const { sessions, ...rest } = native ?? ({} as NativeBackend);
  const kinds: [string, NativeBackend['sessions']][] = [['of tfjs-node', undefined]];
  if (sessions !== undefined) kinds.push(['of our own addon', sessions]);
  const open = (own: NativeBackend['sessions']): Promise<Session> =>
    openSession(Object.assign(Object.create(native) as NativeBackend, { sessions: own, binding: rest.binding }), nodes);

  describe.each(kinds)('%s', (_, own) => {
    it('copies what it is given and what it gives', async () => {
      const session = await open(own);
      const values = VALUES.slice();
      const given = session.give(DT_FLOAT, [2, 3], values);
      values.fill(0);
      const first = session.run(SUMS, [given]);
      expect(first).toEqual([Float32Array.of(14, 77), Int32Array.of(2, 3)]);
      first[0]?.fill(0);
      expect(session.run(SUMS, [given])[0]).toEqual(Float32Array.of(14, 77));
      session.release(given);
      session.close();
    });

    it('prepares calls and then makes them', async () => {
      const session = await open(own);
      session.prepare([SUMS, { feeds: ['x'], fetches: ['square'] }]);
      const given = session.give(DT_FLOAT, [2, 3], VALUES);
      expect(session.run(SUMS, [given])[0]).toEqual(Float32Array.of(14, 77));
      await prepared(session);
      session.prepare([SUMS]);
      session.release(given);
      session.close();
    });

    it('says what failed', async () => {
      const session = await open(own);
      const given = session.give(DT_FLOAT, [3], VALUES.slice(0, 3));
      expect(() => session.run({ feeds: ['x'], fetches: ['nowhere'] }, [given])).toThrow(/nowhere|not be found/);
      expect(() => session.run({ feeds: ['x'], fetches: ['sum'] }, [given])).toThrow(/reduction/i);
      session.release(given);
      session.close();
    });
  });

  it.skipIf(sessions === undefined)('refuses what was released, has another size, or is closed', async () => {
    const session = await open(sessions);
    expect(() => session.give(DT_FLOAT, [2, 3], VALUES.slice(1))).toThrow('size of its shape');
    const given = session.give(DT_FLOAT, [2, 3], VALUES);
    expect(() => session.run({ feeds: ['x'], fetches: ['positive'] }, [given])).toThrow('neither float32 nor int32');
    session.release(given);
    expect(() => session.run(SUMS, [given])).toThrow('was released');
    session.prepare([SUMS]);
    session.close();
    expect(() => session.run(SUMS, [])).toThrow('closed');
  });
});
