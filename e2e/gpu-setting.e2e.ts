/** @file Settings explains when a GPU is used, and says at once that "always" finds none here. */
import { describe, expect, it, vi } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { BROWSER } from './browser.ts';
import { studioInBrowser } from './studio-page.ts';

describe.skipIf(BROWSER === null || process.platform !== 'linux')('when to compute on a GPU', () => {
  // No driver, whatever the machine has.
  vi.stubEnv('VK_ICD_FILENAMES', '/nowhere/icd.json');
  vi.stubEnv('ATELIER_BACKEND', undefined);
  const shared = studioInBrowser();

  it('is explained, and refused in a sentence where there is none', async () => {
    const { page } = shared.studio;
    const { gpuUse, gpuUses } = messages.settings;
    await shared.go('/settings');
    const group = page.getByRole('group', { name: gpuUse });
    for (const { label, note } of Object.values(gpuUses)) {
      const radio = group.getByRole('radio', { name: label, exact: true });
      const described = (await radio.getAttribute('aria-describedby')) ?? '';
      expect(await page.locator(`[id="${described}"]`).textContent()).toBe(note);
    }
    await group.getByRole('radio', { name: gpuUses.always.label }).check();
    const alert = page.getByRole('alert');
    await alert.getByText('The GPU is set to "always" but cannot be used: WebGPU found no GPU.').waitFor();
    expect(await alert.textContent()).toContain('Until then, every job is refused.');
    // Coming back, too.
    await shared.go('/');
    await shared.go('/settings');
    await alert.waitFor();
    await group.getByRole('radio', { name: gpuUses.automatic.label }).check();
    await alert.waitFor({ state: 'detached' });
  });
});
