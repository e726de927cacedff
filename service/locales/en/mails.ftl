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
mail-changed-not-me = If it was not you, somebody else knew your password. Say so here:
mail-changed-by-reset-not-me = If it was not you, somebody else can read your mail. First change the password of your mailbox, then say so here:

mail-sign-in-locked =
    .subject = Failed attempts to sign in to { $service }
    .heading = Failed attempts to sign in
mail-locked-why = On { $at }, after several attempts to sign in to your account at { $service } with a wrong password, we stopped accepting more of them from the same place for a while. None of these attempts succeeded.
mail-locked-not-me = If it was not you, you do not need to do anything. Your password was not guessed, and you can still sign in with the browsers that you usually use.
mail-locked-me = If it was you, wait a while and try again. If you no longer know your password, you can set a new one:
mail-locked-often = You get at most one such mail a day, however many attempts there are.

mail-security =
    .subject = Security of your account at { $service }
    .heading = Security of your account

mail-security-factor-added = On { $at }, a second factor was added to your account at { $service }: { $devices }.
mail-security-factor-renamed = On { $at }, the second factor { $devices } of your account at { $service } was given another name: { $name }.
mail-security-factor-removed = On { $at }, a second factor was removed from your account at { $service }: { $devices }.
mail-security-all-removed = On { $at }, all second factors and recovery codes were removed from your account at { $service }. Other sessions have ended; only your password protects the account now.
mail-security-reset = On { $at }, an administrator of { $service } removed all second factors and recovery codes from your account, as is done for people who have lost them. Your account was signed out everywhere.
mail-security-counter-went-back = On { $at }, a security key of your account at { $service } answered in a way that hints at a copy of it: { $devices }. The answer was refused.
mail-security-second-factor-failed = On { $at }, somebody typed the right password of your account at { $service } in a browser that we do not know, and the second factor was then wrong, refused, or not given at all. Nobody got in.
mail-security-blocked = On { $at }, a wrong PIN was typed on “{ $devices }” for the fifth time in a row. To protect your account at { $service }, this device signs nobody in until you put it in force again: with another device or a recovery code, on the page of your second factors.
mail-security-unblocked = On { $at }, a blocked device of your account at { $service } was put in force again: { $devices }.
mail-security-pin-changed = On { $at }, the PIN of a device of your account at { $service } was changed in the app: { $devices }.
mail-security-request-denied = On { $at }, “This wasn’t me” was pressed on “{ $devices }” when somebody wanted to sign in to your account at { $service }. Nobody got in. The password no longer works.
mail-security-denied-anew = Please set a new password with “Lost your password?” on the sign-in page. If you use the old one anywhere else, change it there too. Your devices keep working.
mail-security-codes-issued = On { $at }, new recovery codes were put in force for your account at { $service }. Earlier ones no longer work.
mail-security-code-used = On { $at }, a recovery code was used for your account at { $service }. { $left ->
    [0] No code is left: please make new ones.
    [one] One code is left.
   *[other] { $left } codes are left.
}
mail-security-always-on = On { $at }, it was chosen that your account at { $service } always asks for a second factor. Sessions without one have ended.
mail-security-always-off = On { $at }, it was chosen that your account at { $service } no longer always asks for a second factor: the password alone may suffice.
mail-security-me = If it was you, you do not need to do anything.
mail-security-not-me = If it was not you, somebody else knows your password. Change it at once, then look at your second factors and remove what is not yours:
mail-security-action = Look at my second factors
mail-security-how = How second factors and recovery codes are added is told here:
mail-security-how-kind = How a device of this kind is added is told here:
mail-security-disowned = On { $at }, it was said with a link from an e-mail to this address that a change to your account at { $service }, or a sign-in, was not your doing. Its password no longer works, and the sessions opened since have ended.
mail-security-anew = Please set a new password with “Lost your password?” on the sign-in page. Then look at your second factors: what was suspended signs nobody in, and with another device or a recovery code you can remove it. If you have neither, ask the people who run this service.

mail-disown-not-me = If it was not you, say so here:
mail-disown-action = This wasn’t me
mail-disown-effect = The page asks you once more. What was added is then suspended, the sessions opened since end, and the account needs a new password. The link works for 30 days.

mail-signed-in =
    .subject = A sign-in to your account at { $service }
    .heading = A sign-in from a browser that we do not know
mail-signed-in-why = On { $at }, somebody signed in to your account at { $service } in a browser that we do not know.
mail-signed-in-effect = The page asks you once more. This session and those opened since then end, and the account needs a new password. The link works for 30 days.

mail-suspend-factors =
    .subject = Suspend your devices at { $service }
    .heading = Suspend your devices

mail-suspend-why = Somebody who typed the right password of your account at { $service } said that all its devices are lost, and asked for a link to suspend them:
mail-suspend-action = Suspend all my devices
mail-suspend-not-me = The page asks for your password. If it was not you, somebody else knows it: set a new password, and do not use this link.
mail-security-suspended = On { $at }, all devices of your account at { $service } were suspended with your password and a link from an e-mail to this address. None of them signs anybody in, none is gone, and your account was signed out everywhere. A recovery code leads back.
mail-security-resumed = On { $at }, { $count ->
    [one] a suspended device of your account at { $service } was put in force again: { $devices }.
   *[other] suspended devices of your account at { $service } were put in force again: { $devices }.
}
mail-security-recovery-cancelled = On { $at }, the recovery of your account at { $service } that was waiting was cancelled: its second factors stay as they are.
mail-security-recovered = On { $at }, the second factors of your account at { $service } that had been reported as lost were removed, since the waiting time was over.

mail-recover-account =
    .subject = Recover your account at { $service }
    .heading = Recover your account

mail-recover-why = Somebody who typed the right password of your account at { $service } said that all its second factors are lost, and asked for a link to recover it:
mail-recover-action = Recover my account
mail-recover-validity = The link works for { $span } from the moment this mail was sent. Its page asks for your password.
mail-recover-not-me = If it was not you, somebody else knows your password: set a new one, and do not use this link.

mail-recovery =
    .subject = Recovery of your account at { $service }
    .heading = Recovery of your account

mail-recovery-asked = On { $at }, it was said with the password of your account at { $service } and a link from an e-mail to this address that all its second factors are lost. Nothing has changed yet: they can be removed when a waiting time is over.
mail-recovery-asked-device = On { $at }, it was said by somebody who was signed in to your account at { $service } that a device of it is lost: { $device }. Nothing has changed yet: it can be removed when a waiting time is over.
mail-recovery-waits = The recovery of your account at { $service } that was asked for on { $at } is still waiting. You get this mail once a day.
mail-recovery-waits-device = The removal of a lost device of your account at { $service }, { $device }, that was asked for on { $at } is still waiting. You get this mail once a day.
mail-recovery-over = The waiting time of the recovery of your account at { $service } that was asked for on { $at } is over. Nothing has changed by itself: whoever asked comes back and removes what is lost.
mail-recovery-over-device = The waiting time for the removal of a lost device of your account at { $service }, { $device }, that was asked for on { $at } is over. Nothing has changed by itself: whoever asked comes back and removes it.
# $moment is a moment: "24 November 2026, 14:05 UTC".
mail-recovery-ends = If it was you: come back after { $moment }, and within seven days. Until then you do not need to do anything.
mail-recovery-until = If it was you: sign in with your password before { $moment }, and follow “I have lost all my devices”.
mail-recovery-until-device = If it was you: sign in with another device before { $moment }, and remove the lost one.
mail-recovery-not-me = If it was not you, cancel it here:
mail-recovery-cancel = Cancel the recovery
mail-recovery-effect = The page asks you once more. A sign-in with a device that you had for more than seven days before cancels it too. Then set a new password: somebody else knows yours.
mail-recovery-effect-device = The page asks you once more. A sign-in with that device, if you had it for more than seven days before, cancels it too. Then set a new password: somebody else knows yours.

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

mail-sms-ends =
    .subject = Codes by SMS end at { $service }
    .heading = Codes by SMS end

# $moment is a moment: "24 November 2026, 14:05 UTC".
mail-sms-ends-why = On { $moment }, codes by SMS end at { $service }. After that a code by SMS signs you in no more, and your account has no other second factor yet.
mail-sms-ends-last = This is the last warning: on { $moment }, codes by SMS end at { $service }, and your account still has no other second factor.
mail-sms-ends-what = Please add another one now: a security key, the device on which you read this, or an app on your telephone. It takes a minute, on this page:
mail-sms-ends-action = Add another second factor
mail-sms-ends-how = Why codes by SMS end, and what you can add instead, is told here:
