/** @file A report is printed from an address that exists only meanwhile, in a window that always closes. */
import { expect, it } from 'vitest';
import { PRINT_WINDOW, ReportPrinter } from './report-printer.ts';

function printer(fails = false) {
  const seen: { page: string | undefined; headers: Headers | undefined; closed: number } = {
    page: undefined,
    headers: undefined,
    closed: 0,
  };
  let address = '';
  const of = new ReportPrinter(
    () =>
      ({
        loadURL: async (url: string) => {
          address = url;
          const answer = of.answer(url);
          seen.page = await answer?.text();
          seen.headers = answer?.headers;
        },
        webContents: {
          printToPDF: async () => {
            if (fails) throw new Error('No printer.');
            return Buffer.from('%PDF');
          },
        },
        destroy: () => (seen.closed += 1),
      }) as never,
  );
  return { of, seen, gone: () => of.answer(address) === null };
}

it('shows the page without scripts, gives the PDF, and forgets the page', async () => {
  const { of, seen, gone } = printer();
  expect(Buffer.from(await of.print('<p>apples</p>')).toString()).toBe('%PDF');
  expect(seen).toMatchObject({ page: '<p>apples</p>', closed: 1 });
  expect(seen.headers?.get('Content-Security-Policy')).toContain("default-src 'none'");
  expect(gone()).toBe(true);
  expect(PRINT_WINDOW).toMatchObject({ show: false, webPreferences: { javascript: false, sandbox: true } });
});

it('closes the window and forgets the page if it fails', async () => {
  const { of, seen, gone } = printer(true);
  await expect(of.print('<p>apples</p>')).rejects.toThrow('No printer.');
  expect([seen.closed, gone()]).toEqual([1, true]);
});
