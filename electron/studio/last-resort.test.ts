/** @file A process survives an unhandled rejection and reports it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const MODULE = pathToFileURL(join(import.meta.dirname, 'last-resort.ts')).href;

async function runScript(script: string): Promise<{ status: unknown; output: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  const [status] = (await once(child, 'exit')) as unknown[];
  return { status, output };
}

describe('a rejection that nobody hears', () => {
  const fault = `setTimeout(() => console.log('still', 'here'), 50); void Promise.reject(new Error('lost promise'));`;

  it('ends a process without the last resort', async () => {
    const { status, output } = await runScript(fault);
    expect(status).not.toBe(0);
    expect(output).not.toContain('still here');
  });

  it('is told, and the process goes on', async () => {
    const { status, output } = await runScript(
      `import { surviveUnhandledRejections } from '${MODULE}'; surviveUnhandledRejections((sentence) => console.log(sentence)); ${fault}`,
    );
    expect(status).toBe(0);
    expect(output).toContain('Something failed in the background (lost promise). Atelier goes on');
    expect(output).toContain('still here');
  });
});
