/** @file The page's only tour. */
import { Tour } from './tour.svelte.ts';

export const tour = new Tour();
