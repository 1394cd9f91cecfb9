/**
 * @file The contract: everything the studio can do, on one screen. All three doors (Electron's MessagePort, the
 * loopback web host, the command line) use it and nothing else.
 */
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import {
  DatasetEdit,
  DatasetFacets,
  DuplicatesReport,
  DuplicatesRequest,
  EditRequest,
  EditResult,
  LeakageReport,
  LeakageRequest,
  SampleFilter,
  SplitRequest,
  SplitResult,
} from '../model/curation.ts';
import { BackupReport, BackupRequest } from '../model/backup.ts';
import { BalanceReport } from '../model/balance.ts';
import { ContributionReport, ContributionRequest, ReplayEvent } from '../model/contribution.ts';
import {
  DatasetSummary,
  ImportEvent,
  ImportReport,
  ImportRequest,
  InspectRequest,
  KeptPicture,
  PastedPicture,
  PicturePage,
  Sample,
  SamplePage,
  TablePeek,
} from '../model/datasets.ts';
import { Detail, DetailReport, DetailRequest } from '../model/detail.ts';
import { DetailEvidence } from '../model/detail-evidence.ts';
import { ERROR_MAP } from '../errors/error-codec.ts';
import {
  EvaluationComparison,
  EvaluationEvent,
  EvaluationExplanation,
  EvaluationItem,
  EvaluationItemPage,
  EvaluationItemsRequest,
  EvaluationMode,
  EvaluationRequest,
  EvaluationSummary,
  TradeOff,
  TradeOffRequest,
} from '../model/evaluations.ts';
import { ExperimentDetail, ExperimentRequest, ExperimentSummary } from '../model/experiments.ts';
import {
  ExportPreview,
  ExportPreviewRequest,
  ExportEvent,
  ExportRequest,
  ExportSummary,
  LicenceChoices,
  VerifyReport,
} from '../model/exports.ts';
import { FolderListing, FolderRequest } from '../model/folders.ts';
import {
  AnswerRequest,
  FinishRequest,
  FinishResult,
  LabelChange,
  LabelItems,
  LabelSheet,
  LabelShow,
  ProposeEvent,
  ProposeRequest,
  SheetFilter,
  SheetId,
  SheetMade,
  SheetRequest,
  WriteAnswersRequest,
  WrittenAnswers,
} from '../model/labels.ts';
import { LedgerReport, LedgerRequest } from '../model/ledger.ts';
import { MemoryPlan, SeenPicture } from '../engine/memory.ts';
import { HubDownloadRequest, HubOffer, HubOfferRequest } from '../model/hub.ts';
import { CachedModel, SuggestedModel } from '../model/suggestions.ts';
import {
  GenerateRequest,
  GenerateResult,
  ModelLicenceRequest,
  ModelSummary,
  RegisterModelRequest,
  ScoreRequest,
  ScoreResult,
} from '../model/models.ts';
import { Attention, LookRequest } from '../model/attention.ts';
import {
  AttentionRequest,
  CaptionEvent,
  CaptionRequest,
  PlaygroundAnswer,
  PlaygroundHistory,
  PlaygroundRequest,
  UploadedPicture,
} from '../model/playground.ts';
import { resultEvent } from '../model/result-events.ts';
import { MetricsFile, MetricsFileRequest } from '../model/run-files.ts';
import {
  DatasetId,
  EvaluationId,
  ExperimentId,
  GivenName,
  ModelId,
  QueueEntryId,
  RunId,
  SampleId,
  StarterData,
  Sha256,
  TaskStarter,
} from '../model/primitives.ts';
import { MoveRequest, QueueEntry } from '../model/queue.ts';
import { Readiness, ReadinessRequest } from '../model/readiness.ts';
import { ClusterEvent, ClusterRequest, Handback, HandbackRequest, Handoff, HandoffRequest } from '../model/handoffs.ts';
import { Receipt, ReceiptRequest } from '../model/receipt.ts';
import { ReportPage, ReportSubject } from '../model/reports.ts';
import { RewardBenchEvent, RewardBenchRequest, RewardDescription, RewardSpec } from '../model/rewards.ts';
import {
  CheckpointCleanup,
  Completion,
  CompletionGroup,
  EmptiedTrash,
  HeldOutPoint,
  RunDetail,
  RunEvent,
  RunFilter,
  RunRequest,
  RunSummary,
  RunTag,
  StepMetrics,
} from '../model/runs.ts';
import { OverrideRequest, OverrideResult } from '../model/signals.ts';
import {
  About,
  AuditLog,
  DoctorFinding,
  EngineRefusal,
  Licences,
  Preferences,
  SetUpEvent,
  SigningKeyInfo,
  StorageComponent,
  StorageReport,
  SystemStatus,
} from '../model/system.ts';

export * from '../model/attention.ts';
export * from '../model/backup.ts';
export * from '../model/balance.ts';
export * from '../model/contribution.ts';
export * from '../model/curation.ts';
export * from '../desktop/bridge.ts';
export * from '../model/datasets.ts';
export * from '../model/detail.ts';
export * from '../model/detail-evidence.ts';
export * from '../errors/errors.ts';
export * from '../model/evaluations.ts';
export * from '../model/experiments.ts';
export * from '../model/exports.ts';
export * from '../model/handoffs.ts';
export * from '../model/folders.ts';
export * from '../model/labels.ts';
export * from '../model/ledger.ts';
export * from '../model/hub.ts';
export * from '../model/suggestions.ts';
export * from '../model/licence-evidence.ts';
export * from '../engine/memory.ts';
export * from '../model/models.ts';
export * from '../model/playground.ts';
export * from '../model/primitives.ts';
export * from '../model/receipt.ts';
export * from '../model/result-events.ts';
export * from '../model/queue.ts';
export * from '../model/readiness.ts';
export * from '../model/recipe.ts';
export * from '../model/reports.ts';
export * from '../model/rewards.ts';
export * from '../model/run-files.ts';
export * from '../model/runs.ts';
export * from '../model/signals.ts';
export * from '../model/system.ts';

const procedure = oc.errors(ERROR_MAP);

/** A request whose name, if it has one, can be seen. What is stored already keeps whatever name it has. */
function named<Schema extends z.ZodType<{ name?: string | undefined }>>(schema: Schema): Schema {
  return schema.refine(({ name }) => name === undefined || name.trim() !== '', {
    path: ['name'],
    message: 'it is blank',
  });
}

const page = z.object({ offset: z.int().min(0).default(0), limit: z.int().min(1).max(500).default(100) });

export const contract = {
  system: {
    status: procedure.output(SystemStatus),
    doctor: procedure.output(z.array(DoctorFinding)),
    about: procedure.output(About),
    licences: procedure.output(Licences),
    /** Fetches TensorFlow's native part when a person asks for it. */
    setUp: procedure.output(eventIterator(SetUpEvent)),
    audit: procedure.input(page).output(AuditLog),
    storage: procedure.output(StorageReport),
    /** Deletes files that can be recreated: thumbnails, logs. */
    clean: procedure
      .input(z.object({ kind: StorageComponent.shape.kind.extract(['thumbnails', 'logs']) }))
      .output(z.object({ freedBytes: z.number(), storage: StorageReport })),
    preferences: procedure.output(Preferences),
    setPreferences: procedure.input(Preferences.partial()).output(Preferences),
    /** Why no GPU can be used though it is set to `always`; null if one can, or if it is not set so. */
    gpuTrouble: procedure.output(EngineRefusal.nullable()),
    /** Writes everything that the data folder keeps into one file; `atelier restore` brings it back. */
    backup: procedure.input(BackupRequest).output(BackupReport),
    /** Names in a folder of this machine, for the page in a browser, which has no file dialog. */
    folder: procedure.input(FolderRequest).output(FolderListing),
    /** Reading never creates a key. */
    signingKey: procedure.output(SigningKeyInfo.nullable()),
  },
  models: {
    list: procedure.output(z.array(ModelSummary)),
    register: procedure.input(RegisterModelRequest).output(ModelSummary),
    /** Takes a model off the list; its folder stays as it is. Adding the folder again brings it back, as does `restore`. */
    remove: procedure.input(z.object({ modelId: ModelId })).output(ModelSummary),
    restore: procedure.input(z.object({ modelId: ModelId })).output(ModelSummary),
    /** Sets the licence of a model's weights, with what it rests on. */
    setLicence: procedure.input(ModelLicenceRequest).output(ModelSummary),
    /** What a model on the hub is and needs. Connects to the hub, because a person asked; fetches no weights. */
    offer: procedure.input(HubOfferRequest).output(HubOffer),
    /** Fetches an offered model and adds it. Leaving the stream stops it; what has arrived is kept for the next time. */
    download: procedure.input(HubDownloadRequest).output(eventIterator(resultEvent(ModelSummary))),
    /** Known models, each as soon as it was sized up for this machine. Asks no network; the first time takes a minute. */
    suggest: procedure.output(eventIterator(SuggestedModel)),
    /** Models that other tools have left in the hub's cache on this machine. */
    cached: procedure.output(z.array(CachedModel)),
    generate: procedure.input(GenerateRequest).output(eventIterator(resultEvent(GenerateResult))),
    /** Where the model looked while it wrote an answer, in one more pass over it. */
    look: procedure.input(LookRequest).output(eventIterator(resultEvent(Attention))),
    score: procedure.input(ScoreRequest).output(eventIterator(resultEvent(z.array(ScoreResult)))),
  },
  datasets: {
    list: procedure.output(z.array(DatasetSummary)),
    get: procedure.input(z.object({ datasetId: DatasetId })).output(DatasetSummary),
    /**
     * A file's columns and first rows, with the fields that were recognised and those still missing. Reads no images.
     */
    peek: procedure.input(ImportRequest).output(TablePeek),
    inspect: procedure.input(InspectRequest).output(ImportReport),
    import: procedure.input(ImportRequest).output(eventIterator(ImportEvent)),
    /** Keeps a picture from the clipboard in a folder that can then be imported. Imports nothing. */
    paste: procedure.input(PastedPicture).output(KeptPicture),
    /** Imports a dataset that ships with Atelier, or draws the example of a task, once; later calls return that dataset. Absent name = the English one. */
    importStarter: procedure
      .input(z.object({ data: z.enum([...StarterData.options, ...TaskStarter.options]), name: GivenName.optional() }))
      .output(DatasetSummary),
    samples: procedure.input(page.extend({ datasetId: DatasetId, ...SampleFilter.shape })).output(SamplePage),
    /** The same, picture by picture: several questions about one picture are one entry. `find` = a sample to look up. */
    pictures: procedure
      .input(page.extend({ datasetId: DatasetId, ...SampleFilter.shape, find: SampleId.optional() }))
      .output(PicturePage),
    sample: procedure.input(z.object({ sampleId: SampleId })).output(Sample),
    rename: procedure.input(z.object({ datasetId: DatasetId, name: GivenName })).output(DatasetSummary),
    /** Hides a dataset; `restore` brings it back. Refused while a run uses it. */
    remove: procedure.input(z.object({ datasetId: DatasetId })).output(z.object({ removed: z.boolean() })),
    restore: procedure.input(z.object({ datasetId: DatasetId })).output(DatasetSummary),
    /**
     * Overrides the opt-out of images, or withdraws an override, with a recorded reason. Does not affect earlier runs.
     */
    override: procedure.input(OverrideRequest).output(OverrideResult),
    facets: procedure.input(z.object({ datasetId: DatasetId })).output(DatasetFacets),
    /** Groups of images that are the same or look alike. */
    duplicates: procedure.input(DuplicatesRequest).output(DuplicatesReport),
    /** Training images that also appear, identical or nearly so, as test images in this or another dataset. */
    leakage: procedure.input(LeakageRequest).output(LeakageReport),
    /** Sets values on many samples at once. Runs that have already started keep their original data. */
    edit: procedure.input(EditRequest).output(EditResult),
    split: procedure.input(SplitRequest).output(SplitResult),
    /** Undoes an edit or a split (absent = the newest one still in effect). */
    undo: procedure.input(z.object({ datasetId: DatasetId, editId: z.string().optional() })).output(EditResult),
    /** Newest first. */
    edits: procedure.input(z.object({ datasetId: DatasetId })).output(z.array(DatasetEdit)),
    /** Who and what the dataset over-represents, and which answers could be guessed without looking. */
    balance: procedure.input(z.object({ datasetId: DatasetId })).output(BalanceReport),
    /** How much of each picture a model sees, unless a run says otherwise; null = the default. */
    setDetail: procedure.input(z.object({ datasetId: DatasetId, detail: Detail.nullable() })).output(DatasetSummary),
    /** What each level of detail means for the dataset's pictures and a model, from their sizes alone. */
    detail: procedure.input(DetailRequest).output(DetailReport),
    /** A picture's size as it is and as a model sees it. */
    seen: procedure
      .input(z.object({ sampleId: SampleId, modelId: ModelId, maxPixels: z.int().positive() }))
      .output(SeenPicture),
    /** The base model's accuracy at two limits, as `evaluations` measured it; null until there are two. */
    detailEvidence: procedure
      .input(z.object({ datasetId: DatasetId, modelId: ModelId, maxPixels: z.int().positive().optional() }))
      .output(DetailEvidence.nullable()),
    /** Pre-run check: notable skews, and leakage from training data into the tests. */
    readiness: procedure.input(ReadinessRequest).output(Readiness),
  },
  labels: {
    /** Sheets of pictures that are being labelled, newest first; or the removed ones. */
    list: procedure.input(SheetFilter).output(z.array(LabelSheet)),
    get: procedure.input(z.object({ sheetId: SheetId })).output(LabelSheet),
    /** Makes a sheet from a folder of pictures. It is no dataset: nothing on it is trained on. */
    create: procedure.input(SheetRequest).output(eventIterator(resultEvent(SheetMade))),
    items: procedure.input(page.extend({ sheetId: SheetId, show: LabelShow.default('all') })).output(LabelItems),
    /** Sets answers, or takes over what a model proposed; kept at once. */
    answer: procedure.input(AnswerRequest).output(LabelChange),
    /** Undoes the newest change; null if there is none. */
    undo: procedure.input(z.object({ sheetId: SheetId })).output(LabelChange.nullable()),
    /** A model answers the pictures; its answers are proposals. Leaving the stream stops it. */
    propose: procedure.input(ProposeRequest).output(eventIterator(ProposeEvent)),
    /** Makes a dataset from the answered pictures; the others stay on the sheet. */
    finish: procedure.input(FinishRequest).output(eventIterator(resultEvent(FinishResult))),
    /** Writes questions and answers as a folder of pictures with a table. Refused if the folder exists. */
    write: procedure.input(WriteAnswersRequest).output(WrittenAnswers),
    rename: procedure.input(z.object({ sheetId: SheetId, name: GivenName })).output(LabelSheet),
    /** Hides a sheet with its answers; `restore` brings it back. */
    remove: procedure.input(z.object({ sheetId: SheetId })).output(LabelSheet),
    restore: procedure.input(z.object({ sheetId: SheetId })).output(LabelSheet),
  },
  ledger: {
    /** What the licences would permit after training on these datasets (without their excluded images). */
    forDatasets: procedure.input(LedgerRequest).output(LedgerReport),
    /** The same for what a run actually used: its base model, the images it drew, its reward code. */
    forRun: procedure.input(z.object({ runId: RunId })).output(LedgerReport),
  },
  contribution: {
    /** Which images taught the model, by the best method for which the store has figures. */
    ofRun: procedure.input(ContributionRequest).output(ContributionReport),
    /** Replays the run from its recipe to compute exact shares, and stores them. Slow; can be cancelled. */
    replay: procedure.input(z.object({ runId: RunId })).output(eventIterator(ReplayEvent)),
  },
  runs: {
    /** Newest first. */
    list: procedure.input(RunFilter).output(z.array(RunSummary)),
    get: procedure.input(z.object({ runId: RunId })).output(RunDetail),
    /** Names a run anew. Its recipe, and the papers of its exports, keep the name that it was started with. */
    rename: procedure.input(z.object({ runId: RunId, name: GivenName })).output(RunSummary),
    setTags: procedure.input(z.object({ runId: RunId, tags: z.array(RunTag).max(20) })).output(RunSummary),
    /** Puts a run that has ended in the trash; `restore` brings it back. Refused while something works on it or waits. */
    remove: procedure.input(z.object({ runId: RunId })).output(RunSummary),
    restore: procedure.input(z.object({ runId: RunId })).output(RunSummary),
    /** Deletes the checkpoints of the runs in the trash, of one or of all. `dryRun` only adds up what would be freed. */
    emptyTrash: procedure
      .input(z.object({ runId: RunId.optional(), dryRun: z.boolean().default(false) }))
      .output(EmptiedTrash),
    start: procedure.input(named(RunRequest)).output(RunSummary),
    /** The memory a run would need, by component; null if the engine cannot tell. Starts nothing. */
    plan: procedure.input(RunRequest).output(MemoryPlan.nullable()),
    /** Stops after the current step and writes a checkpoint; the run is then `interrupted`. */
    stop: procedure.input(z.object({ runId: RunId })).output(RunSummary),
    /** Puts an interrupted or failed run back in the queue; it resumes from its last checkpoint. */
    resume: procedure.input(z.object({ runId: RunId })).output(RunSummary),
    /**
     * Removes checkpoints of completed runs, of one or of all, but for the last and the best. `dryRun` only adds up what
     * would be freed.
     */
    cleanCheckpoints: procedure
      .input(z.object({ runId: RunId.optional(), dryRun: z.boolean().default(false) }))
      .output(CheckpointCleanup),
    /** Moves a waiting run to another position in the queue (0 = next). */
    move: procedure.input(z.object({ runId: RunId, to: z.int().nonnegative() })).output(z.array(QueueEntry)),
    /** Removes a waiting run from the queue; it is then `interrupted` and can be resumed. */
    cancel: procedure.input(z.object({ runId: RunId })).output(RunSummary),
    /**
     * `maxPoints`: a replay of more steps than this is thinned evenly, keeping both ends; live steps are never thinned.
     */
    watch: procedure
      .input(
        z.object({
          runId: RunId,
          after: z.int().default(0),
          maxPoints: z.int().min(2).max(100_000).optional(),
        }),
      )
      .output(eventIterator(RunEvent)),
    /** Metrics of every step, thinned to at most `maxPoints` evenly spaced steps (both ends kept). */
    steps: procedure
      .input(z.object({ runId: RunId, maxPoints: z.int().min(2).max(100_000).default(2000) }))
      .output(z.array(StepMetrics)),
    /** Results on held-out samples during the run (`recipe.evalEvery`), in step order. */
    heldOut: procedure.input(z.object({ runId: RunId })).output(z.array(HeldOutPoint)),
    /** Steps whose checkpoints are kept, in order. */
    checkpoints: procedure.input(z.object({ runId: RunId })).output(z.object({ steps: z.array(z.int()) })),
    completions: procedure.input(z.object({ runId: RunId, step: z.int().positive() })).output(z.array(CompletionGroup)),
    completionsOf: procedure.input(z.object({ runId: RunId, sampleId: SampleId })).output(z.array(Completion)),
    /** Writes the measurements of every step for other tools. Refused if the file exists. */
    writeMetrics: procedure.input(MetricsFileRequest).output(MetricsFile),
  },
  evaluations: {
    list: procedure
      .input(
        z.object({
          runId: RunId.optional(),
          modelId: ModelId.optional(),
          datasetId: DatasetId.optional(),
          mode: EvaluationMode.optional(),
        }),
      )
      .output(z.array(EvaluationSummary)),
    get: procedure.input(z.object({ evaluationId: EvaluationId })).output(EvaluationSummary),
    /** Waits its turn if the engine is busy, and is abandoned if the caller disconnects. */
    start: procedure.input(EvaluationRequest).output(eventIterator(EvaluationEvent)),
    /** Queues the evaluation and returns at once; it runs whether or not anyone is watching, even after a restart. */
    enqueue: procedure.input(EvaluationRequest).output(QueueEntry),
    items: procedure.input(z.object({ evaluationId: EvaluationId })).output(z.array(EvaluationItem)),
    /** Items page by page, with filters, next to those of an earlier evaluation of the same questions. */
    page: procedure.input(EvaluationItemsRequest).output(EvaluationItemPage),
    /** `b` compared with `a` on the questions they share. */
    compare: procedure.input(z.object({ a: EvaluationId, b: EvaluationId })).output(EvaluationComparison),
    /** Why answers were gained and lost from `a` to `b`, and whether training narrowed or widened what the model can do. */
    explain: procedure.input(z.object({ a: EvaluationId, b: EvaluationId })).output(EvaluationExplanation),
    /** What each checkpoint of some runs gained on their task, against what it forgot; from the store, measures nothing. */
    tradeOff: procedure.input(TradeOffRequest).output(TradeOff),
  },
  queue: {
    /** The entry in progress, then the waiting ones, in order. */
    list: procedure.output(z.array(QueueEntry)),
    /** The list now, and again whenever it changes. */
    watch: procedure.output(eventIterator(z.array(QueueEntry))),
    move: procedure.input(MoveRequest).output(z.array(QueueEntry)),
    /** Removes a waiting entry. Runs and experiments can be resumed later. */
    cancel: procedure.input(z.object({ entryId: QueueEntryId })).output(z.array(QueueEntry)),
    /** Lets an entry that is held be worked on again. */
    retry: procedure.input(z.object({ entryId: QueueEntryId })).output(z.array(QueueEntry)),
  },
  experiments: {
    list: procedure.output(z.array(ExperimentSummary)),
    get: procedure.input(z.object({ experimentId: ExperimentId })).output(ExperimentDetail),
    /** Checks every recipe first; if one is inconsistent, nothing is started. */
    start: procedure.input(named(ExperimentRequest)).output(ExperimentSummary),
    /** Stops the current child with a checkpoint and leaves the others alone; the experiment can be resumed. */
    stop: procedure.input(z.object({ experimentId: ExperimentId })).output(ExperimentSummary),
    /** Resumes the unfinished children, including those that failed. */
    resume: procedure.input(z.object({ experimentId: ExperimentId })).output(ExperimentSummary),
    /** The summary now, and again whenever it changes; ends with the experiment. */
    watch: procedure.input(z.object({ experimentId: ExperimentId })).output(eventIterator(ExperimentSummary)),
  },
  rewards: {
    /** Every built-in reward with its parameters, in words. */
    list: procedure.output(z.array(RewardDescription)),
    /** Loads a custom reward from a JavaScript or TypeScript file and tries it once. */
    load: procedure
      .input(
        z.object({
          path: z.string().min(1),
          label: z.string().optional(),
          weight: z.number().min(0).max(100).default(1),
        }),
      )
      .output(RewardSpec),
    /** Has the model answer a few samples several times and scores the answers: what would a run learn from? */
    bench: procedure.input(RewardBenchRequest).output(eventIterator(RewardBenchEvent)),
  },
  playground: {
    /** One answer with the probability of each token and the rewards it earns. Stores nothing unless asked to. */
    answer: procedure.input(PlaygroundRequest).output(eventIterator(resultEvent(PlaygroundAnswer))),
    /** Where the model looked while it wrote an answer, in one more pass over it. Stores nothing. */
    attention: procedure.input(AttentionRequest).output(eventIterator(resultEvent(Attention))),
    /** Keeps a picture for questions, until it is forgotten with them. */
    keep: procedure.input(UploadedPicture).output(z.object({ sha256: Sha256, name: z.string() })),
    /** What was asked, newest first. */
    history: procedure
      .input(z.object({ offset: z.int().min(0).default(0), limit: z.int().min(1).max(200).default(50) }))
      .output(PlaygroundHistory),
    /** Forgets a question, or all (absent), with the pictures that no other question shows. */
    forget: procedure.input(z.object({ id: z.uuid().optional() })).output(z.object({ forgotten: z.int() })),
    /** Asks about every picture of a folder. Leaving the stream stops it; started again, it continues. */
    caption: procedure.input(CaptionRequest).output(eventIterator(CaptionEvent)),
  },
  reports: {
    /** A run or an experiment as one HTML page that needs nothing else. Measures nothing and stores nothing. */
    page: procedure.input(ReportSubject).output(ReportPage),
  },
  exports: {
    list: procedure.input(z.object({ runId: RunId.optional() })).output(z.array(ExportSummary)),
    /** Writes an export. Leaving the stream cancels it, and nothing is left behind. */
    create: procedure.input(ExportRequest).output(eventIterator(ExportEvent)),
    /** Licences that may be chosen for the weights, and those that may not, with the images responsible. */
    licences: procedure.input(z.object({ runId: RunId })).output(LicenceChoices),
    /** Model card and documents as they would be written. */
    preview: procedure.input(ExportPreviewRequest).output(ExportPreview),
    /** The chain from the weights to the images, checked link by link. */
    receipt: procedure.input(ReceiptRequest).output(Receipt),
    /** `publicKey`: PEM of the key that must have signed; if absent, only this data folder's own key is trusted. */
    verify: procedure
      .input(z.object({ path: z.string().min(1), publicKey: z.string().optional() }))
      .output(VerifyReport),
  },
  handoffs: {
    /** Hand-offs that were made, newest first. */
    list: procedure.output(z.array(Handoff)),
    /** Writes a job folder for another machine. Leaving the stream cancels it, and nothing is left behind. */
    create: procedure.input(HandoffRequest).output(eventIterator(resultEvent(Handoff))),
    /** Takes a job folder back as a run; again and again while the job goes on. A folder that is refused changes nothing. */
    takeBack: procedure.input(HandbackRequest).output(Handback),
    /** Sends a job folder to a Ray cluster, follows it and takes its results back. Leaving the stream leaves the job alone. */
    submit: procedure.input(ClusterRequest).output(eventIterator(ClusterEvent)),
  },
};
