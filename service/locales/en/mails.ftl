# The texts of mails. Each is also read as plain text: no markup, and the link stands on a line of its own after the
# paragraph that announces it.

# Mails to an address that is not yet proved carry nothing that somebody typed: never add a name to these.
mail-confirm-address =
    .subject = Confirm your e-mail address for { $service }
    .heading = Confirm your e-mail address
mail-confirm-why = Somebody, most likely you, asked for an account at { $service } with this e-mail address. Open this page to confirm that the address is yours and to set your password:
mail-confirm-action = Confirm and set a password
mail-confirm-not-me = If it was not you, you do not need to do anything. Unless the link or the code is used, nobody can sign in to an account with your address, and the request lapses by itself.

mail-registration-repeated =
    .subject = You already have an account at { $service }
    .heading = You already have an account
mail-repeated-why = Somebody, most likely you, asked for a new account at { $service } with this e-mail address. There already is an account with it, so no second one was made. Nothing has changed.
mail-repeated-what = You can sign in with this address and your password. If you no longer know the password, you can set a new one:
mail-repeated-not-me = If it was not you, you do not need to do anything. Nobody got into your account, and whoever asked was not told that it exists.

mail-reset-password =
    .subject = Set a new password for { $service }
    .heading = Set a new password
mail-reset-why = Somebody, most likely you, told us that the password of your account at { $service } is lost. Open this page to set a new one:
mail-reset-effect = Your old password keeps working until you set the new one. Your account is then signed out in all other browsers.
mail-reset-not-me = If it was not you, you do not need to do anything. Your password stays as it is: nobody can change it without the link or the code in this mail.

mail-password-changed =
    .subject = Your password for { $service } was changed
    .heading = Your password was changed
# $at is a moment: "24 November 2026, 14:05 UTC".
mail-changed-by-change = On { $at }, the password of your account at { $service } was changed by somebody who was signed in and typed the old password. The account was signed out in all other browsers.
mail-changed-by-reset = On { $at }, a new password was set for your account at { $service }, with a link or a code that was sent to this e-mail address. The account was signed out in all other browsers.
mail-changed-me = If it was you, you do not need to do anything.
mail-changed-not-me = If it was not you, somebody else knew your password. Set a new one now. This also signs out whoever is using your account:
mail-changed-by-reset-not-me = If it was not you, somebody else can read your mail. First change the password of your mailbox, then set a new password here. This also signs out whoever is using your account:

mail-sign-in-locked =
    .subject = Failed attempts to sign in to { $service }
    .heading = Failed attempts to sign in
mail-locked-why = On { $at }, after several attempts to sign in to your account at { $service } with a wrong password, we stopped accepting more of them from the same place for a while. None of these attempts succeeded.
mail-locked-not-me = If it was not you, you do not need to do anything. Your password was not guessed, and you can still sign in with the browsers that you usually use.
mail-locked-me = If it was you, wait a while and try again. If you no longer know your password, you can set a new one:
mail-locked-often = You get at most one such mail a day, however many attempts there are.

mail-lost-password-action = Lost your password?
mail-new-password-action = Set a new password
mail-link-copy = Or copy this address into your browser:

# $span is a length of time: "90 minutes".
mail-link-validity = The link and the code below work for { $span } from the moment this mail was sent. If you open the link later, the page offers to send you a new one.
mail-code = Is the page where you began still open? There you can type this code instead:
mail-code-secret = Type the code on that page only, and tell it to nobody. { $service } never asks for it by mail, by telephone or in a message.

mail-footer-sender = { $service }, { $host }
mail-footer-answers = If you have a question, just answer this mail.
mail-footer-no-answers = Please do not answer this mail: nobody reads the answers.
