/** @file Which hub may be asked, and whether. Settings come before the environment; the token comes from it alone. */
import { AtelierError } from '../../../contract/errors/errors.ts';
import { DEFAULT_HUB } from '../../../method/defaults.ts';
import { readPreferences } from '../../system/preferences.ts';
import { openHubDoor, type HubDoor } from './door.ts';
import { endpointOf } from './endpoint.ts';

/** How the hub is reached; the defaults are what people need. */
export interface HubOptions {
  env?: NodeJS.ProcessEnv;
  idleMs?: number;
  /** How long to wait before each new attempt after a broken connection. */
  waitsMs?: readonly number[];
}

/**
 * Opens the door to the hub that the settings or the environment name.
 * @throws AtelierError CONFLICT if downloads are switched off, BAD_INPUT if the address cannot be used
 */
export async function openConfiguredDoor(
  { home, hub = {} }: { home: string; hub?: HubOptions | undefined },
  signal: AbortSignal | undefined,
): Promise<HubDoor> {
  const { env = process.env, idleMs } = hub;
  const { modelDownloads, hubEndpoint } = await readPreferences(home);
  if (!modelDownloads) {
    throw new AtelierError(
      'CONFLICT',
      'Downloading models is switched off in the settings. Nothing was asked of the hub.',
      {
        remedy: 'Switch it on in the settings under Network, or add a folder that is on this machine.',
      },
    );
  }
  if (isOn(env['HF_HUB_OFFLINE'])) {
    throw new AtelierError('CONFLICT', 'HF_HUB_OFFLINE is set, so nothing was asked of the hub.', {
      remedy: 'Start Atelier without it, or add a folder that is on this machine.',
    });
  }
  const token = env['HF_TOKEN'] ?? env['HUGGING_FACE_HUB_TOKEN'];
  return openHubDoor({
    endpoint: endpointOf(hubEndpoint ?? (env['HF_ENDPOINT'] || DEFAULT_HUB)),
    token: token?.trim() || undefined,
    idleMs,
    signal,
  });
}

function isOn(value: string | undefined): boolean {
  return ['1', 'true', 'yes', 'on'].includes((value ?? '').trim().toLowerCase());
}
