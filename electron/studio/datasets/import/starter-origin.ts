/** @file What a dataset that ships with Atelier says of where it came from. */
import type { StarterData } from '../../../contract/model/primitives.ts';

export function shippedAs(data: StarterData): string {
  return `Ships with Atelier (${data})`;
}
