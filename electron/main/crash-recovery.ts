/**
 * @file What to tell the user, and what to offer, when one of the app's processes ends unexpectedly. All of the user's
 * work is in the store, so a new page or a new engine is all that is needed.
 */
import { words } from './words.ts';
import type { Dialog, MessageBoxOptions, WebContents } from 'electron';

export interface PageRecoveryParts {
  dialog: Pick<Dialog, 'showMessageBox'>;
  /** Reloads the page at its current address. */
  reload: () => void;
  quit: () => void;
  log: (what: string, details: object) => void;
}

/** Expected ends, requested by us or by the system's shutdown. */
const WANTED_ENDS = new Set(['clean-exit', 'killed']);

/**
 * Offers a reload when the page's process is gone or has been unresponsive for long. Asks only one question at a time.
 */
export function recoverPage(contents: WebContents, parts: PageRecoveryParts): void {
  let asking = false;
  async function ask(question: MessageBoxOptions & { buttons: string[] }): Promise<number> {
    asking = true;
    try {
      return (await parts.dialog.showMessageBox(question)).response;
    } finally {
      asking = false;
    }
  }
  contents.on('render-process-gone', (_event, { reason, exitCode }) => {
    parts.log('the page is gone', { reason, exitCode });
    if (WANTED_ENDS.has(reason) || asking) return;
    const said = words().crash;
    void ask({
      type: 'error',
      title: 'Atelier',
      message: said.page,
      detail: `${reason === 'oom' ? said.memory : said.reason(reason)} ${said.nothingLost}`,
      buttons: [said.openAgain, said.quit],
      defaultId: 0,
      cancelId: 0,
    }).then((answer) => (answer === 0 ? parts.reload() : parts.quit()));
  });
  contents.on('unresponsive', () => {
    parts.log('the page does not answer', {});
    if (asking) return;
    const said = words().crash;
    void ask({
      type: 'question',
      title: 'Atelier',
      message: said.stuck,
      detail: said.stuckAbout,
      buttons: [said.wait, said.loadAgain],
      defaultId: 0,
      cancelId: 0,
    }).then((answer) => {
      if (answer === 1) parts.reload();
    });
  });
}

export interface EngineRecoveryParts {
  dialog: Pick<Dialog, 'showMessageBox'>;
  /** The run that the engine's end interrupted, once the store reports it; null if there was none. */
  interruptedRun: () => Promise<{ id: string; name: string; lastCheckpointStep: number | null } | null>;
  resume: (runId: string) => Promise<void>;
  show: (path: string) => void;
  log: (what: string, details: object) => void;
}

/**
 * Returns the function to call when the engine's process ends unexpectedly. Another end during the dialog asks nothing
 * new.
 */
export function engineRecovery(parts: EngineRecoveryParts): (exit: { code: number | null }) => Promise<void> {
  let asking = false;
  return async (exit) => {
    parts.log('the engine ended by itself', exit);
    if (asking) return;
    asking = true;
    try {
      const run = await parts.interruptedRun();
      // Without a run, the next command starts a new engine, and the failed one has already reported the error.
      if (run === null) return;
      const said = words().crash;
      const from = run.lastCheckpointStep === null ? said.fromStart : said.fromStep(run.lastCheckpointStep);
      const { response } = await parts.dialog.showMessageBox({
        type: 'error',
        title: 'Atelier',
        message: said.engine(run.name),
        detail: said.engineAbout(from),
        buttons: [said.showRun, said.resume(from)],
        defaultId: 0,
        cancelId: 0,
      });
      if (response === 1) await parts.resume(run.id);
      parts.show(`/runs/${encodeURIComponent(run.id)}`);
    } catch (error) {
      parts.log('recovery failed', { error: String(error) });
    } finally {
      asking = false;
    }
  };
}
