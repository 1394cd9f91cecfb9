/** @file Licences in words, in the page's language. */
import { licenceInWords as inEnglish } from '../../../electron/contract/model/stated-licence.ts';
import { said } from './said.ts';

/** An expression for people to read: what is not understood in its own words, what is not known as such. */
export function licenceInWords(expression: string): string {
  return said(inEnglish(expression));
}
