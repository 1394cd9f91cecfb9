/** @file German: jobs for other machines. */
import type { Catalogue } from '../template-index.ts';

export const handoff: Catalogue = {
  'The model in {0} is not the one of the recipe: its files have changed.':
    'Das Modell in {0} ist nicht das des Rezepts: Seine Dateien wurden verändert.',
  'Put the original files back, or add the model again.':
    'Legen Sie die ursprünglichen Dateien zurück, oder fügen Sie das Modell noch einmal hinzu.',
  'The reward code for job folders has not been built.': 'Der Belohnungscode für Auftragsordner wurde nicht gebaut.',
  'Run `npm run build`.': 'Führen Sie `npm run build` aus.',
  'Held-out samples are not in the folder: the adapter is evaluated here, when it comes back, and not during the training.':
    'Zurückgehaltene Beispiele sind nicht im Ordner: Der Adapter wird hier ausgewertet, wenn er zurückkommt, und nicht während des Trainings.',
  'So it neither ends early there nor keeps the best checkpoint: the last one comes back.':
    'Dort endet er also weder vorzeitig, noch behält er den besten Checkpoint: Der letzte kommt zurück.',
  "The KL term's share of the gradient is not measured elsewhere.":
    'Der Anteil des KL-Terms am Gradienten wird anderswo nicht gemessen.',
  'The contribution of each image is not measured elsewhere.': 'Der Beitrag jedes Bildes wird anderswo nicht gemessen.',
  'The adapter starts from other random numbers than here, and answers are drawn by torch, so the steps are not those of a run here.':
    'Der Adapter beginnt mit anderen Zufallszahlen als hier, und torch zieht die Antworten; die Schritte sind also nicht die eines Laufs hier.',
  'The experiment "{0}" is {1} here.': 'Das Experiment „{0}“ ist hier {1}.',
  'Stop it first: `atelier stop {0}`.': 'Stoppen Sie es zuerst: `atelier stop {0}`.',
  'No run of this experiment is left to train.': 'Kein Lauf dieses Experiments ist noch zu trainieren.',
  'Hand off a new experiment, or a single run.': 'Übergeben Sie ein neues Experiment oder einen einzelnen Lauf.',
  'The base model of the run {0} has changed since it was made.':
    'Das Basismodell des Laufs {0} hat sich geändert, seit er angelegt wurde.',
  'The dataset of the run {0} has changed since it was made.':
    'Der Datensatz des Laufs {0} hat sich geändert, seit er angelegt wurde.',
  "The rewards' code of the run {0} has changed since it was made.":
    'Der Belohnungscode des Laufs {0} hat sich geändert, seit er angelegt wurde.',
  'Hand off a new recipe with the same settings: `atelier handoff --dataset … --recipe …`.':
    'Übergeben Sie ein neues Rezept mit denselben Einstellungen: `atelier handoff --dataset … --recipe …`.',
  'This run begins with the adapter of the run {0}, which a job folder does not carry.':
    'Dieser Lauf beginnt mit dem Adapter des Laufs {0}, den ein Auftragsordner nicht mitnimmt.',
  'This run begins with the adapter {0}, which a job folder does not carry.':
    'Dieser Lauf beginnt mit dem Adapter {0}, den ein Auftragsordner nicht mitnimmt.',
  'Only LoRA adapters can be trained elsewhere: a whole model would not come back as one.':
    'Anderswo lassen sich nur LoRA-Adapter trainieren: Ein ganzes Modell käme nicht als solches zurück.',
  'A job makes one update in each step, and this recipe asks for {0}.':
    'Ein Auftrag macht in jedem Schritt ein Update, und dieses Rezept verlangt {0}.',
  'A job carries the KL weight of every step, but the schedule {0} decides it from what the run measures.':
    'Ein Auftrag enthält das KL-Gewicht jedes Schritts, aber der Verlauf {0} bestimmt es aus dem, was der Lauf misst.',
  'Train it here, or leave startFrom out.': 'Trainieren Sie ihn hier, oder lassen Sie startFrom weg.',
  'Train it here, or leave startAdapter out.': 'Trainieren Sie ihn hier, oder lassen Sie startAdapter weg.',
  'Choose a LoRA adapter, or train here.': 'Wählen Sie einen LoRA-Adapter, oder trainieren Sie hier.',
  'Set grpo.numIterations to 1, or train here.': 'Setzen Sie grpo.numIterations auf 1, oder trainieren Sie hier.',
  'Choose a schedule that follows the steps, such as paper-eq3, or train here.':
    'Wählen Sie einen Verlauf, der den Schritten folgt, etwa paper-eq3, oder trainieren Sie hier.',
  'The arm {0} ({1}) cannot be handed off. {2}': 'Der Arm {0} ({1}) lässt sich nicht übergeben. {2}',
  'Leave the arm {0} out, or train the experiment here.':
    'Lassen Sie den Arm {0} weg, oder trainieren Sie das Experiment hier.',
  'The licences do not permit this training: {0}': 'Die Lizenzen erlauben dieses Training nicht: {0}',
  'The Rights page names the images. Leave them out, or record a permission.':
    'Die Rechteübersicht nennt die Bilder. Lassen Sie sie aus, oder halten Sie eine Erlaubnis fest.',
  'holds more than {0} entries': 'enthält mehr als {0} Einträge',
  'is a link, which could lead out of the folder': 'ist eine Verknüpfung, die aus dem Ordner herausführen kann',
  'is not an ordinary file': 'ist keine gewöhnliche Datei',
  'is not the file that was handed off': 'ist nicht die Datei, die übergeben wurde',
  'may be a pickle, which runs code when it is opened': 'kann ein Pickle sein, der beim Öffnen Code ausführt',
  'does not belong in a job folder': 'gehört nicht in einen Auftragsordner',
  'belongs to another recipe': 'gehört zu einem anderen Rezept',
  'does not belong in a checkpoint': 'gehört nicht in einen Checkpoint',
  'belongs to another recipe or step': 'gehört zu einem anderen Rezept oder Schritt',
  'does not have the size that its checkpoint states': 'hat nicht die Größe, die sein Checkpoint nennt',
  'does not have the hash that its checkpoint states': 'hat nicht den Hash, den sein Checkpoint nennt',
  'is not an adapter that can be used ({0})': 'ist kein verwendbarer Adapter ({0})',
  'is not the adapter that the recipe asks for': 'ist nicht der Adapter, den das Rezept verlangt',
  'holds values in {0} that are not numbers': 'enthält in {0} Werte, die keine Zahlen sind',
  'has a line that is not a step: {0} {1}': 'hat eine Zeile, die kein Schritt ist: {0} {1}',
  'has steps of another recipe': 'hat Schritte eines anderen Rezepts',
  'has step {0}, and the recipe ends at {1}': 'hat Schritt {0}, und das Rezept endet bei {1}',
  'lacks step {0}{1}': 'es fehlt Schritt {0}{1}',
  'applied the KL weight {0} at step {1}, and the plan says {2}':
    'wandte bei Schritt {1} das KL-Gewicht {0} an, und der Plan sagt {2}',
  'names other rewards at step {0} than the recipe': 'nennt bei Schritt {0} andere Belohnungen als das Rezept',
  'has {0} completions at step {1}, not {2}': 'hat bei Schritt {1} {0} Antworten, nicht {2}',
  'answers the sample {0}, which was not handed off': 'beantwortet das Beispiel {0}, das nicht übergeben wurde',
  'has a completion out of place at step {0}': 'hat bei Schritt {0} eine Antwort am falschen Platz',
  "has scores at step {0} that the recipe's rewards do not give":
    'hat bei Schritt {0} Bewertungen, die die Belohnungen des Rezepts nicht ergeben',
  'cannot be read: {0} {1}': 'ist nicht lesbar: {0} {1}',
  'is {0}': 'ist {0}',
  'is not one that this data folder handed off': 'ist keiner, den dieser Datenordner übergeben hat',
  'belongs to a part of an experiment that has been done since, by another run':
    'gehört zu einem Teil eines Experiments, den seitdem ein anderer Lauf erledigt hat',
  'ends at step {0}, and {1} steps were taken back before':
    'endet bei Schritt {0}, und {1} Schritte wurden schon zurückgenommen',
  '{0} {1}. Nothing was taken back.': '{0} {1}. Nichts wurde zurückgenommen.',
  'Copy the folder again from the machine that trained it. Do not change its files.':
    'Kopieren Sie den Ordner noch einmal von dem Rechner, der ihn trainiert hat. Ändern Sie seine Dateien nicht.',
  'it has another form': 'es hat eine andere Form',
  'Enter the path of the job folder.': 'Geben Sie den Pfad des Auftragsordners ein.',
  'The experiment "{0}" is {1}, so nothing can be added to it.':
    'Das Experiment „{0}“ ist {1}, ihm lässt sich nichts hinzufügen.',
  'Wait until it has ended, or stop it: `atelier stop {0}`.':
    'Warten Sie sein Ende ab, oder stoppen Sie es: `atelier stop {0}`.',
  'It was trained elsewhere up to step {0}. Take its job folder back again when the job has gone on.':
    'Er wurde anderswo bis Schritt {0} trainiert. Nehmen Sie seinen Auftragsordner wieder zurück, wenn der Auftrag weitergekommen ist.',
  'It was trained elsewhere and waits to be evaluated here.':
    'Er wurde anderswo trainiert und wartet darauf, hier ausgewertet zu werden.',
  'Step {0} is not the one that was taken back before: the job was started again from the beginning, or its files were changed.':
    'Schritt {0} ist nicht der, der schon zurückgenommen wurde: Der Auftrag wurde von vorn begonnen, oder seine Dateien wurden verändert.',
  'Hand the run off again to train it again.': 'Übergeben Sie den Lauf noch einmal, um ihn noch einmal zu trainieren.',
  'The results cannot be fetched: {0} continues at byte {1}, and {2} are here.':
    'Die Ergebnisse lassen sich nicht holen: {0} geht bei Byte {1} weiter, und {2} sind hier.',
  'The results cannot be fetched: the job that fetches the results ended in the middle.':
    'Die Ergebnisse lassen sich nicht holen: Der Auftrag, der sie holt, endete mittendrin.',
  'The results cannot be fetched: it sends something that is no result of this job.':
    'Die Ergebnisse lassen sich nicht holen: Er sendet etwas, das kein Ergebnis dieses Auftrags ist.',
  'The results cannot be fetched: {0} is not an ordinary file.':
    'Die Ergebnisse lassen sich nicht holen: {0} ist keine gewöhnliche Datei.',
  'Copy the folder of results from the cluster yourself, and take it back.':
    'Kopieren Sie den Ergebnisordner selbst vom Cluster, und nehmen Sie ihn zurück.',
  'Sending jobs to a cluster is switched off in the settings. Nothing was sent.':
    'Das Senden von Aufträgen an einen Cluster ist in den Einstellungen ausgeschaltet. Nichts wurde gesendet.',
  'Switch it on with `atelier settings --cluster-jobs on`, or in the settings under Network; or copy the job folder there yourself.':
    'Schalten Sie es mit `atelier settings --cluster-jobs on` oder in den Einstellungen unter Netzwerk ein; oder kopieren Sie den Auftragsordner selbst dorthin.',
  'A token would go to {0} in the clear. Nothing was sent.':
    'Ein Token ginge unverschlüsselt an {0}. Nichts wurde gesendet.',
  'Use an address with https, or a tunnel that begins on this machine: ssh -L 8265:localhost:8265 HEAD.':
    'Verwenden Sie eine Adresse mit https, oder einen Tunnel, der auf diesem Rechner beginnt: ssh -L 8265:localhost:8265 HEAD.',
  'The address of the cluster, {0}, is no address.': 'Die Adresse des Clusters, {0}, ist keine Adresse.',
  'The address of the cluster, {0}, contains a password; a token belongs in RAY_AUTH_TOKEN.':
    'Die Adresse des Clusters, {0}, enthält ein Passwort; ein Token gehört in RAY_AUTH_TOKEN.',
  'The address of the cluster, {0}, has more than a path.': 'Die Adresse des Clusters, {0}, hat mehr als einen Pfad.',
  'The address of the cluster, {0}, does not begin with http.':
    'Die Adresse des Clusters, {0}, beginnt nicht mit http.',
  'Write it like http://127.0.0.1:8265: the address of its dashboard.':
    'Schreiben Sie sie wie http://127.0.0.1:8265: die Adresse seines Dashboards.',
  'RAY_JOB_HEADERS is not a JSON object of texts. Nothing was sent.':
    'RAY_JOB_HEADERS ist kein JSON-Objekt aus Texten. Nichts wurde gesendet.',
  'an answer is longer than {0} MiB': 'eine Antwort ist länger als {0} MiB',
  'the connection broke ({0})': 'die Verbindung brach ab ({0})',
  'it sent nothing for {0} seconds': 'er sendete {0} Sekunden lang nichts',
  'The cluster at {0} cannot be used: {1}.': 'Der Cluster unter {0} ist nicht verwendbar: {1}.',
  'Check the address and the connection, and try again. A job that was sent goes on by itself.':
    'Prüfen Sie Adresse und Verbindung, und versuchen Sie es erneut. Ein gesendeter Auftrag geht von selbst weiter.',
  'The request to the cluster was stopped.': 'Die Anfrage an den Cluster wurde angehalten.',
  'The cluster at {0} does not accept the token ({1}).': 'Der Cluster unter {0} nimmt das Token nicht an ({1}).',
  'Start Atelier with the token of the cluster in RAY_AUTH_TOKEN.':
    'Starten Sie Atelier mit dem Token des Clusters in RAY_AUTH_TOKEN.',
  'The cluster refuses a job folder of this size (Ray takes 100 MiB at most).':
    'Der Cluster lehnt einen Auftragsordner dieser Größe ab (Ray nimmt höchstens 100 MiB).',
  'Hand the run off with --without-model, and put the base model where every node finds it.':
    'Übergeben Sie den Lauf mit --without-model, und legen Sie das Basismodell dorthin, wo jeder Knoten es findet.',
  'The cluster at {0} answers with status {1}': 'Der Cluster unter {0} antwortet mit Status {1}',
  'The cluster at {0} answers with status {1}: {2}': 'Der Cluster unter {0} antwortet mit Status {1}: {2}',
  'The cluster at {0} answers with status {1}: ': 'Der Cluster unter {0} antwortet mit Status {1}: ',
  'Check that this is the address of the dashboard, such as http://HEAD:8265, and try again.':
    'Prüfen Sie, ob das die Adresse des Dashboards ist, etwa http://HEAD:8265, und versuchen Sie es erneut.',
  'What answers at {0} is not a Ray dashboard.': 'Was unter {0} antwortet, ist kein Ray-Dashboard.',
  'Give the address of the dashboard, such as http://HEAD:8265.':
    'Geben Sie die Adresse des Dashboards an, etwa http://HEAD:8265.',
  'The job {0} was written for {1}, not for Ray.': 'Der Auftrag {0} wurde für {1} geschrieben, nicht für Ray.',
  'Hand it off with `--launcher ray`.': 'Übergeben Sie ihn mit `--launcher ray`.',
  'The connection to {0} is not encrypted: others on the way can read the images and the model. Use an address with https, or a tunnel (ssh -L 8265:localhost:8265 HEAD).':
    'Die Verbindung zu {0} ist nicht verschlüsselt: Andere auf dem Weg können die Bilder und das Modell lesen. Verwenden Sie eine Adresse mit https oder einen Tunnel (ssh -L 8265:localhost:8265 HEAD).',
  'The storage "{0}" is not a whole path. Nothing was sent.':
    'Der Speicherort „{0}“ ist kein ganzer Pfad. Nichts wurde gesendet.',
  'Give a path from the root, such as /mnt/shared/jobs, that every node of the cluster can write.':
    'Geben Sie einen Pfad ab der Wurzel an, etwa /mnt/shared/jobs, in den jeder Knoten des Clusters schreiben kann.',
  'The results cannot be fetched: the job {0}-fetch-{1} succeeded.':
    'Die Ergebnisse lassen sich nicht holen: Der Auftrag {0}-fetch-{1} war erfolgreich.',
  'The results cannot be fetched: the job {0}-fetch-{1} stopped.':
    'Die Ergebnisse lassen sich nicht holen: Der Auftrag {0}-fetch-{1} wurde angehalten.',
  'The results cannot be fetched: the job {0}-fetch-{1} failed.':
    'Die Ergebnisse lassen sich nicht holen: Der Auftrag {0}-fetch-{1} schlug fehl.',
  'Its last words: {0}': 'Seine letzten Worte: {0}',
  'Its last words: ': 'Seine letzten Worte: ',
  'A job cannot train {0}: its programs do not prepare {1}.':
    'Ein Auftrag kann {0} nicht trainieren: Seine Programme bereiten {1} nicht vor.',
  'Train it here, or choose a model of Qwen2-VL, Qwen2.5-VL or Qwen3-VL.':
    'Trainieren Sie es hier, oder wählen Sie ein Modell von Qwen2-VL, Qwen2.5-VL oder Qwen3-VL.',
  'A job trains on the weights as they are published; those in 4 bits are kept here only.':
    'Ein Auftrag trainiert auf den veröffentlichten Gewichten; in 4 Bit hält sie nur Atelier hier.',
  'Leave frozenWeights out, or train here.': 'Lassen Sie frozenWeights weg, oder trainieren Sie hier.',
};
