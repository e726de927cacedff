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
mail-changed-not-me = Si ce n’était pas vous, quelqu’un d’autre connaissait votre mot de passe. Dites-le ici :
mail-changed-by-reset-not-me = Si ce n’était pas vous, quelqu’un d’autre peut lire vos messages. Changez d’abord le mot de passe de votre boîte aux lettres, puis dites-le ici :

mail-sign-in-locked =
    .subject = Échecs de connexion à { $service }
    .heading = Échecs de connexion
mail-locked-why = Le { $at }, après plusieurs tentatives de connexion à votre compte chez { $service } avec un mot de passe erroné, nous avons cessé pour un temps d’en accepter d’autres de la même provenance. Aucune de ces tentatives n’a abouti.
mail-locked-not-me = Si ce n’était pas vous, vous n’avez rien à faire. Votre mot de passe n’a pas été deviné, et vous pouvez toujours vous connecter avec les navigateurs que vous utilisez d’habitude.
mail-locked-me = Si c’était vous, attendez un peu et réessayez. Si vous ne connaissez plus votre mot de passe, vous pouvez en choisir un nouveau :
mail-locked-often = Vous recevez au plus un message de ce genre par jour, quel que soit le nombre de tentatives.

mail-security =
    .subject = Sécurité de votre compte chez { $service }
    .heading = Sécurité de votre compte

mail-security-factor-added = Le { $at }, un second facteur a été ajouté à votre compte chez { $service } : { $devices }.
mail-security-factor-renamed = Le { $at }, le second facteur { $devices } de votre compte chez { $service } a reçu un autre nom : { $name }.
mail-security-factor-removed = Le { $at }, un second facteur a été supprimé de votre compte chez { $service } : { $devices }.
mail-security-all-removed = Le { $at }, tous les seconds facteurs et codes de récupération ont été supprimés de votre compte chez { $service }. Les autres sessions sont terminées ; seul votre mot de passe protège désormais le compte.
mail-security-reset = Le { $at }, un administrateur de { $service } a supprimé tous les seconds facteurs et codes de récupération de votre compte, comme on le fait pour qui les a perdus. Votre compte a été déconnecté partout.
mail-security-counter-went-back = Le { $at }, une clé de sécurité de votre compte chez { $service } a répondu d’une manière qui laisse penser qu’il en existe une copie : { $devices }. La réponse a été refusée.
mail-security-second-factor-failed = Le { $at }, quelqu’un a saisi le bon mot de passe de votre compte chez { $service } dans un navigateur que nous ne connaissons pas, puis le second facteur a été erroné, refusé ou n’a pas été donné. Personne n’est entré.
mail-security-blocked = Le { $at }, un mauvais code PIN a été saisi pour la cinquième fois de suite sur « { $devices } ». Pour protéger votre compte chez { $service }, cet appareil ne connecte plus personne jusqu’à ce que vous le remettiez en service : avec un autre appareil ou un code de récupération, sur la page de vos seconds facteurs.
mail-security-unblocked = Le { $at }, un appareil bloqué de votre compte chez { $service } a été remis en service : { $devices }.
mail-security-pin-changed = Le { $at }, le code PIN d’un appareil de votre compte chez { $service } a été changé dans l’application : { $devices }.
mail-security-request-denied = Le { $at }, « Ce n’était pas moi » a été choisi sur « { $devices } » alors que quelqu’un voulait se connecter à votre compte chez { $service }. Personne n’est entré. Le mot de passe ne fonctionne plus.
mail-security-denied-anew = Choisissez un nouveau mot de passe avec « Mot de passe oublié ? » sur la page de connexion. Si vous utilisez l’ancien ailleurs, changez-le là aussi. Vos appareils continuent de fonctionner.
mail-security-codes-issued = Le { $at }, de nouveaux codes de récupération sont entrés en vigueur pour votre compte chez { $service }. Les anciens ne fonctionnent plus.
mail-security-code-used = Le { $at }, un code de récupération a été utilisé pour votre compte chez { $service }. { $left ->
    [0] Il n’en reste aucun : créez-en de nouveaux.
    [one] Il reste { $left } code.
   *[other] Il reste { $left } codes.
}
mail-security-always-on = Le { $at }, il a été choisi que votre compte chez { $service } demande toujours un second facteur. Les sessions qui n’en avaient pas sont terminées.
mail-security-always-off = Le { $at }, il a été choisi que votre compte chez { $service } ne demande plus toujours un second facteur : le mot de passe seul peut suffire.
mail-security-me = Si c’était vous, vous n’avez rien à faire.
mail-security-not-me = Si ce n’était pas vous, quelqu’un d’autre connaît votre mot de passe. Changez-le tout de suite, puis regardez vos seconds facteurs et supprimez ce qui n’est pas à vous :
mail-security-action = Voir mes seconds facteurs
mail-security-how = Cette page explique comment ajouter des seconds facteurs et des codes de récupération :
mail-security-how-kind = Cette page explique comment ajouter un appareil de ce type :
mail-security-disowned = Le { $at }, il a été signalé, avec un lien envoyé à cette adresse, que vous n’étiez pas à l’origine d’une modification de votre compte chez { $service } ou d’une connexion. Son mot de passe ne fonctionne plus et les sessions ouvertes depuis sont terminées.
mail-security-anew = Choisissez un nouveau mot de passe avec « Mot de passe oublié ? » sur la page de connexion. Regardez ensuite vos seconds facteurs : ce qui est suspendu ne permet à personne de se connecter, et vous pouvez le supprimer avec un autre appareil ou un code de récupération. Si vous n’avez ni l’un ni l’autre, adressez-vous aux responsables de ce service.

mail-disown-not-me = Si ce n’était pas vous, dites-le ici :
mail-disown-action = Ce n’était pas moi
mail-disown-effect = La page vous demande encore une confirmation. Ce qui a été ajouté est alors suspendu, les sessions ouvertes depuis se terminent et le compte a besoin d’un nouveau mot de passe. Le lien est valable 30 jours.

mail-signed-in =
    .subject = Connexion à votre compte chez { $service }
    .heading = Connexion depuis un navigateur que nous ne connaissons pas
mail-signed-in-why = Le { $at }, quelqu’un s’est connecté à votre compte chez { $service } dans un navigateur que nous ne connaissons pas.
mail-signed-in-effect = La page vous demande encore une confirmation. Cette session et celles ouvertes depuis se terminent alors, et le compte a besoin d’un nouveau mot de passe. Le lien est valable 30 jours.

mail-suspend-factors =
    .subject = Suspendre vos appareils chez { $service }
    .heading = Suspendre vos appareils

mail-suspend-why = Quelqu’un qui a saisi le bon mot de passe de votre compte chez { $service } a déclaré que tous ses appareils sont perdus et a demandé un lien pour les suspendre :
mail-suspend-action = Suspendre tous mes appareils
mail-suspend-not-me = La page demande votre mot de passe. Si ce n’était pas vous, quelqu’un d’autre le connaît : choisissez un nouveau mot de passe et n’utilisez pas ce lien.
mail-security-suspended = Le { $at }, tous les appareils de votre compte chez { $service } ont été suspendus avec votre mot de passe et un lien envoyé à cette adresse. Aucun ne permet plus de se connecter, aucun n’a disparu, et votre compte a été déconnecté partout. Un code de récupération permet de revenir.
mail-security-resumed = Le { $at }, { $count ->
    [one] un appareil suspendu de votre compte chez { $service } a été remis en service : { $devices }.
   *[other] des appareils suspendus de votre compte chez { $service } ont été remis en service : { $devices }.
}
mail-security-recovery-cancelled = Le { $at }, la récupération de votre compte { $service } qui était en attente a été annulée : ses seconds facteurs restent comme ils sont.
mail-security-recovered = Le { $at }, les seconds facteurs de votre compte { $service } qui avaient été signalés comme perdus ont été supprimés, le délai d’attente étant écoulé.

mail-recover-account =
    .subject = Récupérer votre compte { $service }
    .heading = Récupérer votre compte

mail-recover-why = Quelqu’un qui a saisi le bon mot de passe de votre compte { $service } a signalé que tous ses seconds facteurs sont perdus, et a demandé un lien pour le récupérer :
mail-recover-action = Récupérer mon compte
mail-recover-validity = Le lien fonctionne pendant { $span } à partir de l’envoi de cet e-mail. Sa page demande votre mot de passe.
mail-recover-not-me = Si ce n’était pas vous, quelqu’un d’autre connaît votre mot de passe : choisissez-en un nouveau, et n’utilisez pas ce lien.

mail-recovery =
    .subject = Récupération de votre compte { $service }
    .heading = Récupération de votre compte

mail-recovery-asked = Le { $at }, il a été signalé avec le mot de passe de votre compte { $service } et un lien d’un e-mail envoyé à cette adresse que tous ses seconds facteurs sont perdus. Rien n’a encore changé : ils pourront être supprimés une fois un délai d’attente écoulé.
mail-recovery-asked-device = Le { $at }, une personne connectée à votre compte { $service } a signalé que l’un de ses appareils est perdu : { $device }. Rien n’a encore changé : il pourra être supprimé une fois un délai d’attente écoulé.
mail-recovery-waits = La récupération de votre compte { $service } demandée le { $at } est toujours en attente. Vous recevez cet e-mail une fois par jour.
mail-recovery-waits-device = La suppression d’un appareil perdu de votre compte { $service }, { $device }, demandée le { $at }, est toujours en attente. Vous recevez cet e-mail une fois par jour.
mail-recovery-over = Le délai d’attente de la récupération de votre compte { $service } demandée le { $at } est écoulé. Rien n’a changé de soi-même : la personne qui l’a demandée revient et supprime ce qui est perdu.
mail-recovery-over-device = Le délai d’attente pour la suppression d’un appareil perdu de votre compte { $service }, { $device }, demandée le { $at }, est écoulé. Rien n’a changé de soi-même : la personne qui l’a demandée revient et le supprime.
mail-recovery-ends = Si c’était vous : revenez après le { $moment }, et dans les sept jours. D’ici là, vous n’avez rien à faire.
mail-recovery-until = Si c’était vous : connectez-vous avec votre mot de passe avant le { $moment } et suivez « J’ai perdu tous mes appareils ».
mail-recovery-until-device = Si c’était vous : connectez-vous avec un autre appareil avant le { $moment } et supprimez celui qui est perdu.
mail-recovery-not-me = Si ce n’était pas vous, annulez-la ici :
mail-recovery-cancel = Annuler la récupération
mail-recovery-effect = La page vous demande encore une confirmation. Une connexion avec un appareil que vous aviez depuis plus de sept jours l’annule aussi. Choisissez ensuite un nouveau mot de passe : quelqu’un d’autre connaît le vôtre.
mail-recovery-effect-device = La page vous demande encore une confirmation. Une connexion avec cet appareil, si vous l’aviez depuis plus de sept jours, l’annule aussi. Choisissez ensuite un nouveau mot de passe : quelqu’un d’autre connaît le vôtre.

mail-lost-password-action = Mot de passe oublié ?
mail-new-password-action = Choisir un nouveau mot de passe
mail-link-copy = Ou copiez cette adresse dans votre navigateur :

mail-link-validity = Le lien et le code ci-dessous sont valables { $span } à partir de l’envoi de ce message. Si vous ouvrez le lien plus tard, la page vous propose d’en recevoir un nouveau.
mail-code = La page où vous avez commencé est encore ouverte ? Vous pouvez y saisir ce code à la place :
mail-code-secret = Ne saisissez le code que sur cette page et ne le communiquez à personne. { $service } ne vous le demandera jamais par e-mail, par téléphone ou par messagerie.

mail-footer-sender = { $service }, { $host }
mail-footer-answers = Si vous avez une question, répondez simplement à ce message.
mail-footer-no-answers = Merci de ne pas répondre à ce message : personne ne lit les réponses.

mail-sms-ends =
    .subject = Les codes par SMS prennent fin chez { $service }
    .heading = Les codes par SMS prennent fin

# $moment est un moment : « 24 novembre 2026, 14:05 UTC ».
mail-sms-ends-why = Le { $moment }, les codes par SMS prennent fin chez { $service }. Ensuite, un code par SMS ne vous connectera plus, et votre compte n’a pas encore d’autre second facteur.
mail-sms-ends-last = Ceci est le dernier avertissement : le { $moment }, les codes par SMS prennent fin chez { $service }, et votre compte n’a toujours pas d’autre second facteur.
mail-sms-ends-what = Veuillez en ajouter un autre maintenant : une clé de sécurité, l’appareil sur lequel vous lisez ceci ou une application sur votre téléphone. Cela prend une minute, sur cette page :
mail-sms-ends-action = Ajouter un autre second facteur
mail-sms-ends-how = Cette page explique pourquoi les codes par SMS prennent fin et ce que vous pouvez ajouter à la place :
