/** @file Names for people of the encodings that are not Unicode, for the page and for sentences about a table. */

export const LEGACY_ENCODING_NAMES = {
  'windows-1250': 'Windows-1250 (Central European)',
  'windows-1251': 'Windows-1251 (Cyrillic)',
  'windows-1252': 'Windows-1252 (Western European)',
  'windows-1253': 'Windows-1253 (Greek)',
  'windows-1254': 'Windows-1254 (Turkish)',
  'koi8-r': 'KOI8-R (Cyrillic)',
  gb18030: 'GB18030 (simplified Chinese)',
  big5: 'Big5 (traditional Chinese)',
  shift_jis: 'Shift JIS (Japanese)',
  'euc-jp': 'EUC-JP (Japanese)',
  'euc-kr': 'EUC-KR (Korean)',
} as const;
