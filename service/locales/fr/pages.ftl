# Les textes des pages. $service, le nom du service, est donné à chaque message.

## Le cadre

page-title = { $title } – { $service }
page-title-problem = Problème : { $title } – { $service }
skip-to-content = Aller au contenu
language-switch = Langue de cette page
footer = À propos de ce service
help = Aide
privacy = Déclaration de confidentialité
opens-new-tab = (s’ouvre dans un nouvel onglet)

## Les mots des boutons et des liens

create-account = Créer un compte
sign-in = Se connecter
sign-out = Se déconnecter
next = Suivant
submit = Envoyer
save = Enregistrer
lost-password = Mot de passe oublié ?
have-account = Vous avez déjà un compte ? Connectez-vous
back-to-sign-in = Retour à la connexion
send-again = Renvoyer
wrong-address = Adresse erronée
new-link = Recevoir un nouveau lien
external = (externe)
show-password = Afficher le mot de passe

## Les champs

field-first-name = Prénom
field-last-name = Nom
field-email = Adresse e-mail
field-confirm-email = Confirmer l’adresse e-mail
field-mail-language = Langue des messages
field-privacy = Déclaration de confidentialité
field-check = Vérification qu’une personne est présente
field-code = Code reçu par e-mail
field-name = Adresse e-mail ou identifiant
field-device-name = Nom de l’appareil
field-one-time-code = Code à usage unique
field-recovery-code = Code de récupération
field-password = Mot de passe
field-current-password = Mot de passe actuel
field-new-password = Nouveau mot de passe
field-confirm-password = Confirmer le nouveau mot de passe

## Ce qui ne va pas dans un champ

summary-title = Veuillez vérifier votre saisie
summary-item = { $field } : { $problem }

missing-first-name = Indiquez votre prénom.
missing-last-name = Indiquez votre nom.
missing-email = Indiquez votre adresse e-mail.
missing-confirm-email = Indiquez une seconde fois votre adresse e-mail.
missing-mail-language = Choisissez la langue dans laquelle nous vous écrivons.
missing-privacy = Lisez la déclaration de confidentialité et acceptez-la pour continuer.
missing-check = La vérification qu’une personne est présente n’est pas terminée. Veuillez réessayer.
missing-code = Saisissez le code reçu par e-mail.
missing-name = Indiquez votre adresse e-mail ou votre identifiant.
missing-device-name = Donnez à l’appareil un nom qui vous permet de le reconnaître.
missing-one-time-code = Saisissez le code affiché par votre application.
missing-recovery-code = Saisissez l’un de vos codes de récupération.
missing-security-key = Aucune clé n’a répondu. Les scripts doivent être activés pour cela ; sinon, utilisez une autre méthode.
missing-password = Saisissez votre mot de passe.
missing-current-password = Saisissez votre mot de passe actuel.
missing-new-password = Choisissez un mot de passe.
missing-confirm-password = Saisissez une seconde fois le nouveau mot de passe.

problem-too-long = Utilisez au maximum { $most } caractères.
problem-invisible = Votre saisie contient un caractère invisible. Veuillez la taper au lieu de la copier.
problem-name-full-stop = Dans un nom, un point ne peut figurer que devant une espace ou à la fin.
problem-name-character = Le caractère { $character } ne peut pas figurer dans un nom. Utilisez des lettres, des espaces, des traits d’union, des apostrophes et des points.
problem-email-too-long = Cette adresse e-mail est trop longue pour recevoir du courrier.
problem-email-no-at = Une adresse e-mail contient le signe @, comme nom@example.org.
problem-email-no-local-part = Indiquez aussi la partie qui précède le signe @.
problem-email-full-stop = Un point est mal placé dans cette adresse e-mail.
problem-email-quoted = Cette adresse e-mail ne peut contenir ni guillemets ni parenthèses.
problem-email-character = Le caractère { $character } ne peut pas figurer dans une adresse e-mail.
problem-email-no-domain = Indiquez la partie complète qui suit le signe @, comme dans nom@example.org.
problem-email-ip = Indiquez une adresse dont la partie qui suit le signe @ est un nom, et non des chiffres.
problem-email-domain = La partie qui suit le signe @ n’est pas un nom de domaine valable. Veuillez vérifier qu’elle ne contient pas de faute de frappe.
problem-emails-differ = Les deux adresses e-mail sont différentes. Veuillez vérifier l’une et l’autre.
problem-email-disposable = Cette adresse provient d’un service d’adresses jetables. Utilisez une adresse que vous garderez, par exemple celle de votre fournisseur de messagerie, de votre employeur ou de votre école : vous en aurez besoin si vous oubliez votre mot de passe.
problem-email-internal = Cette adresse appartient à l’institution. Les personnes qui y travaillent ont déjà un compte interne : utilisez celui-ci ou adressez-vous à votre support informatique.
problem-language-unknown = Choisissez une des langues de la liste.
problem-statement-changed = La déclaration de confidentialité a changé depuis l’ouverture de cette page. Veuillez la lire et l’accepter de nouveau.
problem-check-failed = La vérification qu’une personne est présente est à refaire. Veuillez renvoyer le formulaire.
problem-check-wait = Les scripts sont désactivés dans votre navigateur : ce formulaire demande donc une courte attente. Veuillez le renvoyer dans { $wait }.
problem-code-wrong = Ce code n’est pas accepté. Vérifiez-le ou utilisez le lien du message le plus récent.
problem-password-rules = Ce mot de passe ne respecte pas toutes les règles. La liste ci-dessous indique lesquelles.
problem-passwords-differ = Les deux mots de passe sont différents. Saisissez deux fois le même.
problem-one-time-code-wrong = Ce code n’est pas correct. Saisissez celui que votre application affiche maintenant ; s’il n’est pas accepté non plus, vérifiez l’heure de votre appareil.
problem-one-time-code-used = Ce code a déjà été utilisé. Attendez que votre application en affiche un autre.
problem-recovery-code-wrong = Ce n’est aucun de vos codes de récupération. Vérifiez qu’il ne contient pas de faute de frappe.
problem-recovery-code-used = Ce code de récupération a déjà été utilisé. Prenez-en un autre.
problem-security-key-wrong = Cette clé n’a pas été acceptée. Utilisez-en une que vous avez ajoutée à ce compte et confirmez votre identité par son code PIN ou votre empreinte si elle le demande.
problem-security-key-used = Cette réponse de la clé a déjà été utilisée. Veuillez réessayer.
problem-security-key-there = Cette clé appartient déjà à votre compte. Prenez-en une autre, ou continuez avec celle que vous avez.
problem-security-key-not-added = Cette clé n’a pas pu être ajoutée. Elle ne peut peut-être pas vérifier qui l’utilise ; ajoutez-la alors comme clé après le mot de passe.
problem-security-key-not-trusted = Ce service n’accepte que certains modèles de clés, et cette clé n’en est pas un ou n’a pas indiqué son modèle. Autorisez votre navigateur à l’indiquer s’il le demande, ou prenez une autre clé.
problem-passkey-wrong = Cette clé d’accès n’a pas été acceptée. Réessayez, ou connectez-vous avec votre nom et votre mot de passe.
problem-password-wrong = Le mot de passe actuel n’a pas été accepté. Veuillez réessayer ou, après plusieurs essais, attendre un moment.

## Les règles d’un mot de passe

rules-lead = Règles à respecter pour votre mot de passe :
rule-at-least = au moins { $count } caractères
rule-at-most = au maximum { $count } caractères
rule-upper-case = une lettre majuscule
rule-lower-case = une lettre minuscule
rule-digit = un chiffre
rule-special = un caractère spécial, par exemple une espace, ! ou #
rule-person-name = davantage que votre nom
rule-email = davantage que votre adresse e-mail
rule-service-name = davantage que le nom { $service }
rule-leaked = ne pas figurer dans la liste des mots de passe divulgués
rule-met = (respectée)
rule-unmet = (non respectée)
rules-all-met = Le mot de passe respecte toutes les règles qui peuvent être vérifiées ici.

## La vérification qu’une personne est présente

check-working = Nous vérifions qu’une personne est présente. Cela prend quelques secondes et ne vous demande rien.
check-done = Vérification terminée. Merci.
check-failed = La vérification n’a pas pu se faire dans ce navigateur. Envoyez quand même le formulaire : nous vous demanderons alors une courte attente.
check-waiting = Un instant, la vérification est presque terminée. Le formulaire sera ensuite envoyé automatiquement.
check-without-script = Les scripts sont désactivés dans votre navigateur. Vous pouvez quand même envoyer ce formulaire, mais au plus tôt { $wait } après son ouverture.

privacy-accept = J’ai lu la <a>déclaration de confidentialité</a> et je l’accepte.

## Créer un compte

register-lead = Avec un seul compte, vous vous connectez à tous les services qui utilisent { $service }.

## Consultez votre messagerie

check-mail-title = Consultez votre messagerie
check-mail-lead-registration = Nous avons envoyé un message à cette adresse. Ouvrez le lien qu’il contient pour confirmer l’adresse et choisir votre mot de passe.
check-mail-lead-reset = S’il existe un compte correspondant à votre saisie, nous avons envoyé un message à son adresse. Ouvrez le lien qu’il contient pour choisir un nouveau mot de passe.
check-mail-validity = Validité du lien : { $validity }, sur n’importe quel appareil.
check-mail-sent-again = Nous avons renvoyé le message. Le précédent reste valable.
check-mail-nothing-title = Vous n’avez rien reçu ?
check-mail-nothing-text = Cela peut prendre quelques minutes. Regardez aussi dans le dossier du courrier indésirable et vérifiez que l’adresse ci-dessus est correcte.
code-hint = Si vous lisez vos messages sur un autre appareil, saisissez le code ici. Il ne fonctionne que dans ce navigateur.
code-submit = Continuer

## Mot de passe oublié

lost-password-lead = Indiquez votre adresse e-mail ou votre identifiant. Nous vous enverrons un message avec un lien pour choisir un nouveau mot de passe.
lost-password-submit = Obtenir un mot de passe

## La page d’un lien

link-title-registration = Confirmez votre compte
link-title-reset = Choisissez un nouveau mot de passe
link-lead-registration = Vérifiez votre nom et choisissez un mot de passe. Vous serez ensuite connecté(e).
link-lead-reset = Choisissez un nouveau mot de passe. Vous serez ensuite connecté(e) ici, et déconnecté(e) dans tous les autres navigateurs.
link-account = Adresse e-mail du compte
link-names-title = Votre nom
link-names-text = Corrigez-le s’il est inexact.
link-privacy-text = La question vous est posée ici même si la déclaration a été acceptée dans le formulaire : n’importe qui peut l’avoir rempli avec votre adresse.

link-expired-title = Ce lien a expiré
link-expired-text = Un lien n’est valable que pendant un temps limité, afin que personne ne puisse utiliser un ancien message. Nous pouvons vous en envoyer un nouveau à la même adresse.
link-used-title = Ce lien a déjà servi
link-used-text = Chaque lien ne sert qu’une fois. Si vous avez choisi votre mot de passe, utilisez-le pour vous connecter. Sinon, nous pouvons vous envoyer un nouveau lien à la même adresse.
link-superseded-title = Ce lien n’est plus nécessaire
link-superseded-text = Un autre lien du même type a été utilisé après l’envoi de celui-ci, qui a donc été fermé. Si vous en avez encore besoin, nous pouvons vous envoyer un nouveau lien.
link-other-purpose-title = Ce lien sert à autre chose
link-other-purpose-text = Le lien est authentique, mais il n’a pas été créé pour cette page. Nous pouvons vous envoyer celui qui convient.
link-damaged-title = Ce lien est endommagé
link-damaged-text = Il semble qu’il en manque une partie : certains programmes de messagerie coupent les liens trop longs. Copiez le lien entier depuis le message, ou indiquez votre adresse e-mail pour en recevoir un nouveau.
link-lapsed-title = Cette inscription n’est plus valable
link-lapsed-text = Le compte n’a pas été confirmé à temps et vos données ont été effacées. Vous pouvez remplir de nouveau le formulaire.
link-password-set-title = Votre mot de passe est enregistré
link-password-set-text = Votre mot de passe est enregistré. Connectez-vous.

## Se connecter

login-title = Se connecter à { $service }
login-passkey = Se connecter avec une clé d’accès
login-session-ended = Votre session est terminée. Veuillez vous reconnecter.
login-goes-on = Une fois connecté(e), vous continuerez vers :
login-failed = La connexion a échoué. Vérifiez votre nom et votre mot de passe, puis réessayez ; après plusieurs essais, attendez un moment ou choisissez un nouveau mot de passe.
other-name = Utiliser un autre nom
public-computer = C’est un ordinateur public
public-computer-hint = Vous serez alors déconnecté(e) après { $span }, même si vous êtes encore en activité.

signed-out-title = Vous êtes déconnecté(e)
signed-out-text = Votre session dans ce navigateur est terminée. Sur un ordinateur utilisé aussi par d’autres personnes, fermez également toutes les fenêtres du navigateur.
signed-out-everywhere-text = Toutes vos sessions sont terminées, dans ce navigateur et partout ailleurs.

## Mon compte

account-title = Mon compte
account-about = Vos données
account-name = Nom
account-email = Adresse e-mail
account-uid = Identifiant (uid)
account-security-with = Votre compte a un second facteur.
account-security-without = Votre compte n’est protégé que par votre mot de passe. Avec un second facteur, connaître le mot de passe ne suffit plus pour entrer.
account-security-link = Gérer les seconds facteurs
account-add-factor = Ajouter un second facteur maintenant
account-add-factor-later = Plus tard
account-language = Langue
account-password = Changer de mot de passe
account-password-text = Vous restez connecté(e) ici. Toutes les autres sessions se terminent et nous vous en informons par e-mail.
account-password-submit = Changer le mot de passe
account-notice-welcome = Bienvenue ! Votre compte est confirmé et votre mot de passe est enregistré.
account-notice-asked-again = Jusqu’ici, seul votre mot de passe protège votre compte. Nous vous le demandons encore cette fois, puis plus jamais.
account-notice-password-reset = Votre nouveau mot de passe est enregistré. Toutes les autres sessions sont terminées.
account-notice-password-changed = Votre mot de passe a été changé. Toutes les autres sessions sont terminées.
account-notice-language-changed = Nous vous écrirons désormais dans cette langue.
account-notice-session-ended = La session est terminée.
account-return = Vous pouvez maintenant retourner au service d’où vous venez :

sessions-title = Où vous êtes connecté(e)
sessions-text = Si vous ne reconnaissez pas une de ces sessions, terminez-la et changez votre mot de passe.
session-current = ce navigateur
session-public = ordinateur public
session-began = Connexion :
session-last-used = Dernière utilisation :
session-end = Terminer
sign-out-everywhere = Se déconnecter partout
sign-out-everywhere-text = Toutes les sessions se terminent, y compris celle-ci, et les navigateurs que vous avez utilisés sont oubliés.

sign-ins-title = Dernières connexions
sign-ins-text = La plus récente peut manquer pendant un instant.
sign-ins-none = Aucune pour le moment.
browser-on = { $browser } sur { $system }
browser-unknown = Navigateur inconnu
browser-forgotten = Navigateur qui n’est plus enregistré

## Ce qui est demandé après le mot de passe

verify-title = Choisissez votre méthode de vérification
verify-totp-title = Saisissez le code de votre application
verify-recovery-code-title = Saisissez un code de récupération
verify-recovery-code-hint = 13 lettres et chiffres, avec ou sans les tirets.
verify-security-key-title = Utilisez votre clé de sécurité ou plateforme de confiance
verify-security-key-text = Préparez votre clé, ou l’appareil que vous avez ajouté. Le navigateur la demande lorsque vous appuyez sur le bouton.
verify-security-key-submit = Utiliser ma clé
verify-password-title = Saisissez encore une fois votre mot de passe
verify-password-alone-title = Se connecter avec le seul mot de passe
verify-password-alone-text = Votre mot de passe est correct. Sans second facteur, vous ne pourrez pas ensuite modifier la sécurité de votre compte.
verify-session-text = Vous allez modifier la sécurité de votre compte : prouvez encore une fois que c’est bien vous. Cela vaut pendant dix minutes.
verify-known-browser-text = Vous vous êtes connecté(e) récemment avec un second facteur dans ce navigateur : vous pouvez continuer sans votre mot de passe.
verify-totp-hint = Les six chiffres que votre application d’authentification affiche maintenant pour ce service.
verify-submit = Vérifier
verify-others = Autres méthodes de vérification
verify-not-everywhere = Toutes les applications n’acceptent pas toutes les méthodes.
verify-nothing = Rien de ce qui suffirait n’est en service dans votre compte : s’il a une clé de sécurité, seuls celle-ci ou un code de récupération suffisent. Adressez-vous aux responsables de ce service.
verify-took-too-long = Cela a pris trop de temps. Veuillez réessayer.
verify-not-this-way = Cette méthode n’est plus possible. Veuillez en choisir une autre.
verify-asked-by-owner = Le seul mot de passe n’est pas proposé : vous avez choisi qu’un second facteur soit toujours demandé.
verify-asked-by-operator = Le seul mot de passe n’est pas proposé : { $service } demande toujours un second facteur lorsqu’un compte en a un.
way-totp = Application d’authentification (code à usage unique)
way-totp-needs = Il vous faut l’appareil avec l’application ; elle fonctionne sans internet.
way-recovery-code = Code de récupération
way-recovery-code-needs = Il vous faut les codes que vous avez gardés pour le jour où vous perdriez votre appareil ; chacun fonctionne une fois.
way-password = Mot de passe
way-password-needs = Rien de plus que le mot de passe ; toutes les applications ne l’acceptent pas.
way-password-typed-needs = Il vous faut votre mot de passe ; vous choisissez ensuite une autre méthode.
way-security-key = Clé de sécurité ou plateforme de confiance
way-security-key-needs = Il vous faut la clé, ou l’appareil que vous avez ajouté ; aucun autre site ne peut la demander.

## Les seconds facteurs d’un compte

security-title = Sécurité de votre compte
security-lead = Un second facteur est quelque chose que vous possédez. Pour ajouter le premier, votre mot de passe suffit ; toute modification ultérieure demande un second facteur que votre compte a déjà.
security-devices = Vos appareils
security-devices-none = Votre compte n’a pas encore de second facteur.
security-add = Ajouter un second facteur
security-add-key = Ajouter une clé de sécurité ou une plateforme de confiance
security-add-key-text = Une clé que vous branchez ou approchez de l’appareil, ou l’appareil lui-même avec son empreinte, son visage ou son code PIN. C’est le moyen le plus sûr : il ne fonctionne que sur ce site, si bien que personne ne peut vous le soutirer.
security-add-totp = Ajouter une application d’authentification
security-add-totp-text = Une application sur votre téléphone ou votre ordinateur affiche un code qui change toutes les trente secondes. Elle fonctionne sans internet, et toute application de codes à usage unique (TOTP) convient.
security-notice-added = L’appareil a été ajouté. Vous pouvez désormais l’utiliser pour vous connecter.
security-notice-added-without-codes = L’appareil a été ajouté. Créez maintenant des codes de récupération, pour pouvoir encore entrer si vous le perdez.
security-notice-codes-issued = Vos nouveaux codes de récupération sont désormais valables. Les anciens ne fonctionnent plus.
security-notice-renamed = L’appareil a son nouveau nom.
security-notice-removed = L’appareil a été supprimé. Il ne peut plus servir à se connecter.
security-notice-too-many = Votre compte a autant d’appareils que possible. Supprimez-en un avant d’en ajouter un autre.
security-notice-not-here = Les clés ne peuvent pas être utilisées à l’adresse par laquelle vous accédez à ce service. Adressez-vous à son exploitant.
security-notice-gone = Cet élément n’existe plus.
security-notice-last-one = Le dernier appareil ne peut pas être supprimé tant qu’un second facteur est toujours demandé.
security-notice-others-suspended = C’est le dernier appareil qui vous permet de vous connecter, et d’autres sont suspendus. Remettez d’abord l’un d’eux en service ou supprimez-les.
security-notice-always-on = Désormais, votre mot de passe seul ne suffit plus jamais. Les sessions sans second facteur sont terminées.
security-notice-always-off = Votre mot de passe seul peut de nouveau suffire, sauf si le service en demande davantage.
security-notice-all-removed = Tous les appareils et codes de récupération ont été supprimés et vos autres sessions sont terminées. Ajoutez de nouveau un second facteur dès que possible.
device-added = Ajout :
device-used = Dernière utilisation :
device-never-used = Pas encore utilisé
device-change = Renommer ou supprimer
device-title = Votre appareil
device-name-hint = 32 caractères au plus, par exemple « Mon téléphone ».
device-remove-text = Un appareil supprimé ne peut plus servir à se connecter, dès cet instant.
device-remove = Supprimer cet appareil
device-totp = Application d’authentification
device-passkey = Clé d’accès
device-security-key = Clé de sécurité
codes-title = Codes de récupération
codes-text = Dix codes pour le jour où vous perdriez votre appareil. Chacun vous connecte une fois, après votre mot de passe.
codes-left = { $left ->
    [one] Il reste { $left } code.
   *[other] Il reste { $left } codes.
}
codes-issued = Valables depuis :
codes-none = Vous n’en avez pas encore.
codes-new = Créer de nouveaux codes
codes-shown-once = Notez ces codes, imprimez-les ou conservez-les dans un fichier, à l’écart de votre appareil. Ils sont affichés cette seule fois.
codes-shown-before = Les codes ont été affichés il y a un instant et ne le sont plus. Saisissez l’un de ceux que vous avez gardés, ou revenez en arrière et créez-en de nouveaux.
codes-download = Conserver dans un fichier
codes-confirm-text = Saisissez l’un d’eux, pour que nous sachions que vous les avez. C’est alors seulement qu’ils sont valables, et que les anciens ne le sont plus.
codes-confirm = Mettre ces codes en vigueur
codes-file = Codes de récupération pour { $service }. Chacun vous connecte une fois, après votre mot de passe.
always-title = Toujours exiger l’authentification à plusieurs facteurs
always-text = Votre mot de passe seul ne vous connecte alors plus jamais. Les autres sessions ouvertes sans second facteur se terminent, et votre dernier appareil ne peut pas être supprimé tant que cette option est activée.
always-is-on = Cette option est activée.
always-is-off = Cette option est désactivée.
always-turn-on = Activer
always-turn-off = Désactiver
panic-title = Supprimer tous mes appareils et mon eID (PANIQUE)
panic-lead = Pour le moment où quelqu’un d’autre a vos appareils : tout disparaît sauf votre mot de passe, et vos autres sessions se terminent.
panic-link = Tout supprimer
panic-text = C’est irréversible. Vous restez connecté(e) ici, pour pouvoir ajouter de nouveau un second facteur.
panic-submit = Oui, tout supprimer sauf le mot de passe
panic-back = Non, revenir en arrière

disown-title = Ce n’était pas moi
disown-lead = Un message vous a signalé une modification de ce compte ou de ce qui le protège, ou une connexion.
disown-when = Quand
disown-what = Quoi
disown-device = Appareil
disown-new-name = Nouveau nom
disown-what-password = Un autre mot de passe a été enregistré
disown-what-signed-in = Quelqu’un s’est connecté, dans un navigateur inconnu
disown-what-factor-added = Un second facteur a été ajouté
disown-what-factor-renamed = Un second facteur a reçu un autre nom
disown-what-factor-removed = Un second facteur a été supprimé
disown-what-all-removed = Tous les seconds facteurs et codes de récupération ont été supprimés
disown-what-reset = Un administrateur a supprimé tous les seconds facteurs et codes de récupération
disown-what-codes-issued = De nouveaux codes de récupération ont été mis en service
disown-what-code-used = Un code de récupération a été utilisé
disown-what-always-on = Il a été choisi de toujours demander un second facteur
disown-what-always-off = Il a été choisi de ne plus toujours demander un second facteur
disown-what-resumed = Ce qui était suspendu a été remis en service
disown-what-unblocked = Un appareil bloqué a été remis en service
disown-what-pin-changed = Le code PIN d’un appareil a été changé
disown-what-recovered = Les seconds facteurs perdus ont été supprimés après le délai d’attente
disown-text = Si ce n’était pas vous, appuyez sur le bouton. L’appareil ou les codes de récupération que cette modification a apportés sont suspendus, toutes les sessions ouvertes depuis se terminent, les navigateurs connus doivent de nouveau faire leurs preuves et le compte a besoin d’un nouveau mot de passe. Les appareils plus anciens continuent de fonctionner.
disown-text-sign-in = Si ce n’était pas vous, appuyez sur le bouton. Cette session et toutes celles ouvertes depuis se terminent, les navigateurs connus doivent de nouveau faire leurs preuves et le compte a besoin d’un nouveau mot de passe. Vos appareils continuent de fonctionner.
disown-submit = Ce n’était pas moi : protéger mon compte
disown-done-title = Votre compte est protégé
disown-done-text = Le mot de passe ne fonctionne plus et les sessions ouvertes depuis la modification sont terminées. Choisissez maintenant un nouveau mot de passe avec un lien que nous envoyons à votre adresse e-mail. Si vous pensez que quelqu’un d’autre lit vos messages, changez d’abord le mot de passe de votre boîte aux lettres.
disown-expired-title = Ce lien a expiré
disown-expired-text = Une modification peut être signalée ainsi pendant 30 jours. Choisissez un nouveau mot de passe : toute personne qui utilise votre compte sera ainsi déconnectée. Regardez ensuite vos seconds facteurs et supprimez ce qui n’est pas à vous.

device-suspended = Suspendu : il ne permet à personne de se connecter
device-blocked = Bloqué : le code PIN a été faux trop souvent, il ne connecte donc personne
codes-suspended = Vos codes de récupération sont suspendus : ils ne permettent à personne de se connecter. De nouveaux les remplacent.

lost-title = J’ai perdu tous mes appareils
lost-text = Vous pouvez les suspendre : dès lors, aucun ne permet plus de se connecter, et aucun ne disparaît. Votre compte ne demande pas moins qu’avant, et vous êtes déconnecté partout. Pour cela, nous envoyons un lien à l’adresse e-mail de votre compte ; sa page demande encore une fois votre mot de passe.
lost-codes-text = Un code de récupération vous permet d’entrer, avant comme après, et de remettre un appareil en service. S’il ne vous en reste aucun, adressez-vous aux responsables de ce service.
lost-submit = Envoyez-moi un lien
lost-back = Retour aux méthodes de vérification
lost-sent-title = Consultez votre messagerie
lost-sent-text = Nous vous avons envoyé un lien. Sa page demande votre mot de passe et suspend tous vos appareils.
lost-none-title = Aucun appareil n’est en service
lost-none-text = Tous les appareils de votre compte sont déjà suspendus ou n’existent plus. Connectez-vous avec un code de récupération pour y changer quelque chose ; s’il ne vous en reste aucun, adressez-vous aux responsables de ce service.
lost-link-title = Suspendre tous mes appareils
lost-link-text = Dès cet instant, aucun de vos appareils ne permet plus de se connecter, et vous êtes déconnecté partout. Aucun appareil n’est supprimé : un code de récupération vous permet de remettre chacun en service.
lost-link-submit = Suspendre tous mes appareils
lost-done-title = Vos appareils sont suspendus
lost-done-text = Aucun ne permet plus de se connecter, et vous êtes déconnecté partout. Connectez-vous avec votre mot de passe et un code de récupération pour remettre un appareil en service ou en ajouter un autre.
lost-over-text = Ce lien a été utilisé ou a expiré. Connectez-vous avec votre mot de passe pour en demander un autre.
device-resume = Remettre cet appareil en service
device-resume-text = Il est suspendu. S’il est à vous et entre vos mains, il peut de nouveau vous connecter.
device-unblock-text = Le code PIN a été faux cinq fois de suite. Si l’appareil est à vous et entre vos mains, il peut de nouveau vous connecter.
security-notice-resumed = L’appareil est de nouveau en service.
security-notice-must-add = Un second facteur est toujours demandé et votre compte n’en a pas : ajoutez-en un maintenant.

recovery-offer = Vous pouvez aussi récupérer votre compte avec votre seul mot de passe et votre messagerie. Cela prend du temps, pendant lequel quiconque a encore un appareil peut s’y opposer.
recovery-link = Récupérer mon compte
recovery-off = Sur ce service, personne ne récupère un compte en attendant. Si vous n’avez plus de code de récupération non plus, adressez-vous aux personnes qui le gèrent : elles peuvent supprimer vos seconds facteurs une fois qu’elles savent que c’est vous.
recovery-title = Récupérer mon compte
recovery-ask-text = Si tous vos appareils sont définitivement perdus, vous pouvez les faire supprimer avec votre mot de passe et un lien que nous envoyons à l’adresse e-mail de votre compte. Avant cela, vous attendez { $span } : nous vous prévenons par e-mail aussitôt et chaque jour, et quiconque a encore un appareil peut l’annuler. Un nouveau mot de passe défini par e-mail entre-temps, ou peu avant, porte l’attente à sept jours à partir de là.
recovery-submit = Envoyez-moi un lien
recovery-sent-title = Consultez votre messagerie
recovery-sent-text = Nous vous avons envoyé un lien. Sa page demande encore une fois votre mot de passe.
recovery-waiting-title = Une récupération est en attente
recovery-waiting-text = Quelqu’un a signalé que tous les appareils de ce compte sont perdus. Ils pourront être supprimés à partir de ce moment, et dans les sept jours qui suivent :
recovery-waiting-device-text = Une personne connectée a signalé qu’un appareil de ce compte est perdu. Il pourra être supprimé à partir de ce moment, et dans les sept jours qui suivent :
recovery-waiting-how = Revenez alors, connectez-vous avec votre mot de passe et demandez un nouveau lien. Rien ne se fait de soi-même. Si vous avez retrouvé un appareil que vous aviez depuis plus de sept jours, connectez-vous avec lui : cela annule la récupération. Le lien de nos e-mails l’annule aussi.
recovery-from = Possible à partir de
recovery-until = Possible jusqu’à
recovery-ready-title = Le délai d’attente est écoulé
recovery-ready-text = Vous pouvez maintenant faire supprimer tous les seconds facteurs, avec votre mot de passe et un nouveau lien. Ajoutez ensuite un appareil avant toute autre chose.
recovery-object-title = Annuler avec un appareil suspendu
recovery-object-text = L’un de vos appareils est suspendu et vous l’avez avec vous ? Il ne connecte personne, mais il peut annuler la récupération si vous l’aviez depuis plus de sept jours.
recovery-object-submit = Annuler la récupération
recovery-cancelled-title = La récupération est annulée
recovery-cancelled-text = Tous les seconds facteurs restent comme ils sont. Si vous n’aviez pas demandé la récupération, quelqu’un d’autre connaît votre mot de passe : veuillez en choisir un nouveau.
recovery-over-title = Cette récupération n’est plus en attente
recovery-over-text = Elle a été annulée ou achevée, ou personne n’est revenu à temps.
recovery-cancel-title = Annuler la récupération
recovery-cancel-lead = Quelqu’un a demandé la récupération de ce compte : ses seconds facteurs perdus pourront être supprimés quand le délai d’attente sera écoulé.
recovery-cancel-text = Si ce n’était pas vous, appuyez sur le bouton : tous les seconds facteurs restent comme ils sont.
recovery-begin-title = Récupérer mon compte
recovery-begin-text = À partir de maintenant, la récupération attend. Rien ne change d’ici là : une fois le délai écoulé, revenez avec votre mot de passe et un nouveau lien.
recovery-begin-submit = Demander la récupération
recovery-complete-title = Supprimer tous les seconds facteurs
recovery-complete-text = Tous les appareils et codes de récupération de votre compte sont supprimés, et il est déconnecté partout ailleurs. Vous êtes alors connecté ici, pour ajouter un appareil avant toute autre chose.
recovery-complete-submit = Supprimer tous les seconds facteurs
recovery-link-over-text = Ce lien a été utilisé, ou il a expiré. Connectez-vous avec votre mot de passe pour voir où en est la récupération.
recovery-notice = Une récupération de ce compte est en attente. Elle pourra être achevée à partir du { $moment }. Si vous ne l’avez pas demandée, connectez-vous avec un appareil que vous avez depuis un certain temps : cela l’annule.
recovery-notice-ready = Une récupération de ce compte peut être achevée, jusqu’au { $moment }. Si vous ne l’avez pas demandée, connectez-vous avec un appareil que vous avez depuis un certain temps : cela l’annule.
recovery-notice-device = Un appareil de ce compte a été signalé comme perdu. Il pourra être supprimé à partir du { $moment }. Si ce n’est pas le cas, connectez-vous avec cet appareil : cela annule sa suppression.
recovery-notice-device-ready = Un appareil de ce compte a été signalé comme perdu. Il peut être supprimé jusqu’au { $moment }. Si ce n’est pas le cas, connectez-vous avec cet appareil : cela annule sa suppression.
recovery-more = Où en est la récupération
security-notice-recovered = Vos seconds facteurs perdus sont supprimés. Veuillez ajouter un appareil maintenant : cela passe avant toute autre chose.
lost-key-link = J’ai perdu une clé de sécurité
lost-key-title = Une clé de sécurité perdue
lost-key-text = Une clé de sécurité ou clé d’accès est plus forte que l’appareil que vous venez d’utiliser : elle n’est donc pas supprimée aussitôt. Demandez sa suppression, et attendez { $span } : nous vous prévenons par e-mail aussitôt et chaque jour. Seuls la clé elle-même, si elle était là depuis longtemps, et le lien de ces e-mails l’annulent. Revenez ensuite dans les sept jours et supprimez-la avec l’autre appareil.
lost-key-submit = Je l’ai perdue : demander sa suppression
lost-key-young = L’appareil que vous venez d’utiliser a été ajouté au cours des sept derniers jours. Un appareil que vous avez depuis plus longtemps peut demander la suppression de cette clé, tout comme un code de récupération.
lost-key-waits = Sa suppression est en attente. Elle est possible à partir du { $moment }, et dans les sept jours.
lost-key-ready = Le délai d’attente est écoulé. Elle peut être supprimée jusqu’au { $moment }.
lost-key-remove = Supprimer cette clé
lost-key-other = Une autre récupération est en attente. Une fois celle-ci achevée ou annulée, vous pourrez demander celle-là.
lost-key-none = Votre compte n’a ni clé de sécurité ni clé d’accès.
totp-title = Ajouter une application d’authentification
totp-begun-anew = Cela a pris trop de temps : il y a un nouveau code à scanner. Veuillez supprimer l’entrée créée dans votre application et scanner encore une fois.
totp-scan = Ouvrez votre application d’authentification, choisissez d’ajouter un compte et scannez cette image :
totp-qr = Code QR contenant le secret pour votre application ; le même figure ci-dessous sous forme de texte
totp-type = Ou saisissez ce secret dans l’application (basé sur le temps, six chiffres) :
totp-secret = Ne le montrez à personne : qui le possède obtient les mêmes codes que vous.
totp-code-hint = Saisissez ensuite les six chiffres affichés par l’application, pour que nous sachions que cela fonctionne.
totp-submit = Ajouter cette application
key-title = Ajouter une clé de sécurité ou une plateforme de confiance
key-lead = Que souhaitez-vous utiliser ?
key-device = Cet appareil
key-device-text = Windows Hello, Touch ID, Face ID, le verrouillage de votre téléphone : une clé d’accès qui vérifie elle-même votre identité.
key-passkey = Une clé ou un autre appareil, également sans le mot de passe
key-passkey-text = Une clé à code PIN ou à empreinte, ou votre téléphone : une clé d’accès qui vérifie elle-même votre identité.
key-second = Une clé, après le mot de passe
key-second-text = N’importe quelle clé de sécurité, même une que l’on touche seulement. Elle est demandée après votre mot de passe.
key-begun-anew = Cela a pris trop de temps, ou une réponse a déjà été donnée. Veuillez réessayer.
key-submit = Ajouter cette clé
key-others = Ajouter une autre sorte de clé
key-unable = Ce navigateur ne peut pas utiliser de clés de sécurité ici. Veuillez choisir une autre méthode.
key-refused = Rien n’a été reçu : l’opération a été annulée, a pris trop de temps, ou aucune clé convenable n’était là. Vous pouvez réessayer.
key-failed = Le navigateur n’a pas pu utiliser la clé. Veuillez réessayer ou choisir une autre méthode.
key-waiting = Suivez votre navigateur, et touchez la clé si elle clignote.
key-too-many = Trop de clés d’accès ont été demandées depuis votre réseau. Réessayez plus tard, ou connectez-vous avec votre nom et votre mot de passe.
key-without-script = Les clés de sécurité ont besoin des scripts, qui sont désactivés dans votre navigateur. Veuillez choisir une autre méthode.

## Messages

message-to-login = Aller à la connexion
message-to-code = Saisir le code d’un message
message-retry = Vous pourrez réessayer dans { $wait }.
message-reference = Référence pour le service d’assistance

message-mail-limit-title = Assez de messages pour l’instant
message-mail-limit-text = Beaucoup de messages nous ont été demandés en peu de temps ; nous n’en envoyons plus pendant un moment. Un message reçu plus tôt reste valable : ouvrez son lien ou saisissez son code. Regardez aussi dans le dossier du courrier indésirable.
message-too-many-tries-title = Trop de tentatives
message-too-many-tries-text = Il y a eu trop de tentatives. Pour protéger tous les comptes, nous n’en acceptons plus pendant un moment. Vous pouvez toujours choisir un nouveau mot de passe par e-mail.
message-too-many-without-scripts-title = Trop de formulaires sans scripts
message-too-many-without-scripts-text = Les scripts sont désactivés dans votre navigateur, et votre réseau a envoyé autant de formulaires sans scripts que nous en acceptons pendant un moment. Activez les scripts et remplissez de nouveau le formulaire, ou attendez.
message-too-many-codes-title = Trop de codes
message-too-many-codes-text = Trop de codes ont été saisis pour cette adresse ; nous n’en acceptons plus pendant un moment. Le lien du message reste valable : ouvrez-le.
message-busy-title = Il y a beaucoup de monde en ce moment
message-busy-text = Nous ne pouvons pas vous servir maintenant. Rien de ce que vous avez saisi n’a été traité. Veuillez réessayer.
message-unavailable-title = Le service est interrompu un instant
message-unavailable-text = Nous n’avons pas pu traiter votre demande et rien n’a été modifié. Veuillez réessayer.
message-bad-request-title = Nous ne comprenons pas cette demande
message-bad-request-text = Une partie du formulaire manque, figure deux fois ou n’est pas lisible. Veuillez ouvrir de nouveau la page et remplir le formulaire encore une fois.
message-cross-site-title = Cette demande vient d’un autre site
message-cross-site-text = Pour votre protection, nous ne l’avons pas exécutée. Veuillez ouvrir vous-même notre page et réessayer.
message-form-expired-title = Ce formulaire n’est plus valable
message-form-expired-text = Il est resté ouvert trop longtemps, ou votre navigateur n’accepte pas les cookies. Veuillez autoriser les cookies pour ce site, ouvrir de nouveau la page et remplir le formulaire encore une fois.
message-not-found-title = Page introuvable
message-not-found-text = Il n’y a pas de page à cette adresse. Si vous l’avez saisie ou copiée, vérifiez qu’elle est complète.
message-method-title = Cela ne fonctionne pas ici
message-method-text = La page ne peut pas être utilisée de cette manière. Veuillez revenir en arrière et réessayer.
message-timeout-title = Cela a pris trop de temps
message-timeout-text = Votre demande n’est pas arrivée entièrement à temps. Veuillez vérifier votre connexion et réessayer.
message-repeated-title = Ce formulaire a déjà été envoyé
message-repeated-text = Il a été envoyé avec un autre contenu, et seul le premier envoi compte. Pour envoyer autre chose, veuillez ouvrir de nouveau la page.
message-too-large-title = C’est trop long
message-too-large-text = Le formulaire contient plus que ce que nous pouvons accepter. Veuillez raccourcir votre saisie.
message-unsupported-type-title = Nous ne pouvons pas lire ce format
message-unsupported-type-text = La demande n’a pas été envoyée comme un formulaire web. Veuillez utiliser le formulaire de notre page.
message-internal-title = Une erreur s’est produite de notre côté
message-internal-text = Nous vous prions de nous excuser. L’erreur a été enregistrée. Veuillez réessayer plus tard ; si elle se répète, communiquez la référence ci-dessous au service d’assistance.

## Comment ajouter un second facteur

how-begin = Connectez-vous, ouvrez « { account-title } », puis « { account-security-link } ».
how-key-title = Comment ajouter une clé de sécurité ou une plateforme de confiance ?
how-key-why = C’est le second facteur le plus sûr : il ne fonctionne que sur ce site, de sorte que personne ne peut vous amener à le livrer. Une plateforme de confiance est l’appareil que vous utilisez, avec son empreinte digitale, son visage ou son code PIN.
how-key-choose = Appuyez sur « { security-add-key } » et choisissez : « { key-device } », « { key-passkey } » ou « { key-second } ».
how-key-name = Donnez-lui un nom auquel vous le reconnaîtrez et appuyez sur « { key-submit } ».
how-key-follow = Faites ce que demande votre navigateur : touchez la clé, ou présentez votre doigt, votre visage ou votre code PIN. L’appareil figure ensuite dans votre liste.
how-key-note = Les scripts doivent être activés dans votre navigateur. Créez ensuite des codes de récupération, pour pouvoir entrer même si vous perdez l’appareil.
how-totp-title = Comment ajouter une application d’authentification ?
how-totp-why = L’application affiche un code qui change toutes les trente secondes. Toute application de codes à usage unique (TOTP) convient, sur un téléphone ou un ordinateur ; elle fonctionne sans internet.
how-totp-choose = Appuyez sur « { security-add-totp } ».
how-totp-scan = Scannez l’image avec l’application, ou saisissez-y le secret.
how-totp-type = Saisissez les six chiffres que l’application affiche. Elle ne compte qu’à partir de là.
how-totp-note = Si un code n’est pas accepté, attendez le suivant et vérifiez que l’horloge de votre appareil est à l’heure. Créez ensuite des codes de récupération, pour pouvoir entrer même si vous perdez l’appareil.
how-codes-title = Comment ajouter des codes de récupération ?
how-codes-why = Un code de récupération vous permet d’entrer quand vous avez perdu votre appareil. Il y en a dix ; chacun sert une fois, après votre mot de passe.
how-codes-make = Appuyez sur « { codes-new } ».
how-codes-keep = Notez les codes, imprimez-les ou gardez-les dans un fichier, loin de votre appareil. Ils ne sont affichés que cette fois.
how-codes-type = Saisissez l’un d’eux. Ils ne comptent qu’à partir de là, et les anciens ne comptent plus.
how-codes-note = Quand vous vous êtes connecté(e) avec un code, supprimez l’appareil perdu et ajoutez-en un autre. Créez de nouveaux codes avant que le dernier ne soit utilisé.

## Aide

help-no-mail-question = Le message n’arrive pas. Que faire ?
help-no-mail-answer = Attendez quelques minutes et regardez dans le dossier du courrier indésirable. Vérifiez que l’adresse ne contient pas de faute de frappe et utilisez « Renvoyer ». S’il existe déjà un compte avec votre adresse, le message le dit. Après de nombreuses demandes, nous n’envoyons plus de message pendant quelques heures ; les précédents restent valables.
help-link-question = Le lien du message ne fonctionne pas. Que faire ?
help-link-answer = Copiez le lien entier dans la barre d’adresse de votre navigateur, ou saisissez le code du message sur la page où vous avez commencé. Si le lien a expiré, sa page vous en propose un nouveau.
help-password-question = Qu’est-ce qu’un bon mot de passe ?
help-password-answer = Un mot de passe long, que vous n’utilisez nulle part ailleurs. Quelques mots sans rapport entre eux sont faciles à retenir et difficiles à deviner. Un gestionnaire de mots de passe peut en inventer un et le garder pour vous ; vous pouvez le coller dans nos formulaires.
help-external-question = Que signifie « (externe) » ?
help-external-answer = Les comptes externes sont ceux que les personnes ont créés elles-mêmes. Les comptes internes sont créés par l’institution pour les personnes qui y travaillent.
help-public-computer-question = J’utilise un ordinateur public. Que dois-je faire ?
help-public-computer-answer = Cochez « C’est un ordinateur public » lorsque vous vous connectez, et déconnectez-vous quand vous avez terminé. En cas d’oubli, utilisez « Se déconnecter partout » depuis un autre appareil.
help-stolen-question = Je pense que quelqu’un d’autre utilise mon compte. Que dois-je faire ?
help-stolen-answer = Choisissez tout de suite un nouveau mot de passe avec « Mot de passe oublié ? ». Toutes les autres sessions se terminent alors. Si votre messagerie peut être touchée, changez d’abord son mot de passe. Regardez ensuite les dernières connexions dans votre compte et prévenez le service d’assistance.

## La déclaration de confidentialité livrée avec le service

privacy-version = Version : { $version }
privacy-statement =
    # Qui est responsable

    L’organisation qui exploite { $service } est responsable de vos données. Elle décide pourquoi et comment elles sont traitées. Vous trouverez son adresse et son délégué à la protection des données sur le site qui vous a conduit ici.

    # Ce que nous traitons, et pourquoi

    - Vos nom et prénom, votre adresse e-mail et la langue dans laquelle nous vous écrivons : pour vous donner un compte et pouvoir vous joindre.
    - Votre mot de passe, sous une forme qui ne permet pas de le lire : pour vous reconnaître.
    - Un journal de ce qui arrive à votre compte, comme les connexions, les tentatives échouées et les changements de mot de passe, avec l’heure : pour protéger votre compte et pouvoir prouver plus tard ce qui s’est passé.
    - Si vous ajoutez des appareils par lesquels vous prouvez qui vous êtes : les noms que vous leur donnez, ce qu’ils sont, ce avec quoi nous vérifions leurs réponses, et un numéro de téléphone seulement si vous en ajoutez un : pour vous reconnaître, et pour envoyer à ce numéro des codes et rien d’autre.
    - L’adresse réseau et le type de navigateur d’où viennent ces demandes : pour déceler les abus et vous montrer où vous êtes connecté(e).

    Nous ne traitons rien d’autre à votre sujet. Nous ne vous suivons pas sur d’autres sites, n’affichons pas de publicité et n’établissons aucun profil.

    # Qui voit vos données

    Seulement les personnes qui exploitent ce service et celles qui le contrôlent, dans la mesure où leur tâche le demande. Un service auquel vous vous connectez reçoit ce qu’il lui faut pour vous reconnaître.

    # Combien de temps nous gardons vos données

    - Une inscription que vous ne confirmez jamais est effacée automatiquement après quelques jours.
    - Les adresses réseau et les types de navigateur deviennent illisibles après un temps limité.
    - Tout le reste est gardé tant que vous avez un compte. Quand le compte est effacé, la clé de vos données est détruite : plus personne ne peut lire ce qui reste dans le journal.

    # Cookies

    Nous n’utilisons que les cookies dont le service a besoin : un qui retient ce que vous avez déjà prouvé pendant que vous vous connectez, un qui garde votre connexion, un qui protège les formulaires, un qui reconnaît un navigateur que vous avez déjà utilisé et un qui retient la langue choisie.

    # Vos droits

    Vous pouvez consulter vos données dans votre compte. Vous pouvez demander à l’organisation qui exploite ce service l’accès à vos données, leur rectification, leur effacement ou la limitation de leur traitement, et vous pouvez vous opposer à celui-ci. Vous pouvez aussi introduire une réclamation auprès d’une autorité de protection des données.

## Les messages d’un serveur de développement

dev-mail-title = Messages de ce serveur de développement
dev-mail-lead = Aucun message ne quitte cette machine. Ce qui aurait été envoyé est affiché ici, du plus récent au plus ancien.
dev-mail-none = Aucun message pour le moment.
dev-mail-all = Tous les messages
dev-mail-from = De
dev-mail-to = À
dev-mail-date = Date
dev-mail-text = En texte
dev-mail-html = Comme dans le programme de messagerie
dev-mail-source = Source

## Appareils mobiles

mobile-title = Gérer mes appareils mobiles
mobile-lead = Avec l’application { $service } Mobile App, votre téléphone vous connecte : il demande un code PIN et affiche un code, même sans internet.
mobile-none = Aucun appareil mobile n’a encore été ajouté.
mobile-add = Ajouter un appareil mobile
mobile-add-lead = Donnez un nom à votre téléphone et choisissez un code PIN. L’application le demandera chaque fois.
mobile-pin-hint = Quatre chiffres, pas tous identiques, et pas de suite comme 1234.
mobile-submit = Envoyer
mobile-pair-title = Scannez avec votre téléphone
mobile-pair-text = Ouvrez l’application sur votre téléphone, à l’adresse { $address }, appuyez sur « Initialise » et scannez cette image.
mobile-pair-picture = Image pour l’appareil photo de votre téléphone
mobile-pair-here = Vous êtes déjà sur le téléphone ? Ouvrez l’application ici.
mobile-pair-type = Si vous ne pouvez pas la scanner, tapez ceci dans l’application :
mobile-pair-code = Code
mobile-pair-until = Utilisable une seule fois, jusqu’au :
mobile-pair-waits = Nous attendons votre téléphone…
mobile-pair-next = L’application dit qu’elle a terminé : continuer
mobile-confirm-title = Est-ce votre téléphone ?
mobile-confirm-text = Un téléphone a scanné l’image et connaissait le code PIN. Ajoutez-le seulement si vous l’avez en main.
mobile-told = Ce qu’il dit de lui-même
mobile-confirm-submit = Oui, l’ajouter
mobile-cancel = Annuler
mobile-ended = Cela a pris trop de temps, ou a été interrompu. Rien n’a été ajouté : veuillez recommencer.
mobile-app-link = Ouvrir l’application sur cet appareil et l’installer
security-add-mobile-text = L’application { $service } Mobile App sur votre téléphone demande un code PIN de quatre chiffres. Pas besoin de boutique d’applications : elle s’ouvre depuis ce service et fonctionne sans internet.
way-mobile-app = { $service } Mobile App
way-mobile-app-pin-code = { $service } Mobile App PIN Code
way-mobile-app-pin-code-needs = Il vous faut votre téléphone avec l’application, connecté à internet.
way-on-mobile = On Mobile Authentication
way-on-mobile-needs = Il vous faut l’application sur cet appareil même.
way-mobile-app-qr-code = { $service } Mobile App QR Code
way-mobile-app-qr-code-needs = Il vous faut votre téléphone avec l’application ; cela fonctionne sans internet.
device-mobile = Téléphone
field-pin = Code PIN
field-confirm-pin = Code PIN encore une fois
field-app-code = Code de l’application
missing-pin = Choisissez un code PIN.
missing-confirm-pin = Saisissez le code PIN encore une fois.
missing-app-code = Saisissez le code affiché par l’application.
problem-pin-digits = Un code PIN compte quatre chiffres.
problem-pin-guessable = D’autres devineraient ce code PIN en premier. Choisissez quatre chiffres qui ne sont pas tous identiques et ne forment pas une suite comme 1234.
problem-pins-differ = Les deux codes PIN sont différents.
problem-app-code-wrong = Ce code n’a pas été accepté. Vérifiez le code PIN : avec un mauvais, l’application affiche un mauvais code. Puis scannez la nouvelle image.
verify-app-code-title = { $service } Mobile App QR Code
verify-app-code-text = Ouvrez l’application sur « { $device } » et scannez cette image. Après votre code PIN, elle affiche un code de huit chiffres.
verify-app-code-picture = Image pour l’appareil photo de votre téléphone
verify-app-code-here = L’application est-elle sur cet appareil même ? Ouvrez-la ici.
verify-app-code-type = Si vous ne pouvez pas la scanner, tapez ces chiffres dans l’application
verify-app-code-hint = Huit chiffres. L’image est valable deux minutes.
verify-app-code-others = Un autre téléphone :
verify-request-pin-title = { $service } Mobile App PIN Code
verify-request-mobile-title = On Mobile Authentication
verify-request-open = Ouvrez l’application sur votre téléphone. Elle montre une demande avec les mots ci-dessous et demande ce nombre :
verify-request-here = Ouvrez l’application sur cet appareil. Si elle demande un nombre, tapez celui-ci :
verify-request-number = Nombre
verify-request-from = Ce que l’application montrera
verify-request-application = Application
verify-request-browser = Navigateur
verify-request-address = Adresse réseau
verify-request-asked = Heure
verify-request-until = On peut y répondre jusqu’à ce moment :
verify-request-waits = En attente de votre téléphone…
verify-request-next = J’ai répondu sur le téléphone : continuer
verify-request-link = Ouvrir l’application ici
verify-request-again = Redemander à mon téléphone
verify-request-unanswered = Personne n’a répondu à temps sur le téléphone.
verify-request-wrong-number = Le nombre tapé sur le téléphone n’est pas celui de cette page. La demande est terminée.
verify-request-denied = La demande a été refusée sur le téléphone.
verify-request-blocked = Le code PIN a été faux trop souvent, et le téléphone est bloqué. Choisissez une autre méthode.
verify-request-not-yet = Votre téléphone n’a pas encore répondu. Ouvrez l’application, répondez-y, puis revenez.
verify-request-full = D’autres navigateurs interrogent votre téléphone en ce moment. Choisissez une autre méthode, ou réessayez après ce moment : { $moment }.
verify-request-paused = D’ici, votre téléphone ne sera pas interrogé avant ce moment : { $moment }, car une demande a été refusée. Choisissez une autre méthode.
verify-request-worthless = Ce que le téléphone a répondu ne compte plus. Veuillez lui redemander.
verify-request-used = Ce que le téléphone a répondu a déjà servi. Veuillez lui redemander.
how-mobile-title = Comment ajouter un appareil mobile ?
how-mobile-why = L’application de ce service fait de votre téléphone un second facteur. Elle s’ouvre dans le navigateur du téléphone, sans boutique d’applications, et fonctionne sans internet.
how-mobile-choose = Appuyez sur « { mobile-title } » puis « { mobile-add } ». Donnez un nom au téléphone, choisissez un code PIN de quatre chiffres et appuyez sur « { mobile-submit } ».
how-mobile-scan = Ouvrez l’application sur le téléphone, appuyez sur « Initialise », scannez l’image et tapez le code PIN.
how-mobile-confirm = La page montre de quel téléphone il s’agit. Appuyez sur « { mobile-confirm-submit } ». C’est seulement alors qu’il compte.
how-mobile-note = Si vous oubliez le code PIN, supprimez l’appareil et ajoutez-le de nouveau. Créez ensuite des codes de récupération, pour pouvoir entrer même sans le téléphone.
how-mobile-new-title = Un nouveau téléphone
how-mobile-new = Gardez l’ancien téléphone jusqu’à ce que le nouveau fonctionne. Ajoutez le nouveau comme ci-dessus et connectez-vous une fois avec lui. Ouvrez ensuite « { account-security-link } », appuyez sur « { device-change } » à côté de l’ancien et supprimez-le : dès lors, il ne connecte plus personne. Si vous n’avez plus l’ancien, connectez-vous avec un autre second facteur ou un code de récupération et faites de même.
