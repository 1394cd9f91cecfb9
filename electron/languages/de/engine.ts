/** @file German: the engine. */
import type { Catalogue } from '../template-index.ts';

export const engine: Catalogue = {
  'An image of {0} × {1} pixels needs {2} bytes and has {3}.':
    'Ein Bild von {0} × {1} Pixeln braucht {2} Byte und hat {3}.',
  'image tokens at position {0} belong to no image ({1} given)':
    'Bild-Token an Position {0} gehören zu keinem Bild ({1} gegeben)',
  'image {0}{1} has the impossible grid [{2}]': 'Bild {0}{1} hat das unmögliche Raster [{2}]',
  'image {0}{1} needs {2} image tokens and has {3}': 'Bild {0}{1} braucht {2} Bild-Token und hat {3}',
  'the prompt has places for {0} images, but {1} were given': 'der Prompt hat Plätze für {0} Bilder, gegeben sind {1}',
  'a prompt of {0} tokens does not fit into {1}': 'ein Prompt von {0} Token passt nicht in {1}',
  'The images do not match the prompt: {0}.': 'Die Bilder passen nicht zum Prompt: {0}.',
  'An image in the conversation names no file.': 'Ein Bild im Gespräch nennt keine Datei.',
  'The text contains {0}, which stands for an image.': 'Der Text enthält {0}, was für ein Bild steht.',
  'Remove it. Atelier inserts the images itself.': 'Entfernen Sie es. Atelier setzt die Bilder selbst ein.',
  'The chat template has places for {0} images, but {1} were given.':
    'Die Chat-Vorlage hat Plätze für {0} Bilder, aber {1} sind gegeben.',
  'The package `webgpu` is not installed.': 'Das Paket `webgpu` ist nicht installiert.',
  'Run `npm run setup`; it installs the packages again.':
    'Führen Sie `npm run setup` aus; es installiert die Pakete neu.',
  'The graphics driver gave an answer that makes no sense.': 'Der Grafiktreiber gab eine unsinnige Antwort.',
  'Update the graphics driver. Until then, Atelier computes on the processor.':
    'Aktualisieren Sie den Grafiktreiber. Bis dahin rechnet Atelier auf dem Prozessor.',
  'The graphics driver did not answer within {0} seconds.':
    'Der Grafiktreiber antwortete nicht innerhalb von {0} Sekunden.',
  'The graphics driver ended the process that asked it ({0}).':
    'Der Grafiktreiber beendete den Prozess, der ihn fragte ({0}).',
  'The graphics driver ended the process that asked it (exit status {0}).':
    'Der Grafiktreiber beendete den Prozess, der ihn fragte (Status {0}).',
  'No GPU has "{0}" in its name; this machine has {1}.':
    'Keine Grafikkarte hat „{0}“ im Namen; dieser Rechner hat {1}.',
  'No GPU has "" in its name; this machine has {0}.': 'Keine Grafikkarte hat „“ im Namen; dieser Rechner hat {0}.',
  'Set {0} to a part of such a name, or leave it out.':
    'Setzen Sie {0} auf einen Teil eines solchen Namens, oder lassen Sie es weg.',
  'WebGPU found no GPU.': 'WebGPU fand keine Grafikkarte.',
  "Install the card's Vulkan driver (on Debian: mesa-vulkan-drivers, libvulkan1). A remote session may see no GPU.":
    'Installieren Sie den Vulkan-Treiber der Karte (unter Debian: mesa-vulkan-drivers, libvulkan1). Eine Fernsitzung sieht vielleicht keine Grafikkarte.',
  'Update the graphics driver. A remote session may see no GPU.':
    'Aktualisieren Sie den Grafiktreiber. Eine Fernsitzung sieht vielleicht keine Grafikkarte.',
  'The limit {0} of  is {1}; Atelier needs {2}.': 'Die Grenze {0} ist {1}; Atelier braucht {2}.',
  'The limit {0} of {1} is {2}; Atelier needs {3}.': 'Die Grenze {0} von {1} ist {2}; Atelier braucht {3}.',
  'The GPU runs this model operation by operation, because {0} cannot be compiled. The results are the same, but each step takes longer.':
    'Die Grafikkarte führt dieses Modell Operation für Operation aus, weil {0} nicht kompiliert werden kann. Die Ergebnisse sind dieselben, aber jeder Schritt dauert länger.',
  'A run that was interrupted can be resumed from its last checkpoint.':
    'Ein unterbrochener Lauf lässt sich ab seinem letzten Checkpoint fortsetzen.',
  "TensorFlow's native part could not be loaded ({0}).":
    'Der native Teil von TensorFlow konnte nicht geladen werden ({0}).',
  "TensorFlow's native part could not be loaded ().": 'Der native Teil von TensorFlow konnte nicht geladen werden ().',
  '{0}=webgpu is set, but it cannot be used: {1}': '{0}=webgpu ist gesetzt, aber nicht verwendbar: {1}',
  '{0}=webgpu is set, but it cannot be used: The GPU could not be opened ({1}).':
    '{0}=webgpu ist gesetzt, aber nicht verwendbar: Die Grafikkarte konnte nicht geöffnet werden ({1}).',
  '{0}=webgpu is set, but it cannot be used: The GPU could not be opened ().':
    '{0}=webgpu ist gesetzt, aber nicht verwendbar: Die Grafikkarte konnte nicht geöffnet werden ().',
  '{0} must be one of {1}, not "".': '{0} muss eines von {1} sein, nicht „“.',
  '{0} must be one of {1}, not "{2}".': '{0} muss eines von {1} sein, nicht „{2}“.',
  'Set {0} to one of these, or leave it out.': 'Setzen Sie {0} auf eines davon, oder lassen Sie es weg.',
  'The GPU is set to "always" but cannot be used: {0}': 'Die GPU steht auf „immer“, ist aber nicht verwendbar: {0}',
  'The GPU is set to "always" but cannot be used: The GPU could not be opened ({0}).':
    'Die GPU steht auf „immer“, ist aber nicht verwendbar: Die Grafikkarte konnte nicht geöffnet werden ({0}).',
  'The GPU is set to "always" but cannot be used: The GPU could not be opened ().':
    'Die GPU steht auf „immer“, ist aber nicht verwendbar: Die Grafikkarte konnte nicht geöffnet werden ().',
  'Update the graphics driver. Until then, every job is refused. To compute on the processor, set the GPU to "automatic" or "never".':
    'Aktualisieren Sie den Grafiktreiber. Bis dahin wird jeder Auftrag abgelehnt. Um auf dem Prozessor zu rechnen, stellen Sie die GPU auf „automatisch“ (automatic) oder „nie“ (never).',
  '{0} Until then, every job is refused. To compute on the processor, set the GPU to "automatic" or "never".':
    '{0} Bis dahin wird jeder Auftrag abgelehnt. Um auf dem Prozessor zu rechnen, stellen Sie die GPU auf „automatisch“ (automatic) oder „nie“ (never).',
  '{0} Without {1}, Atelier computes on the processor.': '{0} Ohne {1} rechnet Atelier auf dem Prozessor.',
  'Update the graphics driver. Without {0}, Atelier computes on the processor.':
    'Aktualisieren Sie den Grafiktreiber. Ohne {0} rechnet Atelier auf dem Prozessor.',
  "The longest prompt has {0} tokens. With {1} for the answer, it exceeds the model's context of {2}.":
    'Der längste Prompt hat {0} Token. Mit {1} für die Antwort ist er zu lang für den Kontext des Modells von {2}.',
  'Lower the detail, or use a shorter prompt template or shorter answers.':
    'Senken Sie den Detailgrad, oder verwenden Sie eine kürzere Prompt-Vorlage oder kürzere Antworten.',
  "The adapter in {0} does not have the recipe's rank, alpha and layers.":
    'Der Adapter in {0} hat nicht den Rang, die Stärke und die Ebenen des Rezepts.',
  'Use the adapter settings of the run that it comes from.':
    'Verwenden Sie die Adaptereinstellungen des Laufs, aus dem er stammt.',
  'A result of {0} takes {1}; {2} computes on tensors of up to {3}.':
    'Ein Ergebnis von {0} braucht {1}; {2} rechnet mit Tensoren bis {3}.',
  'The GPU has no room for weights of {0}, the largest of which is {1} with {2}.':
    'Die GPU hat keinen Platz für Gewichte von {0}; das größte davon ist {1} mit {2}.',
  'Close other programs, use a smaller model, or compute on the processor: `atelier settings --gpu never`, without ATELIER_BACKEND.':
    'Schließen Sie andere Programme, verwenden Sie ein kleineres Modell, oder rechnen Sie auf dem Prozessor: `atelier settings --gpu never`, ohne ATELIER_BACKEND.',
  'The weight {0} takes {1}; {2} computes on tensors of up to {3}.':
    'Das Gewicht {0} braucht {1}; {2} rechnet mit Tensoren bis {3}.',
  'Use a smaller model, or compute on the processor: `atelier settings --gpu never`, without ATELIER_BACKEND.':
    'Verwenden Sie ein kleineres Modell, oder rechnen Sie auf dem Prozessor: `atelier settings --gpu never`, ohne ATELIER_BACKEND.',
  'The question has no picture, so there is nothing to look at.':
    'Die Frage hat kein Bild, es gibt also nichts anzusehen.',
  'Ask about a picture.': 'Fragen Sie nach einem Bild.',
  'The answer has no tokens.': 'Die Antwort hat keine Token.',
  'The answer has the token {0}, which the model does not know.':
    'Die Antwort enthält das Token {0}, das das Modell nicht kennt.',
  'The text of the reward {0} is not the one that its SHA-256 names.':
    'Der Text der Belohnung {0} ist nicht der, den ihr SHA-256 nennt.',
  'Load the file again.': 'Laden Sie die Datei noch einmal.',
  'The reward {0}: {1}.': 'Die Belohnung {0}: {1}.',
  'The reward {0}, line {1}{2}: {3}.': 'Die Belohnung {0}, Zeile {1}{2}: {3}.',
  'The reward {0}, line {1}: {2}.': 'Die Belohnung {0}, Zeile {1}: {2}.',
  'Correct the file: it must export a function score(completion, sample) that returns a number from 0 to 1, or null.':
    'Berichtigen Sie die Datei: Sie muss eine Funktion score(completion, sample) exportieren, die eine Zahl von 0 bis 1 liefert, oder null.',
  ' (for the completion {0})': ' (bei der Antwort {0})',
  'The checkpoint of step {0} could not be written: the disk with {1} is full.':
    'Der Checkpoint von Schritt {0} konnte nicht geschrieben werden: Der Datenträger mit {1} ist voll.',
  'Free some space, then resume the run.': 'Schaffen Sie Platz, und setzen Sie den Lauf dann fort.',
  '{0} is not a checkpoint: {1} is missing.': '{0} ist kein Checkpoint: {1} fehlt.',
  'Start the run again, or choose another checkpoint.':
    'Beginnen Sie den Lauf neu, oder wählen Sie einen anderen Checkpoint.',
  'The checkpoint {0} does not belong to this run.': 'Der Checkpoint {0} gehört nicht zu diesem Lauf.',
  'Choose a checkpoint of this run.': 'Wählen Sie einen Checkpoint dieses Laufs.',
  "The prompt has {0} tokens. With {1} new ones, it exceeds the model's context of {2}.":
    'Der Prompt hat {0} Token. Mit {1} neuen ist er zu lang für den Kontext des Modells von {2}.',
  'Lower the detail, or ask for fewer new tokens.': 'Senken Sie den Detailgrad, oder verlangen Sie weniger neue Token.',
  'The tensor {0} has the type {1}, which cannot be merged.':
    'Der Tensor {0} hat den Typ {1}, der sich nicht einfügen lässt.',
  '{0}: the tensor {1} holds {2}, which {3} cannot hold.':
    '{0}: Der Tensor {1} enthält {2}, was {3} nicht fassen kann.',
  'Export with bf16 weights, which have the range of float32.':
    'Exportieren Sie mit bf16-Gewichten, die den Bereich von float32 haben.',
  'The export was cancelled.': 'Der Export wurde abgebrochen.',
  '{0} of {1} held-out samples are longer or larger than any training sample, so interim evaluations skip them. The evaluation at the end includes them.':
    '{0} von {1} zurückgehaltenen Beispielen sind länger oder größer als jedes Trainingsbeispiel, deshalb lassen Zwischenauswertungen sie aus. Die Auswertung am Ende enthält sie.',
  'The merge was cancelled.': 'Das Zusammenführen wurde abgebrochen.',
  'This run may need about {0}, a little more than the {1} available. It starts with the smallest micro-batches. If it stops, use shorter or fewer answers per question.':
    'Dieser Lauf braucht vielleicht {0}, etwas mehr als die verfügbaren {1}. Er beginnt mit den kleinsten Mikro-Batches. Hält er an, verwenden Sie kürzere oder weniger Antworten je Frage.',
  'To stay within {0} of memory, updates are computed in micro-batches of {1} question, layer by layer. The results are the same, but each step takes longer.':
    'Um unter {0} Arbeitsspeicher zu bleiben, werden Updates in Mikro-Batches von {1} Frage berechnet, Schicht für Schicht. Das Ergebnis ist gleich, aber jeder Schritt dauert länger.',
  'To stay within {0} of memory, updates are computed in micro-batches of {1} questions, layer by layer. The results are the same, but each step takes longer.':
    'Um unter {0} Arbeitsspeicher zu bleiben, werden Updates in Mikro-Batches von {1} Fragen berechnet, Schicht für Schicht. Das Ergebnis ist gleich, aber jeder Schritt dauert länger.',
  'To stay within {0} of memory, updates are computed in micro-batches of {1} question. The results are the same, but each step takes longer.':
    'Um unter {0} Arbeitsspeicher zu bleiben, werden Updates in Mikro-Batches von {1} Frage berechnet. Das Ergebnis ist gleich, aber jeder Schritt dauert länger.',
  'To stay within {0} of memory, updates are computed in micro-batches of {1} questions. The results are the same, but each step takes longer.':
    'Um unter {0} Arbeitsspeicher zu bleiben, werden Updates in Mikro-Batches von {1} Fragen berechnet. Das Ergebnis ist gleich, aber jeder Schritt dauert länger.',
  'Memory ran out in step {0}. The step is taken again with updates computed in micro-batches of {1} question{2}, layer by layer. Nothing is lost, and the results are the same.':
    'In Schritt {0} ging der Arbeitsspeicher aus. Der Schritt wird wiederholt, mit Updates in Mikro-Batches der Größe {1}{2}, Schicht für Schicht. Nichts geht verloren, und das Ergebnis ist gleich.',
  'Memory ran out in step {0}. The step is taken again with updates computed in micro-batches of {1} question. Nothing is lost, and the results are the same.':
    'In Schritt {0} ging der Arbeitsspeicher aus. Der Schritt wird wiederholt, mit Updates in Mikro-Batches von {1} Frage. Nichts geht verloren, und das Ergebnis ist gleich.',
  'Memory ran out in step {0}. The step is taken again with updates computed in micro-batches of {1} questions. Nothing is lost, and the results are the same.':
    'In Schritt {0} ging der Arbeitsspeicher aus. Der Schritt wird wiederholt, mit Updates in Mikro-Batches von {1} Fragen. Nichts geht verloren, und das Ergebnis ist gleich.',
  'Memory ran out in step {0}. The step is taken again with updates computed at once. Nothing is lost, and the results are the same.':
    'In Schritt {0} ging der Arbeitsspeicher aus. Der Schritt wird wiederholt, mit Updates in einem Stück. Nichts geht verloren, und das Ergebnis ist gleich.',
  'Memory ran out in step {0}. The step is taken again with updates computed {1}, layer by layer. Nothing is lost, and the results are the same.':
    'In Schritt {0} ging der Arbeitsspeicher aus. Der Schritt wird wiederholt, mit Updates {1}, Schicht für Schicht. Nichts geht verloren, und das Ergebnis ist gleich.',
  'Memory ran out in step {0}. The step is taken again with updates computed in micro-batches of {1} question{2}. Nothing is lost, and the results are the same.':
    'In Schritt {0} ging der Arbeitsspeicher aus. Der Schritt wird wiederholt, mit Updates in Mikro-Batches der Größe {1}{2}. Nichts geht verloren, und das Ergebnis ist gleich.',
  'Memory ran out again in step {0}.': 'In Schritt {0} ging der Arbeitsspeicher noch einmal aus.',
  'Close other programs, or use fewer or shorter answers per question, then resume from the last checkpoint.':
    'Schließen Sie andere Programme, oder verwenden Sie weniger oder kürzere Antworten je Frage, und setzen Sie dann ab dem letzten Checkpoint fort.',
  'The last look at held-out samples found no more right answers than before, so the run ended after step {0}, as its recipe says.':
    'Die letzte Zwischenauswertung fand nicht mehr richtige Antworten als vorher, deshalb endete der Lauf nach Schritt {0}, wie sein Rezept es sagt.',
  'The last {0} looks at held-out samples found no more right answers than before, so the run ended after step {1}, as its recipe says.':
    'Die letzten {0} Zwischenauswertungen fanden nicht mehr richtige Antworten als vorher, deshalb endete der Lauf nach Schritt {1}, wie sein Rezept es sagt.',
  'Step {0} produced a loss or gradient that is not a number, so it changed nothing. If this happens again, lower the learning rate.':
    'Schritt {0} ergab einen Verlust oder Gradienten, der keine Zahl ist, und änderte deshalb nichts. Geschieht das wieder, senken Sie die Lernrate.',
  'The engine is already training another run.': 'Die Engine trainiert schon einen anderen Lauf.',
  'Wait until it ends, or stop it.': 'Warten Sie, bis er endet, oder stoppen Sie ihn.',
  'has no tokens': 'hat keine Token',
  'has the token {0}, which the model does not know': 'enthält das Token {0}, das das Modell nicht kennt',
  'the tensor {0} differs by more than {1} can make': 'der Tensor {0} weicht stärker ab, als {1} bewirken kann',
  'it has another number of entries or tensors': 'sie hat eine andere Zahl von Einträgen oder Tensoren',
  'the entry {0} is another': 'der Eintrag {0} ist ein anderer',
  'the tensor {0} is of another kind': 'der Tensor {0} ist von anderer Art',
  'the tensor {0} holds other values': 'der Tensor {0} enthält andere Werte',
  '{0} was not written as planned: {1}.': '{0} wurde nicht geschrieben wie geplant: {1}.',
  'Check the disk, and export again.': 'Prüfen Sie den Datenträger, und exportieren Sie noch einmal.',
  '{0} was not written as planned: it has another number of tensors.':
    '{0} wurde nicht geschrieben wie geplant: Die Zahl der Tensoren ist eine andere.',
  '{0} was not written as planned: the tensor {1} is of another kind.':
    '{0} wurde nicht geschrieben wie geplant: Der Tensor {1} ist von anderer Art.',
  '{0} was not written as planned: the tensor {1} holds other values.':
    '{0} wurde nicht geschrieben wie geplant: Der Tensor {1} enthält andere Werte.',
  "Frozen weights in 4 bits need Atelier's own operations for TensorFlow on the processor, or a GPU with compiled programs; there is neither here.":
    'Eingefrorene Gewichte in 4 Bit brauchen Ateliers eigene Operationen für TensorFlow auf dem Prozessor oder eine GPU mit kompilierten Programmen; hier gibt es beides nicht.',
  'Ask `atelier doctor` for the reason. On a GPU, set `atelier settings --gpu always`; or a new run can set frozenWeights to as-published.':
    'Fragen Sie `atelier doctor` nach dem Grund. Mit einer GPU hilft `atelier settings --gpu always`; oder ein neuer Lauf setzt frozenWeights auf as-published.',
  "ATELIER_WEIGHTS=disk is set, but only Atelier's own operations for TensorFlow can map weights, and there are none here.":
    'ATELIER_WEIGHTS=disk ist gesetzt, aber nur Ateliers eigene Operationen für TensorFlow können Gewichte einblenden, und hier gibt es keine.',
  'Leave ATELIER_WEIGHTS out. `atelier doctor` says why there are none.':
    'Lassen Sie ATELIER_WEIGHTS weg. `atelier doctor` sagt, warum es keine gibt.',
  'The weights cannot be written to {0} ({1}).': 'Die Gewichte lassen sich nicht nach {0} schreiben ({1}).',
  'Free some space there, or leave ATELIER_WEIGHTS out.':
    'Schaffen Sie dort Platz, oder lassen Sie ATELIER_WEIGHTS weg.',
};
