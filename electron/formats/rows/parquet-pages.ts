/**
 * @file Checks what the pages of a Parquet file claim before any is decoded. The decoder makes room for as many values
 * as a page's header says, and a header of a few bytes can say billions.
 */
import type { AsyncBuffer, ColumnMetaData, RowGroup, SchemaTree } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { getTreePath, isFlatColumn } from 'hyparquet/src/schema.js';

/** A row of a nested column has several values. A table of images with a list of boxes each stays far below this. */
export const MAX_COLUMN_VALUES = 20_000_000;

/**
 * Walks the page headers of every column of a row group; the pages themselves are skipped.
 *
 * @param rows the rows of the group, which the caller has bounded
 * @throws Error that names the column whose pages claim more values than it has
 */
export async function checkPages(file: AsyncBuffer, group: RowGroup, schema: SchemaTree, rows: number): Promise<void> {
  for (const { meta_data: column } of group.columns) {
    if (column === undefined) continue;
    const declared = Number(column.num_values);
    const name = column.path_in_schema.join('.');
    const isFlat = isFlatColumn(getTreePath(schema, column.path_in_schema));
    if (declared > MAX_COLUMN_VALUES || declared < 0)
      throw new Error(`its column "${name}" claims to hold ${declared} values, and ${MAX_COLUMN_VALUES} is the most`);
    const most = isFlat ? rows : declared;
    const bytes = await file.slice(...rangeOf(column));
    checkColumn(new DataView(bytes), name, most);
  }
}

/** As the decoder reads them: the dictionary comes first, if there is one. */
function rangeOf(column: ColumnMetaData): [start: number, end: number] {
  const { dictionary_page_offset: dictionary, data_page_offset: data, total_compressed_size: size } = column;
  const start = dictionary !== undefined && dictionary > 0n && dictionary < data ? dictionary : data;
  return [Number(start), Number(start + size)];
}

function checkColumn(view: DataView, name: string, most: number): void {
  const reader = { view, offset: 0 };
  let total = 0;
  while (reader.offset < view.byteLength - 1 && total < most) {
    const header = parquetHeader(reader);
    const dictionary = header.dictionary_page_header?.num_values;
    // Each entry takes at least a bit.
    const room = Math.min(MAX_COLUMN_VALUES, 8 * header.uncompressed_page_size);
    if (dictionary !== undefined && !(dictionary >= 0 && dictionary <= room))
      throw new Error(`a page of its column "${name}" claims to list ${dictionary} values, and has room for ${room}`);
    const values = header.data_page_header?.num_values ?? header.data_page_header_v2?.num_values ?? 0;
    total += values;
    if (!(values >= 0 && total <= most))
      throw new Error(`a page of its column "${name}" claims to hold ${values} values, and the column has ${most}`);
    if (!(header.compressed_page_size >= 0))
      throw new Error(`a page of its column "${name}" claims to take ${header.compressed_page_size} bytes`);
    reader.offset += header.compressed_page_size;
  }
}
