/**
 * @file What every language must say: the shape of the English texts. A text is any string; a function takes the same
 * parameters. A text that is missing, or that English does not have, is a build error.
 */
import type { messages } from './en.ts';
import type { terms } from './en/terms.ts';
import type { licences } from './en/licences.ts';

/** The shape of `T` without its wording. */
export type Texts<T> = T extends string
  ? string
  : T extends (...parameters: infer Parameters) => infer Said
    ? (...parameters: Parameters) => Texts<Said>
    : T extends object
      ? { readonly [Key in keyof T]: Texts<T[Key]> }
      : T;

export type Messages = Texts<typeof messages>;
export type Terms = Texts<typeof terms>;
/** The id of a licence is the same in every language. */
export type Licences = readonly (readonly [id: (typeof licences)[number][0], name: string])[];
