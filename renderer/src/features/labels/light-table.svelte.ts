/**
 * @file The light table: which picture is shown, and what has been typed about it. Each answer is saved as it is typed;
 * what could not be saved stays here and is tried again.
 */
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type {
  AnswerRequest,
  LabelChange,
  LabelItem,
  LabelItems,
  LabelSheet,
  LabelShow,
  Proposal,
  SheetId,
} from '../../../../electron/contract/api/index.ts';
import { troubleOf, type Trouble } from '../../api/errors.ts';
import { messages } from '../../messages/index.ts';

/** The calls that the table needs; the studio's client provides them. */
export type TableCalls = {
  get: (request: { sheetId: SheetId }) => Promise<LabelSheet>;
  items: (request: { sheetId: SheetId; offset: number; limit: number }) => Promise<LabelItems>;
  answer: (request: AnswerRequest) => Promise<LabelChange>;
  undo: (request: { sheetId: SheetId }) => Promise<LabelChange | null>;
};

export type LabelState = Exclude<LabelShow, 'all'>;

const PAGE = 500;
const RETRY_MS = 2000;

/** What a picture is, from what is known of it. */
export function stateOf({ leftOut, answer, problem, proposal }: LabelItem): LabelState {
  if (leftOut) return 'left-out';
  if (answer.trim() !== '') return problem === null ? 'answered' : 'unreadable';
  return proposal === null ? 'waiting' : 'proposed';
}

export class LightTable {
  sheet = $state.raw<LabelSheet>();
  items = $state.raw<readonly LabelItem[]>([]);
  at = $state(0);
  trouble = $state.raw<Trouble>();
  saving = $state<'saved' | 'saving' | 'failed'>('saved');
  /** Pictures marked in the view of all. */
  readonly marked = new SvelteSet<number>();
  /** By position, what is typed and not saved yet. */
  readonly #drafts = new SvelteMap<number, { text: string; stroke: string }>();
  readonly #calls: TableCalls;
  readonly #sheetId: SheetId;
  /** Changes with every visit of a picture, so that an answer is undone as a whole. */
  #stroke = crypto.randomUUID();
  /** Pictures that changed elsewhere while the table was being opened. */
  #received: LabelItem[] = [];
  #last: string | undefined;
  #saving: Promise<void> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(sheetId: SheetId, calls: TableCalls) {
    this.#sheetId = sheetId;
    this.#calls = calls;
  }

  readonly item = $derived(this.items[this.at]);
  readonly answer = $derived(this.answerAt(this.at));
  readonly isUnsaved = $derived(this.#drafts.size > 0);

  async open(): Promise<void> {
    try {
      const sheetId = this.#sheetId;
      const sheet = await this.#calls.get({ sheetId });
      const items: LabelItem[] = [];
      while (items.length < sheet.counts.pictures) {
        const page = await this.#calls.items({ sheetId, offset: items.length, limit: PAGE });
        if (page.items.length === 0) break;
        items.push(...page.items);
      }
      // What a model proposed while this was read may be newer than what was read.
      for (const item of this.#received) items[item.position] = item;
      this.#received = [];
      this.items = items;
      this.sheet = sheet;
      this.trouble = undefined;
      this.at = Math.max(0, this.#firstOpen(0) ?? 0);
    } catch (error) {
      this.trouble = troubleOf(error);
    }
  }

  /** Stops trying to save; what was saved stays saved. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
  }

  answerAt(position: number): string {
    return this.#drafts.get(position)?.text ?? this.items[position]?.answer ?? '';
  }

  /** Sets the answer of the shown picture and saves it. */
  type(text: string): void {
    if (this.item === undefined) return;
    this.#drafts.set(this.at, { text, stroke: this.#stroke });
    void this.save();
  }

  /** Saves what is typed, one picture after the other. Never throws: see `saving`. */
  save(): Promise<void> {
    this.#saving ??= this.#saveAll().finally(() => (this.#saving = undefined));
    return this.#saving;
  }

  async #saveAll(): Promise<void> {
    clearTimeout(this.#retry);
    for (;;) {
      const next = [...this.#drafts][0];
      if (next === undefined) break;
      const [position, draft] = next;
      this.saving = 'saving';
      try {
        this.#take(
          await this.#calls.answer({
            sheetId: this.#sheetId,
            positions: [position],
            set: { answer: draft.text },
            stroke: draft.stroke,
          }),
        );
      } catch (error) {
        this.saving = 'failed';
        this.trouble = troubleOf(error);
        if (!this.#isClosed) this.#retry = setTimeout(() => void this.save(), RETRY_MS);
        return;
      }
      // What was typed in the meantime is still to be saved.
      if (this.#drafts.get(position)?.text === draft.text) this.#drafts.delete(position);
    }
    this.saving = 'saved';
    this.trouble = undefined;
  }

  show(position: number): void {
    const end = this.items.length - 1;
    const next = Math.min(Math.max(position, 0), end);
    if (next === this.at) return;
    this.#remember();
    this.at = next;
    this.#stroke = crypto.randomUUID();
  }

  go(by: number): void {
    this.show(this.at + by);
  }

  /** Shows the next picture without an answer, also from the start again; false if there is none. */
  goToWaiting(): boolean {
    const next = this.#firstOpen(this.at + 1) ?? this.#firstOpen(0);
    if (next === undefined) return false;
    this.show(next);
    return true;
  }

  /** Confirms what a model proposed if there is no answer yet, and shows the next picture. */
  async keep(): Promise<void> {
    const { item } = this;
    if (item === undefined) return;
    const at = this.at;
    const isConfirmed = this.answer.trim() === '' && item.proposal !== null && !item.leftOut;
    if (isConfirmed) this.#last = item.proposal?.answer;
    this.go(1);
    if (isConfirmed) await this.#change({ positions: [at], set: { confirm: true } });
  }

  /** Gives the answer of the picture before and shows the next one. */
  copyLast(): void {
    const before = this.#last ?? this.answerAt(this.at - 1);
    if (before.trim() !== '') this.type(before);
    this.go(1);
  }

  async leaveOut(): Promise<void> {
    if (this.item !== undefined) await this.#change({ positions: [this.at], set: { leftOut: !this.item.leftOut } });
  }

  async ask(question: string | null): Promise<void> {
    const trimmed = question?.trim() ?? '';
    const own = trimmed === '' || trimmed === this.sheet?.question ? null : trimmed;
    if (own !== this.item?.question) await this.#change({ positions: [this.at], set: { question: own } });
  }

  /** Gives all marked pictures one answer. Returns how many. */
  async answerMarked(answer: string): Promise<number> {
    const positions = [...this.marked].sort((a, b) => a - b);
    if (positions.length === 0) return 0;
    for (const position of positions) this.#drafts.delete(position);
    await this.#change({ positions, set: { answer } });
    return positions.length;
  }

  /** Confirms the proposals among the marked pictures. Returns how many. */
  async confirmMarked(): Promise<number> {
    const positions = [...this.marked].filter((at) => {
      const item = this.items[at];
      return item !== undefined && stateOf(item) === 'proposed';
    });
    if (positions.length > 0) await this.#change({ positions, set: { confirm: true } });
    return positions.length;
  }

  markWaiting(): void {
    for (const item of this.items) if (['waiting', 'proposed'].includes(stateOf(item))) this.marked.add(item.position);
  }

  /** Undoes the newest change and shows where it was; false if there is none. */
  async undo(): Promise<boolean> {
    await this.save();
    try {
      const change = await this.#calls.undo({ sheetId: this.#sheetId });
      if (change === null) return false;
      this.#take(change);
      const [first] = change.items;
      if (first !== undefined) this.show(first.position);
      this.#stroke = crypto.randomUUID();
      return true;
    } catch (error) {
      this.trouble = troubleOf(error);
      return true;
    }
  }

  /** Takes over a picture that changed elsewhere, such as by a model's proposal. */
  receive(item: LabelItem): void {
    if (this.sheet === undefined) this.#received.push(item);
    else this.#take({ items: [item] });
  }

  async refresh(): Promise<void> {
    this.sheet = await this.#calls.get({ sheetId: this.#sheetId });
  }

  async #change(change: Pick<AnswerRequest, 'positions' | 'set'>): Promise<void> {
    await this.save();
    try {
      this.#take(await this.#calls.answer({ sheetId: this.#sheetId, ...change }));
      this.trouble = undefined;
    } catch (error) {
      this.trouble = troubleOf(error);
    }
  }

  #take({ sheet, items }: { sheet?: LabelSheet; items: readonly LabelItem[] }): void {
    if (sheet !== undefined) this.sheet = sheet;
    const changed = [...this.items];
    for (const item of items) changed[item.position] = item;
    this.items = changed;
  }

  /** The answer of the picture that is left, for "same as the last". */
  #remember(): void {
    const { answer } = this;
    if (answer.trim() !== '') this.#last = answer;
  }

  #firstOpen(from: number): number | undefined {
    for (let at = from; at < this.items.length; at += 1) {
      const item = this.items[at];
      if (item !== undefined && !item.leftOut && this.answerAt(at).trim() === '') return at;
    }
    return undefined;
  }
}

/** Who proposed, as people know it: the run with its model, or the model. */
export function proposerOf({ model, runName }: Proposal): string {
  return runName === null ? model : messages.labels.proposal.run(runName, model);
}
