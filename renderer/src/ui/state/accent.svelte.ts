/** @file The accent colour: Atelier's own, or the system's where the desktop app can read it. */
import { AccentColour } from '../../../../electron/contract/api/index.ts';
import { askDesktop } from '../../api/desktop.ts';

export type AccentChoice = 'atelier' | 'system';

const storageKey = 'atelier.accent';

class Accent {
  #choice = $state<AccentChoice>('atelier');
  /** The system's colour; undefined if it has none, or in a browser. */
  #system = $state<string>();

  get choice(): AccentChoice {
    return this.#choice;
  }

  /** Whether there is a choice. */
  get hasSystem(): boolean {
    return this.#system !== undefined;
  }

  /** Reads the stored choice and follows the system; called once. */
  async start(): Promise<void> {
    this.#choice = localStorage.getItem(storageKey) === 'system' ? 'system' : 'atelier';
    window.studio?.onAccent?.((colour) => this.#take(colour));
    this.#take(await askDesktop({ ask: 'accent' }));
  }

  choose(choice: AccentChoice): void {
    this.#choice = choice;
    localStorage.setItem(storageKey, choice);
    this.#paint();
  }

  #take(colour: unknown): void {
    this.#system = AccentColour.safeParse(colour).data;
    this.#paint();
  }

  /** The style sheet keeps the system's hue and chooses its own lightness, so that text stays legible. */
  #paint(): void {
    const { style, dataset } = document.documentElement;
    if (this.#choice === 'system' && this.#system !== undefined) {
      style.setProperty('--system-accent', this.#system);
      dataset['accent'] = 'system';
    } else {
      style.removeProperty('--system-accent');
      delete dataset['accent'];
    }
  }
}

export const accent = new Accent();
