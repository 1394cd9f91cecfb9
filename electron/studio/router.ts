/** @file Implements the contract: each procedure names its function. Failures are mapped in one place. */
import { implement, type Router } from '@orpc/server';
import { contract, type Sample } from '../contract/api/index.ts';
import { balanceOf } from './datasets/analysis/balance-report.ts';
import { contributionReport } from './contribution/of-run.ts';
import { replayRun } from './contribution/replay.ts';
import type { StudioContext } from './context.ts';
import { crossDoor } from './cross-door.ts';
import { detailReport, seenPicture } from './datasets/analysis/detail-report.ts';
import { findDuplicates } from './datasets/analysis/duplicates.ts';
import { editSamples, undoEdit } from './datasets/edit/edit.ts';
import { datasetFacets } from './datasets/analysis/facets.ts';
import { inspectImport } from './datasets/import/import.ts';
import { findLeakage } from './datasets/analysis/leakage.ts';
import { keepPasted } from './datasets/import/pasted.ts';
import { peekTable } from './datasets/import/peek.ts';
import { readinessOf } from './datasets/analysis/readiness.ts';
import { splitDataset } from './datasets/edit/resplit.ts';
import { importStarter } from './datasets/import/starter.ts';
import { compareEvaluations } from './evaluations/compare.ts';
import { explainChange } from './evaluations/explain.ts';
import { tradeOff } from './evaluations/trade-off.ts';
import { detailEvidence } from './evaluations/detail-evidence.ts';
import { enqueueEvaluation, startEvaluation } from './evaluations/start.ts';
import { experimentDetail } from './experiments/detail.ts';
import {
  listExperiments,
  resumeExperiment,
  startExperiment,
  stopExperiment,
  watchExperiment,
} from './experiments/manage.ts';
import { streamHandoff } from './handoff/handoff-stream.ts';
import { streamToCluster } from './handoff/ray/submit.ts';
import { takeBack } from './handoff/take-back.ts';
import { streamExport } from './exports/build/export-stream.ts';
import { licenceChoices } from './exports/build/licence-choices.ts';
import { previewExport } from './exports/build/preview.ts';
import { receiptOf } from './exports/build/receipt.ts';
import { ownPublicKey, signingKeyInfo } from './exports/build/signing-key.ts';
import { verifyBundle, type VerifyBundleOptions } from './exports/verify/verify.ts';
import { streamImport } from './datasets/import/import-stream.ts';
import { streamFinish } from './labels/finish.ts';
import { streamProposals } from './labels/propose.ts';
import { makeSheet, setAnswers, undoAnswers } from './labels/sheets.ts';
import { writeAnswers } from './labels/write-answers.ts';
import { ledgerForDatasets, ledgerForRun } from './ledger/report.ts';
import { generate, look, score } from './models/ask.ts';
import { streamDownload } from './models/hub/download.ts';
import { offerHubModel } from './models/hub/offer.ts';
import { cachedModels, suggestModels } from './models/suggestions.ts';
import { registerModel, setModelLicence } from './models/register.ts';
import { describeRewards } from '../rewards/registry.ts';
import { answerQuestion } from './playground/answer.ts';
import { attentionOf } from './playground/attention.ts';
import { captionFolder } from './playground/caption-folder.ts';
import { forget, historyOf, keepPicture } from './playground/history.ts';
import { benchRewards } from './rewards/bench.ts';
import { loadReward } from './rewards/load.ts';
import { cancelEntry, cancelRun, listQueue, moveEntry, moveRun, retryEntry, watchQueue } from './queue/queue.ts';
import { reportOf } from './reports/report.ts';
import { writeMetricsFile } from './runs/report/metrics-file.ts';
import { resumeRun } from './runs/resume.ts';
import { renameRun, restoreRun, removeRun, tagRun } from './runs/care.ts';
import { cleanCheckpoints } from './runs/clean-checkpoints.ts';
import { emptyTrash } from './runs/empty-trash.ts';
import { planRun } from './runs/plan-run.ts';
import { startRun } from './runs/start.ts';
import { stopRun } from './runs/stop.ts';
import { watchRun } from './runs/watch.ts';
import { writeBackup } from './backup/write-backup.ts';
import { aboutAtelier, shippedLicences } from './system/about.ts';
import { auditLog } from './system/audit-log.ts';
import { examine } from './system/doctor.ts';
import { listFolder } from './system/list-folder.ts';
import { gpuTrouble } from './system/gpu-trouble.ts';
import { changePreferences, readPreferences } from './system/preferences.ts';
import { systemStatus } from './system/status.ts';
import { wholePath } from './typed-path.ts';
import { cleanStorage, storageReport } from './system/storage.ts';

/** Named by the contract: written out, the inferred type is longer than the compiler allows. */
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- procedures need no context
export type StudioRouter = Router<typeof contract, Record<never, never>>;

export function createRouter(studio: StudioContext): StudioRouter {
  const { engine, log, home, keys, resourcesDir, version, pictures } = studio;
  const store = { ...studio.store, pictures };
  const os = implement(contract).use(({ next, path }) => crossDoor(() => next(), log, path));
  /** What is available here for checking a bundle: this studio's key, the images, the datasets. */
  async function materials(): Promise<VerifyBundleOptions> {
    const own = await ownPublicKey(keys);
    const knownKeys = own === null ? [] : [{ name: 'this data folder', publicKey: own }];
    const samplesOf = async (snapshotSha256s: readonly string[]): Promise<Sample[] | null> => {
      const samples: Sample[] = [];
      for (const snapshotSha256 of snapshotSha256s) {
        const [dataset] = await store.datasets.findBySnapshot(snapshotSha256);
        if (dataset === undefined) return null;
        for (const sample of await store.datasets.allSamples(dataset.id)) samples.push(sample);
      }
      return samples;
    };
    return { images: store.blobs, knownKeys, samplesOf, version };
  }
  return os.router({
    system: {
      status: os.system.status.handler(() => systemStatus(studio)),
      doctor: os.system.doctor.handler(() => examine({ home, engineInfo: () => engine.info(), pictures })),
      about: os.system.about.handler(() => aboutAtelier(studio)),
      licences: os.system.licences.handler(() => shippedLicences(resourcesDir)),
      setUp: os.system.setUp.handler(({ signal }) => studio.setUp.run(signal)),
      audit: os.system.audit.handler(({ input }) => auditLog(studio, input)),
      storage: os.system.storage.handler(() => storageReport(home)),
      clean: os.system.clean.handler(({ input }) => cleanStorage(home, input.kind)),
      preferences: os.system.preferences.handler(() => readPreferences(home)),
      setPreferences: os.system.setPreferences.handler(({ input }) => changePreferences(studio, input)),
      gpuTrouble: os.system.gpuTrouble.handler(() => gpuTrouble({ home, engine })),
      backup: os.system.backup.handler(async ({ input, signal }) =>
        writeBackup({ home, store, resourcesDir, version }, { ...input, path: await wholePath(input.path) }, signal),
      ),
      folder: os.system.folder.handler(({ input }) => listFolder(input)),
      signingKey: os.system.signingKey.handler(() => signingKeyInfo(home)),
    },
    models: {
      list: os.models.list.handler(() => store.models.list()),
      register: os.models.register.handler(({ input }) => registerModel(studio, input)),
      offer: os.models.offer.handler(({ input, signal }) => offerHubModel(studio, input, signal)),
      download: os.models.download.handler(({ input, signal }) => streamDownload(studio, input, signal)),
      suggest: os.models.suggest.handler(({ signal }) => suggestModels(studio, signal)),
      cached: os.models.cached.handler(() => cachedModels(studio)),
      remove: os.models.remove.handler(({ input }) => store.models.remove(input.modelId)),
      restore: os.models.restore.handler(({ input }) => store.models.restore(input.modelId)),
      setLicence: os.models.setLicence.handler(({ input }) => setModelLicence(studio, input)),
      generate: os.models.generate.handler(({ input, signal }) => generate(studio, input, signal)),
      look: os.models.look.handler(({ input, signal }) => look(studio, input, signal)),
      score: os.models.score.handler(({ input, signal }) => score(studio, input, signal)),
    },
    datasets: {
      list: os.datasets.list.handler(() => store.datasets.list()),
      get: os.datasets.get.handler(({ input }) => store.datasets.get(input.datasetId)),
      inspect: os.datasets.inspect.handler(({ input, signal }) => inspectImport(store, input, undefined, signal)),
      import: os.datasets.import.handler(({ input, signal }) => streamImport(store, input, signal)),
      paste: os.datasets.paste.handler(({ input }) => keepPasted(studio, input)),
      importStarter: os.datasets.importStarter.handler(({ input, signal }) =>
        importStarter(store, resourcesDir, input.data, undefined, signal, input.name),
      ),
      samples: os.datasets.samples.handler(({ input }) => store.datasets.samples(input)),
      pictures: os.datasets.pictures.handler(({ input }) => store.datasets.pictures(input)),
      sample: os.datasets.sample.handler(({ input }) => store.datasets.sample(input.sampleId)),
      rename: os.datasets.rename.handler(({ input }) => store.datasets.rename(input.datasetId, input.name)),
      setDetail: os.datasets.setDetail.handler(({ input }) => store.datasets.setDetail(input.datasetId, input.detail)),
      detail: os.datasets.detail.handler(({ input }) => detailReport(store, input)),
      seen: os.datasets.seen.handler(({ input }) => seenPicture(store, input)),
      detailEvidence: os.datasets.detailEvidence.handler(({ input }) => detailEvidence(store, input)),
      remove: os.datasets.remove.handler(async ({ input }) => ({
        removed: await store.datasets.remove(input.datasetId),
      })),
      restore: os.datasets.restore.handler(({ input }) => store.datasets.restore(input.datasetId)),
      override: os.datasets.override.handler(({ input }) => store.signals.decide(input)),
      peek: os.datasets.peek.handler(({ input, signal }) => peekTable(input, signal)),
      facets: os.datasets.facets.handler(({ input }) => datasetFacets(store, input.datasetId)),
      duplicates: os.datasets.duplicates.handler(({ input, signal }) => findDuplicates(store, input, signal)),
      leakage: os.datasets.leakage.handler(({ input, signal }) => findLeakage(store, input, signal)),
      edit: os.datasets.edit.handler(({ input }) => editSamples(store, input)),
      split: os.datasets.split.handler(({ input }) => splitDataset(store, input)),
      undo: os.datasets.undo.handler(({ input }) => undoEdit(store, input)),
      edits: os.datasets.edits.handler(({ input }) => store.edits.list(input.datasetId)),
      balance: os.datasets.balance.handler(({ input }) => balanceOf(store, input.datasetId)),
      readiness: os.datasets.readiness.handler(({ input, signal }) => readinessOf(store, input, signal)),
    },
    labels: {
      list: os.labels.list.handler(({ input }) => store.labels.list(input)),
      get: os.labels.get.handler(({ input }) => store.labels.get(input.sheetId)),
      create: os.labels.create.handler(({ input, signal }) => makeSheet(studio, input, signal)),
      items: os.labels.items.handler(({ input }) => store.labels.items(input)),
      answer: os.labels.answer.handler(({ input }) => setAnswers(studio, input)),
      undo: os.labels.undo.handler(({ input }) => undoAnswers(studio, input.sheetId)),
      propose: os.labels.propose.handler(({ input, signal }) => streamProposals(studio, input, signal)),
      finish: os.labels.finish.handler(({ input, signal }) => streamFinish(studio, input, signal)),
      write: os.labels.write.handler(async ({ input }) =>
        writeAnswers(store, { ...input, destination: await wholePath(input.destination) }),
      ),
      rename: os.labels.rename.handler(({ input }) => store.labels.rename(input.sheetId, input.name)),
      remove: os.labels.remove.handler(({ input }) => store.labels.setRemoved(input.sheetId, true)),
      restore: os.labels.restore.handler(({ input }) => store.labels.setRemoved(input.sheetId, false)),
    },
    ledger: {
      forDatasets: os.ledger.forDatasets.handler(({ input }) => ledgerForDatasets(store, input)),
      forRun: os.ledger.forRun.handler(({ input }) => ledgerForRun(store, input.runId)),
    },
    contribution: {
      ofRun: os.contribution.ofRun.handler(({ input }) => contributionReport(store, input)),
      replay: os.contribution.replay.handler(({ input, signal }) => replayRun(studio, input.runId, signal)),
    },
    queue: {
      list: os.queue.list.handler(() => listQueue(studio)),
      watch: os.queue.watch.handler(({ signal }) => watchQueue(studio, signal)),
      move: os.queue.move.handler(({ input }) => moveEntry(studio, input)),
      cancel: os.queue.cancel.handler(({ input }) => cancelEntry(studio, input)),
      retry: os.queue.retry.handler(({ input }) => retryEntry(studio, input)),
    },
    experiments: {
      list: os.experiments.list.handler(() => listExperiments(studio)),
      get: os.experiments.get.handler(({ input }) => experimentDetail(studio, input)),
      start: os.experiments.start.handler(({ input }) => startExperiment(studio, input)),
      stop: os.experiments.stop.handler(({ input }) => stopExperiment(studio, input)),
      resume: os.experiments.resume.handler(({ input }) => resumeExperiment(studio, input)),
      watch: os.experiments.watch.handler(({ input, signal }) => watchExperiment(studio, input, signal)),
    },
    runs: {
      list: os.runs.list.handler(({ input }) => store.runs.list(input)),
      get: os.runs.get.handler(({ input }) => store.runs.get(input.runId)),
      rename: os.runs.rename.handler(({ input }) => renameRun(studio, input)),
      setTags: os.runs.setTags.handler(({ input }) => tagRun(studio, input)),
      remove: os.runs.remove.handler(({ input }) => removeRun(studio, input.runId)),
      restore: os.runs.restore.handler(({ input }) => restoreRun(studio, input.runId)),
      emptyTrash: os.runs.emptyTrash.handler(({ input }) => emptyTrash(studio, input)),
      start: os.runs.start.handler(({ input }) => startRun(studio, input)),
      plan: os.runs.plan.handler(({ input }) => planRun(studio, input)),
      stop: os.runs.stop.handler(({ input, signal }) => stopRun(studio, input, signal)),
      resume: os.runs.resume.handler(({ input }) => resumeRun(studio, input)),
      cleanCheckpoints: os.runs.cleanCheckpoints.handler(({ input }) => cleanCheckpoints(studio, input)),
      watch: os.runs.watch.handler(({ input, signal }) => watchRun(studio, input, signal)),
      move: os.runs.move.handler(({ input }) => moveRun(studio, input)),
      cancel: os.runs.cancel.handler(({ input }) => cancelRun(studio, input)),
      steps: os.runs.steps.handler(({ input }) => store.runs.steps(input.runId, input.maxPoints)),
      heldOut: os.runs.heldOut.handler(({ input }) => store.runs.heldOut(input.runId)),
      checkpoints: os.runs.checkpoints.handler(async ({ input }) => ({
        steps: (await store.runs.checkpoints(input.runId)).map(({ step }) => step),
      })),
      completions: os.runs.completions.handler(({ input }) => store.runs.completions(input.runId, input.step)),
      completionsOf: os.runs.completionsOf.handler(({ input }) =>
        store.runs.completionsOf(input.runId, input.sampleId),
      ),
      writeMetrics: os.runs.writeMetrics.handler(async ({ input }) =>
        writeMetricsFile(store, { ...input, path: await wholePath(input.path) }),
      ),
    },
    evaluations: {
      list: os.evaluations.list.handler(({ input }) => store.evaluations.list(input)),
      start: os.evaluations.start.handler(({ input, signal }) => startEvaluation(studio, input, signal)),
      get: os.evaluations.get.handler(({ input }) => store.evaluations.get(input.evaluationId)),
      enqueue: os.evaluations.enqueue.handler(({ input }) => enqueueEvaluation(studio, input)),
      page: os.evaluations.page.handler(({ input }) => store.evaluations.page(input)),
      compare: os.evaluations.compare.handler(({ input }) => compareEvaluations(studio, input)),
      explain: os.evaluations.explain.handler(({ input }) => explainChange(studio, input)),
      tradeOff: os.evaluations.tradeOff.handler(({ input }) => tradeOff(studio, input)),
      items: os.evaluations.items.handler(({ input }) => store.evaluations.items(input.evaluationId)),
    },
    rewards: {
      list: os.rewards.list.handler(() => describeRewards()),
      load: os.rewards.load.handler(({ input, signal }) => loadReward(studio, input, signal)),
      bench: os.rewards.bench.handler(({ input, signal }) => benchRewards(studio, input, signal)),
    },
    playground: {
      answer: os.playground.answer.handler(({ input, signal }) => answerQuestion(studio, input, signal)),
      attention: os.playground.attention.handler(({ input, signal }) => attentionOf(studio, input, signal)),
      keep: os.playground.keep.handler(({ input }) => keepPicture(studio, input)),
      history: os.playground.history.handler(({ input }) => historyOf(home, input)),
      forget: os.playground.forget.handler(async ({ input }) => ({ forgotten: await forget(home, input.id) })),
      caption: os.playground.caption.handler(({ input, signal }) => captionFolder(studio, input, signal)),
    },
    reports: {
      page: os.reports.page.handler(({ input }) => reportOf(studio, input)),
    },
    exports: {
      list: os.exports.list.handler(({ input }) => store.exports.list(input)),
      create: os.exports.create.handler(({ input, signal }) =>
        streamExport(store, input, { version, keys, openEngine: studio.openEngine }, signal),
      ),
      licences: os.exports.licences.handler(({ input }) => licenceChoices(store, input.runId)),
      preview: os.exports.preview.handler(({ input }) => previewExport(store, input, { version, keys })),
      receipt: os.exports.receipt.handler(async ({ input }) => receiptOf(store, input, await materials())),
      verify: os.exports.verify.handler(async ({ input, signal }) =>
        verifyBundle(input.path, { ...(await materials()), publicKey: input.publicKey, signal }),
      ),
    },
    handoffs: {
      list: os.handoffs.list.handler(() => store.handoffs.list()),
      takeBack: os.handoffs.takeBack.handler(({ input }) => takeBack(studio, input)),
      create: os.handoffs.create.handler(({ input, signal }) => streamHandoff(store, input, { version }, signal)),
      submit: os.handoffs.submit.handler(({ input, signal }) => streamToCluster(studio, input, {}, signal)),
    },
  });
}
