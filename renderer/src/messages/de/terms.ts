/** @file The technical terms in German, as tooltips show them; the names are those of TRL and PEFT. */
import type { Terms } from '../texts.ts';

export const terms: Terms = {
  reward: {
    label: 'Belohnung (Reward)',
    name: 'reward',
    about:
      'Gewichtete Summe aller Belohnungen, gemittelt über alle Antworten des Schritts. Auf diese Kurve kommt es an.',
  },
  rewardParts: {
    label: 'Einzelne Belohnungen',
    name: 'rewards/<name>/mean',
    about: 'Was jede Belohnungsfunktion ergab, vor ihrer Gewichtung.',
  },
  kl: {
    label: 'Abstand vom Start (KL)',
    name: 'kl',
    about: 'Wie weit sich die Antworten von denen des Basismodells entfernt haben (k3-Schätzer, je Token).',
  },
  beta: {
    label: 'KL-Gewicht (β)',
    name: 'beta',
    about:
      'Wie stark das Modell an seinem Ausgangspunkt gehalten wird. GRPO-D senkt es erst zum Erkunden und hebt es dann an.',
  },
  length: {
    label: 'Antwortlänge',
    name: 'completions/mean_length',
    about: 'Token je Antwort: Mittelwert, kürzeste und längste.',
  },
  truncated: {
    label: 'Abgeschnitten',
    name: 'completions/clipped_ratio',
    about: 'Anteil der Antworten, die vor ihrem Ende die Höchstlänge erreichten. Nicht das Clip-Verhältnis von PPO.',
  },
  noSignal: {
    label: 'Gruppen mit gleichen Belohnungen',
    name: 'frac_reward_zero_std',
    about: 'Anteil der Gruppen, deren Antworten alle dieselbe Belohnung erhielten. Daraus lernt das Modell nichts.',
  },
  entropy: {
    label: 'Entropie',
    name: 'entropy',
    about: 'Wie unentschieden das Modell beim nächsten Token ist. Nahe null erkundet es nicht mehr.',
  },
  clipRatio: {
    label: 'Begrenzte Updates',
    name: 'clip_ratio/low_mean, clip_ratio/high_mean',
    about:
      'Anteil der Token, deren Änderung an die Grenze eines Updates stieß. Über einigen Prozent sind die Updates zu groß.',
  },
  gradNorm: {
    label: 'Gradientennorm',
    name: 'grad_norm',
    about: 'Norm des Gradienten, bevor er begrenzt wird.',
  },
  learningRate: { label: 'Lernrate', name: 'learning_rate', about: 'Wie groß ein Update ist.' },
  loss: {
    label: 'Verlust (Loss)',
    name: 'loss',
    about: 'Die Zahl, die das Training minimiert. Bei GRPO zeigt sie keinen Fortschritt.',
  },
  timePerPhase: {
    label: 'Zeit je Schritt',
    name: 'step_time/generate, /score, /update',
    about:
      'Sekunden, die ein Schritt für das Schreiben der Antworten, das Berechnen ihrer Wahrscheinlichkeit und das Update braucht.',
  },
  memory: {
    label: 'Speicher der Engine',
    name: 'resident set size',
    about:
      'Arbeitsspeicher der Engine nach jedem Schritt. Er sollte sich einpendeln; stetiges Wachstum ist ein Fehler.',
  },
  advantage: {
    label: 'Vorteil (Advantage)',
    name: 'advantage',
    about:
      'Um wie viel besser (+) oder schlechter (−) eine Antwort als die anderen ihrer Gruppe war. Er entscheidet, was verstärkt wird.',
  },
  steps: { label: 'Schritte', name: 'max_steps', about: 'Wie oft die Gewichte aktualisiert werden.' },
  promptsPerStep: {
    label: 'Fragen je Schritt',
    name: 'per_device_train_batch_size',
    about: 'Wie viele verschiedene Beispiele in jedem Schritt beantwortet werden.',
  },
  numGenerations: {
    label: 'Antworten je Frage',
    name: 'num_generations (G)',
    about: 'Größe einer Gruppe. Jede Frage wird so oft beantwortet, und die Antworten werden miteinander verglichen.',
  },
  maxCompletionLength: {
    label: 'Längste Antwort',
    name: 'max_completion_length',
    about: 'Nach so vielen Token werden Antworten abgeschnitten.',
  },
  adapterKind: {
    label: 'Was trainiert wird',
    name: 'peft_config',
    about: 'Ein Adapter fügt dem Modell kleine Matrizen hinzu. Alle Gewichte zu trainieren braucht weit mehr Speicher.',
  },
  adaptedParts: {
    label: 'Angepasste Teile',
    name: 'target_modules (LoraConfig)',
    about: 'Wo der Adapter sitzt: Sprachmodell, Bildteil oder der Merger, der beide verbindet.',
  },
  frozenWeights: {
    label: 'Eingefrorene Gewichte',
    name: 'load_in_4bit (BitsAndBytesConfig)',
    about: 'Wie die nicht trainierten Gewichte gehalten werden. In 4 Bit brauchen sie viel weniger Speicher.',
  },
  lrScheduler: {
    label: 'Verlauf der Lernrate',
    name: 'lr_scheduler_type',
    about: 'Wie die Lernrate nach dem Aufwärmen verläuft: gleichbleibend oder auf null fallend.',
  },
  lossType: {
    label: 'Der Verlust mittelt über',
    name: 'loss_type',
    about: 'Bestimmt, wie viel lange und kurze Antworten in einem Update zählen.',
  },
  scaleRewards: {
    label: 'Belohnungen skalieren mit',
    name: 'scale_rewards',
    about: 'Vorteile werden durch diese Streuung der Belohnungen geteilt. Dr. GRPO lässt sie, wie sie sind.',
  },
  scheduleKind: {
    label: 'Kurve',
    name: 'klSchedule.kind',
    about: 'Wie sich das KL-Gewicht vom ersten bis zum letzten Schritt ändert.',
  },
  loraRank: {
    label: 'Rang des Adapters',
    name: 'r (LoraConfig)',
    about: 'Fassungsvermögen des Adapters. Ein höherer Rang kann mehr lernen und ergibt eine größere Datei.',
  },
  loraAlpha: {
    label: 'Stärke des Adapters',
    name: 'lora_alpha',
    about: 'Der Adapter wird mit lora_alpha / r skaliert.',
  },
  temperature: {
    label: 'Temperatur',
    name: 'temperature',
    about: 'Wie frei Antworten beim Training gezogen werden. 1 behält die Wahrscheinlichkeiten des Modells bei.',
  },
  topP: {
    label: 'Top-p',
    name: 'top_p',
    about:
      'Zieht nur aus den wahrscheinlichsten Token, die zusammen diese Wahrscheinlichkeit erreichen. 1 = alle Token.',
  },
  minP: {
    label: 'Min-p',
    name: 'min_p',
    about: 'Zieht nie ein Token, das unwahrscheinlicher ist als dieser Anteil des wahrscheinlichsten. 0 = aus.',
  },
  gradientAccumulationSteps: {
    label: 'Mikro-Batches je Update',
    name: 'gradient_accumulation_steps',
    about:
      'Teilt ein Update in so viele Mikro-Batches, um Speicher zu sparen. Das Ergebnis ist gleich; es dauert nur länger.',
  },
  mixtureWeight: {
    label: 'Gewicht',
    name: 'mixture.weight',
    about: 'Wie oft aus diesem Datensatz gezogen wird, im Verhältnis zu den Gewichten der anderen.',
  },
  trainSamples: {
    label: 'Bilder zum Lernen',
    name: 'few-shot',
    about: 'Verwendet nur die ersten Trainingsbilder bis zu dieser Zahl. 0 verwendet alle.',
  },
  evalEvery: {
    label: 'Abstand der Auswertungen',
    name: 'eval_steps',
    about:
      'Schritte zwischen zwei Zwischenauswertungen auf zurückgehaltenen Bildern. 0 = nur vor und nach dem Training.',
  },
  evalDuringSamples: {
    label: 'Bilder je Zwischenauswertung',
    name: 'eval samples during training',
    about: 'Wie viele zurückgehaltene Bilder eine Zwischenauswertung verwendet. Es sind immer dieselben.',
  },
  earlyStoppingPatience: {
    label: 'Geduld',
    name: 'early_stopping_patience',
    about: 'Beendet den Lauf nach so vielen Zwischenauswertungen in Folge ohne mehr richtige Antworten. 0 = nie.',
  },
  klShareEvery: {
    label: 'Abstand der β-Messungen',
    name: 'kl_share_steps',
    about:
      'Schritte zwischen zwei Messungen der Wirkung von β: welchen Anteil der KL-Term am Gradienten hat. Jede dauert etwa so lange wie zwei Updates. 0 = nie.',
  },
  klGradientShare: {
    label: 'Anteil des KL-Terms',
    name: 'kl_gradient_share',
    about:
      'Wie viel vom Gradienten aus dem KL-Term statt aus den Belohnungen kommt. Nahe 0 % ändert β nichts; über 50 % hält es das Modell zurück.',
  },
  targetKl: {
    label: 'Zielabstand',
    name: 'target KL',
    about: 'Wie weit sich die Antworten im Mittel je Token vom Basismodell entfernen dürfen.',
  },
  gain: {
    label: 'Verstärkung',
    name: 'K_β',
    about: 'Wie stark β reagiert, wenn der Abstand sein Ziel verfehlt.',
  },
  smoothing: {
    label: 'Glättung',
    name: 'smoothing',
    about: 'Gewicht früherer Schritte. 0 folgt jedem Schritt sofort; Werte nahe 1 folgen langsam.',
  },
  betaLowest: { label: 'Kleinstes β', name: 'beta_min', about: 'β fällt nie darunter.' },
  betaHighest: { label: 'Größtes β', name: 'beta_max', about: 'β steigt nie darüber.' },
  seeds: {
    label: 'Seeds',
    name: 'seeds',
    about:
      'Alles wird mit jedem Seed wiederholt. Ein Seed kann Glück nicht von Können unterscheiden; drei oder mehr können es.',
  },
  epsilon: {
    label: 'Untere Clip-Grenze',
    name: 'epsilon',
    about: 'Wie weit das Verhältnis von neuer zu alter Wahrscheinlichkeit unter 1 fallen darf, bevor es begrenzt wird.',
  },
  epsilonHigh: {
    label: 'Obere Clip-Grenze',
    name: 'epsilon_high',
    about: 'Wie weit dasselbe Verhältnis über 1 steigen darf, bevor es begrenzt wird.',
  },
  numIterations: {
    label: 'Updates je Schritt',
    name: 'num_iterations (µ)',
    about: 'Wie viele Updates dieselben Antworten verwenden. Mit 1 bleibt das Training ganz on-policy.',
  },
  warmupSteps: {
    label: 'Aufwärmschritte',
    name: 'warmup_steps',
    about: 'Schritte, in denen die Lernrate auf ihren vollen Wert steigt.',
  },
  weightDecay: {
    label: 'Gewichtsabnahme (Weight Decay)',
    name: 'weight_decay',
    about: 'Wie stark AdamW die Gewichte gegen null zieht.',
  },
  maxGradNorm: {
    label: 'Gradientengrenze',
    name: 'max_grad_norm',
    about: 'Größere Gradienten werden auf diese Norm verkleinert.',
  },
  seed: {
    label: 'Seed',
    name: 'seed',
    about:
      'Ausgangspunkt jeder zufälligen Wahl. Gleiches Rezept und gleicher Seed ergeben auf demselben Rechner denselben Lauf.',
  },
  checkpointEvery: {
    label: 'Abstand der Checkpoints',
    name: 'save_steps',
    about: 'Schritte zwischen zwei Checkpoints. Ein angehaltener Lauf fährt beim letzten fort.',
  },
  evalSamples: {
    label: 'Testbeispiele',
    name: 'eval samples',
    about:
      'Zurückgehaltene Beispiele, die vor und nach dem Training beantwortet werden. 0 verwendet den ganzen Testteil.',
  },
  betaMin: { label: 'Kleinstes β', name: 'beta_min', about: 'Am Ende der Erkundung erreicht.' },
  betaMax: { label: 'β am Ende', name: 'beta_max', about: 'Im letzten Schritt erreicht.' },
  betaStart: { label: 'β am Anfang', name: 'beta_start', about: 'KL-Gewicht des ersten Schritts.' },
  betaEnd: { label: 'β am Ende', name: 'beta_end', about: 'KL-Gewicht des letzten Schritts.' },
  explorationRatio: {
    label: 'Anteil der Erkundung',
    name: 'w / t',
    about: 'Anteil der Schritte, in denen β fällt und das Modell erkunden darf. Die Veröffentlichung verwendet 0,3.',
  },
  rewardWeight: {
    label: 'Gewicht',
    name: 'reward_weights',
    about: 'Wie viel diese Belohnung in der Summe zählt.',
  },
  testShare: {
    label: 'Für den Test zurückgehalten',
    name: 'test split',
    about: 'Anteil der Zeilen, mit denen nie trainiert wird, falls die Datei selbst keine Aufteilung angibt.',
  },
};
