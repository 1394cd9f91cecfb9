/** @file Frequent English words, most frequent first: they determine the starter vocabulary's remaining merges. */

export const COMMON_WORDS: readonly string[] = (
  'the of and to in is that it for was on are as with be at this have from or had by but not what all were we when ' +
  'your can said there use an each which she do how their if will up other about out many then them these so some her ' +
  'would make like him into time has look two more write go see number no way could people my than first water been ' +
  'call who its now find long down day did get come made may part over new sound take only little work know place ' +
  'year live me back give most very after thing our just name good sentence man think say great where help through ' +
  'much before line right too mean old any same tell boy follow came want show also around form three small set put ' +
  'end does another well large must big even such because turn here why ask went men read need land different home us ' +
  'move try kind hand picture again change off play spell air away animal house point page letter mother answer found ' +
  'study still learn should world high every near add food between own below country plant last school father keep ' +
  'tree never start city earth eye light thought head under story saw left few while along might close something seem ' +
  'next hard open example begin life always those both paper together got group often run important until children ' +
  'side feet car mile night walk white sea began grow took river four carry state once book hear stop without second ' +
  'later miss idea enough eat face watch far really almost let above girl sometimes mountain cut young talk soon list ' +
  'song being leave family body music colour color red blue green yellow black image photo draw drawing shape circle ' +
  'square round count total left right top bottom middle small object question correct five six seven eight nine ten'
).split(' ');
