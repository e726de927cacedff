# Les textes de l’authentificateur, l’application web. $service, le nom du service, est donné à chaque message.

authenticator-title = { $service } Mobile App
authenticator-needs = Cette application a besoin des scripts, d’un navigateur à jour et de place pour garder des données sur ce téléphone.
authenticator-working = Un instant, s’il vous plaît…
authenticator-failed = Cela n’a pas fonctionné. Veuillez réessayer.
authenticator-no-network = Le service est injoignable : êtes-vous en ligne ? Il faut une connexion pour ajouter un appareil. Les codes s’affichent aussi sans connexion.
authenticator-storage = Le navigateur ne garde pas de données pour cette application : aucun appareil ne peut donc être gardé ici. N’utilisez pas de fenêtre privée et libérez un peu de place sur le téléphone.
authenticator-later = Le service n’accepte plus d’essais pour le moment. Réessayez après ce moment : { $moment }.
authenticator-back = Retour

## La liste

authenticator-list = Appareils sur ce téléphone
authenticator-none = Il n’y a pas encore d’appareil sur ce téléphone.
authenticator-cleared = Si vous en aviez ajouté un, le navigateur l’a effacé avec d’autres données. Supprimez l’appareil dans votre compte, sous « { mobile-title } », et ajoutez-le de nouveau.
authenticator-install = Le mieux est d’installer d’abord cette application : choisissez « Installer » ou « Sur l’écran d’accueil » dans le menu de votre navigateur. Vous la retrouverez plus facilement, et le navigateur n’effacera pas ses données de sitôt. Ajoutez votre appareil dans l’application installée.
authenticator-waits = Pas encore confirmé : répondez à la question sur la page de votre compte.
authenticator-scan = Scanner une image
authenticator-initialise = Initialise
authenticator-code = Afficher un code
authenticator-remove = Supprimer de ce téléphone

## Un appareil est ajouté

authenticator-add-text = Ouvrez « { mobile-title } » dans votre compte et choisissez « { mobile-add } ». Scannez ensuite l’image qui vous est montrée.
authenticator-add-type = Ou tapez ce qui figure sous l’image :
authenticator-wrong-uid = Tapez l’identifiant tel qu’il figure sous l’image.
authenticator-wrong-code = Tapez le code tel qu’il figure sous l’image.
authenticator-gone = Ce code n’est pas valable, ou ne l’est plus : il sert une fois, pendant cinq minutes. Vérifiez-le, ou recommencez sur la page de votre compte.
authenticator-service = Service
authenticator-pin-title = Saisissez votre code PIN
authenticator-pin-hint = Les quatre chiffres que vous avez choisis sur la page de votre compte.
authenticator-wrong-pin = Ce n’est pas le code PIN que vous avez choisi. Essais restants : { $tries }
authenticator-pin-over = Le code PIN a été faux trop souvent, et rien n’a été ajouté. Recommencez sur la page de votre compte.
authenticator-waiting-title = Confirmez maintenant sur la page
authenticator-waiting-text = La page de votre compte demande si c’est votre téléphone. Appuyez-y sur « { mobile-confirm-submit } ». C’est seulement alors que l’appareil compte.
authenticator-confirmed = « { $device } » a été ajouté. Vous pouvez maintenant vous connecter avec cet appareil.
authenticator-ended = « { $device } » n’a pas été ajouté : cela a été annulé sur la page, ou a pris trop de temps. Vous pouvez y recommencer.
authenticator-unheard = Le service n’a pas encore dit si l’appareil a été ajouté. L’application le redemandera la prochaine fois que vous l’ouvrirez.

## L’appareil photo

authenticator-scan-text = Tenez le téléphone de sorte que l’appareil photo voie toute l’image.
authenticator-no-camera = L’appareil photo ne peut pas être utilisé : il n’y en a pas, ou il n’a pas été autorisé. Vous pouvez taper à la place : appuyez sur « { authenticator-initialise } » pour un nouvel appareil, ou sur « { authenticator-code } » à côté de celui que vous avez.
authenticator-foreign = Cette image ou ce lien n’est pas pour cette application.

## Un code est affiché

authenticator-not-here = L’appareil demandé n’est pas sur ce téléphone. Prenez le téléphone sur lequel vous l’avez ajouté. Si c’était celui-ci, son navigateur a effacé les données : supprimez l’appareil dans votre compte, sous « { mobile-title } », et ajoutez-le de nouveau.
authenticator-challenge = Les dix chiffres de la page
authenticator-wrong-challenge = Tapez les dix chiffres que la page affiche.
authenticator-code-pin-hint = Le code PIN de cet appareil. L’application ne peut pas savoir s’il est juste : avec un mauvais code PIN, elle affiche un mauvais code.
authenticator-shown-title = Votre code
authenticator-shown-text = Tapez-le sur la page. Il est caché après deux minutes.
authenticator-hidden = Les deux minutes sont passées, et le code est de nouveau caché.

## Un appareil est supprimé

authenticator-remove-text = Ce téléphone n’affichera plus de codes pour cet appareil. Supprimez-le aussi dans votre compte, sous « { mobile-title } » : il y compte jusque-là.
authenticator-remove-submit = Supprimer
authenticator-removed = « { $device } » a été supprimé de ce téléphone. Supprimez-le maintenant aussi dans votre compte, sous « { mobile-title } ».
