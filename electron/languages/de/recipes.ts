/** @file German: recipes and what a run may ask for. */
import type { Catalogue } from '../template-index.ts';

export const recipes: Catalogue = {
  'it does not say {"type": "object", "properties": …}': 'darin steht nicht {"type": "object", "properties": …}',
  '"additionalProperties" is neither true nor false': '„additionalProperties“ ist weder true noch false',
  'a tolerance is not 0 or more': 'eine Toleranz ist nicht 0 oder größer',
  'whole numbers': 'ganze Zahlen',
  'values with square roots': 'Werte mit Wurzeln',
  'multiples of π': 'Vielfache von π',
  'choice letters': 'Buchstaben einer Auswahl',
  'yes or no': 'ja oder nein',
  'tags separated by commas': 'Tags, durch Kommas getrennt',
  'texts to copy': 'Texte zum Abschreiben',
  'fields as JSON': 'Felder als JSON',
  'things in order, such as A > B > C': 'Dinge in Reihenfolge, etwa A > B > C',
  'descriptions with facts, such as "A bird on a post. || must: bird"':
    'Beschreibungen mit Fakten, etwa „A bird on a post. || must: bird“',
  'boxes (left, top, right, bottom)': 'Kästen (links, oben, rechts, unten)',
  'boxes (left, top, right, bottom) that a point must be in':
    'Kästen (links, oben, rechts, unten), in denen ein Punkt liegen muss',
  'The vocabulary has an empty tag, or names a tag twice.':
    'Der Wortschatz hat ein leeres Tag oder nennt ein Tag zweimal.',
  'The reference answer "{0}" in "{1}" has a tag that is not in the vocabulary, or names one twice: it could never be right.':
    'Die richtige Antwort „{0}“ in „{1}“ enthält ein Tag, das nicht im Wortschatz ist, oder nennt eines zweimal: Sie könnte nie richtig sein.',
  'The schema cannot be used: {0}.': 'Das Schema ist nicht verwendbar: {0}.',
  'The schema does not allow "{0}" in the reference answer "{1}" in "{2}": it could never be right.':
    'Das Schema erlaubt „{0}“ in der richtigen Antwort „{1}“ in „{2}“ nicht: Sie könnte nie richtig sein.',
  'The description "{0}" in "{1}" leaves out a fact that it must name, names a forbidden one, or is too long: it would be wrong by its own rules.':
    'Die Beschreibung „{0}“ in „{1}“ lässt einen Fakt aus, den sie nennen muss, nennt einen verbotenen oder ist zu lang: Nach ihren eigenen Regeln wäre sie falsch.',
  'The reward "{0}" is named twice.': 'Die Belohnung „{0}“ ist zweimal genannt.',
  'Every reward has the weight 0: no completion could be better than another.':
    'Jede Belohnung hat das Gewicht 0: Keine Antwort könnte besser sein als eine andere.',
  'The length reward asks for at least {0} and at most {1} characters.':
    'Die Längenbelohnung verlangt mindestens {0} und höchstens {1} Zeichen.',
  'The form "r1v" is R1-V\'s own regular expression, which {0} does not change.':
    'Die Form „r1v“ ist der reguläre Ausdruck von R1-V selbst, den {0} nicht ändert.',
  'The reward for descriptions is the only one. A list of the right words earns it, so it must not decide alone.':
    'Die Belohnung für Beschreibungen ist die einzige. Eine Liste der richtigen Wörter verdient sie schon, deshalb darf sie nicht allein entscheiden.',
  'The option {0} means nothing to the accuracy reward of the kind "{1}".':
    'Die Option {0} bedeutet der Genauigkeitsbelohnung der Art „{1}“ nichts.',
  'The option {0} means nothing to the accuracy reward of the kind "auto".':
    'Die Option {0} bedeutet der Genauigkeitsbelohnung der Art „auto“ nichts.',
  'The accuracy reward of the kind "{0}" reads {1}, but "{2}" holds {3} questions.':
    'Die Genauigkeitsbelohnung der Art „{0}“ liest {1}, aber „{2}“ enthält Fragen der Art {3}.',
  'The accuracy reward of the kind "auto" reads {0}, but "{1}" holds {2} questions.':
    'Die Genauigkeitsbelohnung der Art „auto“ liest {0}, aber „{1}“ enthält Fragen der Art {2}.',
  'The accuracy reward of the kind "{0}" reads {1}, but {2} of {3} reference answers in "{4}" are something else, for example "{5}": they could never be right.':
    'Die Genauigkeitsbelohnung der Art „{0}“ liest {1}, aber {2} von {3} richtigen Antworten in „{4}“ sind etwas anderes, zum Beispiel „{5}“: Sie könnten nie richtig sein.',
  'The accuracy reward of the kind "auto" reads {0}, but {1} of {2} reference answers in "{3}" are something else, for example "{4}": they could never be right.':
    'Die Genauigkeitsbelohnung der Art „auto“ liest {0}, aber {1} von {2} richtigen Antworten in „{3}“ sind etwas anderes, zum Beispiel „{4}“: Sie könnten nie richtig sein.',
  'Write each tag once, separated by commas, with synonyms after "=": bird, dog = hound = puppy.':
    'Schreiben Sie jedes Tag einmal, durch Kommas getrennt, mit Synonymen nach „=“: Vogel, Hund = Welpe = Dackel.',
  'Add the tag to the vocabulary, or correct the answer.':
    'Nehmen Sie das Tag in den Wortschatz auf, oder berichtigen Sie die Antwort.',
  'Write it as JSON, such as {"type":"object","properties":{"total":{"type":"number","tolerance":0.01}}}.':
    'Schreiben Sie es als JSON, etwa {"type":"object","properties":{"total":{"type":"number","tolerance":0.01}}}.',
  'Correct the schema, or correct the answer.': 'Berichtigen Sie das Schema oder die Antwort.',
  'Correct the answer, or raise `longest`.': 'Berichtigen Sie die Antwort, oder erhöhen Sie `longest`.',
  'Name it once, with the weight it should have.': 'Nennen Sie sie einmal, mit dem Gewicht, das sie haben soll.',
  'Give at least one reward a weight above 0.': 'Geben Sie mindestens einer Belohnung ein Gewicht über 0.',
  'Exchange the two.': 'Vertauschen Sie die beiden.',
  'Leave the option out, or choose the strict form.': 'Lassen Sie die Option weg, oder wählen Sie die strenge Form.',
  'Add another one beside it, such as repetition, length or format, or take `--task describe`.':
    'Nehmen Sie eine weitere hinzu, etwa repetition, length oder format, oder verwenden Sie `--task describe`.',
  'Leave it out, or choose a kind that has it.': 'Lassen Sie sie weg, oder wählen Sie eine Art, die sie hat.',
  'Use the kind "auto", which follows the task, or choose another dataset.':
    'Verwenden Sie die Art „auto“, die der Aufgabe folgt, oder wählen Sie einen anderen Datensatz.',
  'Use the kind "auto", or correct these answers.':
    'Verwenden Sie die Art „auto“, oder berichtigen Sie diese Antworten.',
  'The run was begun with version {0} of the reward "custom:{1}"; this Atelier has version 1, which scores differently.':
    'Der Lauf begann mit Version {0} der Belohnung „custom:{1}“; dieses Atelier hat Version 1, die anders bewertet.',
  'The run was begun with version {0} of the reward "custom:{1}"; this Atelier has version {2}, which scores differently.':
    'Der Lauf begann mit Version {0} der Belohnung „custom:{1}“; dieses Atelier hat Version {2}, die anders bewertet.',
  'The run was begun with version {0} of the reward "{1}"; this Atelier has version 1, which scores differently.':
    'Der Lauf begann mit Version {0} der Belohnung „{1}“; dieses Atelier hat Version 1, die anders bewertet.',
  'The run was begun with version {0} of the reward "{1}"; this Atelier has version {2}, which scores differently.':
    'Der Lauf begann mit Version {0} der Belohnung „{1}“; dieses Atelier hat Version {2}, die anders bewertet.',
  'Resume it with the Atelier that it was begun with, or start a new run.':
    'Setzen Sie ihn mit dem Atelier fort, mit dem er begann, oder beginnen Sie einen neuen Lauf.',
  'it is not a recipe': 'es ist kein Rezept',
  ', and 1 image opted out of training': ', und 1 Bild widerspricht dem Training',
  ', and {0} images opted out of training': ', und {0} Bilder widersprechen dem Training',
  'The detail is set twice: to {0} and, as maxPixels, to {1}.':
    'Der Detailgrad ist zweimal angegeben: als {0} und, als maxPixels, als {1}.',
  "The recipe's {0} {1}.": 'Im Rezept: {0} {1}.',
  "The recipe's form {0}.": 'Im Rezept: Die Form {0}.',
  'The dataset "{0}" has no usable training samples: 1 image is left out until you decide about it, because nothing is known about training on it{1}.':
    'Der Datensatz „{0}“ hat keine verwendbaren Trainingsbeispiele: 1 Bild ist ausgelassen, bis Sie darüber entscheiden, weil über das Training damit nichts bekannt ist{1}.',
  'The dataset "{0}" has no usable training samples: 1 image is left out until you decide about it, because nothing is known about training on them{1}.':
    'Der Datensatz „{0}“ hat keine verwendbaren Trainingsbeispiele: 1 Bild ist ausgelassen, bis Sie darüber entscheiden, weil über das Training damit nichts bekannt ist{1}.',
  'The dataset "{0}" has no usable training samples: {1} images are left out until you decide about them, because nothing is known about training on it{2}.':
    'Der Datensatz „{0}“ hat keine verwendbaren Trainingsbeispiele: {1} Bilder sind ausgelassen, bis Sie darüber entscheiden, weil über das Training damit nichts bekannt ist{2}.',
  'The dataset "{0}" has no usable training samples: {1} images are left out until you decide about them, because nothing is known about training on them{2}.':
    'Der Datensatz „{0}“ hat keine verwendbaren Trainingsbeispiele: {1} Bilder sind ausgelassen, bis Sie darüber entscheiden, weil über das Training damit nichts bekannt ist{2}.',
  'The dataset "{0}" has no usable training samples: 1 image opted out of training.':
    'Der Datensatz „{0}“ hat keine verwendbaren Trainingsbeispiele: 1 Bild widerspricht dem Training.',
  'The dataset "{0}" has no usable training samples: {1} images opted out of training.':
    'Der Datensatz „{0}“ hat keine verwendbaren Trainingsbeispiele: {1} Bilder widersprechen dem Training.',
  'The dataset "{0}" has no training samples.': 'Der Datensatz „{0}“ hat keine Trainingsbeispiele.',
  'Completions of up to {0} tokens leave no room for a prompt: the model reads {1} positions in all.':
    'Antworten von bis zu {0} Token lassen keinen Platz für einen Prompt: Das Modell liest insgesamt {1} Positionen.',
  'betaMin ({0}) is larger than betaMax ({1}).': 'betaMin ({0}) ist größer als betaMax ({1}).',
  'The KL weight starts at {0}, outside of the bounds {1} to {2} that it is held in.':
    'Das KL-Gewicht beginnt bei {0}, außerhalb der Grenzen {1} bis {2}, in denen es gehalten wird.',
  'This schedule follows the share of right answers, but no reward of the recipe asks for right answers.':
    'Dieser Verlauf folgt dem Anteil richtiger Antworten, aber keine Belohnung des Rezepts verlangt richtige Antworten.',
  'Supervised fine-tuning has no reference model, so it cannot apply a KL weight.':
    'Überwachtes Fine-Tuning hat kein Referenzmodell und kann deshalb kein KL-Gewicht anwenden.',
  'GRPO-D is GRPO with a KL weight that moves, but this schedule stays at one value.':
    'GRPO-D ist GRPO mit einem beweglichen KL-Gewicht, aber dieser Verlauf bleibt bei einem Wert.',
  'Plain GRPO keeps one KL weight, but this schedule moves.':
    'Einfaches GRPO behält ein KL-Gewicht, aber dieser Verlauf bewegt sich.',
  'Leave one of the two out.': 'Lassen Sie eine der beiden Angaben weg.',
  'Decide about them on the dataset’s page, or with `atelier datasets override DATASET --unknown --reason TEXT`.':
    'Entscheiden Sie darüber auf der Seite des Datensatzes oder mit `atelier datasets override DATASET --unknown --reason TEXT`.',
  'Use other images, or record the owner’s permission on the dataset’s page.':
    'Verwenden Sie andere Bilder, oder halten Sie auf der Seite des Datensatzes die Erlaubnis des Rechteinhabers fest.',
  'Import it again with a smaller share of test samples.':
    'Importieren Sie ihn noch einmal mit einem kleineren Testteil.',
  'Use a smaller limit, well below {0}.': 'Verwenden Sie eine kleinere Grenze, deutlich unter {0}.',
  'Start inside the bounds, or widen them.': 'Beginnen Sie innerhalb der Grenzen, oder erweitern Sie sie.',
  'Add the reward "accuracy", or choose a schedule that follows the steps.':
    'Nehmen Sie die Belohnung „accuracy“ hinzu, oder wählen Sie einen Verlauf, der den Schritten folgt.',
  'Leave the KL schedule out, or choose GRPO or GRPO-D.':
    'Lassen Sie den KL-Verlauf weg, oder wählen Sie GRPO oder GRPO-D.',
  'Choose a schedule that moves, such as paper-eq3, or the method GRPO.':
    'Wählen Sie einen beweglichen Verlauf, etwa paper-eq3, oder die Methode GRPO.',
  'Choose the method GRPO-D, or a constant KL weight.':
    'Wählen Sie die Methode GRPO-D oder ein gleichbleibendes KL-Gewicht.',
  'The question about "{0}" has {1}{2} tokens, {3} of them for the image; with {4} for the answer it exceeds the {5} that the model reads.':
    'Die Frage zu „{0}“ hat {1}{2} Token, davon {3} für das Bild; mit {4} für die Antwort sind es mehr als die {5}, die das Modell liest.',
  'Lower the detail, or use a shorter completion or a shorter prompt template.':
    'Senken Sie den Detailgrad, oder verwenden Sie kürzere Antworten oder eine kürzere Prompt-Vorlage.',
  'The file {0} is not a recipe: {1}.': 'Die Datei {0} ist kein Rezept: {1}.',
  'Write the fields of a recipe in YAML, for example "steps: 50". `atelier runs RUN --recipe` writes a whole one.':
    'Schreiben Sie die Felder eines Rezepts in YAML, zum Beispiel „steps: 50“. `atelier runs RUN --recipe` schreibt ein ganzes.',
  'The file {0} is not a recipe: {1}': 'Die Datei {0} ist kein Rezept: {1}',
  'The model takes between {0} and {1} pixels of a picture, but the detail is set to {2}.':
    'Das Modell nimmt zwischen {0} und {1} Pixel eines Bildes auf, aber der Detailgrad ist auf {2} gestellt.',
  'The model takes between {0} and {1} pixels of a picture, but the detail is set to high.':
    'Das Modell nimmt zwischen {0} und {1} Pixel eines Bildes auf, aber der Detailgrad ist auf hoch gestellt.',
  'Use a number in between, or one of {0}.': 'Verwenden Sie eine Zahl dazwischen, oder eines von {0}.',
  ', for pictures such as {0} ({1} × {2} pixels, {3} image tokens)':
    ', für Bilder wie {0} ({1} × {2} Pixel, {3} Bild-Token)',
  'the engine itself': 'die Engine selbst',
  "the model's weights": 'die Gewichte des Modells',
  'the adapter and its optimiser': 'den Adapter und seinen Optimierer',
  'the caches of the answers': 'die Zwischenspeicher der Antworten',
  'the encoded images': 'die codierten Bilder',
  'intermediate results': 'Zwischenergebnisse',
  ', {0} of it for {1}': ', davon {0} für {1}',
  'This run needs about {0} of memory{1}{2}; {3} are available.':
    'Dieser Lauf braucht etwa {0} Arbeitsspeicher{1}{2}; {3} sind verfügbar.',
  'Answering these questions needs about {0} of memory{1}{2}; {3} are available.':
    'Diese Fragen zu beantworten braucht etwa {0} Arbeitsspeicher{1}{2}; {3} sind verfügbar.',
  'This question needs about {0} of memory{1}{2}; {3} are available.':
    'Diese Frage braucht etwa {0} Arbeitsspeicher{1}{2}; {3} sind verfügbar.',
  'Lower the detail: with at most {0} pixels per picture (--detail {1}) it fits. Or close other programs.':
    'Senken Sie den Detailgrad: Mit höchstens {0} Pixeln je Bild (--detail {1}) passt es. Oder schließen Sie andere Programme.',
  'Use shorter or fewer answers per question or a smaller model, or close other programs.':
    'Verwenden Sie kürzere oder weniger Antworten je Frage oder ein kleineres Modell, oder schließen Sie andere Programme.',
  'Use a smaller model or ask for fewer new tokens, or close other programs.':
    'Verwenden Sie ein kleineres Modell oder verlangen Sie weniger neue Token, oder schließen Sie andere Programme.',
  '{0} ({1} × {2} pixels, {3} image tokens)': '{0} ({1} × {2} Pixel, {3} Bild-Token)',
  'The run is to learn from {0} samples, but "{1}" has only {2} to train on.':
    'Der Lauf soll aus {0} Beispielen lernen, aber „{1}“ hat nur {2} zum Trainieren.',
  'Use at most so many, or leave the field out to use all of them.':
    'Verwenden Sie höchstens so viele, oder lassen Sie das Feld weg, um alle zu verwenden.',
  'Each step asks {0} questions, but the run has only {1} to train on.':
    'Jeder Schritt stellt {0} Fragen, aber der Lauf hat nur {1} zum Trainieren.',
  'Use at most {0} questions per step.': 'Verwenden Sie höchstens {0} Fragen je Schritt.',
  'The evaluation asks for {0} held-out samples, but "{1}" has {2}.':
    'Die Auswertung verlangt {0} zurückgehaltene Beispiele, aber „{1}“ hat {2}.',
  'Use 0 for all of them.': 'Verwenden Sie 0 für alle.',
  'Without looks at held-out samples during the run, nobody knows which step is best.':
    'Ohne Zwischenauswertungen während des Laufs weiß niemand, welcher Schritt der beste ist.',
  'Set evalEvery to the number of steps between two looks, such as 20.':
    'Setzen Sie evalEvery auf die Zahl der Schritte zwischen zwei Zwischenauswertungen, etwa 20.',
  '"{0}" has no test samples, so nothing can be looked at every {1} steps.':
    '„{0}“ hat keine Testbeispiele, alle {1} Schritte lässt sich also nichts auswerten.',
  'Use 0, or import the dataset with a share of test samples.':
    'Verwenden Sie 0, oder importieren Sie den Datensatz mit einem Testteil.',
  'The first look at held-out samples is due at step {0}, but the run ends at step {1}.':
    'Die erste Zwischenauswertung steht bei Schritt {0} an, aber der Lauf endet bei Schritt {1}.',
  'Use at most {0}, or 0 for none.': 'Verwenden Sie höchstens {0}, oder 0 für keine.',
  'A look takes {0} held-out samples, but "{1}" has {2}.':
    'Eine Zwischenauswertung nimmt {0} zurückgehaltene Beispiele, aber „{1}“ hat {2}.',
  'Use at most {0}.': 'Verwenden Sie höchstens {0}.',
  'SFT has no KL term, so its share of the gradient cannot be measured.':
    'SFT hat keinen KL-Term, sein Anteil am Gradienten lässt sich also nicht messen.',
  'Use 0, or leave the field out.': 'Verwenden Sie 0, oder lassen Sie das Feld weg.',
  'The KL term is first measured at step {0}, but the run ends at step {1}.':
    'Der KL-Term wird zuerst bei Schritt {0} gemessen, aber der Lauf endet bei Schritt {1}.',
  'SFT has no KL term, so there is none whose bias could be corrected.':
    'SFT hat keinen KL-Term, es gibt also keinen, dessen Verzerrung zu berichtigen wäre.',
  'Leave the field out, or choose another method.': 'Lassen Sie das Feld weg, oder wählen Sie eine andere Methode.',
  '{0} questions per step cannot be divided into {1} equal parts.':
    '{0} Fragen je Schritt lassen sich nicht in {1} gleiche Teile teilen.',
  'Use one of {0}, or another number of questions.': 'Verwenden Sie eines von {0}, oder eine andere Zahl von Fragen.',
  'With a min-p of 1 only the most likely token is ever drawn: all answers of a group would be the same (greedy), and nothing could be compared.':
    'Mit einem Min-p von 1 wird immer nur das wahrscheinlichste Token gezogen: Alle Antworten einer Gruppe wären gleich, und nichts ließe sich vergleichen.',
  'Use a small share such as 0.05, or 0 for no limit.':
    'Verwenden Sie einen kleinen Anteil wie 0.05, oder 0 für keine Grenze.',
  'A group of one answer has no advantage to learn from.':
    'Eine Gruppe aus einer Antwort hat keinen Vorteil, aus dem zu lernen wäre.',
  'Use at least 2 answers per question; 8 is usual.': 'Verwenden Sie mindestens 2 Antworten je Frage; üblich sind 8.',
  'The warm-up of {0} steps would outlast the run of {1}: the full learning rate is never reached.':
    'Das Anlaufen über {0} Schritte wäre länger als der Lauf von {1}: Die volle Lernrate wird nie erreicht.',
  'Use at most {0} warm-up steps, or more steps.':
    'Verwenden Sie höchstens {0} Schritte zum Anlaufen, oder mehr Schritte.',
  'Use 0 warm-up steps, or more steps.': 'Verwenden Sie 0 Schritte zum Anlaufen, oder mehr Schritte.',
  'The dataset "{0}" names a reward of your own, which only the recipe as a whole can have.':
    'Der Datensatz „{0}“ nennt eine eigene Belohnung, die nur das Rezept als Ganzes haben kann.',
  'A mixture learns from all training samples of its datasets; how often is said by their weights.':
    'Eine Mischung lernt aus allen Trainingsbeispielen ihrer Datensätze; wie oft, sagen ihre Gewichte.',
  'Name it under rewards, or use a reward that is built in.':
    'Nennen Sie sie unter rewards, oder verwenden Sie eine eingebaute Belohnung.',
  'Leave trainSamples out, or choose one dataset.': 'Lassen Sie trainSamples weg, oder wählen Sie einen Datensatz.',
  'Full fine-tuning changes every weight of the language model, so none of them can be kept in 4 bits.':
    'Vollständiges Training ändert jedes Gewicht des Sprachmodells, also lässt sich keines in 4 Bit halten.',
  'Train an adapter (LoRA), or leave frozenWeights out.':
    'Trainieren Sie einen Adapter (LoRA), oder lassen Sie frozenWeights weg.',
};
