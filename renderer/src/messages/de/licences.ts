/** @file Licences that a field offers, with their usual German names where there are any. */
import { licences as english } from '../en/licences.ts';
import type { Messages } from '../texts.ts';

const names: Readonly<Partial<Record<(typeof english)[number][0], string>>> = {
  'LicenseRef-own-work': 'Ihr eigenes Werk',
  'CC0-1.0': 'CC0 1.0, Verzicht auf alle Rechte',
  'LicenseRef-all-rights-reserved': 'Alle Rechte vorbehalten',
  'LicenseRef-contract-ai-granted': 'Vertrag, der KI-Training erlaubt',
  'LicenseRef-contract-ai-silent': 'Vertrag, der KI-Training nicht erwähnt',
};

export const licences = english.map(([id, name]) => [id, names[id] ?? name]) as unknown as Messages['licences'];
