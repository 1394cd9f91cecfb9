/** @file `atelier serve`: the studio in a browser, on a loopback address with a token. */
import { rm } from 'node:fs/promises';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Command } from '../command.ts';
import { surviveUnhandledRejections } from '../../studio/last-resort.ts';
import { writeOpenPage } from '../../web-host/open-page.ts';
import { startWebHost } from '../../web-host/web-host.ts';
import { openInBrowser } from '../open-in-browser.ts';

export const serveCommand: Command = {
  usage: 'serve',
  summary: 'Open the studio for a browser on this machine (127.0.0.1, with a token)',
  options: [
    ['--port <n>', 'Port (default: any free one)'],
    ['--open', 'Open the studio in your browser'],
  ],
  run: async ({ args, output, terminal, places, studio }) => {
    const wanted = args.integer('port') ?? 0;
    if (wanted < 0 || wanted > 65_535) {
      throw new AtelierError('BAD_INPUT', `There is no port ${wanted}: a port is a number from 0 to 65535.`, {
        place: { field: '--port' },
        remedy: 'Leave the option out, and a free port is taken.',
      });
    }
    const opened = await studio();
    const handBack = surviveUnhandledRejections((_sentence, error) =>
      opened.log.error({ err: error }, 'unhandled rejection'),
    );
    let page: string | null = null;
    const forgetPage = async (): Promise<void> => {
      if (page !== null) await rm(page, { force: true }).catch(() => undefined);
    };
    const host = await startWebHost({
      studio: opened,
      rendererDir: places.rendererDir,
      port: wanted,
      onOpened: () => void forgetPage(),
    });
    // Works through the queue, including entries left by an earlier studio.
    opened.workOnQueue();
    const { url, origin, port } = host;
    // One line, so that a program reading it knows at once where to connect.
    output.event({ type: 'listening', url, origin, port, home: opened.home }, null);
    if (!output.json) {
      terminal.stdout(`Open the studio in your browser: ${url}\n`);
      output.note('The address is good once. Ctrl-C ends the studio; a run that trains is stopped with a checkpoint.');
    }
    if (args.flag('open')) {
      page = await writeOpenPage(opened.home, url);
      openInBrowser(page);
    }
    await new Promise<void>((resolve) => {
      let asked = false;
      terminal.onInterrupt(() => {
        if (asked) void opened.close({ waitMs: 0 });
        else output.note('Closing … Ctrl-C again ends at once.');
        asked = true;
        resolve();
      });
    });
    await forgetPage();
    await host.close();
    await opened.close();
    handBack();
    return 0;
  },
};
