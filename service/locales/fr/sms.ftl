# Les textes sur les téléphones qui reçoivent des codes par SMS. $service, le nom du service, est donné à chaque message.

## Sur les téléphones : courts, car chaque tranche de soixante-dix caractères peut coûter

sms-code = { $service } : { $code } est votre code. Ne le donnez à personne.

## Sur les pages

way-sms = Téléphone mobile + SMS
way-sms-needs = Il vous faut le téléphone qui a votre numéro, et du réseau.
soon-deprecated = Bientôt abandonné.
soon-deprecated-why = Pourquoi, et que prendre à la place
phone-ending = Numéro finissant par { $ending }
phone-title = Ajouter un téléphone mobile
phone-add-text = Un code arrive par SMS. Qui s’empare de votre numéro, ou vous demande le code sur un autre site, entre aussi : prenez un autre moyen si vous le pouvez.
phone-lead = Nous envoyons un code à votre téléphone mobile, et vous le saisissez à la page suivante.
phone-number-hint = Avec + et l’indicatif du pays, comme +32 470 12 34 56.
phone-submit = M’envoyer un code
phone-ended = Le code n’a pas été saisi à temps. Rien n’a été ajouté : veuillez en demander un autre.
phone-code-title = Saisissez le code du message
phone-code-text = Un message avec un code a été envoyé au { $number }. Il peut mettre une minute à arriver.
phone-finalise = Finaliser
phone-other-number = Un autre numéro
sms-code-hint = Neuf caractères, comme A1B-2C3-D4E. Le code est valable quatre minutes.
sms-again-text = Aucun message n’est arrivé ? Demandez-en un autre après une demi-minute. Le code précédent reste valable.
verify-sms-text = Nous vous envoyons un message avec un code. Choisissez où :
verify-sms-send = Envoyer un code à « { $name } », numéro finissant par { $ending }
verify-sms-sent = Un message avec un code a été envoyé à « { $name } », numéro finissant par { $ending }. Il peut mettre une minute à arriver.
device-phone = Téléphone mobile
field-phone-number = Numéro du téléphone mobile
field-sms-code = Code du message
missing-phone-number = Saisissez le numéro de votre téléphone mobile.
missing-sms-code = Saisissez le code du message.
problem-phone-no-country-code = Commencez par + et l’indicatif du pays, comme +32 470 12 34 56.
problem-phone-no-number = Ce n’est pas un numéro de téléphone. Vérifiez qu’il n’y a pas de faute de frappe.
problem-phone-not-mobile = Ce n’est pas le numéro d’un téléphone mobile. Les messages ne sont envoyés qu’à des téléphones mobiles.
problem-phone-country = Aucun message n’est envoyé vers ce pays. Veuillez choisir un autre second facteur.
problem-phone-there = Ce numéro appartient déjà à votre compte.
problem-sms-code-wrong = Ce code n’est pas le bon, ou il est trop tard. Vérifiez-le, ou demandez un autre message.
problem-sms-code-used = Ce code a déjà été utilisé. Demandez un autre message.
security-notice-no-messages = Ce service n’envoie pas de messages aux téléphones. Veuillez choisir un autre second facteur.
how-sms-title = Comment ajouter un téléphone mobile (SMS) ?
how-sms-why = Ce moyen sera bientôt abandonné. Un message peut être lu en chemin, un numéro peut passer à quelqu’un d’autre, et un code peut être donné sur un site qui ne fait que ressembler à celui-ci. Une clé de sécurité, une plateforme de confiance ou une application sur votre téléphone est plus sûre, ne coûte rien et n’a pas besoin de réseau : les pages ci-dessous disent comment en ajouter une.
how-sms-choose = Appuyez sur « { phone-title } ».
how-sms-number = Saisissez le numéro de votre téléphone mobile avec + et l’indicatif du pays, et appuyez sur « { phone-submit } ».
how-sms-type = Saisissez les neuf caractères du message, et appuyez sur « { phone-finalise } ». C’est alors seulement qu’il compte.
how-sms-note = Toutes les applications ne l’acceptent pas. Si votre numéro change, ajoutez d’abord le nouveau, puis retirez l’ancien. Si ce service n’envoie plus de messages, le bouton le dit.
dev-sms-title = Messages de ce serveur de développement
dev-sms-lead = Aucun message ne quitte cette machine. Ce qui aurait été envoyé à des téléphones est montré ici, le plus récent d’abord.
dev-sms-none = Aucun message pour l’instant.

## La fin des codes par SMS

verify-sms-ends = Les codes par SMS prennent fin le { $moment }. Veuillez ajouter avant cette date un autre second facteur, sous « { security-title } » : ensuite, un code par SMS ne vous connectera plus.
verify-sms-last = Les codes par SMS ont pris fin. Vous pouvez vous connecter ainsi une dernière fois : ajoutez un autre second facteur aussitôt après.
account-notice-sms-ends = Les codes par SMS prennent fin le { $moment }, et votre compte n’a pas encore d’autre second facteur. Veuillez en ajouter un maintenant : cela prend une minute.
security-notice-sms-off = Les codes par SMS ont pris fin, et votre compte n’a pas d’autre second facteur. Veuillez en ajouter un maintenant : cela passe avant toute autre chose.
security-notice-no-new-numbers = Les codes par SMS prennent fin ici : plus aucun téléphone ne peut être ajouté. Veuillez choisir un autre second facteur.
device-off = Terminé : les codes par SMS ne connectent plus personne
how-sms-ends-title = Les codes par SMS prennent fin
how-sms-ends-on = Ils prennent fin le { $moment }.
how-sms-ended-on = Ils ont pris fin le { $moment }.
how-sms-takes-until = Un téléphone peut être ajouté jusqu’au { $moment }.
how-sms-closed = Plus aucun téléphone ne peut être ajouté.
how-sms-last = Qui n’a rien d’autre à la fin peut se connecter par SMS une dernière fois dans les { $span } qui suivent, et ajoute aussitôt un autre second facteur. Ensuite, seule une récupération ramène au compte.
