# Die Texte der Mails. Jeder wird auch als reiner Text gelesen: keine Auszeichnung; der Link steht allein auf seiner
# Zeile, nach dem Absatz, der ihn ankündigt.

mail-confirm-address =
    .subject = Bestätigen Sie Ihre E-Mail-Adresse für { $service }
    .heading = Bestätigen Sie Ihre E-Mail-Adresse
mail-confirm-why = Jemand, höchstwahrscheinlich Sie selbst, hat mit dieser E-Mail-Adresse ein Konto bei { $service } beantragt. Öffnen Sie diese Seite, um zu bestätigen, dass die Adresse Ihnen gehört, und um Ihr Passwort festzulegen:
mail-confirm-action = Bestätigen und Passwort festlegen
mail-confirm-not-me = Wenn Sie das nicht waren, müssen Sie nichts tun. Solange weder der Link noch der Code benutzt wird, kann sich niemand bei einem Konto mit Ihrer Adresse anmelden, und der Antrag verfällt von selbst.

mail-registration-repeated =
    .subject = Sie haben bereits ein Konto bei { $service }
    .heading = Sie haben bereits ein Konto
mail-repeated-why = Jemand, höchstwahrscheinlich Sie selbst, hat mit dieser E-Mail-Adresse ein neues Konto bei { $service } beantragt. Zu dieser Adresse gibt es schon ein Konto, deshalb wurde kein zweites angelegt. Es hat sich nichts geändert.
mail-repeated-what = Sie können sich mit dieser Adresse und Ihrem Passwort anmelden. Wenn Sie das Passwort nicht mehr wissen, können Sie ein neues festlegen:
mail-repeated-not-me = Wenn Sie das nicht waren, müssen Sie nichts tun. Niemand hatte Zugang zu Ihrem Konto, und wer den Antrag gestellt hat, hat nicht erfahren, dass es besteht.

mail-reset-password =
    .subject = Legen Sie ein neues Passwort für { $service } fest
    .heading = Legen Sie ein neues Passwort fest
mail-reset-why = Jemand, höchstwahrscheinlich Sie selbst, hat uns gemeldet, dass das Passwort Ihres Kontos bei { $service } verloren ist. Öffnen Sie diese Seite, um ein neues festzulegen:
mail-reset-effect = Ihr altes Passwort gilt weiter, bis Sie das neue festgelegt haben. Dann wird Ihr Konto in allen anderen Browsern abgemeldet.
mail-reset-not-me = Wenn Sie das nicht waren, müssen Sie nichts tun. Ihr Passwort bleibt, wie es ist: Ohne den Link oder den Code aus dieser E-Mail kann es niemand ändern.

mail-password-changed =
    .subject = Ihr Passwort für { $service } wurde geändert
    .heading = Ihr Passwort wurde geändert
mail-changed-by-change = Am { $at } wurde das Passwort Ihres Kontos bei { $service } geändert, und zwar von jemandem, der angemeldet war und das alte Passwort eingegeben hat. In allen anderen Browsern wurde das Konto abgemeldet.
mail-changed-by-reset = Am { $at } wurde für Ihr Konto bei { $service } ein neues Passwort festgelegt, mit einem Link oder einem Code, der an diese E-Mail-Adresse geschickt wurde. In allen anderen Browsern wurde das Konto abgemeldet.
mail-changed-me = Wenn Sie das waren, müssen Sie nichts tun.
mail-changed-not-me = Wenn Sie das nicht waren, kannte jemand anders Ihr Passwort. Sagen Sie es hier:
mail-changed-by-reset-not-me = Wenn Sie das nicht waren, kann jemand anders Ihre E-Mails lesen. Ändern Sie zuerst das Passwort Ihres Postfachs und sagen Sie es dann hier:

mail-sign-in-locked =
    .subject = Fehlgeschlagene Anmeldeversuche bei { $service }
    .heading = Fehlgeschlagene Anmeldeversuche
mail-locked-why = Am { $at } haben wir nach mehreren Versuchen, sich mit einem falschen Passwort bei Ihrem Konto bei { $service } anzumelden, für eine Weile keine weiteren von derselben Stelle mehr angenommen. Keiner dieser Versuche war erfolgreich.
mail-locked-not-me = Wenn Sie das nicht waren, müssen Sie nichts tun. Ihr Passwort wurde nicht erraten, und in den Browsern, die Sie sonst benutzen, können Sie sich weiterhin anmelden.
mail-locked-me = Wenn Sie das waren, warten Sie eine Weile und versuchen Sie es dann noch einmal. Wenn Sie Ihr Passwort nicht mehr wissen, können Sie ein neues festlegen:
mail-locked-often = Sie bekommen höchstens eine solche E-Mail am Tag, wie viele Versuche es auch sind.

mail-security =
    .subject = Sicherheit Ihres Kontos bei { $service }
    .heading = Sicherheit Ihres Kontos

mail-security-factor-added = Am { $at } wurde Ihrem Konto bei { $service } ein zweiter Faktor hinzugefügt: { $devices }.
mail-security-factor-renamed = Am { $at } bekam der zweite Faktor { $devices } Ihres Kontos bei { $service } einen anderen Namen: { $name }.
mail-security-factor-removed = Am { $at } wurde ein zweiter Faktor aus Ihrem Konto bei { $service } entfernt: { $devices }.
mail-security-all-removed = Am { $at } wurden alle zweiten Faktoren und Wiederherstellungscodes aus Ihrem Konto bei { $service } entfernt. Andere Sitzungen sind beendet; nur noch Ihr Passwort schützt das Konto.
mail-security-reset = Am { $at } hat ein Administrator von { $service } alle zweiten Faktoren und Wiederherstellungscodes aus Ihrem Konto entfernt, wie es für Menschen geschieht, die sie verloren haben. Ihr Konto wurde überall abgemeldet.
mail-security-counter-went-back = Am { $at } hat ein Sicherheitsschlüssel Ihres Kontos bei { $service } so geantwortet, dass es eine Kopie von ihm geben könnte: { $devices }. Die Antwort wurde abgelehnt.
mail-security-second-factor-failed = Am { $at } hat jemand in einem Browser, den wir nicht kennen, das richtige Passwort Ihres Kontos bei { $service } eingegeben, und der zweite Faktor war danach falsch, wurde abgelehnt oder kam gar nicht. Niemand kam hinein.
mail-security-blocked = Am { $at } wurde auf „{ $devices }“ zum fünften Mal hintereinander eine falsche PIN eingegeben. Zum Schutz Ihres Kontos bei { $service } meldet dieses Gerät niemanden mehr an, bis Sie es wieder in Kraft setzen: mit einem anderen Gerät oder einem Wiederherstellungscode, auf der Seite Ihrer zweiten Faktoren.
mail-security-unblocked = Am { $at } wurde ein gesperrtes Gerät Ihres Kontos bei { $service } wieder in Kraft gesetzt: { $devices }.
mail-security-pin-changed = Am { $at } wurde in der App die PIN eines Geräts Ihres Kontos bei { $service } geändert: { $devices }.
mail-security-request-denied = Am { $at } wurde auf „{ $devices }“ „Das war ich nicht“ gedrückt, als sich jemand bei Ihrem Konto bei { $service } anmelden wollte. Niemand kam hinein. Das Passwort funktioniert nicht mehr.
mail-security-denied-anew = Legen Sie bitte mit „Passwort vergessen?“ auf der Anmeldeseite ein neues Passwort fest. Wenn Sie das alte anderswo verwenden, ändern Sie es auch dort. Ihre Geräte funktionieren weiter.
mail-security-codes-issued = Am { $at } wurden für Ihr Konto bei { $service } neue Wiederherstellungscodes in Kraft gesetzt. Frühere funktionieren nicht mehr.
mail-security-code-used = Am { $at } wurde für Ihr Konto bei { $service } ein Wiederherstellungscode verwendet. { $left ->
    [0] Keiner ist übrig: Bitte erstellen Sie neue.
    [one] Ein Code ist übrig.
   *[other] { $left } Codes sind übrig.
}
mail-security-always-on = Am { $at } wurde gewählt, dass Ihr Konto bei { $service } immer einen zweiten Faktor verlangt. Sitzungen ohne einen sind beendet.
mail-security-always-off = Am { $at } wurde gewählt, dass Ihr Konto bei { $service } nicht mehr immer einen zweiten Faktor verlangt: Das Passwort allein kann genügen.
mail-security-me = Wenn Sie es waren, brauchen Sie nichts zu tun.
mail-security-not-me = Wenn Sie es nicht waren, kennt jemand anderes Ihr Passwort. Ändern Sie es sofort, sehen Sie dann Ihre zweiten Faktoren an und entfernen Sie, was nicht Ihnen gehört:
mail-security-action = Meine zweiten Faktoren ansehen
mail-security-how = Wie zweite Faktoren und Wiederherstellungscodes hinzukommen, steht hier:
mail-security-how-kind = Wie ein Gerät dieser Art hinzukommt, steht hier:
mail-security-disowned = Am { $at } wurde mit einem Link aus einer E-Mail an diese Adresse gemeldet, dass eine Änderung an Ihrem Konto bei { $service } oder eine Anmeldung nicht von Ihnen stammt. Das Passwort funktioniert nicht mehr, und die seither begonnenen Sitzungen sind beendet.
mail-security-anew = Legen Sie bitte mit „Passwort vergessen?“ auf der Anmeldeseite ein neues Passwort fest. Sehen Sie dann Ihre zweiten Faktoren an: Was ausgesetzt ist, meldet niemanden an, und mit einem anderen Gerät oder einem Wiederherstellungscode können Sie es entfernen. Haben Sie beides nicht, wenden Sie sich an die Betreiber dieses Dienstes.

mail-disown-not-me = Wenn Sie es nicht waren, sagen Sie es hier:
mail-disown-action = Das war ich nicht
mail-disown-effect = Die Seite fragt Sie noch einmal. Was hinzukam, wird dann ausgesetzt, die seither begonnenen Sitzungen enden, und das Konto braucht ein neues Passwort. Der Link gilt 30 Tage.

mail-signed-in =
    .subject = Anmeldung bei Ihrem Konto bei { $service }
    .heading = Anmeldung aus einem Browser, den wir nicht kennen
mail-signed-in-why = Am { $at } hat sich jemand bei Ihrem Konto bei { $service } in einem Browser angemeldet, den wir nicht kennen.
mail-signed-in-effect = Die Seite fragt Sie noch einmal. Diese Sitzung und die seither begonnenen enden dann, und das Konto braucht ein neues Passwort. Der Link gilt 30 Tage.

mail-suspend-factors =
    .subject = Ihre Geräte bei { $service } aussetzen
    .heading = Ihre Geräte aussetzen

mail-suspend-why = Jemand, der das richtige Passwort Ihres Kontos bei { $service } eingegeben hat, hat gemeldet, dass alle Geräte verloren sind, und einen Link verlangt, um sie auszusetzen:
mail-suspend-action = Alle meine Geräte aussetzen
mail-suspend-not-me = Die Seite fragt nach Ihrem Passwort. Wenn Sie es nicht waren, kennt es jemand anderes: Legen Sie ein neues Passwort fest und verwenden Sie diesen Link nicht.
mail-security-suspended = Am { $at } wurden alle Geräte Ihres Kontos bei { $service } mit Ihrem Passwort und einem Link aus einer E-Mail an diese Adresse ausgesetzt. Keines meldet mehr an, keines ist weg, und Ihr Konto wurde überall abgemeldet. Ein Wiederherstellungscode führt zurück.
mail-security-resumed = Am { $at } { $count ->
    [one] wurde ein ausgesetztes Gerät Ihres Kontos bei { $service } wieder in Kraft gesetzt: { $devices }.
   *[other] wurden ausgesetzte Geräte Ihres Kontos bei { $service } wieder in Kraft gesetzt: { $devices }.
}
mail-security-recovery-cancelled = Am { $at } wurde die wartende Wiederherstellung Ihres Kontos bei { $service } abgebrochen: Seine zweiten Faktoren bleiben, wie sie sind.
mail-security-recovered = Am { $at } wurden die als verloren gemeldeten zweiten Faktoren Ihres Kontos bei { $service } entfernt, da die Wartezeit vorbei war.

mail-recover-account =
    .subject = Ihr Konto bei { $service } wiederherstellen
    .heading = Ihr Konto wiederherstellen

mail-recover-why = Jemand, der das richtige Passwort Ihres Kontos bei { $service } eingegeben hat, hat gemeldet, dass alle zweiten Faktoren verloren sind, und einen Link verlangt, um es wiederherzustellen:
mail-recover-action = Mein Konto wiederherstellen
mail-recover-validity = Der Link gilt { $span } ab dem Versand dieser E-Mail. Seine Seite fragt nach Ihrem Passwort.
mail-recover-not-me = Wenn Sie es nicht waren, kennt jemand anderes Ihr Passwort: Legen Sie ein neues fest und verwenden Sie diesen Link nicht.

mail-recovery =
    .subject = Wiederherstellung Ihres Kontos bei { $service }
    .heading = Wiederherstellung Ihres Kontos

mail-recovery-asked = Am { $at } wurde mit dem Passwort Ihres Kontos bei { $service } und einem Link aus einer E-Mail an diese Adresse gemeldet, dass alle zweiten Faktoren verloren sind. Noch hat sich nichts geändert: Sie lassen sich entfernen, wenn eine Wartezeit vorbei ist.
mail-recovery-asked-device = Am { $at } hat jemand, der bei Ihrem Konto bei { $service } angemeldet war, gemeldet, dass ein Gerät verloren ist: { $device }. Noch hat sich nichts geändert: Es lässt sich entfernen, wenn eine Wartezeit vorbei ist.
mail-recovery-waits = Die Wiederherstellung Ihres Kontos bei { $service }, die am { $at } verlangt wurde, wartet noch. Sie erhalten diese E-Mail einmal am Tag.
mail-recovery-waits-device = Die Entfernung eines verlorenen Geräts Ihres Kontos bei { $service }, { $device }, die am { $at } verlangt wurde, wartet noch. Sie erhalten diese E-Mail einmal am Tag.
mail-recovery-over = Die Wartezeit der Wiederherstellung Ihres Kontos bei { $service }, die am { $at } verlangt wurde, ist vorbei. Von selbst hat sich nichts geändert: Wer sie verlangt hat, kommt zurück und entfernt, was verloren ist.
mail-recovery-over-device = Die Wartezeit für die Entfernung eines verlorenen Geräts Ihres Kontos bei { $service }, { $device }, die am { $at } verlangt wurde, ist vorbei. Von selbst hat sich nichts geändert: Wer sie verlangt hat, kommt zurück und entfernt es.
mail-recovery-ends = Wenn Sie es waren: Kommen Sie nach dem { $moment } und innerhalb von sieben Tagen zurück. Bis dahin müssen Sie nichts tun.
mail-recovery-until = Wenn Sie es waren: Melden Sie sich vor dem { $moment } mit Ihrem Passwort an und folgen Sie „Ich habe alle meine Geräte verloren“.
mail-recovery-until-device = Wenn Sie es waren: Melden Sie sich vor dem { $moment } mit einem anderen Gerät an und entfernen Sie das verlorene.
mail-recovery-not-me = Wenn Sie es nicht waren, brechen Sie sie hier ab:
mail-recovery-cancel = Wiederherstellung abbrechen
mail-recovery-effect = Die Seite fragt Sie noch einmal. Auch eine Anmeldung mit einem Gerät, das Sie vorher mehr als sieben Tage lang hatten, bricht sie ab. Legen Sie dann ein neues Passwort fest: Jemand anderes kennt Ihres.
mail-recovery-effect-device = Die Seite fragt Sie noch einmal. Auch eine Anmeldung mit diesem Gerät bricht sie ab, wenn Sie es vorher mehr als sieben Tage lang hatten. Legen Sie dann ein neues Passwort fest: Jemand anderes kennt Ihres.

mail-lost-password-action = Passwort vergessen?
mail-new-password-action = Neues Passwort festlegen
mail-link-copy = Oder kopieren Sie diese Adresse in Ihren Browser:

mail-link-validity = Der Link und der Code weiter unten gelten ab dem Versand dieser E-Mail { $span }. Wenn Sie den Link später öffnen, können Sie sich auf der Seite einen neuen schicken lassen.
mail-code = Ist die Seite noch offen, auf der Sie begonnen haben? Dort können Sie stattdessen diesen Code eingeben:
mail-code-secret = Geben Sie den Code nur auf dieser Seite ein und verraten Sie ihn niemandem. { $service } fragt nie per E-Mail, am Telefon oder in einer Nachricht danach.

mail-footer-sender = { $service }, { $host }
mail-footer-answers = Wenn Sie eine Frage haben, antworten Sie einfach auf diese E-Mail.
mail-footer-no-answers = Bitte antworten Sie nicht auf diese E-Mail: Die Antworten liest niemand.

mail-sms-ends =
    .subject = Codes per SMS enden bei { $service }
    .heading = Codes per SMS enden

# $moment ist ein Zeitpunkt: „24. November 2026, 14:05 UTC“.
mail-sms-ends-why = Am { $moment } enden Codes per SMS bei { $service }. Danach meldet ein Code per SMS Sie nicht mehr an, und Ihr Konto hat noch keinen anderen zweiten Faktor.
mail-sms-ends-last = Dies ist die letzte Warnung: Am { $moment } enden Codes per SMS bei { $service }, und Ihr Konto hat noch immer keinen anderen zweiten Faktor.
mail-sms-ends-what = Bitte fügen Sie jetzt einen anderen hinzu: einen Sicherheitsschlüssel, das Gerät, auf dem Sie dies lesen, oder eine App auf Ihrem Telefon. Es dauert eine Minute, auf dieser Seite:
mail-sms-ends-action = Einen anderen zweiten Faktor hinzufügen
mail-sms-ends-how = Warum Codes per SMS enden und was Sie stattdessen hinzufügen können, steht hier:
