/** @file German: evaluations, comparisons and experiments. */
import type { Catalogue } from '../template-index.ts';

export const evaluations: Catalogue = {
  'The evaluation {0} has several sampled answers to each question, which are not paired.':
    'Die Auswertung {0} hat mehrere gezogene Antworten auf jede Frage; sie lassen sich nicht paaren.',
  'Compare two evaluations with greedy answers; `atelier compare --explain` uses the sampled ones.':
    'Vergleichen Sie zwei Auswertungen mit wahrscheinlichsten Antworten; `atelier compare --explain` verwendet die gezogenen.',
  'The evaluations {0} and {1} have no question in common.':
    'Die Auswertungen {0} und {1} haben keine Frage gemeinsam.',
  'Compare two evaluations of the same dataset, split and mode.':
    'Vergleichen Sie zwei Auswertungen desselben Datensatzes, desselben Teils und derselben Art.',
  'These questions cannot tell which one is better: {0} points (95% interval {1} to {2}; {3} gained and {4} lost of {5}; {6}).':
    'Diese Fragen können nicht sagen, welches besser ist: {0} Punkte (95-%-Intervall {1} bis {2}; {3} gewonnen und {4} verloren von {5}; {6}).',
  'These questions cannot tell which one is better: {0} points (95% interval {1} to {2}; {3} gained and {4} lost of {5}; {6}). The first saw at most {7} pixels of each picture, the second {8}.':
    'Diese Fragen können nicht sagen, welches besser ist: {0} Punkte (95-%-Intervall {1} bis {2}; {3} gewonnen und {4} verloren von {5}; {6}). Das erste sah höchstens {7} Pixel jedes Bildes, das zweite {8}.',
  'The base model is better (the {0} evaluation): {1} points (95% interval {2} to {3}; {4} gained and {5} lost of {6}; {7}).':
    'Das Basismodell ist besser (Auswertung {0}): {1} Punkte (95-%-Intervall {2} bis {3}; {4} gewonnen und {5} verloren von {6}; {7}).',
  'The base model is better (the {0} evaluation): {1} points (95% interval {2} to {3}; {4} gained and {5} lost of {6}; {7}). The first saw at most {8} pixels of each picture, the second {9}.':
    'Das Basismodell ist besser (Auswertung {0}): {1} Punkte (95-%-Intervall {2} bis {3}; {4} gewonnen und {5} verloren von {6}; {7}). Das erste sah höchstens {8} Pixel jedes Bildes, das zweite {9}.',
  'The run {0} is better (the {1} evaluation): {2} points (95% interval {3} to {4}; {5} gained and {6} lost of {7}; {8}).':
    'Der Lauf {0} ist besser (Auswertung {1}): {2} Punkte (95-%-Intervall {3} bis {4}; {5} gewonnen und {6} verloren von {7}; {8}).',
  'The run {0} is better (the {1} evaluation): {2} points (95% interval {3} to {4}; {5} gained and {6} lost of {7}; {8}). The first saw at most {9} pixels of each picture, the second {10}.':
    'Der Lauf {0} ist besser (Auswertung {1}): {2} Punkte (95-%-Intervall {3} bis {4}; {5} gewonnen und {6} verloren von {7}; {8}). Das erste sah höchstens {9} Pixel jedes Bildes, das zweite {10}.',
  'In the mode "{0}", each question is answered greedily, so the number of samples has no effect.':
    'In der Art „{0}“ wird jede Frage mit der wahrscheinlichsten Antwort beantwortet; die Zahl der Stichproben hat keine Wirkung.',
  'Leave it out, or choose the mode "samples" or "drift".':
    'Lassen Sie sie weg, oder wählen Sie die Art „samples“ oder „drift“.',
  'A run is evaluated as it was trained, so no other run can say how to ask it.':
    'Ein Lauf wird ausgewertet, wie er trainiert wurde; kein anderer Lauf kann sagen, wie er zu fragen ist.',
  'Name only one of the two runs.': 'Nennen Sie nur einen der beiden Läufe.',
  'The run {0} was trained on the model {1}, not on {2}.':
    'Der Lauf {0} wurde auf dem Modell {1} trainiert, nicht auf {2}.',
  'Use the model {0}.': 'Verwenden Sie das Modell {0}.',
  'The run {0} trained all weights, and drift is measured by switching an adapter off.':
    'Der Lauf {0} trainierte alle Gewichte, und die Entfernung wird gemessen, indem ein Adapter abgeschaltet wird.',
  'Compare its evaluations with those of the base model instead.':
    'Vergleichen Sie stattdessen seine Auswertungen mit denen des Basismodells.',
  'The run {0} has no checkpoint yet, so it has nothing to evaluate.':
    'Der Lauf {0} hat noch keinen Checkpoint, es gibt also nichts auszuwerten.',
  'Drift is how far a run moved its base model, so it needs a run.':
    'Die Entfernung sagt, wie weit ein Lauf sein Basismodell bewegt hat; sie braucht einen Lauf.',
  'Name a run.': 'Nennen Sie einen Lauf.',
  'Only a run has steps.': 'Nur ein Lauf hat Schritte.',
  'Name a run, or leave the step out.': 'Nennen Sie einen Lauf, oder lassen Sie den Schritt weg.',
  'The evaluation {0} was made in the mode "{1}", whose answers are not explained.':
    'Die Auswertung {0} entstand in der Art „{1}“, deren Antworten nicht erklärt werden.',
  'Choose one in the mode {0}.': 'Wählen Sie eine in der Art {0}.',
  'Choose two evaluations of the same dataset, split and mode.':
    'Wählen Sie zwei Auswertungen desselben Datensatzes, desselben Teils und derselben Art.',
  'These runs were not trained on the same dataset from the same model.':
    'Diese Läufe wurden nicht mit demselben Datensatz vom selben Modell aus trainiert.',
  'The study "{0}" ({1}) has no finished run of "{2}" with seed {3}.':
    'In der Studie „{0}“ ({1}) gibt es keinen fertigen Lauf von „{2}“ mit dem Startwert {3}.',
  'Finish that study first, and use its model, tasks, seeds and steps.':
    'Führen Sie erst diese Studie zu Ende, und nehmen Sie ihr Modell, ihre Aufgaben, Startwerte und Schritte.',
  'Leave {0} out, or choose runs of one dataset and one model.':
    'Lassen Sie {0} weg, oder wählen Sie Läufe eines Datensatzes und eines Modells.',
  'Leave the others out, or choose runs of one dataset and one model.':
    'Lassen Sie die anderen weg, oder wählen Sie Läufe eines Datensatzes und eines Modells.',
  'Answers depend on detail that is lost: with {0} instead of {1} pixels, the base model is right on {2} instead of {3} of the questions: {4} points (95% interval {5} to {6}; {7} gained and {8} lost of {9}; {10}).':
    'Die Antworten hängen an Einzelheiten, die verloren gehen: Mit {0} statt {1} Pixeln beantwortet das Basismodell {2} statt {3} der Fragen richtig: {4} Punkte (95-%-Intervall {5} bis {6}; {7} gewonnen und {8} verloren von {9}; {10}).',
  'More detail does not help the base model: with {0} instead of {1} pixels, it is right on {2} instead of {3} of the questions: {4} points (95% interval {5} to {6}; {7} gained and {8} lost of {9}; {10}).':
    'Mehr Details helfen dem Basismodell nicht: Mit {0} statt {1} Pixeln beantwortet es {2} statt {3} der Fragen richtig: {4} Punkte (95-%-Intervall {5} bis {6}; {7} gewonnen und {8} verloren von {9}; {10}).',
  'No loss was found: with {0} instead of {1} pixels, the base model is right on {2} instead of {3} of the questions, which may be chance: {4} points (95% interval {5} to {6}; {7} gained and {8} lost of {9}; {10}).':
    'Kein Verlust gefunden: Mit {0} statt {1} Pixeln beantwortet das Basismodell {2} statt {3} der Fragen richtig, was Zufall sein kann: {4} Punkte (95-%-Intervall {5} bis {6}; {7} gewonnen und {8} verloren von {9}; {10}).',
  'The evaluation was cancelled; nothing of it is stored.':
    'Die Auswertung wurde abgebrochen; nichts davon ist gespeichert.',
  'The dataset has no samples in its {0} split, so nothing can be evaluated.':
    'Im Teil {0} des Datensatzes sind keine Beispiele, es kann also nichts ausgewertet werden.',
  'Import it again with a share of test samples, or evaluate the other split.':
    'Importieren Sie ihn noch einmal mit einem Testteil, oder werten Sie den anderen Teil aus.',
  'It is not known what these pictures do not show, so nothing can be asked about things that are not there.':
    'Es ist nicht bekannt, was diese Bilder nicht zeigen; nach Dingen, die fehlen, lässt sich also nicht fragen.',
  'Import the data with a column "labels" that lists what is in each picture, or with questions whose right answer is 0.':
    'Importieren Sie die Daten mit einer Spalte „labels“, die nennt, was auf jedem Bild ist, oder mit Fragen, deren richtige Antwort 0 ist.',
  'The evaluation was stopped; nothing of it was stored.':
    'Die Auswertung wurde angehalten; nichts davon wurde gespeichert.',
  'The weight of the reward "{0}" is to be swept, but no run uses it.':
    'Das Gewicht der Belohnung „{0}“ soll variiert werden, aber kein Lauf verwendet sie.',
  'The weight of the reward "format" is to be swept, but no run uses it.':
    'Das Gewicht der Belohnung „format“ soll variiert werden, aber kein Lauf verwendet sie.',
  'Choose one of {0}, or add it to the rewards.':
    'Wählen Sie eine von {0}, oder nehmen Sie sie zu den Belohnungen hinzu.',
  '{0} against {1}: {2} points with {3} seed. No verdict yet: the first look comes after {4} seeds.':
    '{0} gegen {1}: {2} Punkte mit {3} Seed. Noch kein Urteil: Der erste Blick kommt nach {4} Seeds.',
  '{0} against {1}: {2} points with {3} seed.': '{0} gegen {1}: {2} Punkte mit {3} Seed.',
  '{0} against {1}: {2} points with {3} seeds. No verdict yet: the first look comes after {4} seeds.':
    '{0} gegen {1}: {2} Punkte mit {3} Seeds. Noch kein Urteil: Der erste Blick kommt nach {4} Seeds.',
  '{0} against {1}: {2} points with {3} seeds.': '{0} gegen {1}: {2} Punkte mit {3} Seeds.',
  '{0} is better than {1}: {2} points (95% interval over {3} seeds and {4} questions: {5} to {6}).':
    '{0} ist besser als {1}: {2} Punkte (95-%-Intervall über {3} Seeds und {4} Fragen: {5} bis {6}).',
  '{0} and {1} are equivalent: {2} points (95% interval over {3} seeds and {4} questions: {5} to {6}), less than {7} point either way.':
    '{0} und {1} sind gleichwertig: {2} Punkte (95-%-Intervall über {3} Seeds und {4} Fragen: {5} bis {6}), weniger als {7} Punkt in beide Richtungen.',
  '{0} and {1} are equivalent: {2} points (95% interval over {3} seeds and {4} questions: {5} to {6}), less than {7} points either way.':
    '{0} und {1} sind gleichwertig: {2} Punkte (95-%-Intervall über {3} Seeds und {4} Fragen: {5} bis {6}), weniger als {7} Punkte in beide Richtungen.',
  'Undecided: the difference may be chance, and no number of seeds tells {0} point apart on these questions. More questions are needed.':
    'Unentschieden: Der Unterschied kann Zufall sein, und keine Zahl von Seeds unterscheidet bei diesen Fragen {0} Punkt. Es braucht mehr Fragen.',
  'Undecided: the difference may be chance, and no number of seeds tells {0} points apart on these questions. More questions are needed.':
    'Unentschieden: Der Unterschied kann Zufall sein, und keine Zahl von Seeds unterscheidet bei diesen Fragen {0} Punkte. Es braucht mehr Fragen.',
  'Undecided: the difference may be chance. {0} more seed would probably decide it.':
    'Unentschieden: Der Unterschied kann Zufall sein. {0} weiterer Seed würde es wohl entscheiden.',
  'Undecided: the difference may be chance. {0} more seed, about {1} hours, would probably decide it.':
    'Unentschieden: Der Unterschied kann Zufall sein. {0} weiterer Seed, etwa {1} Stunden, würde es wohl entscheiden.',
  'Undecided: the difference may be chance. {0} more seeds would probably decide it.':
    'Unentschieden: Der Unterschied kann Zufall sein. {0} weitere Seeds würden es wohl entscheiden.',
  'Undecided: the difference may be chance. {0} more seeds, about {1} hours, would probably decide it.':
    'Unentschieden: Der Unterschied kann Zufall sein. {0} weitere Seeds, etwa {1} Stunden, würden es wohl entscheiden.',
  '{0} against {1}: {2} points (95% interval over {3} seeds and {4} questions: {5} to {6}). {7}':
    '{0} gegen {1}: {2} Punkte (95-%-Intervall über {3} Seeds und {4} Fragen: {5} bis {6}). {7}',
  '{0} against {1}: {2} points (95% interval over {3} seeds and {4} questions: {5} to {6}). {7} That takes a new plan: the last look of this one has been taken.':
    '{0} gegen {1}: {2} Punkte (95-%-Intervall über {3} Seeds und {4} Fragen: {5} bis {6}). {7} Dafür braucht es einen neuen Plan: Der letzte Blick des bisherigen ist getan.',
  '{0} against {1}: {2} points. No verdict: they differ in {3} settings ({4}), so the difference cannot be put down to one of them.':
    '{0} gegen {1}: {2} Punkte. Kein Urteil: Sie unterscheiden sich in {3} Einstellungen ({4}), der Unterschied lässt sich also keiner allein zuschreiben.',
  'training method': 'Trainingsmethode',
  'KL weight over the run': 'KL-Gewicht im Verlauf',
  'choice of rewards': 'Auswahl der Belohnungen',
  'number of steps': 'Zahl der Schritte',
  'pictures to learn from': 'Bilder, aus denen gelernt wird',
  'prompt template': 'Prompt-Vorlage',
  'system prompt': 'System-Prompt',
  'detail of the pictures': 'Detail der Bilder',
  'what is trained': 'was trainiert wird',
  'learning rate and optimiser': 'Lernrate und Optimierer',
  'questions per step': 'Fragen pro Schritt',
  'answers per question': 'Antworten pro Frage',
  'longest answer': 'längste Antwort',
  'sampling temperature': 'Temperatur beim Ziehen',
  'limit top-p': 'Grenze Top-p',
  'limit min-p': 'Grenze Min-p',
  'what the loss averages over': 'worüber der Verlust mittelt',
  'what rewards are scaled by': 'womit Belohnungen skaliert werden',
  'lower clip': 'untere Clip-Grenze',
  'upper clip': 'obere Clip-Grenze',
  'updates per step': 'Updates pro Schritt',
  'use of cut-off answers': 'Verwendung abgeschnittener Antworten',
  'weighting of the KL term': 'Gewichtung des KL-Terms',
  'micro-batches per update': 'Mikrobatches pro Update',
  'The experiment "{0}" ({1}) is {2}, so there is nothing to stop.':
    'Das Experiment „{0}“ ({1}) ist {2}, es gibt also nichts zu stoppen.',
  'Another Atelier works on the experiment "{0}" ({1}).': 'Ein anderes Atelier arbeitet am Experiment „{0}“ ({1}).',
  'Stop it there, or stop the run in work with `atelier stop`.':
    'Stoppen Sie es dort, oder stoppen Sie den laufenden Lauf mit `atelier stop`.',
  'The experiment "{0}" already waits or runs.': 'Das Experiment „{0}“ wartet oder läuft schon.',
  'The experiment "{0}" is completed: nothing is left to do.':
    'Das Experiment „{0}“ ist abgeschlossen: Es bleibt nichts zu tun.',
  'The looks at {0} seeds do not grow.': 'Die Blicke bei {0} Seeds steigen nicht an.',
  'List them from the smallest to the largest, each once.': 'Nennen Sie sie vom kleinsten zum größten, jeden einmal.',
  'The last look is at {0} seeds, but the experiment has {1}.':
    'Der letzte Blick ist bei {0} Seeds, aber das Experiment hat {1}.',
  'End the looks with the number of seeds.': 'Der letzte Blick muss bei der Zahl der Seeds sein.',
  'An exam trains on one dataset and tests on another, but both are the same.':
    'Eine Prüfung trainiert mit einem Datensatz und testet mit einem anderen, aber beide sind gleich.',
  'Choose two different datasets.': 'Wählen Sie zwei verschiedene Datensätze.',
  'Without looking, always answering “{0}” gets {1} of {2} right ({3}).':
    'Wer ohne hinzusehen immer „{0}“ antwortet, hat {1} von {2} richtig ({3}).',
  'Without looking, always answering “{0}” gets {1} of {2} right ({3}); the words of the question alone get {4} of {5} ({6}).':
    'Wer ohne hinzusehen immer „{0}“ antwortet, hat {1} von {2} richtig ({3}); die Wörter der Frage allein ergeben {4} von {5} ({6}).',
  '{0} points (95% interval {1} to {2}; {3} gained and {4} lost of {5}; {6})':
    '{0} Punkte (95-%-Intervall {1} bis {2}; {3} gewonnen und {4} verloren von {5}; {6})',
  'Up to a KL weight of {0}, the KL term makes less than 1% of the gradient: it changes nothing.':
    'Bis zu einem KL-Gewicht von {0} macht der KL-Term weniger als 1 % des Gradienten aus: Er ändert nichts.',
  'Even the smallest weight, {0}, makes more than 1% of the gradient: smaller ones act too.':
    'Schon das kleinste Gewicht, {0}, macht mehr als 1 % des Gradienten aus: Auch kleinere wirken.',
  'From {0} on, the model hardly moves: less than a tenth as far as with the smallest weight.':
    'Ab {0} bewegt sich das Modell kaum: weniger als ein Zehntel so weit wie mit dem kleinsten Gewicht.',
  'Even with the largest weight, {0}, the model still moves: larger ones are possible.':
    'Selbst mit dem größten Gewicht, {0}, bewegt sich das Modell noch: Größere sind möglich.',
  'For a sweep, use {0}. For GRPO-D, use weights from {1} to {2}.':
    'Für einen Sweep verwenden Sie {0}. Für GRPO-D verwenden Sie Gewichte von {1} bis {2}.',
  'For a sweep, use {0}. These runs do not show a range for GRPO-D.':
    'Für einen Sweep verwenden Sie {0}. Für GRPO-D zeigen diese Läufe keinen Bereich.',
  'A share of 100% says nothing about the KL weight: all answers to each question had the same reward, so the rewards made no gradient. Use more answers for each question, longer answers, or more steps.':
    'Ein Anteil von 100 % sagt nichts über das KL-Gewicht: Alle Antworten auf jede Frage hatten dieselbe Belohnung, die Belohnungen ergaben also keinen Gradienten. Verwenden Sie mehr Antworten je Frage, längere Antworten oder mehr Schritte.',
  '95% interval {0} to {1}': '95-%-Intervall {0} bis {1}',
  '{0} of {1} answers changed': '{0} von {1} Antworten geändert',
  '{0} points ({1}): better': '{0} Punkte ({1}): besser',
  '{0} points ({1}): worse': '{0} Punkte ({1}): schlechter',
  '{0} points ({1}): may be chance': '{0} Punkte ({1}): kann Zufall sein',
  'does better': 'ist besser',
  'does worse': 'ist schlechter',
  'is not clearly better': 'ist nicht klar besser',
  'Without looking, always answering “{0}…” gets {1}; the model {2}.':
    'Wer ohne hinzusehen immer „{0}…“ antwortet, erreicht {1}; das Modell {2}.',
  'Without looking, always answering “{0}” gets {1}; the model {2}.':
    'Wer ohne hinzusehen immer „{0}“ antwortet, erreicht {1}; das Modell {2}.',
  'A ranking needs at least {0} seeds.': 'Eine Rangfolge braucht mindestens {0} Seeds.',
  'A ranking needs at least {0} seeds. {1} of these {2} comparisons have fewer.':
    'Eine Rangfolge braucht mindestens {0} Seeds. {1} dieser {2} Vergleiche haben weniger.',
  'It is too long or too deep for a recipe.': 'Es ist zu lang oder zu tief für ein Rezept.',
  'is not a field of a recipe': 'ist kein Feld eines Rezepts',
  'Too few checkpoints to say whether the KL predicts what is forgotten (rank correlation {0} over {1} checkpoints).':
    'Zu wenige Checkpoints, um zu sagen, ob die KL vorhersagt, was verlernt wird (Rangkorrelation {0} über {1} Checkpoints).',
  'The further a checkpoint is from the base on its own task, the more it forgot elsewhere (rank correlation {0} over {1} checkpoints), as "RL\'s Razor" says.':
    "Je weiter ein Checkpoint bei seiner eigenen Aufgabe von der Basis entfernt ist, desto mehr hat er anderswo verlernt (Rangkorrelation {0} über {1} Checkpoints), wie „RL's Razor“ sagt.",
  'The distance from the base on the task it was trained on does not predict what a checkpoint forgot elsewhere (rank correlation {0} over {1} checkpoints), against what "RL\'s Razor" says.':
    "Die Entfernung von der Basis bei der trainierten Aufgabe sagt nicht vorher, was ein Checkpoint anderswo verlernt hat (Rangkorrelation {0} über {1} Checkpoints), anders als „RL's Razor“ sagt.",
  'The run "{0}" has not finished a step yet; nothing has taught it.':
    'Der Lauf „{0}“ hat noch keinen Schritt beendet; nichts hat ihn etwas gelehrt.',
  'Wait for its first step.': 'Warten Sie auf seinen ersten Schritt.',
  'The run "{0}" has no figures of the method "{1}".': 'Der Lauf „{0}“ hat keine Zahlen der Methode „{1}“.',
  'Ask for the exact shares: the run is then run again from its recipe (`atelier contribution RUN --exact`).':
    'Verlangen Sie die exakten Anteile: Dann läuft der Lauf noch einmal nach seinem Rezept (`atelier contribution RUN --exact`).',
  'Leave the method out to get the best that is there.':
    'Lassen Sie die Methode weg, um das Beste zu bekommen, was da ist.',
  'Supervised training records no answers': 'Überwachtes Training zeichnet keine Antworten auf',
  'No answers were recorded': 'Es wurden keine Antworten aufgezeichnet',
  'Supervised training records no answers, so nothing is known of what each image did in "{0}".':
    'Überwachtes Training zeichnet keine Antworten auf; was jedes Bild in „{0}“ bewirkte, ist also unbekannt.',
  'No answers were recorded, so nothing is known of what each image did in "{0}".':
    'Es wurden keine Antworten aufgezeichnet; was jedes Bild in „{0}“ bewirkte, ist also unbekannt.',
  'The run "{0}" is {1}; only what has ended can be replayed.':
    'Der Lauf „{0}“ ist {1}; wiederholen lässt sich nur, was zu Ende ist.',
  'Wait until it is done, or stop it.': 'Warten Sie, bis er fertig ist, oder stoppen Sie ihn.',
  'The run "{0}" has no step that could be replayed.': 'Der Lauf „{0}“ hat keinen Schritt, der sich wiederholen ließe.',
  'Resume it first.': 'Setzen Sie ihn zuerst fort.',
  'The run "{0}" was trained elsewhere; a replay here would be another run.':
    'Der Lauf „{0}“ wurde anderswo trainiert; eine Wiederholung hier wäre ein anderer Lauf.',
  'The shares by draws are known: `atelier contribution RUN --method draws`.':
    'Die Anteile nach Ziehungen sind bekannt: `atelier contribution RUN --method draws`.',
  'The model in {0} is not the one that this run began with.':
    'Das Modell in {0} ist nicht das, mit dem dieser Lauf begann.',
  'Put the original files back.': 'Legen Sie die ursprünglichen Dateien zurück.',
  'The replay was cancelled; nothing was changed.': 'Die Wiederholung wurde abgebrochen; nichts wurde geändert.',
  '{0} is better than guessing without looking ({1}).': '{0} ist besser als Raten ohne Hinsehen ({1}).',
  '{0} is worse than guessing without looking ({1}).': '{0} ist schlechter als Raten ohne Hinsehen ({1}).',
  '{0} is not better than guessing without looking: chance can explain the difference ({1}).':
    '{0} ist nicht besser als Raten ohne Hinsehen: Zufall kann den Unterschied erklären ({1}).',
  'selection or new': 'Auswahl oder neu',
  'right before in content, but not in the required form':
    'vorher dem Inhalt nach richtig, aber nicht in der verlangten Form',
  'right before in some of the sampled answers': 'vorher in einigen der gezogenen Antworten richtig',
  'right before in none of the sampled answers': 'vorher in keiner der gezogenen Antworten richtig',
  'wrong before; take samples of the first model to tell which':
    'vorher falsch; was davon, zeigen Stichproben des ersten Modells',
  'right before, and not any more': 'vorher richtig, jetzt nicht mehr',
  'Strict counts only an answer in its tags; lenient also reads an answer without tags (“There are 2.” is 2).':
    'Streng zählt nur eine Antwort in <answer>-Tags; nachsichtig liest auch eine Antwort ohne Tags („There are 2.“ ist 2).',
  '{0} points ({1} to {2})': '{0} Punkte ({1} bis {2})',
  "New means that none of {0} sampled answers was right; then the first model's chance of a right answer is below {1} (95% confidence).":
    'Neu heißt, dass keine von {0} gezogenen Antworten richtig war; dann liegt die Chance des ersten Modells auf eine richtige Antwort unter {1} (95 % Konfidenz).',
  'F1 of tags': 'F1 der Tags',
  'Characters right (1 − CER)': 'Richtige Zeichen (1 − CER)',
  'Words right (1 − WER)': 'Richtige Wörter (1 − WER)',
  'F1 of fields': 'F1 der Felder',
  'Order (Kendall’s τ)': 'Reihenfolge (Kendalls τ)',
  'Facts named': 'Genannte Fakten',
  'Resemblance (chrF)': 'Ähnlichkeit (chrF)',
  'Resemblance (ROUGE-L)': 'Ähnlichkeit (ROUGE-L)',
  'Overlap of boxes (IoU)': 'Überdeckung der Kästen (IoU)',
  'F1 of boxes': 'F1 der Kästen',
  'Points that hit': 'Treffende Punkte',
  '{0} ({1} to {2})': '{0} ({1} bis {2})',
  'The dataset {0} is named twice.': 'Der Datensatz {0} ist zweimal genannt.',
  'Name each dataset once.': 'Nennen Sie jeden Datensatz einmal.',
  'Of {0} questions, none was gained and none was lost.':
    'Von {0} Fragen wurde keine gewonnen, und keine ging verloren.',
  'Of {0} questions, none was gained, and 1 answer was lost.':
    'Von {0} Fragen wurde keine gewonnen, und 1 Antwort ging verloren.',
  'Of {0} questions, none was gained, and {1} answers were lost.':
    'Von {0} Fragen wurde keine gewonnen, und {1} Antworten gingen verloren.',
  'Of {0} questions, 1 was gained: {1}, and {2}; 1 answer was lost.':
    'Von {0} Fragen wurde 1 gewonnen: {1}, und {2}; 1 Antwort ging verloren.',
  'Of {0} questions, 1 was gained: {1}, and {2}; {3} answers were lost.':
    'Von {0} Fragen wurde 1 gewonnen: {1}, und {2}; {3} Antworten gingen verloren.',
  'Of {0} questions, 1 was gained: {1}; 1 answer was lost.':
    'Von {0} Fragen wurde 1 gewonnen: {1}; 1 Antwort ging verloren.',
  'Of {0} questions, 1 was gained: {1}; {2} answers were lost.':
    'Von {0} Fragen wurde 1 gewonnen: {1}; {2} Antworten gingen verloren.',
  'Of {0} questions, {1} were gained: {2}, and {3}; 1 answer was lost.':
    'Von {0} Fragen wurden {1} gewonnen: {2}, und {3}; 1 Antwort ging verloren.',
  'Of {0} questions, {1} were gained: {2}, and {3}; {4} answers were lost.':
    'Von {0} Fragen wurden {1} gewonnen: {2}, und {3}; {4} Antworten gingen verloren.',
  'Of {0} questions, {1} were gained: {2}; 1 answer was lost.':
    'Von {0} Fragen wurden {1} gewonnen: {2}; 1 Antwort ging verloren.',
  'Of {0} questions, {1} were gained: {2}; {3} answers were lost.':
    'Von {0} Fragen wurden {1} gewonnen: {2}; {3} Antworten gingen verloren.',
  'Training widened what the model can do: more questions that are right in at least one of {0} sampled answers, by {1}.':
    'Das Training hat erweitert, was das Modell kann: mehr Fragen, die in mindestens einer von {0} gezogenen Antworten richtig sind, um {1}.',
  'Training narrowed what the model can do: fewer questions that are right in at least one of {0} sampled answers, by {1}.':
    'Das Training hat verengt, was das Modell kann: weniger Fragen, die in mindestens einer von {0} gezogenen Antworten richtig sind, um {1}.',
  'These samples cannot tell whether training narrowed or widened what the model can do: questions that are right in at least one of {0} sampled answers, {1}.':
    'Diese Stichproben zeigen nicht, ob das Training verengt oder erweitert hat, was das Modell kann: Fragen, die in mindestens einer von {0} gezogenen Antworten richtig sind, {1}.',
  '{0}: GRPO-D is more accurate than SFT.': '{0}: GRPO-D ist genauer als SFT.',
  'Counting 76.5% against 68.5%, geometry 34.35% against 32.49% (2B, Table 1).':
    'Zählen 76,5 % gegen 68,5 %, Geometrie 34,35 % gegen 32,49 % (2B, Tabelle 1).',
  '{0}: GRPO-D is more accurate than GRPO with a fixed KL weight.':
    '{0}: GRPO-D ist genauer als GRPO mit festem KL-Gewicht.',
  'Counting 76.5% against 64.5% (β = 0.04), geometry 34.35% against 30.24% (β = 0.01) (2B, Table 1).':
    'Zählen 76,5 % gegen 64,5 % (β = 0,04), Geometrie 34,35 % gegen 30,24 % (β = 0,01) (2B, Tabelle 1).',
  '{0}: The moving weight is what helps: GRPO-D is more accurate than GRPO with a constant weight of the same mean.':
    '{0}: Das veränderliche Gewicht hilft: GRPO-D ist genauer als GRPO mit konstantem Gewicht gleichen Mittelwerts.',
  'Not tested. On counting, the fixed weight of the paper (0.04) is below the mean of its schedule (0.066).':
    'Nicht geprüft. Beim Zählen liegt das feste Gewicht der Arbeit (0,04) unter dem Mittel ihres Verlaufs (0,066).',
  '{0}: GRPO-D is more accurate than GRPO with a larger constant weight ({1}).':
    '{0}: GRPO-D ist genauer als GRPO mit einem größeren konstanten Gewicht ({1}).',
  'Not tested. The paper tried no constant weight above 0.05.':
    'Nicht geprüft. Die Arbeit versuchte kein konstantes Gewicht über 0,05.',
  'Tested on the task it was not trained on, GRPO-D is at least 60% more accurate than SFT, relatively.':
    'Geprüft an der Aufgabe, die nicht trainiert wurde, ist GRPO-D relativ um mindestens 60 % genauer als SFT.',
  '+61.63% on average is what the abstract says; geometry → counting 69.5% against 43.0%, counting → geometry 16.2% against 3.5% (2B, Fig. 7).':
    'Die Zusammenfassung nennt im Mittel +61,63 %; Geometrie → Zählen 69,5 % gegen 43,0 %, Zählen → Geometrie 16,2 % gegen 3,5 % (2B, Abb. 7).',
  'Rewarding the format beside the accuracy makes answers more accurate: any weight is better than none.':
    'Neben der Genauigkeit auch die Form zu belohnen, macht Antworten genauer: Jedes Gewicht ist besser als keines.',
  'Weight 1 is 20% better than weight 0, relatively, and every weight above 0 beats 0 (geometry, Fig. 4).':
    'Gewicht 1 ist relativ 20 % besser als Gewicht 0, und jedes Gewicht über 0 schlägt 0 (Geometrie, Abb. 4).',
  'Accuracy rises and then falls with a constant KL weight: a middle one ({0}) beats both none and a large one ({1}).':
    'Mit einem konstanten KL-Gewicht steigt die Genauigkeit und fällt dann: Ein mittleres ({0}) schlägt sowohl keines als auch ein großes ({1}).',
  'Best at β = 0.01 with 30.24%, less at 0 and at 0.05 (geometry, Fig. 6).':
    'Am besten bei β = 0,01 mit 30,24 %, weniger bei 0 und bei 0,05 (Geometrie, Abb. 6).',
  '{0}: not measured yet.': '{0}: noch nicht gemessen.',
  '{0}: {1} over 1 seed; {2}.': '{0}: {1} über 1 Seed; {2}.',
  '{0}: {1} over {2} seeds; {3}.': '{0}: {1} über {2} Seeds; {3}.',
  '{0}: {1} over {2} seeds, 95% interval over seeds {3} to {4}; {5}.':
    '{0}: {1} über {2} Seeds, 95-%-Intervall über Seeds {3} bis {4}; {5}.',
  '{0}: {1} over {2} seeds, 95% interval over seeds and questions {3} to {4}; {5}.':
    '{0}: {1} über {2} Seeds, 95-%-Intervall über Seeds und Fragen {3} bis {4}; {5}.',
  'This was not measured.': 'Das wurde nicht gemessen.',
  'all of it above {0}': 'ganz über {0}',
  'none of it above {0}': 'nirgends über {0}',
  'smaller than the smallest difference that matters, either way':
    'in beiden Richtungen kleiner als der kleinste Unterschied, auf den es ankommt',
  'the seeds do not differ at all, so there is no interval':
    'die Seeds unterscheiden sich gar nicht, also gibt es kein Intervall',
  'no verdict yet: {0}': 'noch kein Urteil: {0}',
  'at least {0} seeds are needed for a verdict': 'ein Urteil braucht mindestens {0} Seeds',
  'it may be chance (p = {0})': 'es kann Zufall sein (p = {0})',
  'it may be chance (p = {0}, corrected)': 'es kann Zufall sein (p = {0}, korrigiert)',
  'which does not settle whether it is above {0}': 'das klärt nicht, ob es über {0} liegt',
};
