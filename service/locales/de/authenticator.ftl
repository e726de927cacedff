# Die Texte des Authentifikators, der Web-App. $service, der Name des Dienstes, wird jeder Nachricht mitgegeben.

authenticator-title = { $service } Mobile App
authenticator-needs = Diese App braucht Skripte, einen aktuellen Browser und Platz für Daten auf diesem Telefon.
authenticator-working = Einen Augenblick bitte …
authenticator-failed = Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.
authenticator-no-network = Der Dienst ist nicht erreichbar: Sind Sie online? Um ein Gerät hinzuzufügen, brauchen Sie eine Verbindung. Codes werden auch ohne angezeigt.
authenticator-storage = Der Browser bewahrt für diese App keine Daten auf, darum kann hier kein Gerät sein. Verwenden Sie kein privates Fenster, und schaffen Sie auf dem Telefon etwas Platz.
authenticator-later = Der Dienst nimmt vorerst keine Versuche mehr an. Versuchen Sie es wieder ab: { $moment }.
authenticator-back = Zurück

## Die Liste

authenticator-list = Geräte auf diesem Telefon
authenticator-none = Auf diesem Telefon gibt es noch kein Gerät.
authenticator-cleared = Wenn Sie eines hinzugefügt hatten, hat der Browser es zusammen mit anderen Daten gelöscht. Entfernen Sie das Gerät in Ihrem Konto unter „{ mobile-title }“, und fügen Sie es neu hinzu.
authenticator-install = Am besten installieren Sie diese App zuerst: Wählen Sie im Menü Ihres Browsers „Installieren“ oder „Zum Startbildschirm hinzufügen“. Sie finden sie dann leichter, und der Browser löscht ihre Daten nicht so bald. Fügen Sie Ihr Gerät in der installierten App hinzu.
authenticator-waits = Noch nicht bestätigt: Beantworten Sie die Frage auf der Seite Ihres Kontos.
authenticator-recovery = Es wurde gemeldet, dass alle Geräte dieses Kontos verloren sind: Sie lassen sich ab dem { $moment } entfernen. Wenn Sie das nicht waren, brechen Sie es ab: Melden Sie sich mit einem Gerät an, das Sie schon länger haben, oder folgen Sie dem Link in unseren E-Mails.
authenticator-recovery-of-one = Ein anderes Gerät dieses Kontos wurde als verloren gemeldet: Es lässt sich ab dem { $moment } entfernen. Wenn das nicht stimmt, brechen Sie es ab: Melden Sie sich mit jenem Gerät an, oder folgen Sie dem Link in unseren E-Mails.
authenticator-scan = Ein Bild scannen
authenticator-initialise = Initialise
authenticator-code = Einen Code anzeigen
authenticator-remove = Von diesem Telefon entfernen

## Ein Gerät wird hinzugefügt

authenticator-add-text = Öffnen Sie in Ihrem Konto „{ mobile-title }“ und wählen Sie „{ mobile-add }“. Scannen Sie dann das Bild, das Ihnen gezeigt wird.
authenticator-add-type = Oder tippen Sie ein, was unter dem Bild steht:
authenticator-wrong-uid = Tippen Sie die Benutzerkennung so ein, wie sie unter dem Bild steht.
authenticator-wrong-code = Tippen Sie den Code so ein, wie er unter dem Bild steht.
authenticator-gone = Dieser Code gilt nicht oder nicht mehr: Er funktioniert einmal und fünf Minuten lang. Prüfen Sie ihn, oder beginnen Sie auf der Seite Ihres Kontos von vorn.
authenticator-service = Dienst
authenticator-pin-title = Geben Sie Ihre PIN ein
authenticator-pin-hint = Die vier Ziffern, die Sie auf der Seite Ihres Kontos gewählt haben.
authenticator-wrong-pin = Das ist nicht die PIN, die Sie gewählt haben. Verbleibende Versuche: { $tries }
authenticator-pin-over = Die PIN war zu oft falsch, und es wurde nichts hinzugefügt. Beginnen Sie auf der Seite Ihres Kontos von vorn.
authenticator-waiting-title = Bestätigen Sie jetzt auf der Seite
authenticator-waiting-text = Die Seite Ihres Kontos fragt, ob das Ihr Telefon ist. Drücken Sie dort „{ mobile-confirm-submit }“. Erst dann zählt das Gerät.
authenticator-confirmed = „{ $device }“ wurde hinzugefügt. Sie können sich jetzt damit anmelden.
authenticator-ended = „{ $device }“ wurde nicht hinzugefügt: Es wurde auf der Seite abgebrochen oder hat zu lange gedauert. Sie können dort von vorn beginnen.
authenticator-unheard = Der Dienst hat noch nicht gesagt, ob das Gerät hinzugefügt wurde. Die App fragt wieder, wenn Sie sie das nächste Mal öffnen.
authenticator-biometrics = Dieses Telefon kann Sie auch mit Fingerabdruck, Gesicht oder Gerätesperre anmelden, ohne die App: <a>Fügen Sie es Ihrem Konto als vertrauenswürdige Plattform hinzu</a>.

## Die Kamera

authenticator-scan-text = Halten Sie das Telefon so, dass die Kamera das ganze Bild sieht.
authenticator-no-camera = Die Kamera lässt sich nicht verwenden: Es gibt keine, oder sie wurde nicht erlaubt. Sie können stattdessen tippen: Drücken Sie „{ authenticator-initialise }“ für ein neues Gerät oder „{ authenticator-code }“ neben dem, das Sie haben.
authenticator-foreign = Dieses Bild oder dieser Link ist nicht für diese App.

## Ein Code wird angezeigt

authenticator-not-here = Das gesuchte Gerät ist nicht auf diesem Telefon. Nehmen Sie das Telefon, auf dem Sie es hinzugefügt haben. Wenn es dieses war, hat sein Browser die Daten gelöscht: Entfernen Sie das Gerät in Ihrem Konto unter „{ mobile-title }“, und fügen Sie es neu hinzu.
authenticator-challenge = Die zehn Ziffern von der Seite
authenticator-wrong-challenge = Tippen Sie die zehn Ziffern ein, die die Seite zeigt.
authenticator-code-pin-hint = Die PIN dieses Geräts. Die App kann nicht wissen, ob sie stimmt: Mit einer falschen PIN zeigt sie einen falschen Code.
authenticator-shown-title = Ihr Code
authenticator-shown-text = Tippen Sie ihn auf der Seite ein. Nach zwei Minuten wird er verborgen.
authenticator-hidden = Zwei Minuten sind um, und der Code ist wieder verborgen.

## Ein Gerät wird entfernt

authenticator-remove-text = Dieses Telefon zeigt dann keine Codes mehr für dieses Gerät. Entfernen Sie es auch in Ihrem Konto unter „{ mobile-title }“: Bis dahin zählt es dort.
authenticator-remove-submit = Entfernen
authenticator-removed = „{ $device }“ wurde von diesem Telefon entfernt. Entfernen Sie es jetzt auch in Ihrem Konto unter „{ mobile-title }“.

## Eine Anfrage wird beantwortet, und die PIN geändert

authenticator-asked-to-sign-in = Jemand will sich anmelden
authenticator-asked-to-change = Jemand will das Konto ändern
authenticator-answer = Antworten
authenticator-request-title = Sind Sie das?
authenticator-request-text = Jemand, der das Passwort dieses Kontos kennt, will sich anmelden. Machen Sie nur weiter, wenn Sie diese Angaben auf einer Seite vor sich sehen.
authenticator-number = Zahl
authenticator-number-hint = Die zwei Ziffern auf der Seite, die wartet.
authenticator-wrong-number-digits = Tippen Sie die zwei Ziffern ein, die die Seite zeigt.
authenticator-wrong-number = Das war nicht die Zahl auf der Seite, und die Anfrage ist beendet. Wenn Sie keine solche Seite sehen, versucht jemand anders, sich mit Ihrem Passwort anzumelden: Ändern Sie es.
authenticator-continue = Weiter
authenticator-approve-hint = Die PIN dieses Geräts. Nach fünf falschen hintereinander ist das Gerät gesperrt.
authenticator-approve = Bestätigen
authenticator-approved = Bestätigt. Die Seite, die wartete, macht von selbst weiter.
authenticator-request-gone = Diese Anfrage ist beantwortet oder älter als zwei Minuten. Fragen Sie auf der Seite, die wartete, noch einmal.
authenticator-not-me = Das war ich nicht
authenticator-deny-text = Dann endet die Anfrage, das Passwort des Kontos funktioniert nicht mehr, und Sie legen mit einem Link aus einer E-Mail ein neues fest. Von dort, woher die Anfrage kam, wird einen Tag lang nichts mehr gefragt. Dieses Gerät funktioniert weiter.
authenticator-deny = Ja, das war ich nicht
authenticator-denied = Die Anfrage ist beendet. Das Passwort funktioniert nicht mehr: Legen Sie mit „Passwort vergessen?“ auf der Anmeldeseite ein neues fest.
authenticator-change-pin = PIN ändern
authenticator-change-pin-text = Die neue PIN zählt, sobald der Dienst sie bestätigt hat. Wenn Sie die alte vergessen haben, entfernen Sie das Gerät in Ihrem Konto unter „{ mobile-title }“, und fügen Sie es neu hinzu.
authenticator-old-pin = Alte PIN
authenticator-new-pin = Neue PIN
authenticator-new-pin-again = Neue PIN noch einmal
authenticator-pin-changed = Die PIN wurde geändert.
authenticator-wrong-pin-left = Das ist nicht die PIN dieses Geräts. Falsche, die bis zur Sperre bleiben: { $tries }
authenticator-device-gone = Dieses Gerät ist nicht mehr in Ihrem Konto. Entfernen Sie es hier, und fügen Sie es neu hinzu, wenn Sie es verwenden wollen.
authenticator-device-blocked = Dieses Gerät ist gesperrt, weil die PIN fünfmal hintereinander falsch war. In Ihrem Konto, unter „{ mobile-title }“, können Sie es mit einem anderen zweiten Faktor oder einem Wiederherstellungscode entsperren.
authenticator-device-suspended = Dieses Gerät ist ausgesetzt. In Ihrem Konto, unter „{ mobile-title }“, können Sie es mit einem anderen zweiten Faktor oder einem Wiederherstellungscode wieder in Kraft setzen.
authenticator-wrong-clock = Die Uhr dieses Telefons geht falsch: Jetzt ist { $moment }. Lassen Sie das Telefon seine Uhr selbst stellen, und versuchen Sie es noch einmal.

## Die App ist veraltet

authenticator-outdated-title = Diese App ist veraltet
authenticator-outdated-text = Der Dienst versteht diese Version der App nicht mehr. Laden Sie die neue: Ihre Geräte bleiben auf diesem Telefon. Codes zeigt die App bis dahin weiter an.
authenticator-outdated-renew = Neue Version laden

## Hinweise auf Anfragen

authenticator-push-text = Dieses Telefon kann Ihnen Bescheid geben, wenn sich jemand anmelden will, auch wenn die App geschlossen ist. Es geht auch ohne: Öffnen Sie die App, und sie sieht selbst nach.
authenticator-push-tell = Bescheid geben
authenticator-push-tell-not = Nicht mehr Bescheid geben
authenticator-push-asked = Ihr Browser fragt, ob das erlaubt ist.
authenticator-push-on = Dieses Telefon gibt Ihnen von jetzt an Bescheid.
authenticator-push-off = Dieses Telefon gibt Ihnen nicht mehr Bescheid.
authenticator-push-failed = Dieses Telefon kann Ihnen nicht Bescheid geben, oder es wurde nicht erlaubt. Öffnen Sie die App, wenn eine Seite auf Sie wartet.
