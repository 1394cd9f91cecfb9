/** @file German: rewards and the bench. */
import type { Catalogue } from '../template-index.ts';

export const rewards: Catalogue = {
  'Every answer already earns it': 'Jede Antwort verdient sie schon',
  'All answers to a prompt earn the same': 'Alle Antworten auf einen Prompt verdienen dasselbe',
  'Every answer already earns it, so it pulls at nothing now; its weight only matters once answers change.':
    'Jede Antwort verdient sie schon, sie zieht also jetzt an nichts; ihr Gewicht zählt erst, wenn sich die Antworten ändern.',
  'All answers to a prompt earn the same, so it pulls at nothing now; its weight only matters once answers change.':
    'Alle Antworten auf einen Prompt verdienen dasselbe, sie zieht also jetzt an nichts; ihr Gewicht zählt erst, wenn sich die Antworten ändern.',
  'It pulls less than {0} and does not contradict it.': 'Sie zieht weniger als {0} und widerspricht ihr nicht.',
  'It pulls less than  and does not contradict it.': 'Sie zieht weniger als  und widerspricht ihr nicht.',
  'Every answer is right: this task is solved, and training would learn nothing from it. Choose harder samples.':
    'Jede Antwort ist richtig: Diese Aufgabe ist gelöst, ein Training würde nichts daraus lernen. Wählen Sie schwerere Beispiele.',
  'All answers to each prompt earn the same, so training would learn nothing. Raise the temperature or the group size, choose easier samples, or teach the form first with a few steps of SFT.':
    'Alle Antworten auf jeden Prompt verdienen dasselbe, ein Training würde also nichts lernen. Erhöhen Sie die Temperatur oder die Gruppengröße, wählen Sie leichtere Beispiele, oder lehren Sie zuerst die Form mit einigen Schritten SFT.',
  '{0} of {1} prompts teach nothing, because all their answers earn the same. More answers per prompt or a higher temperature would help.':
    '{0} von {1} Prompts lehren nichts, weil alle ihre Antworten dasselbe verdienen. Mehr Antworten je Prompt oder eine höhere Temperatur würden helfen.',
  'The reward {0} can be earned by tricks: a model that {1} gets it too.':
    'Die Belohnung {0} lässt sich durch Tricks verdienen: Auch ein Modell mit diesem Verhalten bekommt sie: {1}.',
  'One answer is right in {0} of cases, at least one of {1} in {2}: that gap is what training can turn into skill.':
    'Eine Antwort ist in {0} der Fälle richtig, mindestens eine von {1} in {2}: Diese Lücke kann das Training in Können verwandeln.',
  'Not one answer is right. Reinforcement learning cannot reward what never happens: begin with easier samples or with SFT.':
    'Keine einzige Antwort ist richtig. Bestärkendes Lernen kann nicht belohnen, was nie geschieht: Beginnen Sie mit leichteren Beispielen oder mit SFT.',
  '{0} of the answers cannot be read. Check the prompt template, or give the form reward some weight at first.':
    '{0} der Antworten sind nicht lesbar. Prüfen Sie die Prompt-Vorlage, oder geben Sie der Formbelohnung anfangs etwas Gewicht.',
  '{0} of the answers are cut off at the length limit. Allow longer completions.':
    '{0} der Antworten werden an der Längengrenze abgeschnitten. Erlauben Sie längere Antworten.',
  'The rewards {0} and {1} pull in opposite directions (correlation {2}).':
    'Die Belohnungen {0} und {1} ziehen in entgegengesetzte Richtungen (Korrelation {2}).',
  'The rewards {0} and {1} say the same (correlation {2}): one of them is enough.':
    'Die Belohnungen {0} und {1} sagen dasselbe (Korrelation {2}): Eine davon genügt.',
  'The reward {0} is earned by nearly every answer already ({1} on average): it guards what is there, it teaches nothing new.':
    'Die Belohnung {0} bekommt schon fast jede Antwort (im Mittel {1}): Sie schützt, was da ist, und lehrt nichts Neues.',
  'It is the main reward, but it can be earned by a trick (a model that {0}): correct it before the run.':
    'Sie ist die Hauptbelohnung, lässt sich aber durch einen Trick verdienen (ein Modell mit diesem Verhalten: {0}): Berichtigen Sie sie vor dem Lauf.',
  'It is the main reward; the others are measured against it.':
    'Sie ist die Hauptbelohnung; die anderen werden an ihr gemessen.',
  'It can be earned by a trick: a model that {0} gets it too.':
    'Sie lässt sich durch einen Trick verdienen: Auch ein Modell mit diesem Verhalten bekommt sie: {0}.',
  'It can be earned by a trick: a model that  gets it too.':
    'Sie lässt sich durch einen Trick verdienen: Auch ein Modell mit diesem Verhalten bekommt sie.',
  'It contradicts {0}: answers that earn more of one earn less of the other (correlation {1}).':
    'Sie widerspricht {0}: Antworten, die von der einen mehr verdienen, verdienen von der anderen weniger (Korrelation {1}).',
  'It contradicts : answers that earn more of one earn less of the other (correlation {0}).':
    'Sie widerspricht : Antworten, die von der einen mehr verdienen, verdienen von der anderen weniger (Korrelation {0}).',
  'It differs more between answers than {0} does, and at weight {1} it would pull harder.':
    'Sie unterscheidet Antworten stärker als {0} und würde mit Gewicht {1} stärker ziehen.',
  'It differs more between answers than  does, and at weight {0} it would pull harder.':
    'Sie unterscheidet Antworten stärker und würde mit Gewicht {0} stärker ziehen.',
  '{0} Its weight is small enough already.': '{0} Ihr Gewicht ist schon klein genug.',
  '{0} A weight of {1} instead of {2} keeps it in its place.':
    '{0} Ein Gewicht von {1} statt {2} hält sie an ihrem Platz.',
  'The run {0} is training, and the engine does one thing at a time.':
    'Der Lauf {0} trainiert, und die Engine tut eines zurzeit.',
  'Wait until it has ended, or stop it, and try the rewards then.':
    'Warten Sie, bis er zu Ende ist, oder stoppen Sie ihn, und probieren Sie die Belohnungen dann aus.',
  'The reward bench was stopped.': 'Der Prüfstand wurde angehalten.',
  'The dataset "{0}" has no samples in its {1} split.': 'Der Datensatz „{0}“ hat im Teil {1} keine Beispiele.',
  'Choose the other split.': 'Wählen Sie den anderen Teil.',
  'The run {0} has no checkpoint on the model {1}.': 'Der Lauf {0} hat keinen Checkpoint auf dem Modell {1}.',
  "Choose the run's own model, and wait for its first checkpoint.":
    'Wählen Sie das Modell des Laufs, und warten Sie auf seinen ersten Checkpoint.',
  'The reward {0} cannot be used: its {1} is not of the right form.':
    'Die Belohnung {0} ist nicht verwendbar: {1} hat nicht die richtige Form.',
  'The reward {0} cannot be used: its file is not of the right form.':
    'Die Belohnung {0} ist nicht verwendbar: Ihre Datei hat nicht die richtige Form.',
  'Give it a short name of letters, digits, spaces, dots or dashes.':
    'Geben Sie ihr einen kurzen Namen aus Buchstaben, Ziffern, Leerzeichen, Punkten oder Strichen.',
  'Use a .js or .ts file with some text in it.': 'Verwenden Sie eine .js- oder .ts-Datei mit Text darin.',
  'The file {0} is not a reward: it is not a text.': 'Die Datei {0} ist keine Belohnung: Sie ist kein Text.',
  'A reward is one small JavaScript or TypeScript file.':
    'Eine Belohnung ist eine kleine Datei in JavaScript oder TypeScript.',
  'How the answer is read: auto (by the task), count, number, fraction, radical, pi, degrees, choice, yes-no, text, tags, transcript, fields, order, description, box or point.':
    'Wie die Antwort gelesen wird: auto (nach der Aufgabe), count, number, fraction, radical, pi, degrees, choice, yes-no, text, tags, transcript, fields, order, description, box oder point.',
  'Largest difference from the reference that still counts as right.':
    'Größte Abweichung von der richtigen Antwort, die noch als richtig zählt.',
  'The same as a fraction of the reference: 0.01 accepts 1 percent.':
    'Dasselbe als Anteil der richtigen Antwort: 0.01 lässt 1 Prozent zu.',
  'An answer that leaves out the unit of the reference is wrong.':
    'Eine Antwort ohne die Einheit der richtigen ist falsch.',
  'Texts that differ in upper and lower case are different.':
    'Texte, die sich in Groß- und Kleinschreibung unterscheiden, sind verschieden.',
  'How much a box must overlap the reference box (intersection over union).':
    'Wie weit ein Kasten den richtigen überdecken muss (Schnitt durch Vereinigung).',
  'For boxes: the reward is the overlap itself, so a near miss earns something.':
    'Bei Kästen: Die Belohnung ist die Überdeckung selbst, knapp daneben bringt also etwas.',
  'For tags, transcripts, fields, orders, descriptions, boxes and points: an answer that is partly right earns a part.':
    'Bei Tags, Abschriften, Feldern, Reihenfolgen, Beschreibungen, Kästen und Punkten: Eine teilweise richtige Antwort bringt einen Teil.',
  'For tags: the only ones that count, with synonyms, such as: bird, dog = hound = puppy.':
    'Bei Tags: die einzigen, die zählen, mit Synonymen, etwa: Vogel, Hund = Welpe = Dackel.',
  'For transcripts: partial credit counts wrong characters or wrong words.':
    'Bei Abschriften: Für Teilpunkte zählen falsche Zeichen oder falsche Wörter.',
  'For transcripts and fields: none compares the text as written, spaces ignores how it is spaced, letters also ignores case and punctuation.':
    'Bei Abschriften und Feldern: none vergleicht den Text, wie er dasteht, spaces übergeht die Abstände, letters auch Groß- und Kleinschreibung und Satzzeichen.',
  'For fields: a JSON Schema with the fields, their types and tolerances. Empty: the fields of each reference.':
    'Bei Feldern: ein JSON-Schema mit den Feldern, ihren Typen und Toleranzen. Leer: die Felder der richtigen Antwort.',
  'For descriptions: how resemblance to the reference text is measured, chrf or rouge-l.':
    'Bei Beschreibungen: wie die Ähnlichkeit mit dem richtigen Text gemessen wird, chrf oder rouge-l.',
  'For descriptions: longer ones earn less for every word above this.':
    'Bei Beschreibungen: Längere verdienen mit jedem Wort darüber weniger.',
  'strict, or r1v: the regular expression of R1-V and the paper, with its loopholes.':
    'strict oder r1v: der reguläre Ausdruck von R1-V und der Arbeit, mit seinen Schlupflöchern.',
  'A thought that shows nothing but spaces fails.': 'Ein Gedankengang, der nur Leerzeichen zeigt, fällt durch.',
  'An answer that shows nothing but spaces fails.': 'Eine Antwort, die nur Leerzeichen zeigt, fällt durch.',
  'What is measured: thought or completion.': 'Was gemessen wird: thought oder completion.',
  'Fewest characters.': 'Wenigste Zeichen.',
  'Most characters.': 'Meiste Zeichen.',
  'How many characters outside the range bring the reward down to 0.':
    'Wie viele Zeichen außerhalb des Bereichs die Belohnung auf 0 bringen.',
  'How many words form a group.': 'Wie viele Wörter eine Gruppe bilden.',
  'latin, cyrillic, greek, arabic, hebrew, devanagari, thai, han, japanese or hangul.':
    'latin, cyrillic, greek, arabic, hebrew, devanagari, thai, han, japanese oder hangul.',
  'Fewest letters and digits in the thought.': 'Wenigste Buchstaben und Ziffern im Gedankengang.',
  'Gives 1 when the last answer tag holds exactly the reference answer, else 0. Several guesses at once count as no answer.':
    'Gibt 1, wenn die letzte Antwortmarke genau die richtige Antwort enthält, sonst 0. Mehrere Versuche zugleich zählen als keine Antwort.',
  'Gives 1 when the completion is one thought followed by one answer, each in its tags and neither empty, else 0.':
    'Gibt 1, wenn der Text ein Gedankengang und danach eine Antwort ist, jeweils in ihren Tags und nicht leer, sonst 0.',
  'Gives 1 when the length of the thought is within a range, and less the further it is outside. It ignores what the text says, so padding earns it too: keep its weight small.':
    'Gibt 1, wenn die Länge des Gedankengangs in einem Bereich liegt, und weniger, je weiter sie außerhalb ist. Was der Text sagt, zählt nicht; Füllstoff verdient sie auch: Halten Sie ihr Gewicht klein.',
  'Gives the share of word groups that occur for the first time: 1 when nothing is said twice. Very short texts repeat nothing, so combine it with a reward that asks for content.':
    'Gibt den Anteil der Wortgruppen, die zum ersten Mal vorkommen: 1, wenn nichts zweimal gesagt wird. Sehr kurze Texte wiederholen nichts; verbinden Sie sie mit einer Belohnung, die Inhalt verlangt.',
  'Gives the share of letters that belong to one writing system. It can tell Chinese from English, but not English from German.':
    'Gibt den Anteil der Buchstaben eines Schriftsystems. Sie unterscheidet Chinesisch von Englisch, aber nicht Englisch von Deutsch.',
  'Gives 1 when a thought with some text comes before the answer, else 0. It keeps reasoning from vanishing, but cannot tell whether the thought is true.':
    'Gibt 1, wenn vor der Antwort ein Gedankengang mit etwas Text steht, sonst 0. Sie verhindert, dass Gedankengänge verschwinden, weiß aber nicht, ob sie wahr sind.',
  'A JavaScript or TypeScript file with a function score(completion, sample) that returns a number from 0 to 1, or null for no opinion. It runs without files, network, clock or randomness, and with limits on time and memory.':
    'Eine JavaScript- oder TypeScript-Datei mit einer Funktion score(completion, sample), die eine Zahl von 0 bis 1 liefert, oder null für keine Meinung. Sie läuft ohne Dateien, Netz, Uhr oder Zufall, mit Grenzen für Zeit und Speicher.',
  'are lists, but with tags outside of your vocabulary. Add them to the vocabulary as synonyms, name the allowed tags in the question, or begin with a few steps of SFT.':
    'sind Listen, aber mit Tags außerhalb Ihres Wortschatzes. Nehmen Sie sie als Synonyme auf, nennen Sie in der Frage die erlaubten Tags, oder beginnen Sie mit einigen Schritten SFT.',
  'are sentences instead of lists. Ask for tags separated by commas, or begin with a few steps of SFT.':
    'sind Sätze statt Listen. Verlangen Sie Tags, durch Kommas getrennt, oder beginnen Sie mit einigen Schritten SFT.',
  'list far more tags than there are, and so commit to none. Say in the question how many there should be.':
    'nennen viel mehr Tags, als es gibt, und legen sich so auf nichts fest. Sagen Sie in der Frage, wie viele es sein sollen.',
  'talk about the text, as in “The label says …”. Ask for the text alone, or begin with a few steps of SFT.':
    'reden über den Text, etwa „Auf dem Schild steht …“. Verlangen Sie den Text allein, oder beginnen Sie mit einigen Schritten SFT.',
  'copy less than half of the text. Allow longer answers (maxCompletionLength) and more detail of the picture.':
    'schreiben weniger als die Hälfte des Texts ab. Erlauben Sie längere Antworten (maxCompletionLength) und mehr Details des Bildes.',
  'differ in case or punctuation only. If that does not matter to you, set `normalise` to `letters`.':
    'unterscheiden sich nur in Groß- und Kleinschreibung oder Satzzeichen. Ist Ihnen das nicht wichtig, setzen Sie `normalise` auf `letters`.',
  'are not JSON. Show the wanted form in the question, such as {"total": 1.5}, or begin with a few steps of SFT.':
    'sind kein JSON. Zeigen Sie in der Frage die gewünschte Form, etwa {"total": 1.5}, oder beginnen Sie mit einigen Schritten SFT.',
  'are JSON, but share no field with the reference. Name the fields in the question, spelled as in your data.':
    'sind JSON, haben aber kein Feld der richtigen Antwort. Nennen Sie die Felder in der Frage, geschrieben wie in Ihren Daten.',
  'have values of the wrong type, such as numbers in quotes. Say in the question which fields are numbers.':
    'haben Werte vom falschen Typ, etwa Zahlen in Anführungszeichen. Sagen Sie in der Frage, welche Felder Zahlen sind.',
  'order other things than the reference, or not all of them. Name in the question all that is to be ordered.':
    'ordnen andere Dinge als die richtige Antwort, oder nicht alle. Nennen Sie in der Frage alles, was zu ordnen ist.',
  'name one thing instead of an order. Ask for all of them, with > between them.':
    'nennen ein Ding statt einer Reihenfolge. Verlangen Sie alle, mit > dazwischen.',
  'are lists of words rather than sentences: the reward is being pleased. Give repetition and length more weight.':
    'sind Wortlisten statt Sätzen: Sie gefallen nur der Belohnung. Geben Sie repetition und length mehr Gewicht.',
  'name what they must not. Look at some of them: the model sees things that are not there, or says what is not.':
    'nennen, was sie nicht dürfen. Sehen Sie sich einige an: Das Modell sieht Dinge, die nicht da sind, oder sagt, was nicht ist.',
  'are boxes in pixels of another size, or in shares of the picture: they would fit if they were scaled. Write references in the coordinates that the model uses, or say in the question how large the picture is.':
    'sind Kästen in Pixeln einer anderen Größe oder in Anteilen des Bildes: Skaliert würden sie passen. Schreiben Sie richtige Antworten in den Koordinaten des Modells, oder sagen Sie in der Frage, wie groß das Bild ist.',
  'give left, top, width and height. Ask for left, top, right, bottom.':
    'nennen links, oben, Breite und Höhe. Verlangen Sie links, oben, rechts, unten.',
  'are points instead of boxes. Ask for left, top, right, bottom in brackets.':
    'sind Punkte statt Kästen. Verlangen Sie links, oben, rechts, unten in Klammern.',
  'are boxes instead of points. Ask for x, y in round brackets.':
    'sind Kästen statt Punkten. Verlangen Sie x, y in runden Klammern.',
  'are points in pixels of another size, or in shares of the picture. Write references in the coordinates that the model uses, or say in the question how large the picture is.':
    'sind Punkte in Pixeln einer anderen Größe oder in Anteilen des Bildes. Schreiben Sie richtige Antworten in den Koordinaten des Modells, oder sagen Sie in der Frage, wie groß das Bild ist.',
  '{0}% of the answers {1}': '{0} % der Antworten {1}',
  'something else': 'etwas anderes',
  'Right answer': 'Richtige Antwort',
  'Right form': 'Richtige Form',
  'No repetition': 'Keine Wiederholung',
  'Writing system': 'Schriftsystem',
  'Reasoning present': 'Gedankengang vorhanden',
  'Your own reward': 'Ihre eigene Belohnung',
  'says nothing at all': 'sagt überhaupt nichts',
  'leaves the answer empty': 'lässt die Antwort leer',
  'answers with spaces': 'antwortet mit Leerzeichen',
  'answers with invisible characters': 'antwortet mit unsichtbaren Zeichen',
  'offers several answers in one tag': 'bietet mehrere Antworten in einer Marke an',
  'lists answers one per line': 'nennt Antworten, eine je Zeile',
  'adds twenty more things to the answer': 'hängt zwanzig weitere Dinge an die Antwort',
  'names a range with the answer at one end': 'nennt einen Bereich mit der Antwort an einem Ende',
  'says what the answer is not': 'sagt, was die Antwort nicht ist',
  'gives the right answer and then another': 'gibt die richtige Antwort und danach eine andere',
  'writes the answer outside the tags': 'schreibt die Antwort außerhalb der Tags',
  'answers only inside the thought': 'antwortet nur im Gedankengang',
  'repeats the answer inside the tag': 'wiederholt die Antwort in der Marke',
  'nests answer tags': 'verschachtelt Antwortmarken',
  'copies the instructions instead of answering': 'schreibt die Anweisung ab, statt zu antworten',
  'repeats the whole answer block': 'wiederholt den ganzen Antwortblock',
  'writes the tags without a thought': 'schreibt die Tags ohne Gedankengang',
  'thinks in spaces': 'denkt in Leerzeichen',
  'thinks in invisible characters': 'denkt in unsichtbaren Zeichen',
  'thinks in a comment that nobody sees': 'denkt in einem Kommentar, den niemand sieht',
  'thinks in dots': 'denkt in Punkten',
  'thinks in one letter over and over': 'denkt immer wieder in einem Buchstaben',
  'thinks only after answering': 'denkt erst nach der Antwort',
  'names one right tag and guesses the others': 'nennt ein richtiges Tag und rät die anderen',
  'writes frequent letters instead of reading': 'schreibt häufige Buchstaben, statt zu lesen',
  'names the fields and leaves them empty': 'nennt die Felder und lässt sie leer',
  'offers several values in each field': 'bietet in jedem Feld mehrere Werte an',
  'puts everything in the same place': 'setzt alles auf denselben Platz',
  'turns the order around': 'dreht die Reihenfolge um',
  'lists the facts instead of describing': 'zählt die Fakten auf, statt zu beschreiben',
  'hides the facts in a flood of words': 'versteckt die Fakten in einer Flut von Wörtern',
  'denies the facts': 'leugnet die Fakten',
  'draws a box around everything': 'zieht einen Kasten um alles',
  'draws thirty boxes': 'zieht dreißig Kästen',
  'points everywhere': 'zeigt überallhin',
};
