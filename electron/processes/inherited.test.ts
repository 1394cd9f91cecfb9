/** @file A child keeps nothing of its parent's but the channel to it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

/** High enough that Node does not take it for one of its own as it starts. */
const INHERITED = 90;
const PARENT = JSON.stringify(new URL('parent.ts', import.meta.url).href);

it.skipIf(process.platform !== 'linux')(
  'closes a connection that it has inherited, and goes on (needs /proc)',
  async () => {
    const script = `
    import { existsSync } from 'node:fs';
    import { findParent } from ${PARENT};
    const isOpen = () => existsSync('/proc/self/fd/${INHERITED}');
    const before = isOpen();
    const parent = findParent();
    parent.onMessage(() => parent.send({ before, after: isOpen() }));`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      serialization: 'json',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...Array<'ignore'>(INHERITED - 4).fill('ignore'), 'pipe'],
    });
    try {
      child.send('null');
      const [answer] = (await once(child, 'message')) as [string];
      expect(JSON.parse(answer)).toEqual({ before: true, after: false });
    } finally {
      child.kill();
    }
  },
);
