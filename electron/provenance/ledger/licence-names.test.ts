/** @file Licences as people write them: what is read, and what is left unknown. */
import { describe, expect, it } from 'vitest';
import { readLicence } from '../documents/spdx.ts';
import { factsOf } from './licence-facts.ts';

function read(text: string): string | null {
  const statement = readLicence(text);
  return statement.kind === 'stated' ? statement.expression : null;
}

describe('a licence as people write it', () => {
  it.each([
    // Creative Commons by name.
    ['CC BY 4.0', 'CC-BY-4.0'],
    ['CC-BY 4.0', 'CC-BY-4.0'],
    ['cc by 4.0', 'CC-BY-4.0'],
    ['CC BY 4.0.', 'CC-BY-4.0'],
    ['CC_BY_NC_4_0', 'CC-BY-NC-4.0'],
    ['CC BY-SA 4.0', 'CC-BY-SA-4.0'],
    ['CC BY-NC-SA 2.0', 'CC-BY-NC-SA-2.0'],
    ['CC BY-SA-NC 4.0', 'CC-BY-NC-SA-4.0'],
    ['CC BY-ND-NC 3.0', 'CC-BY-NC-ND-3.0'],
    ['CC-BY-SA-3.0-DE', 'CC-BY-SA-3.0-DE'],
    ['CC BY-SA 3.0 DE', 'CC-BY-SA-3.0-DE'],
    ['CC BY 3.0 FR', 'CC-BY-3.0'],
    ['CC BY v4.0', 'CC-BY-4.0'],
    ['CC BY 4', 'CC-BY-4.0'],
    ['BY-NC-SA 4.0', 'CC-BY-NC-SA-4.0'],
    ['Creative Commons Attribution 4.0 International', 'CC-BY-4.0'],
    ['Creative Commons Attribution 4.0 International License', 'CC-BY-4.0'],
    ['Creative Commons Attribution-NonCommercial-ShareAlike 2.0 Generic', 'CC-BY-NC-SA-2.0'],
    ['Attribution-NonCommercial-NoDerivs 2.0', 'CC-BY-NC-ND-2.0'],
    ['Attribution-NonCommercial License', 'LicenseRef-CC-BY-NC'],
    ['Namensnennung - Weitergabe unter gleichen Bedingungen 4.0 International (CC BY-SA 4.0)', 'CC-BY-SA-4.0'],
    ['Creative Commons Namensnennung – Nicht-kommerziell 4.0', 'CC-BY-NC-4.0'],
    ["Creative Commons Paternité - Pas d'utilisation commerciale 2.0", 'CC-BY-NC-2.0'],
    [
      'This work is licensed under a Creative Commons Attribution-ShareAlike 4.0 International License.',
      'CC-BY-SA-4.0',
    ],
    ['License: CC BY 4.0', 'CC-BY-4.0'],
    // Without a version, none is made up.
    ['CC BY', 'LicenseRef-CC-BY'],
    ['cc-by-nc', 'LicenseRef-CC-BY-NC'],
    ['CC BY-SA', 'LicenseRef-CC-BY-SA'],
    ['https://creativecommons.org/licenses/by-nc-nd/', 'LicenseRef-CC-BY-NC-ND'],
    // Zero and the public domain.
    ['cc0', 'CC0-1.0'],
    ['CC0', 'CC0-1.0'],
    ['CC-0', 'CC0-1.0'],
    ['CC0 1.0', 'CC0-1.0'],
    ['CC0 1.0 Universal', 'CC0-1.0'],
    ['CC Zero', 'CC0-1.0'],
    ['Creative Commons Zero v1.0 Universal', 'CC0-1.0'],
    ['CC0 1.0 Universal (CC0 1.0) Public Domain Dedication', 'CC0-1.0'],
    ['Public Domain', 'CC-PDM-1.0'],
    ['Public Domain Mark 1.0', 'CC-PDM-1.0'],
    ['gemeinfrei', 'CC-PDM-1.0'],
    // Addresses.
    ['https://creativecommons.org/licenses/by/4.0/', 'CC-BY-4.0'],
    ['//creativecommons.org/publicdomain/zero/1.0/', 'CC0-1.0'],
    ['http://creativecommons.org/licenses/by-nc/4.0/legalcode', 'CC-BY-NC-4.0'],
    ['https://creativecommons.org/licenses/by-sa/4.0/deed.de', 'CC-BY-SA-4.0'],
    ['https://creativecommons.org/licenses/by-sa/3.0/de/', 'CC-BY-SA-3.0-DE'],
    ['https://creativecommons.org/licenses/by/2.0/fr/', 'CC-BY-2.0'],
    ['www.creativecommons.org/licenses/by/2.0', 'CC-BY-2.0'],
    ['https://creativecommons.org/publicdomain/zero/1.0/', 'CC0-1.0'],
    ['https://creativecommons.org/publicdomain/mark/1.0/deed.en', 'CC-PDM-1.0'],
    ['CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)', 'CC-BY-4.0'],
    ['http://rightsstatements.org/vocab/InC/1.0/', 'LicenseRef-all-rights-reserved'],
    ['https://www.apache.org/licenses/LICENSE-2.0', 'Apache-2.0'],
    ['https://opensource.org/licenses/MIT', 'MIT'],
    ['https://spdx.org/licenses/BSD-3-Clause.html', 'BSD-3-Clause'],
    ['https://www.gnu.org/licenses/gpl-3.0.html', 'GPL-3.0-only'],
    // Other licences.
    ['Apache License 2.0', 'Apache-2.0'],
    ['Apache License, Version 2.0', 'Apache-2.0'],
    ['The Apache Software License, Version 2.0', 'Apache-2.0'],
    ['apache-2', 'Apache-2.0'],
    ['Apache 2', 'Apache-2.0'],
    ['MIT License', 'MIT'],
    ['The MIT License (MIT)', 'MIT'],
    ['3-Clause BSD License', 'BSD-3-Clause'],
    ['BSD 2-Clause "Simplified" License', 'BSD-2-Clause'],
    ['GPL', 'GPL-1.0-or-later'],
    ['GPLv3', 'GPL-3.0-only'],
    ['GPL-3.0', 'GPL-3.0-only'],
    ['gpl-3.0+', 'GPL-3.0-or-later'],
    ['GNU General Public License v2.0 or later', 'GPL-2.0-or-later'],
    ['GNU Lesser General Public License v2.1', 'LGPL-2.1-only'],
    ['GNU Affero General Public License v3.0', 'AGPL-3.0-only'],
    ['GNU Free Documentation License 1.2 or later', 'GFDL-1.2-or-later'],
    ['ODbL', 'ODbL-1.0'],
    ['Open Government Licence v3.0', 'OGL-UK-3.0'],
    ['Licence Art Libre 1.3', 'LAL-1.3'],
    ['CreativeML OpenRAIL-M', 'LicenseRef-CreativeML-OpenRAIL-M'],
    ['bigscience-bloom-rail-1.0', 'LicenseRef-BigScience-BLOOM-RAIL-1.0'],
    ['openrail++', 'LicenseRef-OpenRAIL-PlusPlus-M'],
    ['llama3.2', 'LicenseRef-Llama-3.2'],
    ['Llama 3.1 Community License Agreement', 'LicenseRef-Llama-3.1'],
    ['qwen-research', 'LicenseRef-Qwen-Research'],
    // All rights reserved.
    ['All Rights Reserved.', 'LicenseRef-all-rights-reserved'],
    ['© 2024 Jane Doe. All rights reserved.', 'LicenseRef-all-rights-reserved'],
    ['Copyright Jane Doe, all rights reserved', 'LicenseRef-all-rights-reserved'],
    ['Alle Rechte vorbehalten', 'LicenseRef-all-rights-reserved'],
    ['Tous droits réservés', 'LicenseRef-all-rights-reserved'],
    // Several at once: a choice where it says so, otherwise all of them.
    ['MIT or Apache 2.0', 'MIT OR Apache-2.0'],
    ['CC BY 4.0 and MIT License', 'CC-BY-4.0 AND MIT'],
    ['CC BY 4.0; CC BY-NC 4.0', 'CC-BY-4.0 AND CC-BY-NC-4.0'],
    ['GFDL 1.2 or later / CC BY-SA 3.0', 'GFDL-1.2-or-later AND CC-BY-SA-3.0'],
    ['CC BY 4.0. All rights reserved.', 'CC-BY-4.0 AND LicenseRef-all-rights-reserved'],
  ])('%s → %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each([
    'free to use!!',
    'Attribution',
    'by',
    'not CC BY 4.0',
    'CC BY 4.0 except for commercial use',
    'CC BY 4.0 for education only',
    'CC BY 9.0',
    'CC BY-SA-ND 4.0',
    'CC',
    'Creative Commons',
    'Apache',
    'BSD',
    'BSD License',
    'MIT-like',
    'SUBMIT',
    'Some rights reserved',
    'No rights reserved',
    'Not all rights reserved',
    'non-commercial use only',
    'see website',
    'https://example.org/licenses/by/4.0/',
    'https://creativecommons.org.example.com/licenses/by/4.0/',
    'Unsplash License',
    'GPL-compatible',
    'royalty free',
  ])('"%s" stays unknown', (text) => {
    expect(readLicence(text).kind).toBe('unreadable');
  });

  it('reads nothing that the table of facts does not know', () => {
    for (const text of [
      'CC BY',
      'CC BY-SA',
      'CC BY-NC',
      'CC BY-ND',
      'CC BY-NC-SA',
      'CC BY-NC-ND',
      'GPL',
      'gemma',
      'llama2',
    ])
      expect(factsOf(read(text) ?? '')).toBeDefined();
  });
});
