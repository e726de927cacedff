# Die Texte der Seiten. $service, der Name des Dienstes, wird jeder Nachricht mitgegeben.

## Der Rahmen

page-title = { $title } – { $service }
page-title-problem = Problem: { $title } – { $service }
skip-to-content = Zum Inhalt springen
language-switch = Sprache dieser Seite
footer = Über diesen Dienst
help = Hilfe
privacy = Datenschutzerklärung
opens-new-tab = (öffnet einen neuen Tab)

## Wörter auf Schaltflächen und Links

create-account = Konto erstellen
sign-in = Anmelden
sign-out = Abmelden
next = Weiter
submit = Absenden
save = Speichern
lost-password = Passwort vergessen?
have-account = Sie haben schon ein Konto? Melden Sie sich an
back-to-sign-in = Zurück zur Anmeldung
send-again = Erneut senden
wrong-address = Falsche Adresse
new-link = Neuen Link anfordern
external = (extern)
show-password = Passwort anzeigen

## Felder

field-first-name = Vorname
field-last-name = Nachname
field-email = E-Mail-Adresse
field-confirm-email = E-Mail-Adresse bestätigen
field-mail-language = Sprache der E-Mails
field-privacy = Datenschutzerklärung
field-check = Prüfung, ob ein Mensch da ist
field-code = Code aus der E-Mail
field-name = E-Mail-Adresse oder Benutzerkennung
field-password = Passwort
field-current-password = Jetziges Passwort
field-new-password = Neues Passwort
field-confirm-password = Neues Passwort bestätigen

## Was an einem Feld nicht stimmt

summary-title = Bitte prüfen Sie Ihre Angaben
summary-item = { $field }: { $problem }

missing-first-name = Geben Sie Ihren Vornamen ein.
missing-last-name = Geben Sie Ihren Nachnamen ein.
missing-email = Geben Sie Ihre E-Mail-Adresse ein.
missing-confirm-email = Geben Sie Ihre E-Mail-Adresse noch einmal ein.
missing-mail-language = Wählen Sie die Sprache, in der wir Ihnen schreiben.
missing-privacy = Lesen Sie die Datenschutzerklärung und stimmen Sie ihr zu, um fortzufahren.
missing-check = Die Prüfung, ob ein Mensch da ist, war noch nicht fertig. Bitte versuchen Sie es noch einmal.
missing-code = Geben Sie den Code aus der E-Mail ein.
missing-name = Geben Sie Ihre E-Mail-Adresse oder Benutzerkennung ein.
missing-password = Geben Sie Ihr Passwort ein.
missing-current-password = Geben Sie Ihr jetziges Passwort ein.
missing-new-password = Wählen Sie ein Passwort.
missing-confirm-password = Geben Sie das neue Passwort noch einmal ein.

problem-too-long = Verwenden Sie höchstens { $most } Zeichen.
problem-invisible = Ihre Eingabe enthält ein unsichtbares Zeichen. Bitte tippen Sie sie ein, statt sie zu kopieren.
problem-name-full-stop = In einem Namen darf ein Punkt nur vor einem Leerzeichen oder am Ende stehen.
problem-name-character = Das Zeichen { $character } kann in einem Namen nicht vorkommen. Verwenden Sie Buchstaben, Leerzeichen, Bindestriche, Apostrophe und Punkte.
problem-email-too-long = Diese E-Mail-Adresse ist zu lang, um E-Mails zu empfangen.
problem-email-no-at = Eine E-Mail-Adresse enthält ein @, wie in name@example.org.
problem-email-no-local-part = Geben Sie auch den Teil vor dem @ ein.
problem-email-full-stop = In dieser E-Mail-Adresse steht ein Punkt an der falschen Stelle.
problem-email-quoted = Anführungszeichen und Klammern sind in dieser E-Mail-Adresse nicht möglich.
problem-email-character = Das Zeichen { $character } kann in einer E-Mail-Adresse nicht vorkommen.
problem-email-no-domain = Geben Sie den ganzen Teil nach dem @ ein, wie in name@example.org.
problem-email-ip = Geben Sie eine Adresse ein, bei der nach dem @ ein Name steht und keine Zahlen.
problem-email-domain = Der Teil nach dem @ ist kein gültiger Domänenname. Bitte prüfen Sie ihn auf Tippfehler.
problem-emails-differ = Die beiden E-Mail-Adressen sind verschieden. Bitte prüfen Sie beide.
problem-email-disposable = Diese Adresse stammt von einem Dienst für Wegwerf-Adressen. Verwenden Sie eine Adresse, die Sie behalten, zum Beispiel die Ihres E-Mail-Anbieters, Ihres Arbeitgebers oder Ihrer Schule: Sie brauchen sie, falls Sie Ihr Passwort vergessen.
problem-email-internal = Diese Adresse gehört der Institution. Wer dort arbeitet, hat bereits ein internes Konto: Verwenden Sie dieses oder wenden Sie sich an Ihre IT-Betreuung.
problem-language-unknown = Wählen Sie eine der Sprachen aus der Liste.
problem-statement-changed = Die Datenschutzerklärung hat sich geändert, seit diese Seite geöffnet wurde. Bitte lesen Sie sie und stimmen Sie ihr erneut zu.
problem-check-failed = Die Prüfung, ob ein Mensch da ist, muss wiederholt werden. Bitte senden Sie das Formular noch einmal ab.
problem-check-wait = In Ihrem Browser sind Skripte ausgeschaltet, deshalb ist bei diesem Formular eine kurze Wartezeit nötig. Bitte senden Sie es noch einmal ab. Verbleibende Wartezeit: { $wait }.
problem-code-wrong = Dieser Code wird nicht angenommen. Prüfen Sie ihn oder verwenden Sie den Link aus der neuesten E-Mail.
problem-password-rules = Dieses Passwort erfüllt nicht alle Regeln. Die Liste unten zeigt, welche noch fehlen.
problem-passwords-differ = Die beiden Passwörter sind verschieden. Geben Sie zweimal dasselbe ein.
problem-password-wrong = Das jetzige Passwort wurde nicht angenommen. Bitte versuchen Sie es noch einmal oder warten Sie nach mehreren Versuchen eine Weile.

## Die Regeln für ein Passwort

rules-lead = Das gilt für Ihr Passwort:
rule-at-least = mindestens { $count } Zeichen
rule-at-most = höchstens { $count } Zeichen
rule-upper-case = ein Großbuchstabe
rule-lower-case = ein Kleinbuchstabe
rule-digit = eine Ziffer
rule-special = ein Sonderzeichen, etwa ein Leerzeichen, ! oder #
rule-person-name = mehr als Ihr Name
rule-email = mehr als Ihre E-Mail-Adresse
rule-service-name = mehr als der Name { $service }
rule-leaked = nicht in der Liste bekannt gewordener Passwörter
rule-met = (erfüllt)
rule-unmet = (nicht erfüllt)
rules-all-met = Das Passwort erfüllt alle Regeln, die hier geprüft werden können.

## Die Prüfung, ob ein Mensch da ist

check-working = Wir prüfen, ob ein Mensch da ist. Das dauert einige Sekunden, und Sie müssen nichts dafür tun.
check-done = Prüfung abgeschlossen. Danke.
check-failed = Die Prüfung war in diesem Browser nicht möglich. Senden Sie das Formular trotzdem ab: Wir bitten Sie dann um eine kurze Wartezeit.
check-waiting = Einen Augenblick, die Prüfung ist gleich fertig. Das Formular wird dann von selbst abgeschickt.
check-without-script = In Ihrem Browser sind Skripte ausgeschaltet. Sie können dieses Formular trotzdem absenden, aber erst einige Zeit nach dem Öffnen. Wartezeit: { $wait }.

privacy-accept = Ich habe die <a>Datenschutzerklärung</a> gelesen und stimme ihr zu.

## Konto erstellen

register-lead = Mit einem einzigen Konto melden Sie sich bei allen Diensten an, die { $service } nutzen.

## Sehen Sie in Ihr Postfach

check-mail-title = Sehen Sie in Ihr Postfach
check-mail-lead-registration = Wir haben eine E-Mail an diese Adresse geschickt. Öffnen Sie den Link darin, um die Adresse zu bestätigen und Ihr Passwort festzulegen.
check-mail-lead-reset = Falls es zu Ihrer Eingabe ein Konto gibt, haben wir eine E-Mail an dessen Adresse geschickt. Öffnen Sie den Link darin, um ein neues Passwort festzulegen.
check-mail-validity = Gültigkeit des Links: { $validity }, auf jedem Gerät.
check-mail-sent-again = Wir haben die E-Mail erneut gesendet. Die frühere gilt ebenfalls noch.
check-mail-nothing-title = Noch keine E-Mail?
check-mail-nothing-text = Es kann einige Minuten dauern. Bitte sehen Sie auch im Ordner für unerwünschte E-Mails nach und prüfen Sie, ob die Adresse oben stimmt.
code-hint = Wenn Sie Ihre E-Mails auf einem anderen Gerät lesen, geben Sie den Code hier ein. Er gilt nur in diesem Browser.
code-submit = Weiter

## Passwort vergessen?

lost-password-lead = Geben Sie Ihre E-Mail-Adresse oder Benutzerkennung ein. Wir schicken Ihnen dann eine E-Mail mit einem Link, über den Sie ein neues Passwort festlegen.
lost-password-submit = Passwort anfordern

## Die Seite eines Links

link-title-registration = Bestätigen Sie Ihr Konto
link-title-reset = Neues Passwort festlegen
link-lead-registration = Prüfen Sie Ihren Namen und wählen Sie ein Passwort. Danach sind Sie angemeldet.
link-lead-reset = Wählen Sie ein neues Passwort. Danach sind Sie hier angemeldet und in allen anderen Browsern abgemeldet.
link-account = E-Mail-Adresse des Kontos
link-names-title = Ihr Name
link-names-text = Bitte berichtigen Sie ihn, falls er nicht stimmt.

link-expired-title = Dieser Link ist abgelaufen
link-expired-text = Ein Link gilt nur für begrenzte Zeit, damit niemand eine alte E-Mail benutzen kann. Wir können Ihnen einen neuen an dieselbe Adresse schicken.
link-used-title = Dieser Link wurde schon benutzt
link-used-text = Jeder Link gilt einmal. Wenn Sie Ihr Passwort festgelegt haben, melden Sie sich damit an. Andernfalls können wir Ihnen einen neuen Link an dieselbe Adresse schicken.
link-superseded-title = Dieser Link wird nicht mehr gebraucht
link-superseded-text = Ein anderer Link derselben Art wurde benutzt, nachdem dieser verschickt worden war. Deshalb gilt dieser nicht mehr. Wenn Sie noch einen brauchen, können wir Ihnen einen neuen schicken.
link-other-purpose-title = Dieser Link dient einem anderen Zweck
link-other-purpose-text = Der Link ist echt, aber nicht für diese Seite bestimmt. Wir können Ihnen einen passenden schicken.
link-damaged-title = Dieser Link ist beschädigt
link-damaged-text = Anscheinend fehlt ein Teil: Manche E-Mail-Programme schneiden lange Links ab. Kopieren Sie den ganzen Link aus der E-Mail oder geben Sie Ihre E-Mail-Adresse ein, um einen neuen zu erhalten.
link-lapsed-title = Diese Registrierung ist verfallen
link-lapsed-text = Das Konto wurde nicht rechtzeitig bestätigt, und Ihre Angaben wurden gelöscht. Sie können das Formular gern noch einmal ausfüllen.
link-password-set-title = Ihr Passwort ist festgelegt
link-password-set-text = Ihr Passwort ist festgelegt. Melden Sie sich an.

## Anmelden

login-title = Bei { $service } anmelden
login-session-ended = Ihre Sitzung ist beendet. Bitte melden Sie sich wieder an.
login-goes-on = Nach der Anmeldung geht es weiter zu:
login-failed = Die Anmeldung ist nicht gelungen. Prüfen Sie Name und Passwort und versuchen Sie es noch einmal; nach mehreren Versuchen warten Sie eine Weile oder legen Sie ein neues Passwort fest.
other-name = Anderen Namen verwenden
public-computer = Dies ist ein öffentlicher Computer
public-computer-hint = Sie werden dann in jedem Fall abgemeldet, auch wenn Sie noch arbeiten. Frist: { $span }.

signed-out-title = Sie sind abgemeldet
signed-out-text = Ihre Sitzung in diesem Browser ist beendet. Schließen Sie an einem Computer, den auch andere benutzen, außerdem alle Fenster des Browsers.
signed-out-everywhere-text = Alle Ihre Sitzungen sind beendet, in diesem Browser und überall sonst.

## Mein Konto

account-title = Mein Konto
account-about = Ihre Daten
account-name = Name
account-email = E-Mail-Adresse
account-uid = Benutzerkennung (uid)
account-language = Sprache
account-password = Passwort ändern
account-password-text = Sie bleiben hier angemeldet. Alle anderen Sitzungen enden, und wir benachrichtigen Sie per E-Mail.
account-password-submit = Passwort ändern
account-notice-welcome = Willkommen! Ihr Konto ist bestätigt und Ihr Passwort festgelegt.
account-notice-password-reset = Ihr neues Passwort ist festgelegt. Alle anderen Sitzungen sind beendet.
account-notice-password-changed = Ihr Passwort wurde geändert. Alle anderen Sitzungen sind beendet.
account-notice-language-changed = Von jetzt an schreiben wir Ihnen in dieser Sprache.
account-notice-session-ended = Die Sitzung ist beendet.
account-return = Sie können jetzt zu dem Dienst zurückkehren, von dem Sie gekommen sind:

sessions-title = Wo Sie angemeldet sind
sessions-text = Wenn Sie eine dieser Sitzungen nicht kennen, beenden Sie sie und ändern Sie Ihr Passwort.
session-current = dieser Browser
session-public = öffentlicher Computer
session-began = Angemeldet:
session-last-used = Zuletzt benutzt:
session-end = Beenden
sign-out-everywhere = Überall abmelden
sign-out-everywhere-text = Alle Sitzungen enden, auch diese, und die Browser, die Sie benutzt haben, werden vergessen.

sign-ins-title = Letzte Anmeldungen
sign-ins-text = Die neueste kann einen Augenblick lang fehlen.
sign-ins-none = Noch keine.
browser-on = { $browser } auf { $system }
browser-unknown = Unbekannter Browser
browser-forgotten = Browser nicht mehr gespeichert

## Meldungen

message-to-login = Zur Anmeldung
message-to-code = Code aus einer E-Mail eingeben
message-retry = Sie können es wieder versuchen. Wartezeit: { $wait }.
message-reference = Kennzeichen für den Helpdesk

message-mail-limit-title = Vorerst genug E-Mails
message-mail-limit-text = In kurzer Zeit wurden viele E-Mails angefordert, deshalb senden wir eine Weile keine weiteren. Eine E-Mail, die Sie früher erhalten haben, gilt noch: Öffnen Sie ihren Link oder geben Sie ihren Code ein. Bitte sehen Sie auch im Ordner für unerwünschte E-Mails nach.
message-too-many-tries-title = Zu viele Versuche
message-too-many-tries-text = Aus Ihrem Netz gab es zu viele Versuche. Zum Schutz aller Konten nehmen wir eine Weile keine weiteren an. Ein neues Passwort können Sie trotzdem per E-Mail festlegen.
message-busy-title = Im Augenblick ist viel los
message-busy-text = Wir können Sie gerade nicht bedienen. Nichts von Ihren Angaben wurde verarbeitet. Bitte versuchen Sie es noch einmal.
message-unavailable-title = Der Dienst ist kurz unterbrochen
message-unavailable-text = Wir konnten Ihre Anfrage nicht bearbeiten, und nichts wurde geändert. Bitte versuchen Sie es noch einmal.
message-bad-request-title = Wir verstehen diese Anfrage nicht
message-bad-request-text = Ein Teil des Formulars fehlt, ist doppelt oder nicht lesbar. Bitte öffnen Sie die Seite neu und füllen Sie das Formular noch einmal aus.
message-cross-site-title = Diese Anfrage kam von einer anderen Website
message-cross-site-text = Zu Ihrem Schutz haben wir sie nicht ausgeführt. Bitte öffnen Sie unsere Seite selbst und versuchen Sie es dort noch einmal.
message-form-expired-title = Dieses Formular gilt nicht mehr
message-form-expired-text = Es war zu lange geöffnet, oder Ihr Browser nimmt keine Cookies an. Bitte erlauben Sie Cookies für diese Website, öffnen Sie die Seite neu und füllen Sie das Formular noch einmal aus.
message-not-found-title = Seite nicht gefunden
message-not-found-text = Unter dieser Adresse gibt es keine Seite. Wenn Sie sie eingetippt oder kopiert haben, prüfen Sie bitte, ob sie vollständig ist.
message-method-title = Das geht hier nicht
message-method-text = Die Seite kann so nicht benutzt werden. Bitte gehen Sie zurück und versuchen Sie es noch einmal.
message-timeout-title = Das hat zu lange gedauert
message-timeout-text = Ihre Anfrage ist nicht rechtzeitig vollständig angekommen. Bitte prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.
message-repeated-title = Dieses Formular wurde schon abgeschickt
message-repeated-text = Es wurde vorher mit anderem Inhalt abgeschickt, und nur das erste Mal zählt. Bitte öffnen Sie die Seite neu, um etwas anderes zu senden.
message-too-large-title = Das ist zu viel
message-too-large-text = Das Formular enthält mehr, als wir annehmen können. Bitte kürzen Sie Ihre Angaben.
message-unsupported-type-title = Wir können dieses Format nicht lesen
message-unsupported-type-text = Die Anfrage wurde nicht als Webformular gesendet. Bitte benutzen Sie das Formular auf unserer Seite.
message-internal-title = Bei uns ist etwas schiefgegangen
message-internal-text = Das tut uns leid. Der Fehler wurde aufgezeichnet. Bitte versuchen Sie es später noch einmal; wenn er wieder auftritt, nennen Sie dem Helpdesk das Kennzeichen unten.

## Hilfe

help-no-mail-question = Die E-Mail kommt nicht. Was kann ich tun?
help-no-mail-answer = Warten Sie einige Minuten und sehen Sie im Ordner für unerwünschte E-Mails nach. Prüfen Sie die Adresse auf Tippfehler und benutzen Sie „Erneut senden“. Gibt es schon ein Konto mit Ihrer Adresse, so steht das in der E-Mail. Nach vielen Anforderungen senden wir einige Stunden lang keine weiteren E-Mails; die früheren gelten noch.
help-link-question = Der Link in der E-Mail geht nicht. Was kann ich tun?
help-link-answer = Kopieren Sie den ganzen Link in die Adresszeile Ihres Browsers oder geben Sie den Code aus der E-Mail auf der Seite ein, auf der Sie begonnen haben. Ist der Link abgelaufen, so bietet seine Seite einen neuen an.
help-password-question = Was ist ein gutes Passwort?
help-password-answer = Ein langes, das Sie nirgendwo sonst benutzen. Einige Wörter, die nichts miteinander zu tun haben, sind leicht zu merken und schwer zu erraten. Ein Passwort-Manager kann eines für Sie erfinden und aufbewahren; Sie können es in unsere Formulare einfügen.
help-external-question = Was bedeutet „(extern)“?
help-external-answer = Externe Konten sind solche, die Menschen selbst erstellt haben. Interne Konten erstellt die Institution für diejenigen, die dort arbeiten.
help-public-computer-question = Ich benutze einen öffentlichen Computer. Was soll ich tun?
help-public-computer-answer = Kreuzen Sie beim Anmelden „Dies ist ein öffentlicher Computer“ an und melden Sie sich ab, wenn Sie fertig sind. Falls Sie es vergessen haben, melden Sie sich von einem anderen Gerät aus überall ab.
help-stolen-question = Ich glaube, dass jemand anderes mein Konto benutzt. Was soll ich tun?
help-stolen-answer = Legen Sie sofort über „Passwort vergessen?“ ein neues Passwort fest. Damit enden alle anderen Sitzungen. Wenn Ihr Postfach betroffen sein könnte, ändern Sie zuerst dessen Passwort. Sehen Sie sich danach die letzten Anmeldungen in Ihrem Konto an und benachrichtigen Sie den Helpdesk.

## Die Datenschutzerklärung, die dem Dienst beiliegt

privacy-version = Fassung: { $version }
privacy-statement =
    # Wer verantwortlich ist

    Verantwortlich für Ihre Daten ist die Organisation, die { $service } betreibt. Sie entscheidet, wozu und wie Ihre Daten verarbeitet werden. Ihre Anschrift und ihre Datenschutzbeauftragten finden Sie auf der Website, die Sie hierher geführt hat.

    # Was wir verarbeiten, und wozu

    - Ihren Vor- und Nachnamen, Ihre E-Mail-Adresse und die Sprache, in der wir Ihnen schreiben: um Ihnen ein Konto zu geben und Sie zu erreichen.
    - Ihr Passwort, in einer Form, aus der es nicht gelesen werden kann: um Sie zu erkennen.
    - Eine Aufzeichnung dessen, was mit Ihrem Konto geschieht, etwa Anmeldungen, Fehlversuche und Änderungen des Passworts, mit der Zeit: um Ihr Konto zu schützen und später belegen zu können, was geschehen ist.
    - Die Netzadresse und die Art des Browsers, von denen diese Anfragen kamen: um Missbrauch zu erkennen und Ihnen zu zeigen, wo Sie angemeldet sind.

    Sonst verarbeiten wir nichts über Sie. Wir verfolgen Sie nicht auf andere Websites, zeigen keine Werbung und erstellen kein Profil von Ihnen.

    # Wer Ihre Daten sieht

    Nur wer diesen Dienst betreibt oder prüft, und nur soweit die Aufgabe es verlangt. Ein Dienst, bei dem Sie sich anmelden, erhält, was er braucht, um Sie zu erkennen.

    # Wie lange wir Ihre Daten behalten

    - Eine Registrierung, die Sie nie bestätigen, wird nach einigen Tagen von selbst gelöscht.
    - Netzadressen und Arten von Browsern werden nach begrenzter Zeit unlesbar.
    - Alles andere behalten wir, solange Sie das Konto haben. Wird das Konto gelöscht, so wird der Schlüssel zu Ihren Daten vernichtet: Was in der Aufzeichnung bleibt, kann niemand mehr lesen.

    # Cookies

    Wir setzen nur Cookies, die der Dienst braucht: eines, das Sie angemeldet hält, eines, das Formulare schützt, eines, das einen schon benutzten Browser wiedererkennt, und eines, das sich die gewählte Sprache merkt.

    # Ihre Rechte

    Sie können Ihre Daten in Ihrem Konto einsehen. Sie können von der Organisation, die diesen Dienst betreibt, Auskunft, Berichtigung, Löschung oder Einschränkung verlangen und der Verarbeitung widersprechen. Sie können sich auch bei einer Datenschutzbehörde beschweren.

## Die E-Mails eines Entwicklungsservers

dev-mail-title = E-Mails dieses Entwicklungsservers
dev-mail-lead = Keine E-Mail verlässt diesen Computer. Was gesendet worden wäre, steht hier, das Neueste zuerst.
dev-mail-none = Noch keine E-Mail.
dev-mail-all = Alle E-Mails
dev-mail-from = Von
dev-mail-to = An
dev-mail-date = Datum
dev-mail-text = Als Text
dev-mail-html = Wie im E-Mail-Programm
dev-mail-source = Quelltext
