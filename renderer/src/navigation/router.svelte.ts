/** @file The current address as state. Links are plain `<a href={link(…)}>`. */
import { link, parseHash, type Address, type Route } from './route.ts';

/** Browsers reject more than a few hundred address rewrites; a scrubber would write one per frame. */
const restMs = 150;

class Router {
  /** The address not yet shown in the address bar. */
  #late: { hash: string; over: string; timer: ReturnType<typeof setTimeout> } | undefined;
  #address = $state.raw<Address>(parseHash(''));

  get route(): Route {
    return this.#address.route;
  }

  get query(): URLSearchParams {
    return this.#address.query;
  }

  start(): void {
    this.#address = parseHash(location.hash);
    window.addEventListener('pagehide', () => this.#write());
    window.addEventListener('hashchange', () => {
      this.#forget();
      const before = JSON.stringify(this.#address.route);
      this.#address = parseHash(location.hash);
      if (JSON.stringify(this.#address.route) !== before) window.scrollTo({ top: 0, behavior: 'instant' });
    });
  }

  go(path: readonly string[], query: Record<string, string | number | undefined> = {}): void {
    this.#write();
    location.hash = link(path, query);
  }

  /** Rewrites the current address without a new history entry; the address bar follows after a short delay. */
  setQuery(path: readonly string[], query: Record<string, string | number | undefined>): void {
    const hash = link(path, query);
    if (hash === (this.#late?.hash ?? location.hash)) return;
    this.#forget();
    this.#late = { hash, over: location.hash, timer: setTimeout(() => this.#write(), restMs) };
    this.#address = parseHash(hash);
  }

  /** Takes values out of the current address, whatever the screen. */
  dropQuery(...names: string[]): void {
    const [path = '', search = ''] = location.hash.split('?');
    const kept = [...new URLSearchParams(search)].filter(([name]) => !names.includes(name));
    const query = new URLSearchParams(kept);
    const hash = query.size === 0 ? path : `${path}?${query.toString()}`;
    history.replaceState(history.state, '', hash === '' ? '#/' : hash);
    this.#address = parseHash(hash);
  }

  #write(): void {
    const late = this.#late;
    this.#forget();
    // If you navigated elsewhere in the meantime, keep that address.
    if (late !== undefined && late.over === location.hash) history.replaceState(history.state, '', late.hash);
  }

  #forget(): void {
    clearTimeout(this.#late?.timer);
    this.#late = undefined;
  }
}

export const router = new Router();
