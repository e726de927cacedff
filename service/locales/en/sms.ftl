# The texts of telephones that are sent codes by SMS. $service, the service's name, is given to every message.

## On telephones: short, since each seventy characters may cost

sms-code = { $service }: { $code } is your code. Give it to nobody.

## On pages

way-sms = Mobile Phone + SMS
way-sms-needs = You need the telephone with your number, and a network that it is in.
soon-deprecated = Soon deprecated.
soon-deprecated-why = Why, and what to use instead
phone-ending = Number ending in { $ending }
phone-title = Add a mobile phone
phone-add-text = A code comes by SMS. Whoever takes over your number, or asks you for the code on another site, gets in as well: take another way if you can.
phone-lead = We send a code to your mobile phone, and you type it on the next page.
phone-number-hint = With + and the country code, as in +32 470 12 34 56.
phone-submit = Send me a code
phone-ended = The code was not typed in time. Nothing was added: please ask for another one.
phone-code-title = Type the code from the message
phone-code-text = A message with a code was sent to { $number }. It can take a minute.
phone-finalise = Finalise
phone-other-number = Another number
sms-code-hint = Nine characters, as in A1B-2C3-D4E. The code is good for four minutes.
sms-again-text = No message came? Ask for another one after half a minute. The code before stays good.
verify-sms-text = We send you a message with a code. Choose where to:
verify-sms-send = Send a code to “{ $name }”, number ending in { $ending }
verify-sms-sent = A message with a code was sent to “{ $name }”, number ending in { $ending }. It can take a minute.
device-phone = Mobile phone
field-phone-number = Mobile phone number
field-sms-code = Code from the message
missing-phone-number = Enter the number of your mobile phone.
missing-sms-code = Enter the code from the message.
problem-phone-no-country-code = Begin with + and the country code, as in +32 470 12 34 56.
problem-phone-no-number = This is not a telephone number. Check it for typing errors.
problem-phone-not-mobile = This is not the number of a mobile phone. Messages are sent to mobile phones only.
problem-phone-country = No messages are sent to this country. Please choose another second factor.
problem-phone-there = This number belongs to your account already.
problem-sms-code-wrong = This code is not right, or its time is over. Check it, or ask for another message.
problem-sms-code-used = This code has been used already. Ask for another message.
security-notice-no-messages = This service sends no messages to telephones. Please choose another second factor.
how-sms-title = How can I add a mobile phone (SMS)?
how-sms-why = This way is soon deprecated. A message can be read on its way, a number can be taken over by somebody else, and a code can be given away on a site that only looks like this one. A security key, a trusted platform or an app on your telephone is safer, costs nothing and needs no reception: the pages below say how to add one.
how-sms-choose = Press “{ phone-title }”.
how-sms-number = Type the number of your mobile phone with + and the country code, and press “{ phone-submit }”.
how-sms-type = Type the nine characters from the message, and press “{ phone-finalise }”. Only then does it count.
how-sms-note = Not every application accepts it. When your number changes, add the new one first and remove the old one then. If this service sends no messages any more, the button says so.
dev-sms-title = Messages of this development server
dev-sms-lead = No message leaves this machine. What would have been sent to telephones is shown here, newest first.
dev-sms-none = No message yet.

## The end of codes by SMS

verify-sms-ends = Codes by SMS end on { $moment }. Please add another second factor before then, under “{ security-title }”: after that a code by SMS signs you in no more.
verify-sms-last = Codes by SMS have ended. You can sign in with one for one last time: right after that, add another second factor.
account-notice-sms-ends = Codes by SMS end on { $moment }, and your account has no other second factor yet. Please add one now: it takes a minute.
security-notice-sms-off = Codes by SMS have ended, and your account has no other second factor. Please add one now: it comes before anything else.
security-notice-no-new-numbers = Codes by SMS end here: no telephone can be added any more. Please choose another second factor.
device-off = Ended: codes by SMS sign nobody in any more
how-sms-ends-title = Codes by SMS end
how-sms-ends-on = They end on { $moment }.
how-sms-ended-on = They ended on { $moment }.
how-sms-takes-until = A telephone can be added until { $moment }.
how-sms-closed = No telephone can be added any more.
how-sms-last = Who has nothing else at the end can sign in by SMS one last time within { $span } after it, and then adds another second factor at once. After that only a recovery leads back.
