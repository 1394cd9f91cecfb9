/** @file The address that is open now, as state. Links are plain `<a href={link(…)}>`. */
import { link, parseHash, type Address, type Route } from './route.ts';

class Router {
  #address = $state.raw<Address>(parseHash(''));

  get route(): Route {
    return this.#address.route;
  }

  get query(): URLSearchParams {
    return this.#address.query;
  }

  start(): void {
    this.#address = parseHash(location.hash);
    window.addEventListener('hashchange', () => {
      const before = JSON.stringify(this.#address.route);
      this.#address = parseHash(location.hash);
      if (JSON.stringify(this.#address.route) !== before) window.scrollTo({ top: 0, behavior: 'instant' });
    });
  }

  go(path: readonly string[], query: Record<string, string | number | undefined> = {}): void {
    location.hash = link(path, query);
  }

  /** Rewrites the query of the open screen without a new entry in the history. */
  setQuery(path: readonly string[], query: Record<string, string | number | undefined>): void {
    const hash = link(path, query);
    if (hash === location.hash) return;
    history.replaceState(history.state, '', hash);
    this.#address = parseHash(hash);
  }
}

export const router = new Router();
