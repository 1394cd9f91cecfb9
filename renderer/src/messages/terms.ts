/** @file The words of the field behind the plain words on the screens: shown in tooltips, named as TRL and PEFT do. */

export type TermText = { label: string; name: string; about: string };

export const terms = {
  reward: {
    label: 'Reward',
    name: 'reward',
    about: 'Weighted sum of all reward functions, averaged over every answer of the step. This is the curve to watch.',
  },
  rewardParts: {
    label: 'Reward by function',
    name: 'rewards/<name>/mean',
    about: 'What each reward function gave, before its weight.',
  },
  kl: {
    label: 'Distance from the start (KL)',
    name: 'kl',
    about: 'How far the answers have moved away from those of the untouched model (k3 estimate, per token).',
  },
  beta: {
    label: 'KL weight (β)',
    name: 'beta',
    about:
      'How strongly the model is held close to where it started. GRPO-D lowers it first, to explore, then raises it.',
  },
  length: {
    label: 'Answer length',
    name: 'completions/mean_length',
    about: 'Tokens per answer: mean, with shortest and longest.',
  },
  truncated: {
    label: 'Cut off',
    name: 'completions/clipped_ratio',
    about: 'Share of answers that hit the longest allowed length before they ended. Not the PPO clip ratio.',
  },
  noSignal: {
    label: 'Groups without signal',
    name: 'frac_reward_zero_std',
    about: 'Share of groups whose answers all got the same reward. Such a group teaches nothing.',
  },
  entropy: {
    label: 'Entropy',
    name: 'entropy',
    about: 'How undecided the model is when it picks the next token. Near zero it has stopped exploring.',
  },
  clipRatio: {
    label: 'Clipped updates',
    name: 'clip_ratio/low_mean, clip_ratio/high_mean',
    about: 'Share of tokens whose change hit the limit of one update. Above some hundredths the updates are too large.',
  },
  gradNorm: { label: 'Gradient norm', name: 'grad_norm', about: 'Size of the update before it is clipped.' },
  learningRate: { label: 'Learning rate', name: 'learning_rate', about: 'How large one update is.' },
  loss: { label: 'Loss', name: 'loss', about: 'The number that is minimised. In GRPO it does not show progress.' },
  timePerPhase: {
    label: 'Time per step',
    name: 'step_time/generate, /score, /update',
    about: 'Seconds that a step spends on writing answers, on asking how likely they were, and on the update itself.',
  },
  memory: {
    label: 'Memory of the engine',
    name: 'resident set size',
    about: 'Working memory that the engine holds after each step. It should level off; steady growth is a fault.',
  },
  advantage: {
    label: 'Advantage',
    name: 'advantage',
    about:
      'How much better (+) or worse (−) an answer was than the others of its group. It decides what is reinforced.',
  },
  steps: { label: 'Steps', name: 'max_steps', about: 'How many times the weights are updated.' },
  promptsPerStep: {
    label: 'Questions per step',
    name: 'per_device_train_batch_size',
    about: 'Different samples that are answered in each step.',
  },
  numGenerations: {
    label: 'Answers per question',
    name: 'num_generations (G)',
    about: 'Size of a group: each question is answered this many times and the answers are compared with each other.',
  },
  maxCompletionLength: {
    label: 'Longest answer',
    name: 'max_completion_length',
    about: 'Answers are cut off after this many tokens.',
  },
  loraRank: {
    label: 'Adapter rank',
    name: 'r (LoraConfig)',
    about: 'How much the adapter can hold. Higher learns more and weighs more.',
  },
  loraAlpha: { label: 'Adapter strength', name: 'lora_alpha', about: 'The adapter is scaled by lora_alpha / r.' },
  temperature: {
    label: 'Temperature',
    name: 'temperature',
    about: 'How freely answers are sampled while training. 1 keeps the probabilities of the model.',
  },
  topP: {
    label: 'Top-p',
    name: 'top_p',
    about: 'Sample only from the most probable tokens up to this share. 1 = all.',
  },
  minP: {
    label: 'Min-p',
    name: 'min_p',
    about: 'Never draw tokens that are less likely than this share of the likeliest one. 0 = off.',
  },
  gradientAccumulationSteps: {
    label: 'Parts of an update',
    name: 'gradient_accumulation_steps',
    about: 'An update is worked off in so many parts, to save memory. The result stays the same, it only takes longer.',
  },
  trainSamples: {
    label: 'Pictures to learn from',
    name: 'few-shot',
    about: 'Only the first so many training pictures are used. 0 takes all of them.',
  },
  evalEvery: {
    label: 'Look at tests every',
    name: 'eval_steps',
    about: 'Steps between two looks at held-out pictures while the run goes on. 0 = only before and after.',
  },
  evalDuringSamples: {
    label: 'Pictures per look',
    name: 'eval samples during training',
    about: 'How many held-out pictures such a look takes, always the same ones.',
  },
  targetKl: {
    label: 'Distance aimed at',
    name: 'target KL',
    about: 'How far the answers may move away from the untouched model, on average per token.',
  },
  gain: { label: 'How fast it reacts', name: 'K_β', about: 'How strongly β answers when the distance is missed.' },
  smoothing: {
    label: 'How calmly it follows',
    name: 'smoothing',
    about: 'Weight of what was seen before: 0 follows every step at once, values near 1 follow slowly.',
  },
  betaLowest: { label: 'β at the least', name: 'beta_min', about: 'β never falls below this.' },
  betaHighest: { label: 'β at the most', name: 'beta_max', about: 'β never rises above this.' },
  seeds: {
    label: 'Seeds',
    name: 'seeds',
    about: 'Everything is repeated with each seed. One seed cannot tell luck from skill; three or more can.',
  },
  epsilon: {
    label: 'Clip, lower side',
    name: 'epsilon',
    about: 'How far the ratio of new to old probability may fall below 1 before it stops counting.',
  },
  epsilonHigh: { label: 'Clip, upper side', name: 'epsilon_high', about: 'The same above 1.' },
  numIterations: {
    label: 'Updates per step',
    name: 'num_iterations (µ)',
    about: 'How often the same answers are used for an update. 1 keeps training fully on-policy.',
  },
  warmupSteps: {
    label: 'Warm-up steps',
    name: 'warmup_steps',
    about: 'Steps over which the learning rate rises to its value.',
  },
  weightDecay: { label: 'Weight decay', name: 'weight_decay', about: 'Pull of the weights towards zero (AdamW).' },
  maxGradNorm: {
    label: 'Gradient limit',
    name: 'max_grad_norm',
    about: 'Larger updates are scaled down to this size.',
  },
  seed: {
    label: 'Seed',
    name: 'seed',
    about: 'Start of every random choice. The same recipe and seed give the same run on the same machine.',
  },
  checkpointEvery: {
    label: 'Checkpoint every',
    name: 'save_steps',
    about: 'Steps between two checkpoints. A run that was stopped goes on from the last one.',
  },
  evalSamples: {
    label: 'Test samples',
    name: 'eval samples',
    about: 'Held-out samples that are answered before and after training. 0 takes the whole test split.',
  },
  betaMin: { label: 'β at its lowest', name: 'beta_min', about: 'Reached at the end of the exploring part.' },
  betaMax: { label: 'β at the end', name: 'beta_max', about: 'Reached with the last step.' },
  betaStart: { label: 'β at the start', name: 'beta_start', about: 'KL weight of the first step.' },
  betaEnd: { label: 'β at the end', name: 'beta_end', about: 'KL weight of the last step.' },
  explorationRatio: {
    label: 'Exploring part',
    name: 'w / t',
    about: 'Share of the steps in which β falls and the model may wander. The paper takes 0.3.',
  },
  rewardWeight: { label: 'Weight', name: 'reward_weights', about: 'What this reward counts in the sum.' },
  testShare: {
    label: 'Held back for testing',
    name: 'test split',
    about: 'Share of the rows that is never trained on, where the file does not name a split itself.',
  },
} satisfies Record<string, TermText>;
