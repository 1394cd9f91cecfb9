/** @file What every language must say for the desktop app. */
import type { en } from './en.ts';

/** English gives the shape; a missing text is a build error. */
export type Words = {
  readonly [Area in keyof typeof en]: {
    readonly [Name in keyof (typeof en)[Area]]: (typeof en)[Area][Name] extends (...given: infer Given) => string
      ? (...given: Given) => string
      : string;
  };
};
