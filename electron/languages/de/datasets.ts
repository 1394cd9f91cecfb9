/** @file German: datasets, their analysis, and labelling. */
import type { Catalogue } from '../template-index.ts';

export const datasets: Catalogue = {
  'There are no samples to look at.': 'Es gibt keine Beispiele zum Ansehen.',
  'Without looking at an image, the words of the question alone give {0} of the right answers ({1} to {2}) to counting questions; always giving the most frequent answer gives {3}.':
    'Ohne ein Bild anzusehen, ergeben die Wörter der Frage allein {0} der richtigen Antworten ({1} bis {2}) auf Zählfragen; immer die häufigste Antwort zu geben ergibt {3}.',
  'Without looking at an image, the words of the question alone give {0} of the right answers ({1} to {2}) to geometry questions; always giving the most frequent answer gives {3}.':
    'Ohne ein Bild anzusehen, ergeben die Wörter der Frage allein {0} der richtigen Antworten ({1} bis {2}) auf Geometriefragen; immer die häufigste Antwort zu geben ergibt {3}.',
  'Without looking at an image, the words of the question alone give {0} of the right answers ({1} to {2}); always giving the most frequent answer gives {3}.':
    'Ohne ein Bild anzusehen, ergeben die Wörter der Frage allein {0} der richtigen Antworten ({1} bis {2}); immer die häufigste Antwort zu geben ergibt {3}.',
  'The dataset "{0}" has no test questions.': 'Der Datensatz „{0}“ hat keine Testfragen.',
  'The questions of the dataset "{0}" are asked already.': 'Die Fragen des Datensatzes „{0}“ werden schon gestellt.',
  'Name two datasets that are not in the study, each once.':
    'Nennen Sie zwei Datensätze, die nicht in der Studie sind, jeden einmal.',
  'The dataset "{0}" asks other things than "{1}".': 'Der Datensatz „{0}“ fragt nach anderem als „{1}“.',
  'Name the datasets in the order of the tasks, each with questions of the same kind.':
    'Nennen Sie die Datensätze in der Reihenfolge der Aufgaben, jeden mit Fragen derselben Art.',
  'Name a dataset whose rows are in the split "test".':
    'Nennen Sie einen Datensatz, dessen Zeilen im Teil „test“ stehen.',
  'The dataset {0} has no sample "{1}".': 'Im Datensatz {0} gibt es kein Beispiel „{1}“.',
  'Nothing was changed. Choose the samples again.': 'Nichts wurde geändert. Wählen Sie die Beispiele noch einmal.',
  'The edit sets nothing.': 'Die Änderung setzt nichts.',
  'Name what is to be set: tags, licence, authors, split, answer or task.':
    'Nennen Sie, was gesetzt werden soll: Tags, Lizenz, Urheber, Aufteilung, Antwort oder Aufgabe.',
  'Every sample would have the same answer ("{0}"): there would be only one class, so nothing could be learned.':
    'Jedes Beispiel hätte dieselbe Antwort („{0}“): Es gäbe nur eine Klasse, also wäre nichts zu lernen.',
  'Every sample would have the same answer (""): there would be only one class, so nothing could be learned.':
    'Jedes Beispiel hätte dieselbe Antwort („“): Es gäbe nur eine Klasse, also wäre nichts zu lernen.',
  'Nothing was changed. Choose fewer samples.': 'Nichts wurde geändert. Wählen Sie weniger Beispiele.',
  'There is no edit of the dataset {0} to undo.':
    'Im Datensatz {0} gibt es keine Änderung, die sich rückgängig machen lässt.',
  '"{0}" is itself an undo.': '„{0}“ ist selbst eine Rücknahme.',
  'The edit "{0}" was undone already ({1}).': 'Die Änderung „{0}“ wurde schon rückgängig gemacht ({1}).',
  'A later edit changed samples of "{0}" again; undoing it would undo that one too.':
    'Eine spätere Änderung hat Beispiele von „{0}“ noch einmal geändert; die Rücknahme nähme auch sie zurück.',
  'Nothing was changed.': 'Nichts wurde geändert.',
  'The list of edits shows their ids.': 'Die Liste der Änderungen zeigt ihre Kennungen.',
  'Make the change again instead.': 'Machen Sie die Änderung stattdessen noch einmal.',
  'Undo the later edits first, newest first.': 'Nehmen Sie zuerst die späteren Änderungen zurück, die neueste zuerst.',
  'All samples belong together, so none can be held out.':
    'Alle Beispiele gehören zusammen, deshalb kann keines zurückgehalten werden.',
  'Group by another column, or by none.': 'Gruppieren Sie nach einer anderen Spalte oder gar nicht.',
  'No sample has anything in "{0}" to group by.': 'Kein Beispiel hat etwas in „{0}“, wonach sich gruppieren ließe.',
  'Split by seed.': 'Teilen Sie nach Seed auf.',
  'Use one of: {0}.': 'Verwenden Sie eines von: {0}.',
  '{0} of the samples are held out instead of {1}: what belongs together could not be divided further.':
    '{0} der Beispiele sind zurückgehalten statt {1}: Was zusammengehört, ließ sich nicht weiter teilen.',
  '{0} of {1} samples has nothing in "{2}"; each such image was taken for a group of its own.':
    '{0} von {1} Beispielen hat nichts in „{2}“; jedes solche Bild galt als eigene Gruppe.',
  '{0} of {1} samples have nothing in "{2}"; each such image was taken for a group of its own.':
    '{0} von {1} Beispielen haben nichts in „{2}“; jedes solche Bild galt als eigene Gruppe.',
  'No picture has an answer that can be read; a dataset needs at least two.':
    'Kein Bild hat eine lesbare Antwort; ein Datensatz braucht mindestens zwei.',
  'Only one picture has an answer that can be read; a dataset needs at least two.':
    'Nur ein Bild hat eine lesbare Antwort; ein Datensatz braucht mindestens zwei.',
  'Answer more pictures first.': 'Beantworten Sie zuerst mehr Bilder.',
  'There is no learning task "{0}".': 'Es gibt keine Lernaufgabe „{0}“.',
  'docs/tasks.md lists the tasks.': 'docs/tasks.md nennt die Aufgaben.',
  'The folder {0} has no pictures.': 'Im Ordner {0} sind keine Bilder.',
  'Choose a folder with JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP files.':
    'Wählen Sie einen Ordner mit Dateien der Art JPEG, PNG, WebP, GIF, TIFF, AVIF oder BMP.',
  ' The first, {0}: {1}': ' Das erste, {0}: {1}',
  'None of the {0} pictures can be read.': 'Keines der {0} Bilder ist lesbar.',
  'None of the {0} pictures can be read. The first, {1}: {2}': 'Keines der {0} Bilder ist lesbar. Das erste, {1}: {2}',
  '{0} is not a folder.': '{0} ist kein Ordner.',
  'Choose the folder that holds the pictures.': 'Wählen Sie den Ordner, der die Bilder enthält.',
  'Nothing is to be set.': 'Es ist nichts zu setzen.',
  'No model has proposed an answer for {0}. Nothing was changed.':
    'Für {0} hat kein Modell eine Antwort vorgeschlagen. Nichts wurde geändert.',
  'The model was stopped. Its {0} proposals are kept.':
    'Das Modell wurde angehalten. Seine {0} Vorschläge bleiben erhalten.',
  'No picture of "{0}" waits for an answer.': 'Kein Bild von „{0}“ wartet auf eine Antwort.',
  'Choose the pictures to ask about.': 'Wählen Sie die Bilder, nach denen gefragt werden soll.',
  'No picture of "{0}" has an answer yet. Nothing was written.':
    'Noch hat kein Bild von „{0}“ eine Antwort. Nichts wurde geschrieben.',
  'Answer a picture first.': 'Beantworten Sie zuerst ein Bild.',
  '{0}{1} on 1 sample.': '{0}{1} bei 1 Beispiel.',
  '{0}{1} on {2} samples.': '{0}{1} bei {2} Beispielen.',
  'Undone: {0}': 'Rückgängig gemacht: {0}',
  'Split by {0} (seed {1}): {2} train, {3} test; {4} sample changed sides.':
    'Aufgeteilt nach {0} (Seed {1}): {2} zum Trainieren, {3} zum Testen; {4} Beispiel wechselte die Seite.',
  'Split by seed (seed {0}): {1} train, {2} test; {3} sample changed sides.':
    'Aufgeteilt nach Seed (Seed {0}): {1} zum Trainieren, {2} zum Testen; {3} Beispiel wechselte die Seite.',
  'Split by {0} (seed {1}): {2} train, {3} test; {4} samples changed sides.':
    'Aufgeteilt nach {0} (Seed {1}): {2} zum Trainieren, {3} zum Testen; {4} Beispiele wechselten die Seite.',
  'Split by seed (seed {0}): {1} train, {2} test; {3} samples changed sides.':
    'Aufgeteilt nach Seed (Seed {0}): {1} zum Trainieren, {2} zum Testen; {3} Beispiele wechselten die Seite.',
  'Counting questions: {0}': 'Zählfragen: {0}',
  'Geometry questions: {0}': 'Geometriefragen: {0}',
  'Column “{0}”: {1}': 'Spalte „{0}“: {1}',
  'No sample has {0}.': 'Kein Beispiel hat {0}.',
  'a known author': 'einen bekannten Urheber',
  'a known source': 'eine bekannte Quelle',
  'a known licence': 'eine bekannte Lizenz',
  'a known task': 'eine bekannte Aufgabe',
  'a known answer': 'eine bekannte Antwort',
  'a known subject': 'ein bekanntes Motiv',
  'a known tag': 'ein bekanntes Tag',
  'All samples have {0}: “{1}”.': 'Alle Beispiele haben {0}: „{1}“.',
  '{0} of the samples have {1}: “{2}”. For the others none is known.':
    '{0} der Beispiele haben {1}: „{2}“. Bei den anderen fehlt die Angabe.',
  'the same author': 'denselben Urheber',
  'the same source': 'dieselbe Quelle',
  'the same licence': 'dieselbe Lizenz',
  'the same task': 'dieselbe Aufgabe',
  'the same answer': 'dieselbe Antwort',
  'the same subject': 'dasselbe Motiv',
  'the same tag': 'dasselbe Tag',
  'There are {0} {1}; the most frequent is “{2}” with {3}. As varied as {4} equally frequent ones.':
    'Es gibt {0} {1}; am häufigsten ist „{2}“ mit {3}. So vielfältig wie {4} gleich häufige.',
  'There are {0} {1}; the most frequent is “{2}” with {3}. As varied as {4} equally frequent ones. For {5} of the samples none is known.':
    'Es gibt {0} {1}; am häufigsten ist „{2}“ mit {3}. So vielfältig wie {4} gleich häufige. Bei {5} der Beispiele fehlt die Angabe.',
  'different authors': 'verschiedene Urheber',
  'different sources': 'verschiedene Quellen',
  'different licences': 'verschiedene Lizenzen',
  'different tasks': 'verschiedene Aufgaben',
  'different answers': 'verschiedene Antworten',
  'different subjects': 'verschiedene Motive',
  'different tags': 'verschiedene Tags',
  'Naive Bayes over the words and pairs of words of the question, {0}-fold cross-validated on the training samples; answers are compared as written.':
    'Naiver Bayes-Klassifikator über Wörter und Wortpaare der Frage, {0}-fach kreuzvalidiert auf den Trainingsbeispielen; Antworten zählen, wie sie geschrieben sind.',
  'Reading the pictures': 'Bilder werden gelesen',
};
