/** @file Every command, in the order of the help. */
import type { Command } from '../command.ts';
import { auditCommand } from './audit.ts';
import { backupCommand, restoreCommand } from './backup.ts';
import { balanceCommand } from './balance.ts';
import { benchRewardsCommand } from './bench-rewards.ts';
import { contributionCommand } from './contribution.ts';
import { captionCommand } from './caption.ts';
import { compareCommand } from './compare.ts';
import { contestCommand } from './contest.ts';
import { datasetsCommand } from './datasets.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { evalCommand } from './eval.ts';
import { examCommand } from './exam.ts';
import { experimentsCommand } from './experiments.ts';
import { exportCommand } from './export.ts';
import { generateCommand } from './generate.ts';
import { handbackCommand } from './handback.ts';
import { submitCommand } from './submit.ts';
import { handoffCommand } from './handoff.ts';
import { importCommand } from './import.ts';
import { labelCommand } from './label.ts';
import { ledgerCommand } from './ledger.ts';
import { licencesCommand } from './licences.ts';
import { modelsCommand } from './models.ts';
import { planCommand } from './plan.ts';
import { receiptCommand } from './receipt.ts';
import { queueCommand } from './queue.ts';
import { reportCommand } from './report.ts';
import { resumeCommand } from './resume.ts';
import { runsCommand } from './runs.ts';
import { scoreCommand } from './score.ts';
import { serveCommand } from './serve.ts';
import { settingsCommand } from './settings.ts';
import { stopCommand } from './stop.ts';
import { studyCommand } from './study.ts';
import { sweepCommand } from './sweep.ts';
import { trainCommand } from './train.ts';
import { verifyCommand } from './verify.ts';

export const commands: readonly Command[] = [
  demoCommand,
  importCommand,
  labelCommand,
  datasetsCommand,
  modelsCommand,
  benchRewardsCommand,
  planCommand,
  trainCommand,
  runsCommand,
  handoffCommand,
  handbackCommand,
  submitCommand,
  resumeCommand,
  stopCommand,
  queueCommand,
  evalCommand,
  compareCommand,
  sweepCommand,
  contestCommand,
  examCommand,
  experimentsCommand,
  reportCommand,
  studyCommand,
  generateCommand,
  captionCommand,
  scoreCommand,
  ledgerCommand,
  balanceCommand,
  contributionCommand,
  licencesCommand,
  exportCommand,
  receiptCommand,
  verifyCommand,
  auditCommand,
  backupCommand,
  restoreCommand,
  settingsCommand,
  serveCommand,
  doctorCommand,
];
