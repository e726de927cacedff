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
