/** @file German: the data folder. */
import type { Catalogue } from '../template-index.ts';

export const store: Catalogue = {
  'The disk is full: {0} could not be written. Nothing was changed.':
    'Der Datenträger ist voll: {0} konnte nicht geschrieben werden. Nichts wurde geändert.',
  'The disk is full: a file could not be written. Nothing was changed.':
    'Der Datenträger ist voll: Eine Datei konnte nicht geschrieben werden. Nichts wurde geändert.',
  'Free some space on that disk, or choose another data folder with --home, and try again.':
    'Schaffen Sie dort Platz, oder wählen Sie mit --home einen anderen Datenordner, und versuchen Sie es erneut.',
  'Atelier is not allowed to use {0}.': 'Atelier darf {0} nicht verwenden.',
  'Atelier is not allowed to use a file.': 'Atelier darf eine Datei nicht verwenden.',
  'Check the permissions of that file or folder.': 'Prüfen Sie die Rechte dieser Datei oder dieses Ordners.',
  'The disk did not read or write {0} ({1}).': 'Der Datenträger hat {0} nicht gelesen oder geschrieben ({1}).',
  'The disk did not read or write a file ({0}).':
    'Der Datenträger hat eine Datei nicht gelesen oder geschrieben ({0}).',
  'Check the disk and its connection, and try again. The store keeps its last complete state.':
    'Prüfen Sie den Datenträger und seine Verbindung, und versuchen Sie es erneut. Der letzte vollständige Stand bleibt erhalten.',
  'it, or a part of its path, is a file': 'er selbst oder ein Teil seines Pfads ist eine Datei',
  'its path, or a part of it, is too long': 'sein Pfad oder ein Teil davon ist zu lang',
  'its path goes in a circle of links': 'sein Pfad führt über Verknüpfungen im Kreis',
  'no folder can be created there': 'dort kann kein Ordner angelegt werden',
  'its path contains characters that no path can have': 'sein Pfad enthält Zeichen, die kein Pfad haben kann',
  '{0} cannot be a folder: {1}.': '{0} kann kein Ordner sein: {1}.',
  'Name another folder, or move the file aside.': 'Nennen Sie einen anderen Ordner, oder verschieben Sie die Datei.',
  'Another Atelier holds the store {0} and did not let go within {1} seconds. Nothing was changed.':
    'Ein anderes Atelier hält den Datenspeicher {0} und hat ihn {1} Sekunden lang nicht freigegeben. Nichts wurde geändert.',
  'Wait until the other Atelier has finished what it is writing, or close it, and try again.':
    'Warten Sie, bis das andere Atelier fertig geschrieben hat, oder schließen Sie es, und versuchen Sie es erneut.',
  'The file {0} is not an Atelier store, or it is damaged ({1}).':
    'Die Datei {0} ist kein Datenspeicher von Atelier, oder sie ist beschädigt ({1}).',
  'Restore a backup (atelier restore FILE --replace), put back a copy from the folder "backups" beside it, or choose another --home.':
    'Stellen Sie eine Sicherung wieder her (atelier restore FILE --replace), legen Sie eine Kopie aus dem Ordner „backups“ daneben zurück, oder wählen Sie ein anderes --home.',
  'The store {0} can only be read, so nothing was changed.':
    'Der Datenspeicher {0} kann nur gelesen werden, deshalb wurde nichts geändert.',
  'Check the permissions of the data folder and its disk, or choose another one with --home.':
    'Prüfen Sie die Rechte des Datenordners und seinen Datenträger, oder wählen Sie mit --home einen anderen.',
  'The store {0} could not be opened for writing ({1}).':
    'Der Datenspeicher {0} konnte nicht zum Schreiben geöffnet werden ({1}).',
  'Check the permissions of the data folder, or choose another one with --home.':
    'Prüfen Sie die Rechte des Datenordners, oder wählen Sie mit --home einen anderen.',
  'The disk did not read or write the store {0} ({1}).':
    'Der Datenträger hat den Datenspeicher {0} nicht gelesen oder geschrieben ({1}).',
  'Check the disk and its free space; the store keeps its last complete state.':
    'Prüfen Sie den Datenträger und den freien Platz; der letzte vollständige Stand bleibt erhalten.',
  'Entry {0}{1} of the audit log is missing (the next one is {2}).':
    'Im Audit-Protokoll fehlt der Eintrag {0}{1} (der nächste ist {2}).',
  'Entry {0} of the audit log does not follow the entry before it.':
    'Der Eintrag {0} des Audit-Protokolls schließt nicht an den vorigen an.',
  'Entry {0} of the audit log was altered.': 'Der Eintrag {0} des Audit-Protokolls wurde verändert.',
  'The log ends at entry {0}, but entry {1} was signed: it was cut off.':
    'Das Protokoll endet bei Eintrag {0}, aber Eintrag {1} wurde signiert: Das Ende wurde abgeschnitten.',
  'Entry {0} is not the one that was signed: the log was rewritten.':
    'Der Eintrag {0} ist nicht der, der signiert wurde: Das Protokoll wurde neu geschrieben.',
  'The store {0} was written by a newer Atelier (its version is {1}, this Atelier knows up to {2}).':
    'Der Datenspeicher {0} stammt von einem neueren Atelier (seine Version ist {1}, dieses Atelier kennt Versionen bis {2}).',
  'Update Atelier, or use another data folder with --home. Nothing was changed.':
    'Aktualisieren Sie Atelier, oder verwenden Sie mit --home einen anderen Datenordner. Nichts wurde geändert.',
  'The file {0} is a SQLite database, but not an Atelier store.':
    'Die Datei {0} ist eine SQLite-Datenbank, aber kein Datenspeicher von Atelier.',
  'Choose another data folder with --home. Nothing was changed.':
    'Wählen Sie mit --home einen anderen Datenordner. Nichts wurde geändert.',
  'The database {0} is damaged ({1}).': 'Die Datenbank {0} ist beschädigt ({1}).',
  'The database {0} is damaged (no answer).': 'Die Datenbank {0} ist beschädigt (keine Antwort).',
  'Restore a backup, or put back a copy from the folder "backups".':
    'Stellen Sie eine Sicherung wieder her, oder legen Sie eine Kopie aus dem Ordner „backups“ zurück.',
  '"{0}" is not the hash of an image.': '„{0}“ ist nicht der Hash eines Bildes.',
  'The image {0} is missing from the store ({1}).': 'Das Bild {0} fehlt im Datenspeicher ({1}).',
  'Put the folder "blobs" back from a copy, or import the dataset again.':
    'Legen Sie den Ordner „blobs“ aus einer Kopie zurück, oder importieren Sie den Datensatz noch einmal.',
  'The file {0} changed while it was read.': 'Die Datei {0} änderte sich, während sie gelesen wurde.',
  'Wait until nothing writes into that folder and import again.':
    'Warten Sie, bis nichts mehr in diesen Ordner schreibt, und importieren Sie noch einmal.',
  'The image {0} is damaged: it is not the one that was imported.':
    'Das Bild {0} ist beschädigt: Es ist nicht das, das importiert wurde.',
  'Import its dataset again, which repairs it, or restore a backup.':
    'Importieren Sie den Datensatz noch einmal, das behebt es, oder stellen Sie eine Sicherung wieder her.',
  'There is no file {0}.': 'Es gibt keine Datei {0}.',
  '{0} is not a file ({1}).': '{0} ist keine Datei ({1}).',
  'The dataset {0} has no edit "{1}".': 'Im Datensatz {0} gibt es keine Änderung „{1}“.',
  'The list of edits shows the ids that exist.': 'Die Liste der Änderungen zeigt die Kennungen, die es gibt.',
  'There is no dataset with the id "{0}".': 'Es gibt keinen Datensatz mit der Kennung „{0}“.',
  'The list of datasets shows the ids that exist.': 'Die Liste der Datensätze zeigt die Kennungen, die es gibt.',
  'was left out as unknown': 'wurde als unbekannt ausgelassen',
  'has opted out': 'hat widersprochen',
  'is left out any more': 'ist noch ausgelassen',
  'is used in spite of an opt-out': 'wird trotz Widerspruchs verwendet',
  'No image of the dataset {0} {1}.': 'Kein Bild des Datensatzes {0} {1}.',
  'The image {0} of the dataset {1} {2}.': 'Das Bild {0} des Datensatzes {1}: Es trifft nicht zu, dass es {2}.',
  'There is nothing to decide; nothing was changed.': 'Es gibt nichts zu entscheiden; nichts wurde geändert.',
  'There is no sample with the id "{0}".': 'Es gibt kein Beispiel mit der Kennung „{0}“.',
  'The dataset "{0}" is used by the run "{1}" ({2}), which has not ended.':
    'Der Datensatz „{0}“ wird vom Lauf „{1}“ ({2}) verwendet, der noch nicht zu Ende ist.',
  'Stop the run or wait for its end, then remove the dataset.':
    'Stoppen Sie den Lauf oder warten Sie sein Ende ab, und entfernen Sie dann den Datensatz.',
  'There is no evaluation with the id "{0}".': 'Es gibt keine Auswertung mit der Kennung „{0}“.',
  'Items gained or lost are asked for, but not compared with what.':
    'Gefragt sind gewonnene oder verlorene Fragen, aber nicht, womit verglichen wird.',
  'Name the earlier evaluation in "against".': 'Nennen Sie die frühere Auswertung in „against“.',
  'There is no experiment with the id "{0}".': 'Es gibt kein Experiment mit der Kennung „{0}“.',
  'The list of experiments shows the ids that exist.': 'Die Liste der Experimente zeigt die Kennungen, die es gibt.',
  'There is no export with the id "{0}".': 'Es gibt keinen Export mit der Kennung „{0}“.',
  'Its runs were handed off as {0}. Take the job folder back when they have trained.':
    'Seine Läufe wurden als {0} übergeben. Nehmen Sie den Auftragsordner zurück, wenn sie trainiert sind.',
  'The recipe of {0} is not the one that was handed off: the store was changed outside Atelier.':
    'Das Rezept von {0} ist nicht das, das übergeben wurde: Der Datenspeicher wurde außerhalb von Atelier verändert.',
  'Restore the data folder from a backup.': 'Stellen Sie den Datenordner aus einer Sicherung wieder her.',
  'There is no sheet with the id "{0}".': 'Es gibt keinen Bogen mit der Kennung „{0}“.',
  'The list of sheets shows the ids that exist.': 'Die Liste der Bögen zeigt die Kennungen, die es gibt.',
  'The sheet {0} has no picture {1}. Nothing was changed.':
    'Auf dem Bogen {0} gibt es kein Bild {1}. Nichts wurde geändert.',
  'Choose the pictures again.': 'Wählen Sie die Bilder noch einmal.',
  'There is no model with the id "{0}".': 'Es gibt kein Modell mit der Kennung „{0}“.',
  'Register the folder of the checkpoint first, or take an id from the list of models.':
    'Fügen Sie zuerst den Ordner des Checkpoints hinzu, oder nehmen Sie eine Kennung aus der Liste der Modelle.',
  '"{0}" ships with Atelier, so it cannot be removed.': '„{0}“ gehört zu Atelier und kann nicht entfernt werden.',
  'Only models that you added can be removed.': 'Nur Modelle, die Sie hinzugefügt haben, lassen sich entfernen.',
  'The model "{0}" is needed by "{1}", which has not ended.':
    'Das Modell „{0}“ wird von „{1}“ gebraucht, das noch nicht zu Ende ist.',
  'Stop it or wait for its end, then remove the model.':
    'Stoppen Sie es oder warten Sie sein Ende ab, und entfernen Sie dann das Modell.',
  '"{0}" is worked on, so it cannot be moved.': '„{0}“ ist in Arbeit und lässt sich nicht verschieben.',
  'Only what waits can change its place. Stop it first to let others go before it.':
    'Nur was wartet, kann seinen Platz ändern. Stoppen Sie es zuerst, um anderes vorzulassen.',
  'The queue has no entry "{0}" (any more).': 'In der Warteschlange gibt es keinen Eintrag „{0}“ (mehr).',
  'The queue shows what waits now.': 'Die Warteschlange zeigt, was jetzt wartet.',
  'It waits in the queue.': 'Er wartet in der Warteschlange.',
  'It is in progress.': 'Er ist in Arbeit.',
  '"{0}" in the queue needs it.': '„{0}“ in der Warteschlange braucht ihn.',
  'The experiment "{0}", which has not ended, needs it.':
    'Das Experiment „{0}“, das noch nicht zu Ende ist, braucht ihn.',
  'The run "{0}" ({1}) cannot be removed: {2}': 'Der Lauf „{0}“ ({1}) kann nicht entfernt werden: {2}',
  'Stop what uses it or wait for its end, then remove the run.':
    'Stoppen Sie, was ihn verwendet, oder warten Sie das Ende ab, und entfernen Sie dann den Lauf.',
  'There is no run with the id "{0}".': 'Es gibt keinen Lauf mit der Kennung „{0}“.',
  'The list of runs shows the ids that exist.': 'Die Liste der Läufe zeigt die Kennungen, die es gibt.',
  'The run {0} is not written by this Atelier any more (it is {1}).':
    'Der Lauf {0} wird nicht mehr von diesem Atelier geschrieben (sein Zustand: {1}).',
  'The run {0} is not written by this Atelier any more (it is gone).':
    'Der Lauf {0} wird nicht mehr von diesem Atelier geschrieben (es gibt ihn nicht mehr).',
  'Another Atelier took it over or marked it as interrupted; resume it from there.':
    'Ein anderes Atelier hat ihn übernommen oder als unterbrochen markiert; setzen Sie ihn von dort fort.',
  'Atelier ended while this run was waiting. It has no checkpoint yet and starts again from the beginning.':
    'Atelier endete, während dieser Lauf wartete. Er hat noch keinen Checkpoint und beginnt von vorn.',
  'Atelier ended while this run was waiting. It can be resumed from step {0}.':
    'Atelier endete, während dieser Lauf wartete. Er lässt sich ab Schritt {0} fortsetzen.',
  'Atelier ended while this run was at step {0}. It has no checkpoint yet and starts again from the beginning.':
    'Atelier endete, während dieser Lauf bei Schritt {0} war. Er hat noch keinen Checkpoint und beginnt von vorn.',
  'Atelier ended while this run was at step {0}. It can be resumed from step {1}.':
    'Atelier endete, während dieser Lauf bei Schritt {0} war. Er lässt sich ab Schritt {1} fortsetzen.',
  'The recipe of {0} is not the one that the run was started with: the store was changed outside Atelier.':
    'Das Rezept von {0} ist nicht das, mit dem der Lauf gestartet wurde: Der Datenspeicher wurde außerhalb von Atelier verändert.',
  'Restore the data folder from a backup. Atelier does not use, resume or sign a changed recipe.':
    'Stellen Sie den Datenordner aus einer Sicherung wieder her. Atelier verwendet, setzt fort und signiert kein verändertes Rezept.',
  'taken out of the queue': 'aus der Warteschlange genommen',
  'rid of its checkpoints': 'von seinen Checkpoints befreit',
  'The run "{0}" ({1}) is {2}, so it cannot be {3}.': 'Der Lauf „{0}“ ({1}) ist {2} und kann deshalb nicht {3} werden.',
  'Only a run that is {0} can be {1}.': 'Nur ein Lauf, der {0} ist, kann {1} werden.',
};
