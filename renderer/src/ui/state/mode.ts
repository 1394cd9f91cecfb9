/** @file Simple or advanced: one choice for every screen that has both. */
import { Remembered } from './remembered.svelte.ts';

export const mode = new Remembered<'simple' | 'advanced'>('mode', ['simple', 'advanced'], 'simple');
