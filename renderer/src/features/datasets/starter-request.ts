/** @file Asks for data that Atelier brings, under a name in the language of the page. */
import type { StarterData, TaskStarter } from '../../../../electron/contract/api/index.ts';
import { STARTER_NAMES } from '../../../../electron/method/starter-names.ts';
import { said } from '../../messages/said.ts';

export function starterRequest<Data extends StarterData | TaskStarter>(data: Data): { data: Data; name: string } {
  return { data, name: said(STARTER_NAMES[data]) };
}
