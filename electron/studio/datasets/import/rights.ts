/** @file Fills a table's empty rights columns, and what a credit needs, from the image's own metadata. */
import type { Source } from '../../../contract/model/datasets.ts';
import type { RightsSource } from '../../../contract/model/signals.ts';
import type { ImageStatement } from '../../../provenance/signals/read-image.ts';
import { ALL_RIGHTS_RESERVED, givesUpRights } from '../../../provenance/signals/licence-words.ts';
import type { RowValues } from './row-values.ts';

export type FilledRights = {
  licence: string | null;
  licenceSource: RightsSource | null;
  authors: string[];
  authorsSource: RightsSource | null;
};

/**
 * The table takes precedence, even if it has no licence expression; metadata only fills what the table left empty. What
 * was given for the whole import comes last.
 */
export function fillRights(values: RowValues, said: ImageStatement | undefined): FilledRights {
  return { ...licenceOf(values, said), ...authorsOf(values, said) };
}

function authorsOf(
  { authors, assumedAuthors }: RowValues,
  said: ImageStatement | undefined,
): Pick<FilledRights, 'authors' | 'authorsSource'> {
  if (authors.length > 0) return { authors, authorsSource: 'table' };
  const creators = said?.creators ?? null;
  if (creators !== null) return { authors: creators.names, authorsSource: creators.from };
  return { authors: assumedAuthors, authorsSource: assumedAuthors.length > 0 ? 'given' : null };
}

function licenceOf(
  { licence, statesLicence, assumedLicence }: RowValues,
  said: ImageStatement | undefined,
): Pick<FilledRights, 'licence' | 'licenceSource'> {
  if (statesLicence) return { licence, licenceSource: licence === null ? null : 'table' };
  const named = said?.licence ?? null;
  if (named !== null) return { licence: named.id, licenceSource: named.from };
  if (assumedLicence === null) return { licence: null, licenceSource: null };
  // A notice that reserves all rights contradicts a licence that gives them up.
  if (said?.reserved === undefined || !givesUpRights(assumedLicence))
    return { licence: assumedLicence, licenceSource: 'given' };
  return { licence: ALL_RIGHTS_RESERVED, licenceSource: said.reserved };
}

/**
 * The works to credit for an image. What the image's metadata say about title, notice and credit is about the image
 * itself: it completes the one source that is the image, and stands beside the sources that are other works in it.
 */
export function creditedSources(
  values: RowValues,
  said: ImageStatement | undefined,
  rights: FilledRights,
  imageName: string,
): Source[] {
  const { licence, authors } = rights;
  const { title: titleSaid, ...creditSaid } = said?.credit ?? {};
  const credit = { ...creditSaid, ...values.credit };
  const title = values.title ?? titleSaid ?? null;
  const author = authors.length === 0 ? null : authors.join('; ');
  const { url, place } = values.from ?? { url: null, place: null };
  const itself: Source = {
    title: title ?? imageName,
    author,
    licence,
    url,
    ...(place === null ? {} : { place }),
    ...credit,
  };
  const sources = worksOf(values, rights);
  if (sources === null) return [itself];
  const [only] = sources;
  if (sources.length === 1 && only !== undefined && (only.author === null || only.author === author)) {
    const named = { ...credit, ...only, title: only.title === '' ? itself.title : only.title };
    // What the row says about its own source completes the one work that is the image.
    return only.url === null && only.place === undefined && values.from !== null
      ? [{ ...named, url, ...(place === null ? {} : { place }) }]
      : [named];
  }
  const isNamed = url === null ? place === null : sources.some((source) => source.url === url);
  return title === null && isNamed && Object.keys(credit).length === 0 ? sources : [...sources, itself];
}

/** The works in the image. What the image says about itself is not about them. */
function worksOf(values: RowValues, rights: FilledRights): Source[] | null {
  const authors = rights.authorsSource === 'given' ? rights.authors : values.authors;
  const licence = rights.licenceSource === 'given' ? rights.licence : values.licence;
  const author = authors.length === 0 ? null : authors.join('; ');
  return (
    values.sources?.map(({ inherits, ...source }) => (inherits === true ? { ...source, author, licence } : source)) ??
    null
  );
}
