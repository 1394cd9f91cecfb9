/** @file Settings on Train for a run of a few quick steps. */
import type { Page } from 'playwright-core';
import { terms } from '../renderer/src/messages/terms.ts';

/** Fills the parameters; the model and the data are already chosen. */
export async function fillShortRun(page: Page, steps: number): Promise<void> {
  for (const [term, value] of [
    [terms.steps, steps],
    [terms.promptsPerStep, 2],
    [terms.numGenerations, 2],
    [terms.maxCompletionLength, 8],
  ] as const) {
    await page.getByRole('textbox', { name: term.label, exact: true }).fill(String(value));
  }
}
