/** @file Counts findings and remembers the first few names for one sentence in the report. */

const NAMED = 5;

export class Finding {
  count = 0;
  readonly names: string[] = [];

  add(name: string): void {
    this.count += 1;
    if (this.names.length < NAMED) this.names.push(name);
  }

  /** `8 images: a.png, b.png and 6 more` */
  images(): string {
    return this.count === 1 ? `1 image: ${this.list()}` : `${this.count} images: ${this.list()}`;
  }

  /** The first few names, and how many more there are. */
  list(): string {
    const more = this.count - this.names.length;
    return more > 0 ? `${this.names.join(', ')} and ${more} more` : this.names.join(', ');
  }
}

/** Like `Finding`, but counts each text only once. */
export class DistinctFinding extends Finding {
  readonly #seen = new Set<string>();

  override add(name: string): void {
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    super.add(name);
  }
}
