/** @file The one tour of the page. */
import { Tour } from './tour.svelte.ts';

export const tour = new Tour();
