import { EventEmitter } from 'node:events';
import type { MessageBoxOptions, WebContents } from 'electron';
import { describe, expect, it } from 'vitest';
import { engineRecovery, recoverPage } from './crash-recovery.ts';

/** A dialog that immediately answers with the given buttons, in order. */
function answering(...responses: number[]) {
  const asked: string[] = [];
  const showMessageBox = (options: MessageBoxOptions) => {
    asked.push(options.message);
    return Promise.resolve({ response: responses.shift() ?? 0, checkboxChecked: false });
  };
  return { asked, dialog: { showMessageBox: showMessageBox as never } };
}

function page(...responses: number[]) {
  const contents = new EventEmitter();
  const { asked, dialog } = answering(...responses);
  const done: string[] = [];
  recoverPage(contents as unknown as WebContents, {
    dialog,
    reload: () => done.push('reload'),
    quit: () => done.push('quit'),
    log: () => undefined,
  });
  return { contents, asked, done };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a page that is gone', () => {
  it('is opened again, or the program is left, as the person says', async () => {
    const { contents, done } = page(0, 1);
    contents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
    await settled();
    contents.emit('render-process-gone', {}, { reason: 'oom', exitCode: 5 });
    await settled();
    expect(done).toEqual(['reload', 'quit']);
  });

  it('asks nothing when the end was wanted, and not twice at once', async () => {
    const { contents, asked } = page();
    contents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 });
    expect(asked).toEqual([]);
    contents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
    contents.emit('unresponsive');
    await settled();
    expect(asked).toHaveLength(1);
  });

  it('may be waited for when it only does not answer', async () => {
    const { contents, done } = page(0, 1);
    contents.emit('unresponsive');
    await settled();
    expect(done).toEqual([]);
    contents.emit('unresponsive');
    await settled();
    expect(done).toEqual(['reload']);
  });
});

describe('an engine that is gone', () => {
  const run = { id: 'run-1', name: 'Counting', lastCheckpointStep: 40 };

  function engine(found: typeof run | null, response: number) {
    const { asked, dialog } = answering(response);
    const done: string[] = [];
    const recover = engineRecovery({
      dialog,
      interruptedRun: () => Promise.resolve(found),
      resume: async (id) => void done.push(`resume ${id}`),
      show: (path) => done.push(`show ${path}`),
      log: () => undefined,
    });
    return { recover, asked, done };
  }

  it('resumes the interrupted run and shows it', async () => {
    const { recover, done } = engine(run, 1);
    await recover({ code: 137 });
    expect(done).toEqual(['resume run-1', 'show /runs/run-1']);
  });

  it('only shows the run where the person wants to look first', async () => {
    const { recover, done } = engine(run, 0);
    await recover({ code: 137 });
    expect(done).toEqual(['show /runs/run-1']);
  });

  it('says nothing where no run was interrupted', async () => {
    const { recover, asked } = engine(null, 0);
    await recover({ code: 1 });
    expect(asked).toEqual([]);
  });
});
