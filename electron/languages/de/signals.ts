/** @file German: what pictures say about their own use. */
import type { Catalogue } from '../template-index.ts';

export const signals: Catalogue = {
  'the file is larger than {0} bytes': 'die Datei ist größer als {0} Byte',
  'reading it took longer than {0} seconds': 'das Lesen dauerte länger als {0} Sekunden',
  'the reader failed on it': 'der Leser scheiterte daran',
  'The column “{0}” of the table forbids training: “{1}”.': 'Die Spalte „{0}“ der Tabelle verbietet Training: „{1}“.',
  'The column “{0}” of the table says “{1}” about training, which is not understood and so counts as a no.':
    'Die Spalte „{0}“ der Tabelle sagt zum Training „{1}“; das ist nicht verständlich und gilt deshalb als Nein.',
  '{0} allows training or data mining only under terms: “{1}”.':
    '{0} erlaubt Training oder Data Mining nur unter Bedingungen: „{1}“.',
  '{0} says “noai”: “{1}”.': '{0} sagt „noai“: „{1}“.',
  '{0} forbids training or data mining: “{1}”.': '{0} verbietet Training oder Data Mining: „{1}“.',
  'There is an XMP packet, but it cannot be read: {0}.': 'Ein XMP-Paket ist vorhanden, aber nicht lesbar: {0}.',
  'The packet cannot be parsed, but its text prohibits data mining.':
    'Das Paket ist nicht lesbar, aber sein Text verbietet Data Mining.',
  "The image's metadata {0}: “{1}” (not signed).": 'Die Metadaten des Bildes: {0}: „{1}“ (nicht signiert).',
  "The image's metadata {0} (not signed).": 'Die Metadaten des Bildes: {0} (nicht signiert).',
  "The image's metadata reserves text and data mining (TDMRep).":
    'Die Metadaten des Bildes behalten Text und Data Mining vor (TDMRep).',
  "The image's metadata does not reserve text and data mining (TDMRep).":
    'Die Metadaten des Bildes behalten Text und Data Mining nicht vor (TDMRep).',
  "The image's metadata is unclear about text and data mining (TDMRep).":
    'Die Metadaten des Bildes sind zu Text und Data Mining unklar (TDMRep).',
  'its report has a form that is not known': 'ihr Bericht hat eine unbekannte Form',
  'the file is too large': 'die Datei ist zu groß',
  'it holds no manifest': 'sie enthält kein Manifest',
  'its place in the file is damaged': 'ihr Platz in der Datei ist beschädigt',
  'There is a Content Credential, but it cannot be read: {0}.':
    'Ein Content Credential ist vorhanden, aber nicht lesbar: {0}.',
  'The Content Credential cannot be read as a whole, but its bytes hold a prohibition of training.':
    'Das Content Credential ist als Ganzes nicht lesbar, aber seine Bytes enthalten ein Verbot des Trainings.',
  '; {0} can only be checked online': '; {0} lässt sich nur online prüfen',
  'changed after it was signed, or damaged: {0}': 'nach dem Signieren verändert oder beschädigt: {0}',
  'intact, but the signing certificate was revoked': 'unversehrt, aber das Zertifikat wurde widerrufen',
  'intact, but the signing certificate had expired and no time stamp shows when it was used':
    'unversehrt, aber das Zertifikat war abgelaufen, und kein Zeitstempel zeigt, wann es verwendet wurde',
  'it does not pass validation; the reader gives no reason':
    'es besteht die Prüfung nicht; der Leser nennt keinen Grund',
  'intact, by a signer on the C2PA trust list{0}': 'unversehrt, Unterzeichner auf der C2PA-Vertrauensliste{0}',
  'intact, signer not verified{0}': 'unversehrt, Unterzeichner nicht geprüft{0}',
  'signature not valid{0}': 'Signatur ungültig{0}',
  'not signed{0}': 'nicht signiert{0}',
  'Content Credential signed as “{0}” ({1}).': 'Content Credential, signiert als „{0}“ ({1}).',
  'Content Credential signed as “an unnamed signer” ({0}).':
    'Content Credential, signiert als „ein ungenannter Unterzeichner“ ({0}).',
  'The image was made from “{0}”, whose own Content Credential does not pass validation ({1}).':
    'Das Bild entstand aus „{0}“, dessen eigenes Content Credential die Prüfung nicht besteht ({1}).',
  'data mining': 'Data Mining',
  'use as input of a model': 'die Verwendung als Eingabe eines Modells',
  'training of AI': 'das Training von KI',
  'training of generative AI': 'das Training generativer KI',
  'the use “{0}”': 'die Verwendung „{0}“',
  'intact, by a signer on the C2PA trust list': 'unversehrt, Unterzeichner auf der C2PA-Vertrauensliste',
  'intact, signer not verified': 'unversehrt, Unterzeichner nicht geprüft',
  'signature not valid': 'Signatur ungültig',
  'not signed': 'nicht signiert',
  'The maker allows {0}{1} ({2}).': 'Der Urheber erlaubt {0}{1} ({2}).',
  'The maker allows only under terms {0}{1} ({2}).': 'Der Urheber erlaubt nur unter Bedingungen {0}{1} ({2}).',
  'The maker does not allow {0}{1} ({2}).': 'Der Urheber erlaubt nicht: {0}{1} ({2}).',
  'The Content Credential holds an assertion on training that cannot be read.':
    'Das Content Credential enthält eine Aussage zum Training, die nicht lesbar ist.',
  "The Content Credential's metadata {0} (intact, by a signer on the C2PA trust list).":
    'Die Metadaten des Content Credential: {0} (unversehrt, Unterzeichner auf der C2PA-Vertrauensliste).',
  "The Content Credential's metadata {0} (intact, signer not verified).":
    'Die Metadaten des Content Credential: {0} (unversehrt, Unterzeichner nicht geprüft).',
  "The Content Credential's metadata {0} (signature not valid).":
    'Die Metadaten des Content Credential: {0} (Signatur ungültig).',
  "The Content Credential's metadata {0} (not signed).": 'Die Metadaten des Content Credential: {0} (nicht signiert).',
  "The Content Credential's metadata reserves text and data mining (TDMRep).":
    'Die Metadaten des Content Credential behalten Text und Data Mining vor (TDMRep).',
  "The Content Credential's metadata does not reserve text and data mining (TDMRep).":
    'Die Metadaten des Content Credential behalten Text und Data Mining nicht vor (TDMRep).',
  'Origin: made by a trained model (AI-generated).': 'Herkunft: von einem trainierten Modell erzeugt (KI-generiert).',
  'Origin: contains parts made by a trained model (AI-generated).':
    'Herkunft: enthält Teile, die ein trainiertes Modell erzeugt hat (KI-generiert).',
  'Origin: {0}.': 'Herkunft: {0}.',
  'The site asks with “{0}” that the image is not used for AI.':
    'Die Website bittet mit „{0}“, das Bild nicht für KI zu verwenden.',
  'The site does not want use for “{0}” (Content-Usage, a draft without consensus yet).':
    'Die Website will keine Verwendung für „{0}“ (Content-Usage, ein Entwurf noch ohne Einigung).',
  'The site allows use for “{0}” (Content-Usage, a draft without consensus yet).':
    'Die Website erlaubt die Verwendung für „{0}“ (Content-Usage, ein Entwurf noch ohne Einigung).',
  'The site says something about use for “{0}” (Content-Usage, a draft without consensus yet).':
    'Die Website sagt etwas zur Verwendung für „{0}“ (Content-Usage, ein Entwurf noch ohne Einigung).',
  'The site does not allow training (Content-Signal).': 'Die Website erlaubt kein Training (Content-Signal).',
  'The site allows training (Content-Signal).': 'Die Website erlaubt Training (Content-Signal).',
  'The site says something about training (Content-Signal).': 'Die Website sagt etwas zum Training (Content-Signal).',
  'The site does not let robots that collect for training have the image ({0}).':
    'Die Website gibt das Bild nicht an Roboter, die für das Training sammeln ({0}).',
  "The site's ai.txt does not allow training on what matches “{0}”.":
    'Die ai.txt der Website erlaubt kein Training mit dem, was zu „{0}“ passt.',
  'The site reserves text and data mining (TDMRep).': 'Die Website behält Text und Data Mining vor (TDMRep).',
  'The site reserves text and data mining (TDMRep, written as “true” instead of 1).':
    'Die Website behält Text und Data Mining vor (TDMRep, als „true“ statt 1 geschrieben).',
  'The site does not reserve text and data mining (TDMRep).':
    'Die Website behält Text und Data Mining nicht vor (TDMRep).',
  'The reservation is neither 0 nor 1, so by its protocol it is not set.':
    'Der Vorbehalt ist weder 0 noch 1, nach seinem Protokoll also nicht gesetzt.',
  'There is a TDMRep file, but it cannot be read: it is not a JSON list of rules.':
    'Eine TDMRep-Datei ist vorhanden, aber nicht lesbar: Sie ist keine JSON-Liste von Regeln.',
  'There is a TDMRep file, but it cannot be read: it has more than {0} rules.':
    'Eine TDMRep-Datei ist vorhanden, aber nicht lesbar: Sie hat mehr als {0} Regeln.',
  'A text in the image is called “noai”.': 'Ein Text im Bild heißt „noai“.',
  'Copyright notice': 'Urheberrechtsvermerk',
  'Terms of use': 'Nutzungsbedingungen',
  'The metadata name different licences: {0}. The strictest reading of them is {1}.':
    'Die Metadaten nennen verschiedene Lizenzen: {0}. Ihre strengste Lesart ist {1}.',
};
