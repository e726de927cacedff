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
account-language = Language
account-password = Change your password
account-password-text = You stay signed in here. All other sessions end, and we tell you by e-mail.
account-password-submit = Change password
account-notice-welcome = Welcome! Your account is confirmed and your password is set.
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

## Messages

message-to-login = Go to sign in
message-to-code = Enter the code from an e-mail
message-retry = You can try again in { $wait }.
message-reference = Reference for the help desk

message-mail-limit-title = Enough e-mails for now
message-mail-limit-text = We have been asked for many e-mails in a short time and send no more for a while. An e-mail that you received earlier still works: open its link or type its code. Please look in the folder for unwanted mail, too.
message-too-many-tries-title = Too many attempts
message-too-many-tries-text = There were too many attempts from your network. To protect all accounts, we accept no more of them for a while. You can still set a new password by e-mail.
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
    - The network address and the type of browser that these requests came from: to detect misuse, and to show you where you are signed in.

    We process nothing else about you. We do not follow you to other websites, show no advertising and make no profile of you.

    # Who sees your data

    Only those who run this service and those who audit it, as far as their task asks for it. A service to which you sign in receives what it needs to recognise you.

    # How long we keep your data

    - A registration that you never confirm is deleted by itself after some days.
    - Network addresses and types of browser become unreadable after a limited time.
    - Everything else is kept as long as you have the account. When the account is erased, the key to your data is destroyed: what remains in the record can no longer be read by anybody.

    # Cookies

    We only set cookies that the service needs: one that keeps you signed in, one that protects forms, one that recognises a browser that you have used before, and one that remembers the language you chose.

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
