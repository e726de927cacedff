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
authenticator-recovery = Tous les appareils de ce compte ont été signalés comme perdus : ils pourront être supprimés à partir du { $moment }. Si ce n’était pas vous, annulez cela : connectez-vous avec un appareil que vous avez depuis un certain temps, ou suivez le lien de nos e-mails.
authenticator-recovery-of-one = Un autre appareil de ce compte a été signalé comme perdu : il pourra être supprimé à partir du { $moment }. Si ce n’est pas le cas, annulez cela : connectez-vous avec cet autre appareil, ou suivez le lien de nos e-mails.
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
authenticator-biometrics = Ce téléphone peut aussi vous laisser entrer par son empreinte, votre visage ou son verrouillage, sans l’application : <a>ajoutez-le à votre compte comme plateforme de confiance</a>.

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

## On répond à une demande, et le code PIN est changé

authenticator-asked-to-sign-in = Quelqu’un veut se connecter
authenticator-asked-to-change = Quelqu’un veut modifier le compte
authenticator-answer = Répondre
authenticator-request-title = Est-ce vous ?
authenticator-request-text = Quelqu’un qui connaît le mot de passe de ce compte veut se connecter. Continuez seulement si vous voyez ces mots sur une page devant vous.
authenticator-number = Nombre
authenticator-number-hint = Les deux chiffres de la page qui attend.
authenticator-wrong-number-digits = Tapez les deux chiffres que la page affiche.
authenticator-wrong-number = Ce n’était pas le nombre de la page, et la demande est terminée. Si vous ne voyez pas une telle page, quelqu’un d’autre essaie de se connecter avec votre mot de passe : changez-le.
authenticator-continue = Continuer
authenticator-approve-hint = Le code PIN de cet appareil. Après cinq codes faux de suite, l’appareil est bloqué.
authenticator-approve = Confirmer
authenticator-approved = Confirmé. La page qui attendait continue d’elle-même.
authenticator-request-gone = Cette demande a reçu une réponse, ou date de plus de deux minutes. Redemandez sur la page qui attendait.
authenticator-not-me = Ce n’était pas moi
authenticator-deny-text = La demande se termine alors, le mot de passe du compte ne fonctionne plus, et vous en choisissez un nouveau avec un lien envoyé par e-mail. De là où venait la demande, plus rien n’est demandé pendant un jour. Cet appareil continue de fonctionner.
authenticator-deny = Oui, ce n’était pas moi
authenticator-denied = La demande est terminée. Le mot de passe ne fonctionne plus : choisissez-en un nouveau avec « Mot de passe oublié ? » sur la page de connexion.
authenticator-change-pin = Changer le code PIN
authenticator-change-pin-text = Le nouveau code PIN compte dès que le service l’a confirmé. Si vous avez oublié l’ancien, supprimez l’appareil dans votre compte, sous « { mobile-title } », et ajoutez-le de nouveau.
authenticator-old-pin = Ancien code PIN
authenticator-new-pin = Nouveau code PIN
authenticator-new-pin-again = Nouveau code PIN, encore une fois
authenticator-pin-changed = Le code PIN a été changé.
authenticator-wrong-pin-left = Ce n’est pas le code PIN de cet appareil. Codes faux restants avant le blocage : { $tries }
authenticator-device-gone = Cet appareil n’est plus dans votre compte. Supprimez-le ici, et ajoutez-le de nouveau si vous voulez l’utiliser.
authenticator-device-blocked = Cet appareil est bloqué, car le code PIN a été faux cinq fois de suite. Dans votre compte, sous « { mobile-title } », vous pouvez le débloquer avec un autre second facteur ou un code de récupération.
authenticator-device-suspended = Cet appareil est suspendu. Dans votre compte, sous « { mobile-title } », vous pouvez le remettre en service avec un autre second facteur ou un code de récupération.
authenticator-wrong-clock = L’horloge de ce téléphone est fausse : nous sommes à ce moment : { $moment }. Laissez le téléphone régler l’heure lui-même, puis réessayez.

## L’application est trop ancienne

authenticator-outdated-title = Cette application est trop ancienne
authenticator-outdated-text = Le service ne comprend plus cette version de l’application. Chargez la nouvelle : vos appareils restent sur ce téléphone. D’ici là, l’application affiche encore les codes.
authenticator-outdated-renew = Charger la nouvelle version

## Être averti des demandes

authenticator-push-text = Ce téléphone peut vous avertir quand quelqu’un veut se connecter, même si l’application est fermée. Ce n’est pas nécessaire : ouvrez l’application, et elle regarde d’elle-même.
authenticator-push-tell = M’avertir
authenticator-push-tell-not = Ne plus m’avertir
authenticator-push-asked = Votre navigateur demande si c’est permis.
authenticator-push-on = Ce téléphone vous avertit désormais.
authenticator-push-off = Ce téléphone ne vous avertit plus.
authenticator-push-failed = Ce téléphone ne peut pas vous avertir, ou cela n’a pas été permis. Ouvrez l’application quand une page vous attend.
