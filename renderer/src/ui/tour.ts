/** @file The one tour of the page. */
import { Tour } from '../state/tour.svelte.ts';

export const tour = new Tour();
