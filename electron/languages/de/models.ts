/** @file German: models, the hub and the playground. */
import type { Catalogue } from '../template-index.ts';

export const models: Catalogue = {
  '"{0}" ships with Atelier, so it is here already and keeps its name.':
    '„{0}“ gehört zu Atelier, ist also schon da und behält seinen Namen.',
  '"{0}" ships with Atelier, so it keeps the licence that its folder states.':
    '„{0}“ gehört zu Atelier, behält also die Lizenz, die sein Ordner nennt.',
  'Copy its folder and add the copy, if you need it to be otherwise.':
    'Kopieren Sie den Ordner und fügen Sie die Kopie hinzu, wenn Sie es anders brauchen.',
  'The address of the hub, {0}, is no address.': 'Die Adresse des Hubs, {0}, ist keine Adresse.',
  'The address of the hub, {0}, contains a password; a token belongs in HF_TOKEN.':
    'Die Adresse des Hubs, {0}, enthält ein Passwort; ein Token gehört in HF_TOKEN.',
  'The address of the hub, {0}, has more than a path.': 'Die Adresse des Hubs, {0}, hat mehr als einen Pfad.',
  'The address of the hub, {0}, does not begin with https.': 'Die Adresse des Hubs, {0}, beginnt nicht mit https.',
  'Write it like https://huggingface.co in the settings or in HF_ENDPOINT, or leave both empty.':
    'Schreiben Sie sie wie https://huggingface.co in die Einstellungen oder in HF_ENDPOINT, oder lassen Sie beides leer.',
  'it is nested more than {0} levels deep': 'sie ist mehr als {0} Ebenen tief verschachtelt',
  'it does not describe a model with its version': 'sie beschreibt kein Modell mit seiner Version',
  'it lists more than {0} files': 'sie nennt mehr als {0} Dateien',
  'an entry of its listing is not a file with its size': 'ein Eintrag der Liste ist keine Datei mit ihrer Größe',
  'its listing has a file named {0}': 'in der Liste steht eine Datei namens {0}',
  'its listing has {0} twice': 'in der Liste steht {0} zweimal',
  'its listing has no size or no hash for {0}': 'in der Liste fehlt Größe oder Hash von {0}',
  'it redirects more than {0} times': 'sie leitet mehr als {0}-mal weiter',
  'it redirects to something that is no address': 'sie leitet zu etwas weiter, das keine Adresse ist',
  'it leads to {0}//{1}, which Atelier does not follow': 'sie führt zu {0}//{1}, wohin Atelier nicht folgt',
  'its status is {0}': 'ihr Status ist {0}',
  'its listing does not end': 'die Liste endet nicht',
  'its listing continues on another host': 'die Liste geht bei einem anderen Anbieter weiter',
  'it is longer than {0} MiB': 'sie ist länger als {0} MiB',
  'it sends another part of the file than was asked for': 'sie sendet einen anderen Teil der Datei als verlangt',
  'it has not the shape that a hub gives it': 'sie hat nicht die Form, die ein Hub ihr gibt',
  'config.json of {0} has {1} bytes or more': 'config.json von {0} hat {1} Byte oder mehr',
  '{0} is longer than its listing says': '{0} ist länger, als die Liste sagt',
  'it announces {0} bytes for {1}, and lists {2}': 'sie kündigt {0} Byte für {1} an und nennt {2}',
  'it sends more than the {0} bytes of {1}': 'sie sendet mehr als die {0} Byte von {1}',
  'The hub {0} gave an answer that cannot be used: {1}.': 'Die Antwort des Hubs {0} ist nicht verwendbar: {1}.',
  'Check its address (HF_ENDPOINT, or the setting), and try again later.':
    'Prüfen Sie seine Adresse (HF_ENDPOINT oder die Einstellung), und versuchen Sie es später erneut.',
  '{0} is not a model that transformers could load: it has no config.json.':
    '{0} ist kein Modell, das transformers laden könnte: config.json fehlt.',
  'Choose the repository of the model itself, not one of conversions for other programs.':
    'Wählen Sie das Verzeichnis des Modells selbst, nicht eines mit Umwandlungen für andere Programme.',
  '{0} has its weights in {1}, a Python pickle, which Atelier does not fetch.':
    '{0} hat seine Gewichte in {1}, einem Python-Pickle, das Atelier nicht holt.',
  'A pickle can run any program when it is opened. Look for the same model in safetensors format.':
    'Ein Pickle kann beim Öffnen jedes Programm ausführen. Suchen Sie dasselbe Modell im Format safetensors.',
  '{0} has its weights in {1}, a GGUF file, which cannot be trained.':
    '{0} hat seine Gewichte in {1}, einer GGUF-Datei, die sich nicht trainieren lässt.',
  'Choose the model that it was made from.': 'Wählen Sie das Modell, aus dem sie entstand.',
  '{0} is an adapter, not a model.': '{0} ist ein Adapter, kein Modell.',
  '{0} has neither model.safetensors nor model.safetensors.index.json.':
    '{0} hat weder model.safetensors noch model.safetensors.index.json.',
  'Choose the model that it was trained on.': 'Wählen Sie das Modell, auf dem er trainiert wurde.',
  'Choose a model in safetensors format.': 'Wählen Sie ein Modell im Format safetensors.',
  '{0} is gated: its owner asks you to accept terms first.':
    '{0} ist nicht frei zugänglich: Der Eigentümer verlangt vorher Ihre Zustimmung zu Bedingungen.',
  'the model is gated: its owner asks you to accept terms first.':
    'Das Modell ist nicht frei zugänglich: Der Eigentümer verlangt vorher Ihre Zustimmung zu Bedingungen.',
  'Accept the terms on {0}/{1}, make a token that may read, and start Atelier with it in HF_TOKEN.':
    'Stimmen Sie den Bedingungen auf {0}/{1} zu, erstellen Sie ein Token mit Leserecht, und starten Sie Atelier damit in HF_TOKEN.',
  'Accept the terms on {0}/the model, make a token that may read, and start Atelier with it in HF_TOKEN.':
    'Stimmen Sie den Bedingungen auf {0}/der Seite des Modells zu, erstellen Sie ein Token mit Leserecht, und starten Sie Atelier damit in HF_TOKEN.',
  '{0} has no such revision.': '{0} hat keine solche Revision.',
  'the model has no such revision.': 'Das Modell hat keine solche Revision.',
  'without a token': 'ohne Token',
  'with the token in HF_TOKEN': 'mit dem Token in HF_TOKEN',
  'The hub does not show {0} without a token.': 'Der Hub zeigt {0} nicht ohne Token.',
  'The hub does not show {0} with the token in HF_TOKEN.': 'Der Hub zeigt {0} mit dem Token in HF_TOKEN nicht.',
  'The hub does not show the model without a token.': 'Der Hub zeigt das Modell nicht ohne Token.',
  'The hub does not show the model with the token in HF_TOKEN.':
    'Der Hub zeigt das Modell mit dem Token in HF_TOKEN nicht.',
  'Check the name on {0}/{1}. If the model is gated or private, accept its terms there, and start Atelier with a token that may read it in HF_TOKEN.':
    'Prüfen Sie den Namen auf {0}/{1}. Ist das Modell geschützt oder privat, stimmen Sie dort seinen Bedingungen zu, und starten Sie Atelier mit einem leseberechtigten Token in HF_TOKEN.',
  'Check the name on {0}/the model. If the model is gated or private, accept its terms there, and start Atelier with a token that may read it in HF_TOKEN.':
    'Prüfen Sie den Namen auf {0}/der Seite des Modells. Ist das Modell geschützt oder privat, stimmen Sie dort seinen Bedingungen zu, und starten Sie Atelier mit einem leseberechtigten Token in HF_TOKEN.',
  'The hub {0} has no {1}, or no longer the file that was asked for.':
    'Beim Hub {0} gibt es {1} nicht, oder die verlangte Datei nicht mehr.',
  'The hub {0} has no the model, or no longer the file that was asked for.':
    'Beim Hub {0} gibt es das Modell nicht, oder die verlangte Datei nicht mehr.',
  'Check the name and the revision on the page of the model.':
    'Prüfen Sie Namen und Revision auf der Seite des Modells.',
  'Wait a few minutes and try again. What has arrived is kept.':
    'Warten Sie einige Minuten und versuchen Sie es erneut. Was schon da ist, bleibt erhalten.',
  'The request to the hub was stopped.': 'Die Anfrage an den Hub wurde angehalten.',
  'there is no host of that name, or no network': 'es gibt keinen Rechner dieses Namens, oder kein Netz',
  'nothing answers there': 'dort antwortet nichts',
  'the connection broke': 'die Verbindung brach ab',
  'Downloading models is switched off in the settings. Nothing was asked of the hub.':
    'Das Laden von Modellen ist in den Einstellungen ausgeschaltet. Der Hub wurde nichts gefragt.',
  'Switch it on in the settings under Network, or add a folder that is on this machine.':
    'Schalten Sie es in den Einstellungen unter Netzwerk ein, oder fügen Sie einen Ordner dieses Rechners hinzu.',
  'HF_HUB_OFFLINE is set, so nothing was asked of the hub.':
    'HF_HUB_OFFLINE ist gesetzt, deshalb wurde der Hub nichts gefragt.',
  'Start Atelier without it, or add a folder that is on this machine.':
    'Starten Sie Atelier ohne diese Variable, oder fügen Sie einen Ordner dieses Rechners hinzu.',
  'The folder {0} is not a model: it has no config.json.': 'Der Ordner {0} ist kein Modell: config.json fehlt.',
  'Name the folder that holds config.json and the *.safetensors files.':
    'Nennen Sie den Ordner, der config.json und die Dateien *.safetensors enthält.',
  'The folder {0} is not an adapter: it has no {1}.': 'Der Ordner {0} ist kein Adapter: {1} fehlt.',
  'Name the folder of an exported adapter, or a checkpoint of a run.':
    'Nennen Sie den Ordner eines exportierten Adapters oder einen Checkpoint eines Laufs.',
  'There is no image {0}.': 'Es gibt kein Bild {0}.',
  'Check the path; relative paths count from where the command was given, or from the file that names them.':
    'Prüfen Sie den Pfad; relative Pfade zählen ab dem Ort des Befehls oder der Datei, die sie nennt.',
  'Check the path.': 'Prüfen Sie den Pfad.',
  'Name the folder, not a file inside it.': 'Nennen Sie den Ordner, keine Datei darin.',
  '{0}: tensor "{1}" holds a value that is not a finite number (NaN or infinite).':
    '{0}: Der Tensor „{1}“ enthält einen Wert, der keine endliche Zahl ist (NaN oder unendlich).',
  'Copy or download the weights again. If they are as published, the model itself is damaged.':
    'Kopieren oder laden Sie die Gewichte noch einmal. Sind sie wie veröffentlicht, ist das Modell selbst beschädigt.',
  'It is not stated what this licence rests on.': 'Es ist nicht angegeben, worauf diese Lizenz beruht.',
  'Name the page, file, letter or contract where you read it.':
    'Nennen Sie die Seite, die Datei, den Brief oder den Vertrag, wo Sie sie gelesen haben.',
  '{0} of {1} is not the file that the hub lists.': '{0} von {1} ist nicht die Datei, die der Hub nennt.',
  'Try again. If it happens again, the hub or something on the way to it changes files: do not use it.':
    'Versuchen Sie es erneut. Geschieht es wieder, verändert der Hub oder etwas auf dem Weg Dateien: Verwenden Sie ihn nicht.',
  'Its bytes were deleted. Try again; if it happens again, something on the way changes files.':
    'Die Daten wurden gelöscht. Versuchen Sie es erneut; geschieht es wieder, verändert etwas auf dem Weg Dateien.',
  'The hub {0} answers with another version than was asked for.':
    'Der Hub {0} antwortet mit einer anderen Version als verlangt.',
  'The download of {0} was stopped.': 'Das Laden von {0} wurde angehalten.',
  'What has arrived is kept in {0}. Get the model again to continue, or delete that folder.':
    'Was schon da ist, liegt in {0}. Laden Sie das Modell noch einmal, um fortzufahren, oder löschen Sie diesen Ordner.',
  '{0} needs {1} more on this disk, and {2} are free.':
    '{0} braucht {1} mehr auf diesem Datenträger, und {2} sind frei.',
  'Free some space, or use a data folder on a larger disk (--home).':
    'Schaffen Sie Platz, oder verwenden Sie einen Datenordner auf einem größeren Datenträger (--home).',
  'This model is being downloaded already.': 'Dieses Modell wird schon geladen.',
  'Wait for that download to end.': 'Warten Sie, bis es geladen ist.',
  'The run {0} was not trained on the model {1}.': 'Der Lauf {0} wurde nicht auf dem Modell {1} trainiert.',
  'Ask the model {0}, on which it was trained.': 'Fragen Sie das Modell {0}, auf dem er trainiert wurde.',
  'The run {0} has no checkpoint yet, so it cannot answer.':
    'Der Lauf {0} hat noch keinen Checkpoint und kann deshalb nicht antworten.',
  'The picture is no longer kept.': 'Das Bild ist nicht mehr gespeichert.',
  'Choose it again.': 'Wählen Sie es noch einmal.',
  'The dataset of "{0}" shows pictures as they are stored, and "{1}" is turned upright.':
    'Der Datensatz von „{0}“ zeigt Bilder, wie sie gespeichert sind, und „{1}“ wird aufgerichtet.',
  'Ask about them one at a time.': 'Fragen Sie nach einem Bild nach dem anderen.',
  'The picture "{0}" is larger than 10 MB.': 'Das Bild „{0}“ ist größer als 10 MB.',
  'Save a smaller copy and choose that.': 'Speichern Sie eine kleinere Kopie und wählen Sie diese.',
  '{0} exists already and was changed or made by another program. Nothing was written.':
    '{0} gibt es schon, und ein anderes Programm hat es verändert oder angelegt. Nichts wurde geschrieben.',
  'Choose another name, or move the file away.': 'Wählen Sie einen anderen Namen, oder verschieben Sie die Datei.',
  'The folder {0} cannot be read.': 'Der Ordner {0} ist nicht lesbar.',
  'Pictures end in {0}.': 'Bilder enden auf {0}.',
  'Checking the model': 'Modell wird geprüft',
  'Downloading {0}': '{0} wird geladen',
  'The model {0} is asked in its own words, not in those of a dataset.':
    'Das Modell {0} wird in seinen eigenen Worten gefragt, nicht in denen eines Datensatzes.',
  'A run is asked in its own words, not in those of another.':
    'Ein Lauf wird in seinen eigenen Worten gefragt, nicht in denen eines anderen.',
  'Name one of the two.': 'Nennen Sie nur eines von beiden.',
  'Name a run too, or leave the dataset out.': 'Nennen Sie auch einen Lauf, oder lassen Sie den Datensatz weg.',
  'The run did not learn from the dataset "{0}".': 'Der Lauf lernte nicht aus dem Datensatz „{0}“.',
};
