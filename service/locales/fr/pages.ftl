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
account-language = Langue
account-password = Changer de mot de passe
account-password-text = Vous restez connecté(e) ici. Toutes les autres sessions se terminent et nous vous en informons par e-mail.
account-password-submit = Changer le mot de passe
account-notice-welcome = Bienvenue ! Votre compte est confirmé et votre mot de passe est enregistré.
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

## Messages

message-to-login = Aller à la connexion
message-to-code = Saisir le code d’un message
message-retry = Vous pourrez réessayer dans { $wait }.
message-reference = Référence pour le service d’assistance

message-mail-limit-title = Assez de messages pour l’instant
message-mail-limit-text = Beaucoup de messages nous ont été demandés en peu de temps ; nous n’en envoyons plus pendant un moment. Un message reçu plus tôt reste valable : ouvrez son lien ou saisissez son code. Regardez aussi dans le dossier du courrier indésirable.
message-too-many-tries-title = Trop de tentatives
message-too-many-tries-text = Il y a eu trop de tentatives depuis votre réseau. Pour protéger tous les comptes, nous n’en acceptons plus pendant un moment. Vous pouvez toujours choisir un nouveau mot de passe par e-mail.
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
    - L’adresse réseau et le type de navigateur d’où viennent ces demandes : pour déceler les abus et vous montrer où vous êtes connecté(e).

    Nous ne traitons rien d’autre à votre sujet. Nous ne vous suivons pas sur d’autres sites, n’affichons pas de publicité et n’établissons aucun profil.

    # Qui voit vos données

    Seulement les personnes qui exploitent ce service et celles qui le contrôlent, dans la mesure où leur tâche le demande. Un service auquel vous vous connectez reçoit ce qu’il lui faut pour vous reconnaître.

    # Combien de temps nous gardons vos données

    - Une inscription que vous ne confirmez jamais est effacée automatiquement après quelques jours.
    - Les adresses réseau et les types de navigateur deviennent illisibles après un temps limité.
    - Tout le reste est gardé tant que vous avez un compte. Quand le compte est effacé, la clé de vos données est détruite : plus personne ne peut lire ce qui reste dans le journal.

    # Cookies

    Nous n’utilisons que les cookies dont le service a besoin : un qui garde votre connexion, un qui protège les formulaires, un qui reconnaît un navigateur que vous avez déjà utilisé et un qui retient la langue choisie.

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
