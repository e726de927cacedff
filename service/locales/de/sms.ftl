# Die Texte zu Telefonen, die Codes per SMS bekommen. $service, der Name des Dienstes, steht jeder Nachricht zur Verfügung.

## Auf Telefonen: kurz, weil je siebzig Zeichen etwas kosten können

sms-code = { $service }: { $code } ist Ihr Code. Geben Sie ihn niemandem.

## Auf Seiten

way-sms = Mobiltelefon + SMS
way-sms-needs = Sie brauchen das Telefon mit Ihrer Nummer, und Empfang.
soon-deprecated = Läuft bald aus.
soon-deprecated-why = Warum, und was stattdessen
phone-ending = Nummer mit den letzten Ziffern { $ending }
phone-title = Ein Mobiltelefon hinzufügen
phone-add-text = Ein Code kommt per SMS. Wer Ihre Nummer übernimmt oder auf einer anderen Website nach dem Code fragt, kommt damit auch hinein: Nehmen Sie einen anderen Weg, wenn Sie können.
phone-lead = Wir senden einen Code an Ihr Mobiltelefon, und Sie geben ihn auf der nächsten Seite ein.
phone-number-hint = Mit + und der Ländervorwahl, wie in +32 470 12 34 56.
phone-submit = Code senden
phone-ended = Der Code wurde nicht rechtzeitig eingegeben. Es wurde nichts hinzugefügt: Bitte fordern Sie einen anderen an.
phone-code-title = Den Code aus der Nachricht eingeben
phone-code-text = Eine Nachricht mit einem Code wurde an { $number } gesendet. Sie kann eine Minute brauchen.
phone-finalise = Abschließen
phone-other-number = Andere Nummer
sms-code-hint = Neun Zeichen, wie in A1B-2C3-D4E. Der Code gilt vier Minuten.
sms-again-text = Es kam keine Nachricht? Fordern Sie nach einer halben Minute eine weitere an. Der Code davor gilt weiter.
verify-sms-text = Wir senden Ihnen eine Nachricht mit einem Code. Wählen Sie, wohin:
verify-sms-send = Code an „{ $name }“ senden, letzte Ziffern { $ending }
verify-sms-sent = Eine Nachricht mit einem Code wurde an „{ $name }“ gesendet, letzte Ziffern { $ending }. Sie kann eine Minute brauchen.
device-phone = Mobiltelefon
field-phone-number = Nummer des Mobiltelefons
field-sms-code = Code aus der Nachricht
missing-phone-number = Geben Sie die Nummer Ihres Mobiltelefons ein.
missing-sms-code = Geben Sie den Code aus der Nachricht ein.
problem-phone-no-country-code = Beginnen Sie mit + und der Ländervorwahl, wie in +32 470 12 34 56.
problem-phone-no-number = Das ist keine Telefonnummer. Prüfen Sie sie auf Tippfehler.
problem-phone-not-mobile = Das ist nicht die Nummer eines Mobiltelefons. Nachrichten werden nur an Mobiltelefone gesendet.
problem-phone-country = In dieses Land werden keine Nachrichten gesendet. Bitte wählen Sie einen anderen zweiten Faktor.
problem-phone-there = Diese Nummer gehört schon zu Ihrem Konto.
problem-sms-code-wrong = Dieser Code stimmt nicht, oder seine Zeit ist vorbei. Prüfen Sie ihn, oder fordern Sie eine weitere Nachricht an.
problem-sms-code-used = Dieser Code wurde schon verwendet. Fordern Sie eine weitere Nachricht an.
security-notice-no-messages = Dieser Dienst sendet keine Nachrichten an Telefone. Bitte wählen Sie einen anderen zweiten Faktor.
how-sms-title = Wie kann ich ein Mobiltelefon (SMS) hinzufügen?
how-sms-why = Dieser Weg läuft bald aus. Eine Nachricht kann unterwegs gelesen werden, eine Nummer kann von jemand anderem übernommen werden, und einen Code kann man auf einer Website preisgeben, die nur so aussieht wie diese. Ein Sicherheitsschlüssel, eine vertrauenswürdige Plattform oder eine App auf Ihrem Telefon ist sicherer, kostet nichts und braucht keinen Empfang: Die Seiten unten sagen, wie Sie sie hinzufügen.
how-sms-choose = Drücken Sie „{ phone-title }“.
how-sms-number = Geben Sie die Nummer Ihres Mobiltelefons mit + und der Ländervorwahl ein, und drücken Sie „{ phone-submit }“.
how-sms-type = Geben Sie die neun Zeichen aus der Nachricht ein, und drücken Sie „{ phone-finalise }“. Erst dann zählt es.
how-sms-note = Nicht jede Anwendung nimmt es an. Wenn sich Ihre Nummer ändert, fügen Sie zuerst die neue hinzu und entfernen dann die alte. Wenn dieser Dienst keine Nachrichten mehr sendet, sagt es der Knopf.
dev-sms-title = Nachrichten dieses Entwicklungsservers
dev-sms-lead = Keine Nachricht verlässt diesen Rechner. Was an Telefone gesendet worden wäre, steht hier, das Neueste zuerst.
dev-sms-none = Noch keine Nachricht.

## Das Ende der Codes per SMS

verify-sms-ends = Codes per SMS enden am { $moment }. Bitte fügen Sie vorher unter „{ security-title }“ einen anderen zweiten Faktor hinzu: Danach meldet ein Code per SMS Sie nicht mehr an.
verify-sms-last = Codes per SMS sind zu Ende. Sie können sich damit ein letztes Mal anmelden: Fügen Sie gleich danach einen anderen zweiten Faktor hinzu.
account-notice-sms-ends = Codes per SMS enden am { $moment }, und Ihr Konto hat noch keinen anderen zweiten Faktor. Bitte fügen Sie jetzt einen hinzu: Es dauert eine Minute.
security-notice-sms-off = Codes per SMS sind zu Ende, und Ihr Konto hat keinen anderen zweiten Faktor. Bitte fügen Sie jetzt einen hinzu: Das kommt vor allem anderen.
security-notice-no-new-numbers = Codes per SMS enden hier: Es lässt sich kein Telefon mehr hinzufügen. Bitte wählen Sie einen anderen zweiten Faktor.
device-off = Beendet: Codes per SMS melden niemanden mehr an
how-sms-ends-title = Codes per SMS enden
how-sms-ends-on = Sie enden am { $moment }.
how-sms-ended-on = Sie endeten am { $moment }.
how-sms-takes-until = Ein Telefon lässt sich bis zum { $moment } hinzufügen.
how-sms-closed = Es lässt sich kein Telefon mehr hinzufügen.
how-sms-last = Wer am Ende nichts anderes hat, kann sich innerhalb einer Frist danach ({ $span }) ein letztes Mal per SMS anmelden und fügt dann sofort einen anderen zweiten Faktor hinzu. Danach führt nur eine Wiederherstellung zurück.
