/** @file The appearance: light, dark, or the system setting. The choice is kept in this browser or window only. */
import type { ThemeChoice } from '../../../../electron/contract/api/index.ts';
import { askDesktop } from '../../api/desktop.ts';

export type { ThemeChoice };

const storageKey = 'atelier.theme';

function storedChoice(): ThemeChoice {
  const stored = localStorage.getItem(storageKey);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

class Theme {
  #choice = $state<ThemeChoice>('system');
  #systemIsDark = $state(false);
  /** Paper is white, so a dark page is printed in the light colours. */
  #printing = $state(false);
  readonly shown: 'light' | 'dark' = $derived.by(() => {
    if (this.#printing) return 'light';
    if (this.#choice !== 'system') return this.#choice;
    return this.#systemIsDark ? 'dark' : 'light';
  });

  get choice(): ThemeChoice {
    return this.#choice;
  }

  /** Reads the stored choice and follows the system setting; called once, before the page is drawn. */
  start(): void {
    this.#choice = storedChoice();
    void askDesktop({ ask: 'theme', theme: this.#choice });
    const query = window.matchMedia('(prefers-color-scheme: dark)');
    this.#systemIsDark = query.matches;
    query.addEventListener('change', (event) => {
      this.#systemIsDark = event.matches;
      this.#paint();
    });
    for (const [event, printing] of [
      ['beforeprint', true],
      ['afterprint', false],
    ] as const) {
      window.addEventListener(event, () => {
        this.#printing = printing;
        this.#paint();
      });
    }
    this.#paint();
  }

  choose(choice: ThemeChoice): void {
    this.#choice = choice;
    localStorage.setItem(storageKey, choice);
    void askDesktop({ ask: 'theme', theme: choice });
    this.#paint();
  }

  #paint(): void {
    document.documentElement.dataset['theme'] = this.shown;
  }
}

export const theme = new Theme();
