/** @file The rules R1–R12 of the ledger: what each says, and its source. */

/** What each rule says, for screens and documents. */
export const RULE_TEXT = {
  R1: 'Work whose owner opted out, or whose contract forbids it, must not be trained on; only the owner can lift that.',
  R2: 'The duties of everything that went in add up.',
  R3: 'One non-commercial part makes the whole non-commercial.',
  R4: 'One part that forbids derivatives forbids publishing.',
  R5: 'Terms that each demand to be the only ones cannot both be met.',
  R6: 'Share-alike work over a permissive base: the adapter goes under the share-alike licence, the notices stay.',
  R7: 'What is not known is not permitted.',
  R10: 'All rights reserved: nothing permits publishing.',
  R11: 'The terms leave this open; a person must decide.',
  R12: 'Reward code travels in the recipe: whoever passes the recipe on passes the code on.',
} as const;
export type RuleId = keyof typeof RULE_TEXT;

/** The source of each rule: a section of a licence, or published guidance. */
export const RULE_SOURCE: Record<RuleId, string> = {
  R1: 'CAWG training and data mining assertion 1.1; IPTC Photo Metadata 2025.1, Data Mining; TDM Reservation Protocol; Directive (EU) 2019/790, Article 4(3).',
  R2: 'CC BY 4.0, section 3(a); Apache License 2.0, section 4; Creative Commons, “Using CC-licensed works for AI training” (May 2025).',
  R3: 'CC BY-NC 4.0, sections 1(k) and 2(a)(1); Creative Commons (May 2025): the non-commercial term follows every stage.',
  R4: 'CC BY-ND 4.0, section 2(a)(1)(B): adapted material may be made, but not shared.',
  R5: 'CC BY-SA 4.0, section 3(b): the adapter’s licence must be the same or a compatible one, without added terms.',
  R6: 'CC BY-SA 4.0, section 3(b)(1); Apache License 2.0, section 4: notices of the base are kept.',
  R7: 'Berne Convention, Article 9: without permission, copying is the owner’s right.',
  R10: 'Berne Convention, Article 9.',
  R11: 'The licence’s own text, as read in the table of facts.',
  R12: 'SPDX and REUSE: the licence of a file is the one that the file states.',
};

export interface LedgerReason {
  rule: RuleId;
  text: string;
  /** The images that cause it, sorted; empty if the base model causes it. */
  imageIds: string[];
}
