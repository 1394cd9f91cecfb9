/** @file Licences that a field offers. Any other one can be typed: its SPDX id, its usual name or its address. */

/** SPDX id and usual name. */
export const licences = [
  ['LicenseRef-own-work', 'Your own work'],
  ['CC0-1.0', 'CC0 1.0, public domain dedication'],
  ['CC-PDM-1.0', 'Public Domain Mark 1.0'],
  ['CC-BY-4.0', 'CC BY 4.0'],
  ['CC-BY-SA-4.0', 'CC BY-SA 4.0'],
  ['CC-BY-ND-4.0', 'CC BY-ND 4.0'],
  ['CC-BY-NC-4.0', 'CC BY-NC 4.0'],
  ['CC-BY-NC-SA-4.0', 'CC BY-NC-SA 4.0'],
  ['CC-BY-NC-ND-4.0', 'CC BY-NC-ND 4.0'],
  ['CC-BY-3.0', 'CC BY 3.0'],
  ['CC-BY-SA-3.0', 'CC BY-SA 3.0'],
  ['CC-BY-2.0', 'CC BY 2.0'],
  ['CC-BY-SA-2.0', 'CC BY-SA 2.0'],
  ['Apache-2.0', 'Apache License 2.0'],
  ['MIT', 'MIT License'],
  ['ODbL-1.0', 'Open Database License 1.0'],
  ['LicenseRef-all-rights-reserved', 'All rights reserved'],
  ['LicenseRef-contract-ai-granted', 'Contract that grants AI training'],
  ['LicenseRef-contract-ai-silent', 'Contract that does not mention AI training'],
] as const;
