/** @file The connection state, readable by every screen, and the client that uses the connection. */
import { createStudioClient, type ConnectionState, type StudioClient } from './client.ts';

class Studio {
  #connection = $state<ConnectionState>('open');
  readonly client: StudioClient = createStudioClient((state) => (this.#connection = state));

  get connection(): ConnectionState {
    return this.#connection;
  }
}

let studio: Studio | undefined;

/** The page's only studio, connected on first use. */
export function useStudio(): Studio {
  studio ??= new Studio();
  return studio;
}
