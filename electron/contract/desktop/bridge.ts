/**
 * @file The bridge between the page and the desktop app itself: the few things that only the system can do. Everything
 * else goes through the studio's contract. The page names what it means by id, never by path.
 */
import { z } from 'zod';
import { DatasetId, ExportId } from '../model/primitives.ts';
import { ReportSubject } from '../model/reports.ts';

/** Something to show in the system's file manager. */
export const RevealTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('home') }),
  /** The folder or table that a dataset was imported from. */
  z.strictObject({ kind: z.literal('dataset'), datasetId: DatasetId }),
  z.strictObject({ kind: z.literal('export'), exportId: ExportId }),
  /** The notices of Electron and Chromium, which come with the program. */
  z.strictObject({ kind: z.literal('notices') }),
]);
export type RevealTarget = z.infer<typeof RevealTarget>;

export const ThemeChoice = z.enum(['system', 'light', 'dark']);
export type ThemeChoice = z.infer<typeof ThemeChoice>;

/** The languages of the page and of the desktop app. */
export const Language = z.enum(['en', 'de']);
export type Language = z.infer<typeof Language>;

export const BridgeRequest = z.discriminatedUnion('ask', [
  /** Opens the system's dialog. Answer: the chosen path, or null. */
  z.strictObject({ ask: z.literal('choose'), kind: z.enum(['file', 'folder']) }),
  /** Writes a report as PDF where the person chooses. Answer: why not, or null. */
  z.strictObject({ ask: z.literal('pdf'), what: ReportSubject }),
  /** Opens the system's dialog for a file to write. Answer: the chosen path, or null. */
  z.strictObject({ ask: z.literal('save'), name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,79}$/) }),
  /** Answer: why nothing could be shown, or null. */
  z.strictObject({ ask: z.literal('reveal'), what: RevealTarget }),
  /** Continues a drag that began on the page as a drag of the exported folder. Answer: why not, or null. */
  z.strictObject({ ask: z.literal('drag'), exportId: ExportId }),
  /** Menus, dialogs and the title bar follow the page's appearance. Answer: null. */
  z.strictObject({ ask: z.literal('theme'), theme: ThemeChoice }),
  /** Menus, boxes and notifications follow the language that the page speaks. Answer: null. */
  z.strictObject({ ask: z.literal('language'), language: Language }),
  /** Answer: the system's accent colour, or null if it has none. */
  z.strictObject({ ask: z.literal('accent') }),
  /** Lets this page turn the camera on once, within the next moments. Answer: null. */
  z.strictObject({ ask: z.literal('camera') }),
  /** Asks for a backup and restores it at a new start. Answer: why that is not possible, or null. */
  z.strictObject({ ask: z.literal('restore') }),
]);
export type BridgeRequest = z.infer<typeof BridgeRequest>;

export const BridgeAnswer = z.string().nullable();
export type BridgeAnswer = z.infer<typeof BridgeAnswer>;

/** An opaque colour, `#rrggbb`. */
export const AccentColour = z.string().regex(/^#[0-9a-f]{6}$/);
