/** @file Light, dark or as the system says. The choice is kept in this browser or window only. */

export type ThemeChoice = 'system' | 'light' | 'dark';

const storageKey = 'atelier.theme';

function storedChoice(): ThemeChoice {
  const stored = localStorage.getItem(storageKey);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

class Theme {
  #choice = $state<ThemeChoice>('system');
  #systemIsDark = $state(false);
  readonly shown: 'light' | 'dark' = $derived(
    this.#choice === 'system' ? (this.#systemIsDark ? 'dark' : 'light') : this.#choice,
  );

  get choice(): ThemeChoice {
    return this.#choice;
  }

  /** Reads the stored choice and follows the system; called once before the page is drawn. */
  start(): void {
    this.#choice = storedChoice();
    const query = window.matchMedia('(prefers-color-scheme: dark)');
    this.#systemIsDark = query.matches;
    query.addEventListener('change', (event) => {
      this.#systemIsDark = event.matches;
      this.#paint();
    });
    this.#paint();
  }

  choose(choice: ThemeChoice): void {
    this.#choice = choice;
    localStorage.setItem(storageKey, choice);
    this.#paint();
  }

  #paint(): void {
    document.documentElement.dataset['theme'] = this.shown;
  }
}

export const theme = new Theme();
