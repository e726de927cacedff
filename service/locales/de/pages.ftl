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
field-device-name = Name des Geräts
field-one-time-code = Einmalcode
field-recovery-code = Wiederherstellungscode
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
missing-device-name = Geben Sie dem Gerät einen Namen, an dem Sie es erkennen.
missing-one-time-code = Geben Sie den Code ein, den Ihre App anzeigt.
missing-recovery-code = Geben Sie einen Ihrer Wiederherstellungscodes ein.
missing-security-key = Kein Schlüssel hat geantwortet. Dafür müssen Skripte eingeschaltet sein; nehmen Sie sonst eine andere Methode.
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
problem-one-time-code-wrong = Dieser Code stimmt nicht. Geben Sie den ein, den Ihre App jetzt anzeigt; wird auch der nicht angenommen, prüfen Sie die Uhr Ihres Geräts.
problem-one-time-code-used = Dieser Code wurde schon verwendet. Warten Sie, bis Ihre App einen anderen anzeigt.
problem-recovery-code-wrong = Das ist keiner Ihrer Wiederherstellungscodes. Prüfen Sie ihn auf Tippfehler.
problem-recovery-code-used = Dieser Wiederherstellungscode wurde schon verwendet. Nehmen Sie einen anderen.
problem-security-key-wrong = Dieser Schlüssel wurde nicht angenommen. Nehmen Sie einen, den Sie zu diesem Konto hinzugefügt haben, und weisen Sie sich mit seiner PIN oder Ihrem Fingerabdruck aus, wenn er danach fragt.
problem-security-key-used = Diese Antwort des Schlüssels wurde schon verwendet. Bitte versuchen Sie es noch einmal.
problem-security-key-there = Dieser Schlüssel gehört schon zu Ihrem Konto. Nehmen Sie einen anderen, oder bleiben Sie bei dem, den Sie haben.
problem-security-key-not-added = Dieser Schlüssel konnte nicht hinzugefügt werden. Vielleicht kann er nicht prüfen, wer ihn benutzt; fügen Sie ihn dann als Schlüssel nach dem Passwort hinzu.
problem-security-key-not-trusted = Dieser Dienst nimmt nur bestimmte Schlüsselmodelle an, und dieser Schlüssel ist keines davon oder hat sein Modell nicht genannt. Erlauben Sie Ihrem Browser, es zu nennen, wenn er danach fragt, oder nehmen Sie einen anderen Schlüssel.
problem-passkey-wrong = Dieser Passkey wurde nicht angenommen. Versuchen Sie es noch einmal, oder melden Sie sich mit Name und Passwort an.
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
link-privacy-text = Sie werden hier gefragt, auch wenn der Erklärung im Formular schon zugestimmt wurde: Jeder kann es mit Ihrer Adresse ausgefüllt haben.

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
login-passkey = Mit einem Passkey anmelden
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
account-security-with = Ihr Konto hat einen zweiten Faktor.
account-security-without = Ihr Konto ist nur durch Ihr Passwort geschützt. Mit einem zweiten Faktor kommt niemand hinein, der nur das Passwort kennt.
account-security-link = Zweite Faktoren verwalten
account-add-factor = Jetzt einen zweiten Faktor hinzufügen
account-add-factor-later = Später
account-language = Sprache
account-password = Passwort ändern
account-password-text = Sie bleiben hier angemeldet. Alle anderen Sitzungen enden, und wir benachrichtigen Sie per E-Mail.
account-password-submit = Passwort ändern
account-notice-welcome = Willkommen! Ihr Konto ist bestätigt und Ihr Passwort festgelegt.
account-notice-asked-again = Bisher schützt nur Ihr Passwort Ihr Konto. Wir fragen noch dieses eine Mal, danach nicht mehr.
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

## Was nach dem Passwort verlangt wird

verify-title = Wählen Sie Ihre Überprüfungsmethode
verify-totp-title = Geben Sie den Code Ihrer App ein
verify-recovery-code-title = Geben Sie einen Wiederherstellungscode ein
verify-recovery-code-hint = 13 Buchstaben und Ziffern, mit oder ohne Bindestriche.
verify-security-key-title = Verwenden Sie Ihren Sicherheitsschlüssel oder Ihre vertrauenswürdige Plattform
verify-security-key-text = Halten Sie Ihren Schlüssel bereit oder das Gerät, das Sie hinzugefügt haben. Der Browser fragt danach, wenn Sie die Schaltfläche drücken.
verify-security-key-submit = Meinen Schlüssel verwenden
verify-password-title = Geben Sie Ihr Passwort noch einmal ein
verify-password-alone-title = Nur mit dem Passwort anmelden
verify-password-alone-text = Ihr Passwort stimmt. Ohne zweiten Faktor können Sie danach an der Sicherheit Ihres Kontos nichts ändern.
verify-session-text = Sie ändern gleich etwas an der Sicherheit Ihres Kontos: Bitte zeigen Sie noch einmal, dass Sie es sind. Das gilt dann zehn Minuten.
verify-known-browser-text = Sie haben sich in diesem Browser vor Kurzem mit einem zweiten Faktor angemeldet und können deshalb ohne Passwort weitermachen.
verify-totp-hint = Die sechs Ziffern, die Ihre Authentifizierungs-App jetzt für diesen Dienst anzeigt.
verify-submit = Überprüfen
verify-others = Andere Überprüfungsmethoden
verify-not-everywhere = Nicht jede Anwendung nimmt jede Methode an.
verify-nothing = In Ihrem Konto ist nichts in Kraft, was dafür genügt: Wo es einen Sicherheitsschlüssel hat, genügt nur dieser oder ein Wiederherstellungscode. Bitte wenden Sie sich an die Betreiber dieses Dienstes.
verify-took-too-long = Das hat zu lange gedauert. Bitte versuchen Sie es noch einmal.
verify-not-this-way = Diese Methode ist nicht mehr möglich. Bitte wählen Sie eine andere.
verify-asked-by-owner = Das Passwort allein wird nicht angeboten: Sie haben gewählt, dass immer ein zweiter Faktor verlangt wird.
verify-asked-by-operator = Das Passwort allein wird nicht angeboten: { $service } verlangt immer einen zweiten Faktor, wenn ein Konto einen hat.
way-totp = Authentifizierungs-App (Einmalcode)
way-totp-needs = Sie brauchen das Gerät mit der App; sie funktioniert ohne Internet.
way-recovery-code = Wiederherstellungscode
way-recovery-code-needs = Sie brauchen die Codes, die Sie für den Verlust Ihres Geräts aufbewahrt haben; jeder gilt einmal.
way-password = Passwort
way-password-needs = Nichts außer dem Passwort; nicht jede Anwendung nimmt das an.
way-password-typed-needs = Sie brauchen Ihr Passwort; danach wählen Sie eine andere Methode.
way-security-key = Sicherheitsschlüssel oder vertrauenswürdige Plattform
way-security-key-needs = Sie brauchen den Schlüssel oder das Gerät, das Sie hinzugefügt haben; keine andere Website kann danach fragen.

## Zweite Faktoren eines Kontos

security-title = Sicherheit Ihres Kontos
security-lead = Ein zweiter Faktor ist etwas, das Sie haben. Um den ersten hinzuzufügen, genügt Ihr Passwort; jede spätere Änderung verlangt einen zweiten Faktor, den Ihr Konto schon hat.
security-devices = Ihre Geräte
security-devices-none = Ihr Konto hat noch keinen zweiten Faktor.
security-add = Einen zweiten Faktor hinzufügen
security-add-key = Sicherheitsschlüssel oder vertrauenswürdige Plattform hinzufügen
security-add-key-text = Ein Schlüssel, den Sie einstecken oder an das Gerät halten, oder das Gerät selbst mit Fingerabdruck, Gesicht oder PIN. Das ist der sicherste Weg: Er funktioniert nur auf dieser Website, sodass ihn Ihnen niemand ablisten kann.
security-add-totp = Authentifizierungs-App hinzufügen
security-add-totp-text = Eine App auf Ihrem Telefon oder Computer zeigt einen Code, der jede halbe Minute wechselt. Sie funktioniert ohne Internet, und jede App für Einmalcodes (TOTP) ist recht.
security-notice-added = Das Gerät wurde hinzugefügt. Von jetzt an können Sie sich damit anmelden.
security-notice-added-without-codes = Das Gerät wurde hinzugefügt. Erstellen Sie jetzt Wiederherstellungscodes, damit Sie noch hineinkommen, wenn Sie es verlieren.
security-notice-codes-issued = Ihre neuen Wiederherstellungscodes gelten ab jetzt. Frühere funktionieren nicht mehr.
security-notice-renamed = Das Gerät hat seinen neuen Namen.
security-notice-removed = Das Gerät wurde entfernt. Damit ist keine Anmeldung mehr möglich.
security-notice-too-many = Ihr Konto hat so viele Geräte, wie es haben kann. Entfernen Sie eines, bevor Sie ein anderes hinzufügen.
security-notice-not-here = Unter der Adresse, unter der Sie diesen Dienst erreichen, lassen sich Schlüssel nicht verwenden. Bitte wenden Sie sich an den Betreiber.
security-notice-gone = Das gibt es nicht mehr.
security-notice-last-one = Das letzte Gerät kann nicht entfernt werden, solange immer ein zweiter Faktor verlangt wird.
security-notice-others-suspended = Dies ist das letzte Gerät, das Sie anmeldet, und andere sind ausgesetzt. Setzen Sie zuerst eines davon wieder in Kraft, oder entfernen Sie sie.
security-notice-always-on = Von jetzt an genügt Ihr Passwort allein nie mehr. Sitzungen ohne zweiten Faktor sind beendet.
security-notice-always-off = Ihr Passwort allein kann wieder genügen, wenn der Dienst nicht mehr verlangt.
security-notice-all-removed = Alle Geräte und Wiederherstellungscodes wurden entfernt, und Ihre anderen Sitzungen sind beendet. Fügen Sie bitte so bald wie möglich wieder einen zweiten Faktor hinzu.
device-added = Hinzugefügt:
device-used = Zuletzt verwendet:
device-never-used = Noch nicht verwendet
device-change = Umbenennen oder entfernen
device-title = Ihr Gerät
device-name-hint = Höchstens 32 Zeichen, zum Beispiel „Mein Telefon“.
device-remove-text = Mit einem entfernten Gerät ist von diesem Augenblick an keine Anmeldung mehr möglich.
device-remove = Dieses Gerät entfernen
device-totp = Authentifizierungs-App
device-passkey = Passkey
device-security-key = Sicherheitsschlüssel
codes-title = Wiederherstellungscodes
codes-text = Zehn Codes für den Verlust Ihres Geräts. Jeder meldet Sie einmal an, nach Ihrem Passwort.
codes-left = { $left ->
    [one] Ein Code ist übrig.
   *[other] { $left } Codes sind übrig.
}
codes-issued = In Kraft seit:
codes-none = Sie haben noch keine.
codes-new = Neue Codes erstellen
codes-shown-once = Schreiben Sie diese Codes auf, drucken Sie sie oder bewahren Sie sie als Datei auf, getrennt von Ihrem Gerät. Sie werden nur dieses eine Mal angezeigt.
codes-shown-before = Die Codes wurden eben angezeigt und werden es nicht noch einmal. Geben Sie einen der aufbewahrten ein, oder gehen Sie zurück und erstellen Sie neue.
codes-download = Als Datei aufbewahren
codes-confirm-text = Tippen Sie einen davon ein, damit wir wissen, dass Sie sie haben. Erst dann gelten sie, und frühere nicht mehr.
codes-confirm = Diese Codes in Kraft setzen
codes-file = Wiederherstellungscodes für { $service }. Jeder meldet Sie einmal an, nach Ihrem Passwort.
always-title = Immer Mehr-Faktor-Authentifizierung verlangen
always-text = Ihr Passwort allein meldet Sie dann nie mehr an. Andere Sitzungen, die ohne zweiten Faktor begonnen haben, enden, und Ihr letztes Gerät kann nicht entfernt werden, solange das eingeschaltet ist.
always-is-on = Das ist eingeschaltet.
always-is-off = Das ist ausgeschaltet.
always-turn-on = Einschalten
always-turn-off = Ausschalten
panic-title = Alle meine Geräte und meine eID löschen (PANIK)
panic-lead = Für den Augenblick, in dem jemand anderes Ihre Geräte hat: Alles außer Ihrem Passwort wird gelöscht, und Ihre anderen Sitzungen enden.
panic-link = Alles löschen
panic-text = Das lässt sich nicht rückgängig machen. Sie bleiben hier angemeldet, damit Sie wieder einen zweiten Faktor hinzufügen können.
panic-submit = Ja, alles außer dem Passwort löschen
panic-back = Nein, zurück

disown-title = Das war ich nicht
disown-lead = Eine E-Mail hat Ihnen eine Änderung an diesem Konto oder an seinem Schutz oder eine Anmeldung gemeldet.
disown-when = Wann
disown-what = Was
disown-device = Gerät
disown-new-name = Neuer Name
disown-what-password = Ein anderes Passwort wurde festgelegt
disown-what-signed-in = Jemand hat sich angemeldet, in einem unbekannten Browser
disown-what-factor-added = Ein zweiter Faktor wurde hinzugefügt
disown-what-factor-renamed = Ein zweiter Faktor bekam einen anderen Namen
disown-what-factor-removed = Ein zweiter Faktor wurde entfernt
disown-what-all-removed = Alle zweiten Faktoren und Wiederherstellungscodes wurden entfernt
disown-what-reset = Ein Administrator hat alle zweiten Faktoren und Wiederherstellungscodes entfernt
disown-what-codes-issued = Neue Wiederherstellungscodes traten in Kraft
disown-what-code-used = Ein Wiederherstellungscode wurde benutzt
disown-what-always-on = Es wurde gewählt, dass immer ein zweiter Faktor verlangt wird
disown-what-always-off = Es wurde gewählt, dass nicht immer ein zweiter Faktor verlangt wird
disown-what-resumed = Was ausgesetzt war, wurde wieder in Kraft gesetzt
disown-what-unblocked = Ein gesperrtes Gerät wurde wieder in Kraft gesetzt
disown-what-pin-changed = Die PIN eines Geräts wurde geändert
disown-what-recovered = Die verlorenen zweiten Faktoren wurden nach der Wartezeit entfernt
disown-text = Wenn Sie es nicht waren, drücken Sie auf die Schaltfläche. Ein Gerät oder Wiederherstellungscodes, die mit dieser Änderung kamen, werden ausgesetzt, alle seither begonnenen Sitzungen enden, bekannte Browser müssen sich neu ausweisen, und das Konto braucht ein neues Passwort. Ältere Geräte funktionieren weiter.
disown-text-sign-in = Wenn Sie es nicht waren, drücken Sie auf die Schaltfläche. Diese Sitzung und alle seither begonnenen enden, bekannte Browser müssen sich neu ausweisen, und das Konto braucht ein neues Passwort. Ihre Geräte funktionieren weiter.
disown-submit = Das war ich nicht: mein Konto schützen
disown-done-title = Ihr Konto ist geschützt
disown-done-text = Das Passwort funktioniert nicht mehr, und die seit der Änderung begonnenen Sitzungen sind beendet. Legen Sie jetzt ein neues Passwort fest, mit einem Link, den wir an Ihre E-Mail-Adresse schicken. Wenn Sie glauben, dass jemand anders Ihre E-Mails liest, ändern Sie zuerst das Passwort Ihres Postfachs.
disown-expired-title = Dieser Link ist abgelaufen
disown-expired-text = Eine Änderung lässt sich auf diesem Weg 30 Tage lang melden. Legen Sie ein neues Passwort fest: Damit wird auch abgemeldet, wer Ihr Konto gerade benutzt. Sehen Sie dann Ihre zweiten Faktoren an und entfernen Sie, was nicht Ihnen gehört.

device-suspended = Ausgesetzt: Es meldet niemanden an
device-blocked = Gesperrt: Die PIN war zu oft falsch, darum meldet es niemanden an
codes-suspended = Ihre Wiederherstellungscodes sind ausgesetzt: Sie melden niemanden an. Neue treten an ihre Stelle.

lost-title = Ich habe alle meine Geräte verloren
lost-text = Sie können sie aussetzen: Von da an meldet keines mehr an, und keines ist weg. Ihr Konto verlangt nicht weniger als zuvor, und Sie werden überall abgemeldet. Dazu schicken wir einen Link an die E-Mail-Adresse Ihres Kontos; seine Seite fragt noch einmal nach Ihrem Passwort.
lost-codes-text = Mit einem Wiederherstellungscode kommen Sie hinein, vorher und nachher, und können ein Gerät wieder in Kraft setzen. Wenn Sie keinen mehr haben, wenden Sie sich an die Betreiber dieses Dienstes.
lost-submit = Schicken Sie mir einen Link
lost-back = Zurück zu den Prüfmethoden
lost-sent-title = Sehen Sie in Ihr Postfach
lost-sent-text = Wir haben Ihnen einen Link geschickt. Seine Seite fragt nach Ihrem Passwort und setzt alle Ihre Geräte aus.
lost-none-title = Kein Gerät ist in Kraft
lost-none-text = Alle Geräte Ihres Kontos sind schon ausgesetzt oder nicht mehr da. Melden Sie sich mit einem Wiederherstellungscode an, um daran etwas zu ändern; wenn Sie keinen mehr haben, wenden Sie sich an die Betreiber dieses Dienstes.
lost-link-title = Alle meine Geräte aussetzen
lost-link-text = Von diesem Augenblick an meldet keines Ihrer Geräte mehr an, und Sie werden überall abgemeldet. Kein Gerät wird entfernt: Mit einem Wiederherstellungscode setzen Sie jedes wieder in Kraft.
lost-link-submit = Alle meine Geräte aussetzen
lost-done-title = Ihre Geräte sind ausgesetzt
lost-done-text = Keines meldet mehr an, und Sie sind überall abgemeldet. Melden Sie sich mit Passwort und Wiederherstellungscode an, um ein Gerät wieder in Kraft zu setzen oder ein anderes hinzuzufügen.
lost-over-text = Dieser Link wurde schon verwendet oder ist abgelaufen. Melden Sie sich mit Ihrem Passwort an, um einen neuen zu verlangen.
device-resume = Dieses Gerät wieder in Kraft setzen
device-resume-text = Es ist ausgesetzt. Wenn es Ihres ist und Sie es in Händen haben, kann es Sie wieder anmelden.
device-unblock-text = Die PIN war fünfmal hintereinander falsch. Wenn das Gerät Ihres ist und Sie es in Händen haben, kann es Sie wieder anmelden.
security-notice-resumed = Das Gerät ist wieder in Kraft.
security-notice-must-add = Es wird immer ein zweiter Faktor verlangt, und Ihr Konto hat keinen: Fügen Sie bitte jetzt einen hinzu.

recovery-offer = Sie können Ihr Konto auch allein mit Ihrem Passwort und Ihrem Postfach wiederherstellen. Das braucht Zeit, in der jeder Einspruch erheben kann, der noch ein Gerät hat.
recovery-link = Mein Konto wiederherstellen
recovery-off = Bei diesem Dienst stellt niemand ein Konto durch Warten wieder her. Wenn Sie auch keinen Wiederherstellungscode mehr haben, wenden Sie sich an die Betreiber: Sie können Ihre zweiten Faktoren entfernen, sobald sie wissen, dass Sie es sind.
recovery-title = Mein Konto wiederherstellen
recovery-ask-text = Wenn alle Ihre Geräte endgültig verloren sind, können Sie sie mit Ihrem Passwort und einem Link entfernen lassen, den wir an die E-Mail-Adresse Ihres Kontos schicken. Vorher warten Sie { $span }: Wir melden es sofort und jeden Tag per E-Mail, und wer noch ein Gerät hat, kann es abbrechen. Ein neues Passwort, das inzwischen oder kurz vorher per E-Mail festgelegt wird, macht daraus sieben Tage von da an.
recovery-submit = Schicken Sie mir einen Link
recovery-sent-title = Sehen Sie in Ihr Postfach
recovery-sent-text = Wir haben Ihnen einen Link geschickt. Seine Seite fragt noch einmal nach Ihrem Passwort.
recovery-waiting-title = Eine Wiederherstellung wartet
recovery-waiting-text = Jemand hat gemeldet, dass alle Geräte dieses Kontos verloren sind. Sie lassen sich von diesem Augenblick an und innerhalb von sieben Tagen danach entfernen:
recovery-waiting-device-text = Jemand, der angemeldet war, hat gemeldet, dass ein Gerät dieses Kontos verloren ist. Es lässt sich von diesem Augenblick an und innerhalb von sieben Tagen danach entfernen:
recovery-waiting-how = Kommen Sie dann zurück, melden Sie sich mit Ihrem Passwort an und verlangen Sie einen neuen Link. Von selbst geschieht nichts. Wenn Sie ein Gerät gefunden haben, das Sie vorher mehr als sieben Tage lang hatten, melden Sie sich damit an: Das bricht die Wiederherstellung ab. Auch der Link in unseren E-Mails tut das.
recovery-from = Möglich ab
recovery-until = Möglich bis
recovery-ready-title = Die Wartezeit ist vorbei
recovery-ready-text = Sie können nun alle zweiten Faktoren mit Ihrem Passwort und einem neuen Link entfernen lassen. Fügen Sie dann vor allem anderen ein Gerät hinzu.
recovery-object-title = Mit einem ausgesetzten Gerät abbrechen
recovery-object-text = Eines Ihrer Geräte ist ausgesetzt, und Sie haben es bei sich? Es meldet niemanden an, kann die Wiederherstellung aber abbrechen, wenn Sie es vorher mehr als sieben Tage lang hatten.
recovery-object-submit = Wiederherstellung abbrechen
recovery-cancelled-title = Die Wiederherstellung ist abgebrochen
recovery-cancelled-text = Alle zweiten Faktoren bleiben, wie sie sind. Wenn Sie die Wiederherstellung nicht verlangt hatten, kennt jemand anderes Ihr Passwort: Bitte legen Sie ein neues fest.
recovery-over-title = Diese Wiederherstellung wartet nicht mehr
recovery-over-text = Sie wurde abgebrochen oder abgeschlossen, oder niemand kam rechtzeitig zurück.
recovery-cancel-title = Wiederherstellung abbrechen
recovery-cancel-lead = Jemand hat die Wiederherstellung dieses Kontos verlangt: Seine verlorenen zweiten Faktoren lassen sich entfernen, wenn die Wartezeit vorbei ist.
recovery-cancel-text = Wenn Sie es nicht waren, drücken Sie den Knopf: Alle zweiten Faktoren bleiben, wie sie sind.
recovery-begin-title = Mein Konto wiederherstellen
recovery-begin-text = Von nun an wartet die Wiederherstellung. Bis dahin ändert sich nichts: Wenn die Zeit vorbei ist, kommen Sie mit Ihrem Passwort und einem neuen Link zurück.
recovery-begin-submit = Wiederherstellung verlangen
recovery-complete-title = Alle zweiten Faktoren entfernen
recovery-complete-text = Alle Geräte und Wiederherstellungscodes Ihres Kontos werden entfernt, und es wird überall sonst abgemeldet. Hier sind Sie dann angemeldet, um vor allem anderen ein Gerät hinzuzufügen.
recovery-complete-submit = Alle zweiten Faktoren entfernen
recovery-link-over-text = Dieser Link wurde schon verwendet oder ist abgelaufen. Melden Sie sich mit Ihrem Passwort an, um zu sehen, wie es um die Wiederherstellung steht.
recovery-notice = Eine Wiederherstellung dieses Kontos wartet. Sie lässt sich ab dem { $moment } abschließen. Wenn Sie sie nicht verlangt haben, melden Sie sich mit einem Gerät an, das Sie schon länger haben: Das bricht sie ab.
recovery-notice-ready = Eine Wiederherstellung dieses Kontos lässt sich bis zum { $moment } abschließen. Wenn Sie sie nicht verlangt haben, melden Sie sich mit einem Gerät an, das Sie schon länger haben: Das bricht sie ab.
recovery-notice-device = Ein Gerät dieses Kontos wurde als verloren gemeldet. Es lässt sich ab dem { $moment } entfernen. Wenn das nicht stimmt, melden Sie sich mit diesem Gerät an: Das bricht die Entfernung ab.
recovery-notice-device-ready = Ein Gerät dieses Kontos wurde als verloren gemeldet. Es lässt sich bis zum { $moment } entfernen. Wenn das nicht stimmt, melden Sie sich mit diesem Gerät an: Das bricht die Entfernung ab.
recovery-more = Wie es um die Wiederherstellung steht
security-notice-recovered = Ihre verlorenen zweiten Faktoren sind entfernt. Bitte fügen Sie jetzt ein Gerät hinzu: Das kommt vor allem anderen.
lost-key-link = Ich habe einen Sicherheitsschlüssel verloren
lost-key-title = Ein verlorener Sicherheitsschlüssel
lost-key-text = Ein Sicherheitsschlüssel oder Passkey ist stärker als das Gerät, das Sie eben verwendet haben, darum wird er nicht sofort entfernt. Verlangen Sie, dass er entfernt wird, und warten Sie { $span }: Wir melden es sofort und jeden Tag per E-Mail. Nur der Schlüssel selbst, wenn er lange vorher da war, und der Link in diesen E-Mails brechen es ab. Kommen Sie dann innerhalb von sieben Tagen zurück und entfernen Sie ihn mit dem anderen Gerät.
lost-key-submit = Ich habe ihn verloren: Er soll entfernt werden
lost-key-young = Das Gerät, das Sie eben verwendet haben, kam in den letzten sieben Tagen hinzu. Eines, das Sie schon länger haben, kann verlangen, dass dieser Schlüssel entfernt wird, und ebenso ein Wiederherstellungscode.
lost-key-waits = Dass er entfernt wird, wartet. Es ist ab dem { $moment } und innerhalb von sieben Tagen möglich.
lost-key-ready = Die Wartezeit ist vorbei. Er lässt sich bis zum { $moment } entfernen.
lost-key-remove = Diesen Schlüssel entfernen
lost-key-other = Eine andere Wiederherstellung wartet. Wenn sie abgeschlossen oder abgebrochen ist, können Sie diese verlangen.
lost-key-none = Ihr Konto hat keinen Sicherheitsschlüssel und keinen Passkey.
totp-title = Authentifizierungs-App hinzufügen
totp-begun-anew = Das hat zu lange gedauert, darum ist ein neuer Code einzulesen. Bitte löschen Sie den Eintrag in Ihrer App und lesen Sie noch einmal ein.
totp-scan = Öffnen Sie Ihre Authentifizierungs-App, wählen Sie, ein Konto hinzuzufügen, und lesen Sie dieses Bild ein:
totp-qr = QR-Code mit dem Geheimnis für Ihre App; dasselbe steht darunter als Text
totp-type = Oder tippen Sie dieses Geheimnis in die App (zeitbasiert, sechs Ziffern):
totp-secret = Zeigen Sie es niemandem: Wer es hat, bekommt dieselben Codes wie Sie.
totp-code-hint = Geben Sie dann die sechs Ziffern ein, die die App anzeigt, damit wir wissen, dass es klappt.
totp-submit = Diese App hinzufügen
key-title = Sicherheitsschlüssel oder vertrauenswürdige Plattform hinzufügen
key-lead = Was möchten Sie verwenden?
key-device = Dieses Gerät
key-device-text = Windows Hello, Touch ID, Face ID, die Sperre Ihres Telefons: ein Passkey, der selbst prüft, dass Sie es sind.
key-passkey = Ein Schlüssel oder ein anderes Gerät, auch ohne das Passwort
key-passkey-text = Ein Schlüssel mit PIN oder Fingerabdruck oder Ihr Telefon: ein Passkey, der selbst prüft, dass Sie es sind.
key-second = Ein Schlüssel, nach dem Passwort
key-second-text = Jeder Sicherheitsschlüssel, auch einer, den man nur berührt. Er wird nach Ihrem Passwort verlangt.
key-begun-anew = Das hat zu lange gedauert oder wurde schon beantwortet. Bitte versuchen Sie es noch einmal.
key-submit = Diesen Schlüssel hinzufügen
key-others = Eine andere Art von Schlüssel hinzufügen
key-unable = Dieser Browser kann hier keine Sicherheitsschlüssel verwenden. Bitte wählen Sie eine andere Methode.
key-refused = Es kam nichts an: Der Vorgang wurde abgebrochen, hat zu lange gedauert, oder es war kein passender Schlüssel da. Sie können es noch einmal versuchen.
key-failed = Der Browser konnte den Schlüssel nicht verwenden. Bitte versuchen Sie es noch einmal, oder wählen Sie eine andere Methode.
key-waiting = Bitte folgen Sie Ihrem Browser, und berühren Sie den Schlüssel, wenn er blinkt.
key-too-many = Aus Ihrem Netz wurde zu oft nach Passkeys gefragt. Versuchen Sie es später noch einmal, oder melden Sie sich mit Name und Passwort an.
key-without-script = Sicherheitsschlüssel brauchen Skripte, die in Ihrem Browser ausgeschaltet sind. Bitte wählen Sie eine andere Methode.

## Meldungen

message-to-login = Zur Anmeldung
message-to-code = Code aus einer E-Mail eingeben
message-retry = Sie können es wieder versuchen. Wartezeit: { $wait }.
message-reference = Kennzeichen für den Helpdesk

message-mail-limit-title = Vorerst genug E-Mails
message-mail-limit-text = In kurzer Zeit wurden viele E-Mails angefordert, deshalb senden wir eine Weile keine weiteren. Eine E-Mail, die Sie früher erhalten haben, gilt noch: Öffnen Sie ihren Link oder geben Sie ihren Code ein. Bitte sehen Sie auch im Ordner für unerwünschte E-Mails nach.
message-too-many-tries-title = Zu viele Versuche
message-too-many-tries-text = Es gab zu viele Versuche. Zum Schutz aller Konten nehmen wir eine Weile keine weiteren an. Ein neues Passwort können Sie trotzdem per E-Mail festlegen.
message-too-many-without-scripts-title = Zu viele Formulare ohne Skripte
message-too-many-without-scripts-text = In Ihrem Browser sind Skripte ausgeschaltet, und aus Ihrem Netz kamen so viele Formulare ohne Skripte, wie wir in einer Weile annehmen. Schalten Sie Skripte ein und füllen Sie das Formular noch einmal aus, oder warten Sie.
message-too-many-codes-title = Zu viele Codes
message-too-many-codes-text = Für diese Adresse wurden zu viele Codes eingegeben; eine Weile nehmen wir keine weiteren an. Der Link in der E-Mail gilt weiterhin: Öffnen Sie stattdessen ihn.
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

## Wie ein zweiter Faktor hinzukommt

how-begin = Melden Sie sich an und öffnen Sie „{ account-title }“, dann „{ account-security-link }“.
how-key-title = Wie füge ich einen Sicherheitsschlüssel oder eine vertrauenswürdige Plattform hinzu?
how-key-why = Das ist der sicherste zweite Faktor: Er funktioniert nur auf dieser Website, sodass niemand ihn Ihnen entlocken kann. Eine vertrauenswürdige Plattform ist das Gerät, das Sie benutzen, mit Fingerabdruck, Gesicht oder PIN.
how-key-choose = Drücken Sie auf „{ security-add-key }“ und wählen Sie: „{ key-device }“, „{ key-passkey }“ oder „{ key-second }“.
how-key-name = Geben Sie ihm einen Namen, an dem Sie es wiedererkennen, und drücken Sie auf „{ key-submit }“.
how-key-follow = Tun Sie, was Ihr Browser verlangt: Berühren Sie den Schlüssel, oder zeigen Sie Finger, Gesicht oder PIN. Dann steht das Gerät in Ihrer Liste.
how-key-note = In Ihrem Browser müssen Skripte eingeschaltet sein. Erstellen Sie danach Wiederherstellungscodes, damit Sie auch hineinkommen, wenn Sie das Gerät verlieren.
how-totp-title = Wie füge ich eine Authentifizierungs-App hinzu?
how-totp-why = Die App zeigt einen Code, der sich alle halbe Minute ändert. Jede App für Einmalcodes (TOTP) eignet sich, auf einem Telefon oder Computer; sie funktioniert ohne Internet.
how-totp-choose = Drücken Sie auf „{ security-add-totp }“.
how-totp-scan = Scannen Sie das Bild mit der App, oder geben Sie das Geheimnis ein.
how-totp-type = Geben Sie die sechs Ziffern ein, die die App zeigt. Erst dann zählt sie.
how-totp-note = Wird ein Code nicht angenommen, warten Sie auf den nächsten und prüfen Sie, ob die Uhr Ihres Geräts richtig geht. Erstellen Sie danach Wiederherstellungscodes, damit Sie auch hineinkommen, wenn Sie das Gerät verlieren.
how-codes-title = Wie füge ich Wiederherstellungscodes hinzu?
how-codes-why = Ein Wiederherstellungscode meldet Sie an, wenn Sie Ihr Gerät verloren haben. Es gibt zehn; jeder gilt einmal, nach Ihrem Passwort.
how-codes-make = Drücken Sie auf „{ codes-new }“.
how-codes-keep = Schreiben Sie die Codes auf, drucken Sie sie aus oder bewahren Sie sie als Datei auf, getrennt von Ihrem Gerät. Sie werden nur dieses eine Mal gezeigt.
how-codes-type = Geben Sie einen davon ein. Erst dann zählen sie, und frühere nicht mehr.
how-codes-note = Wenn Sie sich mit einem Code angemeldet haben, entfernen Sie das verlorene Gerät und fügen Sie ein anderes hinzu. Erstellen Sie neue Codes, bevor der letzte verbraucht ist.

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
    - Wenn Sie Geräte hinzufügen, mit denen Sie sich ausweisen: die Namen, die Sie ihnen geben, was für Geräte es sind, womit wir ihre Antworten prüfen, und eine Telefonnummer nur, wenn Sie eine hinzufügen: um Sie zu erkennen und um an diese Nummer Codes zu senden und sonst nichts.
    - Die Netzadresse und die Art des Browsers, von denen diese Anfragen kamen: um Missbrauch zu erkennen und Ihnen zu zeigen, wo Sie angemeldet sind.

    Sonst verarbeiten wir nichts über Sie. Wir verfolgen Sie nicht auf andere Websites, zeigen keine Werbung und erstellen kein Profil von Ihnen.

    # Wer Ihre Daten sieht

    Nur wer diesen Dienst betreibt oder prüft, und nur soweit die Aufgabe es verlangt. Ein Dienst, bei dem Sie sich anmelden, erhält, was er braucht, um Sie zu erkennen.

    # Wie lange wir Ihre Daten behalten

    - Eine Registrierung, die Sie nie bestätigen, wird nach einigen Tagen von selbst gelöscht.
    - Netzadressen und Arten von Browsern werden nach begrenzter Zeit unlesbar.
    - Alles andere behalten wir, solange Sie das Konto haben. Wird das Konto gelöscht, so wird der Schlüssel zu Ihren Daten vernichtet: Was in der Aufzeichnung bleibt, kann niemand mehr lesen.

    # Cookies

    Wir setzen nur Cookies, die der Dienst braucht: eines, das sich bei der Anmeldung merkt, was Sie schon nachgewiesen haben, eines, das Sie angemeldet hält, eines, das Formulare schützt, eines, das einen schon benutzten Browser wiedererkennt, und eines, das sich die gewählte Sprache merkt.

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

## Mobilgeräte

mobile-title = Meine Mobilgeräte verwalten
mobile-lead = Mit der { $service } Mobile App meldet Ihr Telefon Sie an: Es fragt nach einer PIN und zeigt einen Code, auch ohne Internet.
mobile-none = Es wurde noch kein Mobilgerät hinzugefügt.
mobile-add = Ein Mobilgerät hinzufügen
mobile-add-lead = Geben Sie Ihrem Telefon einen Namen und wählen Sie eine PIN. Die App fragt jedes Mal nach der PIN.
mobile-pin-hint = Vier Ziffern, nicht alle gleich, und keine Reihe wie 1234.
mobile-submit = Absenden
mobile-pair-title = Mit dem Telefon scannen
mobile-pair-text = Öffnen Sie die App auf Ihrem Telefon unter { $address }, drücken Sie „Initialise“ und scannen Sie dieses Bild.
mobile-pair-picture = Bild für die Kamera Ihres Telefons
mobile-pair-here = Sind Sie schon am Telefon? Öffnen Sie die App hier.
mobile-pair-type = Wenn Sie es nicht scannen können, tippen Sie dies in die App:
mobile-pair-code = Code
mobile-pair-until = Dies gilt einmal, bis:
mobile-pair-waits = Wir warten auf Ihr Telefon …
mobile-pair-next = Die App sagt, dass sie fertig ist: weiter
mobile-confirm-title = Ist das Ihr Telefon?
mobile-confirm-text = Ein Telefon hat das Bild gescannt und kannte die PIN. Fügen Sie es nur hinzu, wenn Sie es in der Hand halten.
mobile-told = Was es von sich sagt
mobile-confirm-submit = Ja, hinzufügen
mobile-cancel = Abbrechen
mobile-ended = Das hat zu lange gedauert oder wurde beendet. Es wurde nichts hinzugefügt: Bitte beginnen Sie von vorn.
mobile-app-link = Die App auf diesem Gerät öffnen und installieren
security-add-mobile-text = Die { $service } Mobile App auf Ihrem Telefon fragt nach einer PIN aus vier Ziffern. Sie brauchen keinen App-Laden: Die App wird von diesem Dienst aus geöffnet und funktioniert ohne Internet.
way-mobile-app = { $service } Mobile App
way-mobile-app-pin-code = { $service } Mobile App PIN-Code
way-mobile-app-pin-code-needs = Sie brauchen Ihr Telefon mit der App und darauf Internet.
way-on-mobile = On Mobile Authentication
way-on-mobile-needs = Sie brauchen die App auf genau diesem Gerät.
way-mobile-app-qr-code = { $service } Mobile App QR-Code
way-mobile-app-qr-code-needs = Sie brauchen Ihr Telefon mit der App; es geht ohne Internet.
device-mobile = Telefon
field-pin = PIN
field-confirm-pin = PIN noch einmal
field-app-code = Code aus der App
missing-pin = Wählen Sie eine PIN.
missing-confirm-pin = Geben Sie die PIN noch einmal ein.
missing-app-code = Geben Sie den Code ein, den die App zeigt.
problem-pin-digits = Eine PIN besteht aus vier Ziffern.
problem-pin-guessable = Diese PIN würden andere zuerst raten. Wählen Sie vier Ziffern, die nicht alle gleich sind und keine Reihe wie 1234 bilden.
problem-pins-differ = Die beiden PINs sind verschieden.
problem-app-code-wrong = Dieser Code wurde nicht angenommen. Prüfen Sie die PIN: Mit einer falschen zeigt die App einen falschen Code. Scannen Sie dann das neue Bild.
verify-app-code-title = { $service } Mobile App QR-Code
verify-app-code-text = Öffnen Sie die App auf „{ $device }“ und scannen Sie dieses Bild. Nach Ihrer PIN zeigt sie einen Code aus acht Ziffern.
verify-app-code-picture = Bild für die Kamera Ihres Telefons
verify-app-code-here = Ist die App auf genau diesem Gerät? Öffnen Sie sie hier.
verify-app-code-type = Wenn Sie es nicht scannen können, tippen Sie diese Ziffern in die App
verify-app-code-hint = Acht Ziffern. Das Bild gilt zwei Minuten.
verify-app-code-others = Ein anderes Telefon:
verify-request-pin-title = { $service } Mobile App PIN-Code
verify-request-mobile-title = On Mobile Authentication
verify-request-open = Öffnen Sie die App auf Ihrem Telefon. Sie zeigt eine Anfrage mit den Angaben unten und fragt nach dieser Zahl:
verify-request-here = Öffnen Sie die App auf diesem Gerät. Wenn sie nach einer Zahl fragt, tippen Sie diese ein:
verify-request-number = Zahl
verify-request-from = Was die App zeigen wird
verify-request-application = Anwendung
verify-request-browser = Browser
verify-request-address = Netzadresse
verify-request-asked = Zeit
verify-request-until = Sie kann beantwortet werden bis:
verify-request-waits = Es wird auf Ihr Telefon gewartet …
verify-request-next = Ich habe auf dem Telefon geantwortet: weiter
verify-request-link = Die App hier öffnen
verify-request-again = Mein Telefon noch einmal fragen
verify-request-unanswered = Auf dem Telefon hat niemand rechtzeitig geantwortet.
verify-request-wrong-number = Die Zahl, die auf dem Telefon eingegeben wurde, ist nicht die auf dieser Seite. Die Anfrage ist beendet.
verify-request-denied = Die Anfrage wurde auf dem Telefon abgelehnt.
verify-request-blocked = Die PIN war zu oft falsch, und das Telefon ist gesperrt. Wählen Sie eine andere Methode.
verify-request-not-yet = Ihr Telefon hat noch nicht geantwortet. Öffnen Sie die App, antworten Sie dort, und kommen Sie zurück.
verify-request-full = Gerade fragen andere Browser Ihr Telefon. Wählen Sie eine andere Methode, oder versuchen Sie es wieder ab: { $moment }.
verify-request-paused = Von hier aus wird Ihr Telefon nicht gefragt bis: { $moment }, da eine Anfrage abgelehnt wurde. Wählen Sie eine andere Methode.
verify-request-worthless = Was das Telefon geantwortet hat, zählt nicht mehr. Bitte fragen Sie es noch einmal.
verify-request-used = Was das Telefon geantwortet hat, wurde schon verwendet. Bitte fragen Sie es noch einmal.
how-mobile-title = Wie füge ich ein Mobilgerät hinzu?
how-mobile-why = Die App dieses Dienstes macht Ihr Telefon zum zweiten Faktor. Sie wird im Browser des Telefons geöffnet, braucht keinen App-Laden und funktioniert ohne Internet.
how-mobile-choose = Drücken Sie „{ mobile-title }“ und „{ mobile-add }“. Geben Sie dem Telefon einen Namen, wählen Sie eine PIN aus vier Ziffern und drücken Sie „{ mobile-submit }“.
how-mobile-scan = Öffnen Sie die App auf dem Telefon, drücken Sie „Initialise“, scannen Sie das Bild und tippen Sie die PIN.
how-mobile-confirm = Die Seite zeigt, welches Telefon es war. Drücken Sie „{ mobile-confirm-submit }“. Erst dann zählt es.
how-mobile-note = Wenn Sie die PIN vergessen, entfernen Sie das Gerät und fügen Sie es neu hinzu. Erstellen Sie dann Wiederherstellungscodes, damit Sie auch ohne das Telefon hineinkommen.
how-mobile-new-title = Ein neues Telefon
how-mobile-new = Behalten Sie das alte Telefon, bis das neue funktioniert. Fügen Sie das neue wie oben hinzu und melden Sie sich einmal damit an. Öffnen Sie dann „{ account-security-link }“, drücken Sie beim alten auf „{ device-change }“ und entfernen Sie es: Von da an meldet es niemanden mehr an. Wenn Sie das alte nicht mehr haben, melden Sie sich mit einem anderen zweiten Faktor oder einem Wiederherstellungscode an und tun Sie dasselbe.
