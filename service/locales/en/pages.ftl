# The texts of pages. $service, the service's name, is given to every message.

## The frame

page-title = { $title } – { $service }
page-title-problem = Problem: { $title } – { $service }
skip-to-content = Skip to the content
language-switch = Language of this page
footer = About this service
help = Help
privacy = Privacy statement
opens-new-tab = (opens in a new tab)

## Words on buttons and links

create-account = Create an account
sign-in = Sign in
sign-out = Sign out
next = Next
submit = Submit
save = Save
lost-password = Lost your password?
have-account = You already have an account? Sign in
back-to-sign-in = Back to sign in
send-again = Send again
wrong-address = Wrong address
new-link = Send me a new link
external = (external)
show-password = Show the password

## Fields

field-first-name = First name
field-last-name = Last name
field-email = E-mail address
field-confirm-email = Confirm e-mail address
field-mail-language = E-mail language
field-privacy = Privacy statement
field-check = Check that a person is here
field-code = Code from the e-mail
field-name = E-mail address or user ID
field-device-name = Name of the device
field-one-time-code = One-time code
field-recovery-code = Recovery code
field-password = Password
field-current-password = Current password
field-new-password = New password
field-confirm-password = Confirm new password

## What is wrong with a field

summary-title = Please check what you entered
summary-item = { $field }: { $problem }

missing-first-name = Enter your first name.
missing-last-name = Enter your last name.
missing-email = Enter your e-mail address.
missing-confirm-email = Enter your e-mail address once more.
missing-mail-language = Choose the language in which we write to you.
missing-privacy = Read the privacy statement and accept it to go on.
missing-check = The check that a person is here was not finished. Please try again.
missing-code = Enter the code from the e-mail.
missing-name = Enter your e-mail address or user ID.
missing-device-name = Give the device a name by which you recognise it.
missing-one-time-code = Enter the code that your app shows.
missing-recovery-code = Enter one of your recovery codes.
missing-security-key = There was no answer from a key. Scripts must be on for this; otherwise use another method.
missing-password = Enter your password.
missing-current-password = Enter your current password.
missing-new-password = Choose a password.
missing-confirm-password = Enter the new password once more.

problem-too-long = Use at most { $most } characters.
problem-invisible = There is a character in it that cannot be seen. Please type it instead of copying it.
problem-name-full-stop = In a name, a full stop can only stand before a space or at the end.
problem-name-character = The character { $character } cannot be used in a name. Use letters, spaces, hyphens, apostrophes and full stops.
problem-email-too-long = This e-mail address is too long to receive mail.
problem-email-no-at = An e-mail address has an @, as in name@example.org.
problem-email-no-local-part = Enter the part before the @ as well.
problem-email-full-stop = A full stop is out of place in this e-mail address.
problem-email-quoted = Quotation marks and parentheses cannot be used in this e-mail address.
problem-email-character = The character { $character } cannot be used in an e-mail address.
problem-email-no-domain = Enter the whole part after the @, as in name@example.org.
problem-email-ip = Enter an address with a name after the @, not with numbers.
problem-email-domain = The part after the @ is not a valid domain. Please check it for typing errors.
problem-emails-differ = The two e-mail addresses differ. Please check both.
problem-email-disposable = This address comes from a service for disposable e-mail. Use an address that you will keep, for instance the one of your mail provider, your employer or your school: you need it whenever you lose your password.
problem-email-internal = This address belongs to the institution. People who work there already have an internal account: use that one, or ask your IT support.
problem-language-unknown = Choose one of the languages in the list.
problem-statement-changed = The privacy statement has changed since this page was opened. Please read it and accept it again.
problem-check-failed = The check that a person is here has to be done again. Please send the form once more.
problem-check-wait = Scripts are switched off in your browser, so this form needs a short wait. Please send it again in { $wait }.
problem-code-wrong = This code is not accepted. Check it, or use the link in the newest e-mail.
problem-password-rules = This password does not meet all the rules. The list below shows which.
problem-passwords-differ = The two passwords differ. Enter the same one twice.
problem-one-time-code-wrong = This code is not right. Enter the one that your app shows now; if that is not accepted either, check that the clock of your device is right.
problem-one-time-code-used = This code has been used already. Wait until your app shows another one.
problem-recovery-code-wrong = This is none of your recovery codes. Check it for typing errors.
problem-recovery-code-used = This recovery code has been used already. Take another one.
problem-security-key-wrong = This key was not accepted. Use one that you have added to this account, and verify yourself with its PIN or fingerprint if it asks.
problem-security-key-used = This answer of the key has been used already. Please try again.
problem-security-key-there = This key belongs to your account already. Take another one, or go on with the one that you have.
problem-security-key-not-added = This key could not be added. It may be unable to verify who uses it; then add it as a key after the password.
problem-security-key-not-trusted = This service takes only certain makes of keys, and this key is none of them or did not say what it is. Allow your browser to tell the make if it asks, or take another key.
problem-passkey-wrong = This passkey was not accepted. Try again, or sign in with your name and password.
problem-password-wrong = The current password was not accepted. Please try again, or wait a while after several attempts.

## The rules for a password

rules-lead = Your password needs:
rule-at-least = at least { $count } characters
rule-at-most = at most { $count } characters
rule-upper-case = an upper-case letter
rule-lower-case = a lower-case letter
rule-digit = a digit
rule-special = a special character, such as a space, ! or #
rule-person-name = more than your name
rule-email = more than your e-mail address
rule-service-name = more than the name { $service }
rule-leaked = not to be in the list of known leaked passwords
rule-met = (met)
rule-unmet = (not met)
rules-all-met = The password meets all the rules that can be checked here.

## The check that a person is here

check-working = Checking that a person is here. This takes a few seconds and needs nothing from you.
check-done = Check done. Thank you.
check-failed = The check could not be done in this browser. Send the form anyway: we then ask you for a short wait.
check-waiting = One moment, the check is almost done. The form is then sent by itself.
check-without-script = Scripts are switched off in your browser. You can still send this form, but not sooner than { $wait } after it was opened.

privacy-accept = I have read the <a>privacy statement</a> and accept it.

## Create an account

register-lead = With one account you sign in to every service that works with { $service }.

## Check your mail

check-mail-title = Check your mail
check-mail-lead-registration = We have sent an e-mail to this address. Open the link in it to confirm the address and set your password.
check-mail-lead-reset = If there is an account for what you entered, we have sent an e-mail to its address. Open the link in it to set a new password.
check-mail-validity = The link works for { $validity }, on any device.
check-mail-sent-again = We have sent the e-mail again. The earlier one still works, too.
check-mail-nothing-title = No e-mail yet?
check-mail-nothing-text = It can take a few minutes. Please look in the folder for unwanted mail as well, and check that the address above is right.
code-hint = If you read your mail on another device, type the code here. It works in this browser only.
code-submit = Continue

## Lost your password?

lost-password-lead = Enter your e-mail address or user ID. We then send you an e-mail with a link to set a new password.
lost-password-submit = Get a password

## The page of a link

link-title-registration = Confirm your account
link-title-reset = Set a new password
link-lead-registration = Check your name and choose a password. You are then signed in.
link-lead-reset = Choose a new password. You are then signed in, and signed out in all other browsers.
link-account = E-mail address of the account
link-names-title = Your name
link-names-text = Please correct it if it is wrong.
link-privacy-text = You are asked here even if the statement was accepted in the form: anybody can have filled that in with your address.

link-expired-title = This link has expired
link-expired-text = A link works for a limited time only, so that nobody can use an old e-mail. We can send you a new one to the same address.
link-used-title = This link was already used
link-used-text = Each link works once. If you have set your password, sign in with it. Otherwise we can send you a new link to the same address.
link-superseded-title = This link is no longer needed
link-superseded-text = Another link of the same kind was used after this one was sent, so this one was closed. If you still need one, we can send you a new link.
link-other-purpose-title = This link is for something else
link-other-purpose-text = The link is genuine, but it was not made for this page. We can send you a new one that fits.
link-damaged-title = This link is damaged
link-damaged-text = A part of it seems to be missing: some mail programs cut long links. Copy the whole link from the e-mail, or enter your e-mail address to get a new one.
link-lapsed-title = This registration has lapsed
link-lapsed-text = The account was not confirmed in time, and what you had entered was deleted. You are welcome to fill in the form again.
link-password-set-title = Your password is set
link-password-set-text = Your password is set. Sign in.

## Sign in

login-title = Sign in to { $service }
login-passkey = Sign in with a passkey
login-session-ended = Your session has ended. Please sign in again.
login-goes-on = After signing in you go on to:
login-failed = We could not sign you in. Check your name and password and try again; after several attempts, wait a while or set a new password.
other-name = Use another name
public-computer = This is a public computer
public-computer-hint = You are then signed out after { $span }, even while you are still active.

signed-out-title = You are signed out
signed-out-text = Your session in this browser has ended. On a computer that others use too, close all windows of the browser as well.
signed-out-everywhere-text = All your sessions have ended, in this browser and everywhere else.

## My account

account-title = My account
account-about = About you
account-name = Name
account-email = E-mail address
account-uid = User ID (uid)
account-security-with = Your account has a second factor.
account-security-without = Your password is all that protects your account. With a second factor nobody gets in who only knows the password.
account-security-link = Manage second factors
account-add-factor = Add a second factor now
account-add-factor-later = Later
account-language = Language
account-password = Change your password
account-password-text = You stay signed in here. All other sessions end, and we tell you by e-mail.
account-password-submit = Change password
account-notice-welcome = Welcome! Your account is confirmed and your password is set.
account-notice-asked-again = So far your password alone protects your account. We ask this one last time.
account-notice-password-reset = Your new password is set. All other sessions have ended.
account-notice-password-changed = Your password was changed. All other sessions have ended.
account-notice-language-changed = From now on we write to you in this language.
account-notice-session-ended = The session has ended.
account-return = You can now go back to the service from which you came:

sessions-title = Where you are signed in
sessions-text = If you do not recognise one of these, end it and change your password.
session-current = this browser
session-public = public computer
session-began = Signed in:
session-last-used = Last used:
session-end = End
sign-out-everywhere = Sign out everywhere
sign-out-everywhere-text = This ends all sessions, this one included, and forgets the browsers that you have used.

sign-ins-title = Last sign-ins
sign-ins-text = The newest one can be missing for a moment.
sign-ins-none = None yet.
browser-on = { $browser } on { $system }
browser-unknown = Unknown browser
browser-forgotten = Browser no longer on record

## What is asked for after the password

verify-title = Choose your verification method
verify-totp-title = Enter the code of your app
verify-recovery-code-title = Enter a recovery code
verify-recovery-code-hint = 13 letters and digits, with or without the hyphens.
verify-security-key-title = Use your security key or trusted platform
verify-security-key-text = Have your key ready, or the device that you added. The browser asks for it when you press the button.
verify-security-key-submit = Use my key
verify-password-title = Enter your password once more
verify-password-alone-title = Sign in with the password alone
verify-password-alone-text = Your password was right. Without a second factor you cannot change the security of your account afterwards.
verify-session-text = You are about to change the security of your account: please prove again that it is you. This holds for ten minutes.
verify-known-browser-text = You signed in with a second factor in this browser lately, so that you can go on without your password.
verify-totp-hint = The six digits that your authenticator app shows now for this service.
verify-submit = Verify
verify-others = Other verification methods
verify-not-everywhere = Not every application accepts every method.
verify-nothing = Nothing that proves enough for this is in force in your account: where it has a security key, only that or a recovery code does. Please ask the people who run this service.
verify-took-too-long = This took too long. Please try again.
verify-not-this-way = This method is no longer possible. Please choose another one.
verify-asked-by-owner = The password alone is not offered: you chose that a second factor is always asked for.
verify-asked-by-operator = The password alone is not offered: { $service } always asks for a second factor where an account has one.
way-totp = Authenticator app (one-time code)
way-totp-needs = You need the device with the app; it works without internet.
way-recovery-code = Recovery code
way-recovery-code-needs = You need the codes that you kept for the day you lose your device; each works once.
way-password = Password
way-password-needs = Nothing more than the password; not every application accepts it.
way-password-typed-needs = You need your password; after it you choose another method.
way-security-key = Security Key or Trusted Platform
way-security-key-needs = You need the key, or the device that you added; no other site can ask for it.

## Second factors of an account

security-title = Security of your account
security-lead = A second factor is something that you have. To add the first one, your password is enough; every later change asks for a second factor that your account has already.
security-devices = Your devices
security-devices-none = Your account has no second factor yet.
security-add = Add a second factor
security-add-key = Add a security key or trusted platform
security-add-key-text = A key that you plug in or hold to the device, or the device itself with its fingerprint, face or PIN. It is the safest way: it works on this site only, so that nobody can trick you into giving it away.
security-add-totp = Add an authenticator app
security-add-totp-text = An app on your telephone or computer shows a code that changes every half minute. It works without internet, and any app for one-time codes (TOTP) will do.
security-notice-added = The device was added. From now on you can use it to sign in.
security-notice-added-without-codes = The device was added. Now make recovery codes, so that you still get in when you lose it.
security-notice-codes-issued = Your new recovery codes count from now on. Earlier ones no longer work.
security-notice-renamed = The device has its new name.
security-notice-removed = The device was removed. It can no longer be used to sign in.
security-notice-too-many = Your account has as many devices as it can have. Remove one before you add another.
security-notice-not-here = Keys cannot be used at the address by which you reach this service. Please ask whoever runs it.
security-notice-gone = That is no longer there.
security-notice-last-one = The last device cannot be removed while a second factor is always asked for.
security-notice-others-suspended = This is the last device that signs you in, and others are suspended. First put one of those in force again, or remove them.
security-notice-always-on = From now on your password alone never suffices. Sessions without a second factor have ended.
security-notice-always-off = Your password alone may suffice again, unless the service asks for more.
security-notice-all-removed = All devices and recovery codes were removed, and your other sessions have ended. Please add a second factor again as soon as you can.
device-added = Added:
device-used = Last used:
device-never-used = Not used yet
device-change = Rename or remove
device-title = Your device
device-name-hint = At most 32 characters, for instance “My telephone”.
device-remove-text = A device that is removed can no longer be used to sign in, from this moment on.
device-remove = Remove this device
device-totp = Authenticator app
device-passkey = Passkey
device-security-key = Security key
codes-title = Recovery codes
codes-text = Ten codes for the day you lose your device. Each signs you in once, after your password.
codes-left = { $left ->
    [one] One code is left.
   *[other] { $left } codes are left.
}
codes-issued = In force since:
codes-none = You have none yet.
codes-new = Make new codes
codes-shown-once = Write these codes down, print them or keep them as a file, away from your device. They are shown this once and never again.
codes-shown-before = The codes were shown a moment ago and are not shown again. Enter one of those that you kept, or go back and make new ones.
codes-download = Keep as a file
codes-confirm-text = Type one of them, so that we know that you have them. Only then do they count, and earlier ones no longer.
codes-confirm = Put these codes in force
codes-file = Recovery codes for { $service }. Each signs you in once, after your password.
always-title = Always require multi-factor authentication
always-text = Your password alone then never signs you in. Other sessions that began without a second factor end, and your last device cannot be removed while this is on.
always-is-on = This is on.
always-is-off = This is off.
always-turn-on = Turn on
always-turn-off = Turn off
panic-title = Delete all my devices and eID (PANIC)
panic-lead = For the moment when somebody else has your devices: everything but your password goes, and your other sessions end.
panic-link = Delete everything
panic-text = This cannot be undone. You stay signed in here, so that you can add a second factor again.
panic-submit = Yes, delete everything but the password
panic-back = No, go back

disown-title = This wasn’t me
disown-lead = You were told by e-mail of a change to this account or to what protects it, or of a sign-in.
disown-when = When
disown-what = What
disown-device = Device
disown-new-name = New name
disown-what-password = Another password was set
disown-what-signed-in = Somebody signed in, in a browser that was not known
disown-what-factor-added = A second factor was added
disown-what-factor-renamed = A second factor was given another name
disown-what-factor-removed = A second factor was removed
disown-what-all-removed = All second factors and recovery codes were removed
disown-what-reset = An administrator removed all second factors and recovery codes
disown-what-codes-issued = New recovery codes were put in force
disown-what-code-used = A recovery code was used
disown-what-always-on = It was chosen that a second factor is always asked for
disown-what-always-off = It was chosen that a second factor is not always asked for
disown-what-resumed = What had been suspended was put in force again
disown-what-unblocked = A blocked device was put in force again
disown-what-pin-changed = The PIN of a device was changed
disown-what-recovered = The lost second factors were removed after the waiting time
disown-text = If it was not you, press the button. A device or recovery codes that this change brought are suspended, all sessions opened since the change end, browsers that were known have to prove themselves again, and the account needs a new password. Older devices keep working.
disown-text-sign-in = If it was not you, press the button. This session and all those opened since then end, browsers that were known have to prove themselves again, and the account needs a new password. Your devices keep working.
disown-submit = This wasn’t me: protect my account
disown-done-title = Your account is protected
disown-done-text = The password no longer works, and the sessions opened since the change have ended. Now set a new password with a link that we send to your e-mail address. If you think that somebody else reads your e-mail, change the password of your mailbox first.
disown-expired-title = This link has expired
disown-expired-text = A change can be undone this way for 30 days. Set a new password: that also signs out whoever is using your account. Then look at your second factors and remove what is not yours.

device-suspended = Suspended: it signs nobody in
device-blocked = Blocked: the PIN was wrong too often, so it signs nobody in
codes-suspended = Your recovery codes are suspended: they sign nobody in. New ones take their place.

lost-title = I have lost all my devices
lost-text = You can suspend them: from then on none of them signs anybody in, and none is gone. Your account asks for no less than before, and you are signed out everywhere. For that we send a link to the e-mail address of your account; its page asks for your password once more.
lost-codes-text = A recovery code gets you in, before and after that, and lets you put a device in force again. If you have none left, ask the people who run this service.
lost-submit = Send me a link
lost-back = Back to the verification methods
lost-sent-title = Check your mail
lost-sent-text = We have sent you a link. Its page asks for your password and suspends all your devices.
lost-none-title = No device is in force
lost-none-text = All devices of your account are suspended already, or gone. Sign in with a recovery code to change that; if you have none left, ask the people who run this service.
lost-link-title = Suspend all my devices
lost-link-text = From this moment on none of your devices signs anybody in, and you are signed out everywhere. No device is removed: a recovery code lets you put each in force again.
lost-link-submit = Suspend all my devices
lost-done-title = Your devices are suspended
lost-done-text = None of them signs anybody in any more, and you are signed out everywhere. Sign in with your password and a recovery code to put a device in force again or to add another one.
lost-over-text = This link was used, or its time is over. Sign in with your password to ask for another one.
device-resume = Put this device in force again
device-resume-text = It is suspended. If it is yours and in your hands, it can sign you in again.
device-unblock-text = The PIN was wrong five times in a row. If the device is yours and in your hands, it can sign you in again.
security-notice-resumed = The device is in force again.
security-notice-must-add = A second factor is always asked for, and your account has none: please add one now.

recovery-offer = You can also recover your account with your password and your mail alone. That takes time, in which whoever still has a device can object.
recovery-link = Recover my account
recovery-off = On this service nobody recovers an account by waiting. If you have no recovery code left either, ask the people who run it: they can remove your second factors once they know that it is you.
recovery-title = Recover my account
recovery-ask-text = If all your devices are lost for good, you can have them removed with your password and a link that we send to the e-mail address of your account. Before that you wait { $span }: we tell you by e-mail at once and every day, and whoever still has a device can cancel it. A new password that is set by e-mail in the meantime, or shortly before, makes it seven days from then.
recovery-submit = Send me a link
recovery-sent-title = Check your mail
recovery-sent-text = We have sent you a link. Its page asks for your password once more.
recovery-waiting-title = A recovery is waiting
recovery-waiting-text = Somebody said that all devices of this account are lost. They can be removed from this moment on, and within seven days of it:
recovery-waiting-device-text = Somebody who was signed in said that a device of this account is lost. It can be removed from this moment on, and within seven days of it:
recovery-waiting-how = Come back then, sign in with your password and ask for a new link. Nothing happens by itself. If you have found a device that you had for more than seven days before, sign in with it: that cancels the recovery. So does the link in our e-mails.
recovery-from = Possible from
recovery-until = Possible until
recovery-ready-title = The waiting time is over
recovery-ready-text = You can now have all second factors removed, with your password and a new link. Then add a device before anything else.
recovery-object-title = Cancel with a suspended device
recovery-object-text = A device of yours is suspended, and you have it with you? It signs nobody in, but it can cancel the recovery if you had it for more than seven days before.
recovery-object-submit = Cancel the recovery
recovery-cancelled-title = The recovery is cancelled
recovery-cancelled-text = All second factors stay as they are. If you had not asked for the recovery, somebody else knows your password: please set a new one.
recovery-over-title = This recovery no longer waits
recovery-over-text = It was cancelled or completed, or nobody came back in time.
recovery-cancel-title = Cancel the recovery
recovery-cancel-lead = Somebody asked for the recovery of this account: its lost second factors can be removed when the waiting time is over.
recovery-cancel-text = If it was not you, press the button: all second factors stay as they are.
recovery-begin-title = Recover my account
recovery-begin-text = From now on the recovery waits. Nothing changes until then: when the time is over, come back with your password and a new link.
recovery-begin-submit = Ask for the recovery
recovery-complete-title = Remove all second factors
recovery-complete-text = All devices and recovery codes of your account are removed, and it is signed out everywhere else. You are then signed in here, to add a device before anything else.
recovery-complete-submit = Remove all second factors
recovery-link-over-text = This link was used, or its time is over. Sign in with your password to see how the recovery stands.
recovery-notice = A recovery of this account is waiting. It can be completed from { $moment } on. If you have not asked for it, sign in with a device that you have had for a while: that cancels it.
recovery-notice-ready = A recovery of this account can be completed, until { $moment }. If you have not asked for it, sign in with a device that you have had for a while: that cancels it.
recovery-notice-device = It was said that a device of this account is lost. It can be removed from { $moment } on. If that is not so, sign in with this device: that cancels its removal.
recovery-notice-device-ready = It was said that a device of this account is lost. It can be removed until { $moment }. If that is not so, sign in with this device: that cancels its removal.
recovery-more = How the recovery stands
security-notice-recovered = Your lost second factors are removed. Please add a device now: it comes before anything else.
lost-key-link = I have lost a security key
lost-key-title = A lost security key
lost-key-text = A security key or passkey is stronger than the device that you have proved just now, so that it is not removed at once. Ask for its removal, and wait { $span }: we tell you by e-mail at once and every day. Only the key itself, if it was there long before, and the link in those e-mails cancel it. Then come back within seven days and remove it with the other device.
lost-key-submit = I have lost it: ask for its removal
lost-key-young = The device that you have proved just now came within the last seven days. One that you have had for longer can ask for the removal of this key, and so can a recovery code.
lost-key-waits = Its removal waits. It is possible from { $moment } on, and within seven days.
lost-key-ready = The waiting time is over. It can be removed until { $moment }.
lost-key-remove = Remove this key
lost-key-other = Another recovery is waiting. When it was completed or cancelled, you can ask for this one.
lost-key-none = Your account has no security key or passkey.
totp-title = Add an authenticator app
totp-begun-anew = This took too long, so there is a new code to scan. Please remove the entry that you made in your app and scan once more.
totp-scan = Open your authenticator app, choose to add an account, and scan this picture:
totp-qr = QR code with the secret for your app; the same stands below as text
totp-type = Or type this secret into the app (time-based, six digits):
totp-secret = Show it to nobody: whoever has it gets the same codes as you.
totp-code-hint = Then enter the six digits that the app shows, so that we know that it works.
totp-submit = Add this app
key-title = Add a security key or trusted platform
key-lead = What would you like to use?
key-device = This device
key-device-text = Windows Hello, Touch ID, Face ID, the lock of your telephone: a passkey that verifies you itself.
key-passkey = A key or another device, also without the password
key-passkey-text = A key with a PIN or fingerprint, or your telephone: a passkey that verifies you itself.
key-second = A key, after the password
key-second-text = Any security key, such as one that you only touch. It is asked for after your password.
key-begun-anew = This took too long, or was answered before. Please try again.
key-submit = Add this key
key-others = Add another kind of key
key-unable = This browser cannot use security keys here. Please choose another method.
key-refused = Nothing was received: it was cancelled, took too long, or no fitting key was there. You can try again.
key-failed = The browser could not use the key. Please try again, or choose another method.
key-waiting = Please follow your browser, and touch the key if it blinks.
key-too-many = Too many passkeys were asked for from your network. Please try again later, or sign in with your name and password.
key-without-script = Security keys need scripts, which are off in your browser. Please choose another method.

## Messages

message-to-login = Go to sign in
message-to-code = Enter the code from an e-mail
message-retry = You can try again in { $wait }.
message-reference = Reference for the help desk

message-mail-limit-title = Enough e-mails for now
message-mail-limit-text = We have been asked for many e-mails in a short time and send no more for a while. An e-mail that you received earlier still works: open its link or type its code. Please look in the folder for unwanted mail, too.
message-too-many-tries-title = Too many attempts
message-too-many-tries-text = There were too many attempts. To protect all accounts, we accept no more of them for a while. You can still set a new password by e-mail.
message-too-many-without-scripts-title = Too many forms without scripts
message-too-many-without-scripts-text = Scripts are switched off in your browser, and your network has sent as many forms without them as we take for a while. Switch scripts on and fill in the form once more, or wait.
message-too-many-codes-title = Too many codes
message-too-many-codes-text = Too many codes were typed for this address, and we take no more of them for a while. The link in the e-mail still works: open it instead.
message-busy-title = A lot of people are here right now
message-busy-text = We cannot serve you at this moment. Nothing that you entered was processed. Please try again.
message-unavailable-title = The service is interrupted for a moment
message-unavailable-text = We could not process your request, and nothing was changed. Please try again.
message-bad-request-title = We do not understand this request
message-bad-request-text = A part of the form is missing, doubled or not readable. Please open the page again and fill in the form once more.
message-cross-site-title = This request came from another website
message-cross-site-text = For your protection we did not carry it out. Please open our page yourself and try again there.
message-form-expired-title = This form is no longer valid
message-form-expired-text = It was open for too long, or your browser does not accept cookies. Please allow cookies for this site, open the page again and fill in the form once more.
message-not-found-title = Page not found
message-not-found-text = There is no page at this address. If you typed or copied it, please check that it is complete.
message-method-title = This does not work here
message-method-text = The page cannot be used in this way. Please go back and try again.
message-timeout-title = This took too long
message-timeout-text = Your request did not arrive completely in time. Please check your connection and try again.
message-repeated-title = This form was already sent
message-repeated-text = It was sent before with other contents, and only the first one counts. Please open the page again to send something else.
message-too-large-title = That is too much
message-too-large-text = The form holds more than we can accept. Please shorten what you entered.
message-unsupported-type-title = We cannot read this format
message-unsupported-type-text = The request was not sent as a web form. Please use the form on our page.
message-internal-title = Something went wrong on our side
message-internal-text = We are sorry. The fault was recorded. Please try again later; if it happens again, give the help desk the reference below.

## How a second factor is added

how-begin = Sign in, and open “{ account-title }”, then “{ account-security-link }”.
how-key-title = How can I add a security key or trusted platform?
how-key-why = It is the safest second factor: it works on this site only, so that nobody can trick you into giving it away. A trusted platform is the device that you use, with its fingerprint, face or PIN.
how-key-choose = Press “{ security-add-key }” and choose which: “{ key-device }”, “{ key-passkey }” or “{ key-second }”.
how-key-name = Give it a name by which you will know it again, and press “{ key-submit }”.
how-key-follow = Do what your browser asks: touch the key, or show your finger, your face or your PIN. Then it stands in your list.
how-key-note = Scripts must be on in your browser. Then make recovery codes, so that you still get in when you lose the device.
how-totp-title = How can I add an authenticator app?
how-totp-why = The app shows a code that changes every half minute. Any app for one-time codes (TOTP) will do, on a telephone or a computer; it works without internet.
how-totp-choose = Press “{ security-add-totp }”.
how-totp-scan = Scan the picture with the app, or type the secret into it.
how-totp-type = Type the six digits that the app shows. Only then does it count.
how-totp-note = If a code is not accepted, wait for the next one, and check that the clock of your device is right. Then make recovery codes, so that you still get in when you lose the device.
how-codes-title = How can I add recovery codes?
how-codes-why = A recovery code signs you in when you have lost your device. There are ten of them; each works once, after your password.
how-codes-make = Press “{ codes-new }”.
how-codes-keep = Write the codes down, print them or keep them as a file, away from your device. They are shown this once.
how-codes-type = Type one of them back. Only then do they count, and earlier ones no longer.
how-codes-note = When you have signed in with a code, remove the lost device and add another. Make new codes before the last one is used.

## Help

help-no-mail-question = The e-mail does not come. What can I do?
help-no-mail-answer = Wait a few minutes and look in the folder for unwanted mail. Check the address for typing errors, and use “Send again”. If an account with your address exists already, the e-mail says so. For some hours after many requests we send no further e-mail; the earlier ones still work.
help-link-question = The link in the e-mail does not work. What can I do?
help-link-answer = Copy the whole link into the address bar of your browser, or type the code from the e-mail on the page where you began. If the link has expired, its page offers a new one.
help-password-question = What is a good password?
help-password-answer = A long one that you use nowhere else. A few words that have nothing to do with each other are easy to remember and hard to guess. A password manager can invent and keep one for you; you can paste it into our forms.
help-external-question = What does “(external)” mean?
help-external-answer = External accounts are those that people have made for themselves. Internal accounts are made by the institution for those who work there.
help-public-computer-question = I am using a public computer. What should I do?
help-public-computer-answer = Tick “This is a public computer” when you sign in, and sign out when you have finished. If you forgot, sign out everywhere from another device.
help-stolen-question = I think that somebody else uses my account. What should I do?
help-stolen-answer = Set a new password at once with “Lost your password?”. That ends all other sessions. If your mailbox may be affected, change its password first. Then look at the last sign-ins in your account, and tell the help desk.

## The privacy statement that comes with the service

privacy-version = Version: { $version }
privacy-statement =
    # Who is responsible

    The organisation that runs { $service } is responsible for your data. It decides what for and how your data are processed. You find its address and its data protection officer on the website that led you here.

    # What we process, and what for

    - Your first and last name, your e-mail address and the language in which we write to you: to give you an account and to reach you.
    - Your password, in a form from which it cannot be read: to recognise you.
    - A record of what happens to your account, such as sign-ins, failed attempts and changes of the password, with the time: to protect your account, and to be able to prove later what happened.
    - If you add devices by which you prove who you are: the names that you give them, what they are, what we check their answers with, and a telephone number only if you add one: to recognise you, and to send codes to that number and nothing else.
    - The network address and the type of browser that these requests came from: to detect misuse, and to show you where you are signed in.

    We process nothing else about you. We do not follow you to other websites, show no advertising and make no profile of you.

    # Who sees your data

    Only those who run this service and those who audit it, as far as their task asks for it. A service to which you sign in receives what it needs to recognise you.

    # How long we keep your data

    - A registration that you never confirm is deleted by itself after some days.
    - Network addresses and types of browser become unreadable after a limited time.
    - Everything else is kept as long as you have the account. When the account is erased, the key to your data is destroyed: what remains in the record can no longer be read by anybody.

    # Cookies

    We only set cookies that the service needs: one that remembers what you have proved while you sign in, one that keeps you signed in, one that protects forms, one that recognises a browser that you have used before, and one that remembers the language you chose.

    # Your rights

    You can see your data in your account. You can ask the organisation that runs this service for access to your data, for correction, erasure or restriction, and you can object to the processing. You can also complain to a data protection authority.

## The mails of a development server

dev-mail-title = Mails of this development server
dev-mail-lead = No mail leaves this machine. What would have been sent is shown here, newest first.
dev-mail-none = No mail yet.
dev-mail-all = All mails
dev-mail-from = From
dev-mail-to = To
dev-mail-date = Date
dev-mail-text = As text
dev-mail-html = As the mail program shows it
dev-mail-source = Source

## Mobile devices

mobile-title = Manage my mobile devices
mobile-lead = With the { $service } Mobile App your telephone signs you in: it asks for a PIN and shows a code, also without internet.
mobile-none = No mobile device has been added yet.
mobile-add = Add a mobile device
mobile-add-lead = Give your telephone a name and choose a PIN. The app will ask for the PIN each time.
mobile-pin-hint = Four digits, not all the same, and no run such as 1234.
mobile-submit = Submit
mobile-pair-title = Scan with your telephone
mobile-pair-text = Open the app on your telephone, at { $address }, press “Initialise”, and scan this picture.
mobile-pair-picture = Picture for the camera of your telephone
mobile-pair-here = Are you on the telephone already? Open the app here.
mobile-pair-type = If you cannot scan it, type this into the app:
mobile-pair-code = Code
mobile-pair-until = This can be used once, until:
mobile-pair-waits = Waiting for your telephone …
mobile-pair-next = The app says that it is done: go on
mobile-confirm-title = Is this your telephone?
mobile-confirm-text = A telephone has scanned the picture and knew the PIN. Add it only if you hold it in your hand.
mobile-told = What it says of itself
mobile-confirm-submit = Yes, add it
mobile-cancel = Cancel
mobile-ended = That took too long, or it was ended. Nothing was added: please begin again.
mobile-app-link = Open the app on this device, and install it
security-add-mobile-text = The { $service } Mobile App on your telephone asks for a PIN of four digits. It needs no app store: it is opened from this service, and works without internet.
way-mobile-app = { $service } Mobile App
way-mobile-app-pin-code = { $service } Mobile App PIN Code
way-mobile-app-pin-code-needs = You need your telephone with the app, and the internet on it.
way-on-mobile = On Mobile Authentication
way-on-mobile-needs = You need the app on this very device.
way-mobile-app-qr-code = { $service } Mobile App QR Code
way-mobile-app-qr-code-needs = You need your telephone with the app; it works without internet.
device-mobile = Telephone
field-pin = PIN
field-confirm-pin = PIN once more
field-app-code = Code from the app
missing-pin = Choose a PIN.
missing-confirm-pin = Type the PIN once more.
missing-app-code = Type the code that the app shows.
problem-pin-digits = A PIN is four digits.
problem-pin-guessable = Others would guess this PIN first. Choose four digits that are not all the same and no run such as 1234.
problem-pins-differ = The two PINs differ.
problem-app-code-wrong = This code was not accepted. Check the PIN: with a wrong one the app shows a wrong code. Then scan the new picture.
verify-app-code-title = { $service } Mobile App QR Code
verify-app-code-text = Open the app on “{ $device }” and scan this picture. After your PIN it shows a code of eight digits.
verify-app-code-picture = Picture for the camera of your telephone
verify-app-code-here = Is the app on this very device? Open it here.
verify-app-code-type = If you cannot scan it, type these digits into the app
verify-app-code-hint = Eight digits. The picture is good for two minutes.
verify-app-code-others = Another telephone:
verify-request-pin-title = { $service } Mobile App PIN Code
verify-request-mobile-title = On Mobile Authentication
verify-request-open = Open the app on your telephone. It shows a request with the words below, and asks for this number:
verify-request-here = Open the app on this device. If it asks for a number, type this one:
verify-request-number = Number
verify-request-from = What the app will show
verify-request-application = Application
verify-request-browser = Browser
verify-request-address = Network address
verify-request-asked = Time
verify-request-until = It can be answered until:
verify-request-waits = Waiting for your telephone …
verify-request-next = I have answered on the telephone: go on
verify-request-link = Open the app here
verify-request-again = Ask my telephone again
verify-request-unanswered = Nobody answered on the telephone in time.
verify-request-wrong-number = The number that was typed on the telephone is not the one on this page. The request has ended.
verify-request-denied = The request was refused on the telephone.
verify-request-blocked = The PIN was wrong too often, and the telephone is blocked. Choose another method.
verify-request-not-yet = Your telephone has not answered yet. Open the app, answer there, and come back.
verify-request-full = Other browsers are asking your telephone just now. Please choose another method, or try again after { $moment }.
verify-request-paused = From here your telephone is not asked until { $moment }, since a request was refused. Please choose another method.
verify-request-worthless = What the telephone said does not count any more. Please ask it again.
verify-request-used = What the telephone said has been used. Please ask it again.
how-mobile-title = How can I add a mobile device?
how-mobile-why = The app of this service turns your telephone into a second factor. It is opened in the browser of the telephone, needs no app store, and works without internet.
how-mobile-choose = Press “{ mobile-title }” and “{ mobile-add }”. Give the telephone a name, choose a PIN of four digits, and press “{ mobile-submit }”.
how-mobile-scan = Open the app on the telephone, press “Initialise”, scan the picture, and type the PIN.
how-mobile-confirm = The page shows which telephone it was. Press “{ mobile-confirm-submit }”. Only then does it count.
how-mobile-note = If you forget the PIN, remove the device and add it again. Then make recovery codes, so that you still get in when you lose the telephone.
how-mobile-new-title = A new telephone
how-mobile-new = Keep the old telephone until the new one works. Add the new one as above, and sign in with it once. Then open “{ account-security-link }”, press “{ device-change }” beside the old one, and remove it: from then on it signs nobody in. If you no longer have the old one, sign in with another second factor or a recovery code, and do the same.
