/** @file Light, dark and the accent colour: what the page and the native parts of the app tell each other. */
import type { NativeTheme, SystemPreferences } from 'electron';
import { AccentColour, ThemeChoice } from '../contract/desktop/bridge.ts';
import { readSmallFile, writeSmallFile } from './small-file.ts';

/** Applies the choice of the last start, so that the window already opens in it. `file`: `<home>/appearance.json`. */
export function restoreTheme(theme: Pick<NativeTheme, 'themeSource'>, file: string): void {
  theme.themeSource = readSmallFile(file, ThemeChoice) ?? 'system';
}

/** Menus, dialogs and the title bar follow the page. */
export function applyTheme(theme: Pick<NativeTheme, 'themeSource'>, file: string, choice: ThemeChoice): void {
  if (theme.themeSource === choice) return;
  theme.themeSource = choice;
  writeSmallFile(file, choice);
}

/** Electron reports colours as `rrggbbaa`; the alpha is dropped. Null for anything else. */
export function accentColour(reported: string): string | null {
  const colour = AccentColour.safeParse(`#${reported.slice(0, 6).toLowerCase()}`);
  return colour.success ? colour.data : null;
}

/** The system's accent colour; null where the system, or this Electron on it, has none. */
export function systemAccent(preferences: Pick<SystemPreferences, 'getAccentColor'>): string | null {
  try {
    return accentColour(preferences.getAccentColor());
  } catch {
    return null;
  }
}
