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
mail-changed-not-me = Wenn Sie das nicht waren, kannte jemand anders Ihr Passwort. Legen Sie jetzt ein neues fest. Damit wird auch abgemeldet, wer Ihr Konto gerade benutzt:
mail-changed-by-reset-not-me = Wenn Sie das nicht waren, kann jemand anders Ihre E-Mails lesen. Ändern Sie zuerst das Passwort Ihres Postfachs und legen Sie dann hier ein neues Passwort fest. Damit wird auch abgemeldet, wer Ihr Konto gerade benutzt:

mail-sign-in-locked =
    .subject = Fehlgeschlagene Anmeldeversuche bei { $service }
    .heading = Fehlgeschlagene Anmeldeversuche
mail-locked-why = Am { $at } haben wir nach mehreren Versuchen, sich mit einem falschen Passwort bei Ihrem Konto bei { $service } anzumelden, für eine Weile keine weiteren von derselben Stelle mehr angenommen. Keiner dieser Versuche war erfolgreich.
mail-locked-not-me = Wenn Sie das nicht waren, müssen Sie nichts tun. Ihr Passwort wurde nicht erraten, und in den Browsern, die Sie sonst benutzen, können Sie sich weiterhin anmelden.
mail-locked-me = Wenn Sie das waren, warten Sie eine Weile und versuchen Sie es dann noch einmal. Wenn Sie Ihr Passwort nicht mehr wissen, können Sie ein neues festlegen:
mail-locked-often = Sie bekommen höchstens eine solche E-Mail am Tag, wie viele Versuche es auch sind.

mail-lost-password-action = Passwort vergessen?
mail-new-password-action = Neues Passwort festlegen
mail-link-copy = Oder kopieren Sie diese Adresse in Ihren Browser:

mail-link-validity = Der Link und der Code weiter unten gelten ab dem Versand dieser E-Mail { $span }. Wenn Sie den Link später öffnen, können Sie sich auf der Seite einen neuen schicken lassen.
mail-code = Ist die Seite noch offen, auf der Sie begonnen haben? Dort können Sie stattdessen diesen Code eingeben:
mail-code-secret = Geben Sie den Code nur auf dieser Seite ein und verraten Sie ihn niemandem. { $service } fragt nie per E-Mail, am Telefon oder in einer Nachricht danach.

mail-footer-sender = { $service }, { $host }
mail-footer-answers = Wenn Sie eine Frage haben, antworten Sie einfach auf diese E-Mail.
mail-footer-no-answers = Bitte antworten Sie nicht auf diese E-Mail: Die Antworten liest niemand.
