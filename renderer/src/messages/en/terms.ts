/** @file The technical terms behind the plain words on the screens, as tooltips show them; TRL and PEFT names. */

export const terms = {
  reward: {
    label: 'Reward',
    name: 'reward',
    about: 'Weighted sum of all reward functions, averaged over all answers of the step. This is the curve to watch.',
  },
  rewardParts: {
    label: 'Reward by function',
    name: 'rewards/<name>/mean',
    about: 'What each reward function gave, before its weight is applied.',
  },
  kl: {
    label: 'Distance from the start (KL)',
    name: 'kl',
    about: 'How far the answers have moved from those of the base model (k3 estimate, per token).',
  },
  beta: {
    label: 'KL weight (β)',
    name: 'beta',
    about: 'How strongly the model is held to its starting point. GRPO-D first lowers it to explore, then raises it.',
  },
  length: {
    label: 'Answer length',
    name: 'completions/mean_length',
    about: 'Tokens per answer: mean, shortest and longest.',
  },
  truncated: {
    label: 'Cut off',
    name: 'completions/clipped_ratio',
    about: 'Share of answers that reached the maximum length before they ended. This is not the PPO clip ratio.',
  },
  noSignal: {
    label: 'Groups with equal rewards',
    name: 'frac_reward_zero_std',
    about: 'Share of groups whose answers all got the same reward. The model learns nothing from such a group.',
  },
  entropy: {
    label: 'Entropy',
    name: 'entropy',
    about: 'How undecided the model is when it picks the next token. Near zero, it has stopped exploring.',
  },
  clipRatio: {
    label: 'Clipped updates',
    name: 'clip_ratio/low_mean, clip_ratio/high_mean',
    about: 'Share of tokens whose change hit the limit of one update. Above a few percent, the updates are too large.',
  },
  gradNorm: { label: 'Gradient norm', name: 'grad_norm', about: 'Norm of the gradient before it is clipped.' },
  learningRate: { label: 'Learning rate', name: 'learning_rate', about: 'How large one update is.' },
  loss: {
    label: 'Loss',
    name: 'loss',
    about: 'The number that training minimises. In GRPO it does not show progress.',
  },
  timePerPhase: {
    label: 'Time per step',
    name: 'step_time/generate, /score, /update',
    about: 'Seconds a step spends on writing answers, on computing how likely they were, and on the update itself.',
  },
  memory: {
    label: 'Engine memory',
    name: 'resident set size',
    about: 'Memory the engine holds after each step. It should level off; steady growth is a bug.',
  },
  advantage: {
    label: 'Advantage',
    name: 'advantage',
    about:
      'How much better (+) or worse (−) an answer was than the others in its group. It decides what is reinforced.',
  },
  steps: { label: 'Steps', name: 'max_steps', about: 'How many times the weights are updated.' },
  promptsPerStep: {
    label: 'Questions per step',
    name: 'per_device_train_batch_size',
    about: 'How many different samples are answered in each step.',
  },
  numGenerations: {
    label: 'Answers per question',
    name: 'num_generations (G)',
    about: 'Size of a group. Each question is answered this many times, and the answers are compared with each other.',
  },
  maxCompletionLength: {
    label: 'Longest answer',
    name: 'max_completion_length',
    about: 'Answers are cut off after this many tokens.',
  },
  adapterKind: {
    label: 'What is trained',
    name: 'peft_config',
    about: 'An adapter adds small matrices to the model. Training all weights takes far more memory.',
  },
  adaptedParts: {
    label: 'Adapted parts',
    name: 'target_modules (LoraConfig)',
    about: 'Where the adapter sits: language model, vision tower, or the merger that joins them.',
  },
  frozenWeights: {
    label: 'Frozen weights',
    name: 'load_in_4bit (BitsAndBytesConfig)',
    about: 'How the weights that are not trained are kept. In 4 bits, they take much less memory.',
  },
  lrScheduler: {
    label: 'Learning-rate schedule',
    name: 'lr_scheduler_type',
    about: 'How the learning rate goes on after the warm-up: level, or falling to zero.',
  },
  lossType: {
    label: 'Loss averages over',
    name: 'loss_type',
    about: 'Decides how much long and short answers count in one update.',
  },
  scaleRewards: {
    label: 'Scale rewards by',
    name: 'scale_rewards',
    about: 'Advantages are divided by this spread of the rewards. Dr. GRPO leaves them as they are.',
  },
  scheduleKind: {
    label: 'Curve',
    name: 'klSchedule.kind',
    about: 'How the KL weight moves from the first step to the last.',
  },
  loraRank: {
    label: 'Adapter rank',
    name: 'r (LoraConfig)',
    about: 'Capacity of the adapter. A higher rank can learn more and makes a larger file.',
  },
  loraAlpha: { label: 'Adapter strength', name: 'lora_alpha', about: 'The adapter is scaled by lora_alpha / r.' },
  temperature: {
    label: 'Temperature',
    name: 'temperature',
    about: 'How freely answers are sampled during training. 1 keeps the model’s probabilities.',
  },
  topP: {
    label: 'Top-p',
    name: 'top_p',
    about: 'Samples only from the most probable tokens that together reach this probability. 1 = all tokens.',
  },
  minP: {
    label: 'Min-p',
    name: 'min_p',
    about: 'Never samples a token less likely than this share of the likeliest one. 0 = off.',
  },
  gradientAccumulationSteps: {
    label: 'Micro-batches per update',
    name: 'gradient_accumulation_steps',
    about:
      'Splits an update into this many micro-batches to save memory. The result is the same; it only takes longer.',
  },
  mixtureWeight: {
    label: 'Weight',
    name: 'mixture.weight',
    about: 'How often this dataset is drawn, relative to the weights of the others.',
  },
  trainSamples: {
    label: 'Pictures to learn from',
    name: 'few-shot',
    about: 'Uses only the first training pictures, up to this number. 0 uses all of them.',
  },
  evalEvery: {
    label: 'Evaluate every',
    name: 'eval_steps',
    about: 'Steps between two interim evaluations on held-out pictures. 0 = only before and after training.',
  },
  evalDuringSamples: {
    label: 'Pictures per interim evaluation',
    name: 'eval samples during training',
    about: 'How many held-out pictures an interim evaluation uses. They are always the same ones.',
  },
  earlyStoppingPatience: {
    label: 'Patience',
    name: 'early_stopping_patience',
    about: 'Ends the run after this many interim evaluations in a row without more right answers. 0 = never.',
  },
  klShareEvery: {
    label: 'Measure the effect of β every',
    name: 'kl_share_steps',
    about:
      'Steps between two measurements of how much of the gradient the KL term makes. Each takes about as long as two updates. 0 = never.',
  },
  klGradientShare: {
    label: 'Share of the KL term',
    name: 'kl_gradient_share',
    about:
      'How much of the gradient comes from the KL term rather than from the rewards. Near 0%, β changes nothing; above 50%, it holds the model back.',
  },
  targetKl: {
    label: 'Target distance',
    name: 'target KL',
    about: 'How far the answers may move from the base model, on average per token.',
  },
  gain: { label: 'Gain', name: 'K_β', about: 'How strongly β reacts when the distance misses its target.' },
  smoothing: {
    label: 'Smoothing',
    name: 'smoothing',
    about: 'Weight of earlier steps. 0 follows every step at once; values near 1 follow slowly.',
  },
  betaLowest: { label: 'Lowest β', name: 'beta_min', about: 'β never falls below this.' },
  betaHighest: { label: 'Highest β', name: 'beta_max', about: 'β never rises above this.' },
  seeds: {
    label: 'Seeds',
    name: 'seeds',
    about: 'Everything is repeated with each seed. One seed cannot distinguish luck from skill; three or more can.',
  },
  epsilon: {
    label: 'Lower clip',
    name: 'epsilon',
    about: 'How far the ratio of new to old probability may fall below 1 before it is clipped.',
  },
  epsilonHigh: {
    label: 'Upper clip',
    name: 'epsilon_high',
    about: 'How far the same ratio may rise above 1 before it is clipped.',
  },
  numIterations: {
    label: 'Updates per step',
    name: 'num_iterations (µ)',
    about: 'How many updates use the same answers. 1 keeps training fully on-policy.',
  },
  warmupSteps: {
    label: 'Warm-up steps',
    name: 'warmup_steps',
    about: 'Steps over which the learning rate rises to its full value.',
  },
  weightDecay: {
    label: 'Weight decay',
    name: 'weight_decay',
    about: 'How strongly AdamW pulls the weights towards zero.',
  },
  maxGradNorm: {
    label: 'Gradient limit',
    name: 'max_grad_norm',
    about: 'Larger gradients are scaled down to this norm.',
  },
  seed: {
    label: 'Seed',
    name: 'seed',
    about: 'Starting point of every random choice. The same recipe and seed give the same run on the same machine.',
  },
  checkpointEvery: {
    label: 'Checkpoint every',
    name: 'save_steps',
    about: 'Steps between two checkpoints. A stopped run resumes from the last one.',
  },
  evalSamples: {
    label: 'Test samples',
    name: 'eval samples',
    about: 'Held-out samples that are answered before and after training. 0 uses the whole test split.',
  },
  betaMin: { label: 'Lowest β', name: 'beta_min', about: 'Reached at the end of exploration.' },
  betaMax: { label: 'β at the end', name: 'beta_max', about: 'Reached at the last step.' },
  betaStart: { label: 'β at the start', name: 'beta_start', about: 'KL weight of the first step.' },
  betaEnd: { label: 'β at the end', name: 'beta_end', about: 'KL weight of the last step.' },
  explorationRatio: {
    label: 'Exploration share',
    name: 'w / t',
    about: 'Share of the steps in which β falls and the model may explore. The paper uses 0.3.',
  },
  rewardWeight: { label: 'Weight', name: 'reward_weights', about: 'How much this reward counts in the sum.' },
  testShare: {
    label: 'Held out for testing',
    name: 'test split',
    about: 'Share of the rows that is never trained on, if the file does not define a split itself.',
  },
} as const;
