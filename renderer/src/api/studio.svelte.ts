/** @file The connection as state that every screen can read, and the client that uses it. */
import { createStudioClient, type ConnectionState, type StudioClient } from './client.ts';

class Studio {
  #connection = $state<ConnectionState>('open');
  readonly client: StudioClient = createStudioClient((state) => (this.#connection = state));

  get connection(): ConnectionState {
    return this.#connection;
  }
}

let studio: Studio | undefined;

/** The page's one studio, connected on first use. */
export function useStudio(): Studio {
  studio ??= new Studio();
  return studio;
}
