/** @file German: runs, their queue and their diagnosis. */
import type { Catalogue } from '../template-index.ts';

export const runs: Catalogue = {
  'The queue has no entry "{0}".': 'In der Warteschlange gibt es keinen Eintrag „{0}“.',
  '"{0}" has begun, so it no longer waits.': '„{0}“ hat begonnen und wartet nicht mehr.',
  'Stop it instead.': 'Stoppen Sie es stattdessen.',
  'The run "{0}" ({1}) is {2}; it does not wait.': 'Der Lauf „{0}“ ({1}) ist {2}; er wartet nicht.',
  'Only a waiting run can be moved or taken out of the queue.':
    'Nur ein wartender Lauf lässt sich verschieben oder aus der Warteschlange nehmen.',
  'The copy of the adapter {0} is missing: {1}.': 'Die Kopie des Adapters {0} fehlt: {1}.',
  'Put the folder back from a copy, or start a new run.':
    'Legen Sie den Ordner aus einer Kopie zurück, oder beginnen Sie einen neuen Lauf.',
  'The adapter {0} is not the one that the run began with.': 'Der Adapter {0} ist nicht der, mit dem der Lauf begann.',
  'Put the original files back. Atelier does not train on, or sign, changed weights.':
    'Legen Sie die ursprünglichen Dateien zurück. Atelier trainiert und signiert keine veränderten Gewichte.',
  'The adapter that the recipe begins with is not on this machine.':
    'Der Adapter, mit dem das Rezept beginnt, ist nicht auf diesem Rechner.',
  'Name its folder with `--adapter DIR`.': 'Nennen Sie seinen Ordner mit `--adapter DIR`.',
  '{0} says that the adapter was trained on {1}, and the model of this run is {2}.':
    'Laut {0} wurde der Adapter auf {1} trainiert, und das Modell dieses Laufs ist {2}.',
  '{0}: the layer "{1}" has a weight that is not a number, or infinite.':
    '{0}: Die Ebene „{1}“ hat ein Gewicht, das keine Zahl oder unendlich ist.',
  'The adapter in {0} is not the one that the recipe names: its hash is {1}…':
    'Der Adapter in {0} ist nicht der, den das Rezept nennt: Sein Hash ist {1}…',
  'The adapter {0} has another rank, alpha or layers than the recipe says.':
    'Der Adapter {0} hat einen anderen Rang, eine andere Stärke oder andere Ebenen, als das Rezept sagt.',
  '{0} gives its layers different ranks or alphas, and training here has one of each.':
    '{0} gibt den Ebenen verschiedene Ränge oder Stärken; das Training hier hat je nur einen Wert.',
  'The adapter in {0} leaves out "{1}", and training here adapts a kind of layer everywhere.':
    'Der Adapter in {0} lässt „{1}“ aus, und das Training hier passt eine Art von Ebene überall an.',
  'Choose the model {0}.': 'Wählen Sie das Modell {0}.',
  'Use an adapter that is not damaged.': 'Verwenden Sie einen Adapter, der nicht beschädigt ist.',
  'Name the folder with the original files, or leave the hash out.':
    'Nennen Sie den Ordner mit den ursprünglichen Dateien, oder lassen Sie den Hash weg.',
  'Leave the adapter settings out: they are those of the adapter that you begin with.':
    'Lassen Sie die Einstellungen des Adapters weg: Es gelten die des Adapters, mit dem Sie beginnen.',
  'Merge the adapter into its base model with PEFT, add that as a model, and train it.':
    'Führen Sie den Adapter mit PEFT in sein Basismodell ein, fügen Sie das Ergebnis als Modell hinzu, und trainieren Sie dieses.',
  'The checkpoint of step {0} is missing: {1}.': 'Der Checkpoint von Schritt {0} fehlt: {1}.',
  'The checkpoint of step {0} is not the one that the run wrote: its files have changed since.':
    'Der Checkpoint von Schritt {0} ist nicht der, den der Lauf schrieb: Seine Dateien wurden seitdem verändert.',
  'Put the original files back from a copy. Atelier does not use, resume from or sign changed weights.':
    'Legen Sie die ursprünglichen Dateien aus einer Kopie zurück. Atelier verwendet, setzt fort und signiert keine veränderten Gewichte.',
  '{0} The run goes on from its checkpoint of step {1} instead and takes the steps after it again.':
    '{0} Der Lauf geht stattdessen ab seinem Checkpoint von Schritt {1} weiter und wiederholt die Schritte danach.',
  'The run {0} has no checkpoint.': 'Der Lauf {0} hat keinen Checkpoint.',
  'The run {0} has no checkpoint of step {1}.': 'Der Lauf {0} hat keinen Checkpoint von Schritt {1}.',
  'Wait for its first checkpoint.': 'Warten Sie auf seinen ersten Checkpoint.',
  'It has checkpoints of: {0}.': 'Er hat Checkpoints von: {0}.',
  'The adapter of the run {0} has another rank, alpha or layers.':
    'Der Adapter des Laufs {0} hat einen anderen Rang, eine andere Stärke oder andere Ebenen.',
  'Leave the adapter settings out: they are those of the earlier run.':
    'Lassen Sie die Einstellungen des Adapters weg: Es gelten die des früheren Laufs.',
  'The run {0} learned from the reward custom:{1}, which this recipe leaves out; its licence binds these weights too.':
    'Der Lauf {0} lernte aus der Belohnung custom:{1}, die in diesem Rezept fehlt; ihre Lizenz bindet auch diese Gewichte.',
  'The run {0} learned from the reward {1}, which this recipe leaves out; its licence binds these weights too.':
    'Der Lauf {0} lernte aus der Belohnung {1}, die in diesem Rezept fehlt; ihre Lizenz bindet auch diese Gewichte.',
  'Keep the reward, if you like with a small weight.':
    'Behalten Sie die Belohnung, wenn Sie mögen mit kleinem Gewicht.',
  'The checkpoint of step {0} of the run {1} is gone.':
    'Der Checkpoint von Schritt {0} des Laufs {1} ist nicht mehr da.',
  'Start a new run from a checkpoint that is still there.':
    'Beginnen Sie einen neuen Lauf mit einem Checkpoint, den es noch gibt.',
  'The run {0} was trained on another base model.': 'Der Lauf {0} wurde auf einem anderen Basismodell trainiert.',
  'The run {0} was trained on other data, or its dataset was edited since; the papers of a run state one dataset.':
    'Der Lauf {0} wurde mit anderen Daten trainiert, oder sein Datensatz wurde seitdem geändert; die Papiere eines Laufs nennen einen Datensatz.',
  'The run {0} trained all weights, so it has no adapter to start from.':
    'Der Lauf {0} trainierte alle Gewichte und hat deshalb keinen Adapter, mit dem man beginnen könnte.',
  'The run {0} was trained elsewhere.': 'Der Lauf {0} wurde anderswo trainiert.',
  'Export that run as a whole model, add it, and train that; or choose its dataset.':
    'Exportieren Sie diesen Lauf als ganzes Modell, fügen Sie es hinzu und trainieren Sie es; oder wählen Sie seinen Datensatz.',
  'Export it, add it as a model, and train that.':
    'Exportieren Sie ihn, fügen Sie das Modell hinzu, und trainieren Sie es.',
  'Choose a run of this machine, or train the next step elsewhere too.':
    'Wählen Sie einen Lauf dieses Rechners, oder trainieren Sie auch den nächsten Schritt anderswo.',
  'It has no checkpoints yet.': 'Er hat noch keine Checkpoints.',
  'Its only checkpoint is of step {0}.': 'Sein einziger Checkpoint ist der von Schritt {0}.',
  'It has checkpoints of the steps {0}.': 'Er hat Checkpoints der Schritte {0}.',
  'The run "{0}" ({1}) already waits in the queue.': 'Der Lauf „{0}“ ({1}) wartet schon in der Warteschlange.',
  '`atelier queue` shows what is before it.': '`atelier queue` zeigt, was vor ihm an der Reihe ist.',
  'The run {0} was trained elsewhere, so it cannot be resumed here.':
    'Der Lauf {0} wurde anderswo trainiert und kann hier nicht fortgesetzt werden.',
  'Start its job again on the other machine, and take the folder back when it has gone on.':
    'Starten Sie seinen Auftrag auf dem anderen Rechner neu, und nehmen Sie den Ordner zurück, wenn er weitergekommen ist.',
  'The dataset "{0}" was removed.': 'Der Datensatz „{0}“ wurde entfernt.',
  'Restore it first, or choose another dataset.':
    'Stellen Sie ihn zuerst wieder her, oder wählen Sie einen anderen Datensatz.',
  'A run begins with one adapter, and this request names two.':
    'Ein Lauf beginnt mit einem Adapter, und diese Anfrage nennt zwei.',
  'Leave out startFrom or startAdapter.': 'Lassen Sie startFrom oder startAdapter weg.',
  '{0} has recorded no step yet, so there is nothing to write.':
    '{0} hat noch keinen Schritt aufgezeichnet, es gibt also nichts zu schreiben.',
  '{0} exists already. Nothing was written.': '{0} gibt es schon. Nichts wurde geschrieben.',
  'For {0} steps no reward had an opinion on any answer, so the model learned nothing from them. Stop the run, and choose rewards that judge answers of this kind.':
    'Seit {0} Schritten hat keine Belohnung eine Antwort beurteilt, das Modell lernte also nichts aus ihnen. Stoppen Sie den Lauf, und wählen Sie Belohnungen, die Antworten dieser Art beurteilen.',
  'For {0} steps all answers to each question earned the same reward ({1} on average), so the model learned nothing from them. If nearly all are right, the task is done: stop, or choose harder samples. If nearly all are wrong, choose easier samples, raise the temperature or the group size, or begin with SFT.':
    'Seit {0} Schritten bekommen alle Antworten auf jede Frage dieselbe Belohnung (im Mittel {1}), das Modell lernte also nichts aus ihnen. Sind fast alle richtig, ist die Aufgabe gelöst: Stoppen Sie, oder wählen Sie schwerere Beispiele. Sind fast alle falsch, wählen Sie leichtere Beispiele, erhöhen Sie die Temperatur oder die Gruppengröße, oder beginnen Sie mit SFT.',
  'In the last {0} steps {1} of the groups had no signal: all their answers earned the same. Most of the work is in vain. Use samples of more varied difficulty, a larger group or a higher temperature.':
    'In den letzten {0} Schritten hatten {1} der Gruppen kein Signal: Alle ihre Antworten bekamen dasselbe. Die meiste Arbeit ist vergeblich. Verwenden Sie Beispiele von unterschiedlicher Schwierigkeit, eine größere Gruppe oder eine höhere Temperatur.',
  'Step {0} gave a number that is not finite; it changed nothing. If this repeats, lower the learning rate.':
    'Schritt {0} ergab eine Zahl, die nicht endlich ist; er änderte nichts. Wiederholt sich das, senken Sie die Lernrate.',
  '{0} of the last {1} steps gave numbers that are not finite, so the run stands still. Stop it, lower the learning rate (to a third, say) or raise the KL weight, and start again; the checkpoints from before are good.':
    '{0} der letzten {1} Schritte ergaben Zahlen, die nicht endlich sind; der Lauf steht still. Stoppen Sie ihn, senken Sie die Lernrate (etwa auf ein Drittel) oder erhöhen Sie das KL-Gewicht, und beginnen Sie neu; die Checkpoints von vorher sind gut.',
  'The KL weight (beta) is 0 for the whole run, so there is no reference model and the KL divergence is not measured. Nothing holds the model to what it was: watch the held-out answers, and choose a KL weight above 0 if they get worse.':
    'Das KL-Gewicht (Beta) ist im ganzen Lauf 0, es gibt also kein Referenzmodell, und die KL-Divergenz wird nicht gemessen. Nichts hält das Modell bei dem, was es war: Achten Sie auf die zurückgehaltenen Antworten, und wählen Sie ein KL-Gewicht über 0, wenn sie schlechter werden.',
  'With this model and these samples, a KL weight of {0} makes less than 0.1% of the gradient: it changes almost nothing, and the run learns as it would without one. If you want it to hold the model to what it was, try about {1}.':
    'Bei diesem Modell und diesen Beispielen macht ein KL-Gewicht von {0} weniger als 0,1 % des Gradienten aus: Es ändert fast nichts, und der Lauf lernt wie ohne. Soll es das Modell bei dem halten, was es war, versuchen Sie etwa {1}.',
  'With this model and these samples, a KL weight of {0} makes {1} of the gradient: it changes almost nothing, and the run learns as it would without one. If you want it to hold the model to what it was, try about {2}.':
    'Bei diesem Modell und diesen Beispielen macht ein KL-Gewicht von {0} {1} des Gradienten aus: Es ändert fast nichts, und der Lauf lernt wie ohne. Soll es das Modell bei dem halten, was es war, versuchen Sie etwa {2}.',
  'With this model and these samples, a KL weight between {0} and {1} makes less than 0.1% of the gradient: it changes almost nothing, and the run learns as it would without one. If you want it to hold the model to what it was, try about {2}.':
    'Bei diesem Modell und diesen Beispielen macht ein KL-Gewicht zwischen {0} und {1} weniger als 0,1 % des Gradienten aus: Es ändert fast nichts, und der Lauf lernt wie ohne. Soll es das Modell bei dem halten, was es war, versuchen Sie etwa {2}.',
  'With this model and these samples, a KL weight between {0} and {1} makes {2} of the gradient: it changes almost nothing, and the run learns as it would without one. If you want it to hold the model to what it was, try about {3}.':
    'Bei diesem Modell und diesen Beispielen macht ein KL-Gewicht zwischen {0} und {1} {2} des Gradienten aus: Es ändert fast nichts, und der Lauf lernt wie ohne. Soll es das Modell bei dem halten, was es war, versuchen Sie etwa {3}.',
  'With this model and these samples, a KL weight of {0} makes {1} of the gradient: it holds the model back more than the rewards move it. If the reward hardly rises, try about {2}.':
    'Bei diesem Modell und diesen Beispielen macht ein KL-Gewicht von {0} {1} des Gradienten aus: Es hält das Modell stärker zurück, als die Belohnungen es bewegen. Steigt die Belohnung kaum, versuchen Sie etwa {2}.',
  'With this model and these samples, a KL weight between {0} and {1} makes {2} of the gradient: it holds the model back more than the rewards move it. If the reward hardly rises, try about {3}.':
    'Bei diesem Modell und diesen Beispielen macht ein KL-Gewicht zwischen {0} und {1} {2} des Gradienten aus: Es hält das Modell stärker zurück, als die Belohnungen es bewegen. Steigt die Belohnung kaum, versuchen Sie etwa {3}.',
  'The KL divergence jumped to {0} from about {1}: one update moved the model far from where it was. If the reward falls after this, resume from an earlier checkpoint with a lower learning rate or a higher KL weight.':
    'Die KL-Divergenz sprang von etwa {1} auf {0}: Ein Update hat das Modell weit von seinem Platz bewegt. Fällt danach die Belohnung, setzen Sie von einem früheren Checkpoint mit kleinerer Lernrate oder höherem KL-Gewicht fort.',
  'The KL divergence is {0} per token: the model has drifted far from the one it began as, and may have lost other skills. A higher KL weight (beta) or a lower learning rate holds it closer.':
    'Die KL-Divergenz ist {0} je Token: Das Modell hat sich weit von seinem Anfang entfernt und kann anderes verlernt haben. Ein höheres KL-Gewicht (Beta) oder eine kleinere Lernrate hält es näher.',
  'The KL divergence is {0} per token: the model has drifted far from the one it began as, and may have lost other skills. The reward still rises: read some answers to see that it is earned honestly. A higher KL weight (beta) or a lower learning rate holds it closer.':
    'Die KL-Divergenz ist {0} je Token: Das Modell hat sich weit von seinem Anfang entfernt und kann anderes verlernt haben. Die Belohnung steigt noch: Lesen Sie einige Antworten, um zu sehen, ob sie ehrlich verdient ist. Ein höheres KL-Gewicht (Beta) oder eine kleinere Lernrate hält es näher.',
  'The KL divergence is {0} per token: the model has drifted far from the one it began as, and may have lost other skills. The reward falls at the same time: the run gets worse, go back to an earlier checkpoint. A higher KL weight (beta) or a lower learning rate holds it closer.':
    'Die KL-Divergenz ist {0} je Token: Das Modell hat sich weit von seinem Anfang entfernt und kann anderes verlernt haben. Zugleich fällt die Belohnung: Der Lauf wird schlechter, gehen Sie zu einem früheren Checkpoint zurück. Ein höheres KL-Gewicht (Beta) oder eine kleinere Lernrate hält es näher.',
  'The KL divergence is {0} per token: the model has drifted far from the one it began as, and may have lost other skills. The reward does not rise any more: the run has probably had its best. A higher KL weight (beta) or a lower learning rate holds it closer.':
    'Die KL-Divergenz ist {0} je Token: Das Modell hat sich weit von seinem Anfang entfernt und kann anderes verlernt haben. Die Belohnung steigt nicht mehr: Der Lauf hat seine beste Zeit wohl hinter sich. Ein höheres KL-Gewicht (Beta) oder eine kleinere Lernrate hält es näher.',
  'The KL weight has stood at its upper bound ({0}) for {1} steps, but the KL divergence is {2}, above the target of {3}: the schedule can do no more. Raise betaMax, aim at a larger KL, or lower the learning rate.':
    'Das KL-Gewicht steht seit {1} Schritten an seiner oberen Grenze ({0}), aber die KL-Divergenz ist {2} und damit über dem Ziel von {3}: Der Verlauf kann nicht mehr tun. Erhöhen Sie betaMax, setzen Sie ein größeres Ziel, oder senken Sie die Lernrate.',
  'The KL weight has stood at its lower bound ({0}) for {1} steps, and the KL divergence is {2}, below the target of {3}: the model stays nearer to where it began than you allow. That is fine while the reward rises; if it does not, raise the learning rate or lower betaMin.':
    'Das KL-Gewicht steht seit {1} Schritten an seiner unteren Grenze ({0}), und die KL-Divergenz ist {2} und damit unter dem Ziel von {3}: Das Modell bleibt näher an seinem Anfang, als Sie erlauben. Das ist gut, solange die Belohnung steigt; sonst erhöhen Sie die Lernrate oder senken Sie betaMin.',
  'Answers have shrunk from {0} to {1} tokens. Read some: if the thinking is gone, add the reward "reasoning" or the loss dr_grpo, which does not favour short answers.':
    'Die Antworten sind von {0} auf {1} Token geschrumpft. Lesen Sie einige: Ist der Gedankengang weg, nehmen Sie die Belohnung „reasoning“ hinzu oder den Verlust dr_grpo, der kurze Antworten nicht bevorzugt.',
  'Answers have grown from {0} to {1} tokens (the limit is {2}). Read some: rambling earns nothing. The reward "repetition" or "length" with a small weight, or a higher KL weight, keeps them in bounds.':
    'Die Antworten sind von {0} auf {1} Token gewachsen (die Grenze ist {2}). Lesen Sie einige: Geschwätz bringt nichts. Die Belohnung „repetition“ oder „length“ mit kleinem Gewicht oder ein höheres KL-Gewicht hält sie in Grenzen.',
  '{0} of the answers are cut off at {1} tokens before they end, so they cannot be right. Allow longer completions (grpo.maxCompletionLength), or ask for shorter thinking in the prompt template.':
    '{0} der Antworten werden bei {1} Token abgeschnitten, bevor sie enden, und können nicht richtig sein. Erlauben Sie längere Antworten (grpo.maxCompletionLength), oder bitten Sie in der Prompt-Vorlage um kürzere Gedankengänge.',
  'The reward {0} is earned by nearly every answer ({1} over the last {2} steps). The training samples are solved: look at the held-out answers, then stop or choose harder samples.':
    'Die Belohnung {0} bekommt fast jede Antwort ({1} in den letzten {2} Schritten). Die Trainingsbeispiele sind gelöst: Sehen Sie sich die zurückgehaltenen Antworten an, und stoppen Sie dann oder wählen Sie schwerere Beispiele.',
  'The reward {0} is earned by nearly every answer ({1} over the last {2} steps). It guards what is there and teaches nothing new; that is fine as long as another reward still moves.':
    'Die Belohnung {0} bekommt fast jede Antwort ({1} in den letzten {2} Schritten). Sie schützt, was da ist, und lehrt nichts Neues; das ist gut, solange sich eine andere Belohnung noch bewegt.',
  'The rewards {0} and {1} pull against each other: over the last {2} steps one fell when the other rose (correlation {3}). Lower the weight of the less important one, or change what it asks for.':
    'Die Belohnungen {0} und {1} ziehen gegeneinander: In den letzten {2} Schritten fiel die eine, wenn die andere stieg (Korrelation {3}). Senken Sie das Gewicht der weniger wichtigen, oder ändern Sie, was sie verlangt.',
  'The entropy is {0}: the model writes the same words every time and no longer tries anything else, so there is nothing left to compare. Raise the temperature or the KL weight, or resume from an earlier checkpoint.':
    'Die Entropie ist {0}: Das Modell schreibt jedes Mal dieselben Wörter und versucht nichts anderes mehr, es gibt also nichts zu vergleichen. Erhöhen Sie die Temperatur oder das KL-Gewicht, oder setzen Sie von einem früheren Checkpoint fort.',
  'More answers are right ({0} → {1}), but the thinking is gone: {2} of the answers held a thought at first, now {3}. The model has found that it can do without. If you want reasoning, give "format" or "reasoning" more weight, or raise the KL weight, and go back to an earlier checkpoint.':
    'Mehr Antworten sind richtig ({0} → {1}), aber der Gedankengang ist weg: Anfangs enthielten {2} der Antworten einen, jetzt {3}. Das Modell kommt ohne aus. Wollen Sie Gedankengänge, geben Sie „format“ oder „reasoning“ mehr Gewicht oder erhöhen Sie das KL-Gewicht, und gehen Sie zu einem früheren Checkpoint zurück.',
  'The model got better on its training samples ({0} → {1}) but worse on held-out ones: {2} ({3}/{4}) after step {5}, {6} ({7}/{8}) for the base model. It is memorising the samples. Chance does not explain the loss. Use an earlier checkpoint, more or more varied samples, or a higher KL weight.':
    'Das Modell wurde bei seinen Trainingsbeispielen besser ({0} → {1}), aber bei zurückgehaltenen schlechter: {2} ({3}/{4}) nach Schritt {5}, {6} ({7}/{8}) beim Basismodell. Es lernt die Beispiele auswendig. Zufall erklärt den Verlust nicht. Verwenden Sie einen früheren Checkpoint, mehr oder vielfältigere Beispiele oder ein höheres KL-Gewicht.',
  'The model got better on its training samples ({0} → {1}) but worse on held-out ones: {2} ({3}/{4}) after step {5}, {6} ({7}/{8}) for the base model. It is memorising the samples. The loss may still be chance: evaluate more samples. Use an earlier checkpoint, more or more varied samples, or a higher KL weight.':
    'Das Modell wurde bei seinen Trainingsbeispielen besser ({0} → {1}), aber bei zurückgehaltenen schlechter: {2} ({3}/{4}) nach Schritt {5}, {6} ({7}/{8}) beim Basismodell. Es lernt die Beispiele auswendig. Der Verlust kann noch Zufall sein: Werten Sie mehr Beispiele aus. Verwenden Sie einen früheren Checkpoint, mehr oder vielfältigere Beispiele oder ein höheres KL-Gewicht.',
  'Training and held-out answers diverge: the model got better on its training samples ({0} → {1}), but only {2} ({3}/{4}) of the held-out answers are right now, after {5} ({6}/{7}) at step {8}. It is starting to memorise the samples. The intervals do not overlap, so chance is unlikely. Keep the checkpoint from around step {9}. More varied samples, fewer steps or a higher KL weight help.':
    'Trainings- und zurückgehaltene Antworten laufen auseinander: Das Modell wurde bei seinen Trainingsbeispielen besser ({0} → {1}), aber nur {2} ({3}/{4}) der zurückgehaltenen Antworten sind jetzt richtig, nach {5} ({6}/{7}) bei Schritt {8}. Es beginnt, die Beispiele auswendig zu lernen. Die Intervalle überschneiden sich nicht, Zufall ist also unwahrscheinlich. Behalten Sie den Checkpoint um Schritt {9}. Vielfältigere Beispiele, weniger Schritte oder ein höheres KL-Gewicht helfen.',
  'Training and held-out answers diverge: the model got better on its training samples ({0} → {1}), but only {2} ({3}/{4}) of the held-out answers are right now, after {5} ({6}/{7}) at step {8}. It is starting to memorise the samples. Interim evaluations use few samples, so this may still be chance. Keep the checkpoint from around step {9}. More varied samples, fewer steps or a higher KL weight help.':
    'Trainings- und zurückgehaltene Antworten laufen auseinander: Das Modell wurde bei seinen Trainingsbeispielen besser ({0} → {1}), aber nur {2} ({3}/{4}) der zurückgehaltenen Antworten sind jetzt richtig, nach {5} ({6}/{7}) bei Schritt {8}. Es beginnt, die Beispiele auswendig zu lernen. Zwischenauswertungen verwenden wenige Beispiele, es kann also noch Zufall sein. Behalten Sie den Checkpoint um Schritt {9}. Vielfältigere Beispiele, weniger Schritte oder ein höheres KL-Gewicht helfen.',
  'In training, {0}': 'Beim Training: {0}',
  'The run "{0}" ({1}) is {2}, so it keeps all of its checkpoints.':
    'Der Lauf „{0}“ ({1}) ist {2} und behält deshalb alle seine Checkpoints.',
  'Only the checkpoints of a completed run can be removed.':
    'Nur die Checkpoints eines abgeschlossenen Laufs lassen sich entfernen.',
  'The run "{0}" ({1}) is not in the trash.': 'Der Lauf „{0}“ ({1}) ist nicht im Papierkorb.',
  'Only checkpoints of removed runs are deleted. Remove the run first.':
    'Nur Checkpoints entfernter Läufe werden gelöscht. Entfernen Sie zuerst den Lauf.',
  'The run "{0}" ({1}) is {2}, so there is nothing to stop.':
    'Der Lauf „{0}“ ({1}) ist {2}, es gibt also nichts zu stoppen.',
  'The run {0} was asked to stop and will end after the current step.':
    'Der Lauf {0} soll stoppen und endet nach dem laufenden Schritt.',
  'The run took {0} GiB of memory, more than the limit of {1} GiB in the settings, and was stopped with a checkpoint. Smaller groups, shorter answers or a higher limit let it go on.':
    'Der Lauf brauchte {0} GiB Arbeitsspeicher, mehr als die Grenze von {1} GiB in den Einstellungen, und wurde mit einem Checkpoint gestoppt. Mit kleineren Gruppen, kürzeren Antworten oder einer höheren Grenze kann er weitergehen.',
  'The model in {0} is not the one that this run was made for: its files have changed.':
    'Das Modell in {0} ist nicht das, für das dieser Lauf gemacht wurde: Seine Dateien wurden verändert.',
  'Put the original files back and resume, or start a new run with the model as it is now.':
    'Legen Sie die ursprünglichen Dateien zurück und setzen Sie fort, oder beginnen Sie einen neuen Lauf mit dem Modell, wie es jetzt ist.',
  'The dataset has no test samples, so the model is not examined before and after training.':
    'Der Datensatz hat keine Testbeispiele, deshalb wird das Modell vor und nach dem Training nicht geprüft.',
  'The run was begun on another device ({0}) and went on here: {1} · {2}. Its steps do not repeat bit for bit.':
    'Der Lauf wurde auf einem anderen Gerät begonnen ({0}) und ging hier weiter: {1} · {2}. Seine Schritte wiederholen sich nicht Bit für Bit.',
  'A run could not be computed on the GPU. {0}': 'Ein Lauf ließ sich nicht auf der GPU rechnen. {0}',
  '{0} The run began again on the processor, where later ones begin too. `atelier settings --gpu automatic` has the GPU tried again.':
    '{0} Der Lauf begann neu auf dem Prozessor, wie auch spätere. `atelier settings --gpu automatic` lässt die GPU neu versuchen.',
  '{0} The run went on by itself from its checkpoint of step {1}.':
    '{0} Der Lauf ging von selbst ab seinem Checkpoint von Schritt {1} weiter.',
  '{0} before its first step. It has no checkpoint yet and would start again from the beginning.':
    '{0} vor seinem ersten Schritt. Er hat noch keinen Checkpoint und würde von vorn beginnen.',
  '{0} before its first step. It can be resumed from step {1}.':
    '{0} vor seinem ersten Schritt. Er lässt sich ab Schritt {1} fortsetzen.',
  '{0} after step {1}. It has no checkpoint yet and would start again from the beginning.':
    '{0} nach Schritt {1}. Er hat noch keinen Checkpoint und würde von vorn beginnen.',
  '{0} after step {1}. It can be resumed from step {2}.':
    '{0} nach Schritt {1}. Er lässt sich ab Schritt {2} fortsetzen.',
  'Free some space on that disk. It has no checkpoint yet and would start again from the beginning.':
    'Schaffen Sie auf diesem Datenträger Platz. Er hat noch keinen Checkpoint und würde von vorn beginnen.',
  'Free some space on that disk. It can be resumed from step {0}.':
    'Schaffen Sie auf diesem Datenträger Platz. Er lässt sich ab Schritt {0} fortsetzen.',
  'It has no checkpoint yet and would start again from the beginning.':
    'Er hat noch keinen Checkpoint und würde von vorn beginnen.',
  'It can be resumed from step {0}.': 'Er lässt sich ab Schritt {0} fortsetzen.',
  'Free some space on that disk. {0}': 'Schaffen Sie auf diesem Datenträger Platz. {0}',
  'Something went wrong inside Atelier: {0} The log {1} says more.':
    'In Atelier ist etwas schiefgegangen: {0} Mehr steht im Protokoll {1}.',
  'The mixture names the dataset "{0}" twice.': 'Die Mischung nennt den Datensatz „{0}“ zweimal.',
  'The mixture begins with the dataset {0}, and the recipe names {1}.':
    'Die Mischung beginnt mit dem Datensatz {0}, und das Rezept nennt {1}.',
  'The mixture begins with the dataset , and the recipe names {0}.':
    'Die Mischung beginnt mit einem anderen Datensatz, und das Rezept nennt {0}.',
  'The photographs of "{0}" and "{1}" are turned differently ({2}, {3}).':
    'Die Fotos von „{0}“ und „{1}“ sind verschieden gedreht ({2}, {3}).',
  'Name it once, with its weight.': 'Nennen Sie ihn einmal, mit seinem Gewicht.',
  'Name the first dataset of the mixture.': 'Nennen Sie den ersten Datensatz der Mischung.',
  'Import one of them again with the orientation of the other.':
    'Importieren Sie einen davon noch einmal mit der Ausrichtung des anderen.',
  'The adapter in {0} changes "{1}", and training here adapts linear layers of language model, merger and vision tower only.':
    'Der Adapter in {0} ändert „{1}“, und das Training hier passt nur lineare Ebenen von Sprachmodell, Merger und Bildteil an.',
  'The adapter in {0} adapts "{1}" without the attention that goes with it.':
    'Der Adapter in {0} passt „{1}“ ohne die zugehörige Attention an.',
};
