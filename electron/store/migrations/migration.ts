/** @file A migration: a numbered script that takes the store from one version to the next. */

export type Migration = {
  /** The `user_version` after this migration; versions count up by one from 1. */
  readonly version: number;
  readonly name: string;
  readonly script: string;
};
