/** @file Simple or advanced: one choice for all screens that have both. */
import { Remembered } from './remembered.svelte.ts';

export const mode = new Remembered<'simple' | 'advanced'>('mode', ['simple', 'advanced'], 'simple');
