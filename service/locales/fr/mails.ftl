# Les textes des courriels. Chacun est aussi lu en texte brut : pas de balises ; le lien est seul sur sa ligne, après le
# paragraphe qui l'annonce. Devant : ; ? ! et entre guillemets : une espace insécable.

mail-confirm-address =
    .subject = Confirmez votre adresse e-mail pour { $service }
    .heading = Confirmez votre adresse e-mail
mail-confirm-why = Quelqu’un, très probablement vous, a demandé un compte chez { $service } avec cette adresse e-mail. Ouvrez cette page pour confirmer que l’adresse est la vôtre et pour choisir votre mot de passe :
mail-confirm-action = Confirmer et choisir un mot de passe
mail-confirm-not-me = Si ce n’était pas vous, vous n’avez rien à faire. Tant que ni le lien ni le code n’est utilisé, personne ne peut se connecter à un compte avec votre adresse, et la demande expire d’elle-même.

mail-registration-repeated =
    .subject = Vous avez déjà un compte chez { $service }
    .heading = Vous avez déjà un compte
mail-repeated-why = Quelqu’un, très probablement vous, a demandé un nouveau compte chez { $service } avec cette adresse e-mail. Un compte existe déjà avec cette adresse ; aucun autre n’a donc été créé. Rien n’a changé.
mail-repeated-what = Vous pouvez vous connecter avec cette adresse et votre mot de passe. Si vous ne connaissez plus le mot de passe, vous pouvez en choisir un nouveau :
mail-repeated-not-me = Si ce n’était pas vous, vous n’avez rien à faire. Personne n’a eu accès à votre compte, et l’auteur de la demande n’a pas appris qu’il existe.

mail-reset-password =
    .subject = Choisissez un nouveau mot de passe pour { $service }
    .heading = Choisissez un nouveau mot de passe
mail-reset-why = Quelqu’un, très probablement vous, nous a signalé que le mot de passe de votre compte chez { $service } est perdu. Ouvrez cette page pour en choisir un nouveau :
mail-reset-effect = Votre ancien mot de passe reste valable jusqu’à ce que vous ayez choisi le nouveau. Votre compte est alors déconnecté dans tous les autres navigateurs.
mail-reset-not-me = Si ce n’était pas vous, vous n’avez rien à faire. Votre mot de passe reste le même : personne ne peut le changer sans le lien ou le code de ce message.

mail-password-changed =
    .subject = Votre mot de passe pour { $service } a été changé
    .heading = Votre mot de passe a été changé
mail-changed-by-change = Le { $at }, le mot de passe de votre compte chez { $service } a été changé par quelqu’un qui était connecté et qui a saisi l’ancien mot de passe. Le compte a été déconnecté dans tous les autres navigateurs.
mail-changed-by-reset = Le { $at }, un nouveau mot de passe a été choisi pour votre compte chez { $service }, à l’aide d’un lien ou d’un code envoyé à cette adresse e-mail. Le compte a été déconnecté dans tous les autres navigateurs.
mail-changed-me = Si c’était vous, vous n’avez rien à faire.
mail-changed-not-me = Si ce n’était pas vous, quelqu’un d’autre connaissait votre mot de passe. Choisissez-en un nouveau dès maintenant. Toute personne qui utilise votre compte sera ainsi déconnectée :
mail-changed-by-reset-not-me = Si ce n’était pas vous, quelqu’un d’autre peut lire vos messages. Changez d’abord le mot de passe de votre boîte aux lettres, puis choisissez ici un nouveau mot de passe. Toute personne qui utilise votre compte sera ainsi déconnectée :

mail-sign-in-locked =
    .subject = Échecs de connexion à { $service }
    .heading = Échecs de connexion
mail-locked-why = Le { $at }, après plusieurs tentatives de connexion à votre compte chez { $service } avec un mot de passe erroné, nous avons cessé pour un temps d’en accepter d’autres de la même provenance. Aucune de ces tentatives n’a abouti.
mail-locked-not-me = Si ce n’était pas vous, vous n’avez rien à faire. Votre mot de passe n’a pas été deviné, et vous pouvez toujours vous connecter avec les navigateurs que vous utilisez d’habitude.
mail-locked-me = Si c’était vous, attendez un peu et réessayez. Si vous ne connaissez plus votre mot de passe, vous pouvez en choisir un nouveau :
mail-locked-often = Vous recevez au plus un message de ce genre par jour, quel que soit le nombre de tentatives.

mail-lost-password-action = Mot de passe oublié ?
mail-new-password-action = Choisir un nouveau mot de passe
mail-link-copy = Ou copiez cette adresse dans votre navigateur :

mail-link-validity = Le lien et le code ci-dessous sont valables { $span } à partir de l’envoi de ce message. Si vous ouvrez le lien plus tard, la page vous propose d’en recevoir un nouveau.
mail-code = La page où vous avez commencé est encore ouverte ? Vous pouvez y saisir ce code à la place :
mail-code-secret = Ne saisissez le code que sur cette page et ne le communiquez à personne. { $service } ne vous le demandera jamais par e-mail, par téléphone ou par messagerie.

mail-footer-sender = { $service }, { $host }
mail-footer-answers = Si vous avez une question, répondez simplement à ce message.
mail-footer-no-answers = Merci de ne pas répondre à ce message : personne ne lit les réponses.
